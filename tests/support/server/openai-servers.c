/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OpenAI itself, and the servers that a researcher starts */
#include "openai.h"

#include <string.h>

#define TYPE_ERROR                                                                         \
  "Invalid type for '{name}': expected an integer, but got a {found} instead."
#define RANGE_ERROR                                                                        \
  "Invalid '{name}': value out of range. Expected another value, but got {found} instead."
#define PYDANTIC "[{'type': 'invalid', 'loc': ('body', '{name}'), 'msg': '{found}'}]"

static gboolean
refuse_unsupported (Exchange *x, const char *name, const char *more)
{
  g_autofree char *text = g_strconcat (
      "Unsupported parameter: '{name}' is not supported with this model.", more, NULL);

  return openai_refuse (x, "unsupported_parameter", name, text, name, "");
}

/* what models that reason refuse */
static gboolean
check_reasoning (Exchange *x)
{
  static const char *const names[] = { "top_p", "logprobs",         "top_logprobs",
                                       "stop",  "presence_penalty", "frequency_penalty" };
  JsonNode *temperature = member (x->root, "temperature");
  g_autofree char *found = temperature != NULL ? to_text (temperature) : NULL;

  if (member (x->root, "max_tokens") != NULL)
    return refuse_unsupported (x, "max_tokens", " Use 'max_completion_tokens' instead.");
  if (temperature != NULL && number_of (temperature) != 1)
    return openai_refuse (x, "unsupported_value", "temperature",
                          "Unsupported value: '{name}' does not support {found} with this "
                          "model. Only the default (1) value is supported.",
                          "temperature", found);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (member (x->root, names[i]) != NULL)
      return refuse_unsupported (x, names[i], "");
  return TRUE;
}

static gboolean
has_media (Exchange *x, const char *list)
{
  return json_array_get_length (json_object_get_array_member (x->log, list)) > 0;
}

/* the models that hear see nothing, and the others hear nothing */
static gboolean
check_hearing (Exchange *x, const char *model)
{
  const char *format = text_of (member (member (x->root, "response_format"), "type"));
  gboolean hears
      = g_str_has_prefix (model, "gpt-audio") || strstr (model, "-audio") != NULL;
  const char *wrong = NULL;

  if (has_media (x, hears ? "frames" : "audio"))
    wrong = hears ? "image_url" : "input_audio";
  if (wrong != NULL)
    return openai_refuse (
        x, NULL, "messages",
        "Invalid content type. {name} is only supported by certain models.", wrong, "");
  if (!hears)
    return TRUE;
  if (g_strcmp0 (format, "json_schema") == 0)
    return openai_refuse (
        x, NULL, "response_format",
        "Invalid parameter: 'response_format' of type 'json_schema' is not "
        "supported with this model.",
        "", "");
  return has_media (x, "audio")
         || openai_refuse (
             x, "invalid_value", "model",
             "This model requires that either input content or output modality "
             "contain audio.",
             "", "");
}

static gboolean
check_openai (Exchange *x)
{
  const char *model = text_of (member (x->root, "model"));

  if (openai_is_reasoning (model) && !check_reasoning (x))
    return FALSE;
  return check_hearing (x, model);
}

/* after it was decoded without its prefix, a data URL is no wav */
static gboolean
take_raw_audio (Exchange *x, JsonNode *part)
{
  const char *data = text_of (member (member (part, "input_audio"), "data"));

  if (data != NULL && strchr (data, ':') != NULL)
    return openai_refuse (x, "invalid_value", "messages",
                          "The data provided for 'input_audio' is not of valid wav format.",
                          "", "");
  return openai_take_audio (x, part);
}

static const ErrorText any_errors[N_PROBLEMS] = {
  [PROBLEM_CONTEXT] = { 400, "exceed_context_size_error", NULL,
                        "request (2008 tokens) exceeds the available context size (512 "
                        "tokens), try increasing it" },
};

static const char *const any_members[] = { "top_k",
                                           "repetition_penalty",
                                           "cache_prompt",
                                           "media_io_kwargs",
                                           "mm_processor_kwargs",
                                           "chat_template_kwargs",
                                           "modalities",
                                           "enable_thinking",
                                           "thinking",
                                           "do_sample",
                                           "structured_outputs",
                                           "min_p",
                                           "provider",
                                           "reasoning",
                                           "use_audio_in_video",
                                           "separate_reasoning",
                                           "verbosity",
                                           "store",
                                           "usage",
                                           "safety_settings",
                                           "thinking_budget",
                                           NULL };

