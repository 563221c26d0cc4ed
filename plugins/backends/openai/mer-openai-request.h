/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-openai-dialect.h"

G_BEGIN_DECLS

/**
 * MerOpenaiShow:
 * @frames: the frames
 * @audio: the sound, as a part of its own
 * @whole: the clip's own file
 * @listens: the server is to listen to the file's sound
 *
 * What goes into one request.
 */
typedef struct
{
  gboolean frames;
  gboolean audio;
  gboolean whole;
  gboolean listens;
} MerOpenaiShow;

gboolean mer_openai_show_choose (MerOpenaiShow *show, const MerOpenaiStyle *style,
                                 MerRequest *request, GError **error);
JsonNode *mer_openai_build_content (const MerOpenaiStyle *style, const MerOpenaiShow *show,
                                    MerRequest *request);
void mer_openai_add_video_members (JsonObject *root, const MerOpenaiStyle *style,
                                   const MerOpenaiShow *show, MerRequest *request);
char *mer_openai_dup_prompt (const MerOpenaiStyle *style, MerRequest *request);

void mer_openai_add_thinking (JsonObject *root, const MerOpenaiStyle *style);
void mer_openai_add_answer_format (JsonObject *root, MerBackend *backend,
                                   const MerOpenaiStyle *style);
gboolean mer_openai_add_sampling (JsonObject *root, MerBackend *backend,
                                  const MerOpenaiStyle *style, GError **error);

void mer_openai_responses_fill (JsonObject *root, const MerOpenaiStyle *style,
                                const MerOpenaiShow *show, MerRequest *request);
JsonNode *mer_openai_build_request (MerBackend *backend, const MerOpenaiStyle *style,
                                    MerRequest *request, GError **error);

G_END_DECLS
