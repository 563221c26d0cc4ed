/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gemini.h"

#include <string.h>

/* both spellings are taken; the messages have the one of the proto files */
static const char *const root_members[] = { "contents",
                                            "systemInstruction",
                                            "system_instruction",
                                            "generationConfig",
                                            "generation_config",
                                            "safetySettings",
                                            "safety_settings",
                                            "tools",
                                            "toolConfig",
                                            "cachedContent",
                                            "model",
                                            NULL };
static const char *const config_members[] = { "temperature",
                                              "topP",
                                              "topK",
                                              "maxOutputTokens",
                                              "seed",
                                              "candidateCount",
                                              "stopSequences",
                                              "responseMimeType",
                                              "responseSchema",
                                              "responseJsonSchema",
                                              "responseModalities",
                                              "mediaResolution",
                                              "thinkingConfig",
                                              "responseLogprobs",
                                              "logprobs",
                                              "presencePenalty",
                                              "frequencyPenalty",
                                              "max_output_tokens",
                                              "response_mime_type",
                                              "response_schema",
                                              NULL };
static const char *const part_members[]
    = { "text",          "inlineData",     "inline_data", "fileData", "file_data",
        "videoMetadata", "video_metadata", "thought",     NULL };
/* the subset of OpenAPI that a schema may be of */
static const char *const schema_members[] = { "type",
                                              "format",
                                              "title",
                                              "description",
                                              "nullable",
                                              "enum",
                                              "maxItems",
                                              "minItems",
                                              "properties",
                                              "required",
                                              "minProperties",
                                              "anyOf",
                                              "propertyOrdering",
                                              "maxProperties",
                                              "items",
                                              "minimum",
                                              "maximum",
                                              "minLength",
                                              "maxLength",
                                              "pattern",
                                              "example",
                                              "default",
                                              NULL };
static const char *const image_types[]
    = { "image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", NULL };
static const char *const audio_types[]
    = { "audio/wav", "audio/mp3",  "audio/aiff", "audio/aac",
        "audio/ogg", "audio/flac", "audio/mpeg", NULL };
static const char *const video_types[]
    = { "video/mp4", "video/mpeg",  "video/mov", "video/quicktime",
        "video/avi", "video/x-flv", "video/mpg", "video/webm",
        "video/wmv", "video/3gpp",  NULL };

static gboolean
refuse_unknown (Exchange *x, const char *name, const char *place)
{
  if (place == NULL)
    return refuse (
        x, "Invalid JSON payload received. Unknown name \"%s\": Cannot find field.", name);
  return refuse (
      x, "Invalid JSON payload received. Unknown name \"%s\" at '%s': Cannot find field.",
      name, place);
}

gboolean
gemini_take_media (Exchange *x, GByteArray *data, const char *type)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data->data, data->len);

  if (g_strv_contains (image_types, type))
    return take_bytes (x, TAKE_IMAGE, bytes, type)
           || refuse (x, "Provided image is not valid.");
  if (g_strv_contains (audio_types, type))
    return take_bytes (x, TAKE_AUDIO, bytes, type);
  if (g_strv_contains (video_types, type))
    return take_bytes (x, TAKE_VIDEO, bytes, type);
  return refuse (x, "Unsupported MIME type: %s", type);
}

static gboolean
check_inline (Exchange *x, JsonNode *blob, const char *place)
{
  const char *type = text_of (either (blob, "mimeType", "mime_type"));
  const char *data = text_of (member (blob, "data"));
  GBytes *bytes = data != NULL ? media_decode_base64 (data, NULL) : NULL;
  g_autoptr (GByteArray) array = NULL;

  if (type == NULL || data == NULL)
    return refuse (x, "Unable to determine MIME type or data of %s.inline_data", place);
  if (bytes == NULL)
    return refuse (x,
                   "Invalid value at '%s.inline_data.data' (TYPE_BYTES), Base64 decoding "
                   "failed for \"%.20s\"",
                   place, data);
  array = g_bytes_unref_to_array (bytes);
  return gemini_take_media (x, array, type);
}

