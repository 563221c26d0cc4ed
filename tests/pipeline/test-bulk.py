# SPDX-License-Identifier: LGPL-2.1-or-later
"""`mer run --bulk`: two stages, so two rounds of batches, against a server that plays every fault.

What a run in bulk leaves in its store must be what a run at once leaves there, whatever the server
does on the way, and wherever the command is killed: no call is asked twice, none is lost.
"""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import mer_study
from batch_server import BatchServer

mer_study.SAMPLES = 8
BULK = ["--bulk", "--bulk-poll", "0.02"]
FAILURES = []


def check(what, truth, detail=""):
    if not truth:
        FAILURES.append(f"{what}: {detail}")
        print("FAIL", what, detail, flush=True)


class Bench:
    """A server, a study that asks it, and stores for it."""

    def __init__(self, folder, key=None, study=mer_study.Study, **faults):
        self.folder = tempfile.mkdtemp(dir=folder)
        self.server = BatchServer(key=key, **faults)
        self.study = study(os.environ["MER_BUILD_ROOT"], self.folder, self.server)
        self.store = os.path.join(self.folder, "bulk.mer")
        self.environment = {**os.environ, "TEST_API_KEY": "sk-test-0123456789"}

    def __enter__(self):
        return self

    def __exit__(self, *arguments):
        self.server.__exit__()
        shutil.rmtree(self.folder)

    def words(self, *options, store=None):
        return [self.study.mer, "run", *self.study.words, "--output", store or self.store, "--format", "json", *options]

    def run(self, *options, store=None):
        return subprocess.run(self.words(*options, store=store), capture_output=True, text=True, timeout=120,
                              check=False, env=self.environment)

    def live(self):
        store = os.path.join(self.folder, "live.mer")
        done = self.run(store=store)
        if done.returncode != 0:
            mer_study.fail(done.stderr)
        return self.study.results(store)

    def shards(self, store=None):
        with sqlite3.connect(f"file:{store or self.store}?mode=ro", uri=True) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute("select * from bulk_shards order by number")]

    def leftovers(self):
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True) as db:
            (rows,) = db.execute("select (select count(*) from bulk_calls) + (select count(*) from bulk_replies)").fetchone()
        return rows, [name for name in os.listdir(self.folder) if "-bulk-" in name]

    def check_equal(self, name, done, twice=False):
        """The store of a run in bulk equals that of a run at once."""
        check(name, done.returncode == 0, (done.returncode, done.stderr))
        check(f"{name}: results", self.study.results(self.store) == self.live(), done.stderr)
        asked = self.server.batches.asked
        check(f"{name}: asked once", twice or len(asked) == len(set(asked)), sorted(asked))
        check(f"{name}: all asked", len(set(asked)) == 2 * mer_study.SAMPLES, len(set(asked)))
        check(f"{name}: nothing is left", self.leftovers() == (0, []), self.leftovers())


def test_plain(folder):
    with Bench(folder) as bench:
        done = bench.run(*BULK)
        bench.check_equal("plain", done)
        check("plain: two batches", [s["state"] for s in bench.shards()] == ["done"] * 2, bench.shards())
        check("plain: nothing at once", bench.server.batches.live == 2 * mer_study.SAMPLES)
        check("plain: nothing left at the server", bench.server.batches.files == {}, bench.server.batches.files.keys())
        before = len(bench.server.batches.requests)
        again = bench.run(*BULK)
        check("again: from the journal", again.returncode == 0
              and mer_study.scores(again.stdout) == mer_study.scores(done.stdout), again.stderr)
        check("again: nothing asked", len(bench.server.batches.requests) == before)


# which fault, and whether calls are asked again because of it
FAULTS = [("expire", 1, True), ("line_429", 3, True), ("line_500", 2, True), ("missing", 1, True),
          ("duplicate", 1, False), ("unknown", 1, False), ("garbage", 2, False), ("broken_off", 1, True),
          ("drop_after_create", 1, False), ("500_after_create", 1, False), ("drop_after_upload", 1, False),
          ("503_POST_files", 1, False), ("503_GET_batches", 2, False), ("503_GET_files", 1, False)]


def test_faults(folder):
    for fault, times, twice in FAULTS:
        with Bench(folder, **{fault: times}) as bench:
            bench.check_equal(fault, bench.run(*BULK), twice)


def outcomes(bench, stage):
    return [row["outcome"] for row in bench.study.results(bench.store) if row["stage"] == stage]


