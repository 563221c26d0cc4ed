/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-label-finder.h"

G_BEGIN_DECLS

MerLabelForm mer_label_structure_read (const char *text, MerLabels *labels);
char *mer_label_structure_dup_texts (const char *text);

G_END_DECLS
