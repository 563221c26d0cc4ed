# SPDX-License-Identifier: LGPL-2.1-or-later
"""The schemas take what we ship, and agree with the readers on what is good and bad."""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not there; skipped")
    sys.exit(77)

ROOT = os.environ["MER_SOURCE_ROOT"]
MER = os.path.join(os.environ["MER_BUILD_ROOT"], "tools", "mer")
FAILURES = []


def load(*parts):
    with open(os.path.join(ROOT, *parts), encoding="utf-8") as file:
        return json.load(file)


SCHEMAS = {name[:-len(".schema.json")]: load("schemas", name)
           for name in sorted(os.listdir(os.path.join(ROOT, "schemas"))) if name.endswith(".json")}
VALIDATORS = {name: jsonschema.Draft202012Validator(schema)
              if hasattr(jsonschema, "Draft202012Validator") else jsonschema.Draft7Validator(schema)
              for name, schema in SCHEMAS.items()}


def test_shipped():
    kinds = {f"mer-{name}/1": name for name in SCHEMAS}
    count = 0
    for folder, _, names in os.walk(os.path.join(ROOT, "pipelines")):
        for name in names:
            if not name.endswith(".json"):
                continue
            document = load(folder, name)
            if document.get("format") not in kinds:
                FAILURES.append(f"{name}: its format is none of ours")
                continue
            for error in VALIDATORS[kinds[document["format"]]].iter_errors(document):
                FAILURES.append(f"{name}: {error.message}")
            count += 1
    for error in VALIDATORS["mapping"].iter_errors(load("core", "emotion", "mappings",
                                                        "builtin.json")):
        FAILURES.append(f"builtin.json: {error.message[:200]}")
    if count < 5:
        FAILURES.append(f"only {count} shipped files were found")


def test_documented():
    """The examples of docs/files.md are what it says."""
    with open(os.path.join(ROOT, "docs", "files.md"), encoding="utf-8") as file:
        blocks = re.findall(r"```json\n(.*?)```", file.read(), re.S)
    for block in blocks:
        document = json.loads(block)
        kind = document["format"].removeprefix("mer-").removesuffix("/1")
        for error in VALIDATORS[kind].iter_errors(document):
            FAILURES.append(f"docs/files.md, {kind}: {error.message}")
    if len(blocks) < 4:
        FAILURES.append("docs/files.md has lost its examples")


GOOD = {
    "dataset": {"$schema": "x", "format": "mer-dataset/1", "name": "d", "table": "t.csv",
                "id": "name", "truth": {"kind": "labels", "column": "openset"},
                "subtitle": {"table": "t.csv", "id": "name", "column": "said"},
                "media": {"video": ["{id}.mp4", "{name}.mkv"]}, "group": None, "split": "openset",
                "summary": "s", "root": "."},
    "description": {"format": "mer-description/1", "name": "d", "summary": None, "parameters": {
        "p": {"type": "integer", "minimum": 0, "maximum": 9, "default": 2, "summary": "s",
              "sets": ["media.frames"]},
        "e": {"type": "enum", "values": ["full", "gop"], "default": "full",
              "sets": ["media.frame-select"]}},
        "launch": ["mermedia name=media", "! queue", "! merlexicon"]},
    "batch": {"format": "mer-batch/1", "name": "b", "datasets": ["d.json", {
        "dataset": "d.json", "limit": 1}], "description": "e.json", "set": {"p": 3},
        "matrix": {"e": ["full", "gop"]}, "repeat": 2,
        "scorers": [{"element": "merwheelscore", "properties": {"resamples": 10}}]},
    "models": {"format": "mer-models/1", "models": {"m": {
        "summary": "s", "backend": "meropenai", "properties": {"uri": "http://127.0.0.1:1/v1"},
        "modalities": ["audio", "text"], "limits": {"max-in-flight": 2, "frames": 8, "context": 4096},
        "group": "general", "thinking": "switchable", "thinking-by": "x", "licence": "MIT",
        "source": ["https://example.org/a"], "as-of": "2026-08", "start": "serve {model}",
        "tested": "no", "notes": ["n"],
        "prices": {"input": 1.5, "output": 2}}}},
}

