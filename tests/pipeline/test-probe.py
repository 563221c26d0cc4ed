# SPDX-License-Identifier: LGPL-2.1-or-later
"""mer probe against servers that are not what their entries say."""
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile

BUILD = os.environ["MER_BUILD_ROOT"]
MER = os.path.join(BUILD, "tools", "mer")
FAILURES = []


def check(what, truth, detail=""):
    if not truth:
        FAILURES.append(what)
        print("FAIL", what, detail, flush=True)


@contextlib.contextmanager
def server(*arguments, **environment):
    child = subprocess.Popen([os.environ["MER_TEST_SERVER"], "--die-with-parent", *arguments],
                             env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    try:
        yield child.stdout.readline().split()[-1]
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def probe(folder, entry, *arguments, **environment):
    path = os.path.join(folder, "models.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"format": "mer-models/1", "models": {"m": entry}}, file)
    done = subprocess.run([MER, "probe", "m", "--models", path, "--format", "json", "--timeout", "5", *arguments], cwd=folder,
                          env={**os.environ, **environment}, capture_output=True, text=True, timeout=120,
                          check=False)
    rows = {row["check"]: (row["verdict"], row["what"]) for row in json.loads(done.stdout)} if done.stdout else {}
    return done, rows


def entry_of(uri, **changes):
    properties = {"uri": uri, "model": "test-model", **changes.pop("properties", {})}
    return {"backend": "meropenai", "properties": properties, "modalities": ["audio", "video", "text"],
            "limits": {"frames": 16}, "prices": {"input": 1, "output": 2}, **changes}


def verdicts(rows):
    return {name: verdict for name, (verdict, _) in rows.items()}


def suggestion(rows):
    return json.loads(rows["entry"][1])["models"]["m"] if "entry" in rows else None


def test_well(folder):
    with server() as uri:
        done, rows = probe(folder, entry_of(uri))
    check("a good entry", done.returncode == 0 and set(verdicts(rows).values()) == {"well"}, rows)
    wanted = {"reach", "usage", "model", "audio", "video", "images", "json-object", "json-schema", "seed", "stream",
              "speed"}
    check("everything was looked at", set(rows) == wanted, set(rows) ^ wanted)
    check("as many pictures as the entry says", rows["images"][1].startswith("16 are taken"), rows)
    check("the cost is said before", "$0.0" in done.stderr and "calls" in done.stderr, done.stderr)


def test_dry_run(folder):
    done, rows = probe(folder, entry_of("http://127.0.0.1:9/v1"), "--dry-run")
    check("nothing is asked", done.returncode == 0 and not rows and "up to" in done.stderr, done)


def test_lacks(folder):
    with server("--lacks", "audio") as uri:
        done, rows = probe(folder, entry_of(uri))
    check("a model that does not hear", done.returncode == 1 and rows["audio"][0] == "WRONG"
          and "the entry says audio, the server refuses it" in rows["audio"][1], rows)
    check("what the entry should say", suggestion(rows) == {"modalities": ["video", "text"]}, rows)
    with server("--lacks", "image,audio") as uri:
        done, rows = probe(folder, entry_of(uri))
    check("a model that only reads", suggestion(rows) == {"modalities": ["text"]} and "images" not in rows, rows)


def test_more(folder):
    with server() as uri:
        done, rows = probe(folder, entry_of(uri, modalities=["video", "text"]))
    check("a model that hears, and whose entry does not say so", done.returncode == 1
          and rows["audio"][0] == "WRONG" and "does not say audio" in rows["audio"][1]
          and suggestion(rows) == {"modalities": ["audio", "video", "text"]}, rows)


def test_names(folder):
    with server("--model", "other-model") as uri:
        done, rows = probe(folder, entry_of(uri))
    check("a wrong name", done.returncode == 1 and rows["model"][0] == "WRONG"
          and suggestion(rows) == {"properties": {"model": "other-model"}}, rows)
    check("and nothing more is asked", set(rows) == {"reach", "model", "entry"}, rows)


def test_keys(folder):
    with server("--key-env", "PROBE_API_KEY", PROBE_API_KEY="right") as uri:
        entry = entry_of(uri, properties={"api-key-env": "PROBE_API_KEY"})
        done, rows = probe(folder, entry, PROBE_API_KEY="right")
        check("the right key", done.returncode == 0, rows)
        done, rows = probe(folder, entry, PROBE_API_KEY="a-wrong-key")
        check("a wrong key", done.returncode == 1 and verdicts(rows) == {"key": "FAILED"}
              and "401" in rows["key"][1], rows)
        check("the key is not shown", "a-wrong-key" not in done.stdout + done.stderr, done.stdout)
        done, rows = probe(folder, entry)
        check("no key", done.returncode == 1 and "PROBE_API_KEY is not set" in rows["key"][1], rows)


def test_unreachable(folder):
    done, rows = probe(folder, entry_of("http://127.0.0.1:9/v1", start="serve {model}"), "--timeout", "1")
    check("no server", done.returncode == 1 and verdicts(rows) == {"reach": "FAILED"}
          and "its server is started by: serve test-model" in rows["reach"][1], rows)


def test_formats(folder):
    with server("--answer", "She is happy, I think.") as uri:
        done, rows = probe(folder, entry_of(uri))
    check("no JSON mode", done.returncode == 0 and rows["json-object"][0] == "note"
          and rows["json-schema"][0] == "note", rows)
    with server("--fault", "usage-none") as uri:
        done, rows = probe(folder, entry_of(uri))
    check("no usage", done.returncode == 0 and rows["usage"][0] == "note", rows)


def test_unfit(folder):
    done, rows = probe(folder, entry_of("here", properties={"uri": "here/v1"}))
    check("an address that is none", done.returncode == 1 and verdicts(rows) == {"entry": "FAILED"}, rows)
    with server("--protocol", "anthropic") as uri:
        done, rows = probe(folder, entry_of(uri, backend="meranthropic", modalities=["video", "text"]))
    check("a format that the protocol does not know", done.returncode == 0 and rows["json-object"][0] == "note"
          and "audio" not in rows, rows)


def test_protocols(folder):
    """The same by every protocol, and by a program."""
    for protocol, backend, modalities in [
            ("gemini", "mergemini", ["audio", "video", "text"]), ("ollama", "merollama", ["audio", "video", "text"])]:
        with server("--protocol", protocol) as uri:
            done, rows = probe(folder, entry_of(uri, backend=backend, modalities=modalities))
        check(protocol, done.returncode == 0 and set(verdicts(rows).values()) == {"well"}, rows)
    if "backend,merwhisper," in subprocess.run([MER, "inspect", "--format", "csv"], capture_output=True, text=True,
                                              check=True).stdout:
        with server("--protocol", "whisper") as uri:
            done, rows = probe(folder, entry_of(uri, backend="merwhisper", modalities=["audio"]))
        check("whisper", done.returncode == 0 and {"reach", "audio", "speed"} <= set(rows)
              and "json-object" not in rows, rows)
    program = os.path.join(folder, "mer-child-m")
    with open(program, "w", encoding="utf-8") as file:
        file.write("#!/usr/bin/env python3\nimport mer_exec\n"
                   "mer_exec.serve(lambda request: '[calm]', modalities=('audio', 'text'))\n")
    os.chmod(program, 0o755)
    own = os.path.join(folder, "data", "gst-mer")
    os.makedirs(own)
    with open(os.path.join(own, "models.json"), "w", encoding="utf-8") as file:
        json.dump({"format": "mer-models/1", "models": {
            "child-m": {"extends": "child", "properties": {"command": program}, "modalities": ["audio", "text"]}}}, file)
    done = subprocess.run([MER, "probe", "child-m"], cwd=folder, capture_output=True, text=True, timeout=60,
                          check=False, env={**os.environ, "XDG_DATA_HOME": os.path.join(folder, "data")})
    check("a program", done.returncode == 0 and "child-m  audio        well" in done.stdout, done)
    with server("--protocol", "openai", "--dialect", "dashscope") as uri:
        done, rows = probe(folder, entry_of(uri, properties={"dialect": "dashscope"}, modalities=["video", "text"]))
    check("a video of four frames at least", "video" in rows and rows["video"][0] == "well", rows)


def test_usage(folder):
    for arguments in [["probe"], ["probe", "nobody-has-this"], ["probe", "local", "--timeout", "0"],
                      ["probe", "local", "--images", "0"], ["probe", "local", "--format", "xml"]]:
        done = subprocess.run([MER, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        check(arguments, done.returncode == 2 and not done.stdout, done)


@contextlib.contextmanager
def llama_server(*arguments):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    child = subprocess.Popen([os.environ["MER_LLAMA_SERVER"], "--host", "127.0.0.1", "--port", port, "-t", "2",
                              *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        child.kill()
        child.wait()


def test_real(folder):
    """The real llama-server, where MER_LLAMA_SERVER names one: seeing and hearing, and reading alone."""
    data = os.path.join(os.environ.get("MER_SHARED_DATA", ""), "peer")
    text, eyes = os.path.join(data, "text.gguf"), os.path.join(data, "mmproj-omni.gguf")
    if not os.environ.get("MER_LLAMA_SERVER") or not os.path.exists(eyes):
        print("no MER_LLAMA_SERVER; not held to the real one")
        return
    with llama_server("-m", text, "--mmproj", eyes, "--parallel", "4", "-c", "32768") as uri:
        done, rows = probe(folder, {"extends": "llamacpp", "properties": {"uri": uri}}, "--timeout", "60",
                           "--images", "16")
    check("llama-server", done.returncode == 0 and rows["audio"][0] == rows["video"][0] == rows["images"][0]
          == rows["json-schema"][0] == "well" and rows["json-object"][0] == "note", rows)
    with llama_server("-m", text, "--parallel", "2", "-c", "4096") as uri:
        done, rows = probe(folder, {"extends": "llamacpp", "properties": {"uri": uri}}, "--timeout", "60")
    check("llama-server without --mmproj", done.returncode == 1 and suggestion(rows) == {"modalities": ["text"]}
          and "mmproj" in rows["audio"][1], rows)


def main():
    for test in [test_well, test_dry_run, test_lacks, test_more, test_names, test_keys, test_unreachable,
                 test_formats, test_unfit, test_protocols, test_usage, test_real]:
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
    sys.exit(1 if FAILURES else 0)


main()
