# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ctrl-C: the first drains and keeps, a second stops at once, the same command resumes."""
import os
import signal
import sys
import tempfile
import time

from mer_study import SAMPLES, Server, Study, committed, fail


def wait_for_calls(study, number):
    """Until the server was asked so often; what is waited for always comes."""
    while len(study.server.keys()) < number:
        time.sleep(0.02)


def interrupt(study, store, times):
    already = len(study.server.keys())
    process = study.start(store)
    wait_for_calls(study, already + 6)
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    out, err = process.communicate(timeout=60)
    if process.returncode != 3:
        fail(f"exit {process.returncode} after {times} × Ctrl-C\n{out}{err}")
    return err


def main():
    build, server_program = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(server_program, folder, 100)
        study = Study(build, folder, server)
        store = os.path.join(folder, "study.mer")
        err = interrupt(study, store, 1)
        if "ending" not in err:
            fail(f"nobody said that the run ends: {err}")
        drained = committed(store)
        if not drained or set(drained) != set(server.keys()):
            fail(f"{len(drained)} answers were kept of {len(server.keys())} that came")
        interrupt(study, store, 2)
        study.finish(store)
        keys = server.keys()
        again = {key for key in keys if keys.count(key) > 1} & set(drained)
        if again:
            fail(f"asked for again although drained: {again}")
        if len(study.results(store)) != 2 * SAMPLES:
            fail(f"{len(study.results(store))} results of {SAMPLES} samples")
        server.stop()


main()
