/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-labels.h"

G_BEGIN_DECLS

/**
 * MerLabelForm:
 * @MER_LABEL_FORM_NONE: nothing could be read
 * @MER_LABEL_FORM_EMPTY: the answer says that no emotion shows or can be told
 * @MER_LABEL_FORM_JSON: JSON, or a Python literal
 * @MER_LABEL_FORM_LIST: a bracketed, plain, numbered or bulleted list, or a line such as
 *   `Emotions: sad, tired`
 * @MER_LABEL_FORM_PROSE: running text that names feelings
 * @MER_LABEL_FORM_SIGNS: running text that names only what somebody does, such as smile
 * @MER_LABEL_FORM_SPEECH: running text that only repeats what somebody said
 * @MER_LABEL_FORM_REFUSAL: the model declines, and names no feeling beside that
 *
 * How labels were read from an answer.
 */
typedef enum
{
  MER_LABEL_FORM_NONE,
  MER_LABEL_FORM_EMPTY,
  MER_LABEL_FORM_JSON,
  MER_LABEL_FORM_LIST,
  MER_LABEL_FORM_PROSE,
  MER_LABEL_FORM_SIGNS,
  MER_LABEL_FORM_SPEECH,
  MER_LABEL_FORM_REFUSAL,
} MerLabelForm;

#define MER_N_LABEL_FORMS 8

/* the longest answer that is read; of a longer one the rest is left */
#define MER_LABEL_TEXT_MAX_BYTES (256u * 1024)

const char *mer_label_form_get_name (MerLabelForm form);

MerLabels *mer_label_finder_read (const char *text, MerLabelForm *form);
gboolean mer_label_finder_declines (const char *text);
MerLabels *mer_label_finder_read_speech (const char *text);

G_END_DECLS
