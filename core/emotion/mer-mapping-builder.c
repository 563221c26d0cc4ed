/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-mapping-private.h"

#include <string.h>

typedef struct
{
  const char *key;
  const char *value;
  guint order;
} Pair;

struct _MerMappingBuilder
{
  MerMapping *mapping;
  GArray *forms;                                /* Pair: form → base word */
  GArray *synonyms;                             /* Pair: base word → wheel word */
  GArray *clusters[MER_N_WHEELS][MER_N_LEVELS]; /* Pair: wheel word → cluster */
  GHashTable *interned;                         /* words (not forms), owned by the text */
};

MerMappingBuilder *
mer_mapping_builder_new (void)
{
  MerMappingBuilder *self = g_new0 (MerMappingBuilder, 1);

  self->mapping = g_new0 (MerMapping, 1);
  g_atomic_ref_count_init (&self->mapping->refs);
  g_mutex_init (&self->mapping->lock);
  self->mapping->text = g_string_chunk_new (16 * 1024);
  self->interned = g_hash_table_new (g_str_hash, g_str_equal);
  self->forms = g_array_new (FALSE, FALSE, sizeof (Pair));
  self->synonyms = g_array_new (FALSE, FALSE, sizeof (Pair));
  for (guint k = 0; k < MER_N_WHEELS; k++)
    for (guint level = 0; level < MER_N_LEVELS; level++)
      self->clusters[k][level] = g_array_new (FALSE, FALSE, sizeof (Pair));
  return self;
}

void
mer_mapping_builder_free (MerMappingBuilder *self)
{
  g_clear_pointer (&self->mapping, mer_mapping_unref);
  g_hash_table_unref (self->interned);
  g_array_unref (self->forms);
  g_array_unref (self->synonyms);
  for (guint k = 0; k < MER_N_WHEELS; k++)
    for (guint level = 0; level < MER_N_LEVELS; level++)
      g_array_unref (self->clusters[k][level]);
  g_free (self);
}

void
mer_mapping_builder_set_origin (MerMappingBuilder *self, const char *name,
                                const char *source, const char *licence)
{
  self->mapping->name = g_strdup (name);
  self->mapping->source = g_strdup (source);
  self->mapping->licence = g_strdup (licence);
}

void
mer_mapping_builder_name_wheel (MerMappingBuilder *self, guint wheel, const char *name)
{
  self->mapping->wheel_names[wheel] = g_string_chunk_insert (self->mapping->text, name);
}

static const char *
intern (MerMappingBuilder *self, const char *word)
{
  const char *known = g_hash_table_lookup (self->interned, word);

  if (known != NULL)
    return known;

  char *copy = g_string_chunk_insert (self->mapping->text, word);
  g_hash_table_add (self->interned, copy);
  return copy;
}

static void
add_pair (GArray *pairs, const char *key, const char *value)
{
  Pair pair = { key, value, pairs->len };

  g_array_append_val (pairs, pair);
}

void
mer_mapping_builder_add_form (MerMappingBuilder *self, const char *form, const char *base)
{
  GArray *forms = self->forms;
  const Pair *last = forms->len > 0 ? &g_array_index (forms, Pair, forms->len - 1) : NULL;
  const char *key = last != NULL && g_str_equal (last->key, form)
                        ? last->key
                        : g_string_chunk_insert (self->mapping->text, form);

  add_pair (forms, key, intern (self, base));
}

void
mer_mapping_builder_add_synonym (MerMappingBuilder *self, const char *base,
                                 const char *wheel_word)
{
  add_pair (self->synonyms, intern (self, base), intern (self, wheel_word));
}

/* @wheel: from 0; @level: 0 for the inner ring, 1 for the middle one */
void
mer_mapping_builder_set_cluster (MerMappingBuilder *self, guint wheel, guint level,
                                 const char *word, const char *cluster)
{
  add_pair (self->clusters[wheel][level], intern (self, word), intern (self, cluster));
}

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const Pair *x = a, *y = b;
  int by_key = x->key == y->key ? 0 : strcmp (x->key, y->key);

  if (by_key != 0)
    return by_key;

  int by_value = strcmp (x->value, y->value);
  return by_value != 0 ? by_value : (int) x->order - (int) y->order;
}