static gboolean
check_video_metadata (Exchange *x, JsonNode *part, const char *place)
{
  static const char *const known[]
      = { "fps", "startOffset", "endOffset", "start_offset", "end_offset", NULL };
  JsonNode *metadata = either (part, "videoMetadata", "video_metadata");
  JsonNode *blob = either (part, "inlineData", "inline_data");
  const char *type
      = text_of (either (blob != NULL ? blob : either (part, "fileData", "file_data"),
                         "mimeType", "mime_type"));
  JsonNode *fps = member (metadata, "fps");
  const char *unknown = find_unknown (metadata, known);

  if (metadata == NULL)
    return TRUE;
  if (unknown != NULL)
    {
      g_autofree char *where = g_strconcat (place, ".video_metadata", NULL);

      return refuse_unknown (x, unknown, where);
    }
  if (type == NULL || !g_str_has_prefix (type, "video/"))
    return refuse (x, "Video metadata is only supported for video parts.");
  if (fps != NULL && (!is_number (fps) || number_of (fps) <= 0 || number_of (fps) > 24))
    return refuse (x, "Video FPS must be in the range (0.0, 24.0].");
  return TRUE;
}

static gboolean
check_part (Exchange *x, JsonNode *part, const char *place)
{
  const char *unknown = find_unknown (part, part_members);
  JsonNode *blob = either (part, "inlineData", "inline_data");
  JsonNode *file = either (part, "fileData", "file_data");
  const char *text = text_of (member (part, "text"));
  guint n = (blob != NULL) + (file != NULL) + (member (part, "text") != NULL);

  if (unknown != NULL)
    return refuse_unknown (x, unknown, place);
  if (n > 1)
    return refuse (x,
                   "Invalid value at '%s' (oneof), oneof field 'data' is already set. "
                   "Cannot set again",
                   place);
  if (n == 0 || (member (part, "text") != NULL && text == NULL))
    return refuse (x,
                   "* GenerateContentRequest.%s.data: required oneof field 'data' must "
                   "have one initialized field\n",
                   place);
  if (text != NULL)
    {
      g_string_append (x->text, text);
      return TRUE;
    }
  if (!check_video_metadata (x, part, place))
    return FALSE;
  return blob != NULL ? check_inline (x, blob, place) : gemini_check_file (x, file);
}

