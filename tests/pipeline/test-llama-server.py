# SPDX-License-Identifier: LGPL-2.1-or-later
"""meropenai against a real llama-server: what it answers, and every way in which it fails.

MER_LLAMA_SERVER names the program, MER_SHARED_DATA holds two models of random weights for it
(peer/text.gguf, peer/mmproj-omni.gguf): the wire is real, the answers are noise. Skipped where
either is not there.
"""
import base64
import contextlib
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

SKIP = 77
PROGRAM = os.environ.get("MER_LLAMA_SERVER", "")
PEER = os.path.join(os.environ.get("MER_SHARED_DATA", ""), "peer")
MER = os.path.join(os.environ["MER_BUILD_ROOT"], "tools", "mer")
FAILURES = []
# nothing but what a case says about the model is set
ASK = {"format": "mer-description/1", "name": "ask", "summary": "one model, asked plainly",
       "parameters": {"frames": {"type": "integer", "minimum": 1, "maximum": 64, "default": 8, "sets": ["media.frames"]}},
       "launch": ["mermedia name=media max-side=160", "! mermodel name=answer model=local"]}

TEXT = ["-m", os.path.join(PEER, "text.gguf")]
OMNI = [*TEXT, "--mmproj", os.path.join(PEER, "mmproj-omni.gguf")]
# what every model entry has unless a case says otherwise
USUAL = {"dialect": "llamacpp", "max-tokens": 24}


BEGAN = time.monotonic()


def note(what):
    """so that a log of a slow machine shows where the time went"""
    print(f"{time.monotonic() - BEGAN:6.1f} s: {what}", flush=True)


def check(what, truth, detail=""):
    if not truth:
        FAILURES.append(what)
        print("FAIL", what, detail, flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder, arguments, port, environment=None):
    with open(os.path.join(folder, "llama.log"), "a", encoding="utf-8") as log:
        return subprocess.Popen(
            [PROGRAM, "--host", "127.0.0.1", "--port", str(port), *arguments], stdout=log, stderr=log,
            env={**os.environ, "LD_LIBRARY_PATH": os.path.dirname(PROGRAM), **(environment or {})})


