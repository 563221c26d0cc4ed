/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The vocabulary tables of the MER2025 and MER2026 challenges (zeroQiaoba/MERTools). What
 * their evaluation code makes of them is rebuilt rule by rule, its quirks included: a score
 * is comparable only if the mapping is the same to the entry. */
#include "emotion/mer-mapping-import.h"

#include <string.h>

#include "emotion/mer-label-text.h"
#include "emotion/mer-mapping-private.h"
#include "tables/mer-table.h"

#define N_SYNONYM_RUNS 8

static MerTable *
load (const char *folder, const char *file, GError **error)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);

  return mer_table_load (path, error);
}

static char *
cell_key (MerTable *table, guint row, int column)
{
  const char *cell = mer_table_get (table, row, (guint) column);

  return mer_label_text_key (cell != NULL ? cell : "", -1);
}

/* the words of a list field, each without white space and in lower case */
static GPtrArray *
cell_words (MerTable *table, guint row, int column)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  MerLabelPieces pieces;
  const char *start;
  gsize length;

  mer_label_pieces_init (&pieces, mer_table_get (table, row, (guint) column));
  while (mer_label_pieces_next (&pieces, &start, &length))
    g_ptr_array_add (words, mer_label_text_key (start, (gssize) length));
  return words;
}

static gboolean
import_forms (const char *folder, MerMappingBuilder *builder, GError **error)
{
  g_autoptr (MerTable) table = load (folder, "format.csv", error);
  int name = table != NULL ? mer_table_find_column (table, "name", error) : -1;
  int format = name >= 0 ? mer_table_find_column (table, "format", error) : -1;

  if (format < 0)
    return FALSE;
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    {
      g_autofree char *base = cell_key (table, row, name);
      g_autoptr (GPtrArray) forms = cell_words (table, row, format);

      if (*base == '\0')
        continue;
      for (guint i = 0; i < forms->len; i++)
        mer_mapping_builder_add_form (builder, forms->pdata[i], base);
      mer_mapping_builder_add_form (builder, base, base);
    }
  return TRUE;
}

static gboolean
import_synonym_run (MerTable *table, guint run, MerMappingBuilder *builder, GError **error)
{
  g_autofree char *word_name = g_strdup_printf ("word_run%u", run);
  g_autofree char *synonym_name = g_strdup_printf ("synonym_run%u", run);
  int word_column = mer_table_find_column (table, word_name, error);
  int synonyms_column
      = word_column >= 0 ? mer_table_find_column (table, synonym_name, error) : -1;

  if (synonyms_column < 0)
    return FALSE;
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    {
      g_autofree char *word = cell_key (table, row, word_column);
      g_autoptr (GPtrArray) synonyms = cell_words (table, row, synonyms_column);

      if (*word == '\0')
        continue;
      mer_mapping_builder_add_synonym (builder, word, word);
      for (guint i = 0; i < synonyms->len; i++)
        mer_mapping_builder_add_synonym (builder, synonyms->pdata[i], word);
    }
  return TRUE;
}

static gboolean
import_synonyms (const char *folder, MerMappingBuilder *builder, GError **error)
{
  g_autoptr (MerTable) table = load (folder, "synonym.xlsx", error);

  if (table == NULL)
    return FALSE;
  for (guint run = 1; run <= N_SYNONYM_RUNS; run++)
    if (!import_synonym_run (table, run, builder, error))
      return FALSE;
  return TRUE;
}

/* a ring's word and what hangs on it, in the order of the sheet */
typedef struct Ring
{
  char *word;
  GPtrArray *children; /* Ring */
} Ring;

static void
ring_free (Ring *ring)
{
  g_free (ring->word);
  g_ptr_array_unref (ring->children);
  g_free (ring);
}

static Ring *
find_or_add (GPtrArray *rings, const char *word)
{
  for (guint i = 0; i < rings->len; i++)
    {
      Ring *ring = rings->pdata[i];

      if (g_str_equal (ring->word, word))
        return ring;
    }

  Ring *ring = g_new0 (Ring, 1);
  ring->word = g_strdup (word);
  ring->children = g_ptr_array_new_with_free_func ((GDestroyNotify) ring_free);
  g_ptr_array_add (rings, ring);
  return ring;
}

