/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* private to core/tables: the strict scan that stands before json-glib's parser */
#pragma once

#include "tables/mer-json.h"

G_BEGIN_DECLS

struct _MerJson
{
  gatomicrefcount refs;
  char *name;
  char *text;
  JsonNode *root;
};

/* %NULL with an error that names the line; else the text that json-glib may read */
char *mer_json_scan (const char *name, const char *text, gsize length, GError **error);

/* the three below take text that mer_json_scan () returned */
const char *mer_json_scan_locate (const char *text, const char *pointer);
guint mer_json_scan_line (const char *text, const char *place);
char *mer_json_scan_find_duplicate (const char *text, const char *pointer);

G_END_DECLS
