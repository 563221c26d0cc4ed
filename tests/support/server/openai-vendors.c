/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hosted services that speak nearly as OpenAI does */
#include "openai.h"

#include <string.h>

#define USUAL                                                                              \
  .wrong_type = "'{name}' is of the wrong type: {found}",                                  \
  .out_of_range = "'{name}' is out of range: {found}", .bad_json = "Invalid JSON body"

static guint
count (const Exchange *x, const char *list)
{
  return json_array_get_length (json_object_get_array_member (x->log, list));
}

static gboolean
is_disabled (Exchange *x)
{
  return g_strcmp0 (text_of (member (member (x->root, "thinking"), "type")), "disabled")
         == 0;
}

/* refused: what does not begin as it must */
static gboolean
take_prefixed (Exchange *x, JsonNode *part, const char *type, const char *prefix,
               PartTaker take, const char *message)
{
  const char *url = openai_get_url (part, type);

  if (url == NULL || !g_str_has_prefix (url, prefix))
    return openai_refuse (x, NULL, NULL, message, type, url != NULL ? url : "");
  return take == NULL || take (x, part);
}

/* ---- DashScope ---- */

static const ErrorText dashscope_errors[N_PROBLEMS] = {
  [PROBLEM_INVALID] = { 400, "invalid_request_error", "invalid_parameter_error" },
  [PROBLEM_KEY] = { 401, "invalid_request_error", "invalid_api_key",
                    "Incorrect API key provided. For details, see: "
                    "https://help.aliyun.com/zh/model-studio/error-code#apikey-error" },
  [PROBLEM_PAYMENT]
  = { 400, "Arrearage", "Arrearage",
      "Access denied, please make sure your account is in good standing." },
  [PROBLEM_MODEL]
  = { 404, "invalid_request_error", "model_not_found",
      "The model `{model}` does not exist or you do not have access to it." },
  [PROBLEM_FILTER] = { 400, "data_inspection_failed", "data_inspection_failed",
                       "Input data may contain inappropriate content." },
  [PROBLEM_RATE] = { 429, "limit_requests", "limit_requests",
                     "You exceeded your current requests limit." },
};

static const char *const dashscope_members[] = { "modalities",
                                                 "audio",
                                                 "enable_thinking",
                                                 "thinking_budget",
                                                 "top_k",
                                                 "vl_high_resolution_images",
                                                 "mm_processor_kwargs",
                                                 "repetition_penalty",
                                                 "translation_options",
                                                 NULL };

/* each item is counted as it is sent, in base64 */
static gboolean
take_dashscope_video (Exchange *x, JsonNode *part)
{
  const char *url = openai_get_url (part, "video_url");

  if (url != NULL && strlen (url) > 10 * 1024 * 1024)
    return refuse (x,
                   "<400> InternalError.Algo.InvalidParameter: Exceeded limit on max bytes "
                   "per data-uri item : 10485760");
  return openai_take_video_url (x, part);
}

static const PartKind dashscope_parts[] = { { "image_url", openai_take_image_url },
                                            { "input_audio", openai_take_audio_data_url },
                                            { "video_url", take_dashscope_video },
                                            { "video", openai_take_video_list },
                                            { NULL } };

static gboolean
check_omni (Exchange *x, const char *model, gboolean stream)
{
  gboolean older
      = strstr (model, "omni-turbo") != NULL || strstr (model, "qwen2.5-omni") != NULL;
  guint kinds
      = (count (x, "frames") > 0) + (count (x, "audio") > 0) + (count (x, "video") > 0);

  if (!stream)
    return refuse (x,
                   "<400> InternalError.Algo.InvalidParameter: This model only support "
                   "stream mode, please enable the stream parameter to access the model. ");
  if (older && kinds > 1)
    return refuse (x, "<400> InternalError.Algo.InvalidParameter: Only one modality beside "
                      "text can be given in a user message.");
  return TRUE;
}

