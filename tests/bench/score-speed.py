#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Times mer score beside a plain Python scorer on 20,000 made predictions, all 12 metrics.

usage: score-speed.py BENCH-SCORE [MAPPING.json]     default: the built-in mapping

The Python side is this project's own, written from the definition of the metric in the way
the field's scripts are: one pass over the samples a metric, dictionaries and sets. Both
sides get their predictions as label strings; both must agree on every figure.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

MER = os.path.join(os.environ["MER_BUILD_ROOT"], "tools", "mer")
N = 20000


def parse(cell):
    cell = cell[1:] if cell.startswith("[") else cell
    cell = cell[:-1] if cell.endswith("]") else cell
    for mark in "'\"":
        cell = cell.replace(mark, ",")
    return [word.strip().lower() for word in cell.split(",") if word.strip()]


class Reference:
    def __init__(self, mapping):
        self.forms = mapping["forms"]
        self.synonyms = mapping["synonyms"]
        self.wheels = mapping["wheels"]

    def group(self, metric, label):
        if label not in self.forms:
            return None
        bases = self.forms[label]
        if metric == "m1":
            return sorted(bases)[0]
        if metric == "m2":
            words = self.synonyms.get(sorted(bases)[0], [])
            return sorted(words)[0] if words else None
        clusters = self.wheels[int(metric[1]) - 1]["level" + metric[3]]
        words = sorted({w for base in bases for w in self.synonyms.get(base, [])})
        return next((clusters[w] for w in words if w in clusters), None)

    def score(self, metric, truths, predictions):
        precisions, recalls = [], []
        for truth, predicted in zip(truths, predictions):
            g = {self.group(metric, w) for w in parse(truth)} - {None}
            p = {self.group(metric, w) for w in parse(predicted)} - {None}
            if not g:
                continue
            precisions.append(len(g & p) / len(p) if p else 0)
            recalls.append(len(g & p) / len(g))
        precision = sum(precisions) / len(precisions) if precisions else 0
        recall = sum(recalls) / len(recalls) if recalls else 0
        both = precision + recall
        return 2 * precision * recall / both if both else 0


def make_files(folder, forms):
    rng = random.Random(1)
    common = rng.sample(forms, 250)
    truths, predictions = [], []
    for _ in range(N):
        truths.append("[" + ", ".join(rng.choices(common, k=rng.randint(1, 6))) + "]")
        words = rng.choices(common, k=rng.randint(0, 4)) + rng.choices(forms, k=1) + ["zorble"]
        predictions.append(str(words))
    for name, cells in (("truth.csv", truths), ("predictions.csv", predictions)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write("name,openset\n")
            for i, cell in enumerate(cells):
                file.write(f'sample_{i:08},"{cell}"\n' if '"' not in cell else
                           f'sample_{i:08},"' + cell.replace('"', '""') + '"\n')
    return truths, predictions


def cpu():
    """of this process and of its children: other work on the machine does not count"""
    return sum(os.times()[:4])


def best_of(n, call):
    times = []
    for _ in range(n):
        start = cpu()
        result = call()
        times.append(cpu() - start)
    return min(times), result


def main():
    name = sys.argv[2] if len(sys.argv) > 2 else "builtin"
    mapping = json.loads(subprocess.run([MER, "mapping", "show", "--json", name], check=True,
                                        capture_output=True, text=True).stdout)
    metrics = ["m1", "m2"] + [f"w{k}l{level}" for level in (1, 2) for k in range(1, 6)]
    with tempfile.TemporaryDirectory() as folder:
        truths, predictions = make_files(folder, list(mapping["forms"]))

        def ours(*options):
            return json.loads(subprocess.run(
                [MER, "score", "-m", name, "-t", "truth.csv", "-f", "json", *options,
                 "predictions.csv"], cwd=folder, check=True, capture_output=True, text=True).stdout)

        reference = Reference(mapping)
        python_time, figures = best_of(
            1, lambda: {m: reference.score(m, truths, predictions) for m in metrics})
        plain_time, out = best_of(5, lambda: ours("--resamples", "0"))
        full_time, _ = best_of(3, ours)
        library_time = float(subprocess.run(
            [sys.argv[1], name, "truth.csv", "predictions.csv"], cwd=folder, check=True,
            capture_output=True, text=True).stdout)
    got = out["systems"][0]["metrics"]
    worst = max(abs(got[m]["f"] - figures[m]) for m in metrics)
    print(f"{N} predictions, 12 metrics, processor time; plain Python: {python_time:.2f} s")
    for what, seconds in (
            ("scoring alone, as the Python does", library_time),
            ("mer score, the whole command: start, files, mapping, five floor rows", plain_time),
            ("the same with 1,000 bootstrap resamples", full_time)):
        print(f"  {seconds:.3f} s  {python_time / seconds:4.0f} x  {what}")
    print(f"  largest difference of a figure: {worst:.0e}")
    sys.exit(worst > 1e-9)


main()
