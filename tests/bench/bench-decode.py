#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clips to 8 frames and 16 kHz mono: the decode workers, PyAV and ffmpeg, one after the other
in one run on clips made here. Same instants, same sizes, full-range RGB, JPEG; prints how
many times as fast the workers are. PyAV is left out where it is not installed.

bench-decode.py BENCH-DECODE [N-SHORT [N-LONG]]"""

import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

JOBS = 2
FRAMES = 8
WIDTH, HEIGHT = 512, 288
PYAV_SECONDS = 240

PYAV = r"""
import sys
from fractions import Fraction
import av
av.logging.set_level(av.logging.PANIC)

def decode(path):
    container = av.open(path)
    video = container.streams.video[0]
    video.thread_type = "AUTO"
    audio = container.streams.audio[0]
    span = float(video.duration * video.time_base)
    start = float((video.start_time or 0) * video.time_base)
    wanted = [start + (i + 0.5) * span / %(frames)d for i in range(%(frames)d)]
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16000)
    jpeg = av.CodecContext.create("mjpeg", "w")
    jpeg.width, jpeg.height, jpeg.pix_fmt = %(width)d, %(height)d, "yuvj420p"
    jpeg.time_base = Fraction(1, 25)
    jpeg.options = {"qmin": "3", "qmax": "3", "flags": "qscale"}
    before, n, samples, chosen = None, 0, 0, 0
    def keep(frame):
        nonlocal chosen
        small = frame.reformat(width=%(width)d, height=%(height)d, format="yuvj420p")
        small.time_base = jpeg.time_base
        small.pts = chosen
        chosen += 1
        data = b"".join(bytes(p) for p in jpeg.encode(small))
        assert len(data) > 100 or chosen < 2
    for packet in container.demux(video, audio):
        if packet.stream.type == "audio":
            for frame in packet.decode():
                for piece in resampler.resample(frame):
                    samples += piece.samples
            continue
        if n == len(wanted):
            continue
        for frame in packet.decode():
            while n < len(wanted) and frame.time > wanted[n]:
                keep(before or frame)
                n += 1
            before = frame
    while n < len(wanted):
        keep(before)
        n += 1
    container.close()
    assert chosen == %(frames)d and samples > 0

clips = sys.argv[1:]
decode(clips[0])
print("ready", flush=True)
sys.stdin.readline()
for clip in clips:
    decode(clip)
print("done", flush=True)
"""


def make(path, seconds):
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y",
         "-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d={seconds},noise=alls=12:allf=t",
         "-f", "lavfi", "-i", f"sine=f=440:r=44100:d={seconds}",
         "-c:v", "libx264", "-preset", "veryfast", "-b:v", "2500k", "-pix_fmt", "yuv420p",
         "-c:a", "aac", "-b:a", "128k", "-shortest", path], check=True)


def ours(program, clips):
    done = subprocess.run([program, str(JOBS), "1", str(FRAMES), *clips], check=True,
                          stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def pyav(clips):
    """two processes, started and warm before the clock runs, as the workers are"""
    code = PYAV % {"frames": FRAMES, "width": WIDTH, "height": HEIGHT}
    children = [subprocess.Popen(["/usr/bin/python3", "-c", code, *clips[i::JOBS]],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                for i in range(JOBS)]
    # PyAV's frame threads have been seen to wait for each other for ever
    watchdog = threading.Timer(PYAV_SECONDS, lambda: [child.kill() for child in children])
    watchdog.start()
    try:
        return time_pyav(children)
    finally:
        watchdog.cancel()


def time_pyav(children):
    if any([child.stdout.readline() != "ready\n" for child in children]):
        for child in children:
            child.kill()
            child.communicate()
        return None
    start = time.monotonic()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    done = [child.stdout.readline() == "done\n" for child in children]
    seconds = time.monotonic() - start if all(done) else None
    for child in children:
        child.communicate()
    return seconds


def ffmpeg(clips, seconds, folder):
    def one(clip):
        stem = os.path.join(folder, os.path.basename(clip))
        half = seconds / FRAMES / 2
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-i", clip,
             "-map", "0:v:0", "-vf",
             f"fps={FRAMES}/{seconds}:start_time={half}:round=near,"
             f"scale={WIDTH}:{HEIGHT}:out_range=full,format=yuvj420p",
             "-frames:v", str(FRAMES), "-q:v", "3", stem + "-%02d.jpg",
             "-map", "0:a:0", "-ar", "16000", "-ac", "1", stem + ".wav"], check=True)

    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(one, clips))
    return time.monotonic() - start


def compare(program, name, seconds, n, folder):
    first = os.path.join(folder, f"{name}.mp4")
    make(first, seconds)
    clips = [first]
    for i in range(1, n):
        clips.append(os.path.join(folder, f"{name}-{i}.mp4"))
        os.link(first, clips[-1])
    mine = ours(program, clips)
    print(f"{name}: {n} clips of {seconds} s, {JOBS} at once: {mine / n * 1000:.1f} ms a clip")
    for other, run in (("PyAV", lambda: pyav(clips)),
                       ("ffmpeg", lambda: ffmpeg(clips, seconds, folder))):
        took = run()
        if took is None:
            print(f"{name}: {other} is not here, or did not finish")
        else:
            print(f"{name}: {took / mine:.2f} x {other} ({took / n * 1000:.1f} ms a clip)")


def main():
    program = sys.argv[1]
    n_short = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    n_long = int(sys.argv[3]) if len(sys.argv) > 3 else 6
    if shutil.which("ffmpeg") is None:
        print("ffmpeg is not here to make clips and to compare with")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        compare(program, "short", 6, n_short, folder)
        compare(program, "long", 60, n_long, folder)
    return 0


sys.exit(main())