static const PartKind any_parts[] = { { "image_url", openai_take_image_url },
                                      { "input_audio", openai_take_audio },
                                      { "audio_url", openai_take_audio_url },
                                      { "video_url", openai_take_video_url },
                                      { NULL } };

const Dialect openai_any = {
  .name = "any",
  .errors = any_errors,
  .has_codes = TRUE,
  .blurb = "what any of the others takes (the default)",
  .base = "/v1",
  .parts = any_parts,
  .members = any_members,
  .unknown_member = "Unrecognized request argument supplied: {name}",
  .unknown_part = "unsupported content[].type",
  .wrong_type = "'{name}' is of the wrong type",
  .out_of_range = "'{name}' is out of range",
  .bad_json = "the body must be a JSON object",
  .max_temperature = 2,
  .lacking = "{name} input is not supported - hint: if this is unexpected, you may need to "
             "provide the mmproj",
  .lacking_status = 500,
  .error = openai_error_usual,
  .reasoning = "reasoning_content",
};

static const char *const openai_members[] = { "modalities",
                                              "verbosity",
                                              "store",
                                              "service_tier",
                                              "metadata",
                                              "logit_bias",
                                              "audio",
                                              "tools",
                                              "tool_choice",
                                              "parallel_tool_calls",
                                              "prediction",
                                              "safety_identifier",
                                              "prompt_cache_key",
                                              NULL };
static const PartKind openai_parts[]
    = { { "image_url", openai_take_image }, { "input_audio", take_raw_audio }, { NULL } };

const Dialect openai_strict = {
  .name = "openai",
  .has_codes = TRUE,
  .blurb = "OpenAI itself; gpt-audio… hears, o… and gpt-5… reason",
  .base = "/v1",
  .parts = openai_parts,
  .members = openai_members,
  .unknown_member = "Unknown parameter: '{name}'.",
  .unknown_part = "Invalid value: '{name}'. Supported values are: 'text', 'image_url', "
                  "'input_audio', 'refusal', 'audio', and 'file'.",
  .wrong_type = TYPE_ERROR,
  .out_of_range = RANGE_ERROR,
  .bad_json = "We could not parse the JSON body of your request. (HINT: This likely means "
              "you aren't using your HTTP library correctly. The OpenAI API expects a JSON "
              "payload, but what was sent was not valid JSON.)",
  .max_temperature = 2,
  .check = check_openai,
  .lacking = "Invalid content type. {name} is only supported by certain models.",
  .error = openai_error_usual,
  .reasoning = "reasoning_content",
};

static const ErrorText vllm_errors[N_PROBLEMS] = {
  [PROBLEM_INVALID] = { 400, "BadRequestError" },
  [PROBLEM_KEY] = { 401, "Unauthorized" },
  [PROBLEM_NO_KEY] = { 401, "Unauthorized" },
  [PROBLEM_MODEL] = { 404, "NotFoundError", NULL, "The model `{model}` does not exist." },
  [PROBLEM_CONTEXT]
  = { 400, "BadRequestError", NULL,
      "This model's maximum context length is 4096 tokens. However, you requested 5000 "
      "tokens (4488 in the messages, 512 in the completion)." },
  [PROBLEM_SERVER] = { 500, "InternalServerError", NULL, "Internal server error" },
  [PROBLEM_UNSUPPORTED] = { 501, "NotImplementedError" },
};

static const char *const vllm_members[] = { "top_k",
                                            "min_p",
                                            "repetition_penalty",
                                            "min_tokens",
                                            "mm_processor_kwargs",
                                            "media_io_kwargs",
                                            "chat_template_kwargs",
                                            "structured_outputs",
                                            "stop_token_ids",
                                            "bad_words",
                                            "allowed_token_ids",
                                            "ignore_eos",
                                            "skip_special_tokens",
                                            "include_stop_str_in_output",
                                            "logprob_token_ids",
                                            "prompt_logprobs",
                                            "return_token_ids",
                                            "return_tokens_as_token_ids",
                                            "priority",
                                            "cache_salt",
                                            "include_reasoning",
                                            "thinking_token_budget",
                                            "continue_final_message",
                                            "add_generation_prompt",
                                            "echo",
                                            "truncate_prompt_tokens",
                                            "request_id",
                                            "vllm_xargs",
                                            "documents",
                                            "chat_template",
                                            "modalities",
                                            "length_penalty",
                                            NULL };

