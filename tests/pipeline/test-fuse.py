#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""mer fuse on label files, and the same through merreplay stages and mervote."""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

import fusion_support as fusion

WORDS = {
    'angry': ['angry', 'furious', 'mad', 'irritated'],
    'happy': ['happy', 'glad', 'delighted', 'cheerful'],
    'sad': ['sad', 'gloomy', 'sorrowful', 'down'],
    'scared': ['scared', 'afraid', 'worried', 'anxious'],
}
UNKNOWN = ['neutral', 'so-so']
STRATEGIES = ['mbr', 'vote', 'union', 'cascade']


def make_mapping(path):
    """four clusters in all wheels; every second word is a level of its own"""
    level1 = {base: base for base in WORDS}
    mapping = {
        'format': 'mer-mapping/1', 'name': 'four', 'source': 'made by a test',
        'licence': 'LGPL-2.1-or-later',
        'forms': {word: [base] for base, words in WORDS.items() for word in words},
        'synonyms': {base: [base] for base in WORDS},
        'wheels': [{'name': f'wheel{k}', 'level1': level1, 'level2': level1}
                   for k in range(1, 6)],
    }
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(mapping, file)


def make_files(folder, n_files, n_samples, seed):
    """systems that name the sample's emotion in a word of their own more often than not"""
    generator = random.Random(seed)
    every = [word for words in WORDS.values() for word in words] + UNKNOWN
    moods = [generator.choice(list(WORDS)) for _ in range(n_samples)]
    paths = []
    for number in range(1, n_files + 1):
        rows = {}
        for sample, mood in enumerate(moods):
            words = [generator.choice(WORDS[mood])] if generator.random() < 0.6 else []
            words += generator.sample(every, generator.randint(0, 2))
            rows[f's{sample:03}'] = '[' + ', '.join(words) + ']'
        path = os.path.join(folder, f'system{number}.csv')
        fusion.write_labels(path, rows)
        paths.append(path)
    return paths


def run_graph(folder, paths, fuse_element):
    """the labels that a graph of merreplay stages and a fusion gives, by sample"""
    table = os.path.join(folder, 'samples.csv')
    ids = list(fusion.read_labels(paths[0]))
    fusion.write_labels(table, {name: '' for name in ids})
    dataset = os.path.join(folder, 'set.json')
    records = os.path.join(folder, 'records.jsonl')
    with open(dataset, 'w', encoding='utf-8') as file:
        json.dump({'format': 'mer-dataset/1', 'name': 'set', 'table': 'samples.csv',
                   'id': 'name'}, file)
    words = ['gst-launch-1.0', '-q', 'merdatasetsrc', f'dataset={dataset}', '!']
    for number, path in enumerate(paths, 1):
        words += ['merreplay', f'name=f{number}', f'location={path}',
                  'labels-column=openset', '!']
    words += fuse_element + ['!', 'mersampleenc', '!', 'filesink', f'location={records}']
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f'{" ".join(words)}\n{done.stderr}')
    out = {}
    with open(records, encoding='utf-8') as file:
        for line in file:
            record = json.loads(line)
            labels = record['results'][-1]['labels']
            out[record['id']] = '[' + ', '.join(
                label if isinstance(label, str) else label['label'] for label in labels) + ']'
    return out


def write_dataset(folder, table):
    """a dataset of samples without clips; the label lists of the table stand for a truth"""
    path = os.path.join(folder, 'study.json')
    with open(path, 'w', encoding='utf-8') as file:
        json.dump({'format': 'mer-dataset/1', 'name': 'study', 'table': os.path.basename(table),
                   'id': 'name', 'truth': {'kind': 'labels', 'column': 'openset'}}, file)
    return path


def run_description(folder, description, dataset, paths, settings):
    """the labels that a shipped description gives, by sample, and the table it prints"""
    store = os.path.join(folder, 'study.mer')
    fused = os.path.join(folder, 'from-store.csv')
    words = []
    for number, path in enumerate(paths, 1):
        settings = {**settings, f'file{number}': path}
    for name, value in settings.items():
        words += ['--set', f'{name}={value}']
    table = fusion.run_well('run', description, '--dataset', dataset, '--output', store,
                            '--format', 'json', *words)
    fusion.run_well('export', store, '--what', 'labels', '--output', fused)
    return fusion.read_labels(fused), json.loads(table)