/* an empty cell repeats the one above it */
static void
carry (char **above, char *cell)
{
  if (*cell == '\0')
    g_free (cell);
  else
    {
      g_free (*above);
      *above = cell;
    }
}

static GPtrArray *
read_rings (MerTable *table, const int columns[3])
{
  GPtrArray *rings = g_ptr_array_new_with_free_func ((GDestroyNotify) ring_free);
  g_autofree char *first = g_strdup ("");
  g_autofree char *second = g_strdup ("");
  g_autofree char *third = g_strdup ("");

  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    {
      carry (&first, cell_key (table, row, columns[0]));
      carry (&second, cell_key (table, row, columns[1]));
      carry (&third, cell_key (table, row, columns[2]));
      if (*first == '\0' || *second == '\0' || *third == '\0')
        continue;

      Ring *inner = find_or_add (rings, first);
      Ring *middle = find_or_add (inner->children, second);
      find_or_add (middle->children, third);
    }
  return rings;
}

static const char *
first_child (const Ring *ring)
{
  const char *first = NULL;

  for (guint i = 0; i < ring->children->len; i++)
    {
      const Ring *child = ring->children->pdata[i];

      if (first == NULL || strcmp (child->word, first) < 0)
        first = child->word;
    }
  return first;
}

/* Parents before children; a word met again overwrites what it was. */
static void
assign_clusters (GPtrArray *rings, guint wheel, MerMappingBuilder *builder)
{
  for (guint i = 0; i < rings->len; i++)
    {
      const Ring *inner = rings->pdata[i];
      const char *first = first_child (inner);

      mer_mapping_builder_set_cluster (builder, wheel, 0, inner->word, inner->word);
      mer_mapping_builder_set_cluster (builder, wheel, 1, inner->word, first);
      for (guint j = 0; j < inner->children->len; j++)
        {
          const Ring *middle = inner->children->pdata[j];

          mer_mapping_builder_set_cluster (builder, wheel, 0, middle->word, inner->word);
          mer_mapping_builder_set_cluster (builder, wheel, 1, middle->word, middle->word);
          for (guint k = 0; k < middle->children->len; k++)
            {
              const Ring *outer = middle->children->pdata[k];

              mer_mapping_builder_set_cluster (builder, wheel, 0, outer->word, inner->word);
              mer_mapping_builder_set_cluster (builder, wheel, 1, outer->word,
                                               middle->word);
            }
        }
    }
}

static gboolean
import_wheel (const char *folder, guint wheel, MerMappingBuilder *builder, GError **error)
{
  static const char *const names[] = { "level1", "level2", "level3" };
  g_autofree char *wheel_name = g_strdup_printf ("wheel%u", wheel + 1);
  g_autofree char *file = g_strconcat (wheel_name, ".xlsx", NULL);
  g_autoptr (MerTable) table = load (folder, file, error);
  int columns[3];

  if (table == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      columns[i] = mer_table_find_column (table, names[i], error);
      if (columns[i] < 0)
        return FALSE;
    }

  g_autoptr (GPtrArray) rings = read_rings (table, columns);
  mer_mapping_builder_name_wheel (builder, wheel, wheel_name);
  assign_clusters (rings, wheel, builder);
  return TRUE;
}

/**
 * mer_mapping_import:
 * @folder: where `format.csv`, `synonym.xlsx` and `wheel1.xlsx` … `wheel5.xlsx` are
 * @name: what the mapping will be called beside scores
 * @source: (nullable): where the tables came from
 * @licence: (nullable): what they may be used for
 *
 * Builds a mapping from the tables that the MER2025 and MER2026 challenges publish with
 * their evaluation code.
 *
 * Returns: (transfer full): the mapping, %NULL with an error that names file and line
 */
MerMapping *
mer_mapping_import (const char *folder, const char *name, const char *source,
                    const char *licence, GError **error)
{
  g_autoptr (MerMappingBuilder) builder = mer_mapping_builder_new ();

  mer_mapping_builder_set_origin (builder, name, source, licence);
  if (!import_forms (folder, builder, error) || !import_synonyms (folder, builder, error))
    return NULL;
  for (guint wheel = 0; wheel < MER_N_WHEELS; wheel++)
    if (!import_wheel (folder, wheel, builder, error))
      return NULL;
  return mer_mapping_builder_finish (builder, error);
}
