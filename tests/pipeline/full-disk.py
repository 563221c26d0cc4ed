#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lets the disk fill up under a run: exit 3, what was committed is kept, the same command goes
on when there is room.

full-disk.py BUILD; skipped where a tmpfs cannot be mounted.
"""
import os
import shutil
import subprocess
import sys
import tempfile

from mer_study import Server, Study, check_no_repeat, committed, fail, undisturbed


def mount(folder, size, *options):
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join([f"size={size}", *options]), "mer-test", folder],
        capture_output=True, text=True)
    return done.returncode == 0


def run_full(study, store):
    process = study.start(store)
    out, err = process.communicate(timeout=120)
    errors = [line for line in err.splitlines() if "full" in line]
    if process.returncode != 3 or len(errors) != 1:
        fail(f"exit {process.returncode}, not 3 with one line that says why:\n{out}{err}")
    print(errors[0])


def check_full(study, folder, table, results, keys):
    store = os.path.join(folder, "full.mer")
    run_full(study, store)
    before = set(committed(store))
    print(f"{len(before)} of {len(keys)} answers were committed")
    if not 0 < len(before) < len(keys):
        fail("the disk was full too early or too late to say anything")
    # still full: the same again, and nothing is lost
    process = study.start(store)
    _, err = process.communicate(timeout=120)
    if process.returncode != 3 or not before <= set(committed(store)):
        fail(f"a second try on the full disk: exit {process.returncode}\n{err}")
    before = set(committed(store))
    if not mount(folder, "64m", "remount"):
        fail("cannot make room")
    seen = len(study.server.keys())
    if study.finish(store) != table or study.results(store) != results:
        fail("another table than undisturbed")
    check_no_repeat(study, before, seen, "with room")


def main():
    build, server = sys.argv[1], os.environ.get("MER_TEST_SERVER", "")
    folder = tempfile.mkdtemp()
    small = os.path.join(folder, "small")
    os.mkdir(small)
    if not os.path.exists(server) or not mount(small, "640k"):
        print("skipped: no mer-test-server, or no right to mount a tmpfs")
        shutil.rmtree(folder)
        sys.exit(77)
    server = Server(server, folder, 5)
    try:
        study = Study(build, folder, server)
        table, results, keys, _ = undisturbed(study, folder)
        check_full(study, small, table, results, keys)
    finally:
        server.stop()
        subprocess.run(["umount", small], check=False)
        shutil.rmtree(folder, ignore_errors=True)


main()
