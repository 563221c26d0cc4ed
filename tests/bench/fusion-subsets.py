#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How good `mer fuse` is on the fifteen published label files: the study's ten files, and
seeded subsets of 4 to 10 files against the best of their files and against vote >= 2.

usage: fusion-subsets.py [--subsets N] [--seed N] [--mapping MAPPING]… [--judge MAPPING]…

Without --mapping both challenge mappings are imported and the built-in one is used too; each
fuses and judges. --judge judges what was fused by every --mapping. Needs MER_SHARED_DATA and,
from a build folder, MER_BUILD_ROOT (`meson test --benchmark` sets both).
"""
import argparse
import os
import random
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pipeline'))
import fusion_support as fusion


def fuse_all(subsets, paths, mapping, strategy, folder):
    out = {}
    for number, subset in enumerate(subsets):
        path = os.path.join(folder, f'{strategy}-{number}.csv')
        fusion.run_well('fuse', '--strategy', strategy, '--mapping', mapping, '--output', path,
                        *(paths[name] for name in subset))
        out[f'{strategy}-{number}'] = path
    return out


def report(fuse_with, judge_with, truth, subsets, paths, folder):
    fused = fuse_all(subsets, paths, fuse_with, 'mbr', folder)
    fused.update(fuse_all(subsets, paths, fuse_with, 'vote', folder))
    figures = fusion.score(judge_with, truth, {**paths, **fused})
    margins = []
    for number, subset in enumerate(subsets[1:], 1):
        rival = max([figures[f'vote-{number}']] + [figures[name] for name in subset])
        margins.append(figures[f'mbr-{number}'] - rival)
    margins.sort()
    best = max(fusion.STUDY, key=figures.get)
    names = [os.path.basename(name).removesuffix('.json') for name in (fuse_with, judge_with)]
    print(f'fused with {names[0]}, judged by {names[1]}: ewl1 of the ten files '
          f'{figures["mbr-0"]:.2f} (vote >= 2 {figures["vote-0"]:.2f}, {best} '
          f'{figures[best]:.2f})')
    if margins:
        won = sum(margin > 0 for margin in margins)
        print(f'  better than both on {won} of {len(margins)} subsets '
              f'({100 * won / len(margins):.1f} %), margin over the better: least '
              f'{margins[0]:+.2f}, median {margins[len(margins) // 2]:+.2f}')
    sys.stdout.flush()
    return figures['mbr-0'], [margin > 0 for margin in margins]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--subsets', type=int, default=200)
    parser.add_argument('--seed', type=int, default=7)
    parser.add_argument('--mapping', action='append')
    parser.add_argument('--judge', action='append')
    args = parser.parse_args()
    data = fusion.shared_data()
    if data is None:
        print('skipped: MER_SHARED_DATA has no published outputs')
        return 77
    generator = random.Random(args.seed)
    subsets = [fusion.STUDY]
    subsets += [generator.sample(fusion.FILES, generator.randint(4, 10))
                for _ in range(args.subsets)]
    paths = {name: os.path.join(data, 'ov-merd', f'{name}.csv') for name in fusion.FILES}
    truth = os.path.join(data, 'ov-merd', 'ground-truth.csv')
    with tempfile.TemporaryDirectory() as folder:
        years = {f'mer{year}': fusion.import_mapping(data, year, folder)
                 for year in (2026, 2025)}
        mappings = [years.get(name, name) for name in args.mapping or [*years, 'builtin']]
        for mapping in mappings:
            for judge in [years.get(name, name) for name in args.judge or [mapping]]:
                report(mapping, judge, truth, subsets, paths, folder)
    return 0


if __name__ == '__main__':
    sys.exit(main())
