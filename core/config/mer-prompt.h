/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-sample.h"

G_BEGIN_DECLS

/**
 * MerPrompt:
 *
 * What a model is told, a text file with tags:
 *
 * | tag | becomes |
 * |---|---|
 * | `{{subtitle}}` | the sample's subtitle where the stage is shown text, else nothing |
 * | `{{text:STAGE}}` | what that stage answered |
 * | `{{labels:STAGE}}` | its labels, with `, ` between them |
 * | `{{#text:STAGE}}…{{/text:STAGE}}` | what stands inside, where there is such a text |
 * | `{{^text:STAGE}}…{{/text:STAGE}}` | what stands inside, where there is none |
 * | `{{{{` | two literal braces |
 *
 * Sections work for all three. A section's tag that has a line for itself takes the line
 * with it. Expansion is a single pass: what comes from a sample is never read as a tag.
 * There is no tag for the truth.
 *
 * Immutable; may be read from any thread.
 */
typedef struct _MerPrompt MerPrompt;

#define MER_TYPE_PROMPT (mer_prompt_get_type ())
GType mer_prompt_get_type (void);

/* the largest prompt file that is read */
#define MER_PROMPT_MAX_BYTES (1024u * 1024)

MerPrompt *mer_prompt_open (const char *name, const char *relative_to, GError **error);
MerPrompt *mer_prompt_parse (const char *name, const char *text, gssize length,
                             GError **error);
MerPrompt *mer_prompt_ref (MerPrompt *self);
void mer_prompt_unref (MerPrompt *self);

const char *mer_prompt_get_name (MerPrompt *self);
const char *mer_prompt_get_text (MerPrompt *self);
const char *const *mer_prompt_get_references (MerPrompt *self);
gboolean mer_prompt_uses_subtitle (MerPrompt *self);
char *mer_prompt_expand (MerPrompt *self, MerSample *sample, gboolean show_subtitle,
                         char **missing_stage, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerPrompt, mer_prompt_unref)

G_END_DECLS
