#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clips to 8 frames and 16 kHz mono: the decode workers, PyAV and ffmpeg on clips made here.
Same instants, same sizes, full-range JPEG, WAV samples. The contenders take turns in every
round, so that what else the machine does slows all of them alike; the ratio of each round is
of its own times. Prints how many times as fast the workers are, by the clock and by processor
time of all processes together: the median and, in brackets, the least and the most of the
rounds. PyAV is left out where it is not installed.

bench-decode.py BENCH-DECODE [--full] [--rounds N]"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

JOBS = 2
FRAMES = 8
WIDTH, HEIGHT = 512, 288
RATE = 25
TURN_SECONDS = 180
# how much like ffmpeg's the frames must be; against the picture before or after it is 25 dB
LEAST_PSNR = 30

PYAV = r"""
import os
import sys
from fractions import Fraction
import av
# its own callback takes the interpreter's lock in libav's threads, while closing a decoder
# holds the lock and waits for them: for ever
av.logging.restore_default_callback()
out = os.environ.get("MER_BENCH_OUT")

def decode(path):
    with av.open(path) as container:
        decode_open(container)

def decode_open(container):
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
    before, n, samples, chosen = None, 0, bytearray(), 0
    def keep(frame):
        nonlocal chosen
        small = frame.reformat(width=%(width)d, height=%(height)d, format="yuvj420p")
        small.time_base = jpeg.time_base
        small.pts = chosen
        data = b"".join(bytes(p) for p in jpeg.encode(small))
        assert len(data) > 100
        if out:
            open("%%s-%%02d.jpg" %% (out, chosen), "wb").write(data)
        chosen += 1
    def take(frames):
        nonlocal before, n
        for frame in frames:
            while n < len(wanted) and frame.time > wanted[n]:
                keep(before or frame)
                n += 1
            before = frame
    for packet in container.demux(video, audio):
        if packet.stream.type == "audio":
            for frame in packet.decode():
                for piece in resampler.resample(frame):
                    samples += bytes(piece.planes[0])[:piece.samples * 2]
        elif n < len(wanted):
            take(packet.decode())
    while n < len(wanted):
        keep(before)
        n += 1
    jpeg.close()
    assert chosen == %(frames)d and len(samples) > 0

clips = sys.argv[1:]
decode(clips[0])
print("ready", flush=True)
for line in sys.stdin:
    for clip in clips:
        decode(clip)
    print("done", flush=True)
"""


def make(path, seconds):
    # says BT.601: what is not said is BT.709 to some at this size and BT.601 to others
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y",
         "-f", "lavfi", "-i", f"testsrc2=s=1280x720:r={RATE}:d={seconds},noise=alls=12:allf=t",
         "-f", "lavfi", "-i", f"sine=f=440:r=44100:d={seconds}",
         "-c:v", "libx264", "-preset", "veryfast", "-b:v", "2500k", "-pix_fmt", "yuv420p",
         "-colorspace", "smpte170m", "-color_range", "tv",
         "-c:a", "aac", "-b:a", "128k", "-shortest", path], check=True)


def processor_seconds(pid):
    """of a process and those that it started and that still run"""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        tasks = list(pathlib.Path(f"/proc/{pid}/task").iterdir())
        children = [int(c) for t in tasks for c in (t / "children").read_text().split()]
    except OSError:
        return 0
    # user and system, its own and those of children that ended
    own = sum(int(f) for f in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_seconds(child) for child in children)


class Servers:
    """processes that are warm before the clock runs and decode their clips on demand"""

    def __init__(self, name, commands, out=None):
        self.name = name
        environment = dict(os.environ, MER_BENCH_OUT=str(out)) if out else None
        self.children = [subprocess.Popen(c, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          stderr=subprocess.DEVNULL, text=True,
                                          env=environment) for c in commands]
        self.works = self.expect("ready")

    def expect(self, word):
        watchdog = threading.Timer(TURN_SECONDS, lambda: [c.kill() for c in self.children])
        watchdog.start()
        good = all([child.stdout.readline() == word + "\n" for child in self.children])
        watchdog.cancel()
        return good

    def spent(self):
        return sum(processor_seconds(child.pid) for child in self.children)

    def turn(self):
        """seconds by the clock and of processors; None if it does not work"""
        if not self.works:
            return None
        before, start = self.spent(), time.monotonic()
        for child in self.children:
            child.stdin.write("go\n")
            child.stdin.flush()
        self.works = self.expect("done")
        return (time.monotonic() - start, self.spent() - before) if self.works else None

    def end(self):
        for child in self.children:
            child.stdin.close()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


