/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-labels.h"
#include "emotion/mer-label-tokens.h"

G_BEGIN_DECLS

/* what running text says about feelings */
typedef enum
{
  MER_PROSE_NOTHING,   /* it does not speak of feelings */
  MER_PROSE_UNDECIDED, /* it does, and names none: “the emotion is difficult to determine”
                        */
  MER_PROSE_SIGNS,     /* it names what somebody does: smiles, cries */
  MER_PROSE_NAMED,     /* it names feelings */
} MerProse;

MerProse mer_label_prose_read (const MerTokens *tokens, MerLabels *labels);
gboolean mer_label_speech_read (const MerTokens *tokens, gboolean quoted_only,
                                MerLabels *labels);
gboolean mer_label_prose_has_instruction (const MerTokens *tokens,
                                          const MerSentence *sentence);

G_END_DECLS