static gboolean
check_dashscope (Exchange *x)
{
  const char *model = text_of (member (x->root, "model"));
  gboolean stream = is_true (member (x->root, "stream"));

  if (strstr (model, "omni") != NULL)
    return check_omni (x, model, stream);
  if (count (x, "audio") > 0)
    return refuse (x, "<400> InternalError.Algo.InvalidParameter: audio input is not "
                      "supported by this model");
  if (is_true (member (x->root, "enable_thinking")) && !stream)
    return refuse (x, "parameter.enable_thinking must be set to false for non-streaming "
                      "calls");
  return TRUE;
}

static char *
count_dashscope (const Tokens *tokens)
{
  return g_strdup_printf (
      ",\"prompt_tokens_details\":{\"text_tokens\":%" G_GINT64_FORMAT
      ",\"image_tokens\":%" G_GINT64_FORMAT ",\"audio_tokens\":%" G_GINT64_FORMAT
      ",\"video_tokens\":0,\"cached_tokens\":%" G_GINT64_FORMAT
      "},\"completion_tokens_details\":{\"text_tokens\":%" G_GINT64_FORMAT
      ",\"reasoning_tokens\":%" G_GINT64_FORMAT "}",
      tokens->text, tokens->image, tokens->audio, tokens->cached,
      tokens->out - tokens->reasoning, tokens->reasoning);
}

const Dialect openai_dashscope = {
  USUAL,
  .name = "dashscope",
  .blurb = "Alibaba's; …omni… streams only, sound as a data URL",
  .base = "/compatible-mode/v1",
  .parts = dashscope_parts,
  .members = dashscope_members,
  .ignores = TRUE,
  .unknown_part = "<400> InternalError.Algo.InvalidParameter: Invalid content type: {name}",
  .max_temperature = 2,
  .check = check_dashscope,
  .lacking = "<400> InternalError.Algo.InvalidParameter: {name} input is not supported by "
             "this model",
  .errors = dashscope_errors,
  .error = openai_error_dashscope,
  .count = count_dashscope,
};

/* ---- Zhipu ---- */

static const ErrorText zhipu_errors[N_PROBLEMS] = {
  [PROBLEM_INVALID] = { 400, NULL, "1210" },
  [PROBLEM_KEY] = { 401, NULL, "1000", "身份验证失败。" },
  [PROBLEM_NO_KEY]
  = { 401, NULL, "1001", "Header中未收到Authentication参数，无法进行身份验证。" },
  [PROBLEM_PAYMENT] = { 429, NULL, "1113", "您的账户已欠费，请充值后重试。" },
  [PROBLEM_MODEL] = { 400, NULL, "1211", "模型不存在，请检查模型代码。" },
  [PROBLEM_CONTEXT] = { 400, NULL, "1261", "Prompt 超长" },
  [PROBLEM_FILTER]
  = { 400, NULL, "1301", "系统检测到输入或生成内容可能包含不安全或敏感内容" },
  [PROBLEM_RATE] = { 429, NULL, "1302", "您当前使用该API的并发数过高，请降低并发" },
  [PROBLEM_QUOTA] = { 429, NULL, "1113", "您的账户已欠费，请充值后重试。" },
  [PROBLEM_SERVER] = { 500, NULL, "500", "内部错误" },
};

static const char *const zhipu_members[]
    = { "do_sample", "thinking", "request_id", "user_id", "tools", "tool_choice", NULL };
static const PartKind zhipu_parts[] = { { "image_url", openai_take_image_url },
                                        { "video_url", openai_take_video_url },
                                        { NULL } };

