/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/mer-dataset.h"
#include "config/mer-description.h"
#include "media/mer-media-spool.h"
#include "store/mer-store-run.h"

G_BEGIN_DECLS

/**
 * MerPlan:
 *
 * One run before it is run: a dataset, a description with its choices, the scorers beyond
 * those in the description, and which repetition it is. Belongs to one thread.
 */
typedef struct _MerPlan MerPlan;

MerPlan *mer_plan_new (const char *name, MerDataset *dataset, MerDescription *description,
                       MerChoice *choice);
void mer_plan_free (MerPlan *self);

void mer_plan_set_models (MerPlan *self, const char *path);
void mer_plan_set_repeat (MerPlan *self, guint repeat);
void mer_plan_add_scorer (MerPlan *self, const char *element, JsonNode *properties,
                          const char *relative_to);

const char *mer_plan_get_name (MerPlan *self);
MerDataset *mer_plan_get_dataset (MerPlan *self);
MerChoice *mer_plan_get_choice (MerPlan *self);

gboolean mer_plan_check (MerPlan *self, GError **error);
JsonNode *mer_plan_get_definition (MerPlan *self, GError **error);
GstElement *mer_plan_build (MerPlan *self, MerStoreRun *run, MerMediaSpool *spool,
                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerPlan, mer_plan_free)

G_END_DECLS
