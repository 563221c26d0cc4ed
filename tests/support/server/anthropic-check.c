/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "anthropic.h"

#include <string.h>

static const char *const root_members[]
    = { "model", "max_tokens",  "messages",       "system",   "temperature",   "top_p",
        "top_k", "stream",      "stop_sequences", "thinking", "output_config", "metadata",
        "tools", "tool_choice", "service_tier",   NULL };

/* models that take no sampling parameters any more */
static gboolean
is_new_model (const char *model)
{
  static const char *const names[]
      = { "claude-opus-4-7", "claude-opus-4-8", "claude-opus-5", "claude-sonnet-5" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (model, names[i]))
      return TRUE;
  return settings.reasoning;
}

static gboolean
check_size (Exchange *x, GBytes *bytes, const char *place)
{
  gsize limit = 5 * 1024 * 1024;

  return g_bytes_get_size (bytes) <= limit
         || refuse (x,
                    "%s.image.source.base64: image exceeds 5 MB maximum: %" G_GSIZE_FORMAT
                    " bytes > %" G_GSIZE_FORMAT " bytes",
                    place, g_bytes_get_size (bytes), limit);
}

static gboolean
check_image (Exchange *x, JsonNode *block, const char *place)
{
  static const char *const types[]
      = { "image/jpeg", "image/png", "image/gif", "image/webp", NULL };
  JsonNode *source = member (block, "source");
  const char *kind = text_of (member (source, "type"));
  const char *type = text_of (member (source, "media_type"));
  const char *data = text_of (member (source, "data"));
  g_autoptr (GBytes) bytes = NULL;
  const char *found = NULL;

  if (g_strcmp0 (kind, "base64") != 0)
    return refuse (x,
                   "%s.image.source: Input tag '%s' found using 'type' does not match any "
                   "of the expected tags: 'base64', 'file', 'url'",
                   place, kind != NULL ? kind : "");
  if (type == NULL || !g_strv_contains (types, type))
    return refuse (x,
                   "%s.image.source.base64.media_type: Input should be 'image/jpeg', "
                   "'image/png', 'image/gif' or 'image/webp'",
                   place);
  bytes = data != NULL ? media_decode_base64 (data, NULL) : NULL;
  if (bytes == NULL)
    return refuse (x, "%s.image.source.base64.data: invalid base64 data", place);
  found = media_sniff (bytes);
  if (found != NULL && !g_str_equal (found, type))
    return refuse (x,
                   "%s.image.source.base64: The image was specified using the %s media "
                   "type, but the image appears to be a %s image",
                   place, type, found);
  return check_size (x, bytes, place)
         && (take_bytes (x, TAKE_IMAGE, bytes, type)
             || refuse (x, "Could not process image"));
}

static gboolean
check_text (Exchange *x, const char *text, const char *place)
{
  if (text == NULL)
    return refuse (x, "%s.text.text: Field required", place);
  if (*text == '\0')
    return refuse (x, "messages: text content blocks must be non-empty");
  g_string_append (x->text, text);
  return TRUE;
}

static gboolean
check_block (Exchange *x, JsonNode *block, const char *place)
{
  const char *type = text_of (member (block, "type"));

  if (g_strcmp0 (type, "text") == 0)
    return check_text (x, text_of (member (block, "text")), place);
  if (g_strcmp0 (type, "image") == 0)
    return check_image (x, block, place);
  return refuse (x,
                 "%s: Input tag '%s' found using 'type' does not match any of the expected "
                 "tags: 'document', 'image', 'redacted_thinking', 'search_result', 'text', "
                 "'thinking', 'tool_result', 'tool_use'",
                 place, type != NULL ? type : "");
}

