# SPDX-License-Identifier: LGPL-2.1-or-later
"""The test server as its own tests ask it, and good requests of each protocol.

Raw HTTP by Python's standard library: no code of the project is on this side.
"""
import base64
import contextlib
import http.client
import json
import os
import struct
import subprocess
import sys
import tempfile

PROGRAM = os.environ["MER_TEST_SERVER"]
FAILURES = []
KEY = "sk-test-0123456789"

JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19i"
    "Z2hnPk1xeXBkeFxlZ2P/wAALCAAQABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF"
    "BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW"
    "V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi"
    "4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AO2ooor/2Q==")
WAV_DATA = b"\x10\x00" * 8000
WAV = (b"RIFF" + struct.pack("<I", 36 + len(WAV_DATA)) + b"WAVEfmt "
       + struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16)
       + b"data" + struct.pack("<I", len(WAV_DATA)) + WAV_DATA)
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64)
JPEG64, WAV64, MP464 = (base64.b64encode(b).decode() for b in (JPEG, WAV, MP4))
SCHEMA = {"type": "object", "additionalProperties": False, "required": ["labels"],
          "properties": {"labels": {"type": "array", "items": {"type": "string"}}}}


def check(what, truth, detail=""):
    if not truth:
        FAILURES.append(f"{what}: {detail}")
        print("FAIL", what, str(detail)[:600], flush=True)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def __repr__(self):
        return f"{self.status} {self.text[:500]}"


