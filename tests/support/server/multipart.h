/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* a part of a multipart/form-data body */
typedef struct
{
  char *name;
  char *filename; /* nullable; filename* is not read, as most servers do not */
  char *type;     /* nullable */
  GBytes *bytes;
} FormPart;

/* NULL with a reason where the body is not a whole form */
GPtrArray *multipart_parse (Exchange *x, GError **error);
FormPart *multipart_find (GPtrArray *parts, const char *name);
char *multipart_dup_text (GPtrArray *parts, const char *name);

G_END_DECLS
