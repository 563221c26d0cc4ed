# SPDX-License-Identifier: LGPL-2.1-or-later
"""The test server plays every protocol as strictly as the real servers do.

Raw HTTP by Python's standard library, as no code of the project is on this side: each
protocol's good request is answered, each of a table of bad ones is refused with the real
server's status and words, and every fault has its literal shape.
"""
import base64
import concurrent.futures
import contextlib
import http.client
import json
import os
import socket
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


def gemini_with(part=None, config=None, **members):
    body = change(GEMINI, **members)
    if part is not None:
        body["contents"][0]["parts"][0] = part
    body["generationConfig"].update(config or {})
    return body


def gemini_error(what, answer, code, status, message):
    refused("gemini " + what, answer, code, error__code=code, error__status=status, error__message=message)


def test_gemini():
    with server("--protocol", "gemini") as s:
        check("gemini base", s.base == "/v1beta", s.uri)
        answer = s.ask(GENERATE, GEMINI)
        check("gemini", answer.status == 200 and has(answer.json, "candidates/0/content/parts/0/text", "labels")
              and has(answer.json, "candidates/0/finishReason", "STOP")
              and has(answer.json, "usageMetadata/promptTokensDetails", list), answer)
        line = s.lines()[-1]
        check("gemini log", len(line["frames"]) == len(line["audio"]) == len(line["video"]) == 1
              and line["video"][0]["kind"] == "video/mp4" and line["model"] == "gemini-2.5-flash"
              and line["protocol"] == "gemini", line)
        answer = s.ask("/models/m:streamGenerateContent?alt=sse", GEMINI)
        text = "".join(e["candidates"][0]["content"]["parts"][0]["text"] for e in events(answer))
        check("gemini stream", "labels" in text and "\r\n\r\n" in answer.text and "[DONE]" not in answer.text
              and events(answer)[-1]["candidates"][0]["finishReason"] == "STOP", answer)
        snake = {"contents": [{"parts": [{"inline_data": {"mime_type": "image/jpeg", "data": JPEG64}}, {"text": "?"}]}],
                 "generation_config": {"max_output_tokens": 5}}
        check("gemini snake case", s.ask(GENERATE, snake).status == 200)
        check("gemini models", has(s.ask("/models").json, "models/0/name", "models/test-model"))
        invalid = "INVALID_ARGUMENT"
        for what, body, message in [
                ("unknown member", gemini_with(foo=1), 'Unknown name "foo": Cannot find field.'),
                ("unknown config", gemini_with(config={"topp": 1}), "Unknown name \"topp\" at 'generation_config'"),
                ("no contents", change(GEMINI, contents=None), "contents is not specified"),
                ("role", gemini_with(contents=[{"role": "system", "parts": [{"text": "x"}]}]), "Please use a valid role: user, model."),
                ("no parts", gemini_with(contents=[{"parts": []}]), "must not be empty"),
                ("empty part", gemini_with({}), "must have one initialized field"),
                ("two in a part", gemini_with({"text": "x", "inlineData": {"mimeType": "image/jpeg", "data": JPEG64}}), "oneof"),
                ("data URL", gemini_with({"inlineData": {"mimeType": "image/jpeg", "data": "data:image/jpeg;base64," + JPEG64}}), "Base64 decoding failed"),
                ("MIME", gemini_with({"inlineData": {"mimeType": "video/x-matroska", "data": MP464}}), "Unsupported MIME type: video/x-matroska"),
                ("picture", gemini_with({"inlineData": {"mimeType": "image/jpeg", "data": "AAAA"}}), "Provided image is not valid."),
                ("fps", gemini_with({"inlineData": {"mimeType": "video/mp4", "data": MP464}, "videoMetadata": {"fps": 30}}), "FPS"),
                ("metadata of a picture", gemini_with({"inlineData": {"mimeType": "image/jpeg", "data": JPEG64}, "videoMetadata": {"fps": 1}}), "only supported for video"),
                ("temperature", gemini_with(config={"temperature": 3}), "temperature"),
                ("JSON Schema in responseSchema", gemini_with(config={"responseSchema": SCHEMA}), 'Unknown name "additionalProperties"'),
                ("two schemas", gemini_with(config={"responseJsonSchema": SCHEMA}), "cannot both be set"),
                ("schema without JSON", gemini_with(config={"responseMimeType": "text/plain"}), "only allowed when"),
                ("thinking twice", gemini_with(config={"thinkingConfig": {"thinkingBudget": 0, "thinkingLevel": "LOW"}}), "only set one of thinking budget and thinking level"),
                ("logprobs", gemini_with(config={"logprobs": 3}), "response_logprobs"),
                ("safety", gemini_with(safetySettings=[{"category": "HARM", "threshold": "OFF"}]), "safety_settings[0].category"),
                ("no JSON", b"{", "Invalid JSON payload received.")]:
            gemini_error(what, s.ask(GENERATE, body), 400, invalid, message)
        gemini_error("path", s.ask("/chat/completions", GEMINI), 404, "NOT_FOUND", "")
        test_gemini_files(s)
    with server("--protocol", "gemini", "--model", "m1", "--key-env", "K", "--max-request", "3000", env={"K": KEY}) as s:
        gemini_error("no key", s.ask(GENERATE, GEMINI), 403, "PERMISSION_DENIED", "unregistered callers")
        wrong = s.ask(GENERATE, GEMINI, {"x-goog-api-key": "no"})
        gemini_error("key", wrong, 400, "INVALID_ARGUMENT", "API key not valid")
        check("gemini key reason", has(wrong.json, "error/details/0/reason", "API_KEY_INVALID"), wrong)
        good = {"contents": [{"parts": [{"text": "x"}]}]}
        gemini_error("model", s.ask(GENERATE, good, {"x-goog-api-key": KEY}), 404, "NOT_FOUND", "models/gemini-2.5-flash is not found")
        gemini_error("size", s.ask(GENERATE, GEMINI, {"x-goog-api-key": KEY}), 400, "INVALID_ARGUMENT", "payload size exceeds")
        check("gemini ?key=", s.ask("/models/m1:generateContent?key=" + KEY, good).status == 200)
        check("no key in the log", KEY not in json.dumps(s.lines()))
    with server("--protocol", "gemini", "--lacks", "audio,thinking") as s:
        gemini_error("lacks thinking", s.ask(GENERATE, GEMINI), 400, "INVALID_ARGUMENT", "thinking is not supported")
        body = change(GEMINI, generationConfig={})
        gemini_error("lacks audio", s.ask(GENERATE, body), 400, "INVALID_ARGUMENT", "audio input modality")


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


def use_file(s, file):
    part = {"fileData": {"fileUri": file["uri"], "mimeType": file["mimeType"]}}
    return s.ask(GENERATE, {"contents": [{"parts": [part, {"text": "?"}]}]})


def test_gemini_files(s):
    done = upload(s)
    file = done.json["file"]
    check("gemini upload", done.headers["x-goog-upload-status"] == "final" and file["state"] == "PROCESSING"
          and file["sizeBytes"] == str(len(MP4)) and file["displayName"] == "clip", done)
    gemini_error("file too early", use_file(s, file), 400, "FAILED_PRECONDITION", "is not in an ACTIVE state")
    states = [s.ask("/" + file["name"]).json["state"] for _ in range(3)]
    check("gemini states", states == ["PROCESSING", "PROCESSING", "ACTIVE"], states)
    check("gemini file", use_file(s, file).status == 200 and s.lines()[-1]["video"][0]["bytes"] == len(MP4))
    check("gemini delete", s.ask("/" + file["name"], method="DELETE").status == 200)
    gemini_error("file that is gone", use_file(s, file), 403, "PERMISSION_DENIED", "or it may not exist")
    gemini_error("no such file", s.ask("/files/none"), 403, "PERMISSION_DENIED", "or it may not exist")
    gemini_error("upload without head", s.ask("//upload/v1beta/files", {}), 400, "INVALID_ARGUMENT", "Invalid upload")
    with server("--protocol", "gemini", "--fault", "file-failed", "--file-polls", "1") as other:
        file = upload(other).json["file"]
        other.ask("/" + file["name"])
        failed = other.ask("/" + file["name"])
        check("gemini failed file", has(failed.json, "state", "FAILED") and has(failed.json, "error/message", str), failed)


