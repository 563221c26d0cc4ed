/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-label-structure.h"

#include <math.h>
#include <string.h>

#include "emotion/mer-label-list.h"
#include "emotion/mer-label-literal.h"
#include "emotion/mer-label-prose.h"
#include "tables/mer-json.h"

#define MAX_DEPTH 8u
/* of a map from words to numbers, what is at least this much of the strongest */
#define MAP_SHARE 0.5

/* members that hold labels, by part of their name, and members around those */
static const char *const label_parts[]
    = { "emotion", "label", "openset", "mood", "feeling", "affect", NULL };
static const char *const outer_names[]
    = { "answer",      "result", "results",     "output", "response",  "prediction",
        "predictions", "final",  "finalanswer", "data",   "sentiment", NULL };
/* …but these tell about them */
static const char *const aside_parts[]
    = { "reason", "explan",   "confidence", "score",  "intens", "descri", "analy",
        "eviden", "subtitle", "count",      "number", "clue",   "cause",  NULL };
static const char *const word_names[]
    = { "label", "emotion", "name", "word", "text", "value", "category", "class", NULL };
static const char *const weight_names[]
    = { "weight",    "confidence", "score",      "probability", "prob",
        "intensity", "strength",   "likelihood", "certainty",   NULL };

/* labels as they were found, with weights on whatever scale */
typedef struct
{
  GPtrArray *words;
  GArray *weights; /* double, NaN for none */
} Found;

static void collect (Found *self, JsonNode *node, guint depth);

static void
found_add (Found *self, const char *word, double weight)
{
  g_ptr_array_add (self->words, g_strdup (word));
  g_array_append_val (self->weights, weight);
}

