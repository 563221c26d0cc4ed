# SPDX-License-Identifier: LGPL-2.1-or-later
"""mer run, validate, launch, inspect and doctor as a user runs them.

Above all: whatever is wrong with what people wrote is one clear line that names the place,
exit code 2, and nothing is left behind.
"""
import json
import os
import subprocess
import sys
import tempfile

MER = os.path.join(os.environ["MER_BUILD_ROOT"], "tools", "mer")
FAILURES = []


def check(what, truth, detail=""):
    if not truth:
        FAILURES.append(f"{what}: {detail}")


def write(folder, name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = content if isinstance(content, (str, bytes)) else json.dumps(content, indent=1)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return path


def mer(folder, *arguments):
    return subprocess.run([MER, *arguments], cwd=folder, capture_output=True, text=True,
                          timeout=100, check=False)


def description(launch, **parameters):
    return {"format": "mer-description/1", "name": "d", "parameters": parameters,
            "launch": launch}


def make_world(folder):
    rows = ["a,[happy],yes", "b,[sad],no", "c,[angry],maybe"]
    write(folder, "set.csv", "\n".join(["name,openset,said"] + rows) + "\n")
    write(folder, "twice.csv", "name,openset\na,[x]\nb,[y]\na,[z]\n")
    write(folder, "broken.xlsx", b"PK\x03\x04 this is no workbook")
    write(folder, "latin.csv", "name,openset\nä,[x]\n".encode("latin-1"))
    write(folder, "answers.csv", "\n".join(["name,openset"] + [r[:r.rindex(",")] for r in rows])
          + "\n")
    write(folder, "set.json", {
        "format": "mer-dataset/1", "name": "set", "table": "set.csv", "id": "name",
        "truth": {"kind": "labels", "column": "openset"}, "subtitle": "said"})
    write(folder, "good.json", description(
        ["merreplay name=a location=answers.csv labels-column=openset", "! mervote name=vote"],
        size={"type": "integer", "minimum": 0, "maximum": 9, "default": 2,
              "sets": ["vote.threshold"]}))
    for name in ["x.mp4", "y.mp4", "y.wav"]:
        write(folder, f"clips/{name}", b"")
    write(folder, "one/x.mp4", b"")


REPLAY = "merreplay name=a location=answers.csv labels-column=openset"
RUN = ["run", "t.json", "--dataset", "set.json", "--output", "out.mer"]
GOOD = ["run", "good.json", "--output", "out.mer"]
ON_SET = GOOD + ["--dataset", "set.json"]


def dataset(**changes):
    whole = {"format": "mer-dataset/1", "name": "t", "table": "set.csv", "id": "name"}
    whole.update(changes)
    return whole


def batch(**changes):
    whole = {"format": "mer-batch/1", "name": "t", "datasets": ["set.json"],
             "description": "good.json"}
    whole.update(changes)
    return whole


ON_T = GOOD + ["--dataset", "t.json"]
BATCH = ["run", "t.json", "--output", "out.mer"]

# what is wrong; t.json (or None); the command line; what the one line must hold
BAD = [
    ("no file", None, ["run", "gone.json", "--dataset", "set.json"], ["gone.json"]),
    ("no such name", None, ["run", "one-stag", "--dataset", "set.json"],
     ["one-stag", "did you mean", "one-stage"]),
    ("syntax", '{"format": "mer-description/1",\n "name": "x",\n}', RUN,
     ["t.json:3: ", "comma"]),
    ("not JSON", "name,openset\n", RUN, ["t.json:1: ", "value was expected"]),
    ("empty", "", RUN, ["t.json:1: ", "empty"]),
    ("too deep", "[" * 100 + "]" * 100, RUN, ["t.json:1: ", "nested"]),
    ("another format", {"format": "mer-dataset/1"}, RUN, ["t.json:", "/format", "mer-description/1"]),
    ("wrong key", {"format": "mer-description/1", "name": "x", "paramters": {}}, RUN,
     ["t.json:4: /paramters: ", "did you mean", "parameters"]),
    ("wrong key in a parameter",
     description([REPLAY], p={"type": "integer", "sets": ["a.stage"], "minimun": 1}), RUN,
     ["/parameters/p/minimun: ", "minimum"]),
    ("no such element", description(["mervoet"]), RUN,
     ["/launch/0: ", "mervoet", "did you mean", "mervote"]),
    ("an element that is not allowed", description(["filesink location=/tmp/x"]), RUN,
     ["/launch/0: ", "filesink", "--allow filesink"]),
    ("an element that starts programs", description(["merexec command=true"]), RUN,
     ["/launch/0: ", "merexec", "--allow"]),
    ("a key", description(["meropenai api-key-env=HOME_TOKEN"]), RUN,
     ["/launch/0: ", "api-key-env"]),
    ("no such property", description([REPLAY + " lables-column=x"]), RUN,
     ["/launch/0: ", "lables-column", "did you mean", "labels-column"]),
    ("a property out of range", description(["mermedia frames=-1"]), RUN,
     ["/launch/0: ", "frames=-1"]),
    ("a property of another type", description(["mermedia frames=many"]), RUN,
     ["/launch/0: ", "frames=many", "0 to "]),
    ("an unknown stage", description([REPLAY, "! mervote stages=a,bb"]), RUN, ["bb", "a"]),
    ("a stage name twice", description([REPLAY, "! " + REPLAY.replace("name=a", "stage=a")]),
     RUN, ["a", "taken"]),
    ("an unknown stage in a prompt",
     description(["meropenai name=m uri=http://127.0.0.1:9/v1 model=x prompt=p.txt"]), RUN,
     ["nosuch"]),
    ("a wrong tag in a prompt",
     description(["meropenai name=m uri=http://127.0.0.1:9/v1 model=x prompt=q.txt"]), RUN,
     ["q.txt:2: ", "{{truth}}"]),
    ("an unknown prompt",
     description(["meropenai name=m uri=http://127.0.0.1:9/v1 model=x prompt=emotoin"]), RUN,
     ["/launch/0: ", "emotoin", "emotion"]),
    ("an unknown mapping", description([REPLAY, "! merwheelscore mapping=mer2062"]), RUN,
     ["mer2062"]),
    ("an unknown model", description(["mermodel name=m model=lokal"]), RUN,
     ["lokal", "did you mean", "local"]),
    ("no answers", description(["merreplay location=gone.csv"]), RUN, ["gone.csv"]),
    ("an unknown parameter", None, ON_SET + ["--set", "sise=1"],
     ["--set sise=1", "did you mean", "size"]),
    ("a parameter out of range", None, ON_SET + ["--set", "size=10"],
     ["--set size=10", "0 to 9"]),
    ("a parameter of another type", None, ON_SET + ["--set", "size=big"],
     ["--set size=big", "whole number"]),
    ("half a parameter", None, ON_SET + ["--set", "size"], ["name=value"]),
    ("a default out of range",
     description([REPLAY], p={"type": "integer", "maximum": 3, "default": 4,
                              "sets": ["a.stage"]}), RUN, ["/parameters/p/default: ", "3 or less"]),
    ("a parameter for no element",
     description([REPLAY], p={"type": "string", "default": "x", "sets": ["b.stage"]}), RUN,
     ["/parameters/p/sets/0: ", "“b”"]),
    ("a parameter that must be given",
     description([REPLAY], p={"type": "string", "sets": ["a.stage"]}), RUN,
     ["/parameters/p: ", "--set p="]),
    ("no dataset", None, GOOD + ["--dataset", "gone.json"], ["gone.json"]),
    ("a wrong key in a dataset", dataset(truht={}), ON_T, ["/truht: ", "truth"]),
    ("a missing column", dataset(truth={"kind": "labels", "column": "opnset"}), ON_T,
     ["/truth/column: ", "opnset", "openset"]),
    ("no table", dataset(table="gone.csv"), ON_T, ["/table: ", "gone.csv"]),
    ("a table that is a folder", dataset(table="clips"), ON_T, ["/table: ", "clips"]),
    ("a table that is no workbook", dataset(table="broken.xlsx"), ON_T,
     ["/table: ", "broken.xlsx"]),
    ("a table that is not UTF-8", dataset(table="latin.csv"), ON_T, ["latin.csv"]),
    ("an id twice", dataset(table="twice.csv"), ON_T, ["twice.csv:4: ", "line 2"]),
    ("a clip above the root", dataset(media={"video": "../{id}.mp4"}), ON_T,
     ["set.csv:2: ", "not below root"]),
    ("no clips", None, GOOD + ["--clips", "gone"], ["gone"]),
    ("clips with one id", None, GOOD + ["--clips", "clips"], ["“y”", "y.mp4", "y.wav"]),
    ("a truth of an unknown clip", None, GOOD + ["--clips", "one", "--truth", "set.csv"],
     ["set.csv:2: ", "“a”", "“x”"]),
    ("no truth", None, GOOD + ["--clips", "one", "--truth", "gone.csv"], ["gone.csv"]),
    ("no truth column", None,
     GOOD + ["--clips", "one", "--truth", "set.csv", "--truth-column", "opnset"],
     ["set.csv", "opnset"]),
    ("an unknown split", dataset(split="openset"), ON_T + ["--split", "test"], ["test"]),
    ("a wrong key in a batch", batch(matirx={}), BATCH, ["/matirx: ", "matrix"]),
    ("a value of the matrix out of range", batch(matrix={"size": [1, 99]}), BATCH,
     ["/matrix/size/1: ", "0 to 9"]),
    ("an unknown axis", batch(matrix={"sise": [1]}), BATCH, ["/matrix/sise/0: ", "size"]),
    ("no such dataset in a batch", batch(datasets=["gone.json"]), BATCH,
     ["/datasets/0: ", "gone.json"]),
    ("no such description in a batch", batch(description="gone.json"), BATCH,
     ["/description: ", "gone.json"]),
    ("a scorer's mapping", batch(scorers=[{"element": "merwheelscore",
                                           "properties": {"mapping": "mer2062"}}]), BATCH,
     ["mer2062"]),
    ("no such scorer", batch(scorers=[{"element": "merwhelscore"}]), BATCH, ["merwhelscore"]),
    ("a batch with a dataset", batch(), BATCH + ["--dataset", "set.json"], ["batch"]),
    ("a wrong key in a models file",
     {"format": "mer-models/1", "models": {"local": {"backend": "meropenai", "propertys": {}}}},
     ["run", "one-stage", "--clips", "one", "--models", "t.json", "--output", "out.mer"],
     ["/models/local/propertys: ", "properties"]),
    ("both", None, ON_SET + ["--clips", "one"], ["--dataset", "--clips"]),
    ("neither", None, GOOD, ["--dataset", "--clips"]),
    ("an unknown option", None, ON_SET + ["--limits", "3"], ["--limits", "--limit"]),
    ("an output that cannot be", None,
     ["run", "good.json", "--dataset", "set.json", "--output", "gone/out.mer"], ["gone/out.mer"]),
]


def test_bad_input(folder):
    write(folder, "p.txt", "{{text:nosuch}}")
    write(folder, "q.txt", "What is felt?\n{{truth}}")
    before = set(os.listdir(folder)) | {"t.json"}
    for what, content, arguments, expected in BAD:
        if content is not None:
            write(folder, "t.json", content)
        done = mer(folder, *arguments)
        lines = done.stderr.splitlines()
        check(what, done.returncode == 2, f"exit {done.returncode}: {done.stderr}")
        check(what, len(lines) == 1, f"not one line: {done.stderr}")
        for text in expected:
            check(what, text in done.stderr, f"“{text}” is missing in: {done.stderr}")
        left = set(os.listdir(folder)) - before
        check(what, not left, f"left behind: {left}")
        for name in left:
            os.remove(os.path.join(folder, name))


def test_run(folder):
    done = mer(folder, *ON_SET, "--format", "json")
    check("run", done.returncode == 0, done.stderr)
    rows = json.loads(done.stdout)
    check("run", len(rows) == 1 and rows[0]["summary"]["samples"] == 3, done.stdout)
    check("run", rows[0]["summary"]["metrics"]["ewl1"]["f"] == 1, done.stdout)
    again = mer(folder, *ON_SET, "--format", "json")
    check("the same again", json.loads(again.stdout) == rows, again.stdout)
    runs = mer(folder, "inspect", "out.mer", "--format", "json")
    check("one run in two sessions", json.loads(runs.stdout)[0]["sessions"] == 2
          and len(json.loads(runs.stdout)) == 1, runs.stdout)
    mer(folder, *ON_SET, "--set", "size=1")
    mer(folder, *ON_SET, "--limit", "2")
    runs = mer(folder, "inspect", "out.mer", "--format", "json")
    check("other values are other runs", [run["samples"] for run in json.loads(runs.stdout)]
          == [3, 3, 2], runs.stdout)
    dry = mer(folder, "run", "good.json", "--dataset", "set.json", "--dry-run", "--output", "dry.mer")
    check("dry run", dry.returncode == 0 and not os.path.exists(os.path.join(folder, "dry.mer"))
          and "3 samples" in dry.stdout, dry.stderr)


def test_branches(folder):
    """A graph that really branches is checked and run as one that does not."""
    branch = "t. ! queue ! merreplay name={} location=answers.csv labels-column=openset ! join."
    join = "mermerge name=join ! mervote stages={} strategy=union"
    for stages, status in [("a,b", 0), ("a,c", 2)]:
        write(folder, "t.json", description(["tee name=t", branch.format("a"), branch.format("b"),
                                             join.format(stages)]))
        done = mer(folder, "run", "t.json", "--dataset", "set.json")
        check(f"branches {stages}", done.returncode == status, done.stderr)


def test_batch(folder):
    write(folder, "batch.json", batch(
        matrix={"size": [1, 2]}, repeat=2,
        scorers=[{"element": "merwheelscore", "properties": {"resamples": 50}}]))
    done = mer(folder, "run", "batch.json", "--output", "batch.mer", "--format", "json")
    check("batch", done.returncode == 0, done.stderr)
    names = [row["run"] for row in json.loads(done.stdout)]
    check("batch", names == ["size=1 #1", "size=1 #2", "size=2 #1", "size=2 #2"], names)
    left = sorted(name for name in os.listdir(folder) if name.startswith("batch."))
    check("batch", left == ["batch.json", "batch.mer"], left)


def test_failures(folder):
    """A sample that fails makes the exit code 1, and an absent modality no failure."""
    write(folder, "partly.csv", "name,openset,outcome\na,[happy],answered\nb,,api-failed\n"
          "c,[angry],answered\n")
    write(folder, "partly.json", description(
        ["merreplay name=a location=partly.csv labels-column=openset"]))
    done = mer(folder, "run", "partly.json", "--dataset", "set.json")
    check("some failed", done.returncode == 1, done.stderr)
    write(folder, "broken.mp4", "this is no clip")
    done = mer(folder, "run", "offline-trimodal", "--clips", "broken.mp4")
    check("a broken clip before a fusion that had nothing", done.returncode == 1, done.stderr)


def test_others(folder):
    done = mer(folder, "validate", "good.json", "set.json", "q.txt")
    check("validate", done.returncode == 2 and "good.json: a description" in done.stdout
          and "set.json: a dataset" in done.stdout and "q.txt:2:" in done.stderr, done)
    done = mer(folder, "inspect", "--format", "json")
    check("inspect", any(row["element"] == "mermodel" for row in json.loads(done.stdout)), done)
    done = mer(folder, "inspect", "mermodel")
    check("inspect mermodel", "max-in-flight" in done.stdout and not done.stderr, done)
    done = mer(folder, "inspect", "one-stage")
    check("inspect one-stage", "frames" in done.stdout, done)
    done = mer(folder, "launch", "merdatasetsrc", "dataset=set.json", "!", "merreplay",
               "location=answers.csv", "labels-column=openset", "!", "merwheelscore", "!",
               "fakesink", "--format", "json")
    check("launch", done.returncode == 0 and json.loads(done.stdout)[0]["stage"] == "replay", done)
    done = mer(folder, "launch", "merdatasetsrc", "dataset=gone.json", "!", "fakesink")
    check("launch", done.returncode == 2 and "gone.json" in done.stderr, done)
    done = mer(folder, "doctor", "--format", "json")
    check("doctor", any(row["what"] == "H.264" for row in json.loads(done.stdout)), done)


def main():
    with tempfile.TemporaryDirectory() as folder:
        make_world(folder)
        test_bad_input(folder)
        test_run(folder)
        test_branches(folder)
        test_batch(folder)
        test_failures(folder)
        test_others(folder)
    for failure in FAILURES:
        print(failure)
    print(f"{len(BAD)} kinds of bad input, {len(FAILURES)} failures")
    sys.exit(1 if FAILURES else 0)


main()
