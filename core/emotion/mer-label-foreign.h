/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-labels.h"

G_BEGIN_DECLS

gboolean mer_label_foreign_read (const char *text, MerLabels *labels);
gboolean mer_label_foreign_is (const char *text);

G_END_DECLS
