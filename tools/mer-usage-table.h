/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "sample/mer-tally.h"

G_BEGIN_DECLS

void mer_usage_table_print (const MerTally *tally, FILE *file);

G_END_DECLS