/* a data URL within a data URL cannot be decoded */
static gboolean
take_vllm_audio (Exchange *x, JsonNode *part)
{
  JsonNode *audio = member (part, "input_audio");
  const char *data = text_of (member (audio, "data"));

  if (data == NULL || text_of (member (audio, "format")) == NULL)
    return openai_refuse (x, NULL, NULL, PYDANTIC, "input_audio", "Field required");
  if (strchr (data, ':') != NULL)
    return refuse (x, "Invalid or unsupported audio file.");
  return take_base64 (x, TAKE_AUDIO, data, NULL);
}

static const PartKind vllm_parts[] = { { "image_url", openai_take_image_url },
                                       { "input_audio", take_vllm_audio },
                                       { "audio_url", openai_take_audio_url },
                                       { "video_url", openai_take_video_url },
                                       { NULL } };

static gboolean
check_vllm (Exchange *x)
{
  JsonArray *tools = array_of (member (x->root, "tools"));

  if (tools != NULL && json_array_get_length (tools) == 0)
    return refuse (x, "[] should be non-empty - 'tools'");
  return TRUE;
}

static char *
dup_vllm_model (void)
{
  return g_strdup_printf (",\"root\":\"%s\",\"parent\":null,\"max_model_len\":32768",
                          settings.model);
}

const Dialect openai_vllm = {
  .dup_model = dup_vllm_model,
  .name = "vllm",
  .blurb = "vLLM: unknown members are passed over, codes are numbers",
  .base = "/v1",
  .parts = vllm_parts,
  .members = vllm_members,
  .ignores = TRUE,
  .unknown_part
  = "Unsupported chat content part type: '{name}'. Supported types: "
    "'audio_embeds', 'audio_url', 'image_embeds', 'image_url', 'input_audio', "
    "'input_image', 'input_text', 'refusal', 'text', 'thinking', 'video_url'",
  .wrong_type
  = "[{'type': 'int_parsing', 'loc': ('body', '{name}'), 'msg': 'Input should be "
    "a valid integer, unable to parse {found} as an integer'}]",
  .out_of_range = "{name} must be in its range, got {found}.",
  .bad_json = "[{'type': 'json_invalid', 'loc': ('body', 1), 'msg': 'JSON decode error'}]",
  .max_temperature = 2,
  .check = check_vllm,
  .lacking = "At most 0 {name}(s) may be provided in one prompt.",
  .errors = vllm_errors,
  .error = openai_error_vllm,
  .reasoning = "reasoning",
};

static const ErrorText sglang_errors[N_PROBLEMS] = {
  [PROBLEM_INVALID] = { 400, "BadRequest" },
  [PROBLEM_KEY] = { 401, "Unauthorized" },
  [PROBLEM_NO_KEY] = { 401, "Unauthorized" },
  [PROBLEM_MODEL] = { 404, "NotFoundError", NULL, "The model '{model}' does not exist" },
  [PROBLEM_CONTEXT]
  = { 400, "BadRequest", NULL,
      "Requested token count exceeds the model's maximum context length of "
      "4096 tokens." },
  [PROBLEM_SERVER] = { 500, "InternalServerError", NULL, "Internal server error" },
};

static const char *const sglang_members[] = { "use_audio_in_video",
                                              "separate_reasoning",
                                              "stream_reasoning",
                                              "regex",
                                              "ebnf",
                                              "min_tokens",
                                              "top_k",
                                              "min_p",
                                              "repetition_penalty",
                                              "chat_template_kwargs",
                                              "return_meta_info",
                                              "mm_processor_kwargs",
                                              "modalities",
                                              NULL };
static const PartKind url_parts[] = { { "image_url", openai_take_image_url },
                                      { "audio_url", openai_take_audio_url },
                                      { "video_url", openai_take_video_url },
                                      { NULL } };