def test_refusals(folder):
    """What will never be answered is a failure with the server's words; the next command tries again."""
    for fault, lost, words in [("line_400", 1, "This clip is not to our taste"),
                               ("fail_line", 1, "line 2 is not to our taste"),
                               ("fail_all", mer_study.SAMPLES, "this batch is not to our taste")]:
        with Bench(folder, **{fault: 1}) as bench:
            done = bench.run(*BULK)
            check(fault, done.returncode == 1 and words in done.stderr, (done.returncode, done.stderr))
            check(f"{fault}: failures", outcomes(bench, "one").count("api-failed") == lost, outcomes(bench, "one"))
            check(f"{fault}: the others", outcomes(bench, "two").count("answered") == mer_study.SAMPLES - lost)
            again = bench.run(*BULK)
            bench.check_equal(f"{fault} again", again, twice=True)


def test_too_much(folder):
    """A server that holds only so many tokens gets one batch after the other, and smaller ones."""
    with Bench(folder, enqueued_limit=3) as bench:
        done = bench.run(*BULK)
        bench.check_equal("enqueued tokens", done)
        states = [s["state"] for s in bench.shards()]
        check("enqueued tokens", "too-large" in states and states.count("done") == 8, states)


def test_never_answered(folder):
    """A server that never answers a call is not asked for ever."""
    with Bench(folder, missing=1000) as bench:
        done = bench.run(*BULK)
        check("never answered", done.returncode == 1 and "no batch brought an answer" in done.stderr, done.stderr)
        asked = bench.server.batches.asked
        check("never answered: bounded", max(asked.count(key) for key in asked) == 3)


def test_leave(folder):
    """Sent and left; shown; collected by the same command."""
    with Bench(folder, polls=3) as bench:
        done = bench.run(*BULK, "--bulk-wait", "no")
        check("leave", done.returncode == 3 and "the same command collects them" in done.stderr, done.stderr)
        shards = bench.shards()
        check("leave: waiting", [s["state"] for s in shards] == ["waiting"], shards)
        check("leave: no scores", "precision" not in done.stdout, done.stdout)
        shown = subprocess.run([bench.study.mer, "bulk", bench.store, "--format", "json"], capture_output=True,
                               text=True, timeout=60, check=False)
        check("mer bulk", shown.returncode == 0 and '"waiting"' in shown.stdout and "batch_1" in shown.stdout, shown)
        bench.check_equal("leave and collect", bench.run(*BULK))


def test_interrupt(folder):
    with Bench(folder, polls=10**6) as bench:
        process = subprocess.Popen(bench.words(*BULK), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=bench.environment)
        deadline = time.monotonic() + 60
        while len(bench.server.batches.requests) < 6 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        check("interrupt", process.returncode == 3 and "go on there" in err, (process.returncode, err))
        cancelled = subprocess.run([bench.study.mer, "bulk", bench.store, "--cancel", "--server", bench.server.uri],
                                   capture_output=True, text=True, timeout=60, check=False)
        check("cancel", cancelled.returncode == 0, cancelled)
        done = bench.run(*BULK)
        check("cancelled", done.returncode == 3 and "cancelled at its server" in done.stderr, done.stderr)
        bench.server.batches.polls = 1
        bench.check_equal("after a cancel", bench.run(*BULK), twice=True)


def kill_at(bench, number, when):
    """Kills the command at a request: before the server has seen to it (and it is lost, or not), or after."""
    process = None

    def hook(moment, at):
        if at != number or moment != ("after" if when == "after" else "before"):
            return False
        process.kill()
        process.wait()
        return when == "lost"

    with bench.server.batches.lock:
        bench.server.batches.hook = hook
        process = subprocess.Popen(bench.words(*BULK), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                   env=bench.environment)
    process.communicate(timeout=120)
    bench.server.batches.hook = lambda moment, at: False
    return process.returncode == -signal.SIGKILL


def test_kills(folder):
    """kill -9 at every request to the server, in every way that it can fall."""
    with Bench(folder) as bench:
        bench.run(*BULK)
        n_requests = len(bench.server.batches.requests)
    for number in range(1, n_requests + 1):
        for when in ["lost", "before", "after"]:
            with Bench(folder) as bench:
                check(f"kill {number} {when}: killed", kill_at(bench, number, when))
                bench.check_equal(f"kill {number} {when}", bench.run(*BULK))
    print(f"{3 * n_requests} kills at {n_requests} requests", flush=True)


