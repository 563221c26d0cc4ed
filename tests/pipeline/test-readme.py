#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the worked examples of README.md and holds what they print to what README shows.

usage: test-readme.py README BUILD SOURCE

An example is a ```sh block; a ```text block after it is what it prints. Figures may differ
from machine to machine, so numbers are compared as numbers of figures, not by value.
Examples that ask a server at port 8080 get the test server, which stands in for a model.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

README, BUILD, SOURCE = (os.path.abspath(path) for path in sys.argv[1:4])
FENCE = re.compile(r'^```(\w+)\n(.*?)^```$', re.M | re.S)


def examples(text):
    """(title, command, expected or None) for each sh block of the parts with examples."""
    part = text[text.index('## Five examples'):text.index('## Where things are')]
    for section in re.split(r'^##+ ', part, flags=re.M)[2:]:
        blocks = FENCE.findall(section)
        for i, (kind, body) in enumerate(blocks):
            if kind != 'sh':
                continue
            after = blocks[i + 1] if i + 1 < len(blocks) else ('', None)
            yield section.split('\n', 1)[0], body, after[1] if after[0] == 'text' else None


def shape(text):
    """A text without the values of its figures and without the widths of its columns."""
    lines = []
    for line in text.strip().splitlines():
        line = re.sub(r'[0-9a-f]{12}…', '#', line)
        line = re.sub(r'\d+(\.\d+)?', '#', line)
        line = re.sub(r'(#|[+-])[#…+-]*', '#', line)
        lines.append(' '.join(line.split()))
    return lines


def start_server(folder):
    server = subprocess.Popen(
        [os.path.join(BUILD, 'tests/support/mer-test-server'), '--port', '0', '--die-with-parent'],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    port = re.search(r':(\d+)', server.stdout.readline()).group(1)
    # as a user would: what differs, entry by entry
    models = {name: {'properties': {'uri': f'http://127.0.0.1:{port}/v1'}} for name in ['local', 'local-text']}
    with open(os.path.join(folder, 'models.json'), 'w', encoding='utf-8') as out:
        json.dump({'format': 'mer-models/1', 'models': models}, out)
    return server, port


def lay_out(folder):
    """The folders that the examples name, as they stand after ./tools/demo."""
    # not a link: the batch leads up from its own folder to build/demo
    shutil.copytree(os.path.join(SOURCE, 'pipelines'), os.path.join(folder, 'pipelines'))
    os.mkdir(os.path.join(folder, 'build'))
    for name in ('tools', 'plugins'):
        os.symlink(os.path.join(BUILD, name), os.path.join(folder, 'build', name))
    os.mkdir(os.path.join(folder, 'build', 'demo'))
    subprocess.run([os.path.join(BUILD, 'tools/demo-set/make-demo-set'), 'build/demo'], cwd=folder,
                   check=True, stdout=subprocess.DEVNULL)


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder)
        data = os.path.join(folder, 'data')
        os.mkdir(data)
        server, port = start_server(data)
        environment = dict(os.environ, MER_DATA_PATH=data,
                           PATH=os.path.join(BUILD, 'tools') + ':' + os.environ['PATH'])
        for title, command, expected in examples(open(README, encoding='utf-8').read()):
            done = subprocess.run(['bash', '-euo', 'pipefail', '-c', command.replace('8080', port)],
                                  cwd=folder, env=environment, capture_output=True, text=True,
                                  timeout=300)
            problem = None
            if done.returncode != 0:
                problem = f'exit {done.returncode}'
            elif expected is not None and shape(done.stdout) != shape(expected):
                problem = 'prints something else than README shows'
            print(('FAIL ' if problem else 'ok   ') + title)
            if problem:
                failed += 1
                print(f'{problem}\n--- command\n{command}--- printed\n{done.stdout}--- stderr\n{done.stderr}')
        server.kill()
    return 1 if failed else 0


sys.exit(main())
