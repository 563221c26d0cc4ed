/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* how a request and an answer of mer-exec/1 look; README.md has them with all members */
#include "mer-exec.h"

#include <math.h>

static void
add_frames (JsonObject *root, MerRequest *request)
{
  JsonArray *frames = json_array_new ();

  for (guint i = 0; i < mer_request_get_n_frames (request); i++)
    {
      g_autofree char *content = mer_request_place_frame (request, i, "");
      JsonObject *frame = json_object_new ();

      json_object_set_double_member (frame, "seconds",
                                     mer_request_get_frame_seconds (request, i));
      json_object_set_string_member (frame, "type", "image/jpeg");
      json_object_set_string_member (frame, "content", content);
      json_array_add_object_element (frames, frame);
    }
  json_object_set_array_member (root, "frames", frames);
}

static void
add_audio (JsonObject *root, MerRequest *request)
{
  MerMedia *media = mer_sample_get_media (mer_request_get_sample (request));
  g_autofree char *content = mer_request_place_audio (request, "");
  JsonObject *audio = json_object_new ();

  json_object_set_double_member (audio, "seconds", mer_media_get_audio_seconds (media));
  json_object_set_string_member (audio, "type", "audio/wav");
  json_object_set_string_member (audio, "content", content);
  json_object_set_object_member (root, "audio", audio);
}

static gboolean
add_clip (JsonObject *root, MerRequest *request, GError **error)
{
  g_autofree char *content = NULL;
  JsonObject *video = NULL;

  if (!mer_request_may_show_clip (request, error))
    return FALSE;
  content = mer_request_place_clip (request, "");
  video = json_object_new ();
  json_object_set_string_member (video, "type", mer_request_get_clip_type (request));
  json_object_set_string_member (video, "content", content);
  json_object_set_object_member (root, "video", video);
  return TRUE;
}

static gboolean
add_media (JsonObject *root, MerRequest *request, MerExecVideoAs video_as, GError **error)
{
  gboolean shows_video = (mer_request_get_shown (request) & MER_MODALITY_VIDEO) != 0;

  if (mer_request_has_audio (request))
    add_audio (root, request);
  if (!shows_video)
    return TRUE;
  if (video_as != MER_EXEC_VIDEO_AS_CLIP)
    add_frames (root, request);
  return video_as == MER_EXEC_VIDEO_AS_FRAMES || add_clip (root, request, error);
}

static void
add_sampling (JsonObject *root, MerBackend *backend)
{
  double temperature = mer_backend_get_temperature (backend);
  guint max_tokens = mer_backend_get_max_tokens (backend);
  JsonNode *schema = mer_backend_get_schema (backend);
  gint64 seed = 0;

  if (!isnan (temperature))
    json_object_set_double_member (root, "temperature", temperature);
  if (max_tokens > 0)
    json_object_set_int_member (root, "max_tokens", max_tokens);
  if (mer_backend_get_seed (backend, &seed))
    json_object_set_int_member (root, "seed", seed);
  if (mer_backend_get_answer_format (backend) != MER_ANSWER_FORMAT_TEXT)
    json_object_set_boolean_member (root, "json", TRUE);
  if (schema != NULL)
    json_object_set_member (root, "schema", json_node_copy (schema));
}

JsonNode *
mer_exec_build_request (MerBackend *backend, MerExecVideoAs video_as, JsonNode *extra,
                        MerRequest *request, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  const char *system = mer_request_get_system (request);
  g_autofree char *subtitle = mer_request_get_shown (request) & MER_MODALITY_TEXT
                                  ? mer_sample_dup_text (mer_request_get_sample (request))
                                  : NULL;

  json_node_take_object (node, root);
  json_object_set_string_member (root, "prompt", mer_request_get_prompt (request));
  if (system != NULL)
    json_object_set_string_member (root, "system", system);
  if (subtitle != NULL)
    {
      g_autofree char *clean = mer_payload_clean_text (subtitle);

      json_object_set_string_member (root, "subtitle", clean);
    }
  if (mer_backend_get_model (backend) != NULL)
    json_object_set_string_member (root, "model", mer_backend_get_model (backend));
  if (extra != NULL)
    json_object_set_member (root, "options", json_node_copy (extra));
  add_sampling (root, backend);
  return add_media (root, request, video_as, error) ? g_steal_pointer (&node) : NULL;
}

static gboolean
get_flag (JsonNode *node, const char *name)
{
  JsonNode *member = mer_json_node_member (node, name);

  return member != NULL && JSON_NODE_HOLDS_VALUE (member)
         && json_node_get_value_type (member) == G_TYPE_BOOLEAN
         && json_node_get_boolean (member);
}

/* an error is what the program says it is: an accident, or what will never work */
static void
set_error (JsonNode *root, GError **error)
{
  JsonNode *node = mer_json_node_member (root, "error");
  const char *message = mer_json_node_string (root, "error");
  g_autofree char *start = NULL;
  g_autofree char *clean = NULL;

  if (message == NULL)
    message = mer_json_node_string (node, "message");
  start = g_strndup (message != NULL ? message : "it does not say why", 1000);
  clean = mer_payload_clean_text (start);
  g_strdelimit (clean, "\n\t", ' ');
  g_set_error (error, G_SPAWN_ERROR,
               get_flag (node, "retry") ? G_SPAWN_ERROR_FAILED : G_SPAWN_ERROR_INVAL, "%s",
               clean);
}

