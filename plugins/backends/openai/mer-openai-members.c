/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what chat completions and responses have in common: sampling, thinking, JSON */
#include "mer-openai-request.h"

#include <math.h>

static void
set_object (JsonObject *root, const char *name, const char *member, JsonNode *value)
{
  JsonObject *object = json_object_has_member (root, name)
                           ? json_object_get_object_member (root, name)
                           : NULL;

  if (object == NULL)
    {
      object = json_object_new ();
      json_object_set_object_member (root, name, object);
    }
  json_object_set_member (object, member, value);
}

static JsonNode *
new_boolean (gboolean value)
{
  return json_node_init_boolean (json_node_alloc (), value);
}

static JsonNode *
new_string (const char *value)
{
  return json_node_init_string (json_node_alloc (), value);
}

/* how much, where only that can be told */
static const char *
get_effort (MerOpenaiThinking thinking)
{
  switch (thinking)
    {
    case MER_OPENAI_THINKING_OFF:
      return "none";
    case MER_OPENAI_THINKING_LOW:
      return "low";
    case MER_OPENAI_THINKING_HIGH:
      return "high";
    case MER_OPENAI_THINKING_AUTO:
    case MER_OPENAI_THINKING_ON:
    case MER_OPENAI_THINKING_MEDIUM:
    default:
      return "medium";
    }
}

/* templates read one or the other of the two places */
static void
add_template_thinking (JsonObject *root, const char *member, gboolean on,
                       const char *effort)
{
  set_object (root, "chat_template_kwargs", member, new_boolean (on));
  if (effort == NULL)
    return;
  set_object (root, "chat_template_kwargs", "reasoning_effort", new_string (effort));
  json_object_set_string_member (root, "reasoning_effort", effort);
}

static void
add_thinking_object (JsonObject *root, gboolean on, const char *effort)
{
  set_object (root, "thinking", "type", new_string (on ? "enabled" : "disabled"));
  if (effort != NULL)
    json_object_set_string_member (root, "reasoning_effort", effort);
}

/**
 * mer_openai_add_thinking:
 * @root: a request
 * @style: how requests are written
 *
 * Says whether, and how much, the model is to think, in the server's own way.
 */
void
mer_openai_add_thinking (JsonObject *root, const MerOpenaiStyle *style)
{
  gboolean on = style->thinking != MER_OPENAI_THINKING_OFF;
  const char *effort
      = style->thinking >= MER_OPENAI_THINKING_LOW ? get_effort (style->thinking) : NULL;

  if (style->thinking == MER_OPENAI_THINKING_AUTO)
    return;
  switch (mer_openai_style_get (style, MER_OPENAI_THINKING_AS))
    {
    case MER_OPENAI_THINKING_AS_EFFORT:
      effort = get_effort (style->thinking);
      if (style->habits.is_responses)
        set_object (root, "reasoning", "effort", new_string (effort));
      else
        json_object_set_string_member (root, "reasoning_effort", effort);
      break;
    case MER_OPENAI_THINKING_AS_TEMPLATE:
      add_template_thinking (root, "enable_thinking", on, effort);
      break;
    case MER_OPENAI_THINKING_AS_TEMPLATE_SHORT:
      add_template_thinking (root, "thinking", on, NULL);
      break;
    case MER_OPENAI_THINKING_AS_OBJECT:
      add_thinking_object (root, on, effort);
      break;
    case MER_OPENAI_THINKING_AS_ENABLE:
      json_object_set_boolean_member (root, "enable_thinking", on);
      break;
    case MER_OPENAI_THINKING_AS_REASONING:
      set_object (root, "reasoning", effort != NULL ? "effort" : "enabled",
                  effort != NULL ? new_string (effort) : new_boolean (on));
      break;
    default:
      break;
    }
}

/* (transfer full): what stands for “any object” where a schema must be given */
static JsonNode *
dup_schema (MerBackend *backend)
{
  JsonNode *any = json_node_init_object (json_node_alloc (), NULL);
  JsonObject *object = json_object_new ();

  if (mer_backend_get_schema (backend) != NULL)
    {
      json_node_unref (any);
      json_object_unref (object);
      return json_node_copy (mer_backend_get_schema (backend));
    }
  json_object_set_string_member (object, "type", "object");
  json_node_take_object (any, object);
  return any;
}

/* chat completions wrap name and schema once more than responses do */
static void
add_schema_format (JsonObject *format, MerBackend *backend, gboolean is_flat)
{
  gboolean any = mer_backend_get_schema (backend) == NULL;
  JsonObject *holder = is_flat ? format : json_object_new ();

  json_object_set_string_member (format, "type", "json_schema");
  json_object_set_string_member (holder, "name", any ? "any_object" : "emotion_labels");
  if (!any)
    json_object_set_boolean_member (holder, "strict", TRUE);
  json_object_set_member (holder, "schema", dup_schema (backend));
  if (!is_flat)
    json_object_set_object_member (format, "json_schema", holder);
}

