/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* POST /responses: OpenAI's newer form, with items in and items out */
#include "openai.h"

#include <string.h>

#define JSON "application/json"
#define FAILED(code, message)                                                              \
  "{\"id\":\"resp_x\",\"object\":\"response\",\"status\":\"failed\",\"error\":{\"code\":"  \
  "\"" code "\",\"message\":\"" message "\"},\"incomplete_details\":null,\"output\":[],"   \
  "\"usage\":null}"
#define OUTPUT(items)                                                                      \
  "{\"object\":\"response\",\"status\":\"completed\",\"output\":" items "}"

static const CannedFault faults[] = {
  { "failed-rate", 200, NULL, JSON, FAILED ("rate_limit_exceeded", "Rate limit reached") },
  { "failed-prompt", 200, NULL, JSON, FAILED ("invalid_prompt", "Invalid prompt") },
  { "failed-image", 200, NULL, JSON,
    FAILED ("image_content_policy_violation", "The image was blocked") },
  { "in-progress", 200, NULL, JSON,
    "{\"object\":\"response\",\"status\":\"in_progress\",\"output\":[]}" },
  { "choices-object", 200, NULL, JSON, OUTPUT ("{}") },
  { "choices-null", 200, NULL, JSON, OUTPUT ("[null]") },
  { "choices-none", 200, NULL, JSON, OUTPUT ("[]") },
  { "content-number", 200, NULL, JSON,
    OUTPUT (
        "[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":123}]}]") },
  { "huge-number", 200, NULL, JSON,
    "{\"object\":\"response\",\"status\":\"completed\",\"output\":[{\"type\":\"message\","
    "\"content\":[{\"type\":\"output_text\",\"text\":\"[happy]\"}]}],\"usage\":"
    "{\"input_tokens\":1e999,\"output_tokens\":-5}}" },
  { NULL },
};

static const MemberFault member_faults[] = {
  { "no-temperature", "temperature", FALSE, "unsupported_parameter",
    "Unsupported parameter: 'temperature' is not supported with this model." },
  { "no-top-p", "top_p", FALSE, "unsupported_parameter",
    "Unsupported parameter: 'top_p' is not supported with this model." },
  { "no-reasoning", "reasoning", FALSE, "unsupported_parameter",
    "Unsupported parameter: 'reasoning.effort' is not supported with this model." },
  { NULL },
};

static const char *const members[] = { "model",
                                       "input",
                                       "instructions",
                                       "store",
                                       "max_output_tokens",
                                       "reasoning",
                                       "text",
                                       "include",
                                       "stream",
                                       "top_logprobs",
                                       "truncation",
                                       "temperature",
                                       "top_p",
                                       "metadata",
                                       "background",
                                       "user",
                                       "service_tier",
                                       "prompt_cache_key",
                                       "safety_identifier",
                                       "stream_options",
                                       "tools",
                                       NULL };

/* what stood elsewhere in chat completions */
static const struct
{
  const char *old, *now;
} moved[] = {
  { "messages", "input" },
  { "max_tokens", "max_output_tokens" },
  { "max_completion_tokens", "max_output_tokens" },
  { "response_format", "text.format" },
  { "reasoning_effort", "reasoning.effort" },
};

static gboolean
check_names (Exchange *x)
{
  const char *unknown = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (moved); i++)
    if (member (x->root, moved[i].old) != NULL)
      return refuse_param (
          x, "unsupported_parameter", moved[i].old,
          "Unsupported parameter: '%s'. In the Responses API, this parameter "
          "has moved to '%s'. Try again with the new parameter.",
          moved[i].old, moved[i].now);
  unknown = find_unknown (x->root, members);
  if (unknown != NULL)
    return refuse_param (x, "unknown_parameter", unknown, "Unknown parameter: '%s'.",
                         unknown);
  return text_of (member (x->root, "model")) != NULL
         || refuse_param (x, "missing_required_parameter", "model",
                          "Missing required parameter: 'model'.");
}

