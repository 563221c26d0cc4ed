#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""mer labels as users run it, the built-in mapping made again, and both on shared data."""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

BUILD = os.environ['MER_BUILD_ROOT']
SOURCE = os.environ['MER_SOURCE_ROOT']
SHARED = os.environ.get('MER_SHARED_DATA', '')
MER = os.path.join(BUILD, 'tools', 'mer')
MAPPINGS = os.path.join(SOURCE, 'core', 'emotion', 'mappings')
SYSTEMS = [f'{model}.{mode}' for mode in ('S0', 'S1', 'S2')
           for model in ('Chat-UniVi', 'Otter', 'Qwen-Audio', 'SALMONN', 'Video-LLaVA')]

ANSWERS = [
    ('json', '{"labels": ["sad", "tired"]}', '[sad, tired]', 'json'),
    ('list', 'happy, calm', '[happy, calm]', 'list'),
    ('prose', 'He is not angry,\nbut "worried", and afraid.', '[worried, afraid]', 'prose'),
    ('signs', 'A woman laughs.', '[happy]', 'signs'),
    ('speech', 'A man says, "Forgive me, please, I was wrong."', '[sorry, pleading]', 'speech'),
    ('empty', 'The emotion cannot be determined.', '[]', 'empty'),
    ('nothing', 'A man holds a cup.', '', 'unparseable'),
]


def mer(*arguments):
    return subprocess.run([MER, *arguments], capture_output=True, text=True, check=False)


class Labels(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='mer-labels-')
        self.addCleanup(folder.cleanup)
        self.path = lambda name: os.path.join(folder.name, name)

    def write_csv(self, name, id_column='name', column='reason'):
        with open(self.path(name), 'w', newline='', encoding='utf-8') as file:
            table = csv.writer(file)
            table.writerow([id_column, 'other', column])
            table.writerows([id_, 'x', text] for id_, text, _, _ in ANSWERS)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), newline='', encoding='utf-8') as file:
            return list(csv.DictReader(file))

    def check_rows(self, name):
        self.assertEqual([(row['name'], row['openset']) for row in self.read(name)],
                         [(id_, labels) for id_, _, labels, _ in ANSWERS])

    def test_csv(self):
        source = self.write_csv('a.csv')
        done = mer('labels', source, '--column', 'reason', '--output', self.path('o.csv'),
                   '--with-form', '--format', 'json')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_rows('o.csv')
        self.assertEqual([row['form'] for row in self.read('o.csv')],
                         [form for *_, form in ANSWERS])
        counts = {row['form']: row['answers'] for row in json.loads(done.stdout)}
        self.assertEqual(counts, {form: 1 for *_, form in ANSWERS} | {'refusal': 0})
        self.assertIn('strict 1, lenient 5, refused 0, unreadable 1', done.stderr)

    def test_other_columns(self):
        source = self.write_csv('a.csv', 'id', 'text')
        done = mer('labels', source, '--column', 'text', '--id-column', 'id', '--output',
                   self.path('o.csv'))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_rows('o.csv')

    def test_jsonl(self):
        with open(self.path('a.jsonl'), 'w', encoding='utf-8') as file:
            for id_, text, _, _ in ANSWERS:
                file.write(json.dumps({'name': id_, 'reason': text}) + '\n')
        done = mer('labels', self.path('a.jsonl'), '--output', self.path('o.csv'))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_rows('o.csv')

    def test_no_speech(self):
        done = mer('labels', self.write_csv('a.csv'), '--no-speech', '--output',
                   self.path('o.csv'))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({row['name']: row['openset'] for row in self.read('o.csv')}['speech'], '')

    def test_bad_input(self):
        source = self.write_csv('a.csv')
        twice = self.path('twice.csv')
        with open(twice, 'w', encoding='utf-8') as file:
            file.write('name,reason\na,sad\na,happy\n')
        for arguments, part in [
                ((source, '--column', 'raeson'), 'reason'),
                ((twice,), 'twice.csv:3'),
                ((self.path('none.csv'),), 'none.csv'),
                ((source, '--format', 'xml'), 'xml')]:
            done = mer('labels', *arguments, '--output', self.path('o.csv'))
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(part, done.stderr)
            self.assertEqual(done.stderr.count('\n'), 1, done.stderr)
            self.assertFalse(os.path.exists(self.path('o.csv')))
        done = mer('labels', source, '--output', source)
        self.assertEqual(done.returncode, 2, 'the answers were written over')
        self.assertIn('this file is read too', done.stderr)
        for arguments in ((source,), ('--output', self.path('o.csv'))):
            self.assertEqual(mer('labels', *arguments).returncode, 2)


@unittest.skipUnless(os.path.exists('/usr/share/wordnet/data.noun'), 'no wordnet-base')
class Mapping(unittest.TestCase):
    """what is committed is what the generator makes"""

    def check_made(self, option, name):
        made = subprocess.run([os.path.join(SOURCE, 'tools', 'make-mapping'), option, '-'],
                              capture_output=True, check=True).stdout
        with open(os.path.join(MAPPINGS, name), 'rb') as file:
            self.assertTrue(file.read() == made, f'{name} is not what tools/make-mapping makes')

    def test_mapping(self):
        self.check_made('--output', 'builtin.json')

    def test_words(self):
        self.check_made('--words', 'words.txt')


@unittest.skipUnless(os.path.isdir(os.path.join(SHARED, 'ov-merd')), 'no shared data')
class Judged(unittest.TestCase):
    """how good both are on fifteen published systems (docs/labels.md)"""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='mer-labels-')
        cls.imported = os.path.join(cls.folder.name, 'mer2026.json')
        done = mer('mapping', 'import', os.path.join(SHARED, 'emotion-wheel', '2026'), '--name',
                   'mer2026', '--output', cls.imported)
        assert done.returncode == 0, done.stderr

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def source(self, name):
        return os.path.join(SHARED, 'ov-merd', name + '.csv')

    def score(self, mapping, files):
        done = mer('score', '--mapping', mapping, '--truth', self.source('ground-truth'),
                   '--resamples', '0', '--format', 'json', *files)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    @staticmethod
    def ewl1(report):
        return [100 * system['metrics']['ewl1']['f'] for system in report['systems']]

    def test_labels(self):
        files = []
        for system in SYSTEMS:
            files.append(os.path.join(self.folder.name, system + '.csv'))
            done = mer('labels', self.source(system), '--column', 'reason', '--output', files[-1])
            self.assertEqual(done.returncode, 0, done.stderr)
        found = self.ewl1(self.score(self.imported, files))
        self.assertGreaterEqual(sum(found) / len(found), 43.5)

    def test_mapping(self):
        files = [self.source(system) for system in SYSTEMS]
        report = self.score('builtin', files)
        x, y = self.ewl1(self.score(self.imported, files)), self.ewl1(report)
        n, mx, my = len(x), sum(x) / len(x), sum(y) / len(y)
        r = (sum((a - mx) * (b - my) for a, b in zip(x, y))
             / (sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y)) ** 0.5)
        self.assertGreaterEqual(r, 0.98)
        self.assertLessEqual(sum(abs(a - b) for a, b in zip(x, y)) / n, 2)
        self.assertLessEqual(report['truth']['unknown'], 0.06)


if __name__ == '__main__':
    sys.exit(unittest.main(verbosity=2))