static void
add_response_format (JsonObject *root, MerBackend *backend, const MerOpenaiStyle *style)
{
  int as = mer_openai_style_get (style, MER_OPENAI_JSON_AS);
  gboolean wants_schema
      = mer_backend_get_answer_format (backend) == MER_ANSWER_FORMAT_JSON_SCHEMA;
  JsonNode *node = json_node_init_object (json_node_alloc (), NULL);
  JsonObject *format = json_object_new ();

  if (as == MER_OPENAI_JSON_AS_SCHEMA_ONLY
      || (as == MER_OPENAI_JSON_AS_SCHEMA && wants_schema))
    add_schema_format (format, backend, style->habits.is_responses);
  else
    json_object_set_string_member (format, "type", "json_object");
  json_node_take_object (node, format);
  if (style->habits.is_responses)
    set_object (root, "text", "format", node);
  else
    json_object_set_member (root, "response_format", node);
}

static void
add_grammar (JsonObject *root, const MerOpenaiStyle *style)
{
  const char *member = style->habits.grammar_member;

  if (g_str_equal (member, "structured_outputs"))
    set_object (root, member, "grammar", new_string (style->grammar));
  else
    json_object_set_string_member (root, member, style->grammar);
}

/**
 * mer_openai_add_answer_format:
 * @root: a request
 * @backend: whose `answer-format` is asked for
 * @style: how requests are written
 *
 * Says what the server is to hold the answer to.
 */
void
mer_openai_add_answer_format (JsonObject *root, MerBackend *backend,
                              const MerOpenaiStyle *style)
{
  MerAnswerFormat wanted = mer_backend_get_answer_format (backend);

  if (style->grammar != NULL)
    add_grammar (root, style);
  if (wanted == MER_ANSWER_FORMAT_TEXT)
    return;
  switch (mer_openai_style_get (style, MER_OPENAI_JSON_AS))
    {
    case MER_OPENAI_JSON_AS_NONE:
      break;
    case MER_OPENAI_JSON_AS_STRUCTURED_OUTPUTS:
      if (wanted == MER_ANSWER_FORMAT_JSON_SCHEMA)
        set_object (root, "structured_outputs", "json", dup_schema (backend));
      else
        set_object (root, "structured_outputs", "json_object", new_boolean (TRUE));
      break;
    case MER_OPENAI_JSON_AS_TOP:
      json_object_set_member (root, "json_schema", dup_schema (backend));
      break;
    default:
      add_response_format (root, backend, style);
    }
}

static gboolean
add_temperature (JsonObject *root, double temperature, const MerOpenaiStyle *style,
                 GError **error)
{
  int as = mer_openai_style_get (style, MER_OPENAI_TEMPERATURE_AS);

  if (isnan (temperature) || as == MER_OPENAI_TEMPERATURE_AS_OMITTED
      || (as == MER_OPENAI_TEMPERATURE_AS_UNLESS_THINKING
          && style->thinking != MER_OPENAI_THINKING_OFF))
    return TRUE;
  if (as == MER_OPENAI_TEMPERATURE_AS_DO_SAMPLE && temperature > 1)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "temperature: servers of dialect=%s take 0 to 1", style->dialect);
      return FALSE;
    }
  if (as == MER_OPENAI_TEMPERATURE_AS_DO_SAMPLE && temperature <= 0)
    json_object_set_boolean_member (root, "do_sample", FALSE);
  else
    json_object_set_double_member (root, "temperature", temperature);
  return TRUE;
}

/**
 * mer_openai_add_sampling:
 * @root: a request
 * @backend: whose sampling is asked for
 * @style: how requests are written
 * @error: place for an error
 *
 * Returns: whether the server's ranges allow it
 */
gboolean
mer_openai_add_sampling (JsonObject *root, MerBackend *backend, const MerOpenaiStyle *style,
                         GError **error)
{
  static const char *const keys[]
      = { [MER_OPENAI_TOKEN_KEY_MAX_TOKENS] = "max_tokens",
          [MER_OPENAI_TOKEN_KEY_MAX_COMPLETION_TOKENS] = "max_completion_tokens",
          [MER_OPENAI_TOKEN_KEY_MAX_OUTPUT_TOKENS] = "max_output_tokens" };
  guint max_tokens = mer_backend_get_max_tokens (backend);
  gint64 seed = 0;

  if (max_tokens > 0)
    json_object_set_int_member (
        root, keys[mer_openai_style_get (style, MER_OPENAI_TOKEN_KEY)], max_tokens);
  if (mer_backend_get_seed (backend, &seed))
    json_object_set_int_member (root, "seed", seed);
  return add_temperature (root, mer_backend_get_temperature (backend), style, error);
}