ANTHROPIC = {
    "model": "claude-haiku-4-5", "max_tokens": 1200, "system": "You label.", "temperature": 0,
    "messages": [{"role": "user", "content": [
        {"type": "text", "text": "Frame at 0.5 s:"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": JPEG64}},
        {"type": "text", "text": "Which emotion? Answer as JSON."}]}],
    "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}, "thinking": {"type": "disabled"}}
VERSION = {"anthropic-version": "2023-06-01"}


def anthropic_error(what, answer, status, kind, message):
    refused("anthropic " + what, answer, status, type="error", error__type=kind, error__message=message, request_id="req_")


def anthropic_image(**source):
    image = {"type": "base64", "media_type": "image/jpeg", "data": JPEG64, **source}
    return change(ANTHROPIC, messages=[{"role": "user", "content": [{"type": "image", "source": image}, {"type": "text", "text": "?"}]}])


def test_anthropic():
    with server("--protocol", "anthropic") as s:
        answer = s.ask("/messages", ANTHROPIC, VERSION)
        check("anthropic", answer.status == 200 and has(answer.json, "content/0/text", "labels")
              and has(answer.json, "stop_reason", "end_turn") and has(answer.json, "usage/cache_read_input_tokens", 0), answer)
        check("anthropic log", len(s.lines()[-1]["frames"]) == 1, s.lines()[-1])
        stream = s.ask("/messages", change(ANTHROPIC, stream=True), VERSION)
        types = [e["type"] for e in events(stream)]
        check("anthropic stream", types[:3] == ["message_start", "ping", "content_block_start"]
              and types[-2:] == ["message_delta", "message_stop"] and "event: message_start\n" in stream.text, types)
        check("anthropic models", has(s.ask("/models").json, "data/0/id", "test-model"))
        invalid = "invalid_request_error"
        anthropic_error("version", s.ask("/messages", ANTHROPIC), 400, invalid, "anthropic-version: header is required")
        for what, body, message in [
                ("unknown member", change(ANTHROPIC, seed=1), "seed: Extra inputs are not permitted"),
                ("max_tokens", change(ANTHROPIC, max_tokens=None), "max_tokens: Field required"),
                ("model", change(ANTHROPIC, model=None), "model: Field required"),
                ("messages", change(ANTHROPIC, messages=None), "messages: Field required"),
                ("system role", change(ANTHROPIC, messages=[{"role": "system", "content": "x"}]), 'Unexpected role "system"'),
                ("first role", change(ANTHROPIC, messages=[{"role": "assistant", "content": "x"}]), 'first message must use the "user" role'),
                ("empty text", change(ANTHROPIC, messages=[{"role": "user", "content": [{"type": "text", "text": ""}]}]), "must be non-empty"),
                ("audio", change(ANTHROPIC, messages=[{"role": "user", "content": [{"type": "input_audio"}]}]), "Input tag 'input_audio'"),
                ("media type", anthropic_image(media_type="image/bmp"), "Input should be 'image/jpeg'"),
                ("mismatch", anthropic_image(media_type="image/png"), "appears to be a image/jpeg image"),
                ("data URL", anthropic_image(data="data:image/jpeg;base64," + JPEG64), "invalid base64"),
                ("picture", anthropic_image(data="AAAA"), "Could not process image"),
                ("too large a picture", anthropic_image(data=base64.b64encode(JPEG[:-2] + bytes(6 << 20)).decode()), "image exceeds 5 MB maximum"),
                ("temperature", change(ANTHROPIC, temperature=1.5), "temperature: Input should be less than or equal to 1"),
                ("both", change(ANTHROPIC, top_p=0.5), "cannot both be specified"),
                ("new model", change(ANTHROPIC, model="claude-sonnet-5"), "`temperature` is deprecated for this model."),
                ("thinking budget", change(ANTHROPIC, thinking={"type": "enabled", "budget_tokens": 10}), "greater than or equal to 1024"),
                ("thinking above", change(ANTHROPIC, thinking={"type": "enabled", "budget_tokens": 2000}), "must be greater than `thinking.budget_tokens`"),
                ("thinking hot", change(ANTHROPIC, thinking={"type": "enabled", "budget_tokens": 1024}), "may only be set to 1"),
                ("schema", change(ANTHROPIC, output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}}), "'additionalProperties' must be explicitly set to false"),
                ("output_config", change(ANTHROPIC, output_config={"x": 1}), "output_config.x: Extra inputs"),
                ("no JSON", b"{", "not valid JSON")]:
            anthropic_error(what, s.ask("/messages", body, VERSION), 400, invalid, message)
        anthropic_error("path", s.ask("/message", ANTHROPIC, VERSION), 404, "not_found_error", "Not found")
    with server("--protocol", "anthropic", "--model", "m1", "--key-env", "K", env={"K": KEY}) as s:
        anthropic_error("no key", s.ask("/messages", ANTHROPIC, VERSION), 401, "authentication_error", "x-api-key header is required")
        anthropic_error("key", s.ask("/messages", ANTHROPIC, {**VERSION, "x-api-key": "no"}), 401, "authentication_error", "invalid x-api-key")
        anthropic_error("model", s.ask("/messages", ANTHROPIC, {**VERSION, "x-api-key": KEY}), 404, "not_found_error", "model: claude-haiku-4-5")
    with server("--protocol", "anthropic") as s:
        anthropic_error("size", s.ask("/messages", b" " * (33 << 20), VERSION), 413, "request_too_large", "Request exceeds the maximum size")


OLLAMA = {"model": "gemma3:4b", "stream": False, "think": False, "keep_alive": "10m", "format": SCHEMA,
          "options": {"temperature": 0, "seed": 1, "num_predict": 64, "num_ctx": 16384},
          "messages": [{"role": "system", "content": "You label."},
                       {"role": "user", "content": "Which emotion?", "images": [JPEG64, WAV64]}]}


def ollama_user(**members):
    return change(OLLAMA, messages=[{"role": "user", "content": "x", **members}])


def test_ollama():
    with server("--protocol", "ollama") as s:
        answer = s.ask("/api/chat", OLLAMA)
        check("ollama", answer.status == 200 and has(answer.json, "message/content", "labels") and has(answer.json, "done", True)
              and has(answer.json, "done_reason", "stop") and has(answer.json, "prompt_eval_count", int), answer)
        line = s.lines()[-1]
        check("ollama log", len(line["frames"]) == 1 and len(line["audio"]) == 1 and "ignored" not in line, line)
        stream = s.ask("/api/chat", change(OLLAMA, stream=None))
        lines = events(stream)
        check("ollama stream", stream.headers["content-type"] == "application/x-ndjson" and len(lines) > 2
              and "labels" in "".join(e["message"]["content"] for e in lines) and lines[-1]["done"] is True, stream)
        check("ollama load", has(s.ask("/api/chat", {"model": "m", "messages": []}).json, "done_reason", "load"))
        s.ask("/api/chat", change(OLLAMA, max_tokens=5, options={"tempreature": 1}))
        check("ollama ignored", s.lines()[-1]["ignored"] == ["max_tokens", "tempreature"], s.lines()[-1])
        check("ollama tags", has(s.ask("/api/tags").json, "models/0/name", "test-model"))
        shown = s.ask("/api/show", {"model": "test-model"})
        check("ollama show", has(shown.json, "capabilities", ["completion", "vision", "audio", "thinking"]), shown)
        check("ollama root", s.ask("//").text == "Ollama is running")
        check("ollama version", has(s.ask("/api/version").json, "version", str))
        for what, body, status, message in [
                ("model", change(OLLAMA, model=None), 400, "model is required"),
                ("data URL", ollama_user(images=["data:image/jpeg;base64," + JPEG64]), 400, "illegal base64 data at input byte 4"),
                ("picture", ollama_user(images=["AAAA"]), 500, "image: unknown format"),
                ("role", change(OLLAMA, messages=[{"role": "developer", "content": "x"}]), 400, "invalid role: developer"),
                ("parts", ollama_user(content=[{"type": "text", "text": "x"}]), 400, "cannot unmarshal array into Go struct field ChatRequest.messages.content of type string"),
                ("options", change(OLLAMA, options={"temperature": "0"}), 400, 'option "temperature" must be of type float32'),
                ("format", change(OLLAMA, format="xml"), 400, 'invalid format: "xml"'),
                ("think", change(OLLAMA, think="much"), 400, 'invalid think value: "much"'),
                ("no JSON", b"{", 400, "")]:
            refused("ollama " + what, s.ask("/api/chat", body), status, error=message)
        path = s.ask("/v2/chat", OLLAMA)
        check("ollama path", path.status == 404 and path.text == "404 page not found", path)
    with server("--protocol", "ollama", "--model", "m1", "--lacks", "thinking,image") as s:
        refused("ollama no model", s.ask("/api/chat", OLLAMA), 404, error="model 'gemma3:4b' not found")
        refused("ollama lacks thinking", s.ask("/api/chat", change(OLLAMA, model="m1", think=True)), 400, error='"m1" does not support thinking')
        refused("ollama lacks image", s.ask("/api/chat", change(OLLAMA, model="m1")), 500, error="missing data required for image input")


def form(*fields, boundary="b0undary"):
    """@fields: (name, value) or (name, file name, bytes)"""
    out = b""
    for name, *rest in fields:
        file = f'; filename="{rest[0]}"\r\nContent-Type: audio/wav' if len(rest) == 2 else ""
        data = rest[-1] if isinstance(rest[-1], bytes) else rest[-1].encode()
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data + b"\r\n"
    return out + f"--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def openai_error(what, answer, status, message, kind="invalid_request_error", code=None, param=None):
    refused(what, answer, status, error__message=message, error__type=kind,
            error__code=code, error__param=param)


