/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean mer_key_check_name (const char *variable, GError **error);
char *mer_key_read (const char *variable, const char *uri, gboolean allow_plain_http,
                    GError **error);
gboolean mer_key_uri_is_loopback (const char *uri);
GBytes *mer_key_blot_out (GBytes *text, const char *key);
char *mer_key_blot_out_text (const char *text, const char *key);

G_END_DECLS
