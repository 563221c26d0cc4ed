/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-gemini.h"

#define DEFINE_ENUM(TypeName, type_name, ...)                                              \
  GType type_name##_get_type (void)                                                        \
  {                                                                                        \
    static gsize type = 0;                                                                 \
    static const GEnumValue values[] = { __VA_ARGS__, { 0, NULL, NULL } };                 \
                                                                                           \
    if (g_once_init_enter (&type))                                                         \
      g_once_init_leave (&type, g_enum_register_static (TypeName, values));                \
    return type;                                                                           \
  }

DEFINE_ENUM ("MerGeminiVideoAs", mer_gemini_video_as,
             { MER_GEMINI_VIDEO_AS_FRAMES, "The frames that every model is shown",
               "frames" },
             { MER_GEMINI_VIDEO_AS_WHOLE, "The clip's own file", "whole" })

DEFINE_ENUM ("MerGeminiResolution", mer_gemini_resolution,
             { MER_GEMINI_RESOLUTION_UNSET, "As the model does by itself", "unset" },
             { MER_GEMINI_RESOLUTION_LOW, "About 64 tokens a picture", "low" },
             { MER_GEMINI_RESOLUTION_MEDIUM, "About 256 tokens a picture", "medium" },
             { MER_GEMINI_RESOLUTION_HIGH, "As many as the model takes", "high" })

DEFINE_ENUM ("MerGeminiSchemaAs", mer_gemini_schema_as,
             { MER_GEMINI_SCHEMA_AS_OPENAPI, "responseSchema, in OpenAPI's subset",
               "openapi" },
             { MER_GEMINI_SCHEMA_AS_JSON_SCHEMA, "responseJsonSchema, as it is",
               "json-schema" })

DEFINE_ENUM ("MerGeminiAuth", mer_gemini_auth,
             { MER_GEMINI_AUTH_AUTO, "A token for Vertex AI, a key for all others",
               "auto" },
             { MER_GEMINI_AUTH_KEY, "x-goog-api-key", "key" },
             { MER_GEMINI_AUTH_BEARER, "Authorization: Bearer", "bearer" })
