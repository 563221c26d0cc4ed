# SPDX-License-Identifier: LGPL-2.1-or-later
"""The demo as a user runs it: makes the clips, describes them offline, scores the words."""
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.environ['MER_BUILD_ROOT']
MER = os.path.join(ROOT, 'tools', 'mer')
MAKE = os.path.join(ROOT, 'tools', 'demo-set', 'make-demo-set')
# which stages find nothing to work on, and why
SKIPPED = {
    'joy-silent': {'voice': 'no audio'},
    'anger-call': {'motion': 'no picture'},
    'sadness-call': {'motion': 'no picture', 'words': 'no subtitle'},
    'neutral-train': {'words': 'no subtitle'},
    'joy-dance': {'words': 'no subtitle'},
}


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f'{" ".join(words)}: exit {done.returncode}\n{done.stderr}')
    return done.stdout


def describe(folder):
    """the demo's samples and summary, from clips made anew"""
    clips, store = os.path.join(folder, 'clips'), os.path.join(folder, 'demo.mer')
    run(MAKE, clips)
    table = json.loads(run(MER, 'run', 'offline-trimodal', '--dataset',
                           os.path.join(clips, 'demo.json'), '--output', store,
                           '--format', 'json'))
    lines = run(MER, 'export', store, '--what', 'samples', '--format', 'jsonl').splitlines()
    return {record['id']: record for record in map(json.loads, lines)}, table


def check_outcomes(samples):
    assert len(samples) == 14, len(samples)
    for name, sample in samples.items():
        stages = {result['stage']: result for result in sample['results']}
        for stage in ('voice', 'motion', 'words', 'fused'):
            result, why = stages[stage], SKIPPED.get(name, {}).get(stage)
            expected = 'skipped' if why else 'answered'
            assert result['outcome'] == expected, (name, stage, result)
            assert not why or why in result['detail'], (name, stage, result)


def check_arousal(samples):
    """by how they were made: joy and anger above sadness and calm, each against each"""
    def arousal(prefix):
        return [result['data']['arousal'] for name, sample in samples.items()
                if name.startswith(prefix) for result in sample['results']
                if result['stage'] == 'voice' and result['outcome'] == 'answered']
    high, low = arousal(('joy', 'anger')), arousal(('sadness', 'calm', 'fine', 'boredom'))
    assert len(high) == 4 and len(low) == 5, (high, low)
    assert min(high) > max(low), (high, low)


def check_score(table):
    """the set is made to be readable: it must be read better than by any blind guess"""
    summary = table[0]['summary']
    reached = summary['metrics']['ewl1']['f']
    floors = {row['name']: row['metrics']['ewl1']['f'] for row in summary['floors']
              if 'truth itself' not in row['name']}
    assert floors and reached > max(floors.values()) + 0.2, (reached, floors)


def without_times(samples):
    """what must be the same in every run"""
    return {name: [(result['stage'], result['outcome'], result.get('text'),
                    result.get('labels')) for result in sample['results']]
            for name, sample in samples.items()}


def main():
    with tempfile.TemporaryDirectory() as folder:
        first, table = describe(os.path.join(folder, 'a'))
        second, _ = describe(os.path.join(folder, 'b'))
    check_outcomes(first)
    check_arousal(first)
    for name, results in without_times(first).items():
        assert results == without_times(second)[name], name
    check_score(table)


if __name__ == '__main__':
    main()
