/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

G_BEGIN_DECLS

const MerBulkApi *mer_gemini_get_bulk_api (void);

G_END_DECLS
