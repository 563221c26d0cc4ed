# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server of OpenAI's chat completions, files and batches, with faults to order.

It answers a question the same whether it comes alone or in a batch, so that the two can be
compared. It lives as long as the test; what is killed is the client.
"""
import collections
import hashlib
import http.server
import json
import random
import re
import sys
import threading

WORDS = ["happy", "sad", "angry", "calm", "surprised", "afraid", "proud", "bored"]


def answer_of(body):
    """Two words that depend on what is asked, and on nothing else."""
    text = json.dumps(body.get("messages", body.get("contents")), sort_keys=True)
    digest = hashlib.sha256(text.encode()).digest()
    return json.dumps({"labels": [WORDS[digest[0] % 8], WORDS[digest[1] % 8]]})


def completion(body):
    if "stream" in body:
        return 400, {"error": {"message": "stream is not allowed here", "type": "invalid_request_error",
                               "param": "stream", "code": "invalid_value"}}
    return 200, {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"],
                 "choices": [{"index": 0, "finish_reason": "stop",
                              "message": {"role": "assistant", "content": answer_of(body)}}],
                 "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}}


class Batches:
    """What the server knows, and which faults it is to play."""

    def __init__(self, polls=1, key=None, enqueued_limit=None, **faults):
        self.lock = threading.Lock()
        self.polls = polls
        self.key = key
        self.enqueued_limit = enqueued_limit
        self.faults = collections.Counter(faults)
        self.files = {}
        self.n_files = 0
        self.batches = {}
        self.asked = []       # custom ids in all batches that were accepted
        self.requests = []    # (method, path)
        self.live = 0
        self.random = random.Random(7)
        self.hook = lambda when, number: False   # "before" and "after" each request; true drops it

    def take(self, fault):
        """Whether the fault is to be played now."""
        if self.faults[fault] > 0:
            self.faults[fault] -= 1
            return True
        return False

    # files

    def add_file(self, name, content):
        self.n_files += 1
        number = f"file-{self.n_files}"
        self.files[number] = {"id": number, "object": "file", "filename": name, "bytes": len(content),
                              "purpose": "batch", "content": content}
        return number

    def describe_file(self, number):
        return {k: v for k, v in self.files[number].items() if k != "content"}

    # batches

    def create(self, order):
        content = self.files[order["input_file_id"]]["content"]
        number = f"batch_{len(self.batches) + 1}"
        batch = {"id": number, "object": "batch", "endpoint": order["endpoint"], "status": "validating",
                 "input_file_id": order["input_file_id"], "metadata": order.get("metadata"), "polls": 0,
                 "output_file_id": None, "error_file_id": None, "expires_at": 4102444800,
                 "request_counts": {"total": 0, "completed": 0, "failed": 0}}
        self.batches[number] = batch
        error = self.validate(batch, content, order)
        if error:
            batch["status"] = "failed"
            batch["errors"] = {"object": "list", "data": [error]}
        else:
            self.asked += [json.loads(line)["custom_id"] for line in content.splitlines()]
        return batch

    def validate(self, batch, content, order):
        lines = content.split(b"\n")
        if lines[-1] != b"" or order.get("completion_window") != "24h":
            return {"code": "invalid_file", "message": "the last line is not whole", "line": len(lines)}
        models, ids = set(), set()
        for number, line in enumerate(lines[:-1], 1):
            call = json.loads(line)
            if call["url"] != order["endpoint"] or call["method"] != "POST":
                return {"code": "invalid_url", "message": f"{call['url']} is not the endpoint", "line": number}
            if call["custom_id"] in ids:
                return {"code": "duplicate_custom_id", "message": "custom_id twice", "line": number}
            ids.add(call["custom_id"])
            models.add(call["body"]["model"])
        if len(models) > 1:
            return {"code": "mismatched_model", "message": "one model a file", "line": 1}
        active = sum(b["request_counts"]["total"] for b in self.batches.values()
                     if b["status"] in ("validating", "in_progress", "finalizing"))
        if self.enqueued_limit is not None and active + len(ids) > self.enqueued_limit:
            return {"code": "token_limit_exceeded", "line": None,
                    "message": "Enqueued token limit reached for this model. Limit: 90,000 enqueued tokens."}
        if self.take("fail_all"):
            return {"code": "invalid_batch", "message": "this batch is not to our taste", "line": None}
        if self.take("fail_line"):
            return {"code": "invalid_request", "message": "line 2 is not to our taste", "line": 2}
        batch["request_counts"]["total"] = len(ids)
        return None

    def look(self, number):
        batch = self.batches[number]
        batch["polls"] += 1
        if batch["status"] == "validating":
            batch["status"] = "in_progress"
        if batch["status"] == "in_progress" and batch["polls"] > self.polls:
            self.finish(batch)
        return {k: v for k, v in batch.items() if k != "polls"}

    def cancel(self, number):
        batch = self.batches[number]
        if batch["status"] in ("validating", "in_progress"):
            self.finish(batch, "cancelled", keep=0.5)
        return batch

    def finish(self, batch, status="completed", keep=1.0):
        calls = [json.loads(line) for line in self.files[batch["input_file_id"]]["content"].splitlines()]
        if self.take("expire"):
            status, keep = "expired", 0.5
        good, bad = [], []
        for number, call in enumerate(calls):
            if number >= max(1, len(calls) * keep):
                bad.append({"id": "r", "custom_id": call["custom_id"], "response": None,
                            "error": {"code": f"batch_{status}", "message": "This request could not be executed "
                                                                             "before the completion window."}})
                continue
            code, body = completion(call["body"])
            if self.take("line_400"):
                echo = f", {self.key}" if self.take("echo_key") else ""
                code, body = 400, {"error": {"message": f"This clip is not to our taste{echo}",
                                             "type": "invalid_request_error"}}
            elif self.take("line_429"):
                code, body = 429, {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}
            elif self.take("line_500"):
                bad.append({"id": "r", "custom_id": call["custom_id"], "response": None,
                            "error": {"code": "server_error", "message": "something went wrong"}})
                continue
            line = {"id": "r", "custom_id": call["custom_id"], "error": None,
                    "response": {"status_code": code, "request_id": "q", "body": body}}
            (good if code == 200 else bad).append(line)
        self.random.shuffle(good)
        text = self.spoil([json.dumps(line) for line in good])
        batch["output_file_id"] = self.add_file("output", text.encode()) if good else None
        if bad:
            batch["error_file_id"] = self.add_file("errors", ("\n".join(map(json.dumps, bad)) + "\n").encode())
        batch["request_counts"].update(completed=len(good), failed=len(bad))
        batch["status"] = status

    def spoil(self, lines):
        if self.take("missing") and lines:
            lines.pop()
        if self.take("duplicate") and lines:
            lines.append(lines[0].replace("labels", "doubles"))
        if self.take("unknown"):
            lines.append(json.dumps({"custom_id": "stranger", "error": None,
                                     "response": {"status_code": 200, "body": {"choices": []}}}))
        if self.take("garbage"):
            lines.insert(0, '{"custom_id": "' + "x" * 50)
            lines.insert(1, "[" * 100000)
            lines.insert(2, "\ufffd\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"))
        text = "\n".join(lines) + "\n"
        return text[:-40] if self.take("broken_off") else text


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    batches = None

    def log_message(self, *arguments):
        pass

    def reply(self, status, body, kind="application/json"):
        self.held = (status, body, kind)

    def send(self, status, body, kind):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, message, code=None):
        self.reply(status, {"error": {"message": message, "type": "invalid_request_error", "code": code}})

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def is_welcome(self):
        key = self.batches.key
        return key is None or self.headers.get("Authorization") == f"Bearer {key}"

    def handle_one(self, method):
        state, path = self.batches, self.path.split("?")[0].removeprefix("/v1")
        data = self.body()
        with state.lock:
            state.requests.append((method, path))
            number = len(state.requests)
            self.close_connection = state.hook("before", number)
            if self.close_connection:
                return
            self.held = None
            if not self.is_welcome():
                self.refuse(401, "Incorrect API key provided", "invalid_api_key")
            elif state.take(f"503_{method}_{path.strip('/').split('/')[0]}"):
                self.refuse(503, "overloaded")
            elif method == "POST" and path == "/chat/completions":
                state.live += 1
                self.reply(*completion(json.loads(data)))
            elif state.take("no_batches") and "chat" not in path:
                self.refuse(404, "Not Found")
            elif method == "POST" and path == "/files":
                self.add_file(data)
            elif method == "POST" and path == "/batches":
                self.add_batch(json.loads(data))
            else:
                self.other(method, path)
            self.close_connection = self.close_connection or state.hook("after", number)
            if self.held and not self.close_connection:
                self.send(*self.held)

    def add_file(self, data):
        boundary = self.headers["Content-Type"].split("boundary=")[1].encode()
        parts = data.split(b"--" + boundary)
        fields = {}
        for part in parts[1:-1]:
            head, content = part[2:-2].split(b"\r\n\r\n", 1)
            name = re.search(rb'name="([^"]*)"', head).group(1).decode()
            file = re.search(rb'filename="([^"]*)"', head)
            fields[name] = (content, file.group(1).decode() if file else None)
        if fields["purpose"][0] != b"batch" or parts[-1] != b"--\r\n":
            self.refuse(400, "no batch file")
            return
        number = self.batches.add_file(fields["file"][1], fields["file"][0])
        if self.batches.take("drop_after_upload"):
            self.close_connection = True
            return
        self.reply(200, self.batches.describe_file(number))

    def add_batch(self, order):
        if order.get("input_file_id") not in self.batches.files:
            self.refuse(404, "No such file")
            return
        batch = self.batches.create(order)
        if self.batches.take("drop_after_create"):
            self.close_connection = True
            return
        if self.batches.take("500_after_create"):
            self.refuse(500, "The server had an error", "server_error")
            return
        self.reply(200, batch)

    def other(self, method, path):
        state = self.batches
        words = path.strip("/").split("/")
        if words == ["models"]:
            self.reply(200, {"object": "list", "data": [{"id": "test-model", "object": "model"}]})
        elif words == ["files"]:
            self.reply(200, {"object": "list", "has_more": False,
                             "data": [state.describe_file(n) for n in state.files]})
        elif words == ["batches"]:
            self.reply(200, {"object": "list", "has_more": False, "data": list(state.batches.values())})
        elif words[0] == "files" and words[1] in state.files and method == "DELETE":
            del state.files[words[1]]
            self.reply(200, {"id": words[1], "deleted": True})
        elif words[0] == "files" and words[1] in state.files:
            content = state.files[words[1]]["content"]
            self.reply(200, content, "application/octet-stream")
        elif words[0] == "batches" and words[1] in state.batches and words[-1] == "cancel":
            self.reply(200, state.cancel(words[1]))
        elif words[0] == "batches" and words[1] in state.batches:
            self.reply(200, state.look(words[1]))
        else:
            self.refuse(404, f"No such thing: {path}")

    def do_GET(self):
        self.handle_one("GET")

    def do_POST(self):
        self.handle_one("POST")

    def do_DELETE(self):
        self.handle_one("DELETE")


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Clients are killed here on purpose."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class BatchServer:
    def __init__(self, **options):
        self.batches = Batches(**options)
        handler = type("BoundHandler", (Handler,), {"batches": self.batches})
        self.server = QuietServer(("127.0.0.1", 0), handler)
        self.uri = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *arguments):
        self.server.shutdown()
        self.server.server_close()
