/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

G_BEGIN_DECLS

#define MER_TYPE_EXEC (mer_exec_get_type ())
G_DECLARE_FINAL_TYPE (MerExec, mer_exec, MER, EXEC, MerBackend)

GST_ELEMENT_REGISTER_DECLARE (merexec)

/**
 * MerExecVideoAs:
 * @MER_EXEC_VIDEO_AS_FRAMES: the frames that every model is shown
 * @MER_EXEC_VIDEO_AS_CLIP: the clip's own file
 * @MER_EXEC_VIDEO_AS_BOTH: both, for programs that read what they like
 *
 * How the program is shown the picture.
 */
typedef enum
{
  MER_EXEC_VIDEO_AS_FRAMES,
  MER_EXEC_VIDEO_AS_CLIP,
  MER_EXEC_VIDEO_AS_BOTH,
} MerExecVideoAs;

/* mer-exec-wire.c */
JsonNode *mer_exec_build_request (MerBackend *backend, MerExecVideoAs video_as,
                                  JsonNode *extra, MerRequest *request, GError **error);
JsonNode *mer_exec_decode_reply (MerBackend *backend, MerReply *reply, GError **error);
gboolean mer_exec_parse_reply (JsonNode *reply, JsonNode *hello, MerResult *result,
                               GError **error);
MerModality mer_exec_get_modalities (JsonNode *hello);

G_END_DECLS