class Server:
    def __init__(self, uri, log):
        self.uri, self.log = uri, log
        self.address, _, base = uri.removeprefix("http://").partition("/")
        self.base = "/" + base if base else ""

    def ask(self, path, body=None, headers=None, method=None):
        """@path: below the base; with two slashes before it, the whole path."""
        connection = http.client.HTTPConnection(self.address, timeout=20)
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        everything = {"Content-Type": "application/json", **(headers or {})}
        whole = path[1:] if path.startswith("//") else self.base + path
        try:
            connection.request(method or ("GET" if data is None else "POST"), whole, data, everything)
            reply = connection.getresponse()
            return Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
        except http.client.IncompleteRead as error:
            return Answer(-2, {}, error.partial)
        except (http.client.HTTPException, OSError) as error:
            return Answer(-1, {}, repr(error).encode())
        finally:
            connection.close()

    def lines(self):
        with open(self.log, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


@contextlib.contextmanager
def server(*arguments, env=None):
    with tempfile.TemporaryDirectory(prefix="mer-protocols-") as folder:
        log = os.path.join(folder, "log.jsonl")
        child = subprocess.Popen([PROGRAM, "--die-with-parent", "--log", log, *arguments],
                                 stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        try:
            yield Server(child.stdout.readline().split()[-1], log)
        finally:
            child.kill()
            child.wait()
            child.stdout.close()


def has(value, path, wanted):
    """@path: a/0/b; @wanted: the value, a part of a text, or a type"""
    for step in path.split("/") if path else []:
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return False
    if isinstance(wanted, type):
        return isinstance(value, wanted)
    if isinstance(wanted, str) and isinstance(value, str):
        return wanted in value
    return type(value) is type(wanted) and value == wanted


def change(body, /, **members):
    """a copy with top-level members set; None takes one out"""
    copy = json.loads(json.dumps(body))
    for name, value in members.items():
        copy.pop(name, None)
        if value is not None:
            copy[name] = value
    return copy


def refused(what, answer, status, /, **members):
    good = answer.status == status and all(
        has(answer.json, path.replace("__", "/"), wanted) for path, wanted in members.items())
    check(what, good, answer)


def events(answer):
    """the data of a stream's events, parsed where they are JSON"""
    text = answer.text.replace("\r\n", "\n")
    if "ndjson" in answer.headers.get("content-type", ""):
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    data = ["\n".join(line[6:] for line in block.split("\n") if line.startswith("data: "))
            for block in text.split("\n\n") if "data: " in block]
    return [json.loads(d) if d != "[DONE]" else d for d in data]


GEMINI = {
    "systemInstruction": {"parts": [{"text": "You label."}]},
    "contents": [{"role": "user", "parts": [
        {"inlineData": {"mimeType": "image/jpeg", "data": JPEG64}},
        {"inlineData": {"mimeType": "audio/wav", "data": WAV64}},
        {"inlineData": {"mimeType": "video/mp4", "data": MP464}, "videoMetadata": {"fps": 2}},
        {"text": "Which emotion? Answer as JSON."}]}],
    "generationConfig": {"temperature": 0, "maxOutputTokens": 64, "seed": 1, "responseMimeType": "application/json",
                         "responseSchema": {"type": "OBJECT", "properties": {"labels": {"type": "ARRAY", "items": {"type": "STRING"}}},
                                            "required": ["labels"], "propertyOrdering": ["labels"]},
                         "thinkingConfig": {"thinkingBudget": 0}},
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]}
GENERATE = "/models/gemini-2.5-flash:generateContent"
ANTHROPIC = {
    "model": "claude-haiku-4-5", "max_tokens": 1200, "system": "You label.", "temperature": 0,
    "messages": [{"role": "user", "content": [
        {"type": "text", "text": "Frame at 0.5 s:"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": JPEG64}},
        {"type": "text", "text": "Which emotion? Answer as JSON."}]}],
    "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}, "thinking": {"type": "disabled"}}
VERSION = {"anthropic-version": "2023-06-01"}
OLLAMA = {"model": "gemma3:4b", "stream": False, "think": False, "keep_alive": "10m", "format": SCHEMA,
          "options": {"temperature": 0, "seed": 1, "num_predict": 64, "num_ctx": 16384},
          "messages": [{"role": "system", "content": "You label."},
                       {"role": "user", "content": "Which emotion?", "images": [JPEG64, WAV64]}]}
CHAT = {"model": "gpt-4o-mini", "max_completion_tokens": 64, "temperature": 0, "messages": [
    {"role": "system", "content": "You label."},
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/jpeg;base64," + JPEG64}},
                                 {"type": "text", "text": "Which emotion? Answer as JSON."}]}]}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64," + JPEG64}}
HTTP_IMAGE = {"type": "image_url", "image_url": {"url": "http://127.0.0.1/a.jpg"}}
RAW_AUDIO = {"type": "input_audio", "input_audio": {"data": WAV64, "format": "wav"}}
DATA_AUDIO = {"type": "input_audio", "input_audio": {"data": "data:audio/wav;base64," + WAV64}}
BARE_AUDIO = {"type": "input_audio", "input_audio": {"data": "data:;base64," + WAV64, "format": "wav"}}
URL_AUDIO = {"type": "audio_url", "audio_url": {"url": "data:audio/wav;base64," + WAV64}}
VIDEO = {"type": "video_url", "video_url": {"url": "data:video/mp4;base64," + MP464}}
HTTP_VIDEO = {"type": "video_url", "video_url": {"url": "https://example.org/a.mp4"}}
FRAMES = {"type": "video_url", "video_url": {"url": f"data:video/jpeg;base64,{JPEG64},{JPEG64}"}}
LIST = {"type": "video", "video": ["data:image/jpeg;base64," + JPEG64] * 4, "fps": 2}
WORDS = {"type": "text", "text": "Which emotion? JSON."}
FORMAT = {"type": "json_schema", "json_schema": {"name": "labels", "strict": True, "schema": SCHEMA}}


def chat(*parts, **members):
    """a request with these content parts before the text"""
    body = {"model": "m", "messages": [{"role": "user", "content": [*parts, WORDS]}]}
    return change(body, **members)


INVALID = "invalid_request_error"
RESPONSES = {"model": "gpt-4.1-mini", "instructions": "You label.", "store": False, "max_output_tokens": 64, "input": [
    {"role": "user", "content": [{"type": "input_image", "image_url": "data:image/jpeg;base64," + JPEG64, "detail": "low"},
                                 {"type": "input_text", "text": "Which emotion?"}]}],
    "text": {"format": {"type": "json_schema", "name": "labels", "strict": True, "schema": SCHEMA}}}


def gemini_error(what, answer, code, status, message):
    refused("gemini " + what, answer, code, error__code=code, error__status=status, error__message=message)


def anthropic_error(what, answer, status, kind, message):
    refused("anthropic " + what, answer, status, type="error", error__type=kind, error__message=message, request_id="req_")


def openai_error(what, answer, status, message, kind="invalid_request_error", code=None, param=None):
    refused(what, answer, status, error__message=message, error__type=kind,
            error__code=code, error__param=param)


def upload(s, data=MP4, kind="video/mp4", name="clip"):
    head = {"X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": str(len(data)), "X-Goog-Upload-Header-Content-Type": kind}
    start = s.ask("//upload/v1beta/files", {"file": {"display_name": name}}, head)
    where = "/" + start.headers["x-goog-upload-url"].removeprefix("http://" + s.address)
    half = len(data) // 2
    first = s.ask(where, data[:half], {"X-Goog-Upload-Offset": "0", "X-Goog-Upload-Command": "upload"})
    check("gemini chunk", first.status == 200, first)
    wrong = s.ask(where, data, {"X-Goog-Upload-Offset": "0", "X-Goog-Upload-Command": "upload, finalize"})
    check("gemini wrong offset", wrong.status == 400, wrong)
    return s.ask(where, data[half:], {"X-Goog-Upload-Offset": str(half), "X-Goog-Upload-Command": "upload, finalize"})


def form(*fields, boundary="b0undary"):
    """@fields: (name, value) or (name, file name, bytes)"""
    out = b""
    for name, *rest in fields:
        file = f'; filename="{rest[0]}"\r\nContent-Type: audio/wav' if len(rest) == 2 else ""
        data = rest[-1] if isinstance(rest[-1], bytes) else rest[-1].encode()
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data + b"\r\n"
    return out + f"--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def lines_of(answer):
    return [json.loads(line) for line in answer.text.splitlines()]


def poll(s, path, until):
    for _ in range(10):
        answer = s.ask(path)
        if until(answer.json):
            break
    return answer


def main(tests):
    for test in tests:
        test()
    for failure in FAILURES:
        print("FAILED", failure[:300], file=sys.stderr)
    return 1 if FAILURES else 0
