/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-label-reading.h"

#include <string.h>

#include "emotion/mer-label-foreign.h"
#include "emotion/mer-label-structure.h"
#include "emotion/mer-label-text.h"
#include "tables/mer-json-schema.h"
#include "tables/mer-json.h"

/* spelt out, not generated: gst-inspect shows the names */
GType
mer_label_reading_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { MER_LABEL_READING_AUTO, "Strictly; what cannot be read so, leniently", "auto" },
    { MER_LABEL_READING_STRICT, "Only JSON of the shape that was asked for", "strict" },
    { MER_LABEL_READING_LENIENT, "Any form: fences, broken JSON, lists, prose", "lenient" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerLabelReading", values));
  return type;
}

static const char *
skip_space (const char *text)
{
  return text + strspn (text, " \t\r\n");
}

/* whether an answer set out to be JSON, perhaps in a fence */
static gboolean
begins_as_json (const char *text)
{
  text = skip_space (text);
  if (g_str_has_prefix (text, "```json"))
    return TRUE;
  if (g_str_has_prefix (text, "```"))
    text = skip_space (text + 3);
  return *text == '{' || *text == '[';
}

/* Looks at JSON that may break off: how many brackets are open at its end, and where the
 * string begins in which it ends, %NULL where it ends outside of one. */
static int
count_open (const char *json, const char **string)
{
  int depth = 0;

  *string = NULL;
  for (const char *p = json; *p != '\0'; p++)
    {
      if (*string != NULL && *p == '\\' && p[1] != '\0')
        p++;
      else if (*p == '"')
        *string = *string == NULL ? p : NULL;
      else if (*string == NULL && strchr ("[{", *p) != NULL)
        depth++;
      else if (*string == NULL && strchr ("]}", *p) != NULL)
        depth--;
    }
  return depth;
}

static gboolean
breaks_off (const char *text)
{
  const char *string = NULL;

  return begins_as_json (text) && (count_open (text, &string) > 0 || string != NULL);
}

/* The answer without its last word where that is not whole: half a word may be another
 * feeling. JSON shows by itself that a string was not closed. */
static char *
dup_complete (const char *text, gboolean truncated)
{
  const char *end = text + strlen (text);
  const char *open = NULL;

  if (begins_as_json (text))
    {
      count_open (text, &open);
      end = open != NULL ? open : end;
    }
  else if (truncated)
    while (end > text && strchr (" ,;.\n", end[-1]) == NULL)
      end--;
  return g_strndup (text, (gsize) (end - text));
}

static MerLabels *
read_strictly (const char *text, const MerLabelOptions *options, MerLabelFinding *finding)
{
  g_autoptr (MerJson) json = mer_json_parse ("answer", text, -1, NULL);
  g_autoptr (MerLabels) labels = mer_labels_new ();
  g_autofree char *misfit = NULL;

  finding->miss = MER_LABEL_MISS_NOT_JSON;
  if (json == NULL || options->truncated)
    return NULL;
  finding->miss = MER_LABEL_MISS_WRONG_SHAPE;
  misfit = options->schema != NULL
               ? mer_json_schema_find_misfit (options->schema, mer_json_get_root (json))
               : NULL;
  if (misfit != NULL || !begins_as_json (text))
    return NULL;
  finding->form = mer_label_structure_read (text, labels);
  if (finding->form == MER_LABEL_FORM_NONE)
    return NULL;
  finding->strict = TRUE;
  finding->miss = MER_LABEL_MISS_NONE;
  return g_steal_pointer (&labels);
}

static MerLabelMiss
explain (const char *text, MerLabelForm form)
{
  g_autoptr (MerJson) json = NULL;

  if (form == MER_LABEL_FORM_REFUSAL)
    return MER_LABEL_MISS_REFUSAL;
  if (*skip_space (text) == '\0')
    return MER_LABEL_MISS_EMPTY;
  if (begins_as_json (text))
    {
      if (breaks_off (text))
        return MER_LABEL_MISS_CUT_OFF;
      json = mer_json_parse ("answer", text, -1, NULL);
      return json != NULL ? MER_LABEL_MISS_WRONG_SHAPE : MER_LABEL_MISS_NOT_JSON;
    }
  return mer_label_foreign_is (text) ? MER_LABEL_MISS_WRONG_LANGUAGE
                                     : MER_LABEL_MISS_NO_WORD;
}

static MerLabels *
read_leniently (const char *text, const MerLabelOptions *options, MerLabelFinding *finding)
{
  g_autofree char *complete = dup_complete (text, options->truncated);
  g_autoptr (MerLabels) labels = mer_label_finder_read (complete, &finding->form);

  if (finding->form == MER_LABEL_FORM_SPEECH && options->no_speech)
    {
      g_clear_pointer (&labels, mer_labels_unref);
      finding->form = MER_LABEL_FORM_NONE;
    }
  /* a list that broke off before its first word does not say that there is none */
  if (finding->form == MER_LABEL_FORM_EMPTY && (options->truncated || breaks_off (text)))
    {
      g_clear_pointer (&labels, mer_labels_unref);
      finding->form = MER_LABEL_FORM_NONE;
    }
  finding->miss = labels != NULL ? MER_LABEL_MISS_NONE : explain (text, finding->form);
  return g_steal_pointer (&labels);
}

/**
 * mer_label_reading_read:
 * @text: (nullable): a model's answer, without its reasoning
 * @options: how to read it
 * @finding: (out): how it was read
 *
 * Reads the labels of an answer strictly, leniently, or the one and then the other. Of an
 * answer that breaks off only whole words count. Any thread.
 *
 * Returns: (transfer full) (nullable): the labels; none where the answer says that no
 *   emotion shows or can be told; %NULL where nothing can be read from it
 */
MerLabels *
mer_label_reading_read (const char *text, const MerLabelOptions *options,
                        MerLabelFinding *finding)
{
  gsize length = text != NULL ? strnlen (text, MER_LABEL_TEXT_MAX_BYTES) : 0;
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", (gssize) length);
  MerLabels *labels = NULL;

  *finding = (MerLabelFinding){ MER_LABEL_FORM_NONE, FALSE, MER_LABEL_MISS_NONE };
  if (options->reading != MER_LABEL_READING_LENIENT)
    labels = read_strictly (valid, options, finding);
  if (labels != NULL)
    return labels;
  if (options->reading != MER_LABEL_READING_STRICT)
    return read_leniently (valid, options, finding);
  if (*skip_space (valid) == '\0')
    finding->miss = MER_LABEL_MISS_EMPTY;
  else if (mer_label_finder_declines (valid))
    {
      finding->form = MER_LABEL_FORM_REFUSAL;
      finding->miss = MER_LABEL_MISS_REFUSAL;
    }
  return NULL;
}
