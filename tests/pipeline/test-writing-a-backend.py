# SPDX-License-Identifier: LGPL-2.1-or-later
"""Follows docs/writing-a-backend.md literally, from an empty folder to a row in the table.

The sh blocks of its first part are run as one script, as a reader would type them; only the
port is a free one.
"""
import csv
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

BUILD, SOURCE = os.environ["MER_BUILD_ROOT"], os.environ["MER_SOURCE_ROOT"]
MER = os.path.join(BUILD, "tools", "mer")
FAILURES = []


def check(what, truth, detail=""):
    if not truth:
        FAILURES.append(what)
        print("FAIL", what, detail, flush=True)


def commands():
    with open(os.path.join(SOURCE, "docs", "writing-a-backend.md"), encoding="utf-8") as file:
        text = file.read()
    part = text[text.index("## From an empty folder"):text.index("## What you write")]
    return re.findall(r"^```sh\n(.*?)^```$", part, re.M | re.S)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def environment(folder):
    """What the document says for a gst-mer that was built and not installed, and no more."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GST_", "MER_"))}
    return {**clean, "HOME": folder, "XDG_DATA_HOME": os.path.join(folder, "data"),
            "PATH": f"{BUILD}/tools:{BUILD}/tests/support:{os.environ['PATH']}",
            "PKG_CONFIG_PATH": f"{BUILD}/meson-uninstalled"}


def follow(folder):
    blocks = commands()
    check("the document has its blocks", len(blocks) >= 6, len(blocks))
    script = "\n".join(blocks).replace("8080", free_port())
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environment(folder),
                          capture_output=True, text=True, timeout=300, check=False)
    check("every command works", done.returncode == 0, f"\n{script}\n{done.stdout}\n{done.stderr}")
    if done.returncode != 0:
        return
    check("gst-inspect-1.0 shows it", "merparrot" in done.stdout and "Parrot model" in done.stdout)
    table = done.stdout[done.stdout.rindex("run,stage"):]
    rows = list(csv.DictReader(io.StringIO(table)))
    mine = [row for row in rows if row["stage"] == "answer"]
    check("it has a row in the table", len(mine) == 1 and float(mine[0]["answered"]) == 100, table)
    with open(os.path.join(folder, "parrot", "requests.jsonl"), encoding="utf-8") as file:
        asked = [json.loads(line) for line in file]
    check("two calls with four frames each", [len(line.get("frames", [])) for line in asked] == [4, 4], asked)


REFUSED = [
    (["Parrot"], "is made of a to z"), (["my-backend"], "is made of a to z"), (["../x"], "is made of a to z"),
    ([""], "is made of a to z"), (["x" * 31], "is made of a to z"), (["7b"], "is made of a to z"),
    (["openai"], "there is an element meropenai"), (["sample"], "the name 'sample' is taken"),
    (["backend"], "the name 'backend' is taken"), (["there"], "nothing was changed"),
    (["fine", "--output", "there"], "nothing was changed"), (["fine", "--output", "no/where"], "No such file"),
    ([], "which name"), (["a", "b"], "which name"),
]


def refuse(folder):
    os.mkdir(os.path.join(folder, "there"))
    with open(os.path.join(folder, "there", "kept"), "w", encoding="utf-8") as file:
        file.write("kept")
    before = sorted(os.walk(folder))
    for arguments, what in REFUSED:
        done = subprocess.run([MER, "new", "backend", *arguments], cwd=folder, capture_output=True, text=True,
                              timeout=60, check=False)
        check(f"mer new backend {arguments}", done.returncode == 2 and what in done.stderr
              and done.stderr.count("\n") == 1, done.stderr)
    check("nothing is left behind", sorted(os.walk(folder)) == before, sorted(os.walk(folder)))


def sources():
    with open(os.path.join(SOURCE, "plugins", "example", "mer-example.c"), encoding="utf-8") as file:
        length = len(file.readlines())
    check("the example has 60 lines of C at most", length <= 60, length)


def main():
    for tool in ["meson", "ninja", "cc", "pkg-config", "gst-launch-1.0", "gst-inspect-1.0"]:
        if shutil.which(tool) is None:
            print(f"{tool} is not there; skipped")
            sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        follow(folder)
    with tempfile.TemporaryDirectory() as folder:
        refuse(folder)
    sources()
    sys.exit(1 if FAILURES else 0)


main()
