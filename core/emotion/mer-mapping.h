/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-labels.h"
#include "mer-error.h"

G_BEGIN_DECLS

/**
 * MerMapping:
 *
 * An emotion vocabulary: word forms → base words → wheel words → clusters of five wheels at
 * two levels. It has a name, and an identity: the sha256 of its canonical JSON
 * (`mer-mapping/1`):
 *
 * ```json
 * { "format": "mer-mapping/1", "name": "mer2026", "source": "…", "licence": "…",
 *   "forms":    { "angrily": ["angry"], … },
 *   "synonyms": { "furious": ["angry", "mad"], … },
 *   "wheels":   [ { "name": "wheel1", "level1": { "angry": "mad", … }, "level2": { … } }, …
 * ] }
 * ```
 *
 * `forms` maps a lower-case word form to its base words, `synonyms` a base word to wheel
 * words, a wheel a wheel word to its cluster. All lists are sorted bytewise.
 *
 * Immutable; may be read from any thread.
 */
typedef struct _MerMapping MerMapping;

#define MER_TYPE_MAPPING (mer_mapping_get_type ())
GType mer_mapping_get_type (void);

/**
 * MerMetric:
 *
 * The twelve groupings of the emotion-wheel metric, in the order in which tables print
 * them.
 */
typedef enum
{
  MER_METRIC_M1,
  MER_METRIC_M2,
  MER_METRIC_W1L1,
  MER_METRIC_W2L1,
  MER_METRIC_W3L1,
  MER_METRIC_W4L1,
  MER_METRIC_W5L1,
  MER_METRIC_W1L2,
  MER_METRIC_W2L2,
  MER_METRIC_W3L2,
  MER_METRIC_W4L2,
  MER_METRIC_W5L2,
} MerMetric;

#define MER_N_METRICS 12
#define MER_N_WHEELS 5

const char *mer_metric_get_name (MerMetric metric);

/* @name: "builtin", a path, or a name looked up beside @relative_to, in $MER_DATA_PATH, the
 * user's and the installed data folders, as design §7 says */
MerMapping *mer_mapping_open (const char *name, const char *relative_to, GError **error);
MerMapping *mer_mapping_load (const char *path, GError **error);
MerMapping *mer_mapping_new_from_bytes (const char *name, GBytes *json, GError **error);
MerMapping *mer_mapping_get_builtin (void);
MerMapping *mer_mapping_ref (MerMapping *self);
void mer_mapping_unref (MerMapping *self);

const char *mer_mapping_get_name (MerMapping *self);
const char *mer_mapping_get_sha256 (MerMapping *self);
const char *mer_mapping_get_source (MerMapping *self);
const char *mer_mapping_get_licence (MerMapping *self);
char *mer_mapping_to_json (MerMapping *self);

gboolean mer_mapping_knows (MerMapping *self, const char *word);
/* interned name of the cluster a label falls into, %NULL where the metric drops it */
const char *mer_mapping_group (MerMapping *self, MerMetric metric, const char *label);
/* the same as a small integer per metric (-1: dropped), for sets and counting */
int mer_mapping_group_index (MerMapping *self, MerMetric metric, const char *label);
/* a number for every metric at once (12 of them), %NULL where no metric knows the label */
const gint16 *mer_mapping_group_all (MerMapping *self, const char *label);
guint mer_mapping_get_n_groups (MerMapping *self, MerMetric metric);
const char *mer_mapping_get_group_name (MerMapping *self, MerMetric metric, guint index);

const char *const *mer_mapping_get_base_words (MerMapping *self, const char *form);
const char *const *mer_mapping_get_wheel_words (MerMapping *self, const char *base_word);
const char *const *mer_mapping_get_forms (MerMapping *self);
const char *const *mer_mapping_get_words (MerMapping *self);
const char *mer_mapping_get_cluster (MerMapping *self, guint wheel, guint level,
                                     const char *wheel_word);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerMapping, mer_mapping_unref)

G_END_DECLS