def test_whisper():
    file, model = ("file", "clip.wav", WAV), ("model", "whisper-1")
    for protocol in ["whisper", "openai"]:
        with server("--protocol", protocol) as s:
            answer = s.ask("/audio/transcriptions", *form(file, model))
            check("whisper", answer.status == 200 and has(answer.json, "text", "today.")
                  and has(answer.json, "usage", {"type": "duration", "seconds": 1}), answer)
    with server("--protocol", "whisper") as s:
        answer = s.ask("/audio/transcriptions", *form(
            file, model, ("response_format", "verbose_json"), ("language", "en"), ("timestamp_granularities[]", "segment"),
            ("timestamp_granularities[]", "word")))
        parts = answer.json["segments"]
        check("whisper verbose", len(parts) == 2 and parts[1]["end"] == 0.5 and parts[0]["end"] == parts[1]["start"]
              and answer.json["duration"] == 0.5 and answer.json["words"][0]["word"] == "I", answer)
        line = s.lines()[-1]
        check("whisper log", line["audio"][0]["seconds"] == 0.5 and line["filename"] == "clip.wav"
              and line["language"] == "en" and line["granularities"] == ["segment", "word"], line)
        check("whisper text", s.ask("/audio/transcriptions", *form(file, model, ("response_format", "text"))).text.endswith("so.\n"))
        check("whisper srt", "00:00:00,000 --> " in s.ask("/audio/transcriptions", *form(file, model, ("response_format", "srt"))).text)
        for what, fields, message, more in [
                ("no file", [model], "('body', 'file')", {}),
                ("no file name", [("file", WAV), model], "('body', 'file')", {}),
                ("extension", [("file", "clip", WAV), model], "Invalid file format.", {}),
                ("model", [file], "you must provide a model parameter", {"param": "model"}),
                ("format", [file, model, ("response_format", "xml")], "Input should be 'json'", {"param": "response_format"}),
                ("gpt-4o", [file, ("model", "gpt-4o-transcribe"), ("response_format", "verbose_json")], "is not compatible with model",
                 {"param": "response_format", "code": "unsupported_value"}),
                ("granularity", [file, model, ("timestamp_granularities[]", "word")], "must be set to 'verbose_json'", {"param": "timestamp_granularities"}),
                ("language", [file, model, ("language", "english")], "Invalid language 'english'", {"param": "language", "code": "invalid_language_format"}),
                ("sound", [("file", "clip.wav", b"RIFFxxxx"), model], "could not be decoded", {}),
                ("short sound", [("file", "clip.wav", WAV[:4] + struct.pack("<I", 136) + WAV[8:40] + struct.pack("<I", 100) + bytes(100)), model],
                 "Audio file is too short.", {"param": "file", "code": "audio_too_short"})]:
            openai_error("whisper " + what, s.ask("/audio/transcriptions", *form(*fields)), 400, message, **more)
        data, head = form(file, model)
        openai_error("whisper half a form", s.ask("/audio/transcriptions", data[:-20], head), 400, "has no end")
        openai_error("whisper JSON", s.ask("/audio/transcriptions", {}), 400, "not multipart/form-data")
        openai_error("whisper path", s.ask("/chat/completions", {}), 404, "Invalid URL (POST /v1/chat/completions)")
        large = s.ask("/audio/transcriptions", *form(("file", "clip.wav", bytes(26214401)), model))
        refused("whisper size", large, 413, error__message="Maximum content size limit (26214400) exceeded")


CHAT = {"model": "gpt-4o-mini", "max_completion_tokens": 64, "temperature": 0, "messages": [
    {"role": "system", "content": "You label."},
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/jpeg;base64," + JPEG64}},
                                 {"type": "text", "text": "Which emotion? Answer as JSON."}]}]}


def lines_of(answer):
    return [json.loads(line) for line in answer.text.splitlines()]


