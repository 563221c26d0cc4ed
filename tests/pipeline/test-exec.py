# SPDX-License-Identifier: LGPL-2.1-or-later
"""A study whose model is a Python program, as a user runs it; and what stays of it: nothing.

The wire is held to schemas/exec.schema.json where jsonschema is there.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

try:
    import jsonschema
except ImportError:
    jsonschema = None

BUILD = os.environ["MER_BUILD_ROOT"]
SOURCE = os.environ["MER_SOURCE_ROOT"]
MER = os.path.join(BUILD, "tools", "mer")
EXEC = os.path.join(SOURCE, "plugins", "backends", "exec")
FAILURES = []

LOGGING = '''
import os, sys
def tee(fd, name):
    """what passes is written down"""
    import threading
    read, write = os.pipe()
    def run(source, sink):
        with open(name, "ab", buffering=0) as log:
            while True:
                data = os.read(source, 65536)
                if not data:
                    break
                log.write(data)
                os.write(sink, data)
        os.close(sink)
    if fd == 0:
        source = os.dup(0); os.dup2(read, 0)
        threading.Thread(target=run, args=(source, write), daemon=True).start()
    else:
        sink = os.dup(1); os.dup2(write, 1); os.close(write)
        threading.Thread(target=run, args=(read, sink), daemon=True).start()
'''


def check(what, truth, detail=""):
    if not truth:
        FAILURES.append(f"{what}: {detail}")
        print("FAIL", what, detail, flush=True)


def make_clips(folder, n):
    clips = os.path.join(folder, "clips")
    os.makedirs(clips, exist_ok=True)
    for i in range(n):
        subprocess.run(["gst-launch-1.0", "-q", "audiotestsrc", "samplesperbuffer=1600", "num-buffers=10",
                        f"freq={200 + i}", "!", "audio/x-raw,rate=16000,channels=1", "!", "wavenc", "!",
                        "filesink", f"location={clips}/tone{i}.wav"], check=True, timeout=60)
    return clips


def write_json(path, document):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)
    return path


def models(command, **properties):
    return {"format": "mer-models/1", "models": {"mine": {
        "backend": "merexec", "properties": {"command": command, **properties},
        "modalities": ["audio", "video", "text"]}}}


DESCRIPTION = {"format": "mer-description/1", "name": "d",
               "launch": ["mermedia", "! mermodel name=ask model=mine", "! merlabels"]}


def run(folder, clips, *arguments, **more):
    output = os.path.join(folder, f"out-{time.monotonic_ns()}.mer")
    environment = {**os.environ, "XDG_DATA_HOME": os.path.join(folder, "data"), **more}
    done = subprocess.run([MER, "run", os.path.join(folder, "d.json"), "--clips", clips, "--output", output, *arguments],
                          cwd=folder, capture_output=True, text=True, timeout=120, env=environment, check=False)
    exported = subprocess.run([MER, "export", output, "--what", "samples", "--format", "jsonl"], cwd=folder,
                              capture_output=True, text=True, timeout=60, check=False)
    return done, [json.loads(line) for line in exported.stdout.splitlines()]


def own_models(folder, document):
    return write_json(os.path.join(folder, "data", "gst-mer", "models.json"), document)


def test_study(folder, clips):
    """The shipped example without its model, named in the user's own models file."""
    own_models(folder, models(f"/usr/bin/env python3 {EXEC}/examples/hf_mllm.py --dry"))
    done, samples = run(folder, clips)
    check("a study", done.returncode == 0, done.stderr)
    check("answers", [s["results"][-1].get("labels") for s in samples] == [["calm"]] * 3, samples)
    check("who answered", [s["results"][-1].get("model") for s in samples] == ["dry"] * 3, samples)
    data = samples[0]["results"][-1].get("data", {}) if samples else {}
    check("the program's fingerprint", len(data.get("fingerprint", "")) == 16, data)


def test_trust(folder, clips):
    """A models file from elsewhere starts nothing, unless the user says so."""
    os.remove(os.path.join(folder, "data", "gst-mer", "models.json"))
    path = write_json(os.path.join(folder, "theirs.json"),
                      models(f"/usr/bin/env python3 {EXEC}/examples/hf_mllm.py --dry"))
    done, _ = run(folder, clips, "--models", path)
    check("not trusted", done.returncode == 2 and "--allow merexec" in done.stderr, done.stderr)
    done, samples = run(folder, clips, "--models", path, "--allow", "merexec")
    check("allowed", done.returncode == 0 and len(samples) == 3, done.stderr)


