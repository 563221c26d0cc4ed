# SPDX-License-Identifier: LGPL-2.1-or-later
"""A study of two stages against the test server, and what a store says about it."""
import json
import os
import sqlite3
import subprocess
import sys
import time

SAMPLES = 60
WORDS = ["happy", "sad", "angry", "calm"]


def fail(text):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {text}")


def write(folder, name, content):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content if isinstance(content, str) else json.dumps(content))
    return path


def make_study(folder):
    rows = [f'clip-{i},"[{WORDS[i % 4]}]",line number {i} is said' for i in range(SAMPLES)]
    write(folder, "lines.csv", "\n".join(["name,openset,said"] + rows) + "\n")
    write(folder, "one.txt", "What is felt in this line? {{subtitle}}")
    write(folder, "two.txt", "Somebody said: {{subtitle}} A clue: {{text:one}} Which emotions?")
    dataset = write(folder, "lines.json", {
        "format": "mer-dataset/1", "name": "lines", "table": "lines.csv", "id": "name",
        "truth": {"kind": "labels", "column": "openset"},
        "subtitle": {"table": "lines.csv", "id": "name", "column": "said"}})
    study = write(folder, "study.json", {
        "format": "mer-description/1", "name": "kill-series", "summary": "two stages in a row",
        "parameters": {"uri": {"type": "string", "default": "http://127.0.0.1:1/v1",
                               "sets": ["one.uri", "two.uri"]}},
        "launch": [
            "meropenai name=one model=test-model modalities=text prompt=one.txt max-in-flight=4",
            "! meropenai name=two model=test-model modalities=text prompt=two.txt max-in-flight=4",
            "! merlabels name=labels"]})
    return study, dataset


def scores(out):
    """What scorers said, without what was used: how much came from the journal differs."""
    return json.dumps([row for row in json.loads(out) if row["scorer"] != "mer-usage"])


class Server:
    """mer-test-server and its log."""

    def __init__(self, program, folder, latency):
        self.log = os.path.join(folder, "server.jsonl")
        self.process = subprocess.Popen(
            [program, "--latency-ms", str(latency), "--log", self.log],
            stdout=subprocess.PIPE, text=True)
        self.uri = self.process.stdout.readline().split()[-1]

    def keys(self):
        """Those of all chat requests so far, in order."""
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if line.endswith("\n")]
        return [line["key"] for line in lines if "chat" in line["path"]]

    def stop(self):
        self.process.kill()
        self.process.wait()


class Study:
    """Lines of text by default; with @clips real media through the shipped two-stage study."""

    def __init__(self, build, folder, server, clips=None):
        self.mer = os.path.join(build, "tools", "mer")
        self.server = server
        if clips:
            self.words = self.clip_study(folder, clips)
        else:
            study, dataset = make_study(folder)
            self.words = [study, "--dataset", dataset, "--set", f"uri={server.uri}"]

    def clip_study(self, folder, clips):
        models = write(folder, "models.json", {
            "format": "mer-models/1", "models": {"local": {
                "backend": "meropenai", "properties": {"uri": self.server.uri},
                "modalities": ["audio", "video", "text"], "limits": {"max-in-flight": 2}}}})
        sets = [f"--set={name}=local" for name in ("audio-model", "video-model", "reasoner")]
        return ["two-stage-trimodal", "--clips", clips, "--models", models, *sets]

    def start(self, store):
        return subprocess.Popen(
            [self.mer, "run", *self.words, "--output", store, "--format", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self, store):
        process = self.start(store)
        out, err = process.communicate(timeout=120)
        if process.returncode != 0:
            fail(f"exit {process.returncode}\n{out}{err}")
        return scores(out)

    def export(self, store, what):
        return subprocess.run([self.mer, "export", store, "--what", what], check=True,
                              capture_output=True, text=True).stdout

    def results(self, store):
        """What was said, without what differs from run to run: times, where from."""
        rows = [json.loads(line) for line in self.export(store, "results").splitlines()]
        return [{k: r.get(k) for k in ("id", "stage", "outcome", "text", "labels", "call", "seq")}
                for r in rows]


def committed(store):
    """The journal's keys, read as any other program would, while nobody writes."""
    if not os.path.exists(store):
        return []
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
        if db.execute("select count(*) from sqlite_schema where name = 'calls'").fetchone()[0] == 0:
            return []
        (check,) = db.execute("pragma quick_check").fetchone()
        if check != "ok":
            fail(f"{store}: {check}")
        return [row[0] for row in db.execute("select key from calls")]


def check_no_repeat(study, keys, seen, when):
    again = [key for key in study.server.keys()[seen:] if key in keys]
    if again:
        fail(f"{when}: asked for again although committed: {again}")


def undisturbed(study, folder):
    """The table, the results, all keys and the seconds of a run that nobody kills."""
    store = os.path.join(folder, "undisturbed.mer")
    begin = time.monotonic()
    table = study.finish(store)
    seconds = time.monotonic() - begin
    results = study.results(store)
    keys = study.server.keys()
    if not keys or len(set(keys)) != len(keys):
        fail(f"{len(keys)} calls with {len(set(keys))} keys")
    if set(keys) != set(committed(store)):
        fail("the journal's keys are not those that the server saw")
    return table, results, set(keys), seconds
