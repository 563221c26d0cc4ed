#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program for merexec that does one thing wrong. usage: hostile_child.py HOW [STATE-FILE]

Without the helper module: what is tested is what gst-mer does about it. STATE-FILE counts how
often the program was started, for those that work the second time.
"""
import json
import os
import resource
import signal
import sys
import time

HOW = sys.argv[1]
STATE = sys.argv[2] if len(sys.argv) > 2 else None
HELLO = {"mer-exec": 1, "name": "hostile", "modalities": ["audio", "video", "text"], "concurrency": 1}


def out(data):
    if isinstance(data, dict):
        data = json.dumps(data) + "\n"
    if isinstance(data, str):
        data = data.encode()
    while data:
        data = data[os.write(1, data):]


def count_start():
    if STATE is None:
        return 0
    with open(STATE, "a+", encoding="ascii") as file:
        file.write("x")
        return file.tell()


def read():
    line = sys.stdin.buffer.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


def wait():
    while True:
        time.sleep(60)


def fork_and_leave(new_session):
    """What stays holds the pipes open."""
    if os.path.exists(STATE):
        os.remove(STATE)
    if os.fork() != 0:
        while not os.path.exists(STATE):
            time.sleep(0.01)
        return
    if new_session:
        os.setsid()
        if os.fork() != 0:
            os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open(STATE + ".new", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    os.rename(STATE + ".new", STATE)
    wait()


def before_hello(starts):
    if HOW == "no-hello":
        wait()
    elif HOW == "exit-at-start":
        print("weights.pt: no such file", file=sys.stderr)
        sys.exit(3)
    elif HOW == "exit-at-first-start" and starts == 1:
        sys.exit(3)
    elif HOW == "version-2":
        out({"mer-exec": 2, "name": "newer"})
        wait()
    elif HOW == "strange-media":
        out({**HELLO, "media": "telepathy"})
        wait()
    elif HOW == "noise-at-start":
        out("Loading checkpoint shards\n{not json\n[1, 2]\n\n" + json.dumps({"progress": 0.5, "message": "half"}) + "\n")
    elif HOW == "flood-at-start":
        while True:
            out("x" * 4095 + "\n")
    elif HOW == "ignore-sigterm":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    elif HOW == "secret-to-stderr":
        print("the key is", os.environ.get("MER_TEST_API_KEY"), file=sys.stderr)
        sys.exit(1)


def hello():
    return {"two-at-once": {**HELLO, "concurrency": 2}, "base64": {**HELLO, "media": "base64"},
            "audio-only": {**HELLO, "modalities": ["audio"]},
            "killed-by-one-of-two": {**HELLO, "concurrency": 2},
            "unknown-members": {**HELLO, "future": [1, {"a": None}], "concurrency": 1e9}}.get(HOW, HELLO)


def answer(request, text="happy", **members):
    out({"id": request["id"], "text": text, **members})


def media_text(request):
    shown = [(frame["type"], frame["content"]) for frame in request.get("frames", [])]
    shown += [(request[name]["type"], request[name]["content"]) for name in ("audio", "video") if name in request]
    if request["media"] == "files":
        modes = {os.stat(os.path.dirname(path)).st_mode & 0o777 for _, path in shown}
        sizes = [os.path.getsize(path) for _, path in shown]
        ends = {os.path.splitext(path)[1] for _, path in shown}
        return f"{len(shown)} {sorted(ends)} {sorted(oct(m) for m in modes)} {all(s > 100 for s in sizes)}"
    import base64
    starts = {base64.b64decode(content)[:4] for _, content in shown}
    return f"{len(shown)} {sorted(starts)}"


def misbehave(request, starts, number):
    """Answers, or does not."""
    prompt = request["prompt"]
    if HOW == "never-answer":
        wait()
    elif HOW == "stop-reading":
        wait()
    elif HOW == "die":
        print("Traceback (most recent call last):\nRuntimeError: CUDA error", file=sys.stderr)
        os.kill(os.getpid(), signal.SIGSEGV)
    elif HOW == "die-once" and starts == 1:
        os._exit(1)
    elif HOW == "exit-after-each":
        answer(request)
        sys.exit(0)
    elif HOW == "half-a-line":
        out('{"id": "' + request["id"] + '", "text": "hap')
        sys.exit(0)
    elif HOW == "half-a-line-and-wait":
        out('{"id": "' + request["id"] + '", "text": "hap')
        wait()
    elif HOW == "no-line-end":
        out('{"id": "' + request["id"] + '", "text": "happy"}')
        sys.exit(0)
    elif HOW == "not-utf-8":
        out(b'{"id": "' + request["id"].encode() + b'", "text": "h\xe4ppy \xff"}\n')
    elif HOW == "lone-surrogate":
        out('{"id": "' + request["id"] + '", "text": "happy \\ud83d"}\n')
    elif HOW == "deep":
        out('{"id": "' + request["id"] + '", "text": ' + "[" * 100000 + "\n")
        answer(request)
    elif HOW == "endless-line":
        while True:
            out("{" + "x" * 65536)
    elif HOW == "flood-stdout":
        while True:
            out({"id": "nobody", "text": "x" * 1000})
    elif HOW == "flood-stderr":
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            os.write(2, b"y" * 65535 + b"\n")
        answer(request)
    elif HOW == "stderr-without-end":
        os.write(2, b"z" * 3000000)
        answer(request)
    elif HOW == "answer-twice":
        answer(request)
        answer(request, "angry")
    elif HOW == "unknown-id":
        out({"id": "r99999", "text": "angry"})
        out({"id": 7, "text": "angry"})
        answer(request)
    elif HOW == "keep-alive":
        for step in range(20):
            out({"id": request["id"], "progress": step / 20})
        answer(request)
    elif HOW == "print-between":
        out("tokenizer warning\n")
        answer(request)
        out("done\n")
    elif HOW == "close-stdout":
        os.close(1)
        wait()
    elif HOW == "close-stdin":
        os.close(0)
        answer(request)
        wait()
    elif HOW in ("fork-and-die", "daemon-and-die"):
        fork_and_leave(HOW == "daemon-and-die")
        os._exit(1)
    elif HOW == "ignore-sigterm":
        wait()
    elif HOW == "error":
        out({"id": request["id"], "error": {"message": "no face\nin it", "retry": False}})
    elif HOW == "error-text":
        out({"id": request["id"], "error": "plain words"})
    elif HOW == "error-then-good" and number == 1:
        out({"id": request["id"], "error": {"message": "busy", "retry": True}})
    elif HOW == "error-always":
        out({"id": request["id"], "error": {"message": "busy", "retry": True}})
    elif HOW == "no-text":
        out({"id": request["id"], "outcome": None, "labels": 7, "text": None, "reasoning": 3})
    elif HOW == "labels":
        out({"id": request["id"], "labels": ["happy", "proud"]})
    elif HOW == "refused":
        out({"id": request["id"], "text": "I cannot.", "outcome": "refused", "detail": "no faces"})
    elif HOW == "truncated":
        out({"id": request["id"], "text": "hap", "outcome": "truncated"})
    elif HOW == "failed-outcome":
        out({"id": request["id"], "text": "hap", "outcome": "api-failed"})
    elif HOW == "thinking":
        answer(request, "<think>angry, surely</think>happy", usage={"input": 10, "output": 5, "reasoning": 3})
    elif HOW == "detail":
        answer(request, detail="looks like FastAPI", message="and like vLLM", code=400, object="error")
    elif HOW == "media" or HOW == "base64":
        answer(request, media_text(request))
    elif HOW == "limits":
        names = [resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE]
        answer(request, " ".join(str(resource.getrlimit(name)[0]) for name in names))
    elif HOW == "burn":
        while True:
            pass
    elif HOW == "too-much-memory":
        bytearray(1 << 30)
        answer(request)
    elif HOW == "environment":
        names = ["MER_TEST_API_KEY", "MER_TEST_PLAIN", "MER_EXEC"]
        answer(request, " ".join(f"{name}={os.environ.get(name)}" for name in names))
    elif HOW == "leak-key":
        answer(request, "key " + os.environ["MER_TEST_API_KEY"])
    elif HOW == "folder":
        answer(request, os.getcwd())
    elif HOW == "helper":
        import mer_exec
        answer(request, f"helper {mer_exec.PROTOCOL}")
    elif HOW in ("die-on-poison", "killed-by-one-of-two") and "poison" in prompt:
        os._exit(1)
    elif HOW == "pid":
        answer(request, str(os.getpid()))
    elif HOW == "slow":
        time.sleep(0.3)
        answer(request)
    else:
        answer(request)


def main():
    starts = count_start() if not HOW.startswith(("fork", "daemon")) else 0
    before_hello(starts)
    out(hello())
    if HOW == "stop-reading":
        wait()
    if HOW == "two-at-once":
        first, second = read(), read()
        answer(second, "second")
        answer(first, "first")
    if HOW == "killed-by-one-of-two" and starts == 1:
        read()
        read()
        os._exit(1)
    number = 0
    while True:
        number += 1
        misbehave(read(), starts, number)


if __name__ == "__main__":
    main()