# a change to a good document that makes it bad: (where, value); no value takes it out
BAD = {
    "dataset": [("format", "mer-dataset/2"), ("name",), ("table",), ("id",), ("id", 3),
                ("tabel", "x"), ("truth/kind", "label"), ("truth/kind",), ("truth/column",),
                ("truth/colum", "x"), ("subtitle/table",), ("subtitle/id",), ("subtitle", 3),
                ("media/picture", "x"), ("media/video", 3), ("media/video", [3]), ("group", 3),
                ("split", ["x"]), ("summary", 3), ("root", 3)],
    "description": [("format",), ("name",), ("launch",), ("launch", []), ("launch", "mermedia"),
                    ("launch", [3]), ("parameters", []), ("summary", 3), ("lanch", []),
                    ("parameters/p/type", "int"), ("parameters/p/type",), ("parameters/p/sets",),
                    ("parameters/p/sets", []), ("parameters/p/sets", ["frames"]),
                    ("parameters/p/default", "two"), ("parameters/p/default", 2.5),
                    ("parameters/p/values", ["x"]), ("parameters/p/minimun", 1),
                    ("parameters/p/minimum", "x"), ("parameters/e/values",),
                    ("parameters/e/maximum", 3), ("parameters/e/default", True)],
    "batch": [("format", "x"), ("name",), ("datasets",), ("datasets", []), ("datasets", [3]),
              ("datasets", [{"limit": 1}]), ("datasets", [{"dataset": "d.json", "clips": ["x"]}]),
              ("datasets", [{"dataset": "d.json", "limit": -1}]), ("description",),
              ("description", []), ("description", 3), ("set", []), ("matrix", []),
              ("matrix/e", []), ("matrix/e", "full"), ("repeat", 0), ("repeat", 1.5),
              ("scorers", {}), ("scorers", [{"properties": {}}]),
              ("scorers", [{"element": "filesink"}]),
              ("scorers", [{"element": "merwheelscore", "properties": []}]), ("matirx", {}),
              ("models", 3), ("summary", 3)],
    "models": [("format",), ("models",), ("models", []), ("models/m/backend", 3),
               ("models/m/backend", "filesink"), ("models/m/backend", "mermodel"),
               ("models/m/properties", []), ("models/m/modalities", ["smell"]),
               ("models/m/limits", {"max-inflight": 3}), ("models/m/limits", {"timeout": -1}),
               ("models/m/prices", {"input": "x"}), ("models/m/price", {}),
               ("models/m/summary", 3), ("models/m/extends", 3), ("models/m/group", "big"),
               ("models/m/thinking", "sometimes"), ("models/m/as-of", "last year"),
               ("models/m/source", [3]), ("models/m/licence", 1), ("models/m/limits", {"frames": -1}),
               ("models/m/properties", {"api-key-env": "HOME"}),
               ("models/m/properties", {"api-key": "x"})],
}


def changed(document, where, *value):
    document = copy.deepcopy(document)
    *path, last = where.split("/")
    place = document
    for step in path:
        place = place[step]
    if value:
        place[last] = value[0]
    else:
        del place[last]
    return document


def agree(folder, kind, what, document, good):
    path = os.path.join(folder, f"{kind}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)
    read = subprocess.run([MER, "validate", path], cwd=folder, capture_output=True, text=True,
                          timeout=60, check=False)
    if VALIDATORS[kind].is_valid(document) != good:
        FAILURES.append(f"{kind} {what}: the schema says {'bad' if good else 'good'}")
    if (read.returncode == 0) != good:
        FAILURES.append(f"{kind} {what}: the reader says {read.stdout}{read.stderr}")


def main():
    test_shipped()
    test_documented()
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "t.csv"), "w", encoding="utf-8") as file:
            file.write("name,openset,said\na,[x],yes\n")
        for name, kind in [("d.json", "dataset"), ("e.json", "description")]:
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                # without media: a batch is held against the clips that it names
                json.dump({k: v for k, v in GOOD[kind].items() if k != "media"}, file)
        for kind, good in GOOD.items():
            agree(folder, kind, "as it should be", good, True)
            for change in BAD[kind]:
                agree(folder, kind, change, changed(good, *change), False)
    for failure in FAILURES:
        print(failure)
    print(f"{sum(map(len, BAD.values()))} bad examples, {len(FAILURES)} failures")
    sys.exit(1 if FAILURES else 0)


main()
