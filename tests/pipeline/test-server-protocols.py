# SPDX-License-Identifier: LGPL-2.1-or-later
"""The test server plays every protocol as strictly as the real servers do: each protocol's good
request is answered, and each of a table of bad ones is refused with the real server's status
and words.
"""
import base64
import concurrent.futures
import json
import struct
import subprocess
import sys

from server_protocols import (
    ANTHROPIC, anthropic_error, change, CHAT, chat, check, events, form, FORMAT, GEMINI, gemini_error,
    GENERATE, has, JPEG, JPEG64, KEY, lines_of, main, MP4, MP464, OLLAMA, openai_error, poll, PROGRAM,
    RAW_AUDIO, refused, RESPONSES, SCHEMA, server, upload, VERSION, WAV)


def gemini_with(part=None, config=None, **members):
    body = change(GEMINI, **members)
    if part is not None:
        body["contents"][0]["parts"][0] = part
    body["generationConfig"].update(config or {})
    return body


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


sys.exit(main([test_gemini, test_anthropic, test_ollama, test_whisper, test_responses, test_capacity, test_limits, test_usage]))
