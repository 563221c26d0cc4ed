/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-outcome.h"
#include "tables/mer-json.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * MerModels:
 *
 * Models by name: each an element that asks it, that element's properties, what the model
 * takes, its limits and prices, and what is known of it. They come from several
 * `mer-models/1` files: the one that was asked for, those of the user and the shipped
 * catalogue; what stands in the first counts, member by member. Immutable; may be read from
 * any thread.
 */
typedef struct _MerModels MerModels;

#define MER_TYPE_MODELS (mer_models_get_type ())
GType mer_models_get_type (void);

#define MER_MODELS_FORMAT "mer-models/1"

MerModels *mer_models_open (const char *name, const char *relative_to, GError **error);
MerModels *mer_models_ref (MerModels *self);
void mer_models_unref (MerModels *self);

const char *mer_models_get_path (MerModels *self);
char **mer_models_dup_paths (MerModels *self);
char **mer_models_dup_names (MerModels *self);
char **mer_models_dup_own_names (MerModels *self);
gboolean mer_models_find (MerModels *self, const char *model, GError **error);
JsonNode *mer_models_get_entry (MerModels *self, const char *model, GError **error);
const char *mer_models_get_origin (MerModels *self, const char *model, const char *place);
const char *mer_models_get_backend (MerModels *self, const char *model);
char *mer_models_dup_start (MerModels *self, const char *model);
const char *mer_models_get_summary (MerModels *self, const char *model);
GstElement *mer_models_make_backend (MerModels *self, const char *model, const char *name,
                                     GError **error);
JsonNode *mer_models_get_identity (MerModels *self, const char *model);

void mer_models_allow_programs (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerModels, mer_models_unref)

G_END_DECLS
