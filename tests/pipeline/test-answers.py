# SPDX-License-Identifier: LGPL-2.1-or-later
"""What becomes of answers under mer run: outcomes with reasons, strict and lenient reading,
tokens and money, now and from the journal, in the report, in JSON and in exports."""
import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

MER = os.path.join(os.environ["MER_BUILD_ROOT"], "tools", "mer")
SERVER = os.environ["MER_TEST_SERVER"]
N = 4


class Answers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mer-answers-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        rows = [f"s{i},[happy],line {i}" for i in range(N)]
        self.write("set.csv", "\n".join(["name,openset,said"] + rows) + "\n")
        self.write("set.json", json.dumps({
            "format": "mer-dataset/1", "name": "set", "table": "set.csv", "id": "name",
            "truth": {"kind": "labels", "column": "openset"}, "subtitle": "said"}))
        self.write("ask.txt", "What is felt? {{subtitle}}")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def serve(self, *arguments):
        child = subprocess.Popen([SERVER, "--die-with-parent", *arguments],
                                 stdout=subprocess.PIPE, text=True)
        uri = child.stdout.readline().split()[-1]

        def stop():
            child.kill()
            child.wait()
            child.stdout.close()

        self.addCleanup(stop)
        return uri

    def mer(self, *arguments):
        return subprocess.run([MER, *arguments], cwd=self.folder, capture_output=True, text=True,
                              timeout=100, check=False)

    def run_on(self, uri, properties="", labels="merlabels"):
        self.write("d.json", json.dumps({
            "format": "mer-description/1", "name": "d",
            "launch": [f"meropenai name=one model=m uri={uri} modalities=text prompt=ask.txt "
                       f"max-in-flight=1 {properties}", "! " + labels]}))
        done = self.mer("run", "d.json", "--dataset", "set.json", "--output", "o.mer",
                        "--format", "json")
        self.assertIn(done.returncode, (0, 1), done.stderr)
        usage = [row for row in json.loads(done.stdout) if row["scorer"] == "mer-usage"]
        self.assertEqual(len(usage), 1)
        self.assertEqual([row["stage"] for row in usage[0]["summary"]["stages"]], ["one"])
        return usage[0]["summary"]["stages"][0], done.stderr

    def export(self, what):
        done = self.mer("export", "o.mer", "--what", what, "--format", "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def test_outcomes(self):
        """every fault of the server is counted as what it is, and its text is kept"""
        for fault, outcome, reason, text in [
                ("refusal", "refused", "refusal", "I can't help."),
                ("filtered", "filtered", "output-filter", ""),
                ("400-filter", "filtered", "input-filter", ""),
                ("length", "truncated", "token-limit", '{"labels": ["hap'),
                ("content-null", "unparseable", "empty", ""),
                ("content-empty", "unparseable", "empty", ""),
                ("400-context", "api-failed", "context-overflow", ""),
                ("413", "api-failed", "too-large", ""),
                ("400", "api-failed", "bad-request", ""),
                ("choices-null", "api-failed", "bad-reply", "")]:
            with self.subTest(fault):
                stage, report = self.run_on(self.serve("--fault", fault + ":1"))
                self.assertEqual(stage["outcomes"], {"answered": N - 1, outcome: 1})
                self.assertEqual(stage["reasons"], {reason: 1})
                self.assertIn(f"{outcome} 1 ({reason} 1)", report)
                first = self.export("results")[0]
                self.assertEqual((first["outcome"], first["reason"], first["text"]),
                                 (outcome, reason, text))

    def test_texts(self):
        """answers that only look like answers, and how the others were read"""
        for answer, labels, outcomes, reasons, read in [
                ('{"labels": ["sad"]}', "merlabels", {"answered": N}, {}, {"strict": N}),
                ('{"labels": ["sad"]}', "merlabels reading=lenient", {"answered": N}, {},
                 {"lenient": N}),
                ("She is sad.", "merlabels", {"answered": N}, {}, {"lenient": N}),
                ("She is sad.", "merlabels reading=strict", {"unparseable": N},
                 {"not-json": N}, {}),
                ('{"mood": "sad"}', "merlabels reading=strict", {"unparseable": N},
                 {"wrong-shape": N}, {}),
                ("I'm sorry, but I can't assist with that.", "merlabels", {"refused": N},
                 {"refusal": N}, {}),
                ("<think>She is sad", "merlabels", {"unparseable": N}, {"only-reasoning": N}, {}),
                ("Der Mann sitzt auf dem Stuhl und spricht.", "merlabels", {"unparseable": N}, {"wrong-language": N}, {}),
                ("A chair.", "merlabels", {"unparseable": N}, {"no-emotion-word": N}, {})]:
            with self.subTest(answer=answer, labels=labels):
                stage, report = self.run_on(self.serve("--answer", answer), labels=labels)
                self.assertEqual((stage["outcomes"], stage["reasons"], stage["read"]),
                                 (outcomes, reasons, read))
                if read:
                    self.assertIn(f"labels read strictly {read.get('strict', 0)}", report)

    def test_journal_is_raw(self):
        """the journal holds what the server said, so that a better reading costs nothing"""
        refusal = "I'm sorry, but I can't assist with that."
        uri = self.serve("--answer", refusal)
        self.run_on(uri)
        with sqlite3.connect(os.path.join(self.folder, "o.mer")) as store:
            for (result,) in store.execute("SELECT result FROM calls"):
                self.assertEqual(json.loads(result)["outcome"], "answered")
                self.assertEqual(json.loads(result)["text"], refusal)
        stage, _ = self.run_on(uri)
        self.assertEqual((stage["calls"], stage["from-journal"]), (0, N))
        self.assertEqual(stage["outcomes"], {"refused": N})

    def test_cost(self):
        """what calls cost now, and from the journal what they cost then"""
        prices = "price-input=2 price-input-cached=0.5 price-output=10"
        uri = self.serve("--fault", "usage-full")
        stage, report = self.run_on(uri, prices)
        each = (200 * 2 + 1000 * 0.5 + 70 * 10) / 1e6
        self.assertEqual(stage["calls"], N)
        self.assertEqual(stage["usage"]["input-cached"], 1000 * N)
        self.assertAlmostEqual(stage["cost"]["usd"], N * each)
        self.assertNotIn("usd", stage["journal"]["cost"])
        self.assertIn(f"{N * each:.2g}", report)
        stage, _ = self.run_on(uri, prices)
        self.assertEqual((stage["calls"], stage["cost"]), (0, {}))
        self.assertAlmostEqual(stage["journal"]["cost"]["usd"], N * each)
        row = self.export("usage")[0]
        self.assertEqual((row["stage"], row["model"], row["calls"]), ("one", "m", str(N)))
        self.assertAlmostEqual(float(row["usd"]), N * each)
        self.assertEqual(row["usd-unknown"], "0")
        done = self.mer("export", "o.mer", "--what", "summaries")
        kept = [json.loads(line)["summary"] for line in done.stdout.splitlines()]
        self.assertAlmostEqual(kept[0]["total"]["journal"]["cost"]["usd"], N * each)

    def test_unknown(self):
        """what is not known is never 0"""
        for fault, properties in [("usage-full", ""), ("usage-none", ""),
                                  ("usage-full", "prices='{\"input\": 1}'")]:
            with self.subTest(fault):
                stage, report = self.run_on(self.serve("--fault", fault), properties)
                self.assertEqual(stage["cost"], {"unknown": N})
                self.assertIn("?", report)
                self.assertEqual(self.export("usage")[0]["usd"], "")

    def test_estimated(self):
        """with prices, what a server did not count is guessed, and marked"""
        stage, report = self.run_on(self.serve("--fault", "usage-none"),
                                    "price-input=1 price-output=1")
        self.assertTrue(stage["usage"]["estimated"])
        self.assertEqual((stage["cost"]["known"], stage["cost"]["estimated"]), (N, N))
        self.assertGreater(stage["cost"]["usd"], 0)
        self.assertIn("~", report)
        self.assertEqual(self.export("results")[0]["cost-basis"], "estimated")

    def test_prices_of_a_model(self):
        """the prices of a models file, with what only they can say"""
        uri = self.serve("--fault", "usage-full")
        self.write("models.json", json.dumps({
            "format": "mer-models/1", "models": {"it": {
                "backend": "meropenai", "properties": {"uri": uri, "model": "m"},
                "prices": {"input": 2, "input-cached": 0.5, "output": 10, "per-request": 0.25,
                           "tiers": [{"above": 1000, "output": 20}], "as-of": "2026-08-21"}}}}))
        self.write("d.json", json.dumps({
            "format": "mer-description/1", "name": "d",
            "launch": ["mermodel name=one model=it modalities=text prompt=ask.txt"]}))
        done = self.mer("run", "d.json", "--dataset", "set.json", "--models", "models.json",
                        "--output", "o.mer")
        self.assertEqual(done.returncode, 0, done.stderr)
        each = (200 * 2 + 1000 * 0.5 + 70 * 20) / 1e6 + 0.25
        self.assertAlmostEqual(float(self.export("usage")[0]["usd"]), N * each)

    def test_bad_prices(self):
        self.write("d.json", json.dumps({
            "format": "mer-description/1", "name": "d",
            "launch": ["meropenai name=one uri=http://127.0.0.1:1/v1 modalities=text "
                       "prompt=ask.txt prices='{\"inptu\": 1}'"]}))
        done = self.mer("run", "d.json", "--dataset", "set.json")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("/inptu", done.stderr)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