def wait_until_ready(port, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
            return
        time.sleep(0.05)
    raise TimeoutError("llama-server does not get ready")


@contextlib.contextmanager
def server(folder, *arguments, environment=None):
    port = free_port()
    child = start(folder, arguments, port, environment)
    try:
        wait_until_ready(port)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        child.kill()
        child.wait()


@contextlib.contextmanager
def breaking_relay(uri, change):
    """Hands requests on with `change` done to their bodies, and answers back as they come."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = change(self.rfile.read(int(self.headers["Content-Length"])))
            request = urllib.request.Request(uri + self.path, body, {"Content-Type": "application/json"})
            try:
                reply = urllib.request.urlopen(request, timeout=30)
            except urllib.error.HTTPError as error:
                reply = error
            with reply:
                data = reply.read()
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.headers["Content-Type"])
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *_):
            pass

    relay = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=relay.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{relay.server_address[1]}"
    finally:
        relay.shutdown()
        relay.server_close()


def write_schema(folder):
    """labels out of a few words, which a grammar makes quickly out of noise"""
    path = os.path.join(folder, "labels.schema.json")
    words = ["happy", "sad", "angry", "afraid", "calm"]
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"type": "object", "additionalProperties": False, "required": ["labels"], "properties": {
            "labels": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"enum": words}}}}, file)
    return path


def launch(*pipeline):
    return subprocess.run(["gst-launch-1.0", "-q", *pipeline], timeout=120, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False).returncode == 0


def make_clip(path):
    """two seconds of picture and sound"""
    launch("matroskamux", "name=mux", "!", "filesink", f"location={path}",
           "videotestsrc", "num-buffers=20", "pattern=ball", "!", "video/x-raw,width=160,height=120,framerate=10/1",
           "!", "videoconvert", "!", "x264enc", "!", "h264parse", "!", "mux.",
           "audiotestsrc", "num-buffers=20", "samplesperbuffer=1600", "!", "audio/x-raw,rate=16000,channels=1",
           "!", "audioconvert", "!", "flacenc", "!", "mux.")


def read_image(folder, encoder):
    path = os.path.join(folder, f"{encoder}.image")
    done = launch("videotestsrc", "num-buffers=1", "!", "video/x-raw,width=64,height=48", "!", "videoconvert", "!",
                  encoder, "!", "filesink", f"location={path}")
    if not done or not os.path.getsize(path):
        return None
    with open(path, "rb") as file:
        return base64.b64encode(file.read()).decode()


class Bench:
    """Clips, and what gst-mer makes of them when it asks."""

    def __init__(self, folder):
        self.folder = folder
        self.clip = os.path.join(folder, "clip.mkv")
        self.description = os.path.join(folder, "ask.json")
        self.labels = {"answer-format": "json-schema", "max-tokens": 100, "schema": write_schema(folder)}
        make_clip(self.clip)
        with open(self.description, "w", encoding="utf-8") as file:
            json.dump(ASK, file)

    def many(self, count):
        clips = os.path.join(self.folder, f"clips-{count}")
        if not os.path.isdir(clips):
            os.makedirs(clips)
            for i in range(count):
                shutil.copy(self.clip, os.path.join(clips, f"{i:03}.mkv"))
                # so that no two are asked the same
                with open(os.path.join(clips, f"{i:03}.srt"), "w", encoding="utf-8") as file:
                    file.write(f"1\n00:00:00,000 --> 00:00:02,000\nclip number {i}\n")
        return clips

    def run(self, uri, properties, *arguments, clips=None, output=None, modalities=("audio", "video", "text")):
        models = os.path.join(self.folder, f"models-{time.monotonic_ns()}.json")
        entry = {"backend": "meropenai", "properties": {"uri": uri, "model": "tiny", **USUAL, **properties},
                 "modalities": list(modalities)}
        with open(models, "w", encoding="utf-8") as file:
            json.dump({"format": "mer-models/1", "models": {"local": entry}}, file)
        output = output or os.path.join(self.folder, f"out-{time.monotonic_ns()}.mer")
        done = subprocess.run([MER, "run", self.description, "--clips", clips or self.clip, "--models", models,
                               "--output", output, *arguments],
                              cwd=self.folder, capture_output=True, text=True, timeout=300, check=False)
        exported = subprocess.run([MER, "export", output, "--what", "samples", "--format", "jsonl"],
                                  cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        samples = [json.loads(line) for line in exported.stdout.splitlines()]
        return done, [next((r for r in s["results"] if r.get("kind", "backend") == "backend"), {}) for s in samples]

    def expect(self, name, uri, properties, outcome, detail=None, attempts=1, reason=None, **more):
        done, results = self.run(uri, properties, **more)
        result = results[0] if len(results) == 1 else {}
        check(name, result.get("outcome") == outcome, [done.returncode, done.stderr[-400:], result])
        if detail is not None:
            check(f"{name}: detail", detail in result.get("detail", ""), result)
        if reason is not None:
            check(f"{name}: reason", result.get("reason") == reason, result)
        if attempts is not None:
            check(f"{name}: attempts", result.get("attempts", 1) == attempts, result)
        return result


def is_labels(text):
    with contextlib.suppress(ValueError):
        labels = json.loads(text)["labels"]
        return isinstance(labels, list) and len(labels) > 0
    return False


def test_answers(bench, uri):
    schema = {**bench.labels, "seed": 3}
    for shown in [["video"], ["audio"], ["audio", "video"], ["text"], ["audio", "video", "text"]]:
        for stream in [False, True]:
            name = f"shown {'+'.join(shown)}{', streamed' if stream else ''}"
            # the clip has no subtitle: there is nothing of it to show to a model of text
            outcome = "skipped" if shown == ["text"] else "answered"
            result = bench.expect(name, uri, {**schema, "stream": stream}, outcome, modalities=shown)
            if outcome == "answered":
                check(f"{name}: labels", is_labels(result.get("text", "")), result)
                check(f"{name}: usage", result["usage"]["input"] > 8 and result["usage"]["output"] > 4, result)
    for how in ["json-schema", "json-schema-only", "top-level"]:
        result = bench.expect(f"schema as {how}", uri, {**schema, "json-as": how}, "answered")
        check(f"schema as {how}: labels", is_labels(result.get("text", "")), result)
    # bound to an object of any form, which random weights seldom end
    result = bench.run(uri, {"answer-format": "json-object", "max-tokens": 40})[1][0]
    check("any object", result["text"].lstrip().startswith("{"), result)


def test_real_clips(bench, uri):
    clips = os.path.join(os.path.dirname(PEER), "clips", "real")
    if not os.path.isdir(clips):
        return
    done, results = bench.run(uri, {"answer-format": "json-schema", "max-tokens": 400}, clips=clips)
    check("real clips", done.returncode == 0 and results and
          all(r.get("outcome") == "answered" and is_labels(r["text"]) for r in results), [done.stderr[-400:], results])


def test_switches(bench, uri):
    grammar = os.path.join(bench.folder, "words.gbnf")
    with open(grammar, "w", encoding="utf-8") as file:
        file.write('root ::= "happy" | "sad"\n')
    result = bench.expect("grammar", uri, {"grammar": grammar}, "answered")
    check("grammar: word", result.get("text") in ["happy", "sad"], result)

    for stream in [False, True]:
        result = bench.expect("logprobs", uri, {"grammar": grammar, "logprobs": 3, "stream": stream}, "answered")
        tokens = result.get("data", {}).get("logprobs", [])
        spelt = b"".join(bytes(t.get("bytes", [])) for t in tokens).decode()
        check("logprobs: spell the answer", result.get("text", "?") in spelt, result)
        check("logprobs: alternatives", all(len(t["top"]) == 3 and t["logprob"] <= 0 for t in tokens), tokens)

    for properties in [{"system-as": "developer"}, {"system-as": "user"}, {"thinking": "off"}, {"thinking": "high"},
                       {"frames-as": "timed-images"}, {"token-limit-key": "max-completion-tokens"},
                       {"temperature": 0.7, "seed": 5}, {"extra": {"n": 2}}]:
        result = bench.run(uri, properties)[1][0]
        check(f"switch {properties}", result["outcome"] in ["answered", "truncated"], result)
    for stream in [False, True]:
        result = bench.run(uri, {"dialect": "responses", "stream": stream, "max-tokens": 16})[1][0]
        check("responses", result["outcome"] in ["answered", "truncated"] and result["text"] and
              result["usage"]["input"] + result["usage"].get("input-cached", 0) > 8, result)


def test_many(bench, uri):
    clips = bench.many(64)
    properties = {**bench.labels, "max-in-flight": 64}
    for stream in [False, True]:
        done, results = bench.run(uri, {**properties, "stream": stream}, "--set", "frames=2", clips=clips)
        good = [r for r in results if r.get("outcome") == "answered" and is_labels(r.get("text", ""))]
        calls = {r.get("call") for r in good}
        check("64 in flight", done.returncode == 0 and len(calls) == 64, [len(calls), done.stderr[-400:]])


def content(*parts):
    return {"messages": [{"role": "user", "content": [*parts, {"type": "text", "text": "Which?"}]}]}


def image(url):
    return content({"type": "image_url", "image_url": {"url": url}})


def audio(data):
    return content({"type": "input_audio", "input_audio": {"data": data, "format": "wav"}})


def bad_requests(jpeg):
    """what llama-server answers to each; a status of 500 does not make them worth a second try"""
    garbage = base64.b64encode(b"garbage" * 20).decode()
    start = base64.b64encode(base64.b64decode(jpeg)[:20]).decode()
    return [
        ("no messages", {"messages": None}, "'messages' is required"),
        ("messages not an array", {"messages": "x"}, "Expected 'messages' to be an array"),
        ("message without content", {"messages": [{"role": "user"}]}, "must contain 'content'"),
        ("content is a number", {"messages": [{"role": "user", "content": 3}]}, "Expected 'content'"),
        ("unknown content type", content({"type": "smell"}), "unsupported content[].type"),
        ("garbage for an image", image(f"data:image/jpeg;base64,{garbage}"), "Failed to load image or audio"),
        ("20 bytes of an image", image(f"data:image/jpeg;base64,{start}"), "Failed to load image or audio"),
        ("no base64", image("data:image/jpeg;base64,@@@@"), "Failed to load image or audio"),
        ("no base64 mark", image(f"data:image/jpeg,{jpeg}"), "uri must be base64 encoded"),
        ("octet stream", image(f"data:application/octet-stream;base64,{jpeg}"), "Invalid uri format"),
        ("empty url", image(""), "Invalid base64"),
        ("url is a string", content({"type": "image_url", "image_url": "x"}), "Invalid base64"),
        ("unreachable url", image("http://127.0.0.1:9/x.jpg"), "cannot make GET request"),
        ("file url", image("file:///etc/hostname"), "file:// URLs are not allowed"),
        ("audio as a data URL", audio(f"data:audio/wav;base64,{garbage}"), "Failed to load image or audio"),
        ("garbage for audio", audio(garbage), "Failed to load image or audio"),
        ("broken schema", {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "nonsense"}}}},
         "JSON schema conversion failed"),
        ("unknown format", {"response_format": {"type": "yaml"}}, "response_format type must be one of"),
        ("grammar and schema", {"grammar": "root ::= \"a\"", "json_schema": {"type": "object"}},
         "Cannot use both json_schema and grammar"),
        ("negative limit", {"max_tokens": -5}, "Value must be between"),
        ("limit of text", {"max_tokens": "x"}, "type must be number"),
        ("temperature of text", {"temperature": "x"}, "type must be number"),
    ]


def test_bad_requests(bench, uri, jpeg):
    for stream in [False, True]:
        for name, extra, detail in bad_requests(jpeg):
            bench.expect(name, uri, {"extra": extra, "stream": stream}, "api-failed", detail, reason="bad-request")
    # a truncated picture, another type than was said: llama-server looks at the bytes alone
    cut = base64.b64encode(base64.b64decode(jpeg)[:-60]).decode()
    for name, url in [("cut picture", f"data:image/jpeg;base64,{cut}"), ("JPEG called PNG", f"data:image/png;base64,{jpeg}")]:
        result = bench.run(uri, {"extra": image(url)})[1][0]
        check(name, result["outcome"] in ["answered", "truncated"], result)
    bench.expect("unknown path", uri + "/nowhere", {}, "api-failed", "File Not Found")
    whole = bench.run(uri, {"video-as": "whole"}, modalities=["video", "text"])[1][0]
    wanted = ["answered", "truncated"] if shutil.which("ffmpeg") else ["api-failed"]
    check("whole video", whole["outcome"] in wanted and whole["attempts"] == 1, whole)


def test_broken_bodies(bench, uri):
    base = uri.removesuffix("/v1")
    for name, change, detail in [("bad JSON", lambda body: body[:len(body) // 2], "json.exception.parse_error"),
                                 ("empty body", lambda _: b"", "json.exception.parse_error"),
                                 ("an array", lambda _: b"[]", "'messages' is required")]:
        with breaking_relay(base, change) as relay:
            result = bench.expect(name, relay + "/v1", {}, "api-failed", detail, reason="bad-request")
            # llama-server quotes what it could not read, sound and pictures among it
            check(f"{name}: no media in messages", len(result.get("detail", "")) < 400, result)


def test_no_ffmpeg(bench, webp):
    nothing = os.path.join(bench.folder, "nothing")
    os.makedirs(nothing, exist_ok=True)
    with server(bench.folder, *OMNI, "--parallel", "1", "-c", "2048", "-t", "1", environment={"PATH": nothing}) as uri:
        bench.expect("whole video without ffmpeg", uri, {"video-as": "whole"}, "api-failed", modalities=["video", "text"])
        if webp is not None:
            bench.expect("WEBP without ffmpeg", uri, {"extra": image(f"data:image/webp;base64,{webp}")}, "api-failed",
                         "Failed to load image or audio")


def test_small_context(bench):
    with server(bench.folder, *OMNI, "--parallel", "1", "-c", "512", "-t", "1") as uri:
        long = {"messages": [{"role": "user", "content": "word " * 2000}]}
        for stream in [False, True]:
            bench.expect("long text", uri, {"extra": long, "stream": stream}, "api-failed",
                         "exceeds the available context size (512 tokens)", reason="context-overflow")
        done, results = bench.run(uri, {}, "--set", "frames=40")
        check("many frames", results and results[0]["outcome"] == "api-failed" and results[0]["attempts"] == 1
              and "exceeds the available context size" in results[0]["detail"], [done.stderr[-300:], results])
        bench.expect("long answer", uri, {"max-tokens": 2000, "extra": {"ignore_eos": True}}, "truncated", "max-tokens",
                     reason="token-limit")
    with server(bench.folder, *OMNI, "--parallel", "1", "-c", "4096", "-t", "1") as uri:
        cut = bench.expect("cut JSON", uri, {"answer-format": "json-schema", "max-tokens": 3}, "truncated", "max-tokens")
        check("cut JSON: kept", not is_labels(cut.get("text", "")), cut)


def test_no_mmproj(bench):
    with server(bench.folder, *TEXT, "--parallel", "2", "-c", "4096", "-t", "1") as uri:
        for shown, what in [("video", "image"), ("audio", "audio")]:
            bench.expect(f"no mmproj: {what}", uri, {}, "api-failed", f"{what} input is not supported",
                         reason="bad-request", modalities=[shown])


def test_key(bench):
    with server(bench.folder, *OMNI, "--parallel", "1", "-c", "4096", "-t", "1", "--api-key", "sk-right") as uri:
        for name, properties, advice in [("no key", {}, "set api-key-env"),
                                         ("wrong key", {"api-key-env": "MER_WRONG_API_KEY"}, "check the key")]:
            done, _ = bench.run(uri, properties)
            check(name, done.returncode == 3 and "Invalid API Key" in done.stderr and advice in done.stderr
                  and "sk-" not in done.stderr, [done.returncode, done.stderr])
        result = bench.run(uri, {"api-key-env": "MER_RIGHT_API_KEY"})[1][0]
        check("right key", result["outcome"] in ["answered", "truncated"], result)


def test_router(bench):
    models = os.path.join(bench.folder, "router")
    os.makedirs(models, exist_ok=True)
    shutil.copy(os.path.join(PEER, "text.gguf"), os.path.join(models, "tiny-text.gguf"))
    with server(bench.folder, "--models-dir", models) as uri:
        done, _ = bench.run(uri, {"model": "absent"})
        check("router: unknown model", done.returncode == 3 and "model 'absent' not found" in done.stderr,
              [done.returncode, done.stderr])
        result = bench.run(uri, {"model": "tiny-text", "extra": {"messages": [{"role": "user", "content": "hi"}]}})[1][0]
        check("router: known model", result["outcome"] in ["answered", "truncated"], result)


def test_late_server(bench):
    """Refused, then 503 while it loads, then an answer: all by waiting."""
    port = free_port()
    child = []

    def begin():
        child.append(start(bench.folder, [*OMNI, "--parallel", "1", "-c", "4096", "-t", "1"], port))

    timer = threading.Timer(1.0, begin)
    timer.start()
    try:
        result = bench.run(f"http://127.0.0.1:{port}/v1", {})[1][0]
        check("late server", result["outcome"] in ["answered", "truncated"], result)
    finally:
        timer.join()
        child[0].kill()
        child[0].wait()


def test_abort(bench):
    """A server that dies under a run, as llama-server does at an assertion, loses nothing that is kept."""
    port = free_port()
    arguments = [*OMNI, "--parallel", "2", "-c", "8192", "-t", "1"]
    clips = bench.many(24)
    output = os.path.join(bench.folder, "abort.mer")
    properties = {"max-tokens": 60, "extra": {"ignore_eos": True}, "max-in-flight": 4}
    child = start(bench.folder, arguments, port)
    wait_until_ready(port)
    timer = threading.Timer(0.7, lambda: child.send_signal(signal.SIGABRT))
    timer.start()
    done, results = bench.run(f"http://127.0.0.1:{port}/v1", properties, clips=clips, output=output)
    timer.join()
    child.wait()
    kept = [r for r in results if r.get("outcome") == "truncated"]
    lost = [r for r in results if r.get("outcome") == "api-failed"]
    check("abort: the run ends, saying so", done.returncode in [1, 3] and len(kept) + len(lost) == len(results),
          [done.returncode, done.stderr[-400:], len(kept), len(lost)])

    child = start(bench.folder, arguments, port)
    try:
        wait_until_ready(port)
        done, results = bench.run(f"http://127.0.0.1:{port}/v1", properties, clips=clips, output=output)
        check("abort: resumed", len(results) == 24 and all(r["outcome"] == "truncated" for r in results),
              [done.returncode, done.stderr[-400:], [r["outcome"] for r in results]])
    finally:
        child.kill()
        child.wait()


def test_leaving(bench, uri):
    """A call that is given up leaves no slot of the server busy."""
    bench.expect("deadline", uri, {"timeout": 0.3, "max-tokens": 3000, "stream": True, "extra": {"ignore_eos": True}},
                 "api-failed", "0.3 s", attempts=3, reason="timeout")
    end = time.monotonic() + 20
    busy = True
    while busy and time.monotonic() < end:
        with urllib.request.urlopen(uri.removesuffix("/v1") + "/slots", timeout=10) as reply:
            busy = any(slot["is_processing"] for slot in json.load(reply))
        time.sleep(0.05)
    check("slots are free again", not busy)


def main():
    if not os.access(PROGRAM, os.X_OK) or not os.path.exists(os.path.join(PEER, "text.gguf")):
        print("no llama-server (MER_LLAMA_SERVER) or no models for it (MER_SHARED_DATA): skipped")
        return SKIP
    os.environ.update({"MER_RIGHT_API_KEY": "sk-right", "MER_WRONG_API_KEY": "sk-wrong"})
    with tempfile.TemporaryDirectory(prefix="mer-llama-") as folder:
        bench = Bench(folder)
        jpeg = read_image(folder, "jpegenc")
        webp = read_image(folder, "webpenc")
        with server(folder, *OMNI, "--parallel", "4", "-c", "32768", "-t", "2") as uri:
            note("answers")
            test_answers(bench, uri)
            note("real clips")
            test_real_clips(bench, uri)
            note("switches")
            test_switches(bench, uri)
            note("bad requests")
            test_bad_requests(bench, uri, jpeg)
            note("broken bodies")
            test_broken_bodies(bench, uri)
            note("many")
            test_many(bench, uri)
            note("leaving")
            test_leaving(bench, uri)
        note("no ffmpeg")
        test_no_ffmpeg(bench, webp)
        note("small context")
        test_small_context(bench)
        note("no mmproj")
        test_no_mmproj(bench)
        note("key")
        test_key(bench)
        note("router")
        test_router(bench)
        note("late server")
        test_late_server(bench)
        note("abort")
        test_abort(bench)
    note("done")
    for failure in FAILURES:
        print("FAILED", failure, file=sys.stderr)
    return 1 if FAILURES else 0


sys.exit(main())
