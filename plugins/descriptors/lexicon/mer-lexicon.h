/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mer.h>

G_BEGIN_DECLS

#define MER_TYPE_LEXICON (mer_lexicon_get_type ())
G_DECLARE_FINAL_TYPE (MerLexicon, mer_lexicon, MER, LEXICON, MerOrdered)

G_END_DECLS
