/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "config/mer-launch.h"
#include "config/mer-parameter.h"

G_BEGIN_DECLS

/**
 * MerDescription:
 *
 * A `mer-description/1` file: a graph from samples to samples, and what may be chosen when
 * it is run. Immutable; may be read from any thread.
 */
typedef struct _MerDescription MerDescription;

#define MER_TYPE_DESCRIPTION (mer_description_get_type ())
GType mer_description_get_type (void);

#define MER_DESCRIPTION_FORMAT "mer-description/1"

MerDescription *mer_description_open (const char *name, const char *relative_to,
                                      const char *const *allow, GError **error);
MerDescription *mer_description_ref (MerDescription *self);
void mer_description_unref (MerDescription *self);

const char *mer_description_get_name (MerDescription *self);
const char *mer_description_get_summary (MerDescription *self);
const char *mer_description_get_path (MerDescription *self);
guint mer_description_get_n_parameters (MerDescription *self);
const MerParameter *mer_description_get_parameter (MerDescription *self, guint index);
const MerParameter *mer_description_find_parameter (MerDescription *self, const char *name,
                                                    GError **error);
char **mer_description_dup_launch (MerDescription *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerDescription, mer_description_unref)

/**
 * MerChoice:
 *
 * A description with values for its parameters: what one run is made from. Belongs to one
 * thread.
 */
typedef struct _MerChoice MerChoice;

MerChoice *mer_choice_new (MerDescription *description);
void mer_choice_free (MerChoice *self);

gboolean mer_choice_set (MerChoice *self, const char *name, JsonNode *value,
                         const char *relative_to, GError **error);
gboolean mer_choice_set_text (MerChoice *self, const char *assignment, GError **error);
GstElement *mer_choice_build (MerChoice *self, GError **error);
JsonNode *mer_choice_to_json (MerChoice *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerChoice, mer_choice_free)

G_END_DECLS