class Fuse(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        self.addCleanup(self.temporary.cleanup)
        self.mapping = os.path.join(self.folder, 'four.json')
        self.output = os.path.join(self.folder, 'out.csv')
        make_mapping(self.mapping)

    def path(self, name, rows):
        path = os.path.join(self.folder, name)
        fusion.write_labels(path, rows)
        return path

    def fuse(self, *words):
        fusion.run_well('fuse', '--mapping', self.mapping, '--output', self.output, *words)
        return fusion.read_labels(self.output)

    def refuse(self, *words):
        done = fusion.run('fuse', '--mapping', self.mapping, '--output', self.output, *words)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, '')
        self.assertFalse(os.path.exists(self.output))
        self.assertEqual(sorted(name for name in os.listdir(self.folder)
                                if name.startswith('out')), [])
        return done.stderr

    def test_words_of_a_cluster_support_each_other(self):
        files = [self.path('a.csv', {'s1': "['mad', 'glad']", 's2': '[]'}),
                 self.path('b.csv', {'s1': '[furious]', 's2': '[]'}),
                 self.path('c.csv', {'s1': '[irritated]', 's2': '[sad]'})]
        self.assertEqual(self.fuse(*files), {'s1': '[furious]', 's2': '[sad]'})
        self.assertEqual(self.fuse('--strategy', 'vote', *files), {'s1': '[angry]', 's2': '[]'})
        self.assertEqual(self.fuse('--strategy', 'union', *files)['s1'],
                         '[mad, glad, furious, irritated]')
        self.assertEqual(self.fuse('--strategy', 'cascade', *files),
                         {'s1': '[mad, glad]', 's2': '[sad]'})

    def test_the_order_of_files_does_not_matter(self):
        files = make_files(self.folder, 6, 40, 3)
        self.assertEqual(self.fuse(*files), self.fuse(*reversed(files)))

    def test_weights_and_names(self):
        files = [self.path('a.csv', {'s1': '[mad]'}), self.path('b.csv', {'s1': '[glad]'})]
        self.assertEqual(self.fuse('--weights', 'b=2', *files)['s1'], '[glad]')
        self.assertEqual(self.fuse('--weights', 'x=2', 'x=' + files[0], files[1])['s1'],
                         '[mad]')
        os.unlink(self.output)
        self.assertIn("'z'; the names are a, b", self.refuse('--weights', 'z=2', *files))

    def test_missing_samples(self):
        files = [self.path('a.csv', {'s1': '[mad]', 's2': '[sad]'}),
                 self.path('b.csv', {'s2': '[sad]', 's3': '[glad]'})]
        message = self.refuse(*files)
        self.assertIn("b.csv: no sample 's1'", message)
        self.assertIn('a.csv:2', message)
        self.assertEqual(list(self.fuse('--missing', 'skip', *files)), ['s2'])
        self.assertEqual(self.fuse('--missing', 'empty', *files),
                         {'s1': '[mad]', 's2': '[sad]', 's3': '[glad]'})

    def test_bad_input_is_one_clear_line(self):
        good = self.path('a.csv', {'s1': '[mad]'})
        twice = os.path.join(self.folder, 'twice.csv')
        with open(twice, 'w', encoding='utf-8') as file:
            file.write('name,openset\ns1,[mad]\ns1,[sad]\n')
        for words, part in [
                ([good, os.path.join(self.folder, 'none.csv')], 'none.csv'),
                ([twice], "s1"),
                (['--column', 'label', good], 'label'),
                (['--id-column', 'key', good], 'key'),
                (['--strategy', 'majority', good], 'majority'),
                (['--missing', 'never', good], 'never'),
                (['--precision-weight', '-1', good], '--precision-weight'),
                (['--threshold', 'nan', good], '--threshold'),
                (['--weights', 'a', good], 'a'),
                ([good, good], "'a'"),
        ]:
            message = self.refuse(*words)
            self.assertIn(part, message)
            self.assertEqual(message.count('\n'), 1, message)
        for words in ([], ['--stratgy', 'vote', good]):
            self.refuse(*words)

    def test_no_input_is_written_over(self):
        good = self.path('a.csv', {'s1': '[mad]'})
        for word in (good, 'first=' + good):
            done = fusion.run('fuse', '--strategy', 'union', '--output', good, word)
            self.assertEqual(done.returncode, 2)
            self.assertIn('this file is read too', done.stderr)

    def test_an_unwritable_output_leaves_nothing(self):
        good = self.path('a.csv', {'s1': '[mad]'})
        done = fusion.run('fuse', '--mapping', self.mapping, '--output',
                          os.path.join(self.folder, 'no', 'folder.csv'), good)
        self.assertEqual(done.returncode, 2)
        self.assertIn('folder', done.stderr)

    def test_graph_gives_the_same(self):
        files = make_files(self.folder, 5, 60, 11)
        for strategy in STRATEGIES:
            with self.subTest(strategy=strategy):
                element = ['mervote', f'strategy={strategy}', f'mapping={self.mapping}']
                self.assertEqual(run_graph(self.folder, files, element),
                                 self.fuse('--strategy', strategy, *files))
        self.assertEqual(run_graph(self.folder, files, ['merunion']),
                         self.fuse('--strategy', 'union', *files))
        self.assertEqual(run_graph(self.folder, files, ['mercascade']),
                         self.fuse('--strategy', 'cascade', *files))


    def test_shipped_description_gives_the_same(self):
        files = make_files(self.folder, 3, 30, 5)
        dataset = write_dataset(self.folder, files[0])
        for strategy in STRATEGIES:
            with self.subTest(strategy=strategy):
                settings = {'mapping': self.mapping, 'strategy': strategy}
                labels, _ = run_description(self.folder, 'replay-fusion-3', dataset, files,
                                            settings)
                self.assertEqual(labels, self.fuse('--strategy', strategy, *files))

    def test_shipped_description_stops_where_a_file_lacks_a_sample(self):
        files = make_files(self.folder, 3, 4, 5)
        dataset = write_dataset(self.folder, files[0])
        short = self.path('short.csv', {'s000': '[sad]'})
        words = ['run', 'replay-fusion-3', '--dataset', dataset, '--output',
                 os.path.join(self.folder, 'study.mer'), '--set', f'mapping={self.mapping}',
                 '--set', f'file1={files[0]}', '--set', f'file2={files[1]}']
        done = fusion.run(*words, '--set', f'file3={short}')
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn('short.csv has no answer for sample “s001”', done.stderr)
        done = fusion.run(*words)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn('file3', done.stderr)

    def test_example_study(self):
        study = os.path.join(os.environ['MER_SOURCE_ROOT'], 'pipelines', 'examples',
                             'replay-study.json')
        table = fusion.run_well('run', study, '--format', 'json', '--output',
                                os.path.join(self.folder, 'study.mer'))
        figures = {row['run']: row['summary']['metrics']['ewl1']['f']
                   for row in json.loads(table) if row['run'].startswith('strategy=')}
        self.assertEqual(sorted(figures),
                         sorted(f'strategy={strategy}' for strategy in STRATEGIES))
        self.assertEqual(max(figures, key=figures.get), 'strategy=mbr')


