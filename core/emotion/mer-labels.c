/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-labels.h"

#include <math.h>
#include <string.h>

#include "emotion/mer-label-text.h"

/* from so many labels on, they are looked up by hash */
#define N_HASHED 16

typedef struct
{
  char *word;
  char *key;     /* what labels are compared by; often the word itself */
  double weight; /* NaN where the label has none */
} Label;

struct _MerLabels
{
  gatomicrefcount refs;
  GArray *labels;
  GHashTable *keys; /* owned by the labels; %NULL while they are few */
};

G_DEFINE_BOXED_TYPE (MerLabels, mer_labels, mer_labels_ref, mer_labels_unref)

static void
label_clear (Label *label)
{
  if (label->key != label->word)
    g_free (label->key);
  g_free (label->word);
}

/**
 * mer_labels_new:
 *
 * Returns: (transfer full): an empty list
 */
MerLabels *
mer_labels_new (void)
{
  MerLabels *self = g_new0 (MerLabels, 1);

  g_atomic_ref_count_init (&self->refs);
  self->labels = g_array_sized_new (FALSE, FALSE, sizeof (Label), 4);
  g_array_set_clear_func (self->labels, (GDestroyNotify) label_clear);
  return self;
}

static gboolean
contains_key (const MerLabels *self, const char *key)
{
  if (self->keys != NULL)
    return g_hash_table_contains (self->keys, key);
  for (guint i = 0; i < self->labels->len; i++)
    if (g_str_equal (key, g_array_index (self->labels, Label, i).key))
      return TRUE;
  return FALSE;
}

/* @word: (transfer full) */
static gboolean
append (MerLabels *self, char *word, double weight)
{
  char *key = mer_label_text_is_key (word) ? word : mer_label_text_key (word, -1);
  Label entry = { word, key, weight };

  if (contains_key (self, key))
    {
      label_clear (&entry);
      return FALSE;
    }
  g_array_append_val (self->labels, entry);
  if (self->keys != NULL)
    g_hash_table_add (self->keys, key);
  else if (self->labels->len == N_HASHED)
    {
      self->keys = g_hash_table_new (g_str_hash, g_str_equal);
      for (guint i = 0; i < self->labels->len; i++)
        g_hash_table_add (self->keys, g_array_index (self->labels, Label, i).key);
    }
  return TRUE;
}

/**
 * mer_labels_new_parsed:
 * @cell: (nullable): a cell of a label file, such as `['happy', 'content']`
 *
 * Reads the field's label strings as the challenge's code does: one leading `[` and one
 * trailing `]` are taken off, what is between `'`, `"` and `,` is a label, white space
 * around it goes, empty ones are dropped. Nothing else is mended, so that a score is that
 * of the field's code; case is kept, scoring lowers it. A label that stands twice is kept
 * once.
 *
 * Returns: (transfer full): the labels, none for an empty or missing cell
 */
MerLabels *
mer_labels_new_parsed (const char *cell)
{
  g_autoptr (MerLabels) self = mer_labels_new ();
  g_autofree char *mended = NULL;
  MerLabelPieces pieces;
  const char *start;
  gsize length;

  if (cell != NULL && !g_utf8_validate (cell, -1, NULL))
    mended = g_utf8_make_valid (cell, -1);
  mer_label_pieces_init (&pieces, mended != NULL ? mended : cell);
  while (mer_label_pieces_next (&pieces, &start, &length))
    {
      char *word = g_malloc (length + 1);

      memcpy (word, start, length);
      word[length] = '\0';
      append (self, word, NAN);
    }
  return g_steal_pointer (&self);
}

MerLabels *
mer_labels_ref (MerLabels *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_labels_unref (MerLabels *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->keys, g_hash_table_unref);
  g_array_unref (self->labels);
  g_free (self);
}

/**
 * mer_label_clean:
 * @text: what a model or a person wrote for one label
 *
 * Makes a word fit to be a label: valid UTF-8, control characters and the separators `,`
 * and `"` become spaces, an ASCII `'` becomes `’`, white space is trimmed and folded.
 *
 * Returns: (transfer full) (nullable): the label, %NULL if nothing is left
 */