static int
compare_pairs_by_order (gconstpointer a, gconstpointer b)
{
  const Pair *x = a, *y = b;
  int by_key = x->key == y->key ? 0 : strcmp (x->key, y->key);

  return by_key != 0 ? by_key : (int) x->order - (int) y->order;
}

/* files hold their pairs sorted already */
static void
sort_pairs (GArray *pairs, GCompareFunc compare)
{
  for (guint i = 1; i < pairs->len; i++)
    if (compare (&g_array_index (pairs, Pair, i - 1), &g_array_index (pairs, Pair, i)) > 0)
      {
        g_array_sort (pairs, compare);
        return;
      }
}

static int
compare_words (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* afterwards `interned` gives each word its number */
static void
number_words (MerMappingBuilder *self)
{
  MerMapping *mapping = self->mapping;
  GHashTableIter iter;
  gpointer word;
  guint i = 0;

  mapping->n_words = g_hash_table_size (self->interned);
  mapping->words = g_new0 (const char *, mapping->n_words + 1);
  g_hash_table_iter_init (&iter, self->interned);
  while (g_hash_table_iter_next (&iter, &word, NULL))
    mapping->words[i++] = word;
  qsort (mapping->words, mapping->n_words, sizeof *mapping->words, compare_words);
  for (i = 0; i < mapping->n_words; i++)
    g_hash_table_insert (self->interned, (char *) mapping->words[i], GUINT_TO_POINTER (i));
}

static gint16
number_of (MerMappingBuilder *self, const char *word)
{
  return (gint16) GPOINTER_TO_UINT (g_hash_table_lookup (self->interned, word));
}

static void
lists_alloc (MerWordLists *lists, guint n_lists, guint n_pairs)
{
  lists->offsets = g_new0 (guint, n_lists + 1);
  lists->flat = g_new0 (gint16, n_pairs);
  lists->names = g_new0 (const char *, n_pairs + n_lists);
}

static void
lists_add (MerWordLists *lists, guint list, guint *used, gint16 number, const char *word)
{
  if (*used > lists->offsets[list] && lists->flat[*used - 1] == number)
    return; /* the same pair twice */
  lists->flat[*used] = number;
  lists->names[*used + list] = word;
  *used += 1;
}

static void
fill_forms (MerMappingBuilder *self)
{
  MerMapping *mapping = self->mapping;
  const Pair *pairs = (const Pair *) (gpointer) self->forms->data;
  guint n_pairs = self->forms->len;
  guint used = 0;

  sort_pairs (self->forms, compare_pairs);
  for (guint i = 0; i < n_pairs; i++)
    mapping->n_forms += i == 0 || !g_str_equal (pairs[i].key, pairs[i - 1].key);
  mapping->forms = g_new0 (const char *, mapping->n_forms + 1);
  lists_alloc (&mapping->bases, mapping->n_forms, n_pairs);
  for (guint i = 0, form = 0; i < n_pairs; i++)
    {
      if (i > 0 && !g_str_equal (pairs[i].key, pairs[i - 1].key))
        form++;
      if (mapping->forms[form] == NULL)
        mapping->bases.offsets[form] = used;
      mapping->forms[form] = pairs[i].key;
      lists_add (&mapping->bases, form, &used, number_of (self, pairs[i].value),
                 pairs[i].value);
    }
  mapping->bases.offsets[mapping->n_forms] = used;
}

static void
fill_synonyms (MerMappingBuilder *self)
{
  MerMapping *mapping = self->mapping;
  const Pair *pairs = (const Pair *) (gpointer) self->synonyms->data;
  guint used = 0, next = 0;

  sort_pairs (self->synonyms, compare_pairs);
  lists_alloc (&mapping->wheel_words, mapping->n_words, self->synonyms->len);
  for (guint word = 0; word < mapping->n_words; word++)
    {
      mapping->wheel_words.offsets[word] = used;
      for (; next < self->synonyms->len && pairs[next].key == mapping->words[word]; next++)
        lists_add (&mapping->wheel_words, word, &used, number_of (self, pairs[next].value),
                   pairs[next].value);
    }
  mapping->wheel_words.offsets[mapping->n_words] = used;
}

static void
fill_clusters (MerMappingBuilder *self, guint wheel, guint level)
{
  MerMapping *mapping = self->mapping;
  GArray *pairs = self->clusters[wheel][level];
  gint16 *clusters = g_new (gint16, MAX (1, mapping->n_words));

  memset (clusters, 0xff, mapping->n_words * sizeof *clusters);
  sort_pairs (pairs, compare_pairs_by_order);
  for (guint i = 0; i < pairs->len; i++)
    {
      const Pair *pair = &g_array_index (pairs, Pair, i);

      clusters[number_of (self, pair->key)] = number_of (self, pair->value);
    }
  mapping->clusters[wheel][level] = clusters;
}

static void
fill_slots (MerMapping *mapping)
{
  guint n_slots = 16;

  while (n_slots < 2 * mapping->n_forms)
    n_slots *= 2;
  mapping->slots = g_new0 (MerFormSlot, n_slots);
  mapping->slot_mask = n_slots - 1;
  for (guint i = 0; i < mapping->n_forms; i++)
    {
      guint hash = mer_mapping_hash (mapping->forms[i]);
      guint slot = hash & mapping->slot_mask;

      while (mapping->slots[slot].form != 0)
        slot = (slot + 1) & mapping->slot_mask;
      mapping->slots[slot] = (MerFormSlot){ hash, i + 1 };
    }
}

static void
fill_groups (MerMapping *mapping, MerMetric metric, const gint16 *values, guint n_values)
{
  MerGroups *groups = &mapping->groups[metric];

  groups->of_word = g_new0 (gint16, MAX (1, mapping->n_words));
  groups->names = g_new0 (const char *, mapping->n_words + 1);
  for (guint i = 0; i < n_values; i++)
    if (values[i] >= 0)
      groups->of_word[values[i]] = 1;
  for (guint word = 0; word < mapping->n_words; word++)
    {
      if (groups->of_word[word] != 0)
        groups->names[groups->n] = mapping->words[word];
      groups->of_word[word] = groups->of_word[word] != 0 ? (gint16) groups->n++ : -1;
    }
}

static void
fill_all_groups (MerMapping *mapping)
{
  fill_groups (mapping, MER_METRIC_M1, mapping->bases.flat,
               mapping->bases.offsets[mapping->n_forms]);
  fill_groups (mapping, MER_METRIC_M2, mapping->wheel_words.flat,
               mapping->wheel_words.offsets[mapping->n_words]);
  for (guint k = 0; k < MER_N_WHEELS; k++)
    {
      fill_groups (mapping, MER_METRIC_W1L1 + k, mapping->clusters[k][0], mapping->n_words);
      fill_groups (mapping, MER_METRIC_W1L2 + k, mapping->clusters[k][1], mapping->n_words);
    }
}

/* @self can only be freed afterwards */
MerMapping *
mer_mapping_builder_finish (MerMappingBuilder *self, GError **error)
{
  MerMapping *mapping = self->mapping;

  if (self->forms->len > MER_MAPPING_MAX_FORMS
      || g_hash_table_size (self->interned) > MER_MAPPING_MAX_WORDS)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
                   "mapping '%s': more than %u forms or %u words", mapping->name,
                   MER_MAPPING_MAX_FORMS, MER_MAPPING_MAX_WORDS);
      return NULL;
    }
  number_words (self);
  fill_forms (self);
  fill_synonyms (self);
  for (guint k = 0; k < MER_N_WHEELS; k++)
    for (guint level = 0; level < MER_N_LEVELS; level++)
      fill_clusters (self, k, level);
  fill_slots (mapping);
  fill_all_groups (mapping);
  mapping->rows = g_malloc0 (MAX (1, mapping->n_forms) * sizeof *mapping->rows);
  mapping->rows_made = g_new0 (int, MAX (1, mapping->n_forms));

  g_autoptr (GString) canonical = mer_mapping_write (mapping, FALSE);
  mapping->sha256 = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, (const guint8 *) canonical->str, canonical->len);
  return g_steal_pointer (&self->mapping);
}