static char *
plain_name (const char *name)
{
  GString *plain = g_string_new (NULL);

  for (const char *p = name; *p != '\0'; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (plain, g_ascii_tolower (*p));
  return g_string_free (plain, FALSE);
}

static gboolean
has_part (const char *name, const char *const *parts)
{
  for (guint i = 0; parts[i] != NULL; i++)
    if (strstr (name, parts[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* a number, “80%”, “high”; NaN for anything else */
static double
node_to_weight (JsonNode *node)
{
  const char *text;
  char *end = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NAN;
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return json_node_get_double (node);
  text = json_node_get_string (node);
  if (g_ascii_strcasecmp (text, "high") == 0)
    return 0.9;
  if (g_ascii_strcasecmp (text, "medium") == 0
      || g_ascii_strcasecmp (text, "moderate") == 0)
    return 0.6;
  if (g_ascii_strcasecmp (text, "low") == 0)
    return 0.3;

  double weight = g_ascii_strtod (text, &end);
  if (end == text)
    return NAN;
  return *end == '%' ? weight / 100. : weight;
}

static JsonNode *
object_first (JsonObject *object, const char *const *names, GType type)
{
  g_autoptr (GList) members = json_object_get_members (object);

  for (guint i = 0; names[i] != NULL; i++)
    for (GList *l = members; l != NULL; l = l->next)
      {
        JsonNode *node = json_object_get_member (object, l->data);

        if (g_ascii_strcasecmp (l->data, names[i]) == 0 && JSON_NODE_HOLDS_VALUE (node)
            && (type == G_TYPE_INVALID || json_node_get_value_type (node) == type))
          return node;
      }
  return NULL;
}

/* {"label": "sad", "weight": 0.8} */
static gboolean
collect_weighted (Found *self, JsonObject *object)
{
  JsonNode *word = object_first (object, word_names, G_TYPE_STRING);
  double weight = node_to_weight (object_first (object, weight_names, G_TYPE_INVALID));

  if (word == NULL)
    return FALSE;
  found_add (self, json_node_get_string (word), weight);
  return TRUE;
}

static gboolean
is_number (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node)
         && (json_node_get_value_type (node) == G_TYPE_DOUBLE
             || json_node_get_value_type (node) == G_TYPE_INT64
             || json_node_get_value_type (node) == G_TYPE_BOOLEAN);
}

static double
number_of (JsonNode *node)
{
  return json_node_get_value_type (node) == G_TYPE_BOOLEAN ? json_node_get_boolean (node)
                                                           : json_node_get_double (node);
}

/* {"sad": 0.8, "calm": 0.1}; a list of all classes keeps only what is likely */
static gboolean
collect_map (Found *self, JsonObject *object)
{
  g_autoptr (GList) members = json_object_get_members (object);
  double strongest = 0.;
  guint n_known = 0;

  for (GList *l = members; l != NULL; l = l->next)
    {
      JsonNode *node = json_object_get_member (object, l->data);

      if (!is_number (node))
        return FALSE;
      n_known += mer_label_item_is_known (l->data);
      strongest = MAX (strongest, number_of (node));
    }
  if (n_known == 0)
    return FALSE;
  for (GList *l = members; l != NULL; l = l->next)
    {
      JsonNode *node = json_object_get_member (object, l->data);
      gboolean flag = json_node_get_value_type (node) == G_TYPE_BOOLEAN;
      double number = number_of (node);

      if (number > 0. && number >= MAP_SHARE * strongest)
        found_add (self, l->data, flag ? NAN : number);
    }
  return TRUE;
}

static void
collect_object (Found *self, JsonObject *object, guint depth)
{
  g_autoptr (GList) members = json_object_get_members (object);
  gboolean any = FALSE;

  if (collect_map (self, object))
    return;
  /* one label with its weight, if no other member holds labels too */
  if (json_object_get_size (object) <= 3 && collect_weighted (self, object))
    return;
  for (GList *l = members; l != NULL; l = l->next)
    {
      g_autofree char *name = plain_name (l->data);

      if (!has_part (name, label_parts) || has_part (name, aside_parts))
        continue;
      any = TRUE;
      collect (self, json_object_get_member (object, l->data), depth + 1);
    }
  for (GList *l = members; l != NULL && !any; l = l->next)
    {
      g_autofree char *name = plain_name (l->data);

      if (g_strv_contains (outer_names, name))
        collect (self, json_object_get_member (object, l->data), depth + 1);
    }
}

static void
collect_array (Found *self, JsonArray *array, guint depth)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_OBJECT (node)
          && collect_weighted (self, json_node_get_object (node)))
        continue;
      collect (self, node, depth + 1);
    }
}

/* one label, or several in one string, or a sentence */
static void
collect_string (Found *self, const char *text)
{
  g_autoptr (MerLabels) labels = mer_labels_new ();
  g_autoptr (MerTokens) tokens = NULL;

  if (mer_label_list_read (text, labels) == MER_LABEL_FORM_NONE)
    {
      tokens = mer_tokens_new (text, strlen (text));
      if (!mer_label_item_add (labels, text, NAN))
        mer_label_prose_read (tokens, labels);
    }
  for (guint i = 0; i < mer_labels_get_length (labels); i++)
    found_add (self, mer_labels_get (labels, i), mer_labels_get_weight (labels, i));
}

static void
collect (Found *self, JsonNode *node, guint depth)
{
  if (depth > MAX_DEPTH)
    return;
  if (JSON_NODE_HOLDS_OBJECT (node))
    collect_object (self, json_node_get_object (node), depth);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    collect_array (self, json_node_get_array (node), depth);
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    collect_string (self, json_node_get_string (node));
}

/* weights up to 1, 10 or 100 */
static double
found_scale (const Found *self)
{
  double max = 0.;

  for (guint i = 0; i < self->weights->len; i++)
    {
      double weight = g_array_index (self->weights, double, i);

      if (!isnan (weight))
        max = MAX (max, weight);
    }
  return max <= 1. ? 1. : max <= 10. ? 10. : 100.;
}

static void
found_to_labels (const Found *self, MerLabels *labels)
{
  double scale = found_scale (self);

  for (guint i = 0; i < self->words->len; i++)
    {
      double weight = g_array_index (self->weights, double, i) / scale;
      const char *word = g_ptr_array_index (self->words, i);

      if (!(weight <= 0.) && !mer_label_item_is_none (word))
        mer_label_item_add (labels, word, weight);
    }
}

/* whether a document that gave no label says so: `[]`, {"labels": []}, {"emotion": null} */
static gboolean
says_none (JsonNode *node, guint depth)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return depth > 0;
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      return json_array_get_length (array) == 0
             || (json_array_get_length (array) == 1 && depth < MAX_DEPTH
                 && says_none (json_array_get_element (array, 0), depth + 1));
    }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return mer_label_item_is_none (json_node_get_string (node));
  if (!JSON_NODE_HOLDS_OBJECT (node) || depth >= MAX_DEPTH)
    return FALSE;

  g_autoptr (GList) members = json_object_get_members (json_node_get_object (node));
  for (GList *l = members; l != NULL; l = l->next)
    {
      g_autofree char *name = plain_name (l->data);
      JsonNode *member = json_object_get_member (json_node_get_object (node), l->data);

      if ((has_part (name, label_parts) || g_strv_contains (outer_names, name))
          && says_none (member, depth + 1))
        return TRUE;
    }
  return FALSE;
}

