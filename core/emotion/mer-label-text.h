/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-labels.h"

G_BEGIN_DECLS

/* the form in which labels are compared: lower case, no white space around it */
gboolean mer_label_text_is_key (const char *label);
char *mer_label_text_key (const char *label, gssize length);
const char *mer_labels_get_key (const MerLabels *self, guint index);

/* the pieces of a label string (mer-labels.c), one after the other */
typedef struct
{
  const char *next;
  const char *end;
} MerLabelPieces;

void mer_label_pieces_init (MerLabelPieces *self, const char *cell);
gboolean mer_label_pieces_next (MerLabelPieces *self, const char **start, gsize *length);

G_END_DECLS