char *
mer_label_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) out = g_string_sized_new (strlen (valid));
  gboolean space = FALSE;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == ',' || c == '"' || g_unichar_isspace (c) || g_unichar_iscntrl (c))
        {
          space = out->len > 0;
          continue;
        }
      if (space)
        g_string_append_c (out, ' ');
      space = FALSE;
      g_string_append_unichar (out, c == '\'' ? 0x2019 : c);
    }
  if (out->len == 0)
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/**
 * mer_labels_add:
 * @self: the list
 * @label: one word or short phrase
 *
 * Appends @label after [func@mer_label_clean]. A label already in the list is not added
 * again (compared without case).
 *
 * Returns: whether the list grew
 */
gboolean
mer_labels_add (MerLabels *self, const char *label)
{
  return mer_labels_add_weighted (self, label, NAN);
}

/**
 * mer_labels_add_weighted:
 * @self: the list
 * @label: one word or short phrase
 * @weight: 0…1, or NaN for none
 *
 * As [method@MerLabels.add], with a weight.
 *
 * Returns: whether the list grew
 */
gboolean
mer_labels_add_weighted (MerLabels *self, const char *label, double weight)
{
  char *word = mer_label_clean (label);

  if (word == NULL)
    return FALSE;
  return append (self, word, isnan (weight) ? weight : CLAMP (weight, 0., 1.));
}

guint
mer_labels_get_length (const MerLabels *self)
{
  return self->labels->len;
}

const char *
mer_labels_get (const MerLabels *self, guint index)
{
  g_return_val_if_fail (index < self->labels->len, NULL);
  return g_array_index (self->labels, Label, index).word;
}

/* what the label is compared by: lower case, no white space around it */
const char *
mer_labels_get_key (const MerLabels *self, guint index)
{
  return g_array_index (self->labels, Label, index).key;
}

/**
 * mer_labels_get_weight:
 * @self: the list
 * @index: from 0
 *
 * Returns: the weight of a label, 0…1, or NaN if it has none
 */
double
mer_labels_get_weight (const MerLabels *self, guint index)
{
  g_return_val_if_fail (index < self->labels->len, NAN);
  return g_array_index (self->labels, Label, index).weight;
}

gboolean
mer_labels_has_weights (const MerLabels *self)
{
  for (guint i = 0; i < self->labels->len; i++)
    if (!isnan (mer_labels_get_weight (self, i)))
      return TRUE;
  return FALSE;
}

/**
 * mer_labels_contains:
 * @self: the list
 * @label: a label
 *
 * Returns: whether the list holds @label, compared without case
 */
gboolean
mer_labels_contains (const MerLabels *self, const char *label)
{
  g_autofree char *key = mer_label_text_key (label, -1);

  return contains_key (self, key);
}

gboolean
mer_labels_equal (const MerLabels *self, const MerLabels *other)
{
  if (self->labels->len != other->labels->len)
    return FALSE;
  for (guint i = 0; i < self->labels->len; i++)
    {
      double a = mer_labels_get_weight (self, i), b = mer_labels_get_weight (other, i);

      if (!g_str_equal (mer_labels_get (self, i), mer_labels_get (other, i)))
        return FALSE;
      if (isnan (a) != isnan (b) || (!isnan (a) && a != b))
        return FALSE;
    }
  return TRUE;
}

/**
 * mer_labels_to_string:
 * @self: the list
 *
 * Returns: (transfer full): `[happy, content]`, which [ctor@MerLabels.new_parsed] reads
 * back to the same words; weights are not part of it
 */
char *
mer_labels_to_string (const MerLabels *self)
{
  g_autoptr (GString) out = g_string_new ("[");

  for (guint i = 0; i < self->labels->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", mer_labels_get (self, i));
  g_string_append_c (out, ']');
  return g_string_free (g_steal_pointer (&out), FALSE);
}
