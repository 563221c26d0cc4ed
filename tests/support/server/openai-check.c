/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "openai.h"

#include <string.h>

static const char *const common_members[] = { "model",
                                              "messages",
                                              "max_tokens",
                                              "temperature",
                                              "seed",
                                              "response_format",
                                              "stream",
                                              "stream_options",
                                              "top_p",
                                              "stop",
                                              "presence_penalty",
                                              "frequency_penalty",
                                              "user",
                                              "n",
                                              "max_completion_tokens",
                                              "logprobs",
                                              "top_logprobs",
                                              "reasoning_effort",
                                              NULL };

gboolean
openai_refuse (Exchange *x, const char *code, const char *param, const char *template,
               const char *name, const char *found)
{
  g_autoptr (GString) text = g_string_new (template);

  g_string_replace (text, "{name}", name, 0);
  g_string_replace (text, "{found}", found, 0);
  if (!settings.dialect->has_codes)
    code = NULL;
  return refuse_as (x, &(Problem){ .kind = PROBLEM_INVALID, .code = code, .param = param },
                    "%s", text->str);
}

/* by the names that OpenAI gives such models, or by --reasoning */
gboolean
openai_is_reasoning (const char *model)
{
  static const char *const names[] = { "o1", "o3", "o4", "gpt-5" };

  for (gsize i = 0; model != NULL && i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (model, names[i]))
      return TRUE;
  return settings.reasoning;
}

static gboolean
take_text (Exchange *x, JsonNode *node)
{
  if (text_of (node) == NULL)
    return refuse (x, "a text part must have a text");
  g_string_append (x->text, text_of (node));
  return TRUE;
}

static gboolean
check_part (Exchange *x, JsonNode *part)
{
  const Dialect *dialect = settings.dialect;
  const char *type = text_of (member (part, "type"));

  if (g_strcmp0 (type, "text") == 0)
    return take_text (x, member (part, "text"));
  for (const PartKind *kind = dialect->parts; kind->type != NULL; kind++)
    if (g_strcmp0 (type, kind->type) == 0)
      return kind->take (x, part);
  return openai_refuse (x, "invalid_value", "messages", dialect->unknown_part,
                        type != NULL ? type : "", x->place);
}