/* the answer comes back as a member, so that none of its own members is taken for the
 * error of a server */
JsonNode *
mer_exec_decode_reply (G_GNUC_UNUSED MerBackend *backend, MerReply *reply, GError **error)
{
  g_autoptr (JsonNode) root = mer_reply_parse_json (reply, error);
  JsonNode *node = NULL;
  JsonObject *object = NULL;

  if (root == NULL)
    return NULL;
  if (mer_json_node_member (root, "error") != NULL)
    {
      set_error (root, error);
      return NULL;
    }
  node = json_node_new (JSON_NODE_OBJECT);
  object = json_object_new ();
  json_object_set_member (object, "answer", g_steal_pointer (&root));
  json_node_take_object (node, object);
  return node;
}

static gint64
count (JsonNode *node, const char *member)
{
  double number = mer_json_node_number (node, member, -1);

  return number >= 0 && number < 1e12 ? (gint64) number : -1;
}

static void
read_usage (JsonNode *answer, MerResult *result)
{
  JsonNode *node = mer_json_node_member (answer, "usage");
  MerUsage usage = MER_USAGE_UNKNOWN;

  usage.input = count (node, "input");
  usage.input_cached = count (node, "input_cached");
  usage.input_audio = count (node, "input_audio");
  usage.input_image = count (node, "input_image");
  usage.output = count (node, "output");
  usage.reasoning = count (node, "reasoning");
  mer_result_set_usage (result, &usage);
}

static gboolean
read_outcome (JsonNode *answer, MerResult *result, GError **error)
{
  const char *name = mer_json_node_string (answer, "outcome");
  const char *detail = mer_json_node_string (answer, "detail");
  MerOutcome outcome = MER_OUTCOME_ANSWERED;

  if (name != NULL
      && (!mer_outcome_from_string (name, &outcome) || !mer_outcome_is_final (outcome)))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "outcome “%.40s”: there are answered, refused, filtered, truncated",
                   name);
      return FALSE;
    }
  mer_result_set_outcome (result, outcome);
  if (detail != NULL)
    {
      g_autofree char *start = g_strndup (detail, 1000);
      g_autofree char *clean = mer_payload_clean_text (start);

      mer_result_set_detail (result, clean);
    }
  else if (outcome == MER_OUTCOME_TRUNCATED)
    mer_answer_set_truncated (result, MER_REASON_TOKEN_LIMIT);
  return TRUE;
}

/* words without text: the text that merlabels reads them from */
static char *
dup_labels_text (JsonNode *answer)
{
  JsonNode *labels = mer_json_node_member (answer, "labels");
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  if (labels == NULL || !JSON_NODE_HOLDS_ARRAY (labels))
    return NULL;
  json_object_set_member (object, "labels", json_node_copy (labels));
  return mer_json_canonical (node);
}

static void
read_data (JsonNode *hello, MerResult *result)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *data = json_object_new ();

  mer_answer_add_data (data, "program", hello, "name");
  mer_answer_add_data (data, "version", hello, "version");
  mer_answer_add_data (data, "served_model", hello, "model");
  mer_answer_add_data (data, "fingerprint", hello, "fingerprint");
  json_node_take_object (node, data);
  mer_result_take_data (result, node);
}

gboolean
mer_exec_parse_reply (JsonNode *reply, JsonNode *hello, MerResult *result, GError **error)
{
  JsonNode *answer = mer_json_node_member (reply, "answer");
  const char *text = mer_json_node_string (answer, "text");
  const char *reasoning = mer_json_node_string (answer, "reasoning");
  g_autofree char *words = text == NULL ? dup_labels_text (answer) : NULL;

  if (text == NULL && words == NULL && reasoning == NULL
      && mer_json_node_string (answer, "outcome") == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "the answer has neither “text” nor a list “labels”");
      return FALSE;
    }
  mer_answer_set_text (result, text != NULL ? text : words, reasoning);
  read_usage (answer, result);
  read_data (hello, result);
  return read_outcome (answer, result, error);
}

/* a program that does not say takes text alone */
MerModality
mer_exec_get_modalities (JsonNode *hello)
{
  static const struct
  {
    const char *name;
    MerModality modality;
  } names[] = { { "audio", MER_MODALITY_AUDIO },
                { "video", MER_MODALITY_VIDEO },
                { "text", MER_MODALITY_TEXT } };
  JsonNode *node = mer_json_node_member (hello, "modalities");
  JsonArray *array
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  MerModality modalities = array == NULL ? MER_MODALITY_TEXT : MER_MODALITY_NONE;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      const char *name = JSON_NODE_HOLDS_VALUE (element)
                                 && json_node_get_value_type (element) == G_TYPE_STRING
                             ? json_node_get_string (element)
                             : "";

      for (gsize k = 0; k < G_N_ELEMENTS (names); k++)
        if (g_str_equal (name, names[k].name))
          modalities |= names[k].modality;
    }
  return modalities;
}