static gboolean
check_parts (Exchange *x, JsonNode *content, const char *place)
{
  JsonArray *parts = array_of (member (content, "parts"));

  if (parts == NULL || json_array_get_length (parts) == 0)
    return refuse (x,
                   "* GenerateContentRequest.%s.parts: contents.parts must not be "
                   "empty.\n",
                   place);
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      g_autofree char *where = g_strdup_printf ("%s.parts[%u]", place, i);

      if (!check_part (x, json_array_get_element (parts, i), where))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_contents (Exchange *x)
{
  static const char *const known[] = { "role", "parts", NULL };
  JsonArray *contents = array_of (member (x->root, "contents"));
  JsonNode *system = either (x->root, "systemInstruction", "system_instruction");

  if (system != NULL && !check_parts (x, system, "system_instruction"))
    return FALSE;
  if (contents == NULL || json_array_get_length (contents) == 0)
    return refuse (x, "* GenerateContentRequest.contents: contents is not specified\n");
  for (guint i = 0; i < json_array_get_length (contents); i++)
    {
      JsonNode *content = json_array_get_element (contents, i);
      const char *role = text_of (member (content, "role"));
      g_autofree char *place = g_strdup_printf ("contents[%u]", i);

      if (find_unknown (content, known) != NULL)
        return refuse_unknown (x, find_unknown (content, known), place);
      if (role != NULL && !g_str_equal (role, "user") && !g_str_equal (role, "model"))
        return refuse (x, "Please use a valid role: user, model.");
      if (!check_parts (x, content, place))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_schema (Exchange *x, JsonNode *schema, const char *place)
{
  static const char *const types[]
      = { "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL", NULL };
  const char *type = text_of (member (schema, "type"));
  const char *unknown = find_unknown (schema, schema_members);
  JsonNode *properties = member (schema, "properties"), *items = member (schema, "items");
  g_autofree char *upper = type != NULL ? g_ascii_strup (type, -1) : NULL;

  if (unknown != NULL)
    return refuse_unknown (x, unknown, place);
  if (upper != NULL && !g_strv_contains (types, upper))
    return refuse (
        x,
        "Invalid value at '%s.type' (type.googleapis.com/google.ai.generativelanguage."
        "v1beta.Type), \"%s\"",
        place, type);
  if (g_strcmp0 (upper, "OBJECT") == 0
      && (!is_object (properties)
          || json_object_get_size (json_node_get_object (properties)) == 0))
    return refuse (x,
                   "* GenerateContentRequest.%s.properties: should be non-empty for "
                   "OBJECT type\n",
                   place);
  if (g_strcmp0 (upper, "ARRAY") == 0 && items == NULL)
    return refuse (x, "* GenerateContentRequest.%s.items: missing field.\n", place);
  if (items != NULL && !check_schema (x, items, place))
    return FALSE;
  if (!is_object (properties))
    return TRUE;
  g_autoptr (GList) names = json_object_get_members (json_node_get_object (properties));
  for (GList *at = names; at != NULL; at = at->next)
    if (!check_schema (x, member (properties, at->data), place))
      return FALSE;
  return TRUE;
}

static gboolean
check_range (Exchange *x, JsonNode *config, const char *name, double low, double high)
{
  JsonNode *node = member (config, name);

  if (node == NULL)
    return TRUE;
  if (!is_number (node))
    {
      g_autofree char *value = to_text (node);

      return refuse (x, "Invalid value at 'generation_config.%s' (TYPE_FLOAT), %s", name,
                     value);
    }
  if (number_of (node) < low || number_of (node) > high)
    return refuse (x,
                   "* GenerateContentRequest.generation_config.%s: must be in the range "
                   "[%g, %g].\n",
                   name, low, high);
  return TRUE;
}

static gboolean
check_thinking (Exchange *x, JsonNode *thinking)
{
  static const char *const known[]
      = { "thinkingBudget", "thinkingLevel", "includeThoughts", NULL };
  static const char *const levels[] = { "MINIMAL", "LOW", "MEDIUM", "HIGH", NULL };
  const char *level = text_of (member (thinking, "thinkingLevel"));
  g_autofree char *upper = level != NULL ? g_ascii_strup (level, -1) : NULL;

  if (thinking == NULL)
    return TRUE;
  if (find_unknown (thinking, known) != NULL)
    return refuse_unknown (x, find_unknown (thinking, known),
                           "generation_config.thinking_config");
  if (settings.lacks_thinking)
    return refuse (x, "Unable to submit request because thinking is not supported by this "
                      "model.");
  if (level != NULL && member (thinking, "thinkingBudget") != NULL)
    return refuse (x, "You can only set one of thinking budget and thinking level.");
  if (upper != NULL && !g_strv_contains (levels, upper))
    return refuse (x,
                   "Invalid value at 'generation_config.thinking_config.thinking_level' "
                   "(type.googleapis.com/google.ai.generativelanguage.v1beta."
                   "ThinkingConfig.ThinkingLevel), \"%s\"",
                   level);
  return TRUE;
}

static gboolean
check_format (Exchange *x, JsonNode *config)
{
  JsonNode *schema = either (config, "responseSchema", "response_schema");
  JsonNode *json_schema = member (config, "responseJsonSchema");
  const char *type = text_of (either (config, "responseMimeType", "response_mime_type"));

  if (type != NULL && !g_str_equal (type, "text/plain")
      && !g_str_equal (type, "application/json") && !g_str_equal (type, "text/x.enum"))
    return refuse (x, "* GenerateContentRequest.generation_config.response_mime_type: "
                      "allowed mimetypes are `text/plain`, `application/json`, "
                      "`application/xml`, `application/yaml` and `text/x.enum`.\n");
  if (schema != NULL && json_schema != NULL)
    return refuse (x, "responseSchema and responseJsonSchema cannot both be set.");
  if ((schema != NULL || json_schema != NULL)
      && (type == NULL || g_str_equal (type, "text/plain")))
    return refuse (x, "* GenerateContentRequest.generation_config.response_schema: only "
                      "allowed when response_mime_type is `application/json` or "
                      "`text/x.enum`.\n");
  return schema == NULL || check_schema (x, schema, "generation_config.response_schema");
}

static gboolean
check_config (Exchange *x)
{
  static const char *const resolutions[]
      = { "MEDIA_RESOLUTION_UNSPECIFIED", "MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM",
          "MEDIA_RESOLUTION_HIGH", NULL };
  JsonNode *config = either (x->root, "generationConfig", "generation_config");
  const char *unknown = find_unknown (config, config_members);
  const char *resolution = text_of (member (config, "mediaResolution"));

  if (unknown != NULL)
    return refuse_unknown (x, unknown, "generation_config");
  if (resolution != NULL && !g_strv_contains (resolutions, resolution))
    return refuse (x, "Invalid value at 'generation_config.media_resolution', \"%s\"",
                   resolution);
  if (member (config, "logprobs") != NULL && !is_true (member (config, "responseLogprobs")))
    return refuse (x, "Logprobs may only be set when response_logprobs is true.");
  return check_range (x, config, "temperature", 0, 2)
         && check_range (x, config, "topP", 0, 1)
         && check_range (x, config, "maxOutputTokens", 1, 65536)
         && check_range (x, config, "seed", -2147483648.0, 2147483647)
         && check_range (x, config, "candidateCount", 1, 8)
         && check_range (x, config, "logprobs", 0, 20)
         && check_thinking (x, member (config, "thinkingConfig"))
         && check_format (x, config);
}

static gboolean
check_safety (Exchange *x)
{
  static const char *const categories[]
      = { "HARM_CATEGORY_HARASSMENT",        "HARM_CATEGORY_HATE_SPEECH",
          "HARM_CATEGORY_SEXUALLY_EXPLICIT", "HARM_CATEGORY_DANGEROUS_CONTENT",
          "HARM_CATEGORY_CIVIC_INTEGRITY",   NULL };
  static const char *const thresholds[]
      = { "BLOCK_NONE",          "OFF", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE",
          "BLOCK_LOW_AND_ABOVE", NULL };
  JsonArray *list = array_of (either (x->root, "safetySettings", "safety_settings"));

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *one = json_array_get_element (list, i);
      const char *category = text_of (member (one, "category"));
      const char *threshold = text_of (member (one, "threshold"));

      if (category == NULL || !g_strv_contains (categories, category))
        return refuse (x,
                       "Invalid value at 'safety_settings[%u].category' (type.googleapis."
                       "com/google.ai.generativelanguage.v1beta.HarmCategory), \"%s\"",
                       i, category != NULL ? category : "");
      if (threshold == NULL || !g_strv_contains (thresholds, threshold))
        return refuse (x, "Invalid value at 'safety_settings[%u].threshold', \"%s\"", i,
                       threshold != NULL ? threshold : "");
    }
  return TRUE;
}

static gboolean
check_modalities (Exchange *x)
{
  const char *lacking = find_lacking (x);

  return lacking == NULL
         || refuse (x, "%s input modality is not enabled for models/%s", lacking,
                    settings.model);
}

/* models/NAME:METHOD */
static gboolean
check_path (Exchange *x)
{
  const char *name = strstr (x->request->path, "/models/");
  const char *colon = name != NULL ? strrchr (name, ':') : NULL;
  g_autofree char *model = colon != NULL
                               ? g_strndup (name + strlen ("/models/"),
                                            (gsize) (colon - name) - strlen ("/models/"))
                               : NULL;
  g_autofree char *alt = http_dup_query (x->request, "alt");

  if (colon == NULL)
    return TRUE;
  x->answer.stream = g_str_has_prefix (colon, ":stream");
  if (x->answer.stream && g_strcmp0 (alt, "sse") != 0)
    return refuse (x, "this server streams with alt=sse only");
  return check_model (x, model);
}

gboolean
gemini_check (Exchange *x)
{
  g_autoptr (GError) error = NULL;
  const char *unknown = NULL;
  JsonNode *config = NULL;
  const char *type = NULL;

  log_media (x);
  if (!check_path (x))
    return FALSE;
  if (!exchange_parse (x, &error) || !is_object (x->root))
    return refuse (x, "Invalid JSON payload received. %s",
                   error != NULL ? error->message : "Root element must be a message.");
  unknown = find_unknown (x->root, root_members);
  if (unknown != NULL)
    return refuse_unknown (x, unknown, NULL);
  if (!check_contents (x) || !check_config (x) || !check_safety (x)
      || !check_modalities (x))
    return FALSE;
  config = either (x->root, "generationConfig", "generation_config");
  type = text_of (either (config, "responseMimeType", "response_mime_type"));
  exchange_finish (x, g_strcmp0 (type, "application/json") == 0
                          || strstr (x->text->str, "JSON") != NULL);
  return TRUE;
}
