# SPDX-License-Identifier: LGPL-2.1-or-later
"""merexample asks a server and records what it answers.

The server is ten lines of Python that play the real one. Play its errors too: what becomes of
a 429, of an answer without text, of one that is cut off?
"""
import base64
import http.server
import json
import os
import subprocess
import tempfile
import threading

ASKED = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        ASKED.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        answer = json.dumps({"response": "[happy, calm]"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def launch(*line):
    done = subprocess.run(["gst-launch-1.0", "-q", *line], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
with tempfile.TemporaryDirectory() as folder:
    os.environ["GST_REGISTRY"] = os.path.join(folder, "registry.bin")
    clip = os.path.join(folder, "clip.mkv")
    launch("videotestsrc", "num-buffers=25", "!", "jpegenc", "!", "matroskamux", "!", "filesink", f"location={clip}")
    record = json.loads(launch(
        "merdatasetsrc", f"clips={clip}", "!", "mermedia", "frames=2", "!",
        "merexample", f"uri=http://127.0.0.1:{server.server_port}", "model=m", "!", "mersampleenc", "!", "fdsink"))

path, request = ASKED[0]
result = record["results"][-1]
assert path == "/api/generate", path
assert request["model"] == "m" and request["prompt"], request
assert [base64.b64decode(image)[:2] for image in request["images"]] == [b"\xff\xd8"] * 2, "two JPEGs were to be sent"
assert (result["outcome"], result["text"]) == ("answered", "[happy, calm]"), result
