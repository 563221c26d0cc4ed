/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* anthropic-check.c */
gboolean anthropic_check (Exchange *x);

G_END_DECLS