static gboolean
take_image (Exchange *x, JsonNode *part)
{
  JsonNode *node = member (part, "image_url");
  const char *url = text_of (node);
  g_autofree char *type = NULL;
  const char *data = NULL;

  if (url == NULL)
    return refuse_param (
        x, "invalid_type", "input",
        "Invalid type for '%s.image_url': expected an image URL, but got %s "
        "instead.",
        x->place, node != NULL ? "an object" : "nothing");
  if (!take_data_url (url, &type, &data) || !take_base64 (x, TAKE_IMAGE, data, type))
    return refuse_param (
        x, "invalid_value", "input",
        "Invalid 'input': the image data you provided does not represent a "
        "valid image. Please check your input and try again.");
  return TRUE;
}

static gboolean
check_part (Exchange *x, JsonNode *part)
{
  const char *type = text_of (member (part, "type"));

  if (g_strcmp0 (type, "input_image") == 0)
    return take_image (x, part);
  if (g_strcmp0 (type, "input_text") != 0)
    return refuse_param (x, "invalid_value", "input",
                         "Invalid value: '%s'. Supported values are: 'input_text', "
                         "'input_image', 'output_text', 'refusal', 'input_file', "
                         "'computer_screenshot', and 'summary_text'.",
                         type != NULL ? type : "");
  if (text_of (member (part, "text")) == NULL)
    return refuse_param (x, "missing_required_parameter", "input",
                         "Missing required parameter: 'text'.");
  g_string_append (x->text, text_of (member (part, "text")));
  return TRUE;
}