static gboolean
check_message (Exchange *x, JsonNode *message, guint number)
{
  const char *role = text_of (member (message, "role"));
  JsonNode *content = member (message, "content");
  JsonArray *parts = array_of (content);

  if (g_strcmp0 (role, "system") != 0 && g_strcmp0 (role, "user") != 0
      && g_strcmp0 (role, "developer") != 0)
    return refuse (x, "messages[].role must be system or user");
  if (text_of (content) != NULL)
    return take_text (x, content);
  if (parts == NULL || json_array_get_length (parts) == 0)
    return refuse (x, "Expected 'content' to be a string or an array");
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      JsonNode *part = json_array_get_element (parts, i);

      g_snprintf (x->place, sizeof x->place, "messages[%u].content[%u]", number, i);
      if (!g_str_equal (role, "user")
          && g_strcmp0 (text_of (member (part, "type")), "text"))
        return refuse (x, "system messages take text only");
      if (!check_part (x, part))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_number (Exchange *x, const char *name, gboolean whole, double minimum, double maximum)
{
  const Dialect *dialect = settings.dialect;
  JsonNode *node = member (x->root, name);

  if (node == NULL)
    return TRUE;
  if (!is_number (node) || (whole && json_node_get_value_type (node) != G_TYPE_INT64))
    return openai_refuse (x, "invalid_type", name, dialect->wrong_type, name,
                          text_of (node) != NULL ? "string" : "object");
  if (number_of (node) >= minimum && number_of (node) <= maximum)
    return TRUE;

  g_autofree char *found = to_text (node);
  return openai_refuse (x, NULL, name, dialect->out_of_range, name, found);
}

/* OpenAI's strict mode: nothing optional, nothing else */
gboolean
openai_check_schema (Exchange *x, JsonNode *wrapper, const char *place)
{
  JsonNode *schema = member (wrapper, "schema");
  JsonNode *properties = member (schema, "properties");
  JsonArray *required = array_of (member (schema, "required"));
  const char *name = text_of (member (wrapper, "name"));
  JsonNode *additional = member (schema, "additionalProperties");

  if (name == NULL || *name == '\0' || strlen (name) > 64
      || strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
             != strlen (name))
    return refuse (x, "Invalid '%s.name'", place);
  if (!is_object (schema))
    return refuse (x, "Missing '%s.schema'", place);
  if (!is_true (member (wrapper, "strict")))
    return TRUE;
  if (additional == NULL || !JSON_NODE_HOLDS_VALUE (additional)
      || json_node_get_boolean (additional))
    return refuse (x,
                   "Invalid schema for '%s' '%s': In context=(), 'additionalProperties' is "
                   "required to be supplied and to be false.",
                   place, name);
  if (!is_object (properties) || required == NULL
      || json_array_get_length (required)
             != json_object_get_size (json_node_get_object (properties)))
    return refuse (x,
                   "Invalid schema for '%s' '%s': In context=(), 'required' is required to "
                   "be supplied and to be an array including every key in properties.",
                   place, name);
  return TRUE;
}

static gboolean
check_format (Exchange *x)
{
  JsonNode *format = member (x->root, "response_format");
  const char *type = text_of (member (format, "type"));

  if (format == NULL || g_strcmp0 (type, "text") == 0)
    return TRUE;
  if (g_strcmp0 (type, "json_schema") == 0)
    return openai_check_schema (x, member (format, "json_schema"),
                                "response_format.json_schema");
  if (g_strcmp0 (type, "json_object") != 0)
    return refuse (x,
                   "response_format.type must be text, json_object or json_schema, not %s",
                   type != NULL ? type : "");
  if (strstr (x->text->str, "JSON") == NULL && strstr (x->text->str, "json") == NULL)
    return refuse (x, "'messages' must contain the word 'json' in some form, to use "
                      "'response_format' of type 'json_object'.");
  return TRUE;
}

static gboolean
is_known (const char *name)
{
  const char *const *own = settings.dialect->members;

  return g_strv_contains (common_members, name)
         || (own != NULL && g_strv_contains (own, name));
}

gboolean
openai_check_names (Exchange *x)
{
  const Dialect *dialect = settings.dialect;
  g_autoptr (GList) names = json_object_get_members (json_node_get_object (x->root));

  for (GList *at = names; at != NULL; at = at->next)
    {
      if (is_known (at->data))
        continue;
      if (!dialect->ignores)
        return openai_refuse (x, "unknown_parameter", at->data, dialect->unknown_member,
                              at->data, "");
      note_ignored (x, at->data);
    }
  return TRUE;
}

static gboolean
check_members (Exchange *x)
{
  const Dialect *dialect = settings.dialect;

  if (!openai_check_names (x))
    return FALSE;
  if (text_of (member (x->root, "model")) == NULL)
    return refuse (x, "you must provide a model parameter");
  if (member (x->root, "stream_options") != NULL && member (x->root, "stream") == NULL)
    return openai_refuse (x, NULL, "stream_options",
                          "The 'stream_options' parameter is only allowed when 'stream' is "
                          "enabled.",
                          "", "");
  if (member (x->root, "top_logprobs") != NULL && !is_true (member (x->root, "logprobs")))
    return refuse (x, "when using `top_logprobs`, `logprobs` must be set to true.");
  if (member (x->root, "max_tokens") != NULL
      && member (x->root, "max_completion_tokens") != NULL)
    return refuse (x, "max_tokens and max_completion_tokens cannot both be set");
  return check_number (x, "max_tokens", TRUE, 1, 2147483647)
         && check_number (x, "max_completion_tokens", TRUE, 1, 2147483647)
         && check_number (x, "seed", TRUE, -1e18, 1e18)
         && check_number (x, "temperature", FALSE, 0, dialect->max_temperature)
         && check_number (x, "top_p", FALSE, 0, 1);
}

gboolean
openai_check_lacking (Exchange *x)
{
  if (find_lacking (x) == NULL)
    return TRUE;
  openai_refuse (x, NULL, NULL, settings.dialect->lacking, find_lacking (x), "");
  x->problem.status = settings.dialect->lacking_status;
  if (x->problem.status == 500)
    x->problem.type = "server_error";
  return FALSE;
}

static gboolean
check_messages (Exchange *x)
{
  JsonNode *node = member (x->root, "messages");
  JsonArray *messages = array_of (node);

  if (node != NULL && messages == NULL)
    return refuse (x, "Expected 'messages' to be an array");
  if (messages == NULL || json_array_get_length (messages) == 0)
    return refuse (x, "'messages' is required");
  for (guint i = 0; i < json_array_get_length (messages); i++)
    if (!check_message (x, json_array_get_element (messages, i), i))
      return FALSE;
  return openai_check_lacking (x);
}

static gboolean
check_body (Exchange *x)
{
  const char *type = http_get_header (x->request, "content-type");

  if (type == NULL || !g_str_has_prefix (type, "application/json"))
    return refuse (x, "Unsupported content type: '%s'", type != NULL ? type : "");
  return (exchange_parse (x, NULL) && is_object (x->root))
         || refuse (x, "%s", settings.dialect->bad_json);
}

static gboolean
check_whole (Exchange *x)
{
  const Dialect *dialect = settings.dialect;

  if (dialect->check_whole != NULL)
    return dialect->check_whole (x);
  return check_body (x) && check_members (x) && check_messages (x) && check_format (x)
         && (dialect->check == NULL || dialect->check (x));
}

gboolean
openai_check (Exchange *x)
{
  const char *model = NULL;

  log_media (x);
  json_object_set_string_member (x->log, "dialect", settings.dialect->name);
  if (!check_whole (x))
    return FALSE;
  x->answer.stream = is_true (member (x->root, "stream"));
  x->answer.usage_in_stream
      = is_true (member (member (x->root, "stream_options"), "include_usage"));
  model = text_of (member (x->root, "model"));
  exchange_finish (x, member (x->root, "response_format") != NULL
                          || strstr (x->text->str, "JSON") != NULL);
  if (settings.dialect != &openai_llamacpp)
    return check_model (x, model);
  json_object_set_string_member (x->log, "model", model != NULL ? model : "");
  return TRUE;
}
