/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "mer-error.h"

G_BEGIN_DECLS

/* The names of the stages upstream travel in a sticky event `mer-stages`, so that a name
 * that stands twice, or a reference to a stage that is not there, is an error before the
 * first call. Descriptors, backends and fusions are stages. Scorers and merlabels are not:
 * they occupy a name, but nothing reads them by default. */

GstEvent *mer_stages_event_new (const char *const *stages, const char *const *others);
gboolean mer_stages_event_is (GstEvent *event);
char **mer_stages_event_get_stages (GstEvent *event);
char **mer_stages_event_get_others (GstEvent *event);

/* what the element sends on after it has checked what came: its own name is new, the stages
 * in @references are there; %NULL with an error that names the nearest stage */
GstEvent *mer_stages_event_pass (GstElement *element, GstEvent *event, const char *own,
                                 gboolean is_stage, const char *const *references,
                                 GError **error);

/* the `stage` property's default: the name somebody gave the element, else the factory's
 * name without `mer` */
char *mer_stages_default_name (GstElement *element);

G_END_DECLS
