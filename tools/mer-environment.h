/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-error.h"

G_BEGIN_DECLS

void mer_environment_set_up (void);
gboolean mer_environment_init_gst (GError **error);

G_END_DECLS