static gboolean
check_zhipu (Exchange *x)
{
  JsonNode *stop = member (x->root, "stop"), *top_p = member (x->root, "top_p");
  const char *format = text_of (member (member (x->root, "response_format"), "type"));
  const char *user = text_of (member (x->root, "user_id"));

  if (array_of (stop) != NULL && json_array_get_length (array_of (stop)) > 1)
    return refuse (x, "stop 参数非法: at most 1 item");
  if (top_p != NULL && number_of (top_p) < 0.01)
    return refuse (x, "top_p 参数非法: must be in [0.01, 1]");
  if (g_strcmp0 (format, "json_schema") == 0)
    return refuse (x, "response_format 参数非法: text or json_object");
  if (user != NULL && (strlen (user) < 6 || strlen (user) > 128))
    return refuse (x, "user_id 参数非法: 6 to 128 characters");
  if (count (x, "frames") > 0 && count (x, "video") > 0)
    return refuse_as (x, &(Problem){ .kind = PROBLEM_INVALID, .code = "1214" },
                      "messages 参数非法: image_url and video_url cannot be mixed");
  return TRUE;
}

const Dialect openai_zhipu = {
  USUAL,
  .name = "zhipu",
  .blurb = "Zhipu (Z.ai): temperature to 1, one stop, codes are numbers in strings",
  .base = "/api/paas/v4",
  .parts = zhipu_parts,
  .members = zhipu_members,
  .ignores = TRUE,
  .unknown_part = "messages 参数非法: {name}",
  .max_temperature = 1,
  .check = check_zhipu,
  .lacking = "messages 参数非法: {name}",
  .errors = zhipu_errors,
  .error = openai_error_zhipu,
};

/* ---- Moonshot ---- */

static const ErrorText moonshot_errors[N_PROBLEMS] = {
  [PROBLEM_KEY] = { 401, "invalid_authentication_error", NULL, "Invalid Authentication" },
  [PROBLEM_NO_KEY]
  = { 401, "invalid_authentication_error", NULL, "Invalid Authentication" },
  [PROBLEM_MODEL] = { 404, "resource_not_found_error", NULL,
                      "Not found the model {model} or Permission denied" },
  [PROBLEM_CONTEXT]
  = { 400, "invalid_request_error", NULL,
      "Invalid request: Your request exceeded model token limit: 131072" },
  [PROBLEM_FILTER] = { 400, "content_filter", NULL,
                       "The request was rejected because it was considered high risk" },
  [PROBLEM_RATE]
  = { 429, "rate_limit_reached_error", NULL,
      "Your account org-test request reached organization max RPM: 3, please "
      "try again after 1 seconds" },
  [PROBLEM_QUOTA]
  = { 429, "exceeded_current_quota_error", NULL,
      "Your account org-test is suspended, please check your plan and billing details" },
  [PROBLEM_OVERLOADED] = { 429, "engine_overloaded_error", NULL,
                           "The engine is currently overloaded, please try again later" },
};

static const char *const moonshot_members[] = { "thinking", "tools", "partial", NULL };

static gboolean
take_moonshot_image (Exchange *x, JsonNode *part)
{
  const char *url = openai_get_url (part, "image_url");

  if (url != NULL && g_str_has_prefix (url, "ms://"))
    return TRUE;
  return take_prefixed (x, part, "image_url", "data:image/", openai_take_image_url,
                        "Invalid request: unsupported image url: {found}");
}

static gboolean
take_moonshot_video (Exchange *x, JsonNode *part)
{
  const char *url = openai_get_url (part, "video_url");

  if (url != NULL && g_str_has_prefix (url, "ms://"))
    return TRUE;
  return take_prefixed (x, part, "video_url", "data:video/", openai_take_video_url,
                        "Invalid request: unsupported video url: {found}");
}

static const PartKind moonshot_parts[] = { { "image_url", take_moonshot_image },
                                           { "video_url", take_moonshot_video },
                                           { NULL } };