@unittest.skipUnless(fusion.shared_data(), 'MER_SHARED_DATA has no published outputs')
class Study(unittest.TestCase):
    def test_ten_files(self):
        data = fusion.shared_data()
        paths = {name: os.path.join(data, 'ov-merd', f'{name}.csv') for name in fusion.FILES}
        truth = os.path.join(data, 'ov-merd', 'ground-truth.csv')
        study = [paths[name] for name in fusion.STUDY]
        with tempfile.TemporaryDirectory() as folder:
            mapping = fusion.import_mapping(data, 2026, folder)
            fused = os.path.join(folder, 'fused.csv')
            fusion.run_well('fuse', '--mapping', mapping, '--output', fused, *study)
            figures = fusion.score(mapping, truth, {'fused': fused})
            self.assertGreaterEqual(figures['fused'], 65.5)
            graph = run_graph(folder, study, ['mervote', f'mapping={mapping}'])
            self.assertEqual(graph, fusion.read_labels(fused))

            table = os.path.join(folder, 'ground-truth.csv')
            shutil.copy(truth, table)
            labels, rows = run_description(folder, 'replay-fusion-10',
                                           write_dataset(folder, table), study,
                                           {'mapping': mapping})
            self.assertEqual(labels, graph)
            self.assertGreaterEqual(rows[0]['summary']['metrics']['ewl1']['f'], 0.655)


if __name__ == '__main__':
    if not fusion.shared_data():
        print('the study over published outputs is left out: MER_SHARED_DATA has none',
              file=sys.stderr)
    unittest.main()
