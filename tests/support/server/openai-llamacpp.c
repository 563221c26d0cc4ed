/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* llama-server, as build b10587 answers: many a fault of the request is a 500 here */
#include "openai.h"

#include <string.h>

static const ErrorText errors[N_PROBLEMS] = {
  [PROBLEM_KEY] = { 401, "authentication_error", NULL, "Invalid API Key" },
  [PROBLEM_NO_KEY] = { 401, "authentication_error", NULL, "Invalid API Key" },
  [PROBLEM_PATH] = { 404, "not_found_error", NULL, "File Not Found" },
  [PROBLEM_MODEL] = { 400, "invalid_request_error", NULL, "model '{model}' not found" },
  [PROBLEM_CONTEXT] = { 400, "exceed_context_size_error", NULL,
                        "request (2008 tokens) exceeds the available context size (512 "
                        "tokens), try increasing it" },
};

static const char *const members[] = { "top_k",
                                       "min_p",
                                       "repeat_penalty",
                                       "cache_prompt",
                                       "n_predict",
                                       "grammar",
                                       "json_schema",
                                       "reasoning_format",
                                       "chat_template_kwargs",
                                       "n_probs",
                                       "id_slot",
                                       "return_progress",
                                       "samplers",
                                       "typical_p",
                                       "mirostat",
                                       "logit_bias",
                                       "t_max_predict_ms",
                                       "dry_multiplier",
                                       "repeat_last_n",
                                       "tools",
                                       "tool_choice",
                                       "timings_per_token",
                                       NULL };

static gboolean
fail (Exchange *x, const char *message)
{
  return refuse_as (x, &(Problem){ .kind = PROBLEM_SERVER }, "%s", message);
}

/* bytes decide, not what the request calls them; WEBP only with ffmpeg beside the server */
static gboolean
take (Exchange *x, TakeKind kind, const char *data)
{
  g_autoptr (GBytes) bytes = media_decode_base64 (data, NULL);
  const char *type = bytes != NULL ? media_sniff (bytes) : NULL;

  if (bytes == NULL || g_strcmp0 (type, "image/webp") == 0
      || !take_bytes (x, kind, bytes, NULL))
    return refuse (x, "Failed to load image or audio file");
  return TRUE;
}

/* a data URL of a picture, or bare base64 */
static gboolean
take_image (Exchange *x, JsonNode *part)
{
  const char *url = openai_get_url (part, "image_url");
  const char *comma = url != NULL ? strchr (url, ',') : NULL;

  if (url == NULL || *url == '\0')
    return fail (x, "Invalid base64 value");
  if (g_str_has_prefix (url, "http://") || g_str_has_prefix (url, "https://"))
    return fail (x, "error: cannot make GET request");
  if (g_str_has_prefix (url, "file://"))
    return refuse (x, "file:// URLs are not allowed unless --media-path is specified");
  if (comma == NULL)
    return take (x, TAKE_IMAGE, url);
  if (!g_str_has_prefix (url, "data:image/"))
    {
      g_autofree char *head = g_strndup (url, (gsize) (comma - url));
      g_autofree char *message = g_strconcat ("Invalid uri format: ", head, NULL);

      return fail (x, message);
    }
  if (comma - url < 7 || strncmp (comma - 7, ";base64", 7) != 0)
    return fail (x, "uri must be base64 encoded");
  return take (x, TAKE_IMAGE, comma + 1);
}

static gboolean
take_audio (Exchange *x, JsonNode *part)
{
  const char *data = text_of (member (member (part, "input_audio"), "data"));

  return take (x, TAKE_AUDIO, data != NULL ? data : "");
}

static const PartKind parts[]
    = { { "image_url", take_image }, { "input_audio", take_audio }, { NULL } };

static gboolean
check (Exchange *x)
{
  gboolean both = member (x->root, "grammar") != NULL
                  && (member (x->root, "json_schema") != NULL
                      || member (x->root, "response_format") != NULL);
  JsonNode *thinking = member (member (x->root, "chat_template_kwargs"), "enable_thinking");

  if (both)
    return refuse (x, "Cannot use both json_schema and grammar");
  if (thinking != NULL && text_of (thinking) != NULL)
    return refuse (x,
                   "invalid type for \"enable_thinking\" (expected boolean, got string)");
  return TRUE;
}

static char *
dup_model (void)
{
  return g_strdup (",\"meta\":{\"vocab_type\":true,\"n_vocab\":32064,\"n_ctx\":4096,"
                   "\"n_ctx_train\":32768,\"n_params\":4218880,\"size\":4578816}");
}

const Dialect openai_llamacpp = {
  .dup_model = dup_model,
  .open_models = TRUE,
  .name = "llamacpp",
  .blurb = "llama-server: raw base64 sound, 500 for much that the request does wrong",
  .base = "/v1",
  .parts = parts,
  .members = members,
  .ignores = TRUE,
  .unknown_part = "unsupported content[].type",
  .wrong_type
  = "Field '{name}': [json.exception.type_error.302] type must be number, but is "
    "{found}",
  .out_of_range
  = "Field '{name}': Value must be between -1 <= value <= 2147483647, but got "
    "{found}",
  .bad_json = "'messages' is required",
  .max_temperature = 1e9,
  .check = check,
  .lacking = "{name} input is not supported - hint: if this is unexpected, you may need to "
             "provide the mmproj",
  .lacking_status = 500,
  .errors = errors,
  .error = openai_error_llamacpp,
  .reasoning = "reasoning_content",
};
