/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-label-finder.h"

#include <string.h>

#include "emotion/mer-label-foreign.h"
#include "emotion/mer-label-list.h"
#include "emotion/mer-label-prose.h"
#include "emotion/mer-label-refusal.h"
#include "emotion/mer-label-structure.h"

#define THOUGHTS_START "<think>"
#define THOUGHTS_END "</think>"

/**
 * mer_label_form_get_name:
 * @form: how labels were read
 *
 * Returns: a word for tables: `unparseable`, `empty`, `json`, `list`, `prose`, `signs`,
 *   `speech`, `refusal`
 */
const char *
mer_label_form_get_name (MerLabelForm form)
{
  static const char *const names[MER_N_LABEL_FORMS]
      = { "unparseable", "empty", "json", "list", "prose", "signs", "speech", "refusal" };

  g_return_val_if_fail (form < MER_N_LABEL_FORMS, NULL);
  return names[form];
}

/* valid UTF-8 of bounded length; long texts are cut between characters */
static char *
take_text (const char *text)
{
  gsize length = strnlen (text, MER_LABEL_TEXT_MAX_BYTES);

  return g_utf8_make_valid (text, length);
}

static gboolean
has_words (const MerTokens *tokens)
{
  for (guint i = 0; i < tokens->tokens->len; i++)
    if (mer_tokens_get (tokens, i)->kind == MER_TOKEN_WORD)
      return TRUE;
  return FALSE;
}

/* what follows the thoughts of a model that shows them; an answer that ends within them
 * has not begun */
static const char *
after_thoughts (const char *text)
{
  const char *end = g_strrstr (text, THOUGHTS_END);

  if (end != NULL)
    return end + strlen (THOUGHTS_END);
  return g_str_has_prefix (text + strspn (text, " \t\r\n"), THOUGHTS_START) ? "" : text;
}

static MerLabelForm
read_prose (const char *text, MerLabels *labels)
{
  g_autoptr (MerTokens) tokens = mer_tokens_new (text, strlen (text));
  MerProse prose = mer_label_prose_read (tokens, labels);

  if (prose == MER_PROSE_NAMED)
    return MER_LABEL_FORM_PROSE;
  if (prose == MER_PROSE_SIGNS)
    return MER_LABEL_FORM_SIGNS;
  if (mer_label_foreign_read (text, labels))
    return MER_LABEL_FORM_PROSE;
  if (mer_label_speech_read (tokens, TRUE, labels))
    return MER_LABEL_FORM_SPEECH;
  /* in another script the words themselves are all there is to go by */
  if (!has_words (tokens) && mer_label_speech_read (tokens, FALSE, labels))
    return MER_LABEL_FORM_PROSE;
  return prose == MER_PROSE_UNDECIDED ? MER_LABEL_FORM_EMPTY : MER_LABEL_FORM_NONE;
}

static MerLabelForm
read_answer (const char *answer, MerLabels *labels)
{
  MerLabelForm found = mer_label_structure_read (answer, labels);
  g_autofree char *texts = NULL;

  if (found != MER_LABEL_FORM_NONE)
    return found;
  texts = mer_label_structure_dup_texts (answer);
  if (texts == NULL)
    found = mer_label_list_read (answer, labels);
  if (found == MER_LABEL_FORM_NONE)
    found = read_prose (texts != NULL ? texts : answer, labels);
  return found;
}

/**
 * mer_label_finder_read:
 * @text: (nullable): a model's answer, in whatever form
 * @form: (out) (optional): how it was read
 *
 * Finds the emotion labels in an answer, offline and always the same way: JSON in any
 * common shape, lists, running text (docs/labels.md has the rules). Labels of running text
 * have weights relative to the strongest; those of JSON and lists have weights where the
 * answer gives some.
 *
 * Nothing is fetched, no file is read. Time and memory are linear in the length of @text,
 * of which no more than %MER_LABEL_TEXT_MAX_BYTES are read. Any thread.
 *
 * Returns: (transfer full) (nullable): the labels; none where the answer says that no
 *   emotion shows or can be told; %NULL where nothing can be read from it
 */
MerLabels *
mer_label_finder_read (const char *text, MerLabelForm *form)
{
  g_autofree char *valid = take_text (text != NULL ? text : "");
  g_autoptr (MerLabels) labels = mer_labels_new ();
  const char *answer = after_thoughts (valid);
  g_autofree char *rest = mer_label_refusal_cut (answer);
  MerLabelForm found = read_answer (rest != NULL ? rest : answer, labels);

  /* labels that are set down as such are an answer, whatever is said around them */
  if (rest != NULL && mer_labels_get_length (labels) == 0)
    found = mer_label_structure_read (answer, labels) == MER_LABEL_FORM_JSON
                ? MER_LABEL_FORM_JSON
                : MER_LABEL_FORM_REFUSAL;
  if (form != NULL)
    *form = found;
  return found != MER_LABEL_FORM_NONE && found != MER_LABEL_FORM_REFUSAL
             ? g_steal_pointer (&labels)
             : NULL;
}

/**
 * mer_label_finder_declines:
 * @text: a model's answer
 *
 * Tells a refusal (“I'm sorry, but I can't assist with that”, 作为一个AI，我无法…; ten
 * languages) from an answer, which may speak of somebody who is sorry and cannot. A model
 * that declines one thing and answers the other has answered. Any thread.
 *
 * Returns: whether the model declines
 */
gboolean
mer_label_finder_declines (const char *text)
{
  MerLabelForm form = MER_LABEL_FORM_NONE;
  g_autofree char *valid = take_text (text);
  g_autofree char *rest = mer_label_refusal_cut (after_thoughts (valid));

  if (rest == NULL)
    return FALSE;

  MerLabels *labels = mer_label_finder_read (text, &form);
  g_clear_pointer (&labels, mer_labels_unref);
  return form == MER_LABEL_FORM_REFUSAL;
}

/**
 * mer_label_finder_read_speech:
 * @text: what somebody says, such as a subtitle; English or Chinese
 *
 * Finds what a person's own words tell of their feelings. Any thread.
 *
 * Returns: (transfer full): labels with weights, hedged; none where nothing is told
 */
MerLabels *
mer_label_finder_read_speech (const char *text)
{
  g_autofree char *valid = take_text (text);
  g_autoptr (MerTokens) tokens = mer_tokens_new (valid, strlen (valid));
  g_autoptr (MerLabels) labels = mer_labels_new ();

  mer_label_speech_read (tokens, FALSE, labels);
  return g_steal_pointer (&labels);
}
