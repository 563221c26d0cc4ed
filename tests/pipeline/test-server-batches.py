# SPDX-License-Identifier: LGPL-2.1-or-later
"""Batches of the test server: good ones, and every way in which they go wrong."""
import contextlib
import json
import sys

from server_protocols import (
    ANTHROPIC, anthropic_error, change, CHAT, chat, check, form, gemini_error, has, lines_of, main,
    openai_error, poll, server, upload, VERSION)


def openai_request(name, **members):
    line = {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": CHAT}
    return change(line, **members)


def openai_submit(s, requests=None, name="in.jsonl"):
    requests = requests or [openai_request(f"item-{i}") for i in range(6)]
    data = b"".join(json.dumps(r).encode() + b"\n" for r in requests)
    file = s.ask("/files", *form(("purpose", "batch"), ("file", name, data)))
    return file, s.ask("/batches", {"input_file_id": file.json["id"], "endpoint": "/v1/chat/completions",
                                    "completion_window": "24h", "metadata": {"run": "1"}})


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


sys.exit(main([test_openai_batches, test_anthropic_batches, test_gemini_batches]))
