/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-mapping-private.h"

#include <string.h>

#include "emotion/mer-label-text.h"

G_DEFINE_BOXED_TYPE (MerMapping, mer_mapping, mer_mapping_ref, mer_mapping_unref)

static const char *const metric_names[MER_N_METRICS]
    = { "m1",   "m2",   "w1l1", "w2l1", "w3l1", "w4l1",
        "w5l1", "w1l2", "w2l2", "w3l2", "w4l2", "w5l2" };

/**
 * mer_metric_get_name:
 * @metric: a metric
 *
 * Returns: (transfer none): its name in files and tables, such as `w1l1`
 */
const char *
mer_metric_get_name (MerMetric metric)
{
  g_return_val_if_fail ((guint) metric < MER_N_METRICS, NULL);
  return metric_names[metric];
}

MerMapping *
mer_mapping_ref (MerMapping *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
lists_clear (MerWordLists *lists)
{
  g_free (lists->offsets);
  g_free (lists->flat);
  g_free (lists->names);
}

void
mer_mapping_unref (MerMapping *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  lists_clear (&self->bases);
  lists_clear (&self->wheel_words);
  for (guint k = 0; k < MER_N_WHEELS; k++)
    for (guint level = 0; level < MER_N_LEVELS; level++)
      g_free (self->clusters[k][level]);
  for (guint metric = 0; metric < MER_N_METRICS; metric++)
    {
      g_free (self->groups[metric].names);
      g_free (self->groups[metric].of_word);
    }
  g_free (self->forms);
  g_free (self->words);
  g_free (self->slots);
  g_free (self->rows);
  g_free (self->rows_made);
  g_free (self->name);
  g_free (self->source);
  g_free (self->licence);
  g_free (self->sha256);
  g_string_chunk_free (self->text);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/**
 * mer_mapping_get_name:
 * @self: a mapping
 *
 * Returns: (transfer none): what it is called beside scores
 */
const char *
mer_mapping_get_name (MerMapping *self)
{
  return self->name;
}

/**
 * mer_mapping_get_sha256:
 * @self: a mapping
 *
 * Returns: (transfer none): its identity, in hexadecimal: equal means equal scores
 */
const char *
mer_mapping_get_sha256 (MerMapping *self)
{
  return self->sha256;
}

/**
 * mer_mapping_get_source:
 * @self: a mapping
 *
 * Returns: (transfer none) (nullable): where its tables came from
 */
const char *
mer_mapping_get_source (MerMapping *self)
{
  return self->source;
}

/**
 * mer_mapping_get_licence:
 * @self: a mapping
 *
 * Returns: (transfer none) (nullable): what it may be used for
 */
const char *
mer_mapping_get_licence (MerMapping *self)
{
  return self->licence;
}

/* -1: not known */
static int
find_normal_form (MerMapping *self, const char *form)
{
  guint hash = mer_mapping_hash (form);

  for (guint slot = hash & self->slot_mask; self->slots[slot].form != 0;
       slot = (slot + 1) & self->slot_mask)
    {
      int found = (int) self->slots[slot].form - 1;

      if (self->slots[slot].hash == hash && strcmp (self->forms[found], form) == 0)
        return found;
    }
  return -1;
}

static int
find_form (MerMapping *self, const char *label)
{
  if (mer_label_text_is_key (label))
    return find_normal_form (self, label);

  g_autofree char *key = mer_label_text_key (label, -1);
  return find_normal_form (self, key);
}

static int
find_word (MerMapping *self, const char *word)
{
  guint low = 0, high = self->n_words;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      int order = strcmp (word, self->words[middle]);

      if (order == 0)
        return (int) middle;
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return -1;
}

/* The first wheel word, by number, of all base words of a form that stands in a wheel. */
static int
first_in_wheel (MerMapping *self, guint form, const gint16 *clusters)
{
  const MerWordLists *bases = &self->bases, *words = &self->wheel_words;
  int first = -1;

  for (guint i = bases->offsets[form]; i < bases->offsets[form + 1]; i++)
    for (guint j = words->offsets[bases->flat[i]]; j < words->offsets[bases->flat[i] + 1];
         j++)
      {
        gint16 word = words->flat[j];

        if (clusters[word] >= 0 && (first < 0 || word < first))
          first = word;
      }
  return first;
}

/* m1 takes the first base word, m2 its first wheel word, a wheel its first known one */
static void
make_row (MerMapping *self, guint form)
{
  gint16 *row = self->rows[form];
  gint16 base = self->bases.flat[self->bases.offsets[form]];
  const MerWordLists *words = &self->wheel_words;
  gboolean has_wheel_word = words->offsets[base] < words->offsets[base + 1];

  row[MER_METRIC_M1] = self->groups[MER_METRIC_M1].of_word[base];
  row[MER_METRIC_M2]
      = has_wheel_word
            ? self->groups[MER_METRIC_M2].of_word[words->flat[words->offsets[base]]]
            : -1;
  for (guint k = 0; k < MER_N_WHEELS; k++)
    for (guint level = 0; level < MER_N_LEVELS; level++)
      {
        guint metric = (level == 0 ? MER_METRIC_W1L1 : MER_METRIC_W1L2) + k;
        const gint16 *clusters = self->clusters[k][level];
        int word = first_in_wheel (self, form, clusters);

        row[metric] = word >= 0 ? self->groups[metric].of_word[clusters[word]] : -1;
      }
}

static const gint16 *
get_row (MerMapping *self, int form)
{
  if (form < 0)
    return NULL;
  if (!g_atomic_int_get (&self->rows_made[form]))
    {
      g_mutex_lock (&self->lock);
      if (!g_atomic_int_get (&self->rows_made[form]))
        make_row (self, (guint) form);
      g_atomic_int_set (&self->rows_made[form], TRUE);
      g_mutex_unlock (&self->lock);
    }
  return self->rows[form];
}

const gint16 *
mer_mapping_group_key (MerMapping *self, const char *key)
{
  return get_row (self, find_normal_form (self, key));
}

/**
 * mer_mapping_group_all:
 * @self: a mapping
 * @label: a label, of any case
 *
 * Returns: (transfer none) (nullable) (array fixed-size=12): the number of the label's
 *   group in every metric, -1 where the metric drops it; %NULL if the label is no form of
 *   any word in the mapping
 */
const gint16 *
mer_mapping_group_all (MerMapping *self, const char *label)
{
  return get_row (self, find_form (self, label));
}

/**
 * mer_mapping_knows:
 * @self: a mapping
 * @word: a label
 *
 * Returns: whether @word is a form of a word in the mapping; what is not is dropped by
 *   every metric
 */
gboolean
mer_mapping_knows (MerMapping *self, const char *word)
{
  return find_form (self, word) >= 0;
}

/**
 * mer_mapping_group_index:
 * @self: a mapping
 * @metric: a metric
 * @label: a label, of any case
 *
 * Returns: the number of the cluster, from 0, or -1 where the metric drops @label
 */
int
mer_mapping_group_index (MerMapping *self, MerMetric metric, const char *label)
{
  const gint16 *row = mer_mapping_group_all (self, label);

  g_return_val_if_fail ((guint) metric < MER_N_METRICS, -1);
  return row != NULL ? row[metric] : -1;
}

/**
 * mer_mapping_group:
 * @self: a mapping
 * @metric: a metric
 * @label: a label, of any case
 *
 * Returns: (transfer none) (nullable): the cluster that @label falls into, owned by the
 *   mapping and the same pointer for equal clusters; %NULL where the metric drops it
 */
const char *
mer_mapping_group (MerMapping *self, MerMetric metric, const char *label)
{
  int index = mer_mapping_group_index (self, metric, label);

  return index >= 0 ? self->groups[metric].names[index] : NULL;
}

/**
 * mer_mapping_get_n_groups:
 * @self: a mapping
 * @metric: a metric
 *
 * Returns: how many clusters the metric has
 */
guint
mer_mapping_get_n_groups (MerMapping *self, MerMetric metric)
{
  g_return_val_if_fail ((guint) metric < MER_N_METRICS, 0);
  return self->groups[metric].n;
}

const char *
mer_mapping_get_group_name (MerMapping *self, MerMetric metric, guint index)
{
  g_return_val_if_fail ((guint) metric < MER_N_METRICS, NULL);
  g_return_val_if_fail (index < self->groups[metric].n, NULL);
  return self->groups[metric].names[index];
}

/**
 * mer_mapping_get_base_words:
 * @self: a mapping
 * @form: a label, of any case
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): the base words, sorted;
 *   %NULL if @form is not known
 */
const char *const *
mer_mapping_get_base_words (MerMapping *self, const char *form)
{
  int index = find_form (self, form);

  return index >= 0 ? self->bases.names + self->bases.offsets[index] + index : NULL;
}

/**
 * mer_mapping_get_wheel_words:
 * @self: a mapping
 * @base_word: a base word as the mapping spells it
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): its wheel words, sorted;
 *   %NULL if there are none
 */
const char *const *
mer_mapping_get_wheel_words (MerMapping *self, const char *base_word)
{
  int index = find_word (self, base_word);

  if (index < 0 || self->wheel_words.offsets[index] == self->wheel_words.offsets[index + 1])
    return NULL;
  return self->wheel_words.names + self->wheel_words.offsets[index] + index;
}

/**
 * mer_mapping_get_cluster:
 * @self: a mapping
 * @wheel: from 0
 * @level: 1 or 2
 * @wheel_word: a wheel word as the mapping spells it
 *
 * Returns: (transfer none) (nullable): its cluster, %NULL if it is not in that wheel
 */
const char *
mer_mapping_get_cluster (MerMapping *self, guint wheel, guint level, const char *wheel_word)
{
  int index = find_word (self, wheel_word);

  g_return_val_if_fail (wheel < MER_N_WHEELS && level >= 1 && level <= MER_N_LEVELS, NULL);
  if (index < 0 || self->clusters[wheel][level - 1][index] < 0)
    return NULL;
  return self->words[self->clusters[wheel][level - 1][index]];
}

/**
 * mer_mapping_get_forms:
 * @self: a mapping
 *
 * Returns: (transfer none) (array zero-terminated=1): every word form it knows, sorted
 */
const char *const *
mer_mapping_get_forms (MerMapping *self)
{
  return self->forms;
}

/**
 * mer_mapping_get_words:
 * @self: a mapping
 *
 * Returns: (transfer none) (array zero-terminated=1): base words, wheel words and clusters,
 *   sorted
 */
const char *const *
mer_mapping_get_words (MerMapping *self)
{
  return self->words;
}
