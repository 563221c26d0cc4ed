# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each dialect of OpenAI's chat completions refuses what its real server refuses, in its shape."""
import json
import sys

from server_protocols import (
    BARE_AUDIO, chat, check, DATA_AUDIO, FORMAT, FRAMES, has, HTTP_IMAGE, HTTP_VIDEO, IMAGE, INVALID, JPEG64,
    KEY, LIST, main, RAW_AUDIO, refused, SCHEMA, server, URL_AUDIO, VIDEO, WAV64)


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
        (b"", 500, {"error__message": "attempting to parse an empty input"}),
        ({"messages": [{"content": "x"}]}, 500, {"error__message": "Missing 'role' in message: {\"content\":\"x\"}"}),
        (chat(top_logprobs=3), 400, {"error__message": "top_logprobs requires logprobs to be set to true"}),
        (chat(stream="yes"), 400, {"error__message": "Field 'stream': [json.exception.type_error.302] type must be boolean, but is string"}),
        (chat(n=0), 400, {"error__message": "Field 'n': Value must be between 1 <= value <= "}),
        (chat(grammar="root ::= \"a\"", json_schema=SCHEMA), 500, {"error__message": "Cannot use both json_schema and grammar"}),
        (chat(response_format={"type": "json_schema", "json_schema": {"schema": {"type": "nonsense"}}}), 400, {"error__message": 'Unrecognized schema: {"type":"nonsense"}'}),
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
        refused("llamacpp key of models", s.ask("/models"), 401, error__message="Invalid API Key")
        refused("llamacpp key before the path", s.ask("/x"), 401, error__message="Invalid API Key")
        check("llamacpp X-Api-Key", s.ask("/models", None, {"X-Api-Key": KEY}).status == 200)
        refused("llamacpp lacks", s.ask("/chat/completions", chat(IMAGE), {"Authorization": "Bearer " + KEY}), 500,
                error__message="image input is not supported - hint: if this is unexpected, you may need to provide the mmproj", error__type="server_error")
        check("llamacpp any model", s.ask("/chat/completions", chat(model="x"), {"Authorization": "Bearer " + KEY}).status == 200)
        check("llamacpp props", has(s.ask("//props", None, {"Authorization": "Bearer " + KEY}).json, "modalities/vision", False))
    with server("--dialect", "vllm", "--key-env", "K", "--model", "m1", "--lacks", "audio", env={"K": KEY}) as s:
        head = {"Authorization": "Bearer " + KEY}
        check("vllm key", s.ask("/chat/completions", chat()).json == {"error": "Unauthorized"})
        refused("vllm model", s.ask("/chat/completions", chat(), head), 404, error__type="NotFoundError", error__message="The model `m` does not exist.", error__code=404)
        refused("vllm lacks", s.ask("/chat/completions", chat(RAW_AUDIO, model="m1"), head), 400, error__message="At most 0 audio(s) may be provided in one prompt.")


sys.exit(main([test_dialects]))
