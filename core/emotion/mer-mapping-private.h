/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-mapping.h"

G_BEGIN_DECLS

#define MER_MAPPING_FORMAT "mer-mapping/1"
#define MER_N_LEVELS 2
/* small enough for 16-bit numbers; the field's own vocabulary has 7,400 forms */
#define MER_MAPPING_MAX_FORMS 1000000u
#define MER_MAPPING_MAX_WORDS 30000u

/* lists of words by number: list i is flat[offsets[i] … offsets[i + 1]), sorted */
typedef struct
{
  guint *offsets;
  gint16 *flat;
  const char **names; /* the same as words; each list ends with %NULL */
} MerWordLists;

/* the clusters that one metric knows, sorted */
typedef struct
{
  const char **names;
  guint n;
  gint16 *of_word; /* a word's number → the cluster's number */
} MerGroups;

typedef struct
{
  guint hash;
  guint form; /* number + 1, or 0 */
} MerFormSlot;

/* Base words, wheel words and clusters have numbers in their bytewise order, so that "the
 * alphabetically first" is the smallest number. */
struct _MerMapping
{
  gatomicrefcount refs;
  char *name;
  char *source;
  char *licence;
  char *sha256;
  GStringChunk *text;

  const char **forms; /* sorted, %NULL at the end */
  guint n_forms;
  MerFormSlot *slots; /* open hash of forms */
  guint slot_mask;
  MerWordLists bases; /* of a form */

  const char **words; /* sorted, %NULL at the end */
  guint n_words;
  MerWordLists wheel_words; /* of a word, as a base word */

  const char *wheel_names[MER_N_WHEELS];
  gint16 *clusters[MER_N_WHEELS][MER_N_LEVELS]; /* of a word; -1: not in that wheel */
  MerGroups groups[MER_N_METRICS];

  GMutex lock;
  gint16 (*rows)[MER_N_METRICS]; /* of a form: its group in every metric */
  int *rows_made;                /* atomic */
};

/* A mapping that is being made: pairs in any order; a cluster given twice is overwritten.
 */
typedef struct _MerMappingBuilder MerMappingBuilder;

MerMappingBuilder *mer_mapping_builder_new (void);
void mer_mapping_builder_set_origin (MerMappingBuilder *self, const char *name,
                                     const char *source, const char *licence);
void mer_mapping_builder_name_wheel (MerMappingBuilder *self, guint wheel,
                                     const char *name);
void mer_mapping_builder_add_form (MerMappingBuilder *self, const char *form,
                                   const char *base);
void mer_mapping_builder_add_synonym (MerMappingBuilder *self, const char *base,
                                      const char *wheel_word);
void mer_mapping_builder_set_cluster (MerMappingBuilder *self, guint wheel, guint level,
                                      const char *word, const char *cluster);
MerMapping *mer_mapping_builder_finish (MerMappingBuilder *self, GError **error);
void mer_mapping_builder_free (MerMappingBuilder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerMappingBuilder, mer_mapping_builder_free)

/* FNV-1a, for short words */
static inline guint
mer_mapping_hash (const char *word)
{
  guint hash = 2166136261u;

  for (const guint8 *p = (const guint8 *) word; *p != '\0'; p++)
    hash = (hash ^ *p) * 16777619u;
  return hash;
}

/* as mer_mapping_group_all (), for a label in the form labels are compared by */
const gint16 *mer_mapping_group_key (MerMapping *self, const char *key);
MerMappingBuilder *mer_mapping_scan (const char *text, gsize size);
GString *mer_mapping_write (MerMapping *self, gboolean pretty);

G_END_DECLS
