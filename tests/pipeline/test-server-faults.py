# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every fault of the test server has, in each protocol, its literal shape."""
import contextlib
import http.client
import json
import socket
import sys

from server_protocols import (
    Answer, ANTHROPIC, change, CHAT, chat, check, events, form, GEMINI, GENERATE, IMAGE, INVALID, KEY, main,
    OLLAMA, refused, RESPONSES, server, VERSION, WAV)


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


sys.exit(main([test_faults]))
