# SPDX-License-Identifier: LGPL-2.1-or-later
"""mer run against servers that turn calls away, dislike a member, are gone, or cost too much."""
import json
import os
import subprocess
import sys
import tempfile

import mer_study

BUILD, SERVER = sys.argv[1], sys.argv[2]
MER = os.path.join(BUILD, "tools", "mer")
SAMPLES = mer_study.SAMPLES


def check(what, truth, detail=""):
    if not truth:
        mer_study.fail(f"{what}: {detail}")


def start(*options):
    server = subprocess.Popen([SERVER, "--die-with-parent", "--no-check", *options],
                              stdout=subprocess.PIPE, text=True)
    return server, server.stdout.readline().split()[-1]


def run(folder, study, dataset, uri, output, *options):
    return subprocess.run(
        [MER, "run", study, "--dataset", dataset, "--set", f"uri={uri}", "--output", output,
         *options], cwd=folder, capture_output=True, text=True, timeout=200, check=False)


def count_answers(folder, output):
    text = subprocess.run([MER, "export", output, "--format", "json"], cwd=folder,
                          capture_output=True, text=True, timeout=60, check=False).stdout
    return text.count('"answered"')


def test_capacity(folder, study, dataset):
    """No call is lost, and the report says what was found."""
    server, uri = start("--capacity", "3", "--latency-ms", "5")
    done = run(folder, study, dataset, uri, "capacity.mer")
    server.kill()
    check("capacity", done.returncode == 0, done.stderr)
    check("capacity: all answered", f"{SAMPLES} answered" in done.stderr
          or "failed" not in done.stderr, done.stderr)
    check("capacity: what was found", "served at once" in done.stderr
          and "turned away" in done.stderr, done.stderr)


def test_adapted(folder, study, dataset):
    server, uri = start("--fault", "no-temperature")
    done = run(folder, study, dataset, uri, "adapted.mer")
    server.kill()
    check("adapted", done.returncode == 0, done.stderr)
    check("adapted: said once", done.stderr.count("does not take every request") == 1, done.stderr)
    for stage in ["one", "two"]:
        check("adapted: report", f"{stage}: temperature left out, in {SAMPLES} requests"
              in done.stderr, done.stderr)


def test_gone(folder, study, dataset):
    """One message, exit 3, what was done is kept, and the same command goes on."""
    server, uri = start("--port", "0", "--latency-ms", "20", "--fault", "hang:99999:40")
    port = uri.split(":")[2].split("/")[0]
    command = [MER, "run", study, "--dataset", dataset, "--set", f"uri={uri}", "--output",
               "gone.mer"]
    child = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        child.wait(timeout=3)
    except subprocess.TimeoutExpired:
        pass
    server.kill()
    server.wait()
    stderr = child.communicate(timeout=120)[1]
    check("gone", child.returncode == 3, stderr)
    check("gone: one message", stderr.count("cannot be reached") == 1, stderr)
    check("gone: few failures", stderr.count("api-failed") <= 20, stderr)
    server, uri = start("--port", port)
    done = run(folder, study, dataset, uri, "gone.mer")
    server.kill()
    check("gone: goes on", done.returncode == 0 and "from the journal" in done.stderr,
          done.stderr)


def test_budget(folder, study, dataset):
    server, uri = start("--latency-ms", "5")
    with open(os.path.join(folder, study), encoding="utf-8") as file:
        description = json.load(file)
    description["launch"] = [line.replace("max-in-flight=4", "max-in-flight=4 price-input=100 "
                                          "price-output=100") for line in description["launch"]]
    priced = mer_study.write(folder, "priced.json", description)
    done = run(folder, priced, dataset, uri, "budget.mer", "--max-cost", "0.05")
    check("budget", done.returncode == 3, done.stderr)
    check("budget: says so", "max-cost" in done.stderr and "what is done is kept" in done.stderr,
          done.stderr)
    again = run(folder, priced, dataset, uri, "budget.mer", "--max-cost", "1000")
    check("budget: goes on", again.returncode == 0 and "from the journal" in again.stderr,
          again.stderr)
    blind = run(folder, study, dataset, uri, "blind.mer", "--max-cost", "1")
    server.kill()
    check("budget: no prices", blind.stderr.count("set prices") == 2, blind.stderr)
    wrong = run(folder, priced, dataset, uri, "budget.mer", "--max-cost", "-1")
    check("budget: negative", wrong.returncode == 2, wrong.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        study, dataset = mer_study.make_study(folder)
        for test in [test_capacity, test_adapted, test_gone, test_budget]:
            test(folder, study, dataset)


main()
