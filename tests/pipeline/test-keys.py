# SPDX-License-Identifier: LGPL-2.1-or-later
"""No key in logs, stores, records, reports or command lines, whatever a server says.

A server of its own quotes the key that it was given in every way it can: plain, escaped,
letter by letter in a stream, in headers, in names, in the address of a redirect. Each
backend that takes a key runs a small study against it, with all debug output on, and the key
is looked for in everything that is left afterwards and in /proc while the study runs.
"""
import glob
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

BUILD = os.environ["MER_BUILD_ROOT"]
MER = os.path.join(BUILD, "tools", "mer")
KEY = "sk-Zq7/secret+Xy93.kT0"
FAILURES = []

# element → header of its key
BACKENDS = {
    "meropenai": "authorization",
    "mergemini": "x-goog-api-key",
    "meranthropic": "x-api-key",
}
LINES = 12


def check(what, truth, detail=""):
    if not truth:
        FAILURES.append(what)
        print("FAIL", what, detail, flush=True)


def escape(text):
    return "".join(f"\\u{ord(c):04x}" for c in text)


def answers(key):
    """(status, headers, type, body), one after the other; none ends the run."""
    def openai(**message):
        return json.dumps({"id": key, "model": key, "system_fingerprint": key, "choices": [
            {"message": {"role": "assistant", **message}, "finish_reason": "stop"}]})
    stream = "".join(f"data: {json.dumps({'choices': [{'delta': {'content': c}}]})}\n\n" for c in f"[happy] {key}")
    gemini = json.dumps({"modelVersion": key, "candidates": [
        {"finishReason": "STOP", "content": {"parts": [{"text": key, "thought": True}, {"text": f"[sad] {key}"}]}}]})
    claude = json.dumps({"type": "message", "model": key, "stop_reason": "end_turn", "content": [
        {"type": "thinking", "thinking": key}, {"type": "text", "text": f"[calm] {key}"}], "usage": {}})
    return [
        (400, {}, "application/json", '{"error":{"message":"bad key %s","type":"x"}}' % escape(key)),
        (200, {"x-request-id": key}, "application/json", openai(content=f"[happy] {key}", reasoning_content=key)),
        (200, {}, "application/json", openai(content="").replace('""', f'"{escape(key)}"')),
        (200, {}, "text/event-stream", stream + 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'),
        (422, {"retry-after": key}, "text/plain", f"what is {key}?"),
        (200, {}, "application/json", gemini),
        (200, {}, "application/json", claude),
        (400, {}, "application/json", json.dumps({"error": {"code": key, "status": key, "message": key, "param": key}})),
    ]


class Quoter(http.server.BaseHTTPRequestHandler):
    header = ""
    last_words = None
    count = 0
    seen = 0

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        given = self.headers.get(self.header, "").removeprefix("Bearer ")
        Quoter.seen += given == KEY
        if Quoter.last_words is not None:
            status, headers, kind, body = Quoter.last_words(given)
        else:
            table = answers(given)
            status, headers, kind, body = table[Quoter.count % len(table)]
            Quoter.count += 1
        data = body.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


# what ends a run: a wrong key, a redirect
ENDINGS = {
    "401": lambda key: (401, {}, "application/json", '{"error":{"message":"wrong key %s"}}' % escape(key)),
    "redirect": lambda key: (302, {"location": f"http://127.0.0.1:1/?key={key}"}, "text/plain", ""),
    "redirect-encoded": lambda key: (307, {"location": "/?key=" + "".join(f"%{ord(c):02x}" for c in key)}, "text/plain", ""),
}


def write_study(folder, element, uri):
    with open(os.path.join(folder, "lines.csv"), "w", encoding="utf-8") as file:
        file.write("name,openset,said\n" + "".join(f"line-{i},[happy],words {i}\n" for i in range(LINES)))
    with open(os.path.join(folder, "lines.json"), "w", encoding="utf-8") as file:
        json.dump({"format": "mer-dataset/1", "name": "lines", "table": "lines.csv", "id": "name",
                   "truth": {"kind": "labels", "column": "openset"},
                   "subtitle": {"table": "lines.csv", "id": "name", "column": "said"}}, file)
    with open(os.path.join(folder, "study.json"), "w", encoding="utf-8") as file:
        json.dump({"format": "mer-description/1", "name": "keys", "summary": "one stage", "launch": [
            "mermodel name=ask model=quoter modalities=text", "! merlabels name=labels"]}, file)
    with open(os.path.join(folder, "models.json"), "w", encoding="utf-8") as file:
        json.dump({"format": "mer-models/1", "models": {"quoter": {
            "backend": element, "modalities": ["text"], "limits": {"max-in-flight": 2},
            "properties": {"uri": uri, "model": "m", "api-key-env": "MER_TEST_API_KEY"}}}}, file)


def command_lines():
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                line = file.read()
        except OSError:
            continue
        if KEY.encode() in line:
            found.append(line)
    return found


def run_study(folder, name):
    environment = dict(os.environ, MER_TEST_API_KEY=KEY, GST_DEBUG="*:7", GST_DEBUG_FILE=f"{folder}/{name}.log",
                       G_MESSAGES_DEBUG="all", XDG_CACHE_HOME=os.path.join(folder, "cache"))
    with open(f"{folder}/{name}.out", "wb") as out, open(f"{folder}/{name}.err", "wb") as err:
        child = subprocess.Popen([MER, "run", "study.json", "--dataset", "lines.json", "--models", "models.json", "--output", f"{name}.mer"],
                                 cwd=folder, env=environment, stdout=out, stderr=err)
        while child.poll() is None:
            check(f"{name}: command line", not command_lines())
            time.sleep(0.02)
    for what in ["samples", "results", "calls", "runs"]:
        subprocess.run(f"{MER} export {name}.mer --what {what} > {name}.{what} 2> {name}.{what}.err", shell=True,
                       cwd=folder, check=False)
    subprocess.run(f"{MER} inspect {name}.mer > {name}.inspect 2>&1", shell=True, cwd=folder, check=False)
    return child.returncode


def search(folder, name):
    """The key in whole, and any longer piece of it, in every file that is left."""
    pieces = [KEY, KEY[:12], KEY[-12:], KEY.replace("/", "\\/"), escape(KEY)]
    for path in glob.glob(os.path.join(folder, "**"), recursive=True):
        if not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            content = file.read()
        for piece in pieces:
            at = content.find(piece.encode())
            check(f"{name}: {os.path.basename(path)}", at < 0, content[max(0, at - 80):at + 80])


def test_backend(element, header):
    Quoter.header, Quoter.count, Quoter.seen, Quoter.last_words = header, 0, 0, None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quoter)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        write_study(folder, element, f"http://127.0.0.1:{server.server_address[1]}/v1")
        code = run_study(folder, "study")
        check(f"{element}: exit {code}", code == 1, open(f"{folder}/study.err", encoding="utf-8").read()[-600:])
        check(f"{element}: the server was given the key {Quoter.seen} times", Quoter.seen >= LINES)
        search(folder, element)
        for name, words in ENDINGS.items():
            Quoter.last_words = words
            code = run_study(folder, name)
            check(f"{element} {name}: exit {code}", code != 0)
            search(folder, f"{element} {name}")
    server.shutdown()


def main():
    tested = 0
    for element, header in BACKENDS.items():
        if subprocess.run(["gst-inspect-1.0", element], stdout=subprocess.DEVNULL, check=False).returncode != 0:
            print(f"{element} is not built")
            continue
        test_backend(element, header)
        tested += 1
    check("no backend was tested", tested > 0)
    sys.exit(1 if FAILURES else 0)


main()