/* while it thinks, and it does unless told not to, sampling is fixed */
static gboolean
check_moonshot (Exchange *x)
{
  static const struct
  {
    const char *name, *only;
    double value;
  } fixed[] = { { "temperature", "1", 1 },
                { "top_p", "0.95", 0.95 },
                { "presence_penalty", "0", 0 },
                { "frequency_penalty", "0", 0 } };
  const char *model = text_of (member (x->root, "model"));

  if (is_disabled (x) || g_str_has_prefix (model, "moonshot-v1"))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (fixed); i++)
    if (member (x->root, fixed[i].name) != NULL
        && number_of (member (x->root, fixed[i].name)) != fixed[i].value)
      return openai_refuse (x, NULL, NULL,
                            "invalid {name}: only {found} is allowed for this model",
                            fixed[i].name, fixed[i].only);
  return TRUE;
}

const Dialect openai_moonshot = {
  USUAL,
  .name = "moonshot",
  .blurb = "Moonshot's Kimi: data URLs alone, sampling fixed while it thinks",
  .base = "/v1",
  .parts = moonshot_parts,
  .members = moonshot_members,
  .ignores = TRUE,
  .unknown_part = "Invalid request: unsupported content type: {name}",
  .max_temperature = 1,
  .check = check_moonshot,
  .lacking = "Invalid request: {name} input is not supported by this model",
  .errors = moonshot_errors,
  .error = openai_error_moonshot,
};

/* ---- StepFun ---- */

static gboolean
take_stepfun_audio (Exchange *x, JsonNode *part)
{
  const char *data = text_of (member (member (part, "input_audio"), "data"));

  if (data == NULL || !g_str_has_prefix (data, "data:audio/"))
    return refuse (x, "input_audio.data must be a data URL: data:audio/wav;base64,…");
  return openai_take_audio_data_url (x, part);
}

/* only what it can fetch; nothing is fetched here */
static gboolean
take_stepfun_video (Exchange *x, JsonNode *part)
{
  return take_prefixed (x, part, "video_url", "http", NULL,
                        "video_url must be an http or https URL, not {found}");
}

static const PartKind stepfun_parts[] = { { "image_url", openai_take_image_url },
                                          { "input_audio", take_stepfun_audio },
                                          { "video_url", take_stepfun_video },
                                          { NULL } };
static const char *const stepfun_members[] = { "modalities", "tools", "audio", NULL };

const Dialect openai_stepfun = {
  USUAL,
  .name = "stepfun",
  .blurb = "StepFun: sound as a data URL, video by http alone",
  .base = "/v1",
  .parts = stepfun_parts,
  .members = stepfun_members,
  .ignores = TRUE,
  .unknown_part = "unsupported content type: {name}",
  .max_temperature = 2,
  .lacking = "{name} input is not supported by this model",
  .error = openai_error_moonshot,
};

/* ---- DeepSeek ---- */

static const ErrorText deepseek_errors[N_PROBLEMS] = {
  [PROBLEM_KEY] = { 401, "authentication_error", "invalid_request_error",
                    "Authentication Fails, Your api key: ****test is invalid" },
  [PROBLEM_NO_KEY]
  = { 401, "authentication_error", "invalid_request_error",
      "Authentication Fails (auth header format should be Bearer sk-...)" },
  [PROBLEM_PAYMENT]
  = { 402, "unknown_error", "invalid_request_error", "Insufficient Balance" },
  [PROBLEM_MODEL]
  = { 400, "invalid_request_error", "invalid_request_error", "Model Not Exist" },
};

static const PartKind no_parts[] = { { NULL } };
static const char *const deepseek_members[] = { "thinking", "tools", "tool_choice", NULL };

static gboolean
check_deepseek (Exchange *x)
{
  const char *format = text_of (member (member (x->root, "response_format"), "type"));

  return g_strcmp0 (format, "json_schema") != 0
         || refuse (x, "This response_format type is unavailable now");
}

static char *
count_deepseek (const Tokens *tokens)
{
  g_autofree char *usual = openai_count_usual (tokens);

  return g_strdup_printf ("%s,\"prompt_cache_hit_tokens\":%" G_GINT64_FORMAT
                          ",\"prompt_cache_miss_tokens\":%" G_GINT64_FORMAT,
                          usual, tokens->cached, tokens->in - tokens->cached);
}

