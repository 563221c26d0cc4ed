# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Python module mer_exec, spoken to as merexec speaks to it."""
import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.environ["MER_SOURCE_ROOT"]
MODULE = os.path.join(SOURCE, "plugins", "backends", "exec", "python")
EXAMPLE = os.path.join(SOURCE, "plugins", "backends", "exec", "examples", "hf_mllm.py")


class Program:
    """A program under test, and the two streams to it."""

    def __init__(self, text, *arguments):
        self.folder = tempfile.TemporaryDirectory()
        path = EXAMPLE
        if text is not None:
            path = os.path.join(self.folder.name, "model.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        self.process = subprocess.Popen(
            [sys.executable, path, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": MODULE})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self.folder.cleanup()

    def read(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def write(self, *lines):
        for line in lines:
            data = line if isinstance(line, bytes) else json.dumps(line).encode()
            self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def ask(self, **members):
        self.write({"id": "r1", "media": "files", "prompt": "p", **members})
        return self.read()

    def end(self):
        self.process.stdin.close()
        self.process.stdin = None
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors.decode()


def serve(body, **arguments):
    options = "".join(f", {name}={value!r}" for name, value in arguments.items())
    return f"import mer_exec\ndef answer(request):\n    {body}\nmer_exec.serve(answer{options})\n"


class TestHello(unittest.TestCase):
    def test_hello(self):
        with Program(serve("return 'x'", model="m", version="2", modalities=["audio"], concurrency=2, batch=3)) as p:
            hello = p.read()
            self.assertEqual(hello["mer-exec"], 1)
            self.assertEqual((hello["model"], hello["version"], hello["modalities"]), ("m", "2", ["audio"]))
            self.assertEqual((hello["media"], hello["concurrency"], hello["name"]), ("files", 6, "model.py"))
            self.assertEqual(p.end()[0], 0)

    def test_fingerprint_follows_the_program(self):
        prints = set()
        for text in ["return 'x'", "return 'y'", "return 'x'"]:
            with Program(serve(text)) as p:
                prints.add(p.read()["fingerprint"])
        self.assertEqual(len(prints), 2)

    def test_bad_arguments(self):
        for bad in [{"modalities": ["smell"]}, {"media": "x"}, {"batch": 0}]:
            with Program(serve("return 'x'", **bad)) as p:
                self.assertIsNone(p.read())
                self.assertIn("ValueError", p.end()[1])

    def test_load(self):
        text = ("import mer_exec\ndef load():\n    mer_exec.progress(0.5, 'half')\n    print('printed')\n    return 7\n"
                "mer_exec.serve(lambda request, loaded: str(loaded), load=load)\n")
        with Program(text) as p:
            self.assertEqual(p.read(), {"progress": 0.5, "message": "half"})
            self.assertEqual(p.read()["mer-exec"], 1)
            self.assertEqual(p.ask()["text"], "7")
            self.assertIn("printed", p.end()[1])

    def test_load_fails(self):
        with Program("import mer_exec\nmer_exec.serve(print, load=lambda: 1 / 0)\n") as p:
            self.assertIsNone(p.read())
            code, errors = p.end()
            self.assertEqual(code, 1)
            self.assertIn("ZeroDivisionError", errors)


class TestAnswers(unittest.TestCase):
    def check(self, body, expected, arguments=None, **request):
        with Program(serve(body, **(arguments or {}))) as p:
            p.read()
            answer = p.ask(**request)
            self.assertEqual(answer.pop("id"), "r1")
            self.assertEqual(answer, expected)
            self.assertEqual(p.end()[0], 0)

    def test_kinds(self):
        self.check("return 'happy'", {"text": "happy"})
        self.check("return ['happy', 'calm']", {"labels": ["happy", "calm"]})
        self.check("return {'text': 'x', 'reasoning': 'y'}", {"text": "x", "reasoning": "y"})
        self.check("return mer_exec.Answer('x', usage={'input': 3}, outcome='truncated')",
                   {"text": "x", "usage": {"input": 3}, "outcome": "truncated"})
        self.check("return '\\ud83d \\u00e4'", {"text": "\ud83d \u00e4"})
        self.check("raise mer_exec.Refused('no')", {"outcome": "refused", "text": "no"})
        self.check("raise mer_exec.TryAgain('busy')", {"error": {"message": "TryAgain: busy", "retry": True}})
        self.check("raise KeyError('k')", {"error": {"message": "KeyError: 'k'", "retry": False}})
        self.check("return None", {"error": {
            "message": "TypeError: answer () returned None; return a text, a list of words, a dict or an Answer",
            "retry": False}})

    def test_request(self):
        self.check("return [request.prompt, request.system, request.subtitle, request.options['a'], request.seed, "
                   "request.temperature, request.json]",
                   {"labels": ["p", "s", "t", "1", "5", "0.5", "True"]}, system="s", subtitle="t",
                   options={"a": 1}, seed=5, temperature=0.5, json=True)

    def test_files(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"abc")
            file.flush()
            media = {"type": "audio/wav", "seconds": 2.5, "content": file.name}
            self.check("return [request.audio.path, request.audio.bytes.decode(), request.audio.seconds]",
                       {"labels": [file.name, "abc", "2.5"]}, audio=media)

    def test_base64(self):
        media = {"type": "image/jpeg", "seconds": 0.5, "content": base64.b64encode(b"abc").decode()}
        self.check("f = request.frames[0]; return [open(f.path).read(), f.bytes.decode(), f.path[-4:]]",
                   {"labels": ["abc", "abc", ".jpg"]}, media="base64", frames=[media])

    def test_lacking_modality(self):
        self.check("return 'x'", {"error": {"message": "ValueError: this model takes no text", "retry": False}},
                   {"modalities": ["audio"]}, subtitle="t")


class TestStreams(unittest.TestCase):
    def test_prints_do_not_reach_the_wire(self):
        body = "print('loud'); import os; os.system('echo louder'); os.write(1, b'loudest\\n'); return 'x'"
        with Program(serve(body)) as p:
            p.read()
            self.assertEqual(p.ask()["text"], "x")
            errors = p.end()[1]
            for word in ["loud\n", "louder", "loudest"]:
                self.assertIn(word, errors)

    def test_the_next_goes_on(self):
        with Program(serve("return {'ok': 'good'}[request.prompt]")) as p:
            p.read()
            self.assertIn("error", p.ask(prompt="bad"))
            self.assertEqual(p.ask(prompt="ok")["text"], "good")
            self.assertIn("Traceback", p.end()[1])

    def test_odd_lines(self):
        with Program(serve("return 'x'")) as p:
            p.read()
            p.write(b"", b"no json", b"[1]", b'{"id": 3}', b'{"id":"r0","frames":[{}]}', b"\xff\xfe", b'{"future": 1}')
            self.assertEqual(p.read()["id"], 3)
            self.assertEqual(p.ask()["text"], "x")
            self.assertEqual(p.end()[0], 0)

    def test_long_line(self):
        with Program(serve("return str(len(request.prompt))")) as p:
            p.read()
            self.assertEqual(p.ask(prompt="x" * 5000000)["text"], "5000000")

    def test_cancel(self):
        with Program(serve("return 'x' if not request.cancelled else 'y'", batch_wait=0)) as p:
            p.read()
            p.write({"cancel": "r2"}, {"id": "r2", "prompt": "p"}, {"id": "r3", "prompt": "p"})
            self.assertEqual(p.read(), {"id": "r3", "text": "x"})

    def test_terminate(self):
        with Program(serve("import time; time.sleep(60)")) as p:
            p.read()
            p.write({"id": "r1", "prompt": "p"})
            p.process.send_signal(signal.SIGTERM)
            self.assertEqual(p.process.wait(timeout=30), 0)

    def test_concurrency(self):
        text = ("import mer_exec, threading\nbarrier = threading.Barrier(2)\n"
                "def answer(request):\n    barrier.wait(20)\n    return request.id\n"
                "mer_exec.serve(answer, concurrency=2)\n")
        with Program(text) as p:
            p.read()
            p.write({"id": "r1", "prompt": "p"}, {"id": "r2", "prompt": "p"})
            self.assertEqual({p.read()["text"], p.read()["text"]}, {"r1", "r2"})
            self.assertEqual(p.end()[0], 0)


class TestBatch(unittest.TestCase):
    BODY = "return [f'{len(request)}' if r.prompt != 'bad' else 1 / 0 for r in request]"

    def ask(self, *prompts):
        with Program(serve(self.BODY, batch=3, batch_wait=5)) as p:
            p.read()
            p.write(*[{"id": f"r{i}", "prompt": prompt} for i, prompt in enumerate(prompts)])
            answers = [p.read() for _ in prompts]
            p.end()
            return answers

    def test_together(self):
        self.assertEqual([answer["text"] for answer in self.ask("a", "b", "c")], ["3", "3", "3"])

    def test_one_that_breaks_it(self):
        answers = self.ask("a", "bad", "c")
        self.assertEqual([answer.get("text") for answer in answers], ["1", None, "1"])
        self.assertIn("ZeroDivisionError", answers[1]["error"]["message"])

    def test_wrong_number(self):
        with Program(serve("return ['x', 'y']", batch=3, batch_wait=0)) as p:
            p.read()
            self.assertIn("2 answers to 1 requests", p.ask()["error"]["message"])


class TestExample(unittest.TestCase):
    def test_dry(self):
        with Program(None, "--dry") as p:
            self.assertEqual(p.read()["model"], "dry")
            answer = p.ask(subtitle="hi")
            self.assertEqual(json.loads(answer["text"]), {"labels": ["surprised"]})
            self.assertEqual(answer["usage"]["input"], 1)
            self.assertEqual(p.end()[0], 0)


if __name__ == "__main__":
    unittest.main()
