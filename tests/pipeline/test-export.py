#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records go into a store with gst-launch-1.0 and come out with mer export."""
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

BUILD = sys.argv[1]
MER = os.path.join(BUILD, "tools", "mer")


def record(seq, outcome, labels):
    return {
        "format": "mer-record/1", "id": f"clip-{seq}", "seq": seq, "group": None, "split": "test",
        "subtitle": 'he said: "no, never"\nand left', "truth": {"labels": ["happy"]},
        "media": {"outcome": "answered", "frames": [
            {"time": 0.5, "pts": 0.48, "width": 64, "height": 48, "sha256": "ab" * 32, "bytes": 999}]},
        "results": [
            {"stage": "audio", "kind": "backend", "outcome": "answered", "labels": ["calm"],
             "text": "calm", "usage": {"input": 10, "output": 3}, "seconds": 0.25, "call": "cd" * 32},
            {"stage": "answer", "kind": "backend", "outcome": outcome, "labels": labels},
            {"stage": "wheel", "kind": "scorer", "outcome": "answered",
             "data": {"m1": {"f": 0.5}, "words": [1, 2]}},
        ]}


RECORDS = [record(0, "answered", ["happy", {"label": "at ease", "weight": 0.5}]),
           record(1, "truncated", ["sad"]), record(2, "answered", [])]


def run(*words, code=0, stdin=None):
    done = subprocess.run(words, capture_output=True, text=True, input=stdin)
    if done.returncode != code:
        sys.exit(f"{' '.join(words)}: exit {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    return done


def export(store, what, *more, code=0):
    return run(MER, "export", store, "--what", what, *more, code=code)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def expect(found, expected):
    if found != expected:
        sys.exit(f"found    {found!r}\nexpected {expected!r}")


def make_store(folder, name, records):
    source = os.path.join(folder, name + ".jsonl")
    store = os.path.join(folder, name + ".mer")
    with open(source, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(r) + "\n" for r in records)
    run("gst-launch-1.0", "-q", "filesrc", f"location={source}", "!", "mersampledec", "!",
        "merstoresink", f"location={store}", "run=study")
    return store


def test_kinds(store):
    labels = rows(export(store, "labels").stdout)
    expect([(r["name"], r["openset"]) for r in labels],
           [("clip-0", "[happy, at ease]"), ("clip-1", "[]"), ("clip-2", "[]")])
    audio = rows(export(store, "labels", "--stage", "audio").stdout)
    expect({r["openset"] for r in audio}, {"[calm]"})
    results = lines(export(store, "results", "--stage", "answer").stdout)
    expect([r["outcome"] for r in results], ["answered", "truncated", "answered"])
    table = rows(export(store, "results", "--format", "csv").stdout)
    expect(len(table), 6)
    expect((table[0]["text"], table[0]["input-tokens"], table[0]["seconds"]), ("calm", "10", "0.25"))
    scores = rows(export(store, "scores").stdout)
    expect([(r["id"], r["figure"], r["value"]) for r in scores[:3]],
           [("clip-0", "m1.f", "0.5"), ("clip-0", "words.0", "1"), ("clip-0", "words.1", "2")])
    media = rows(export(store, "media").stdout)
    expect([(r["item"], r["time"], r["sha256"]) for r in media if r["id"] == "clip-0"],
           [("clip", "", ""), ("frame", "0.5", "ab" * 32)])
    samples = rows(export(store, "samples", "--format", "csv").stdout)
    expect((samples[0]["truth"], samples[0]["subtitle"]), ("[happy]", 'he said: "no, never"\nand left'))
    runs = rows(export(store, "runs").stdout)
    expect([(r["run"], r["name"], r["state"], r["samples"]) for r in runs], [("1", "study", "finished", "3")])
    expect(export(store, "calls").stdout, "")


def test_round_trip(folder, store):
    """What is exported makes an equal store."""
    first = export(store, "samples").stdout
    again = make_store(folder, "again", lines(first))
    expect(export(again, "samples").stdout, first)


def test_output(folder, store):
    path = os.path.join(folder, "out.csv")
    with open(path, "w", encoding="utf-8") as file:
        file.write("old")
    failed = export(store, "labels", "--stage", "answr", "--output", path, code=2)
    assert "did you mean “answer”" in failed.stderr, failed.stderr
    assert failed.stderr.count("\n") == 1, failed.stderr
    with open(path, encoding="utf-8") as file:
        expect(file.read(), "old")
    export(store, "results", "--output", path)
    with open(path, encoding="utf-8") as file:
        expect(len(rows(file.read())), 6)
    expect(sorted(n for n in os.listdir(folder) if n.startswith("out.csv")), ["out.csv"])


def test_no_store_is_written_over(folder, store):
    other = make_store(folder, "other", RECORDS)
    for output, said in [(store, "this file is read too"), (other, "a store of answers")]:
        with open(output, "rb") as file:
            before = file.read()
        failed = export(store, "labels", "--output", output, code=2)
        assert said in failed.stderr and failed.stderr.count("\n") == 1, failed.stderr
        with open(output, "rb") as file:
            assert file.read() == before, output


def test_readers_leave_nothing(folder, store):
    """A log or shared memory beside a store says that somebody has it open."""
    run(MER, "score", store, "--resamples", "0")
    run(MER, "inspect", store)
    run(MER, "doctor", store)
    for words in (["export", store, "--what", "results"], ["score", store]):
        child = subprocess.Popen([MER, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stdout.close()  # as `head -0` does
        expect(child.stderr.read(), b"")
        child.stderr.close()
        expect(child.wait(), 0)
    found = sorted(n for n in os.listdir(folder) if n.endswith(("-wal", "-shm", "-journal")))
    expect(found, [])


def test_wrong(folder, store):
    text = os.path.join(folder, "text.mer")
    with open(text, "w", encoding="utf-8") as file:
        file.write("name,openset\n" * 100)
    for words, said in [
        ([store, "--what", "lables"], "did you mean 'labels'"),
        ([store], "--what is needed"),
        ([store, "--what", "labels", "--format", "xml"], "jsonl, csv"),
        ([store, "--what", "labels", "--run", "7"], "1 (study"),
        ([text, "--what", "labels"], "text.mer"),
        ([folder, "--what", "labels"], "folder"),
        ([store + "x", "--what", "labels"], "No such file"),
        ([store, "--what", "media", "--output", os.path.join(folder, "m.csv"), "--extract",
          os.path.join(folder, "media")], "run with --keep-media"),
        (["--what", "labels"], "one store"),
    ]:
        done = run(MER, "export", *words, code=2)
        assert said in done.stderr, (words, done.stderr)
        assert done.stdout == "", done.stdout


def main():
    folder = tempfile.mkdtemp()
    try:
        store = make_store(folder, "study", RECORDS)
        test_kinds(store)
        test_round_trip(folder, store)
        test_output(folder, store)
        test_no_store_is_written_over(folder, store)
        test_readers_leave_nothing(folder, store)
        test_wrong(folder, store)
    finally:
        shutil.rmtree(folder)


main()
