/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* finds what looks like JSON or a Python literal in a text, one after the other */
typedef struct
{
  const char *next;
  gboolean adjacent; /* nothing but white space and commas since the last one */
  guint n_tries;
} MerLiteralScan;

char *mer_literal_scan_next (MerLiteralScan *self);

G_END_DECLS