class Ffmpeg:
    """a process a clip, as many at a time as the others have processes"""

    name = "ffmpeg"

    def __init__(self, clips, seconds, folder):
        self.clips, self.seconds, self.folder = clips, seconds, folder

    def one(self, clip):
        stem = os.path.join(self.folder, "ffmpeg-" + os.path.basename(clip))
        wanted = [int((i + 0.5) * self.seconds / FRAMES * RATE) for i in range(FRAMES)]
        select = "+".join(f"eq(n,{n})" for n in wanted)
        child = subprocess.Popen(
            ["ffmpeg", "-v", "error", "-y", "-nostdin", "-i", clip,
             "-map", "0:v:0", "-vf",
             f"select='{select}',scale={WIDTH}:{HEIGHT}:out_range=full,format=yuvj420p",
             "-vsync", "0", "-frames:v", str(FRAMES), "-q:v", "3", "-start_number", "0", stem + "-%02d.jpg",
             "-map", "0:a:0", "-ar", "16000", "-ac", "1", stem + ".wav"])
        usage = os.wait4(child.pid, 0)[2]
        return usage.ru_utime + usage.ru_stime

    def turn(self):
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            spent = sum(pool.map(self.one, self.clips))
        return time.monotonic() - start, spent

    def end(self):
        pass


def pyav_commands(clips):
    code = PYAV % {"frames": FRAMES, "width": WIDTH, "height": HEIGHT}
    return [["/usr/bin/python3", "-c", code, *clips[i::JOBS]] for i in range(JOBS)]


def least_psnr(left, right):
    """dB of the worst of the frames"""
    shape = f"scale={WIDTH}:{HEIGHT}:in_range=full:out_range=full,format=yuv420p"
    done = subprocess.run(
        ["ffmpeg", "-v", "info", "-nostdin", "-i", f"{left}-%02d.jpg", "-i",
         f"{right}-%02d.jpg", "-lavfi", f"[0]{shape}[a];[1]{shape}[b];[a][b]psnr=stats_file=-",
         "-f", "null", "-"], check=True, capture_output=True, text=True)
    values = re.findall(r"psnr_y:([0-9.]+|inf)", done.stdout)
    assert len(values) == FRAMES, done.stderr
    return min(float(v) for v in values)


def check_frames(name, program, clip, seconds, folder):
    """that all of them make the same frames"""
    for who, commands in (("workers", [[program, "1", str(FRAMES), clip]]),
                          ("PyAV", pyav_commands([clip])[:1])):
        out = os.path.join(folder, who)
        servers = Servers(who, commands, out)
        servers.end()
        if not servers.works:
            continue
        Ffmpeg([clip], seconds, folder).turn()
        psnr = least_psnr(out, os.path.join(folder, "ffmpeg-" + os.path.basename(clip)))
        print(f"{name}: frames of {who} against ffmpeg's: {psnr:.1f} dB at least", flush=True)
        assert psnr > LEAST_PSNR, "these are not the same frames"


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def compare(program, name, seconds, n, rounds, folder):
    first = os.path.join(folder, f"{name}.mp4")
    make(first, seconds)
    check_frames(name, program, first, seconds, folder)
    clips = [first]
    for i in range(1, n):
        clips.append(os.path.join(folder, f"{name}-{i}.mp4"))
        os.link(first, clips[-1])
    contenders = [Servers("workers", [[program, str(JOBS), str(FRAMES), *clips]]),
                  Servers("PyAV", pyav_commands(clips)), Ffmpeg(clips, seconds, folder)]
    turns = {c.name: [] for c in contenders}
    for i in range(rounds):
        for contender in contenders[::-1 if i % 2 else 1]:
            turns[contender.name].append(contender.turn())
    for contender in contenders:
        contender.end()
    report(name, f"{n} clips of {seconds} s", turns)


def report(name, what, turns):
    mine = turns["workers"]
    if None in mine:
        raise SystemExit(f"{name}: the workers failed")
    n = int(what.split()[0])
    print(f"{name}: {what}, {JOBS} at once, {len(mine)} rounds, load "
          f"{os.getloadavg()[0]:.1f}")
    for who, theirs in turns.items():
        if None in theirs:
            print(f"{name}: {who} is not here, or did not finish")
            continue
        wall, spent = (statistics.median(t[i] for t in theirs) / n * 1000 for i in (0, 1))
        line = f"{name}: {who}: {wall:.1f} ms, {spent:.1f} ms of processor a clip"
        if who != "workers":
            ratios = [spread([t[i] / m[i] for t, m in zip(theirs, mine)]) for i in (0, 1)]
            line += f"; workers are {ratios[0]} x as fast, by processor time {ratios[1]}"
        print(line, flush=True)


def main():
    arguments = sys.argv[1:]
    full = "--full" in arguments
    rounds = int(arguments[arguments.index("--rounds") + 1]) if "--rounds" in arguments else 2
    if shutil.which("ffmpeg") is None:
        print("ffmpeg is not here to make clips and to compare with")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        compare(arguments[0], "short", 6, 40 if full else 12, rounds, folder)
        compare(arguments[0], "long", 60, 6 if full else 4, rounds, folder)
    return 0


sys.exit(main())
