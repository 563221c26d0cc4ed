#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""mer score and mer mapping as a user runs them: results, errors, exit codes."""
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest

MER = os.path.join(os.environ["MER_BUILD_ROOT"], "tools", "mer")
SHARED = os.environ.get("MER_SHARED_DATA", "")

# small enough to work out by hand; wheel 5 knows nothing
MAPPING = {
    "format": "mer-mapping/1", "name": "tiny",
    "forms": {"angry": ["angry"], "calm": ["calm"], "happily": ["happy"], "happy": ["happy"]},
    "synonyms": {"angry": ["angry"], "calm": ["calm"], "happy": ["happy"]},
    "wheels": [{"name": f"wheel{k}",
                "level1": {"angry": "bad", "calm": "good", "happy": "good"} if k < 5 else {},
                "level2": {"angry": "angry", "calm": "calm", "happy": "happy"} if k < 5 else {}}
               for k in range(1, 6)],
}
TRUTH = 'name,openset,film\na,"[happy, angry]",f1\nb,calm,f1\nc,happy,f2\n'
GOOD = 'name,openset\nc,happily\nb,"[happy, zorble]"\na,"[\'happy\']"\n'


class Score(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.put("tiny.json", json.dumps(MAPPING))
        self.put("truth.csv", TRUTH)
        self.put("good.csv", GOOD)

    def tearDown(self):
        self.folder.cleanup()

    def put(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def mer(self, *words, env=None):
        return subprocess.run([MER, *words], capture_output=True, text=True, cwd=self.folder.name,
                              env=dict(os.environ, **(env or {})), timeout=60, check=False)

    def score(self, *words):
        return self.mer("score", "--mapping", "tiny.json", "--truth", "truth.csv", *words)

    def score_json(self, *words):
        done = self.score("--format", "json", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_contract(self):
        out = self.score_json("good.csv", "again=good.csv")
        self.assertEqual(list(out["mapping"]), ["name", "sha256"])
        self.assertEqual(out["mapping"]["name"], "tiny")
        self.assertEqual(len(out["mapping"]["sha256"]), 64)
        self.assertEqual(out["truth"]["samples"], 3)
        self.assertEqual([s["name"] for s in out["systems"]], ["good", "again"])
        system = out["systems"][0]
        for key in ("samples", "coverage", "mean_labels", "empty", "unknown"):
            self.assertIsInstance(system[key], (int, float), key)
        metrics = [f"w{k}l{level}" for level in (1, 2) for k in range(1, 6)]
        self.assertEqual(list(system["metrics"]), ["m1", "m2", *metrics, "ewl1", "ewl2", "m_avg"])
        for name in ("m1", "m2", *metrics):
            self.assertEqual(set(system["metrics"][name]), {"n", "precision", "recall", "f", "ci95"})
        # a: {happy} of {happy, angry}; b: {happy} of {calm}; c: all
        self.assertAlmostEqual(system["metrics"]["m1"]["precision"], 2 / 3)
        self.assertAlmostEqual(system["metrics"]["m1"]["recall"], 0.5)
        self.assertAlmostEqual(system["metrics"]["w1l1"]["precision"], 1)
        self.assertAlmostEqual(system["metrics"]["w1l1"]["recall"], 5 / 6)
        self.assertEqual(system["metrics"]["w5l1"]["n"], 0)
        self.assertAlmostEqual(system["unknown"], 0.25)
        low, high = system["metrics"]["ewl1"]["ci95"]
        self.assertTrue(0 <= low <= system["metrics"]["ewl1"]["f"] <= high <= 1)
        self.assertEqual(out["floors"][-1]["metrics"]["m1"]["f"], 1)
        self.assertEqual([(p["a"], p["b"]) for p in out["pairs"]], [("good", "again")])
        self.assertEqual(out["pairs"][0]["metrics"]["ewl1"]["difference"], 0)

    def test_same_numbers_every_time(self):
        first = self.score("--format", "json", "good.csv").stdout
        self.assertEqual(first, self.score("--format", "json", "good.csv").stdout)
        other = self.score("--format", "json", "--seed", "5", "good.csv").stdout
        self.assertNotEqual(first, other)

    def test_groups_are_resampled_together(self):
        self.assertEqual(self.score_json("good.csv")["truth"]["groups"], 3)
        out = self.score_json("--group-column", "film", "good.csv")
        self.assertEqual(out["truth"]["groups"], 2)

    def test_missing(self):
        self.put("part.csv", "name,openset\na,happy\n")
        done = self.score("part.csv")
        self.assertEqual(done.returncode, 2)
        self.assertIn("2 of 3 samples are missing, the first is 'b'", done.stderr)
        empty = self.score_json("--missing", "empty", "part.csv")["systems"][0]
        self.assertEqual(empty["samples"], 3)
        self.assertAlmostEqual(empty["coverage"], 1 / 3)
        self.assertAlmostEqual(empty["empty"], 2 / 3)
        skip = self.score_json("--missing", "skip", "part.csv", "good.csv")
        self.assertEqual(skip["systems"][0]["samples"], 1)
        self.assertEqual(skip["systems"][0]["coverage"], 1)
        self.assertEqual(skip["pairs"][0]["metrics"]["ewl1"]["difference"], 0)

    def test_other_tables_and_columns(self):
        self.put("p.jsonl", '{"id":"a","said":["happy"]}\n{"id":"b","said":null}\n'
                            '{"id":"c","said":"[calm]"}\n')
        self.put("t.tsv", "id\tlabels\na\thappy\nb\tcalm\nc\thappy\n")
        done = self.mer("score", "-m", "tiny.json", "-t", "t.tsv", "--truth-column", "labels",
                        "--column", "said", "--id-column", "id", "-f", "json", "p.jsonl")
        self.assertEqual(done.returncode, 0, done.stderr)
        system = json.loads(done.stdout)["systems"][0]
        self.assertEqual(system["name"], "p")
        self.assertAlmostEqual(system["empty"], 1 / 3)

    def test_formats(self):
        table = self.score("good.csv")
        self.assertEqual(table.returncode, 0)
        for word in ("mapping tiny", "sha256", "good", "constant: happy", "the truth itself"):
            self.assertIn(word, table.stdout)
        rows = list(csv.DictReader(io.StringIO(self.score("-f", "csv", "good.csv").stdout)))
        self.assertEqual(rows[0]["system"], "good")
        self.assertEqual(len(rows), 6)
        self.assertIn("|---|---:|", self.score("-f", "markdown", "good.csv").stdout)
        each = list(csv.DictReader(io.StringIO(
            self.score("-f", "csv", "--metrics", "m1,ewl1", "good.csv").stdout)))
        self.assertEqual([(r["system"], r["metric"]) for r in each[:2]],
                         [("good", "m1"), ("good", "ewl1")])

    def test_shows_unknown_words(self):
        self.put("odd.csv", 'name,openset\na,"\x1b[31mred"\nb,zorble\nc,zorble\n')
        done = self.score("--show-unknown", "odd.csv")
        self.assertIn("zorble (2)", done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        out = self.score_json("--show-unknown", "odd.csv")
        self.assertEqual(out["systems"][0]["unknown_words"]["zorble"], 2)

    ERRORS = [
        (["nowhere.csv"], "nowhere.csv: No such file or directory"),
        (["good.csv", "./good.csv"], "another file gives a system 'good' already"),
        (["--column", "opensets", "good.csv"], "good.csv: there is no column 'opensets' "
                                               "(did you mean 'openset'?)"),
        (["--truth-column", "x", "good.csv"], "truth.csv: there is no column 'x'"),
        (["--group-column", "x", "good.csv"], "truth.csv: there is no column 'x'"),
        (["--missing", "ignore", "good.csv"], "--missing: 'ignore' is none of"),
        (["--metrics", "m3", "good.csv"], "--metrics: 'm3' is none of"),
        (["--resamples", "7", "good.csv"], "--resamples: 7 is neither 0"),
        (["--resamples", "x", "good.csv"], "resamples"),
        (["--format", "xml", "good.csv"], "--format: 'xml' is none of"),
        (["--sede", "1", "good.csv"], "there is no option --sede; did you mean --seed?"),
        ([], "which files of predictions?"),
        (["."], "."),
    ]

    def test_errors_are_one_line(self):
        for words, message in self.ERRORS:
            with self.subTest(words=words):
                done = self.score(*words)
                lines = done.stderr.splitlines()
                self.assertEqual((done.returncode, done.stdout, len(lines)), (2, "", 1), done)
                self.assertIn(message, lines[0])

    def test_wrong_tables(self):
        for text, message in [
            ("name,openset\na,happy\na,sad\n", "bad.csv:3: the name 'a' stands in line 2 already"),
            ("name,openset\nz,happy\n", "bad.csv:2: the truth truth.csv has no sample 'z'"),
            ("name,openset\n,happy\n", "bad.csv:2: the column 'name' is empty"),
            ("name,openset\na,happy,sad\n", "bad.csv:2: 3 cells, but there are 2 columns"),
            ('name,openset\na,"happy\n', "bad.csv:2: a quote opened in this row is never closed"),
            ("", "bad.csv: the table is empty"),
        ]:
            with self.subTest(text=text):
                done = self.score(self.put("bad.csv", text).rpartition("/")[2])
                self.assertEqual(done.returncode, 2)
                self.assertEqual(len(done.stderr.splitlines()), 1)
                self.assertIn(message, done.stderr)

    def test_mappings(self):
        for name, message in [("nope", "nope"), ("truth.csv", "truth.csv:1"),
                              ("nowhere.json", "nowhere.json")]:
            done = self.mer("score", "-m", name, "-t", "truth.csv", "good.csv")
            self.assertEqual(done.returncode, 2)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(message, done.stderr)

    def test_lookup(self):
        done = self.mer("mapping", "lookup", "-m", "tiny.json", "-f", "json", "Happily", "hapy")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = json.loads(done.stdout)
        self.assertEqual(len(rows), 24)
        self.assertEqual((rows[0]["metric"], rows[0]["group"]), ("m1", "happy"))
        self.assertEqual((rows[2]["metric"], rows[2]["group"]), ("w1l1", "good"))
        self.assertTrue(rows[6]["why"].startswith("dropped: none of its wheel words"))
        self.assertTrue(rows[12]["why"].startswith("dropped: no word of the mapping"))
        self.assertIn("a near form is 'happy'", done.stderr)

    def test_show(self):
        done = self.mer("mapping", "show", "tiny.json")
        self.assertRegex(done.stdout, r"(?m)^w1l1 +bad, good$")
        again = self.put("again.json", self.mer("mapping", "show", "--json", "tiny.json").stdout)
        self.assertEqual(self.mer("mapping", "show", again).stdout, done.stdout)

    def test_import_errors_leave_nothing(self):
        for words, message in [
            (["import", "."], "--name is needed"),
            (["import", ".", "--name", "a/b"], "cannot be a mapping's name"),
            (["import", "--name", "x"], "exactly one folder"),
            (["import", ".", "--name", "x", "-o", "out.json"], "./format.csv: No such file"),
            (["imprt"], "there is no command 'imprt'; did you mean 'import'?"),
            ([], "which of import, list, show, lookup?"),
        ]:
            with self.subTest(words=words):
                done = self.mer("mapping", *words)
                self.assertEqual(done.returncode, 2)
                self.assertIn(message, done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "out.json")))

    def test_help_and_version(self):
        self.assertEqual(self.mer("--version").returncode, 0)
        for words in (["--help"], ["score", "--help"], ["mapping", "--help"],
                      ["mapping", "import", "--help"], ["mapping", "lookup", "-h"]):
            done = self.mer(*words)
            self.assertEqual(done.returncode, 0, words)
            self.assertIn("Example:", done.stdout, words)
            self.assertEqual(done.stderr, "")
        done = self.mer("scrore")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean 'score'?", done.stderr)

    def test_runs_are_scored_again(self):
        self.put("d.json", json.dumps({
            "format": "mer-dataset/1", "name": "tiny", "table": "truth.csv", "id": "name",
            "truth": {"kind": "labels", "column": "openset"}, "group": "film"}))
        self.put("p.json", json.dumps({
            "format": "mer-description/1", "name": "replayed", "summary": "recorded answers",
            "launch": ["merreplay name=first location=good.csv labels-column=openset",
                       "! merreplay name=last location=bad.csv labels-column=openset"]}))
        self.put("bad.csv", "name,openset,outcome\na,calm,answered\nb,calm,refused\n"
                            "c,angry,answered\n")
        done = self.mer("run", "p.json", "--dataset", "d.json", "--output", "o.mer")
        self.assertIn(done.returncode, (0, 1), done.stderr)

        def again(*words):
            done = self.mer("score", "-m", "tiny.json", "-f", "json", *words)
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout)

        out = again("o.mer")
        self.assertEqual(out["truth"]["groups"], 2)
        system = out["systems"][0]
        self.assertEqual(system["name"], "replayed")
        self.assertAlmostEqual(system["coverage"], 2 / 3)
        self.assertEqual(system["metrics"]["m1"]["f"], 0)
        system = again("--accept", "answered,refused", "o.mer")["systems"][0]
        self.assertAlmostEqual(system["metrics"]["m1"]["precision"], 1 / 3)
        both = again("--stage", "first", "-t", "truth.csv", "-g", "film", "o.mer", "good.csv")
        self.assertEqual(both["systems"][0]["metrics"], both["systems"][1]["metrics"])
        for words, message in [(["--stage", "middle"], "the run 'replayed' has no stage 'middle'; "
                                                       "there are: first, last"),
                               (["--run", "9"], "o.mer: there is no run “9” in it"),
                               (["--accept", "all"], "--accept: 'all' is none of")]:
            done = self.mer("score", "-m", "tiny.json", *words, "o.mer")
            self.assertEqual(done.returncode, 2)
            self.assertIn(message, done.stderr)
        done = self.mer("score", "-m", "tiny.json", "good.csv")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--truth is needed", done.stderr)

    def test_full_disk_is_no_success(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([MER, "score", "-m", "tiny.json", "-t", "truth.csv", "good.csv"],
                                  cwd=self.folder.name, stdout=full, stderr=subprocess.PIPE,
                                  timeout=60, check=False)
        self.assertEqual(done.returncode, 3)

    def test_any_locale(self):
        self.put("ü.csv", GOOD)
        for locale in ("C", "POSIX", "de_DE.UTF-8"):
            done = self.mer("score", "-m", "tiny.json", "-t", "truth.csv", "-f", "json", "ü.csv",
                            env={"LC_ALL": locale})
            self.assertEqual(json.loads(done.stdout)["systems"][0]["name"], "ü")


@unittest.skipUnless(os.path.isdir(SHARED), "the challenges' tables are not here (MER_SHARED_DATA)")
class Reference(unittest.TestCase):
    """Agreement with the field's own code, on the published outputs of five models."""

    def compare(self, name, got, want):
        for metric, figures in want.items():
            figures = {"f": figures} if isinstance(figures, float) else figures
            for key, value in figures.items():
                self.assertAlmostEqual(got[metric][key], value, delta=1e-9, msg=f"{name} {metric}")

    def run_json(self, *words):
        done = subprocess.run([MER, *words], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout) if done.stdout else None

    def test_figures(self):
        with tempfile.TemporaryDirectory() as folder:
            for year in ("2025", "2026"):
                mapping = os.path.join(folder, year + ".json")
                self.run_json("mapping", "import", os.path.join(SHARED, "emotion-wheel", year),
                              "--name", year, "--output", mapping)
                with open(os.path.join(SHARED, "ov-merd", f"official-scores-{year}.json"),
                          encoding="utf-8") as file:
                    want = json.load(file)["systems"]
                out = self.run_json("score", "-m", mapping, "-f", "json", "-t",
                                    os.path.join(SHARED, "ov-merd", "ground-truth.csv"),
                                    *(os.path.join(SHARED, "ov-merd", n + ".csv") for n in want))
                for system in out["systems"]:
                    self.compare(system["name"], system["metrics"], want[system["name"]])
            synthetic = os.path.join(SHARED, "synthetic", "dev500.csv")
            out = self.run_json("score", "-m", mapping, "-f", "json", "-t", synthetic,
                                "--column", "prediction", synthetic)
            with open(synthetic[:-3] + "json", encoding="utf-8") as file:
                self.compare("dev500", out["systems"][0]["metrics"], json.load(file))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