def openai_request(name, **members):
    line = {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": CHAT}
    return change(line, **members)


def openai_submit(s, requests=None, name="in.jsonl"):
    requests = requests or [openai_request(f"item-{i}") for i in range(6)]
    data = b"".join(json.dumps(r).encode() + b"\n" for r in requests)
    file = s.ask("/files", *form(("purpose", "batch"), ("file", name, data)))
    return file, s.ask("/batches", {"input_file_id": file.json["id"], "endpoint": "/v1/chat/completions",
                                    "completion_window": "24h", "metadata": {"run": "1"}})


def poll(s, path, until):
    for _ in range(10):
        answer = s.ask(path)
        if until(answer.json):
            break
    return answer


def openai_run(s, *arguments):
    batch = openai_submit(s, *arguments)[1].json
    done = poll(s, "/batches/" + batch["id"], lambda b: b["status"] in ["completed", "failed", "expired", "cancelled"]).json
    files = [lines_of(s.ask(f"/files/{done[n]}/content")) if done[n] else [] for n in ["output_file_id", "error_file_id"]]
    return done, files[0], files[1]


def openai_batch(fault, *arguments):
    with server("--batch-polls", "3", *(["--fault", fault] if fault else []), *arguments) as s:
        return openai_run(s)


def ids(lines, name="custom_id"):
    return [line[name] for line in lines]


def test_openai_batches():
    all_ids = [f"item-{i}" for i in range(6)]
    with server("--batch-polls", "3") as s:
        file, batch = openai_submit(s)
        check("openai file", has(file.json, "purpose", "batch") and has(file.json, "filename", "in.jsonl"), file)
        check("openai batch", has(batch.json, "status", "validating") and has(batch.json, "metadata/run", "1"), batch)
        states = [s.ask("/batches/" + batch.json["id"]).json["status"] for _ in range(3)]
        check("openai batch states", states == ["in_progress", "finalizing", "completed"], states)
        done = s.ask("/batches/" + batch.json["id"]).json
        check("openai batch counts", done["request_counts"] == {"total": 6, "completed": 6, "failed": 0} and done["error_file_id"] is None, done)
        lines = lines_of(s.ask(f"/files/{done['output_file_id']}/content"))
        check("openai output", ids(lines) == all_ids and has(lines[0], "response/status_code", 200)
              and has(lines[0], "response/body/choices/0/message/content", "labels") and lines[0]["error"] is None, lines[0])
        check("openai batch list", has(s.ask("/batches?limit=1").json, "data/0/id", batch.json["id"]))
        check("openai delete file", has(s.ask("/files/" + file.json["id"], method="DELETE").json, "deleted", True))
        openai_error("gone file", s.ask("/files/" + file.json["id"]), 404, "No such File object", param="id")
        openai_error("no batch", s.ask("/batches/none"), 404, "No batch found with id 'none'.")
        openai_error("purpose", s.ask("/files", *form(("purpose", "x"), ("file", "a.jsonl", b"{}"))), 400, "'x' is not one of", param="purpose")
        openai_error("file name", s.ask("/files", *form(("purpose", "batch"), ("file", "a.json", b"{}"))), 400, "Must be .jsonl")
        openai_error("endpoint", s.ask("/batches", {"input_file_id": "x", "endpoint": "/chat", "completion_window": "24h"}), 400,
                     "Invalid value: '/chat'", param="endpoint", code="invalid_value")
        for what, requests, code in [
                ("duplicate", [openai_request("a"), openai_request("a")], "duplicate_custom_id"),
                ("no id", [openai_request("a", custom_id=None)], "missing_required_parameter"),
                ("two models", [openai_request("a"), openai_request("b", body={**CHAT, "model": "other"})], "mismatched_model"),
                ("url", [openai_request("a", url="/v1/responses")], "invalid_url"),
                ("method", [openai_request("a", method="GET")], "invalid_method"),
                ("stream", [openai_request("a", body={**CHAT, "stream": True})], "invalid_request")]:
            done = openai_run(s, requests)[0]
            check("openai batch " + what, done["status"] == "failed" and done["errors"]["data"][0]["code"] == code, done)
        bad, good = openai_request("bad", body={**CHAT, "temperature": 9}), openai_request("good")
        done, output, errors = openai_run(s, [bad, good])
        check("openai bad request", ids(output) == ["good"] and has(errors[0], "response/status_code", 400)
              and has(errors[0], "response/body/error/type", "invalid_request_error"), errors)
        other = openai_submit(s)[1].json["id"]
        check("openai cancelling", has(s.ask(f"/batches/{other}/cancel", {}).json, "status", "cancelling"))
        done = s.ask("/batches/" + other).json
        check("openai cancelled", done["status"] == "cancelled" and done["output_file_id"] and done["error_file_id"], done)
    done, output, _ = openai_batch("batch-shuffled")
    check("openai shuffled", ids(output) != all_ids and sorted(ids(output)) == all_ids, ids(output))
    done, output, errors = openai_batch("batch-errors")
    check("openai error file", ids(errors) == ["item-1", "item-4"] and len(output) == 4
          and errors[0]["response"]["status_code"] == 500 and done["request_counts"]["failed"] == 2, errors)
    done, output, errors = openai_batch("batch-expired")
    check("openai expired", done["status"] == "expired" and ids(output) == all_ids[:3] and ids(errors) == all_ids[3:]
          and errors[0]["response"] is None and errors[0]["error"]["code"] == "batch_expired", errors)
    done, output, _ = openai_batch("batch-missing")
    check("openai missing", len(output) == 5 and done["status"] == "completed", ids(output))
    done, output, _ = openai_batch("batch-twice")
    check("openai twice", ids(output).count("item-0") == 2 and len(output) == 7, ids(output))
    done = openai_batch("batch-failed")[0]
    check("openai failed", done["status"] == "failed" and has(done, "errors/data/0/line", 2)
          and has(done, "errors/data/0/code", "invalid_json_line"), done)
    check("openai limit", has(openai_batch("batch-limit")[0], "errors/data/0/code", "token_limit_exceeded"))
    done, output, _ = openai_batch("refusal:1")
    check("openai refusal in a batch", output[0]["response"]["body"]["choices"][0]["message"]["refusal"], output[0])
    with server("--fault", "batch-half-line") as s:
        with contextlib.suppress(ValueError):
            openai_run(s)
            check("openai half a line", False)
    with server("--fault", "aside/503-empty:1") as s:
        check("openai aside", [s.ask("/batches").status for _ in range(2)] == [503, 200])


def anthropic_run(fault=None, requests=None):
    requests = requests or [{"custom_id": f"item-{i}", "params": ANTHROPIC} for i in range(6)]
    with server("--protocol", "anthropic", *(["--fault", fault] if fault else [])) as s:
        batch = s.ask("/messages/batches", {"requests": requests}, VERSION)
        if batch.status != 200:
            return batch, []
        path = "/messages/batches/" + batch.json["id"]
        check("anthropic early results", s.ask(path + "/results", None, VERSION).status == 404)
        for _ in range(3):
            done = s.ask(path, None, VERSION)
        where = done.json["results_url"].removeprefix("http://" + s.address)
        return done.json, lines_of(s.ask("/" + where, None, VERSION))


def test_anthropic_batches():
    done, lines = anthropic_run()
    check("anthropic batch", done["processing_status"] == "ended" and done["request_counts"]["succeeded"] == 6
          and has(lines[0], "result/message/content/0/text", "labels") and has(lines[0], "result/type", "succeeded"), lines[0])
    done, lines = anthropic_run("batch-shuffled")
    check("anthropic shuffled", ids(lines) != sorted(ids(lines)) and len(lines) == 6, ids(lines))
    done, lines = anthropic_run("batch-expired")
    check("anthropic expired", [line["result"]["type"] for line in lines] == ["succeeded"] * 3 + ["expired"] * 3
          and done["request_counts"]["expired"] == 3, lines)
    done, lines = anthropic_run("batch-cancelled")
    check("anthropic cancelled", lines[-1]["result"] == {"type": "canceled"}, lines[-1])
    done, lines = anthropic_run(None, [{"custom_id": "a", "params": change(ANTHROPIC, seed=1)}])
    check("anthropic errored", has(lines[0], "result/type", "errored")
          and has(lines[0], "result/error/error/type", "invalid_request_error"), lines)
    for what, requests, message in [
            ("id", [{"custom_id": "a b", "params": ANTHROPIC}], "should match pattern"),
            ("twice", [{"custom_id": "a", "params": {}}] * 2, "Duplicate custom_id"),
            ("member", [{"custom_id": "a", "params": {}, "x": 1}], "requests.0.x: Extra inputs"),
            ("params", [{"custom_id": "a"}], "requests.0.params: Field required")]:
        anthropic_error("batch " + what, anthropic_run(None, requests)[0], 400, "invalid_request_error", message)
    anthropic_error("batch failed", anthropic_run("batch-failed")[0], 400, "invalid_request_error", "requests.0.params")
    anthropic_error("batch limit", anthropic_run("batch-limit")[0], 429, "rate_limit_error", "")
    with server("--protocol", "anthropic") as s:
        anthropic_error("no batch", s.ask("/messages/batches/none", None, VERSION), 404, "not_found_error", "none")


def gemini_run(fault=None, in_file=False, requests=None):
    text_only = {"contents": [{"parts": [{"text": "x"}]}]}
    requests = requests or [(f"item-{i}", text_only) for i in range(6)]
    with server("--protocol", "gemini", *(["--fault", fault] if fault else [])) as s:
        config = {"requests": {"requests": [{"request": r, "metadata": {"key": k}} for k, r in requests]}}
        if in_file:
            data = "".join(json.dumps({"key": k, "request": r}) + "\n" for k, r in requests).encode()
            config = {"file_name": upload(s, data, "application/jsonl").json["file"]["name"]}
        batch = s.ask("/models/m:batchGenerateContent", {"batch": {"display_name": "b", "input_config": config}})
        if batch.status != 200:
            return batch, []
        done = poll(s, "/" + batch.json["name"], lambda b: b.get("done")).json
        if in_file and "response" in done:
            return done, lines_of(s.ask(f"//download/v1beta/{done['response']['responsesFile']}:download?alt=media"))
        return done, done.get("response", {}).get("inlinedResponses", {}).get("inlinedResponses", [])


def test_gemini_batches():
    done, items = gemini_run()
    check("gemini batch", has(done, "metadata/state", "BATCH_STATE_SUCCEEDED") and len(items) == 6
          and has(items[0], "metadata/key", "item-0") and has(items[0], "response/candidates", list), done)
    done, lines = gemini_run("batch-shuffled", True)
    check("gemini batch file", len(lines) == 6 and has(lines[0], "key", "item-5") and has(lines[0], "response/candidates", list), lines)
    done, lines = gemini_run("batch-errors", True)
    check("gemini batch errors", [("error" in line) for line in lines] == [False, True, False, False, True, False]
          and has(lines[1], "error/status", "INTERNAL"), lines)
    for fault, state in [("batch-expired", "EXPIRED"), ("batch-cancelled", "CANCELLED"), ("batch-failed", "FAILED")]:
        done, items = gemini_run(fault)
        check("gemini " + fault, has(done, "metadata/state", "BATCH_STATE_" + state) and not items
              and ("error" in done) == (state == "FAILED"), done)
    gemini_error("batch limit", gemini_run("batch-limit")[0], 429, "RESOURCE_EXHAUSTED", "")
    gemini_error("batch of nothing", gemini_run(None, False, [("a", None)])[0], 400, "INVALID_ARGUMENT", "request: missing field")
    done, items = gemini_run(None, False, [("a", {"foo": 1})])
    check("gemini bad request in a batch", has(items[0], "error/message", 'Unknown name "foo"'), items)


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
# what is answered, and what is refused with which status and what in the reply
DIALECTS = {
    "any": ("/v1", [chat(IMAGE, RAW_AUDIO), chat(VIDEO), chat(response_format=FORMAT, max_tokens=5)],
            [(chat(foo=1), 400, {"error__message": "Unrecognized request argument supplied: foo"})]),
    "openai": ("/v1", [chat(IMAGE, response_format=FORMAT, max_completion_tokens=5, seed=1), chat(RAW_AUDIO, model="gpt-audio")], [
        (chat(foo=1), 400, {"error__message": "Unknown parameter: 'foo'.", "error__code": "unknown_parameter", "error__param": "foo"}),
        (chat(model="gpt-5-mini", max_tokens=5), 400, {"error__param": "max_tokens", "error__code": "unsupported_parameter",
         "error__message": "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."}),
        (chat(model="o3", temperature=0), 400, {"error__param": "temperature", "error__code": "unsupported_value", "error__type": INVALID,
         "error__message": "'temperature' does not support 0 with this model. Only the default (1) value is supported."}),
        (chat(model="o3", logprobs=True), 400, {"error__param": "logprobs", "error__code": "unsupported_parameter"}),
        (chat(RAW_AUDIO), 400, {"error__message": "input_audio is only supported by certain models"}),
        (chat(IMAGE, RAW_AUDIO, model="gpt-audio"), 400, {"error__message": "image_url is only supported by certain models"}),
        (chat(RAW_AUDIO, model="gpt-audio", response_format=FORMAT), 400, {"error__message": "'json_schema' is not supported"}),
        (chat(model="gpt-audio"), 400, {"error__message": "either input content or output modality contain audio."}),
        (chat(DATA_AUDIO, model="gpt-audio"), 400, {"error__message": "is not of valid wav format"}),
        (chat(VIDEO), 400, {"error__message": "Invalid value: 'video_url'. Supported values are: 'text', 'image_url'", "error__code": "invalid_value"}),
        (chat({"type": "image_url", "image_url": "x"}), 400, {"error__code": "invalid_type", "error__message": "messages[0].content[0].image_url"}),
        (chat({"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AAAA"}}), 400, {"error__message": "unsupported image"}),
        (chat(response_format={"type": "json_schema", "json_schema": {"name": "a b", "schema": SCHEMA}}), 400, {"error__message": "Invalid 'response_format.json_schema.name'"}),
        (chat(response_format={"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": {"type": "object"}}}), 400, {"error__message": "'additionalProperties' is required"}),
        ({"model": "m", "messages": [{"role": "user", "content": "x"}], "response_format": {"type": "json_object"}}, 400, {"error__message": "must contain the word 'json'"}),
        (chat(max_tokens="5"), 400, {"error__code": "invalid_type", "error__param": "max_tokens"}),
        (chat(temperature=3), 400, {"error__param": "temperature"}),
        (chat(stream_options={"include_usage": True}), 400, {"error__param": "stream_options"}),
        (b"{", 400, {"error__message": "We could not parse the JSON body of your request."})]),
    "vllm": ("/v1", [chat(IMAGE, RAW_AUDIO, response_format=FORMAT), chat(FRAMES, URL_AUDIO), chat(VIDEO, mm_processor_kwargs={"use_audio_in_video": True})], [
        (chat(LIST), 400, {"error__message": "Unsupported chat content part type: 'video'.", "error__type": "BadRequestError", "error__code": 400}),
        (chat(DATA_AUDIO), 400, {"error__message": "Field required"}),
        (chat(BARE_AUDIO), 400, {"error__message": "Invalid or unsupported audio file."}),
        (chat({"type": "audio_url", "audio_url": {"url": "data:audio/wav;codecs=1;base64," + WAV64}}), 501, {"error__message": "Only base64 data URLs are supported for now.", "error__type": "NotImplementedError", "error__code": 501}),
        (chat(top_logprobs=5), 400, {"error__message": "when using `top_logprobs`, `logprobs` must be set to true."}),
        (chat(tools=[]), 400, {"error__message": "tools"})]),
    "sglang": ("/v1", [chat(IMAGE, URL_AUDIO), chat(VIDEO, use_audio_in_video=True)], [
        (chat(RAW_AUDIO), 400, {"object": "error", "message": "Input should be 'text'", "code": 400, "type": "BadRequest"})]),
    "lmdeploy": ("/v1", [chat(IMAGE, URL_AUDIO), chat(FRAMES, max_completion_tokens=5)], [
        (chat(RAW_AUDIO), 400, {"object": "error", "message": "input_audio", "code": 400}),
        (chat(mm_processor_kwargs={"max_pixels": 1}), 400, {"message": "keyed by modality"})]),
    "llamacpp": ("/v1", [chat(IMAGE, RAW_AUDIO, response_format=FORMAT), chat(model=None), chat({"type": "image_url", "image_url": {"url": JPEG64}}),
                         chat(response_format=FORMAT, max_tokens=5, cache_prompt=False)], [
        (chat(VIDEO), 400, {"error__message": "unsupported content[].type", "error__type": INVALID, "error__code": 400}),
        (chat(DATA_AUDIO), 400, {"error__message": "Failed to load image or audio file"}),
        (chat(HTTP_IMAGE), 500, {"error__message": "error: cannot make GET request", "error__type": "server_error", "error__code": 500}),
        (chat({"type": "image_url", "image_url": {"url": "data:application/octet-stream;base64," + JPEG64}}), 500, {"error__message": "Invalid uri format: data:application/octet-stream;base64"}),
        (chat({"type": "image_url", "image_url": {"url": "data:image/jpeg," + JPEG64}}), 500, {"error__message": "uri must be base64 encoded"}),
        (chat({"type": "image_url", "image_url": {"url": "file:///a.jpg"}}), 400, {"error__message": "unless --media-path is specified"}),
        ({"model": "m"}, 400, {"error__message": "'messages' is required"}),
        ({"messages": 1}, 400, {"error__message": "Expected 'messages' to be an array"}),
        ({"messages": [{"role": "user"}]}, 400, {"error__message": "All non-assistant messages must contain 'content'"}),
        ({"messages": [{"role": "user", "content": 1}]}, 400, {"error__message": "Expected 'content' to be a string or an array"}),
        (chat(max_tokens=-5), 400, {"error__message": "Field 'max_tokens': Value must be between -1 <= value <= 2147483647, but got -5"}),
        (chat(max_tokens="5"), 400, {"error__message": "Field 'max_tokens': [json.exception.type_error.302] type must be number, but is string"}),
        (chat(response_format={"type": "yaml"}), 400, {"error__message": 'must be one of "text" or "json_object", but got: yaml'}),
        ([], 400, {"error__message": "'messages' is required"}),
        (b"{", 500, {"error__message": "[json.exception.parse_error.101] parse error at line 1", "error__type": "server_error"})]),
    "lmstudio": ("/v1", [chat(IMAGE, response_format=FORMAT)], [
        (chat(HTTP_IMAGE), 400, {"error": "'url' field must be a base64 encoded image."}),
        (chat(RAW_AUDIO), 400, {"error": "either 'text' or 'image_url'"}),
        (chat(response_format={"type": "json_object"}), 400, {"error": "'response_format.type' must be"})]),
    "dashscope": ("/compatible-mode/v1", [chat(VIDEO, model="qwen3-omni-flash", stream=True, modalities=["text"]), chat(BARE_AUDIO, model="qwen-omni-turbo", stream=True),
                                          chat(LIST, model="qwen3-vl-plus"), chat(DATA_AUDIO, model="qwen3-omni-flash", stream=True)], [
        (chat(VIDEO, model="qwen3-omni-flash"), 400, {"error__message": "This model only support stream mode, please enable the stream parameter", "error__code": "invalid_parameter_error", "request_id": str}),
        (chat(RAW_AUDIO, model="qwen3-omni-flash", stream=True), 400, {"error__message": "The provided URL does not appear to be valid"}),
        (chat(LIST, BARE_AUDIO, model="qwen-omni-turbo", stream=True), 400, {"error__message": "Only one modality"}),
        (chat(BARE_AUDIO, model="qwen3-vl-plus"), 400, {"error__message": "audio input is not supported"}),
        (chat({"type": "video", "video": LIST["video"][:3]}, model="qwen3-vl-plus"), 400, {"error__message": "number of images must be in the range [4"}),
        (chat(model="qwen3-vl-plus", enable_thinking=True), 400, {"error__message": "parameter.enable_thinking must be set to false for non-streaming calls"}),
        (chat({"type": "video_url", "video_url": {"url": "data:;base64," + "A" * (11 << 20)}}, model="qwen3-vl-plus"), 400, {"error__message": "Exceeded limit on max bytes per data-uri item"})]),
    "zhipu": ("/api/paas/v4", [chat(IMAGE, temperature=1, stop=["x"], thinking={"type": "disabled"}, do_sample=False), chat(VIDEO)], [
        (chat(temperature=1.5), 400, {"error__code": "1210", "error__message": "temperature"}),
        (chat(top_p=0.001), 400, {"error__code": "1210", "error__message": "top_p"}),
        (chat(stop=["a", "b"]), 400, {"error__code": "1210", "error__message": "stop"}),
        (chat(IMAGE, VIDEO), 400, {"error__code": "1214", "error__message": "cannot be mixed"}),
        (chat(RAW_AUDIO), 400, {"error__code": "1210", "error__message": "input_audio"}),
        (chat(response_format=FORMAT), 400, {"error__message": "response_format"})]),
    "moonshot": ("/v1", [chat(IMAGE, response_format=FORMAT), chat(VIDEO, temperature=1), chat(temperature=0, thinking={"type": "disabled"})], [
        (chat(HTTP_IMAGE), 400, {"error__message": "unsupported image url: http://127.0.0.1/a.jpg", "error__type": INVALID}),
        (chat(temperature=0), 400, {"error__message": "invalid temperature: only 1 is allowed for this model"}),
        (chat(top_p=0.5), 400, {"error__message": "invalid top_p: only 0.95 is allowed for this model"}),
        (chat(HTTP_VIDEO), 400, {"error__message": "unsupported video url"}),
        (chat(RAW_AUDIO), 400, {"error__message": "unsupported content type: input_audio"})]),
    "stepfun": ("/v1", [chat(IMAGE, DATA_AUDIO), chat(HTTP_VIDEO)], [
        (chat(RAW_AUDIO), 400, {"error__message": "must be a data URL"}),
        (chat(BARE_AUDIO), 400, {"error__message": "must be a data URL"}),
        (chat(VIDEO), 400, {"error__message": "must be an http or https URL"})]),
    "deepseek": ("/v1", [chat(), chat(response_format={"type": "json_object"})], [
        (chat(IMAGE), 400, {"error__message": "unknown variant `image_url`, expected `text`"}),
        (chat(response_format=FORMAT), 400, {"error__message": "This response_format type is unavailable now"})]),
    "openrouter": ("/api/v1", [chat(IMAGE, RAW_AUDIO), chat(VIDEO, provider={"order": ["a"]})], [
        (chat(DATA_AUDIO), 400, {"error__code": 400}),
        (chat(URL_AUDIO), 400, {"error__message": "unknown content type audio_url"})]),
}


