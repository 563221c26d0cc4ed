/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-result.h"

G_BEGIN_DECLS

/**
 * MerProbeQuestion:
 * @models: (nullable): a models file
 * @model: an entry
 * @shown: what the model is shown, whether or not the entry says that it takes it
 * @n_frames: pictures, where video is shown
 * @answer_format: (nullable): `json-object` or `json-schema`
 * @seed: -2 leaves it to the entry
 * @temperature: below -1 leaves it to the entry
 * @max_tokens: 0 leaves it to the entry
 * @options: (nullable): what only this element has, `options,stream=true`
 * @timeout: seconds
 *
 * One call that a probe makes.
 */
typedef struct
{
  const char *models;
  const char *model;
  MerModality shown;
  guint n_frames;
  const char *answer_format;
  gint64 seed;
  double temperature;
  guint max_tokens;
  const char *options;
  double timeout;
} MerProbeQuestion;

/**
 * MerProbeAnswer:
 * @result: (nullable): what the stage said; %NULL where it could not begin, or stopped
 * @problem: (nullable): why there is no answer
 * @unfit: whether the element would not even begin: what it is told does not go together
 * @status: the HTTP status that @problem tells of; 0 without
 * @listed: (nullable): the models that the server listed, where it was asked
 */
typedef struct
{
  MerResult *result;
  char *problem;
  gboolean unfit;
  guint status;
  char **listed;
} MerProbeAnswer;

MerProbeAnswer *mer_probe_ask (const MerProbeQuestion *question);
gboolean mer_probe_answered (const MerProbeAnswer *self);
void mer_probe_answer_free (MerProbeAnswer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerProbeAnswer, mer_probe_answer_free)

G_END_DECLS