def test_wire(folder, clips):
    """What goes both ways is what the schema says."""
    script = os.path.join(folder, "wire.py")
    with open(script, "w", encoding="utf-8") as file:
        file.write(LOGGING + f'''
tee(0, {os.path.join(folder, "requests")!r})
tee(1, {os.path.join(folder, "answers")!r})
import mer_exec
def answer(request):
    request.progress(0.5, "half")
    if request.audio.seconds > 100:
        raise ValueError("long")
    return ["happy", "calm"]
mer_exec.progress(0.1, "loading")
mer_exec.serve(answer, model="wire")
''')
    own_models(folder, models(f"/usr/bin/env python3 {script}", seed=7, extra='{"fps": 2}'))
    done, samples = run(folder, clips)
    check("wire", done.returncode == 0 and len(samples) == 3, done.stderr)
    lines = []
    for name in ["requests", "answers"]:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            lines += [json.loads(line) for line in file]
    check("lines", len(lines) == 3 + 1 + 2 * 3, lines)
    check("options", lines[0].get("options") == {"fps": 2} and lines[0].get("seed") == 7, lines[0])
    if jsonschema is None:
        return
    with open(os.path.join(SOURCE, "schemas", "exec.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    kinds = {"mer-exec": "hello", "prompt": "request", "progress": "progress", "labels": "answer"}
    for line in lines:
        kind = next(kinds[name] for name in kinds if name in line)
        part = {**schema["definitions"][kind], "definitions": schema["definitions"]}
        for error in jsonschema.Draft7Validator(part).iter_errors(line):
            FAILURES.append(f"{kind}: {error.message}")


def processes_of(mark):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    if mark.encode() in file.read():
                        found.append(int(name))
            except OSError:
                pass
    return [pid for pid in found if pid != os.getpid()]


def wait_for(truth, seconds=30):
    end = time.monotonic() + seconds
    while not truth() and time.monotonic() < end:
        time.sleep(0.05)
    return truth()


def test_kill(folder, clips):
    """kill -9 of mer leaves nothing: not the program, not what it started, not its media."""
    mark = f"survivor-{os.getpid()}"
    script = os.path.join(folder, f"{mark}.py")
    ready = os.path.join(folder, "ready")
    media = os.path.join(folder, "media")
    os.makedirs(media)
    with open(script, "w", encoding="utf-8") as file:
        file.write(f'''
import os, signal, subprocess, sys, time
import mer_exec
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def answer(request):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", {mark!r}], start_new_session=True)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open({ready!r}, "w").close()
    time.sleep(600)
mer_exec.serve(answer)
''')
    own_models(folder, models(f"/usr/bin/env python3 {script}", grace=0.5, **{"media-folder": media}))
    child = subprocess.Popen([MER, "run", os.path.join(folder, "d.json"), "--clips", clips, "--output",
                              os.path.join(folder, "killed.mer")], cwd=folder, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL,
                             env={**os.environ, "XDG_DATA_HOME": os.path.join(folder, "data")})
    check("it works", wait_for(lambda: os.path.exists(ready)))
    check("both run", wait_for(lambda: len(processes_of(mark)) >= 2), processes_of(mark))
    check("its media are there", len(os.listdir(media)) == 1, os.listdir(media))
    child.send_signal(signal.SIGKILL)
    child.wait()
    check("nothing is left", wait_for(lambda: not processes_of(mark)), processes_of(mark))

    own_models(folder, models(f"/usr/bin/env python3 {EXEC}/examples/hf_mllm.py --dry", **{"media-folder": media}))
    done, _ = run(folder, clips)
    check("the next run", done.returncode == 0, done.stderr)
    check("media are gone", not os.listdir(media), os.listdir(media))


def main():
    with tempfile.TemporaryDirectory() as folder:
        write_json(os.path.join(folder, "d.json"), DESCRIPTION)
        clips = make_clips(folder, 3)
        for test in [test_study, test_trust, test_wire, test_kill]:
            test(folder, clips)
            print("done", test.__name__, flush=True)
    for failure in FAILURES:
        print(failure)
    return 1 if FAILURES else 0


sys.exit(main())