def test_dialects():
    for name, (base, good, bad) in DIALECTS.items():
        with server("--dialect", name) as s:
            check(name + " base", s.base == base, s.base)
            for body in good:
                answer = s.ask("/chat/completions", body)
                check(name, answer.status == 200 and ("labels" in answer.text or body.get("stream")), answer)
                check(name + " ignores nothing", "ignored" not in s.lines()[-1], s.lines()[-1])
            for body, status, wanted in bad:
                refused(f"{name} {json.dumps(body)[:120] if not isinstance(body, bytes) else body}", s.ask("/chat/completions", body), status, **wanted)
            check(name + " models", has(s.ask("/models").json, "data/0/id", "test-model"))
            refused(name + " path", s.ask("/chat/completion", chat()), 404)
    with server("--dialect", "vllm") as s:
        s.ask("/chat/completions", chat(guided_json={}, tempreature=1))
        check("vllm ignored", sorted(s.lines()[-1]["ignored"]) == ["guided_json", "tempreature"], s.lines()[-1])
        check("vllm path", s.ask("/x").json == {"detail": "Not Found"})
        check("vllm context", has(s.ask("/models").json, "data/0/max_model_len", int))
    with server("--dialect", "deepseek") as s:
        answer = s.ask("/chat/completions", chat())
        check("deepseek blank lines", answer.text.startswith("\n\n\n{") and has(answer.json, "usage/prompt_cache_miss_tokens", int), answer)
        check("deepseek keep-alive", s.ask("/chat/completions", chat(stream=True)).text.startswith(": keep-alive\n"))
    with server("--dialect", "openrouter", "--lacks", "audio") as s:
        check("openrouter cost", has(s.ask("/chat/completions", chat()).json, "usage/cost", 0.00125))
        refused("openrouter lacks", s.ask("/chat/completions", chat(RAW_AUDIO)), 404, error__message="No endpoints found that support audio input", error__code=404)
        check("openrouter models", has(s.ask("/models").json, "data/0/architecture/input_modalities", ["text", "image", "video"]))
    with server("--dialect", "llamacpp", "--lacks", "image", "--key-env", "K", "--model", "m1", env={"K": KEY}) as s:
        refused("llamacpp key", s.ask("/chat/completions", chat()), 401, error__code=401, error__message="Invalid API Key", error__type="authentication_error")
        check("llamacpp open models", s.ask("/models").status == 200)
        refused("llamacpp lacks", s.ask("/chat/completions", chat(IMAGE), {"Authorization": "Bearer " + KEY}), 500,
                error__message="image input is not supported - hint: if this is unexpected, you may need to provide the mmproj", error__type="server_error")
        check("llamacpp any model", s.ask("/chat/completions", chat(model="x"), {"Authorization": "Bearer " + KEY}).status == 200)
        check("llamacpp props", has(s.ask("//props", None, {"Authorization": "Bearer " + KEY}).json, "modalities/vision", False))
    with server("--dialect", "vllm", "--key-env", "K", "--model", "m1", "--lacks", "audio", env={"K": KEY}) as s:
        head = {"Authorization": "Bearer " + KEY}
        check("vllm key", s.ask("/chat/completions", chat()).json == {"error": "Unauthorized"})
        refused("vllm model", s.ask("/chat/completions", chat(), head), 404, error__type="NotFoundError", error__message="The model `m` does not exist.", error__code=404)
        refused("vllm lacks", s.ask("/chat/completions", chat(RAW_AUDIO, model="m1"), head), 400, error__message="At most 0 audio(s) may be provided in one prompt.")


