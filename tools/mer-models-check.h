/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-error.h"

G_BEGIN_DECLS

gboolean mer_models_check_file (const char *path, guint *n_models, GError **error);

G_END_DECLS
