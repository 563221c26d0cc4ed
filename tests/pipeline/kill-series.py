#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills `mer run` at random moments and looks whether an answer was lost or asked for twice.

After each `kill -9` the keys that stand in the journal are read; none of them may come to the
server again. When a run that was killed is through, its table and its results equal those of
a run that nobody disturbed.

kill-series.py BUILD [--times 5] [--seed N] [--latency-ms 40] [--clips FOLDER]
"""
import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time

from mer_study import Server, Study, check_no_repeat, committed, fail, undisturbed

def kill_at(study, store, seconds):
    """Whether it was killed before its end."""
    process = study.start(store)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def kill_until_done(study, store, times, seconds, keys):
    """Kills runs on one store until one gets through; gives how many were killed."""
    kills = 0
    while kills < times:
        seen = len(study.server.keys())
        before = committed(store)
        killed = kill_at(study, store, random.uniform(0.01, 0.7 * seconds))
        after = committed(store)
        check_no_repeat(study, set(before), seen, f"kill {kills + 1}")
        if not set(before) <= set(after):
            fail(f"kill {kills + 1}: {len(set(before) - set(after))} committed answers are lost")
        if len(after) != len(set(after)):
            fail("a key stands in the journal twice")
        if not killed:
            break
        kills += 1
        print(f"kill {kills}: {len(after)} of {len(keys)} answers committed", flush=True)
    seen = len(study.server.keys())
    before = set(committed(store))
    table = study.finish(store)
    check_no_repeat(study, before, seen, "after the last kill")
    asked = len(study.server.keys()) - seen
    if asked + len(before) != len(keys) or set(committed(store)) != keys:
        fail(f"{len(before)} were committed and {asked} asked for, of {len(keys)}")
    return kills, table


def second_writer(study, folder):
    """While one writes, another is refused, and told who holds the store."""
    store = os.path.join(folder, "held.mer")
    first = study.start(store)
    deadline = time.monotonic() + 30
    while not os.path.exists(store + "-lock") and time.monotonic() < deadline:
        time.sleep(0.005)
    first.send_signal(signal.SIGSTOP)
    second = study.start(store)
    _, err = second.communicate(timeout=60)
    first.kill()
    first.communicate()
    if second.returncode != 2 or f"process {first.pid} on host" not in err:
        fail(f"second writer: exit {second.returncode}: {err}")
    study.finish(store)


def series(arguments, folder):
    server = Server(arguments.server, folder, arguments.latency_ms)
    try:
        study = Study(arguments.build, folder, server, arguments.clips)
        table, results, keys, seconds = undisturbed(study, folder)
        kills, round_number = 0, 0
        while kills < arguments.times:
            store = os.path.join(folder, f"killed-{round_number}.mer")
            round_number += 1
            more, last = kill_until_done(study, store, min(6, arguments.times - kills), seconds,
                                         keys)
            kills += more
            if last != table:
                fail(f"another table than undisturbed:\n{last}\n{table}")
            if study.results(store) != results:
                fail("other results than undisturbed")
        second_writer(study, folder)
        print(f"{kills} kills in {round_number} stores: no answer lost, none asked for twice; "
              "tables and results equal the undisturbed run's; a second writer is refused")
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--latency-ms", type=int, default=40)
    parser.add_argument("--clips", help="real clips through two-stage-trimodal, not lines of text")
    parser.add_argument("--server", default=os.environ.get("MER_TEST_SERVER"))
    arguments = parser.parse_args()
    if not arguments.server or not os.path.exists(arguments.server):
        print("skipped: there is no mer-test-server")
        sys.exit(77)
    random.seed(arguments.seed)
    folder = tempfile.mkdtemp()
    try:
        series(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
