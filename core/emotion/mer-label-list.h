/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-label-finder.h"

G_BEGIN_DECLS

MerLabelForm mer_label_list_read (const char *text, MerLabels *labels);

/* for readers of other structures */
gboolean mer_label_item_is_none (const char *item);
gboolean mer_label_item_is_known (const char *item);
gboolean mer_label_item_add (MerLabels *labels, const char *item, double weight);

G_END_DECLS
