# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a model's server gets from mer run, as a server sees it.

The test server decodes every picture and every sound: sizes, counts, durations, colours, and
the instants of frames, which made clips carry as bars. Then the real clips, where they are,
with the one-stage and the two-stage description.
"""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

BUILD = os.environ["MER_BUILD_ROOT"]
SOURCE = os.environ["MER_SOURCE_ROOT"]
SHARED = os.environ.get("MER_SHARED_DATA", "")
MER = os.path.join(BUILD, "tools", "mer")
PIPELINES = os.path.join(SOURCE, "pipelines")
FAILURES = []


def check(what, truth, detail=""):
    if not truth:
        FAILURES.append(f"{what}: {detail}")
        print("FAIL", what, detail, flush=True)


@contextlib.contextmanager
def server(folder, *arguments):
    log = os.path.join(folder, f"requests-{time.monotonic_ns()}.jsonl")
    child = subprocess.Popen([os.environ["MER_TEST_SERVER"], "--die-with-parent", "--log", log, *arguments],
                             stdout=subprocess.PIPE, text=True)
    uri = child.stdout.readline().split()[-1]

    def requests():
        with open(log, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        return [line for line in lines if line["path"].endswith("/chat/completions")]

    try:
        yield uri, requests
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def write_models(folder, uri, **properties):
    entry = {"backend": "meropenai", "properties": {"uri": uri, **properties},
             "modalities": ["audio", "video", "text"], "limits": {"max-in-flight": 4}}
    names = ["local", "local-text", "vllm-omni", "vllm-video", "vllm-audio", "openai", "asked"]
    path = os.path.join(folder, "models.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"format": "mer-models/1", "models": {name: entry for name in names}}, file)
    return path


def run(folder, description, clips, models, *arguments):
    output = os.path.join(folder, f"out-{time.monotonic_ns()}.mer")
    done = subprocess.run(
        [MER, "run", os.path.join(PIPELINES, description), "--clips", clips, "--models", models,
         "--output", output, *arguments],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    exported = subprocess.run([MER, "export", output, "--what", "samples", "--format", "jsonl"],
                              cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done, [json.loads(line) for line in exported.stdout.splitlines()]


def launch(*pipeline):
    subprocess.run(["gst-launch-1.0", "-q", *pipeline], check=True, timeout=120,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def make_bars(path, folder, n_frames=100, rate=25):
    """Each frame shows its number as sixteen bars, white for one."""
    raw = os.path.join(folder, "bars.raw")
    with open(raw, "wb") as file:
        for n in range(n_frames):
            row = b"".join((b"\xff" if n >> (15 - bit) & 1 else b"\0") * 20 for bit in range(16))
            file.write(row * 240)
    launch("filesrc", f"location={raw}", "blocksize=76800", "!", "rawvideoparse", "format=gray8", "width=320",
           "height=240", f"framerate={rate}/1", "!", "videoconvert", "!", "video/x-raw,format=I420", "!",
           "jpegenc", "quality=95", "!", "matroskamux", "!", "filesink", f"location={path}")
    os.remove(raw)


def make_colour(path, pattern):
    launch("videotestsrc", "num-buffers=50", f"pattern={pattern}", "!", "video/x-raw,width=160,height=120,framerate=25/1",
           "!", "videoconvert", "!", "video/x-raw,format=I420", "!", "x264enc", "!", "h264parse", "!", "matroskamux",
           "!", "filesink", f"location={path}")


def make_clips(folder):
    clips = os.path.join(folder, "clips")
    os.makedirs(clips)
    make_bars(os.path.join(clips, "bars.mkv"), folder)
    for name in ["black", "white"]:
        make_colour(os.path.join(clips, f"{name}.mkv"), name)
    launch("audiotestsrc", "samplesperbuffer=1600", "num-buffers=30", "!", "audio/x-raw,rate=16000,channels=1", "!",
           "wavenc", "!", "filesink", f"location={clips}/tone.wav")
    return clips


def test_made_clips(folder):
    clips = make_clips(folder)
    with server(folder) as (uri, requests):
        done, samples = run(folder, "one-stage.json", clips, write_models(folder, uri, **{"max-in-flight": 1}))
        log = requests()
    check("made clips", done.returncode == 0, done.stderr)
    check("made clips answered", [s["results"][-1]["outcome"] for s in samples] == ["answered"] * 4, samples)
    by_key = {line["key"]: line for line in log}
    seen = {s["id"]: by_key[s["results"][-1]["call_key"]] if "call_key" in s["results"][-1]
            else by_key[s["results"][-1]["call"]] for s in samples}

    for name, low, high in [("black", -1, 5), ("white", 250, 256)]:
        frames = seen[name]["frames"]
        check(f"{name}: frames", len(frames) == 8 and all(f["width"] == 160 and f["height"] == 120 for f in frames), frames)
        check(f"{name}: colour", all(low < f[c] < high for f in frames for c in ["red", "green", "blue"]), frames)
    # frame i of N is the one on display at (i + ½)·D/N: 4 s, 25 frames a second
    wanted = [int((i + 0.5) * 4 / 8 * 25) for i in range(8)]
    check("bars: instants", [f["bars"] for f in seen["bars"]["frames"]] == wanted,
          [f["bars"] for f in seen["bars"]["frames"]])
    audio = seen["tone"]["audio"]
    check("tone", len(audio) == 1 and abs(audio[0]["seconds"] - 3) < 0.01 and audio[0]["rate"] == 16000
          and audio[0]["channels"] == 1 and audio[0]["bits"] == 16 and not seen["tone"]["frames"], audio)


def test_real_clips(folder):
    clips = os.path.join(SHARED, "clips", "real")
    if not os.path.isdir(clips):
        print("real clips are not there: skipped")
        return
    with server(folder) as (uri, requests):
        models = write_models(folder, uri)
        done, samples = run(folder, "one-stage.json", clips, models)
        check("real clips", done.returncode == 0, done.stderr)
        bad = [(s["id"], s["results"][-1]) for s in samples if s["results"][-1]["outcome"] != "answered"]
        check("real clips answered", samples and not bad, bad)
        check("nothing refused", not [r for r in requests() if "refused" in r])
        by_key = {line["key"]: line for line in requests()}
        for sample in samples:
            compare(sample, by_key)
        n_calls = len(requests())
        again, _ = run(folder, "one-stage.json", clips, models)
        check("another store, other calls", len(requests()) == 2 * n_calls, again.stderr)

    with server(folder) as (uri, requests):
        done, samples = run(folder, "two-stage-trimodal.json", clips, write_models(folder, uri))
        for sample in samples:
            stages = {r["stage"]: r for r in sample["results"]}
            media = sample["media"]
            has = {"audio": bool(media.get("audio")), "video": bool(media.get("frames"))}
            for name in ["audio", "video"]:
                wanted = "answered" if has[name] else "skipped"
                check(f"two stages: {sample['id']} {name}", stages[name]["outcome"] == wanted, stages[name])
            check(f"two stages: {sample['id']}", stages["answer"]["outcome"] == "answered", stages["answer"])


def compare(sample, by_key):
    """What the server decoded is what the manifest says."""
    result = sample["results"][-1]
    line = by_key.get(result.get("call_key", result.get("call")))
    media = sample["media"]
    check(f"{sample['id']}: request", line is not None, result)
    if line is None:
        return
    frames = [(f["width"], f["height"], f["bytes"]) for f in media.get("frames", [])]
    check(f"{sample['id']}: frames", [(f["width"], f["height"], f["bytes"]) for f in line["frames"]] == frames)
    if media.get("audio"):
        check(f"{sample['id']}: audio", abs(line["audio"][0]["seconds"] - media["audio"]["seconds"]) < 1e-3, line["audio"])
    else:
        check(f"{sample['id']}: no audio", not line["audio"])


def main():
    with tempfile.TemporaryDirectory(prefix="mer-server-") as folder:
        test_made_clips(folder)
        test_real_clips(folder)
    for failure in FAILURES:
        print("FAILED", failure, file=sys.stderr)
    return 1 if FAILURES else 0


sys.exit(main())