def test_random_kills(folder):
    """kill -9 at moments of no choice, several to a store."""
    for round_number in range(3):
        with Bench(folder) as bench:
            for i in range(6):
                process = subprocess.Popen(bench.words(*BULK), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(0.03 + 0.04 * ((7 * i + 3 * round_number) % 10) / 2)
                process.kill()
                process.wait()
            bench.check_equal(f"random kills {round_number}", bench.run(*BULK))


KEY = "sk-test-0123456789abcdef"


def everything(folder):
    """All bytes of all files in a folder."""
    return b"".join(open(os.path.join(root, name), "rb").read() for root, _, names in os.walk(folder) for name in names)


def name_key(bench):
    """The description's stages send a key."""
    bench.environment["TEST_API_KEY"] = KEY
    with open(bench.study.words[0], encoding="utf-8") as file:
        text = file.read()
    with open(bench.study.words[0], "w", encoding="utf-8") as file:
        file.write(text.replace("meropenai", "meropenai api-key-env=TEST_API_KEY"))
    bench.study.words += ["--allow", "api-key-env"]


def test_key(folder):
    """The key is in no file, not even where the server gives it back; nor does it go where a store says."""
    with Bench(folder, key=KEY, echo_key=1, line_400=1) as bench, BatchServer() as thief:
        name_key(bench)
        left = bench.run(*BULK, "--bulk-wait", "no")
        check("key: left", left.returncode == 3, left.stderr)
        check("key: in no file while it waits", KEY.encode() not in everything(bench.folder))
        with sqlite3.connect(bench.store) as db:
            db.execute("update bulk_shards set uri = ?", (thief.uri,))
        done = bench.run(*BULK)
        check("key: left alone", "is left alone" in done.stderr, done.stderr)
        check("key: not to a thief", thief.batches.requests == [], thief.batches.requests)
        cancel = subprocess.run([bench.study.mer, "bulk", "--cancel", bench.store], capture_output=True, text=True,
                                timeout=60, check=False, env=bench.environment)
        check("key: cancel asks first", cancel.returncode == 2 and "--server" in cancel.stderr, cancel)
        check("key: not to a thief by a cancel", thief.batches.requests == [], thief.batches.requests)
        with sqlite3.connect(bench.store) as db:
            db.execute("update bulk_shards set uri = ?", (bench.server.uri,))
        errors = ""
        for _ in range(3):
            done = bench.run(*BULK)
            errors += done.stderr + done.stdout
        check("key: all well in the end", done.returncode == 0, errors)
        check("key: nowhere", KEY.encode() not in everything(bench.folder) and KEY not in errors, errors)


def test_budget(folder):
    """What a batch will cost counts before it is sent; half of what calls cost at once."""
    with Bench(folder) as bench:
        with open(bench.study.words[0], encoding="utf-8") as file:
            text = file.read()
        with open(bench.study.words[0], "w", encoding="utf-8") as file:
            file.write(text.replace("meropenai", "meropenai price-input=1000 price-output=1000"))
        done = bench.run(*BULK, "--max-cost", "0.5")
        check("budget", done.returncode == 3 and "max-cost" in done.stderr, (done.returncode, done.stderr))
        check("budget: nothing sent", bench.server.batches.asked == [], bench.server.batches.requests)
        bench.check_equal("budget: more of it", bench.run(*BULK, "--max-cost", "1000"))
        costs = [json.loads(line).get("cost") for line in bench.study.export(bench.store, "results").splitlines()]
        check("half the price", costs == [0.055] * len(costs), costs)


def test_wrong_key(folder):
    with Bench(folder, key="another") as bench:
        name_key(bench)
        done = bench.run(*BULK)
        check("wrong key", done.returncode == 3 and "401" in done.stderr and KEY not in done.stderr, done.stderr)
        bench.server.batches.key = KEY
        check("right key", bench.run(*BULK).returncode == 0)


def test_no_batches(folder):
    """A server without batches: one clear line; asked at once where the stage says so."""
    with Bench(folder, no_batches=1000) as bench:
        done = bench.run(*BULK)
        check("no batches", done.returncode == 3 and "bulk=never" in done.stderr, done.stderr)


def test_clips(folder):
    """Pictures and voices in batches: what the server decodes is what it decodes at once."""
    clips = os.path.join(os.environ.get("MER_SHARED_DATA", ""), "clips", "real")
    if not os.path.isdir(clips):
        print("real clips are not there: skipped")
        return
    with ProtocolBench(folder, "openai", "--batch-polls", "1") as bench:
        models = mer_study.write(bench.folder, "models.json", {"format": "mer-models/1", "models": {"local": {
            "backend": "meropenai", "properties": {"uri": bench.server.uri}, "modalities": ["audio", "video", "text"]}}})
        sets = [f"--set={name}=local" for name in ("audio-model", "video-model", "reasoner")]
        bench.study.words = ["two-stage-trimodal", "--clips", clips, "--models", models, *sets]
        done = bench.run(*BULK)
        check("clips", done.returncode == 0, done.stderr)
        check("clips: results", bench.study.results(bench.store) == bench.live(), done.stderr)
        check("clips: nothing is left", bench.leftovers() == (0, []), bench.leftovers())


class ProtocolServer:
    """mer-test-server, which is strict and was written by others."""

    def __init__(self, folder, protocol, *options):
        self.log = os.path.join(folder, "server.jsonl")
        self.process = subprocess.Popen(
            [os.environ["MER_TEST_SERVER"], "--die-with-parent", "--protocol", protocol, "--log", self.log, *options],
            stdout=subprocess.PIPE, text=True)
        self.uri = self.process.stdout.readline().split()[-1]

    def lines(self):
        with open(self.log, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def __exit__(self, *arguments):
        self.process.kill()
        self.process.wait()


ELEMENTS = {"openai": "meropenai", "anthropic": "meranthropic", "gemini": "mergemini"}


class ProtocolBench(Bench):
    def __init__(self, folder, protocol, *options):
        self.folder = tempfile.mkdtemp(dir=folder)
        self.server = ProtocolServer(self.folder, protocol, *options)
        self.study = mer_study.Study(os.environ["MER_BUILD_ROOT"], self.folder, self.server)
        self.store = os.path.join(self.folder, "bulk.mer")
        self.environment = dict(os.environ)
        with open(self.study.words[0], encoding="utf-8") as file:
            text = file.read()
        with open(self.study.words[0], "w", encoding="utf-8") as file:
            file.write(text.replace("meropenai", f"{ELEMENTS[protocol]} bulk=always"))


BATCH_FAULTS = ["batch-shuffled", "batch-errors", "batch-expired", "batch-failed", "batch-missing", "batch-twice",
                "batch-cancelled", "batch-half-line", "batch-limit"]


def test_protocols(folder):
    """Every protocol, every fault: after some runs at most, what stands in the store is what a run at once says."""
    for protocol in ELEMENTS:
        expected = None
        for fault in [None, *BATCH_FAULTS]:
            options = ["--batch-polls", "1"] + (["--fault", f"{fault}:1"] if fault else [])
            with ProtocolBench(folder, protocol, *options) as bench:
                codes, errors = [], []
                while len(codes) < 4 and (not codes or codes[-1] != 0):
                    done = bench.run(*BULK)
                    codes.append(done.returncode)
                    errors.append(done.stderr)
                name = f"{protocol} {fault}"
                check(name, codes[-1] == 0 and (fault or codes == [0]) and set(codes) <= {0, 1, 3}, (codes, errors))
                check(f"{name}: nothing is left", bench.leftovers() == (0, []), bench.leftovers())
                if expected is None:
                    expected = bench.live()
                check(f"{name}: results", [{**r, "call": None} for r in bench.study.results(bench.store)]
                      == [{**r, "call": None} for r in expected], errors)
                states = [shard["state"] for shard in bench.shards()]
                check(f"{name}: states", "done" in states and not set(states) & {"ready", "waiting", "ended"}, states)


def count_orders(bench):
    """How many batches the server was asked for."""
    ends = ("/v1/batches", "/messages/batches", ":batchGenerateContent")
    return sum(line.get("method", "POST") == "POST" and line["path"].split("?")[0].endswith(ends)
               and line["bytes"] > 0 for line in bench.server.lines())


def test_lost_words(folder):
    """A process that died between asking for a batch and hearing of it: the next finds the batch."""
    for protocol in ELEMENTS:
        with ProtocolBench(folder, protocol, "--batch-polls", "2") as bench:
            left = bench.run(*BULK, "--bulk-wait", "no")
            check(f"{protocol} left", left.returncode == 3, left.stderr)
            with sqlite3.connect(bench.store) as db:
                db.execute("update bulk_shards set state = 'submitting', remote_batch = null")
            done = bench.run(*BULK)
            check(f"{protocol} found", done.returncode == 0, done.stderr)
            check(f"{protocol} asked once", count_orders(bench) == 2, count_orders(bench))


def test_usage(folder):
    with Bench(folder) as bench:
        for options, words in [(["--bulk-wait", "no"], "goes with --bulk"), (["--bulk", "--bulk-wait", "soon"], "none of"),
                               (["--bulk", "--bulk-poll", "0"], "0.01")]:
            done = bench.run(*options)
            check(f"usage {options}", done.returncode == 2 and words in done.stderr, done.stderr)
        done = subprocess.run([bench.study.mer, "run", *bench.study.words, "--bulk"], capture_output=True, text=True,
                              timeout=60, check=False)
        check("usage: no output", done.returncode == 2 and "--bulk needs --output" in done.stderr, done.stderr)


def main():
    tests = {name: value for name, value in globals().items() if name.startswith("test_")}
    with tempfile.TemporaryDirectory(prefix="mer-bulk-") as folder:
        for name, test in tests.items():
            if len(sys.argv) < 2 or name in sys.argv[1:]:
                begin = time.monotonic()
                test(folder)
                print(f"{name}: {time.monotonic() - begin:.1f} s", flush=True)
    for failure in FAILURES:
        print("FAILED", failure, file=sys.stderr)
    return 1 if FAILURES else 0


sys.exit(main())
