# SPDX-License-Identifier: LGPL-2.1-or-later
"""mer run --dry-run: which calls a run would make, without making them.

What it says before a run is held against what the server sees during it.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile
import wave

import mer_study
from mer_study import fail, write

MER = os.path.join(os.environ["MER_BUILD_ROOT"], "tools", "mer")
LINES = 250
PRICES = {"input": 2.0, "output": 8.0}


def make_study(folder, uri):
    rows = [f'line-{i},"[happy]",{"words " * (i % 9 + 1)}{i:03}' for i in range(LINES)]
    write(folder, "lines.csv", "\n".join(["name,openset,said"] + rows) + "\n")
    write(folder, "lines.json", {
        "format": "mer-dataset/1", "name": "lines", "table": "lines.csv", "id": "name",
        "truth": {"kind": "labels", "column": "openset"},
        "subtitle": {"table": "lines.csv", "id": "name", "column": "said"}})
    write(folder, "one.txt", "What is felt in this line? {{subtitle}}")
    write(folder, "two.txt", "Somebody said: {{subtitle}} A clue: {{text:one}} Which emotions?")
    entry = {"backend": "meropenai", "properties": {"uri": uri, "model": "test-model"},
             "modalities": ["text"], "limits": {"max-in-flight": 8}}
    write(folder, "models.json", {"format": "mer-models/1", "models": {
        "priced": {**entry, "prices": PRICES}, "free": entry}})
    write(folder, "study.json", {
        "format": "mer-description/1", "name": "dry", "summary": "two stages in a row", "launch": [
            "mermodel name=one model=priced modalities=text prompt=one.txt",
            "! mermodel name=two model=free modalities=text prompt=two.txt answer-format=json-schema",
            "! merlabels name=labels"]})


def mer(folder, *arguments):
    return subprocess.run([MER, "run", "study.json", "--dataset", "lines.json", "--models", "models.json", *arguments],
                          cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def estimate(folder, *arguments):
    done = mer(folder, "--dry-run", "--format", "json", *arguments)
    if done.returncode != 0:
        fail(f"exit {done.returncode}: {done.stderr}")
    return {row["stage"]: row for row in json.loads(done.stdout)}, done.stderr


def expect(what, found, wanted):
    if found != wanted:
        fail(f"{what}: {found!r}, not {wanted!r}")


def test_unasked(folder, server):
    """Nobody is asked, nothing is written, and the count is scaled to the whole dataset."""
    rows, said = estimate(folder, "--output", "study.mer")
    expect("stages", list(rows), ["one", "two"])
    for row in rows.values():
        expect("calls", (row["calls"], row["in journal"], row["skipped"]), (LINES, 0, 0))
        expect("from", row["from"], "rules of thumb")
        expect("time without a measurement", row["seconds"], None)
    expect("requests", server.keys(), [])
    expect("a file was made", os.path.exists(os.path.join(folder, "study.mer")), False)
    one, two = rows["one"], rows["two"]
    expect("price", one["USD"], round((one["tokens in"] * PRICES["input"] + one["tokens out"] * PRICES["output"]) / 1e6, 2))
    expect("a model without prices", two["USD"], None)
    # four letters a token: the question and on average five words of six letters
    if not 0.7 < one["tokens in"] / LINES / ((27 + 5 * 6 + 3) / 4) < 1.4:
        fail(f"{one['tokens in']} tokens for {LINES} short lines")
    if "at least" not in said:
        fail(said)


def test_measured(folder, server):
    """A few samples are asked about; they count as measured, and a run does not ask again."""
    rows, _ = estimate(folder, "--output", "study.mer", "--sample-calls", "5")
    asked = server.keys()
    expect("requests", len(asked), 10)
    for row in rows.values():
        expect("from", row["from"], "measured on 5" if row["in journal"] else "rules of thumb")
        if row["s a call"] is None or row["seconds"] is None:
            fail(f"no time: {row}")
    again, _ = estimate(folder, "--output", "study.mer")
    expect("the same estimate", again, rows)
    expect("requests", len(server.keys()), 10)

    done = mer(folder, "--output", "study.mer", "--format", "json")
    expect(done.stderr, done.returncode, 0)
    keys = server.keys()
    expect("each question once", (len(keys), len(set(keys))), (2 * LINES, 2 * LINES))
    after, said = estimate(folder, "--output", "study.mer")
    for row in after.values():
        expect("after the run", (row["calls"], row["in journal"]), (0, LINES))
        expect("nothing to pay", (row["USD"], row["seconds"]), (0, 0))
    if "in all: 0 calls, 0.00 USD" not in said:
        fail(said)


def test_clips(folder, server):
    """Many clips are counted by some; what the store knows is counted as it is."""
    clips = os.path.join(folder, "clips")
    os.makedirs(clips)
    for i in range(220):
        tone = os.path.join(clips, f"tone-{i:03}.wav")
        with wave.open(tone, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes(struct.pack("<1600h", *((i * 7 + n * (i + 3)) % 2000 for n in range(1600))))
    write(folder, "hear.json", {"format": "mer-description/1", "name": "hear", "summary": "one stage", "launch": [
        "mermedia name=media", "! mermodel name=ear model=all modalities=audio"]})
    write(folder, "models.json", {"format": "mer-models/1", "models": {"all": {
        "backend": "meropenai", "properties": {"uri": server.uri, "model": "test-model"}, "modalities": ["audio"]}}})
    words = [MER, "run", "hear.json", "--models", "models.json", "--clips", "clips", "--output", "hear.mer"]
    seen = len(server.keys())

    def dry(*more):
        done = subprocess.run([*words, "--dry-run", "--format", "json", *more], cwd=folder, capture_output=True,
                              text=True, timeout=120, check=False)
        expect(done.stderr, done.returncode, 0)
        (row,) = json.loads(done.stdout)
        return row["calls"], row["in journal"], row["skipped"], done.stderr

    calls, known, skipped, said = dry()
    expect("clips", (calls, known, skipped), (220, 0, 0))
    if "147 of 220 samples were not looked at" not in said:
        fail(said)
    subprocess.run([*words[:-1], "hear.mer", "--limit", "50"], cwd=folder, capture_output=True, timeout=120, check=True)
    expect("requests", len(server.keys()) - seen, 50)
    expect("after fifty", dry()[:3], (170, 50, 0))
    expect("measured", dry("--sample-calls", "4")[:3], (170 - 3, 50 + 3, 0))


def test_usage(folder):
    for arguments in [["--sample-calls", "3"], ["--dry-run", "--sample-calls", "3"],
                      ["--dry-run", "--sample-calls", "-1", "--output", "x.mer"]]:
        done = mer(folder, *arguments)
        expect(f"{arguments}: {done.stderr}", done.returncode, 2)


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = mer_study.Server(os.environ["MER_TEST_SERVER"], folder, 5)
        try:
            make_study(folder, server.uri)
            test_unasked(folder, server)
            test_measured(folder, server)
            test_usage(folder)
            test_clips(folder, server)
        finally:
            server.stop()
    sys.exit(0)


main()
