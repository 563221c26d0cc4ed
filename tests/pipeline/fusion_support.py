# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests and figures of label fusion share: the command, and label files."""
import csv
import json
import os
import subprocess

SYSTEMS = ['Chat-UniVi', 'Otter', 'Qwen-Audio', 'SALMONN', 'Video-LLaVA']
FILES = [f'{system}.S{mode}' for system in SYSTEMS for mode in (0, 1, 2)]
# what the study in docs/fusion.md fuses: without subtitle, and with it in a second stage
STUDY = [name for name in FILES if not name.endswith('.S1')]


def find_command():
    """the command that was just built, else the installed one"""
    root = os.environ.get('MER_BUILD_ROOT')
    return os.path.join(root, 'tools', 'mer') if root else 'mer'


def run(*words):
    return subprocess.run([find_command(), *words], capture_output=True, text=True)


def run_well(*words):
    done = run(*words)
    if done.returncode != 0:
        raise SystemExit(f'mer {" ".join(words)}: exit {done.returncode}\n{done.stderr}')
    return done.stdout


def shared_data():
    """published outputs and vocabularies, where this machine has them"""
    path = os.environ.get('MER_SHARED_DATA', '')
    return path if os.path.isdir(os.path.join(path, 'ov-merd')) else None


def import_mapping(data, year, folder):
    path = os.path.join(folder, f'mer{year}.json')
    run_well('mapping', 'import', os.path.join(data, 'emotion-wheel', str(year)), '--name',
             f'mer{year}', '--output', path)
    return path


def score(mapping, truth, named_files, metric='ewl1'):
    """the figure of each file, in per cent"""
    words = [f'{name}={path}' for name, path in named_files.items()]
    out = run_well('score', '--mapping', mapping, '--truth', truth, '--resamples', '0',
                   '--format', 'json', *words)
    return {system['name']: 100 * system['metrics'][metric]['f']
            for system in json.loads(out)['systems']}


def write_labels(path, rows):
    with open(path, 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(['name', 'openset'])
        writer.writerows(rows.items())


def read_labels(path):
    with open(path, newline='', encoding='utf-8') as file:
        return {row['name']: row['openset'] for row in csv.DictReader(file)}