RESPONSES = {"model": "gpt-4.1-mini", "instructions": "You label.", "store": False, "max_output_tokens": 64, "input": [
    {"role": "user", "content": [{"type": "input_image", "image_url": "data:image/jpeg;base64," + JPEG64, "detail": "low"},
                                 {"type": "input_text", "text": "Which emotion?"}]}],
    "text": {"format": {"type": "json_schema", "name": "labels", "strict": True, "schema": SCHEMA}}}


def responses_with(part):
    return change(RESPONSES, input=[{"role": "user", "content": [part]}])


def test_responses():
    for protocol in ["responses", "openai"]:
        with server("--protocol", protocol) as s:
            answer = s.ask("/responses", RESPONSES)
            check("responses", answer.status == 200 and has(answer.json, "output/1/content/0/text", "labels")
                  and has(answer.json, "output/0/type", "reasoning") and has(answer.json, "status", "completed"), answer)
            check("responses log", s.lines()[-1]["store"] is False and len(s.lines()[-1]["frames"]) == 1, s.lines()[-1])
    with server("--protocol", "responses") as s:
        stream = s.ask("/responses", change(RESPONSES, stream=True))
        types = [e["type"] for e in events(stream)]
        check("responses stream", types[:2] == ["response.created", "response.in_progress"] and types[-1] == "response.completed"
              and "response.output_text.delta" in types and "[DONE]" not in stream.text, types)
        for what, body, code, param, message in [
                ("max_tokens", change(RESPONSES, max_tokens=5), "unsupported_parameter", "max_tokens", "has moved to 'max_output_tokens'"),
                ("messages", change(RESPONSES, messages=[]), "unsupported_parameter", "messages", "has moved to 'input'"),
                ("response_format", change(RESPONSES, response_format=FORMAT), "unsupported_parameter", "response_format", "has moved to 'text.format'"),
                ("unknown", change(RESPONSES, seed=1), "unknown_parameter", "seed", "Unknown parameter: 'seed'."),
                ("few tokens", change(RESPONSES, max_output_tokens=5), "integer_below_min_value", "max_output_tokens", "Expected a value >= 16, but got 5"),
                ("nested schema", change(RESPONSES, text={"format": FORMAT}), "missing_required_parameter", "text.format.name", "'text.format.name'"),
                ("image object", responses_with({"type": "input_image", "image_url": {"url": "x"}}), "invalid_type", "input", "expected an image URL, but got an object"),
                ("chat part", responses_with({"type": "text", "text": "x"}), "invalid_value", "input", "Invalid value: 'text'."),
                ("audio", responses_with(RAW_AUDIO), "invalid_value", "input", "Invalid value: 'input_audio'."),
                ("picture", responses_with({"type": "input_image", "image_url": "data:image/jpeg;base64,AAAA"}), "invalid_value", "input", "does not represent a valid image"),
                ("temperature", change(RESPONSES, model="gpt-5", temperature=0), "unsupported_parameter", "temperature", "is not supported with this model"),
                ("no input", change(RESPONSES, input=None), "missing_required_parameter", "input", "'input'")]:
            openai_error("responses " + what, s.ask("/responses", body), 400, message, code=code, param=param)
        openai_error("responses path", s.ask("/chat/completions", CHAT), 404, "Invalid URL")
    for fault, status, why in [("length", "incomplete", "max_output_tokens"), ("filtered", "incomplete", "content_filter"), ("finish-error", "failed", None)]:
        with server("--protocol", "responses", "--fault", fault) as s:
            for answer in [s.ask("/responses", RESPONSES).json, events(s.ask("/responses", change(RESPONSES, stream=True)))[-1]["response"]]:
                check("responses " + fault, answer["status"] == status and (has(answer, "incomplete_details/reason", why) if why
                      else has(answer, "error/code", "server_error")), answer)
    with server() as s:
        line = {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": RESPONSES}
        file = s.ask("/files", *form(("purpose", "batch"), ("file", "a.jsonl", json.dumps(line)))).json["id"]
        batch = s.ask("/batches", {"input_file_id": file, "endpoint": "/v1/responses", "completion_window": "24h"}).json["id"]
        done = poll(s, "/batches/" + batch, lambda b: b["status"] == "completed").json
        check("responses batch", has(lines_of(s.ask(f"/files/{done['output_file_id']}/content"))[0], "response/body/output/1/content/0/text", "labels"))


# how each protocol is asked, and where in its replies things are
class Shape:
    def __init__(self, protocol, path, body, error, status, text, finish, reasoning, tokens, headers=None, stream=None, delta=None):
        self.protocol, self.path, self.body, self.headers = protocol, path, body, headers or {}
        self.error, self.status, self.text, self.finish = error, status, text, finish
        self.reasoning, self.tokens, self.stream, self.delta = reasoning, tokens, stream, delta

    def ask(self, s, streamed=False):
        path, body = self.stream(self) if streamed else (self.path, self.body)
        return s.ask(path, body, self.headers)

    def deltas(self, answer):
        return "".join(self.delta(e) or "" for e in events(answer) if isinstance(e, dict))


def streamed(shape):
    return shape.path, change(shape.body, stream=True)


def dig(value, path):
    for step in path.split("/"):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return value


SHAPES = [
    Shape("openai", "/chat/completions", chat(IMAGE, max_tokens=5, temperature=0, seed=1), "error/code", "code", "choices/0/message/content", "choices/0/finish_reason",
          "choices/0/message/reasoning_content", "usage/prompt_tokens", stream=streamed, delta=lambda e: dig(e, "choices/0/delta/content")),
    Shape("responses", "/responses", RESPONSES, "error/code", "code", "output/1/content/0/text", "status", "output/0/summary/0/text",
          "usage/input_tokens", stream=streamed, delta=lambda e: e["delta"] if e["type"] == "response.output_text.delta" else ""),
    Shape("gemini", GENERATE, GEMINI, "error/status", "status", "candidates/0/content/parts/0/text", "candidates/0/finishReason",
          "candidates/0/content/parts/0/text", "usageMetadata/promptTokenCount",
          stream=lambda shape: ("/models/m:streamGenerateContent?alt=sse", shape.body), delta=lambda e: dig(e, "candidates/0/content/parts/0/text")),
    Shape("anthropic", "/messages", ANTHROPIC, "error/type", "type", "content/0/text", "stop_reason", "content/0/thinking", "usage/input_tokens",
          VERSION, stream=streamed, delta=lambda e: dig(e, "delta/text")),
    Shape("ollama", "/api/chat", OLLAMA, "error", "error", "message/content", "done_reason", "message/thinking", "prompt_eval_count",
          stream=streamed, delta=lambda e: dig(e, "message/content")),
]
WHISPER = Shape("whisper", "/audio/transcriptions", None, "error/code", "code", "text", "", "", "usage/seconds")

# status and kind of each error in openai (responses and whisper are the same), gemini, anthropic and ollama
ERRORS = {
    "400": [(400, None), (400, "INVALID_ARGUMENT"), (400, INVALID), (400, "invalid request")],
    "400-context": [(400, "context_length_exceeded"), (400, "INVALID_ARGUMENT"), (400, INVALID), (400, "context length")],
    "400-filter": [(400, "content_filter"), (400, "INVALID_ARGUMENT"), (400, INVALID), (400, "blocked")],
    "401": [(401, "invalid_api_key"), (400, "INVALID_ARGUMENT"), (401, "authentication_error"), (401, "unauthorized")],
    "401-challenge": [(401, "invalid_api_key"), (401, "INVALID_ARGUMENT"), (401, "authentication_error"), (401, "unauthorized")],
    "402": [(402, None), (400, "FAILED_PRECONDITION"), (402, "billing_error"), (402, "usage limit")],
    "403": [(403, "unsupported_country_region_territory"), (400, "FAILED_PRECONDITION"), (403, "permission_error"), (403, "forbidden")],
    "404-model": [(404, "model_not_found"), (404, "NOT_FOUND"), (404, "not_found_error"), (404, "not found")],
    "413": [(413, None), (400, "INVALID_ARGUMENT"), (413, "request_too_large"), (413, "too large")],
    "429": [(429, "rate_limit_exceeded"), (429, "RESOURCE_EXHAUSTED"), (429, "rate_limit_error"), (429, "too many requests")],
    "429-after": [(429, "rate_limit_exceeded"), (429, "RESOURCE_EXHAUSTED"), (429, "rate_limit_error"), (429, "too many requests")],
    "429-quota": [(429, "insufficient_quota"), (429, "RESOURCE_EXHAUSTED"), (400, INVALID), (429, "usage limit")],
    "500": [(500, None), (500, "INTERNAL"), (500, "api_error"), (500, "unexpectedly stopped")],
    "501": [(501, None), (501, "UNIMPLEMENTED"), (501, "api_error"), (501, "not implemented")],
    "503-loading": [(503, None), (503, "UNAVAILABLE"), (503, "api_error"), (503, "loading model")],
    "504": [(504, None), (504, "DEADLINE_EXCEEDED"), (504, "timeout_error"), (504, "timed out")],
    "overloaded": [(503, None), (503, "UNAVAILABLE"), (529, "overloaded_error"), (503, "server busy, please try again.  maximum pending requests exceeded")],
}
# the reason to end in openai, responses, gemini, anthropic and ollama
FINISHES = {
    "length": ["length", "incomplete", "MAX_TOKENS", "max_tokens", "length"],
    "length-empty": ["length", "incomplete", "MAX_TOKENS", "max_tokens", "length"],
    "filtered": ["content_filter", "incomplete", "SAFETY", "refusal", "stop"],
    "refusal": ["stop", "completed", "STOP", "refusal", "stop"],
    "finish-error": ["error", "failed", "OTHER", None, "stop"],
    "think-unclosed": ["length", "incomplete", "MAX_TOKENS", "max_tokens", "length"],
}
TEXTS = {"length": '{"labels": ["hap', "length-empty": "", "filtered": None, "think": "<think>sad? no</think>\n\n[happy]",
         "think-no-open": "sad? no</think>[happy]", "think-nested": "<think>sad <think>angry</think> no</think>[happy]",
         "think-unclosed": "<think>sad? or", "usage-null": "[happy]", "usage-none": "[happy]", "usage-full": "[happy]",
         "fenced": '```json\n{"labels": ["happy"]}\n```', "content-null": None, "bad-json": '{"labels": ["happy",', "text-number": 123,
         "wrong-language": "这个人看起来很开心", "prose": "The person seems happy, I think.", "surrogate": "[happy] \ud83d", "nul": "[happy] \0 more"}


def ask_whisper(s):
    return s.ask(WHISPER.path, *form(("file", "clip.wav", WAV), ("model", "whisper-1")))


def test_errors(shape, column):
    for fault, wanted in ERRORS.items():
        status, kind = wanted[column]
        with server("--protocol", shape.protocol, "--fault", fault + ":1") as s:
            answer = ask_whisper(s) if shape is WHISPER else shape.ask(s)
            what = f"{shape.protocol} {fault}"
            found = dig(answer.json, shape.error)
            good = found == kind if not isinstance(found, str) or shape.protocol != "ollama" else kind in found
            check(what, answer.status == status and good and isinstance(answer.json, dict), answer)
            if shape.protocol == "anthropic":
                check(what, answer.headers.get("request-id") and answer.json["type"] == "error", answer)
            if fault == "429-after":
                hint = dig(answer.json, "error/details/0/retryDelay") if shape.protocol == "gemini" else answer.headers.get("retry-after")
                check(what, hint in ["1", "1s"], answer)
            if fault == "401-challenge":
                check(what, "Bearer" in answer.headers.get("www-authenticate", ""), answer.headers)
            again = ask_whisper(s) if shape is WHISPER else shape.ask(s)
            check(what + " ends", again.status == 200, again)


def test_outcomes(shape, column):
    for fault, text in TEXTS.items():
        with server("--protocol", shape.protocol, "--fault", fault) as s:
            answer = shape.ask(s)
            what = f"{shape.protocol} {fault}"
            found = dig(answer.json, shape.text)
            check(what, answer.status == 200 and (found == text or text is None and found == ""), answer)
            if fault in FINISHES:
                check(what + " ends", dig(answer.json, shape.finish) == FINISHES[fault][column], answer)
            if fault.startswith("usage-"):
                tokens = dig(answer.json, shape.tokens)
                full = 200 if shape.protocol == "anthropic" else 1200
                check(what, tokens == full if fault == "usage-full" else tokens is None, answer)
    for fault in ["refusal", "finish-error"]:
        with server("--protocol", shape.protocol, "--fault", fault) as s:
            answer = shape.ask(s)
            check(f"{shape.protocol} {fault}", dig(answer.json, shape.finish) == FINISHES[fault][column]
                  and (fault != "refusal" or "I can't help." in answer.text), answer)
    with server("--protocol", shape.protocol, "--fault", "reasoning-content") as s:
        answer = shape.ask(s)
        check(f"{shape.protocol} reasoning", dig(answer.json, shape.reasoning) == "sad? no" and "[happy]" in answer.text, answer)
    with server("--protocol", shape.protocol, "--fault", "reasoning-only") as s:
        answer = shape.ask(s)
        check(f"{shape.protocol} reasoning only", dig(answer.json, shape.reasoning) == "it is [sad]", answer)


def test_streams(shape):
    for fault in ["sse-crlf", "sse-comments", "sse-lines", "sse-no-done", "sse-done-only", "sse-no-last-line", "sse-usage", "sse-utf8",
                  "sse-bytes", "sse-broken", "sse-error"]:
        if shape.protocol == "ollama" and fault == "sse-lines":
            continue
        with server("--protocol", shape.protocol, "--fault", fault) as s:
            answer = shape.ask(s, True)
            what = f"{shape.protocol} {fault}"
            if fault == "sse-broken":
                check(what, answer.status == -2 and answer.body and "labels" not in answer.text, answer)
                continue
            if fault == "sse-bytes":
                check(what, "labels" in shape.deltas(answer), answer)
                continue
            if fault == "sse-error":
                check(what, "error" in answer.text and shape.deltas(answer) != "[happy]", answer)
                continue
            if fault == "sse-lines":
                check(what, "\ndata: \"" in answer.text or "\ndata: {" in answer.text, answer)
                answer = Answer(answer.status, answer.headers, answer.body.replace(b",\r\ndata: ", b",").replace(b",\ndata: ", b","))
            check(what, answer.status == 200 and shape.deltas(answer) == ("[déçu, 喜]" if fault == "sse-utf8" else "[happy]"), answer)
            if fault == "sse-crlf":
                check(what, b"\r\n" in answer.body, answer)
            if fault == "sse-no-done":
                check(what, "[DONE]" not in answer.text and "message_stop" not in answer.text, answer)


def test_replies(shape):
    """What no protocol words, and what no JSON reader likes."""
    for fault, status, part in [("502-html", 502, "502 Bad Gateway"), ("503-empty", 503, ""), ("302", 302, ""), ("307", 307, ""),
                                ("200-empty", 200, ""), ("200-spaces", 200, "\n"), ("200-html", 200, "It works!"), ("200-half", 200, "{"),
                                ("twice", 200, "}{"), ("blank-lines", 200, "\n\n\n\n{"), ("200-error", 200, "error"), ("nested", 200, "[" * 1000),
                                ("choices-object", 200, "{"), ("choices-null", 200, "null"), ("choices-none", 200, "{"), ("content-number", 200, "123"),
                                ("truncated", -2, "{"), ("chunk-cut", -2, "{"), ("close", -1, ""), ("reset", -1, ""), ("413-close", None, ""),
                                ("short-length", 200, "{\"cho"), ("no-http", -1, ""), ("huge-number", 200, "1e999"), ("duplicate-keys", 200, "[sad]"),
                                ("bad-utf8", 200, "happy")]:
        if shape.protocol in ["responses", "whisper"] and fault in ["duplicate-keys", "huge-number"]:
            continue
        with server("--protocol", shape.protocol, "--fault", fault, "--location", "http://127.0.0.1:9/x") as s:
            answer = ask_whisper(s) if shape is WHISPER else shape.ask(s)
            what = f"{shape.protocol} {fault}"
            check(what, status in [None, answer.status] and part in answer.text, answer)
            if status in [302, 307]:
                check(what, answer.headers["location"] == "http://127.0.0.1:9/x", answer.headers)
            if fault == "413-close":
                check(what, answer.status in [413, -1], answer)
            if status == 200 and fault in ["200-empty", "200-spaces", "200-html", "200-half", "twice", "nested"]:
                check(what + " is no JSON", answer.json is None, answer)


def test_vendor_faults():
    for protocol, fault, status, wanted in [
            ("gemini", "blocked", 200, {"promptFeedback__blockReason": "PROHIBITED_CONTENT"}),
            ("gemini", "blocked-safety", 200, {"promptFeedback__blockReason": "SAFETY"}),
            ("gemini", "thoughts-only", 200, {"candidates__0__content__parts__0__thought": True, "candidates__0__finishReason": "MAX_TOKENS"}),
            ("gemini", "parts-none", 200, {"candidates__0__finishReason": "STOP"}),
            ("gemini", "429-per-day", 429, {"error__details__0__violations__0__quotaId": "PerDay", "error__details__1__retryDelay": "37s"}),
            ("gemini", "503-rate", 503, {"error__status": "RESOURCE_EXHAUSTED"}),
            ("anthropic", "context-window", 200, {"stop_reason": "model_context_window_exceeded"}),
            ("anthropic", "redacted", 200, {"content__0__type": "redacted_thinking"}),
            ("anthropic", "no-temperature", 400, {"error__message": "`temperature` is deprecated for this model."}),
            ("ollama", "load", 200, {"done_reason": "load", "message__content": ""}),
            ("ollama", "not-done", 200, {"done": False}),
            ("ollama", "no-thinking", 400, {"error": '"gemma3:4b" does not support thinking'}),
            ("openai", "500-mmproj", 500, {"error__message": "you may need to provide the mmproj"}),
            ("openai", "500-cuda", 500, {"error__message": "CUDA out of memory"}),
            ("openai", "429-too-large", 429, {"error__message": "Limit 1000, Requested 2000"}),
            ("openai", "429-gemini", 429, {}),
            ("openai", "400-flat", 400, {"object": "error"}),
            ("openai", "400-string", 400, {"error": str}),
            ("openai", "400-array", 400, {"detail__0__msg": "field required"}),
            ("openai", "400-dashscope", 400, {"code": "InvalidParameter", "request_id": str}),
            ("openai", "content-parts", 200, {"choices__0__message__content__1__text": "py]"}),
            ("openai", "logprobs-odd", 200, {"choices__0__logprobs__content__0__logprob": -9999.0}),
            ("openai", "no-max-tokens", 400, {"error__param": "max_tokens", "error__code": "unsupported_parameter"}),
            ("openai", "no-temperature", 400, {"error__param": "temperature", "error__code": "unsupported_value"}),
            ("openai", "no-seed", 400, {"error__param": "seed", "error__code": "unsupported_parameter"}),
            ("openai", "stream-only", 400, {"error__message": "only support stream mode"}),
            ("responses", "failed-rate", 200, {"status": "failed", "error__code": "rate_limit_exceeded"}),
            ("responses", "in-progress", 200, {"status": "in_progress"})]:
        shape = next(shape for shape in SHAPES if shape.protocol == protocol)
        with server("--protocol", protocol, "--fault", fault) as s:
            refused(f"{protocol} {fault}", shape.ask(s), status, **wanted)
    with server("--fault", "key-echo") as s:
        answer = s.ask("/chat/completions", CHAT, {"Authorization": "Bearer " + KEY})
        refused("key-echo", answer, 400, error__message="Bearer " + KEY)
    with server("--fault", "429:1:1") as s:
        check("after", [s.ask("/chat/completions", CHAT).status for _ in range(3)] == [200, 429, 200])


def test_connections():
    """A server that never answers, drips, or never ends: what comes is looked at, then left."""
    for fault, wanted in [("hang", b""), ("drip", b": ka"), ("huge", b"Content-Length: 1073741824"), ("endless-line", b"data: {"),
                          ("endless-head", b"X-Filler-9:"), ("gzip-bomb", b"Content-Encoding: gzip")]:
        with server("--fault", fault) as s:
            host, port = s.address.split(":")
            with socket.create_connection((host, int(port)), timeout=20) as connection:
                body = json.dumps(CHAT).encode()
                connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                   b"Content-Length: %d\r\n\r\n" % len(body) + body)
                connection.settimeout(0.3 if fault == "hang" else 20)
                data = b""
                with contextlib.suppress(TimeoutError):
                    while wanted not in data or not wanted:
                        data += connection.recv(4096)
                check(fault, wanted in data and (wanted or not data), data[:200])
    with server("--fault", "stale:1:1") as s:
        connection = http.client.HTTPConnection(s.address, timeout=20)
        statuses = []
        for _ in range(2):
            try:
                connection.request("POST", "/v1/chat/completions", json.dumps(CHAT), {"Content-Type": "application/json"})
                reply = connection.getresponse()
                reply.read()
                statuses.append(reply.status)
            except (http.client.HTTPException, OSError):
                statuses.append(0)
        connection.close()
        check("stale", statuses == [200, 0], statuses)