static gboolean
check_content (Exchange *x, JsonNode *content, const char *place)
{
  JsonArray *blocks = array_of (content);

  if (text_of (content) != NULL)
    return check_text (x, text_of (content), place);
  if (blocks == NULL)
    return refuse (x, "%s: Input should be a valid list", place);
  if (json_array_get_length (blocks) == 0)
    return refuse (x, "messages: user messages must have non-empty content");
  for (guint i = 0; i < json_array_get_length (blocks); i++)
    {
      g_autofree char *where = g_strdup_printf ("%s.%u", place, i);

      if (!check_block (x, json_array_get_element (blocks, i), where))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_role (Exchange *x, const char *role, guint i)
{
  if (g_strcmp0 (role, "system") == 0)
    return refuse (x, "messages: Unexpected role \"system\". The Messages API accepts a "
                      "top-level `system` parameter, not \"system\" as an input message "
                      "role.");
  if (g_strcmp0 (role, "user") != 0 && g_strcmp0 (role, "assistant") != 0)
    return refuse (x, "messages.%u.role: Input should be 'user' or 'assistant'", i);
  return i > 0 || g_str_equal (role, "user")
         || refuse (x, "messages: first message must use the \"user\" role");
}

static gboolean
check_messages (Exchange *x)
{
  JsonArray *messages = array_of (member (x->root, "messages"));
  JsonNode *system = member (x->root, "system");

  if (system != NULL && !check_content (x, system, "system"))
    return FALSE;
  if (messages == NULL)
    return refuse (x, "messages: Field required");
  if (json_array_get_length (messages) == 0)
    return refuse (x, "messages: at least one message is required");
  for (guint i = 0; i < json_array_get_length (messages); i++)
    {
      JsonNode *message = json_array_get_element (messages, i);
      g_autofree char *place = g_strdup_printf ("messages.%u.content", i);

      if (!check_role (x, text_of (member (message, "role")), i)
          || !check_content (x, member (message, "content"), place))
        return FALSE;
    }
  if (find_lacking (x) != NULL)
    return refuse (x, "This model does not support image input");
  return TRUE;
}

static gboolean
check_range (Exchange *x, const char *name, double low, double high)
{
  JsonNode *node = member (x->root, name);

  if (node == NULL)
    return TRUE;
  if (!is_number (node))
    return refuse (x, "%s: Input should be a valid number", name);
  if (number_of (node) < low)
    return refuse (x, "%s: Input should be greater than or equal to %g", name, low);
  if (number_of (node) > high)
    return refuse (x, "%s: Input should be less than or equal to %g", name, high);
  return TRUE;
}

static gboolean
check_sampling (Exchange *x, const char *model)
{
  static const char *const names[] = { "temperature", "top_p", "top_k" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (member (x->root, names[i]) != NULL && is_new_model (model))
      return refuse (x, "`%s` is deprecated for this model.", names[i]);
  if (member (x->root, "temperature") != NULL && member (x->root, "top_p") != NULL)
    return refuse (x, "`temperature` and `top_p` cannot both be specified for this model. "
                      "Please use only one.");
  return check_range (x, "temperature", 0, 1) && check_range (x, "top_p", 0, 1)
         && check_range (x, "max_tokens", 1, 128000);
}

static gboolean
check_thinking (Exchange *x)
{
  JsonNode *thinking = member (x->root, "thinking");
  const char *type = text_of (member (thinking, "type"));
  double budget = number_of (member (thinking, "budget_tokens"));

  if (thinking == NULL || g_strcmp0 (type, "disabled") == 0)
    return TRUE;
  if (g_strcmp0 (type, "enabled") != 0 && g_strcmp0 (type, "adaptive") != 0)
    return refuse (x,
                   "thinking: Input tag '%s' found using 'type' does not match any of the "
                   "expected tags: 'adaptive', 'disabled', 'enabled'",
                   type != NULL ? type : "");
  if (settings.lacks_thinking)
    return refuse (x, "'%s' does not support thinking.", settings.model);
  if (g_str_equal (type, "adaptive"))
    return TRUE;
  if (budget < 1024)
    return refuse (x, "thinking.enabled.budget_tokens: Input should be greater than or "
                      "equal to 1024");
  if (budget >= number_of (member (x->root, "max_tokens")))
    return refuse (x, "`max_tokens` must be greater than `thinking.budget_tokens`. Please "
                      "consult our documentation at https://docs.claude.com/en/docs/"
                      "build-with-claude/extended-thinking#max-tokens-and-context-window-"
                      "size");
  if (member (x->root, "temperature") != NULL
      && number_of (member (x->root, "temperature")) != 1)
    return refuse (x, "`temperature` may only be set to 1 when thinking is enabled.");
  return TRUE;
}

static gboolean
check_output (Exchange *x)
{
  static const char *const known[] = { "format", "effort", NULL };
  JsonNode *config = member (x->root, "output_config");
  JsonNode *format = member (config, "format");
  JsonNode *schema = member (format, "schema");
  JsonNode *additional = member (schema, "additionalProperties");

  if (find_unknown (config, known) != NULL)
    return refuse (x, "output_config.%s: Extra inputs are not permitted",
                   find_unknown (config, known));
  if (format == NULL)
    return TRUE;
  if (g_strcmp0 (text_of (member (format, "type")), "json_schema") != 0)
    return refuse (x, "output_config.format.type: Input should be 'json_schema'");
  if (!is_object (schema))
    return refuse (x, "output_config.format.schema: Field required");
  if (g_strcmp0 (text_of (member (schema, "type")), "object") == 0
      && (additional == NULL || !JSON_NODE_HOLDS_VALUE (additional)
          || json_node_get_boolean (additional)))
    return refuse (x, "output_config.format.schema: For 'object' type, "
                      "'additionalProperties' must be explicitly set to false");
  return TRUE;
}

gboolean
anthropic_check_head (Exchange *x)
{
  const char *version = http_get_header (x->request, "anthropic-version");

  if (version == NULL)
    return refuse (x, "anthropic-version: header is required");
  if (!g_str_equal (version, "2023-06-01") && !g_str_equal (version, "2023-01-01"))
    return refuse (x, "anthropic-version: \"%s\" is not a valid version", version);
  return TRUE;
}

gboolean
anthropic_check (Exchange *x)
{
  const char *unknown = NULL, *model = NULL;

  log_media (x);
  if (!anthropic_check_head (x))
    return FALSE;
  if (!exchange_parse (x, NULL) || !is_object (x->root))
    return refuse (x, "The request body is not valid JSON: expected value at line 1 column "
                      "1");
  unknown = find_unknown (x->root, root_members);
  if (unknown != NULL)
    return refuse (x, "%s: Extra inputs are not permitted", unknown);
  model = text_of (member (x->root, "model"));
  if (model == NULL || member (x->root, "max_tokens") == NULL)
    return refuse (x, "%s: Field required", model == NULL ? "model" : "max_tokens");
  if (!check_messages (x) || !check_sampling (x, model) || !check_thinking (x)
      || !check_output (x))
    return FALSE;
  x->answer.stream = is_true (member (x->root, "stream"));
  exchange_finish (x, member (x->root, "output_config") != NULL
                          || strstr (x->text->str, "JSON") != NULL);
  return check_model (x, model);
}