const Dialect openai_sglang = {
  .name = "sglang",
  .blurb = "SGLang: sound by audio_url alone, flat errors",
  .base = "/v1",
  .parts = url_parts,
  .members = sglang_members,
  .ignores = TRUE,
  .unknown_part = "1 validation error: [{'type': 'literal_error', 'loc': ('body', "
                  "'messages', 'content', 'type'), 'msg': \"Input should be 'text', "
                  "'image_url', 'video_url' or 'audio_url'\", 'input': '{name}'}]",
  .wrong_type = PYDANTIC,
  .out_of_range = "{name} must be in its range, got {found}.",
  .bad_json = "[{'type': 'json_invalid', 'loc': ('body', 1), 'msg': 'JSON decode error'}]",
  .max_temperature = 2,
  .lacking = "The model does not support {name} input.",
  .errors = sglang_errors,
  .error = openai_error_flat,
  .reasoning = "reasoning_content",
};

static const char *const lmdeploy_members[] = { "top_k",
                                                "min_p",
                                                "repetition_penalty",
                                                "chat_template_kwargs",
                                                "mm_processor_kwargs",
                                                "media_io_kwargs",
                                                "do_preprocess",
                                                "session_id",
                                                "ignore_eos",
                                                "min_new_tokens",
                                                "enable_thinking",
                                                NULL };

/* its own form of the response_format beside the usual ones is not played; the arguments of
 * the processor go by modality */
static gboolean
check_lmdeploy (Exchange *x)
{
  static const char *const known[] = { "image", "video", "audio", "time_series", NULL };
  const char *unknown = find_unknown (member (x->root, "mm_processor_kwargs"), known);

  return unknown == NULL
         || refuse (x, "mm_processor_kwargs must be keyed by modality, not “%s”", unknown);
}

const Dialect openai_lmdeploy = {
  .name = "lmdeploy",
  .blurb = "LMDeploy: sound by audio_url alone, flat errors",
  .base = "/v1",
  .parts = url_parts,
  .members = lmdeploy_members,
  .ignores = TRUE,
  .unknown_part = "unexpected content type {name}",
  .wrong_type = PYDANTIC,
  .out_of_range = "The {name} `{found}` must be in its range.",
  .bad_json = "[{'type': 'json_invalid', 'loc': ('body', 1), 'msg': 'JSON decode error'}]",
  .max_temperature = 2,
  .check = check_lmdeploy,
  .lacking = "The model does not support {name} input.",
  .errors = sglang_errors,
  .error = openai_error_flat,
  .reasoning = "reasoning_content",
};

static const char *const lmstudio_members[]
    = { "top_k", "repeat_penalty", "min_p", "ttl", "draft_model", "logit_bias", NULL };

static gboolean
take_lmstudio_image (Exchange *x, JsonNode *part)
{
  const char *url = openai_get_url (part, "image_url");

  if (url == NULL || !g_str_has_prefix (url, "data:image/"))
    return refuse (x, "Invalid 'content': 'url' field must be a base64 encoded image.");
  return openai_take_image_url (x, part);
}

static const PartKind lmstudio_parts[] = { { "image_url", take_lmstudio_image }, { NULL } };

static gboolean
check_lmstudio (Exchange *x)
{
  const char *type = text_of (member (member (x->root, "response_format"), "type"));

  return g_strcmp0 (type, "json_object") != 0
         || refuse (x, "'response_format.type' must be 'json_schema' or 'text'");
}

const Dialect openai_lmstudio = {
  .name = "lmstudio",
  .blurb = "LM Studio: pictures as base64 alone, no sound, no json_object",
  .base = "/v1",
  .parts = lmstudio_parts,
  .members = lmstudio_members,
  .ignores = TRUE,
  .unknown_part = "Invalid 'content': 'content' objects must have a 'type' field that is "
                  "either 'text' or 'image_url'.",
  .wrong_type = "'{name}' must be a number",
  .out_of_range = "'{name}' must be in its range, not {found}",
  .bad_json = "Invalid JSON",
  .max_temperature = 2,
  .check = check_lmstudio,
  .lacking = "Model does not support {name}s. Please use a model that does.",
  .error = openai_error_string,
  .reasoning = "reasoning",
};