def test_faults():
    columns = {"openai": 0, "responses": 0, "gemini": 1, "anthropic": 2, "ollama": 3}
    for i, shape in enumerate(SHAPES):
        test_errors(shape, columns[shape.protocol])
        test_outcomes(shape, i)
        test_streams(shape)
        test_replies(shape)
    test_errors(WHISPER, 0)
    test_replies(WHISPER)
    test_vendor_faults()
    test_connections()


def test_capacity():
    with server("--capacity", "2", "--latency-ms", "300") as s:
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: s.ask("/chat/completions", CHAT), range(6)))
        stats = s.ask("//stats").json
        statuses = sorted(a.status for a in answers)
        check("capacity", statuses == [200] * 2 + [429] * 4 and stats["most_active"] == 2 and stats["refused"] == 4, (statuses, stats))
        check("capacity log", sum(line.get("limit") == "capacity" for line in s.lines()) == 4)
        check("capacity free again", s.ask("/chat/completions", CHAT).status == 200)


def test_limits():
    with server("--rpm", "60") as s:
        first, second = s.ask("/chat/completions", CHAT), s.ask("/chat/completions", CHAT)
        check("rpm", first.status == 200 and second.status == 429 and second.headers["retry-after"] == "1"
              and 0 < int(second.headers["retry-after-ms"]) <= 1001, second)
        check("stats", s.ask("//stats").json == {"served": 1, "refused": 1, "active": 0, "most_active": 1})


def test_usage():
    for arguments, words in [(["--protocol", "x"], "there are: openai"), (["--fault", "x"], "429-after"),
                             (["--lacks", "x"], "image, audio, video or thinking")]:
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=10, check=False)
        check("usage", done.returncode == 2 and words in done.stderr, done.stderr)
    done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=10, check=False)
    check("help", all(w in done.stdout for w in ["gemini", "anthropic", "429-per-day", "--fault"]), done.stdout)


def main():
    for test in [test_gemini, test_anthropic, test_ollama, test_whisper, test_openai_batches, test_anthropic_batches,
                 test_gemini_batches, test_dialects, test_responses, test_faults, test_capacity, test_limits, test_usage]:
        test()
    for failure in FAILURES:
        print("FAILED", failure[:300], file=sys.stderr)
    return 1 if FAILURES else 0


sys.exit(main())
