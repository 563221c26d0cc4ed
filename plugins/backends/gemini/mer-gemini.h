/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

G_BEGIN_DECLS

#define MER_TYPE_GEMINI (mer_gemini_get_type ())
G_DECLARE_FINAL_TYPE (MerGemini, mer_gemini, MER, GEMINI, MerBackend)

GST_ELEMENT_REGISTER_DECLARE (mergemini)

/**
 * MerGeminiVideoAs:
 * @MER_GEMINI_VIDEO_AS_FRAMES: the frames that every model is shown
 * @MER_GEMINI_VIDEO_AS_WHOLE: the clip's own file, whose sound the model hears too
 *
 * What a model is shown of a video.
 */
typedef enum
{
  MER_GEMINI_VIDEO_AS_FRAMES,
  MER_GEMINI_VIDEO_AS_WHOLE,
} MerGeminiVideoAs;

/**
 * MerGeminiResolution:
 * @MER_GEMINI_RESOLUTION_UNSET: nothing is sent: as the model does by itself
 * @MER_GEMINI_RESOLUTION_LOW: about 64 tokens a picture
 * @MER_GEMINI_RESOLUTION_MEDIUM: about 256 tokens a picture
 * @MER_GEMINI_RESOLUTION_HIGH: as many as the model takes
 *
 * How closely pictures are looked at.
 */
typedef enum
{
  MER_GEMINI_RESOLUTION_UNSET,
  MER_GEMINI_RESOLUTION_LOW,
  MER_GEMINI_RESOLUTION_MEDIUM,
  MER_GEMINI_RESOLUTION_HIGH,
} MerGeminiResolution;

/**
 * MerGeminiSchemaAs:
 * @MER_GEMINI_SCHEMA_AS_OPENAPI: `responseSchema`, in OpenAPI's subset
 * @MER_GEMINI_SCHEMA_AS_JSON_SCHEMA: `responseJsonSchema`, as it is
 *
 * How the schema of the answer is sent.
 */
typedef enum
{
  MER_GEMINI_SCHEMA_AS_OPENAPI,
  MER_GEMINI_SCHEMA_AS_JSON_SCHEMA,
} MerGeminiSchemaAs;

/**
 * MerGeminiAuth:
 * @MER_GEMINI_AUTH_AUTO: a bearer token for Vertex AI, a key for all others
 * @MER_GEMINI_AUTH_KEY: `x-goog-api-key`
 * @MER_GEMINI_AUTH_BEARER: `Authorization: Bearer`
 *
 * How the server wants the key.
 */
typedef enum
{
  MER_GEMINI_AUTH_AUTO,
  MER_GEMINI_AUTH_KEY,
  MER_GEMINI_AUTH_BEARER,
} MerGeminiAuth;

GType mer_gemini_video_as_get_type (void);
GType mer_gemini_resolution_get_type (void);
GType mer_gemini_schema_as_get_type (void);
GType mer_gemini_auth_get_type (void);

/* no thinking budget is sent */
#define MER_GEMINI_NO_BUDGET G_MININT

/**
 * MerGeminiStyle:
 * @timed_frames: whether each frame's instant is told before it
 * @video_as: what is shown of a video
 * @video_rate: pictures a second that the server takes of a whole video; -1 leaves it to it
 * @video_start: where in a whole video the server begins, seconds; -1 for its beginning
 * @video_end: where in a whole video the server stops, seconds; -1 for its end
 * @resolution: how closely pictures are looked at
 * @include_thoughts: whether the server is to tell the thinking
 * @budget: longest thinking, tokens, -1 for what the model finds right;
 *   %MER_GEMINI_NO_BUDGET
 * @level: (nullable): how hard newer models think
 * @schema: (nullable): what the answer is held to, in the spelling of @schema_member
 * @schema_member: where @schema goes
 * @answer_type: (nullable): the media type of the answer
 * @safety: (nullable): the list of thresholds
 * @extra: (nullable): what is patched into every request
 *
 * How requests are written; settled when the element opens.
 */
typedef struct
{
  gboolean timed_frames;
  MerGeminiVideoAs video_as;
  double video_rate;
  double video_start;
  double video_end;
  MerGeminiResolution resolution;
  gboolean include_thoughts;
  int budget;
  const char *level;
  JsonNode *schema;
  const char *schema_member;
  const char *answer_type;
  JsonNode *safety;
  JsonNode *extra;
} MerGeminiStyle;

/* mer-gemini-settings.c */
gboolean mer_gemini_read_thinking (MerGeminiStyle *style, const char *text,
                                   const char *model, GError **error);
gboolean mer_gemini_read_safety (MerGeminiStyle *style, const char *text, GError **error);
gboolean mer_gemini_read_schema (MerGeminiStyle *style, MerBackend *backend,
                                 MerGeminiSchemaAs as, GError **error);

JsonNode *mer_gemini_build_request (MerBackend *backend, const MerGeminiStyle *style,
                                    MerRequest *request, GError **error);
gboolean mer_gemini_parse_reply (JsonNode *reply, MerResult *result, GError **error);
JsonNode *mer_gemini_decode (MerReply *reply, GError **error);

G_END_DECLS
