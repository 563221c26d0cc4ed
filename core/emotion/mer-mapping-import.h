/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-mapping.h"

G_BEGIN_DECLS

MerMapping *mer_mapping_import (const char *folder, const char *name, const char *source,
                                const char *licence, GError **error);

G_END_DECLS
