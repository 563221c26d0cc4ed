/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* properties that hold more than a number, and what they come to */
#include "mer-gemini.h"

#include <string.h>

static const char *const levels[] = { "minimal", "low", "medium", "high" };
static const char *const level_names[] = { "MINIMAL", "LOW", "MEDIUM", "HIGH" };

static const char *const categories[]
    = { "harassment", "hate-speech", "sexually-explicit", "dangerous-content" };
static const char *const category_names[]
    = { "HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH",
        "HARM_CATEGORY_SEXUALLY_EXPLICIT", "HARM_CATEGORY_DANGEROUS_CONTENT" };

static const char *const thresholds[] = { "off", "block-none", "block-only-high",
                                          "block-medium-and-above", "block-low-and-above" };
static const char *const threshold_names[]
    = { "OFF", "BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE",
        "BLOCK_LOW_AND_ABOVE" };

/* as in the table, in the server's own spelling too; -1 */
static int
find_word (const char *text, const char *const *words, gsize n_words)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);
  const char *word = g_strdelimit (g_strstrip (lower), "_", '-');

  if (g_str_has_prefix (word, "harm-category-"))
    word += strlen ("harm-category-");
  for (gsize i = 0; i < n_words; i++)
    if (g_str_equal (word, words[i]))
      return (int) i;
  return -1;
}

/**
 * mer_gemini_read_thinking:
 * @style: where it goes
 * @text: (nullable): `off`, `dynamic`, a number of tokens, or `minimal` to `high`
 * @model: (nullable): the model's name: the third generation takes levels for budgets
 * @error: place for an error
 *
 * Returns: whether @text says how long to think
 */
gboolean
mer_gemini_read_thinking (MerGeminiStyle *style, const char *text, const char *model,
                          GError **error)
{
  gboolean by_level = model != NULL && strstr (model, "gemini-3") != NULL;
  gint64 tokens = 0;
  int level = -1;

  style->budget = MER_GEMINI_NO_BUDGET;
  style->level = NULL;
  if (text == NULL || *text == '\0')
    return TRUE;
  level = find_word (text, levels, G_N_ELEMENTS (levels));
  if (level < 0 && by_level && g_str_equal (text, "off"))
    level = 0;
  if (level >= 0)
    style->level = level_names[level];
  else if (g_str_equal (text, "off"))
    style->budget = 0;
  else if (g_str_equal (text, "dynamic"))
    style->budget = -1;
  else if (g_ascii_string_to_signed (text, 10, -1, G_MAXINT, &tokens, NULL))
    style->budget = (int) tokens;
  else
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "thinking: “%.40s” is none of off, dynamic, a number of tokens, "
                   "minimal, low, medium, high",
                   text);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_threshold (const char *text, int *threshold, GError **error)
{
  *threshold = find_word (text, thresholds, G_N_ELEMENTS (thresholds));
  if (*threshold >= 0)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "safety: “%.40s” is none of off, block-none, block-only-high, "
               "block-medium-and-above, block-low-and-above",
               text);
  return FALSE;
}

static gboolean
read_safety_entry (const char *entry, int *chosen, GError **error)
{
  const char *equals = strchr (entry, '=');
  g_autofree char *name
      = equals != NULL ? g_strndup (entry, (gsize) (equals - entry)) : NULL;
  int threshold = -1;
  int category = -1;

  if (!read_threshold (equals != NULL ? equals + 1 : entry, &threshold, error))
    return FALSE;
  for (gsize i = 0; equals == NULL && i < G_N_ELEMENTS (categories); i++)
    chosen[i] = threshold;
  if (equals == NULL)
    return TRUE;
  category = find_word (name, categories, G_N_ELEMENTS (categories));
  if (category >= 0)
    {
      chosen[category] = threshold;
      return TRUE;
    }
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "safety: “%.40s” is none of harassment, hate-speech, sexually-explicit, "
               "dangerous-content",
               name);
  return FALSE;
}

/**
 * mer_gemini_read_safety:
 * @style: where it goes
 * @text: (nullable): a threshold for all categories, or a list of `CATEGORY=THRESHOLD`
 *   after one, joined by commas; `unset` or nothing leaves them to the server
 * @error: place for an error
 *
 * Returns: whether @text says what is to be let through
 */
gboolean
mer_gemini_read_safety (MerGeminiStyle *style, const char *text, GError **error)
{
  int chosen[G_N_ELEMENTS (categories)] = { -1, -1, -1, -1 };
  g_auto (GStrv) entries = NULL;
  JsonArray *list;

  g_clear_pointer (&style->safety, json_node_unref);
  if (text == NULL || *text == '\0' || g_str_equal (text, "unset"))
    return TRUE;
  entries = g_strsplit (text, ",", -1);
  for (guint i = 0; entries[i] != NULL; i++)
    if (!read_safety_entry (entries[i], chosen, error))
      return FALSE;

  list = json_array_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (categories); i++)
    {
      JsonObject *entry;

      if (chosen[i] < 0)
        continue;
      entry = json_object_new ();
      json_object_set_string_member (entry, "category", category_names[i]);
      json_object_set_string_member (entry, "threshold", threshold_names[chosen[i]]);
      json_array_add_object_element (list, entry);
    }
  style->safety = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (style->safety, list);
  return TRUE;
}

/**
 * mer_gemini_read_schema:
 * @style: where it goes
 * @backend: a backend that is open
 * @as: how a schema is sent
 * @error: place for an error
 *
 * Where the schema is one of a few words, the answer is the bare word.
 *
 * Returns: whether the server can be asked for that
 */
gboolean
mer_gemini_read_schema (MerGeminiStyle *style, MerBackend *backend, MerGeminiSchemaAs as,
                        GError **error)
{
  JsonNode *schema = mer_backend_get_schema (backend);
  gboolean is_word = g_strcmp0 (mer_json_node_string (schema, "type"), "string") == 0
                     && mer_json_node_member (schema, "enum") != NULL;

  g_clear_pointer (&style->schema, json_node_unref);
  style->answer_type = NULL;
  if (mer_backend_get_answer_format (backend) == MER_ANSWER_FORMAT_TEXT)
    return TRUE;
  style->answer_type = is_word ? "text/x.enum" : "application/json";
  if (schema == NULL)
    return TRUE;
  if (as == MER_GEMINI_SCHEMA_AS_JSON_SCHEMA && !is_word)
    {
      style->schema_member = "responseJsonSchema";
      style->schema = json_node_copy (schema);
      return TRUE;
    }
  style->schema_member = "responseSchema";
  style->schema = mer_schema_respell (schema, MER_SCHEMA_SPELLING_OPENAPI, error);
  return style->schema != NULL;
}