static gboolean
check_item (Exchange *x, JsonNode *item, guint number)
{
  const char *role = text_of (member (item, "role"));
  JsonNode *content = member (item, "content");
  JsonArray *parts = array_of (content);

  if (g_strcmp0 (role, "user") != 0 && g_strcmp0 (role, "system") != 0
      && g_strcmp0 (role, "developer") != 0)
    return refuse_param (x, "invalid_value", "input",
                         "Invalid value for 'input[].role'. Supported values are: "
                         "'assistant', 'system', 'developer', and 'user'.");
  if (text_of (content) != NULL)
    {
      g_string_append (x->text, text_of (content));
      return TRUE;
    }
  if (parts == NULL)
    return refuse_param (x, "invalid_type", "input",
                         "Invalid type for 'input[].content': expected one of a string or "
                         "array of objects.");
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      g_snprintf (x->place, sizeof x->place, "input[%u].content[%u]", number, i);
      if (!check_part (x, json_array_get_element (parts, i)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_input (Exchange *x)
{
  JsonNode *input = member (x->root, "input");
  const char *instructions = text_of (member (x->root, "instructions"));
  JsonArray *items = array_of (input);

  g_string_append (x->text, instructions != NULL ? instructions : "");
  if (text_of (input) != NULL)
    {
      g_string_append (x->text, text_of (input));
      return TRUE;
    }
  if (items == NULL || json_array_get_length (items) == 0)
    return refuse_param (x, "missing_required_parameter", "input",
                         "Missing required parameter: 'input'.");
  for (guint i = 0; i < json_array_get_length (items); i++)
    if (!check_item (x, json_array_get_element (items, i), i))
      return FALSE;
  return find_lacking (x) == NULL
         || refuse_param (x, NULL, "input",
                          "Invalid content type. image_url is only supported by certain "
                          "models.");
}

/* name, schema and strict stand beside the type */
static gboolean
check_format (Exchange *x)
{
  JsonNode *format = member (member (x->root, "text"), "format");
  const char *type = text_of (member (format, "type"));

  if (format == NULL || g_strcmp0 (type, "text") == 0)
    return TRUE;
  if (g_strcmp0 (type, "json_schema") == 0 && member (format, "name") == NULL)
    return refuse_param (x, "missing_required_parameter", "text.format.name",
                         "Missing required parameter: 'text.format.name'.");
  if (g_strcmp0 (type, "json_schema") == 0)
    return openai_check_schema (x, format, "text.format");
  return g_strcmp0 (type, "json_object") == 0
         || refuse_param (x, "invalid_value", "text.format.type",
                          "Invalid value: Supported values are: 'json_object', "
                          "'json_schema', and 'text'.");
}

static gboolean
check_numbers (Exchange *x)
{
  JsonNode *most = member (x->root, "max_output_tokens");
  const char *model = text_of (member (x->root, "model"));

  if (most != NULL && number_of (most) < 16)
    return refuse_param (
        x, "integer_below_min_value", "max_output_tokens",
        "Invalid 'max_output_tokens': integer below minimum value. Expected a "
        "value >= 16, but got %g instead.",
        number_of (most));
  if (openai_is_reasoning (model) && member (x->root, "temperature") != NULL)
    return refuse_param (x, "unsupported_parameter", "temperature",
                         "Unsupported parameter: 'temperature' is not supported with this "
                         "model.");
  if (settings.lacks_thinking && member (x->root, "reasoning") != NULL)
    return refuse_param (x, "unsupported_parameter", "reasoning.effort",
                         "Unsupported parameter: 'reasoning.effort' is not supported with "
                         "this model.");
  return TRUE;
}

static gboolean
check (Exchange *x)
{
  JsonNode *store = NULL;

  log_media (x);
  if (!exchange_parse (x, NULL) || !is_object (x->root))
    return refuse (x, "We could not parse the JSON body of your request.");
  if (!check_names (x) || !check_input (x) || !check_format (x) || !check_numbers (x))
    return FALSE;
  store = member (x->root, "store");
  json_object_set_boolean_member (x->log, "store", store == NULL || is_true (store));
  x->answer.stream = is_true (member (x->root, "stream"));
  exchange_finish (x, member (member (x->root, "text"), "format") != NULL
                          || strstr (x->text->str, "JSON") != NULL);
  return check_model (x, text_of (member (x->root, "model")));
}

static char *
make_usage (const Exchange *x)
{
  gint64 in = answer_count_in (x), out = answer_count_out (x);

  if (x->answer.usage == USAGE_NULL)
    return g_strdup (",\"usage\":null");
  if (x->answer.usage == USAGE_NONE)
    return g_strdup ("");
  if (x->answer.usage == USAGE_FULL)
    return g_strdup (",\"usage\":{\"input_tokens\":1200,\"input_tokens_details\":"
                     "{\"cached_tokens\":1000},\"output_tokens\":70,"
                     "\"output_tokens_details\":{\"reasoning_tokens\":50},"
                     "\"total_tokens\":1270}");
  return g_strdup_printf (
      ",\"usage\":{\"input_tokens\":%" G_GINT64_FORMAT
      ",\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":%" G_GINT64_FORMAT
      ",\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":"
      "%" G_GINT64_FORMAT "}",
      in, out, in + out);
}

static const char *
get_status (const Exchange *x)
{
  switch (x->answer.finish)
    {
    case FINISH_LENGTH:
    case FINISH_FILTER:
      return "incomplete";
    case FINISH_ERROR:
      return "failed";
    default:
      return "completed";
    }
}

/* the reasoning item is always first, so that output[0] is not the answer */
static char *
make_items (const Exchange *x)
{
  gboolean refuses = x->answer.finish == FINISH_REFUSAL;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *text = answer_quote (x);
  g_autofree char *thought = quote (x->answer.reasoning);

  g_string_append_printf (out, "{\"type\":\"reasoning\",\"id\":\"rs_test\",\"summary\":[");
  if (x->answer.reasoning != NULL)
    g_string_append_printf (out, "{\"type\":\"summary_text\",\"text\":%s}", thought);
  g_string_append (out, "]}");
  if (x->answer.text != NULL)
    g_string_append_printf (out,
                            ",{\"type\":\"message\",\"id\":\"msg_test\",\"status\":"
                            "\"completed\",\"role\":\"assistant\",\"content\":[{\"type\":"
                            "\"%s\",\"%s\":%s%s}]}",
                            refuses ? "refusal" : "output_text",
                            refuses ? "refusal" : "text", text,
                            refuses ? "" : ",\"annotations\":[],\"logprobs\":[]");
  return g_strdup (out->str);
}

static char *
make_response (const Exchange *x, const char *status, const char *items, const char *usage)
{
  g_autofree char *why = NULL;

  if (g_str_equal (status, "incomplete"))
    why = g_strdup_printf ("{\"reason\":\"%s\"}", x->answer.finish == FINISH_FILTER
                                                      ? "content_filter"
                                                      : "max_output_tokens");
  return g_strdup_printf (
      "{\"id\":\"resp_test\",\"object\":\"response\",\"created_at\":1,\"status\":\"%s\","
      "\"error\":%s,\"incomplete_details\":%s,\"model\":\"%s\",\"output\":[%s]%s}",
      status,
      g_str_equal (status, "failed")
          ? "{\"code\":\"server_error\",\"message\":\"The model failed to answer.\"}"
          : "null",
      why != NULL ? why : "null", settings.model, items, usage);
}

static char *
completion (const Exchange *x)
{
  g_autofree char *items = make_items (x);
  g_autofree char *usage = make_usage (x);

  return make_response (x, get_status (x), items, usage);
}

static void
add_text (const Exchange *x, GPtrArray *events)
{
  gboolean refuses = x->answer.finish == FINISH_REFUSAL;
  const char *name = refuses ? "response.refusal.delta" : "response.output_text.delta";
  g_autoptr (GPtrArray) pieces = answer_cut (x);

  event_add (
      events, EVENT_OPEN, "response.output_item.added",
      "{\"type\":\"response.output_item.added\",\"output_index\":1,\"item\":"
      "{\"type\":\"message\",\"id\":\"msg_test\",\"status\":\"in_progress\",\"role\":"
      "\"assistant\",\"content\":[]}}");
  event_add (events, EVENT_OPEN, "response.content_part.added",
             "{\"type\":\"response.content_part.added\",\"item_id\":\"msg_test\","
             "\"output_index\":1,\"content_index\":0,\"part\":{\"type\":\"output_text\","
             "\"text\":\"\",\"annotations\":[]}}");
  for (guint i = 0; i < pieces->len; i++)
    event_add (events, EVENT_PIECE, name,
               "{\"type\":\"%s\",\"item_id\":\"msg_test\",\"output_index\":1,"
               "\"content_index\":0,\"delta\":%s}",
               name, (char *) g_ptr_array_index (pieces, i));
}

/* the last event holds the whole response; no [DONE] follows */
static void
stream (const Exchange *x, GPtrArray *events)
{
  g_autofree char *open = make_response (x, "in_progress", "", ",\"usage\":null");
  g_autofree char *whole = completion (x);
  g_autofree char *last = g_strconcat ("response.", get_status (x), NULL);

  event_add (events, EVENT_OPEN, "response.created",
             "{\"type\":\"response.created\",\"response\":%s}", open);
  event_add (events, EVENT_OPEN, "response.in_progress",
             "{\"type\":\"response.in_progress\",\"response\":%s}", open);
  if (x->answer.reasoning != NULL)
    {
      g_autofree char *thought = quote (x->answer.reasoning);

      event_add (events, EVENT_PIECE, "response.reasoning_summary_text.delta",
                 "{\"type\":\"response.reasoning_summary_text.delta\",\"item_id\":"
                 "\"rs_test\",\"output_index\":0,\"summary_index\":0,\"delta\":%s}",
                 thought);
    }
  if (x->answer.text != NULL)
    add_text (x, events);
  event_add (events, EVENT_FINISH, last, "{\"type\":\"%s\",\"response\":%s}", last, whole);
}

static void
stream_error (const Exchange *x, GPtrArray *events)
{
  event_add (events, EVENT_END, "error",
             "{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"engine gone\","
             "\"param\":null}");
}

static const Route routes[] = {
  { "POST", "/responses", &responses_protocol },
  { "POST", "/files", NULL, openai_upload_file },
  { "GET", "/files/*/content", NULL, openai_read_file },
  { "GET", "/files/*", NULL, openai_get_file },
  { "POST", "/batches", NULL, openai_create_batch },
  { "POST", "/batches/*/cancel", NULL, openai_cancel_batch },
  { "GET", "/batches/*", NULL, openai_get_batch },
  { "GET", "/models", NULL, openai_list_models },
  { "GET", "/health", NULL, openai_tell_health, TRUE, TRUE },
  { NULL },
};

const Protocol responses_protocol = {
  OPENAI_FAMILY,
  .name = "responses",
  .blurb = "OpenAI's responses",
  .routes = routes,
  .has_batches = TRUE,
  .faults = faults,
  .member_faults = member_faults,
  .check = check,
  .completion = completion,
  .stream = stream,
  .stream_error = stream_error,
};
