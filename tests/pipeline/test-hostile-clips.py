#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files that name other files or servers, dressed as clips: nothing is connected to, nothing
else is opened, and every one of them ends as decode-failed. Clips of which a part was
damaged end with an outcome too."""

import ctypes
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

IN_OPEN = 0x20


def atom(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def reference_movie(url):
    data = url.encode() + b"\0"
    target = atom(b"rdrf", b"\0\0\0\0", b"url ", struct.pack(">I", len(data)), data)
    return (atom(b"ftyp", b"qt  ", b"\0\0\0\0", b"qt  ")
            + atom(b"moov", atom(b"rmra", atom(b"rmda", target))))


def disguises(url, path):
    """contents that name a server or a file"""
    return {
        "hls": f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{url}/a.ts\n"
               f"#EXTINF:5,\nfile://{path}\n#EXT-X-ENDLIST\n",
        "m3u": f"#EXTM3U\n{path}\n{url}/b.mp4\n",
        "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
                'mediaPresentationDuration="PT5S"><Period><AdaptationSet><Representation '
                f'id="1" bandwidth="1"><BaseURL>{url}/c.mp4</BaseURL></Representation>'
                "</AdaptationSet></Period></MPD>",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
               f"m=video {url.rsplit(':', 1)[1]} RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "urilist": f"{url}/d.mp4\r\nfile://{path}\r\n",
        "smil": f'<smil><body><video src="{url}/e.mp4"/><video src="file://{path}"/></body></smil>',
        "xspf": '<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/">'
                f"<trackList><track><location>{url}/f.mp4</location></track></trackList></playlist>",
        "asx": f'<asx version="3.0"><entry><ref href="{url}/g.wmv"/></entry></asx>',
        "ram": f"rtsp://{url[7:]}/h.rm\n",
        "svg": '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" '
               f'xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="file://{path}"/></svg>',
        "qtl": f'<?xml version="1.0"?><?quicktime type="application/x-quicktime-media-link"?>'
               f'<embed src="{url}/i.mov"/>',
        "concat": f"ffconcat version 1.0\nfile '{path}'\n",
        "reference": reference_movie(url + "/j.mov"),
        "reference-file": reference_movie("file://" + str(path)),
        "reference-rtsp": reference_movie("rtsp://" + url[7:] + "/k"),
    }


def watch(path):
    """a function that says how often @path was opened"""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init1(os.O_NONBLOCK)
    if libc.inotify_add_watch(fd, os.fsencode(path), IN_OPEN) < 0:
        raise OSError(ctypes.get_errno(), "inotify")

    def count():
        try:
            return len(os.read(fd, 65536)) // 16
        except BlockingIOError:
            return 0
    return count


def media_of(folder, isolation):
    done = subprocess.run(
        ["gst-launch-1.0", "-q", "merdatasetsrc", f"clips={folder}", "!", "mermedia", "jobs=2",
         f"isolation={isolation}", "deadline=60", "!", "mersampleenc", "!", "fdsink"],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {record["id"]: record["media"] for record in records}


def check_disguises(folder):
    clips = folder / "clips"
    clips.mkdir()
    sentinel = folder / "sentinel.mp4"
    sentinel.write_bytes(b"nobody opens this")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    contents = disguises(url, sentinel)
    for name, content in contents.items():
        data = content.encode() if isinstance(content, str) else content
        (clips / f"{name}.mp4").write_bytes(data)
    opened = watch(sentinel)
    for isolation in ("process", "none"):
        media = media_of(clips, isolation)
        assert set(media) == set(contents), set(contents) ^ set(media)
        for name, one in media.items():
            assert one["outcome"] == "decode-failed" and one["detail"], (name, one)
        assert opened() == 0, "a second file was opened"
        try:
            listener.accept()
        except BlockingIOError:
            continue
        raise AssertionError("something connected")
    assert (sentinel.read_bytes(), opened() > 0)[1], "the watch sees nothing"


def check_shared():
    shared = os.environ.get("MER_SHARED_DATA")
    odd = pathlib.Path(shared or "/nonexistent") / "clips" / "odd"
    if not odd.is_dir():
        print("no shared clips here: the odd ones were not tried")
        return
    media = media_of(odd, "process")
    known = ("answered", "decode-failed")
    assert len(media) >= 20 and all(m["outcome"] in known for m in media.values())
    for name, one in media.items():
        print(f"{name}: {one['outcome']} {one.get('detail', '')}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_disguises(pathlib.Path(folder))
    check_shared()
    return 0


sys.exit(main())
