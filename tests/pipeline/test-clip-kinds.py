#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kinds of video that make it hard to decode a part alone (open groups, fields, ten bits,
pictures that are not shown), made here by ffmpeg: what is decoded for the wanted pictures
alone is what comes of decoding everything, and the times are those that ffmpeg says. The
same for clips of which bytes were damaged, which say how many pictures were lost."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

SECONDS = 3
X264 = ["-c:v", "libx264", "-preset", "veryfast"]
X265 = ["-c:v", "libx265", "-preset", "ultrafast"]
VPX = ["-deadline", "realtime", "-cpu-used", "8", "-g", "12", "-lag-in-frames", "8",
       "-auto-alt-ref", "1"]
OPEN = "open-gop=1:keyint=12:bframes=3:log-level=none"
KINDS = {
    "h264-open.mp4": [*X264, "-x264-params", OPEN + ":b-pyramid=2"],
    "h264-open-stream.ts": [*X264, "-x264-params", OPEN],
    "h264-fields.mkv": ["-vf", "interlace", *X264, "-flags", "+ildct+ilme",
                        "-x264-params", "tff=1:keyint=12:log-level=none"],
    "h264-10-bit.mp4": ["-pix_fmt", "yuv420p10le", *X264, "-x264-params",
                        "keyint=12:log-level=none"],
    "hevc-open.mp4": [*X265, "-tag:v", "hvc1", "-x265-params", OPEN],
    "hevc-10-bit.mkv": ["-pix_fmt", "yuv420p10le", *X265, "-x265-params",
                        "keyint=12:log-level=none"],
    "mpeg2.ts": ["-c:v", "mpeg2video", "-g", "12", "-bf", "2"],
    "vp8.webm": ["-c:v", "libvpx", *VPX],
    "vp9.webm": ["-c:v", "libvpx-vp9", *VPX],
}
# of these a few packets are damaged as well
DAMAGED = ("h264-open.mp4", "vp8.webm", "vp9.webm")


def make(folder, name, arguments):
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi",
         "-i", f"testsrc2=s=320x180:r=25:d={SECONDS}", *arguments, str(folder / name)],
        capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{name}: this ffmpeg does not make it")
        (folder / name).unlink(missing_ok=True)
        return False
    return True


def damage(path, seed):
    """bytes of one packet in eight, after the first group; never where a packet begins"""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries",
                           "packet=pos,size", "-of", "csv=p=0", str(path)], check=True,
                          capture_output=True, text=True)
    packets = sorted((int(pos), int(size)) for size, pos in
                     (line.split(",")[:2] for line in done.stdout.split()))
    data = bytearray(path.read_bytes())
    chance = random.Random(seed)
    for pos, size in packets[20::8]:
        for _ in range(12):
            data[pos + size // 3 + chance.randrange(max(size // 2, 1))] = chance.randrange(256)
    path.with_stem(path.stem + "-damaged").write_bytes(data)


def media_of(folder, select):
    done = subprocess.run(
        ["gst-launch-1.0", "-q", "merdatasetsrc", f"clips={folder}", "!", "mermedia", "jobs=2",
         f"frame-select={select}", "deadline=60", "!", "mersampleenc", "!", "fdsink"],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {record["id"]: record["media"] for record in records}


def times_of(path):
    """when ffmpeg shows the pictures, from the first one on"""
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries",
         "frame=best_effort_timestamp_time", "-of", "csv=p=0", str(path)], check=True,
        capture_output=True, text=True)
    times = sorted(float(line.strip(",")) for line in done.stdout.split())
    return [time - times[0] for time in times]


def check_times(path, media):
    times = times_of(path)
    assert media["video"]["pictures"] == len(times), (path, media["video"], len(times))
    for frame in media["frames"]:
        shown = max(time for time in times if time <= frame["time"] + 0.0015)
        assert abs(frame["pts"] - shown) < 0.0015, (path, frame, shown)


def check(path, gop, full):
    assert gop["outcome"] == full["outcome"] == "answered", (path, gop, full)
    same = [[f["sha256"] for f in one["frames"]] for one in (gop, full)]
    assert same[0] == same[1], f"{path}: other frames than by decoding everything"
    if "-damaged" not in path.name:
        check_times(path, gop)
        assert "notes" not in gop and "lost" not in gop["video"], (path, gop)
        return
    print(f"{path.name}: {gop['video'].get('lost')} lost, {gop.get('notes')}")
    for one in (gop, full):
        lost = one["video"].get("lost", 0)
        assert (lost > 0) == any(n.startswith("partial: ") for n in one.get("notes", [])), one
    assert gop["video"] == full["video"], (path, gop, full)


def main():
    if shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None:
        print("ffmpeg is not here to make clips")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for seed, (kind, arguments) in enumerate(KINDS.items()):
            if make(folder, kind, arguments) and kind in DAMAGED:
                damage(folder / kind, seed)
        gop, full = media_of(folder, "gop"), media_of(folder, "full")
        paths = sorted(folder.iterdir())
        assert len(paths) == len(gop) == len(full)
        for path in paths:
            check(path, gop[path.stem], full[path.stem])
        assert sum("lost" in one.get("video", {}) for one in gop.values()) > 0
    return 0


sys.exit(main())