const Dialect openai_deepseek = {
  USUAL,
  .name = "deepseek",
  .blurb = "DeepSeek: text alone; blank lines come before the answer",
  .base = "/v1",
  .parts = no_parts,
  .members = deepseek_members,
  .ignores = TRUE,
  .unknown_part = "Failed to deserialize the JSON body into the target type: messages[0]: "
                  "unknown variant `{name}`, expected `text` at line 1 column 100",
  .max_temperature = 2,
  .check = check_deepseek,
  .lacking = "{name}",
  .errors = deepseek_errors,
  .error = openai_error_usual,
  .count = count_deepseek,
  .prefix = "\n\n\n",
  .comment = ": keep-alive",
};

/* ---- OpenRouter ---- */

static const ErrorText openrouter_errors[N_PROBLEMS] = {
  [PROBLEM_KEY] = { 401, NULL, NULL, "User not found." },
  [PROBLEM_NO_KEY] = { 401, NULL, NULL, "No auth credentials found" },
  [PROBLEM_PAYMENT]
  = { 402, NULL, NULL,
      "Insufficient credits. Add more using https://openrouter.ai/credits" },
  [PROBLEM_FORBIDDEN] = { 403, NULL, NULL, "Input was flagged by moderation" },
  [PROBLEM_MODEL] = { 400, NULL, NULL, "{model} is not a valid model ID" },
  [PROBLEM_SERVER] = { 502, NULL, NULL, "Provider returned error" },
  [PROBLEM_OVERLOADED] = { 503, NULL, NULL, "No instances available" },
};

static const char *const openrouter_members[]
    = { "provider", "reasoning",          "usage",   "models",    "transforms", "top_k",
        "min_p",    "repetition_penalty", "plugins", "verbosity", "modalities", "tools",
        NULL };
static const PartKind openrouter_parts[] = { { "image_url", openai_take_image_url },
                                             { "input_audio", openai_take_audio },
                                             { "video_url", openai_take_video_url },
                                             { NULL } };

static char *
count_openrouter (const Tokens *tokens)
{
  g_autofree char *usual = openai_count_usual (tokens);

  return g_strdup_printf ("%s,\"cost\":0.00125,\"is_byok\":false,\"cost_details\":"
                          "{\"upstream_inference_cost\":null}",
                          usual);
}

static char *
dup_openrouter_model (void)
{
  return g_strdup_printf (",\"context_length\":32768,\"architecture\":"
                          "{\"input_modalities\":[\"text\"%s%s%s]},\"pricing\":{\"prompt\":"
                          "\"0.00000015\",\"completion\":\"0.0000006\"}",
                          settings.lacks_image ? "" : ",\"image\"",
                          settings.lacks_audio ? "" : ",\"audio\"",
                          settings.lacks_video ? "" : ",\"video\"");
}

const Dialect openai_openrouter = {
  USUAL,
  .name = "openrouter",
  .blurb = "OpenRouter: the price in the usage, errors within a 200",
  .base = "/api/v1",
  .parts = openrouter_parts,
  .members = openrouter_members,
  .ignores = TRUE,
  .unknown_part = "Invalid input: unknown content type {name}",
  .max_temperature = 2,
  .lacking = "No endpoints found that support {name} input",
  .lacking_status = 404,
  .errors = openrouter_errors,
  .error = openai_error_openrouter,
  .count = count_openrouter,
  .dup_model = dup_openrouter_model,
  .reasoning = "reasoning",
  .comment = ": OPENROUTER PROCESSING",
};

const Dialect *const openai_dialects[] = { &openai_any,        &openai_strict,
                                           &openai_vllm,       &openai_sglang,
                                           &openai_lmdeploy,   &openai_llamacpp,
                                           &openai_lmstudio,   &openai_dashscope,
                                           &openai_zhipu,      &openai_moonshot,
                                           &openai_stepfun,    &openai_deepseek,
                                           &openai_openrouter, NULL };
