/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *mer_label_refusal_cut (const char *text);

G_END_DECLS