static MerLabelForm
read_literal (const char *literal, MerLabels *labels)
{
  g_autoptr (MerJson) json = mer_json_parse ("answer", literal, -1, NULL);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) weights = g_array_new (FALSE, FALSE, sizeof (double));
  Found found = { words, weights };

  if (json == NULL)
    return MER_LABEL_FORM_NONE;
  collect (&found, mer_json_get_root (json), 0);
  found_to_labels (&found, labels);
  if (mer_labels_get_length (labels) > 0)
    return MER_LABEL_FORM_JSON;
  return says_none (mer_json_get_root (json), 0) ? MER_LABEL_FORM_EMPTY
                                                 : MER_LABEL_FORM_NONE;
}

static void
add_all (MerLabels *labels, MerLabels *more)
{
  for (guint i = 0; i < mer_labels_get_length (more); i++)
    mer_labels_add_weighted (labels, mer_labels_get (more, i),
                             mer_labels_get_weight (more, i));
}

/*< private >
 * mer_label_structure_read:
 * @text: an answer
 * @labels: takes the labels
 *
 * Reads JSON or a Python literal, alone, in a code fence or with prose around it. Of
 * several the last that holds labels counts: models think aloud first. Ones that follow
 * each other directly (JSON Lines) count together.
 *
 * Returns: `json`, `empty`, or `none` where the text holds no such thing
 */
MerLabelForm
mer_label_structure_read (const char *text, MerLabels *labels)
{
  g_autoptr (MerLabels) best = mer_labels_new ();
  MerLabelForm form = MER_LABEL_FORM_NONE;
  MerLiteralScan scan = { text };
  char *literal;

  while ((literal = mer_literal_scan_next (&scan)) != NULL)
    {
      g_autofree char *owned = literal;
      g_autoptr (MerLabels) fresh = mer_labels_new ();
      MerLabelForm found = read_literal (owned, fresh);

      if (found == MER_LABEL_FORM_NONE
          || (found == MER_LABEL_FORM_EMPTY && form == MER_LABEL_FORM_JSON))
        continue;
      if (!scan.adjacent)
        {
          g_clear_pointer (&best, mer_labels_unref);
          best = mer_labels_new ();
        }
      add_all (best, fresh);
      form = found;
    }
  add_all (labels, best);
  return form;
}

/* what a model thought on the way, wherever it wrote that down */
static gboolean
is_thought (const char *name)
{
  static const char *const parts[] = { "reasoning", "thought", "think", NULL };
  g_autofree char *plain = plain_name (name);

  return has_part (plain, parts);
}

static void
gather_texts (JsonNode *node, GString *texts, guint depth)
{
  if (depth > MAX_DEPTH)
    return;
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (GList) names = json_object_get_members (json_node_get_object (node));

      for (GList *l = names; l != NULL; l = l->next)
        if (!is_thought (l->data))
          gather_texts (json_object_get_member (json_node_get_object (node), l->data),
                        texts, depth + 1);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        gather_texts (json_array_get_element (array, i), texts, depth + 1);
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    g_string_append_printf (texts, "%s\n", json_node_get_string (node));
}

/*< private >
 * mer_label_structure_dup_texts:
 * @text: an answer
 *
 * Of a JSON document without labels the texts in it may tell something, its members' names
 * do not, nor does what the model thought.
 *
 * Returns: (transfer full) (nullable): the texts, one a line; %NULL where @text is no one
 *   JSON document
 */
char *
mer_label_structure_dup_texts (const char *text)
{
  g_autoptr (GString) texts = g_string_new (NULL);
  g_autoptr (MerJson) json = NULL;

  text += strspn (text, " \t\r\n");
  if (*text != '{' && *text != '[')
    return NULL;
  json = mer_json_parse ("answer", text, -1, NULL);
  if (json == NULL)
    return NULL;
  gather_texts (mer_json_get_root (json), texts, 0);
  return g_strdup (texts->str);
}
