/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* the parts of the user's message in chat completions */
#include "mer-openai-request.h"

#include <math.h>

#define JPEG_URL "data:image/jpeg;base64,"
#define WAV_URL "data:audio/wav;base64,"
#define UNTYPED_URL "data:;base64,"

static JsonObject *
new_part (const char *type)
{
  JsonObject *part = json_object_new ();

  json_object_set_string_member (part, "type", type);
  return part;
}

static void
add_text (JsonArray *content, const char *text)
{
  JsonObject *part = new_part ("text");

  json_object_set_string_member (part, "text", text);
  json_array_add_object_element (content, part);
}

/* returns the part, for members beside */
static JsonObject *
add_url (JsonArray *content, const char *type, const char *url, const char *detail)
{
  JsonObject *part = new_part (type);
  JsonObject *inner = json_object_new ();

  json_object_set_string_member (inner, "url", url);
  if (detail != NULL)
    json_object_set_string_member (inner, "detail", detail);
  json_object_set_object_member (part, type, inner);
  json_array_add_object_element (content, part);
  return part;
}

static void
add_images (JsonArray *content, const MerOpenaiStyle *style, MerRequest *request)
{
  gboolean timed = mer_openai_style_get (style, MER_OPENAI_FRAMES_AS)
                   == MER_OPENAI_FRAMES_AS_TIMED_IMAGES;

  for (guint i = 0; i < mer_request_get_n_frames (request); i++)
    {
      g_autofree char *url = mer_request_place_frame (request, i, JPEG_URL);
      g_autofree char *time = mer_request_dup_frame_label (request, i);

      if (timed)
        add_text (content, time);
      add_url (content, "image_url", url, style->image_detail);
    }
}

/* frames a second, from the distance of the first two */
static double
get_frame_rate (MerRequest *request)
{
  double gap = mer_request_get_n_frames (request) > 1
                   ? mer_request_get_frame_seconds (request, 1)
                         - mer_request_get_frame_seconds (request, 0)
                   : 1;

  return gap > 0 ? round (1000 / gap) / 1000 : 1;
}

/* pictures that were taken out already, in the one form that vLLM and LMDeploy read */
static void
add_joined_frames (JsonArray *content, MerRequest *request)
{
  g_autoptr (GString) url = g_string_new (NULL);

  for (guint i = 0; i < mer_request_get_n_frames (request); i++)
    {
      g_autofree char *frame
          = mer_request_place_frame (request, i, i == 0 ? "data:video/jpeg;base64," : ",");

      g_string_append (url, frame);
    }
  add_url (content, "video_url", url->str, NULL);
}

static void
add_listed_frames (JsonArray *content, MerRequest *request)
{
  JsonObject *part = new_part ("video");
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < mer_request_get_n_frames (request); i++)
    {
      g_autofree char *url = mer_request_place_frame (request, i, JPEG_URL);

      json_array_add_string_element (list, url);
    }
  json_object_set_array_member (part, "video", list);
  json_object_set_double_member (part, "fps", get_frame_rate (request));
  json_array_add_object_element (content, part);
}

static void
add_frames (JsonArray *content, const MerOpenaiStyle *style, MerRequest *request)
{
  int as = mer_openai_style_get (style, MER_OPENAI_FRAMES_AS);

  if (as == MER_OPENAI_FRAMES_AS_VIDEO)
    add_joined_frames (content, request);
  /* one picture is no video: DashScope wants two at least */
  else if (as == MER_OPENAI_FRAMES_AS_VIDEO_LIST && mer_request_get_n_frames (request) > 1)
    add_listed_frames (content, request);
  else
    add_images (content, style, request);
}

static void
add_whole (JsonArray *content, const MerOpenaiStyle *style, MerRequest *request)
{
  int as = mer_openai_style_get (style, MER_OPENAI_WHOLE_AS);
  int rate_as = mer_openai_style_get (style, MER_OPENAI_RATE_AS);
  g_autofree char *typed
      = g_strdup_printf ("data:%s;base64,", mer_request_get_clip_type (request));
  g_autofree char *data = mer_request_place_clip (
      request, as == MER_OPENAI_WHOLE_AS_INPUT_VIDEO         ? ""
               : as == MER_OPENAI_WHOLE_AS_VIDEO_URL_UNTYPED ? UNTYPED_URL
                                                             : typed);

  if (as == MER_OPENAI_WHOLE_AS_INPUT_VIDEO)
    {
      JsonObject *part = new_part ("input_video");
      JsonObject *inner = json_object_new ();

      json_object_set_string_member (inner, "data", data);
      json_object_set_object_member (part, "input_video", inner);
      json_array_add_object_element (content, part);
      return;
    }

  JsonObject *part = add_url (content, "video_url", data, NULL);
  if (style->video_rate > 0 && rate_as == MER_OPENAI_RATE_AS_BESIDE)
    json_object_set_double_member (part, "fps", style->video_rate);
  if (style->video_rate > 0 && rate_as == MER_OPENAI_RATE_AS_WITHIN)
    json_object_set_double_member (json_object_get_object_member (part, "video_url"), "fps",
                                   style->video_rate);
}

static void
add_audio (JsonArray *content, const MerOpenaiStyle *style, MerRequest *request)
{
  int as = mer_openai_style_get (style, MER_OPENAI_AUDIO_AS);
  const char *prefix = as == MER_OPENAI_AUDIO_AS_INPUT_AUDIO           ? ""
                       : as == MER_OPENAI_AUDIO_AS_INPUT_AUDIO_UNTYPED ? UNTYPED_URL
                                                                       : WAV_URL;
  g_autofree char *data = mer_request_place_audio (request, prefix);

  if (as == MER_OPENAI_AUDIO_AS_AUDIO_URL)
    {
      add_url (content, "audio_url", data, NULL);
      return;
    }

  JsonObject *part = new_part ("input_audio");
  JsonObject *inner = json_object_new ();
  json_object_set_string_member (inner, "data", data);
  if (as != MER_OPENAI_AUDIO_AS_INPUT_AUDIO_URL)
    json_object_set_string_member (inner, "format", "wav");
  json_object_set_object_member (part, "input_audio", inner);
  json_array_add_object_element (content, part);
}

/**
 * mer_openai_dup_prompt:
 * @style: how requests are written
 * @request: what is asked
 *
 * Returns: (transfer full): the prompt, after the system prompt where that goes there
 */
char *
mer_openai_dup_prompt (const MerOpenaiStyle *style, MerRequest *request)
{
  const char *system = mer_request_get_system (request);

  if (system == NULL
      || mer_openai_style_get (style, MER_OPENAI_SYSTEM_AS) != MER_OPENAI_SYSTEM_AS_USER)
    return g_strdup (mer_request_get_prompt (request));
  return g_strconcat (system, "\n\n", mer_request_get_prompt (request), NULL);
}

/**
 * mer_openai_build_content:
 * @style: how requests are written
 * @show: what goes into this one
 * @request: what is asked
 *
 * Media first, text last: what Google and Anthropic ask for, and what every template takes.
 *
 * Returns: (transfer full): a list of parts, or a text where that is all
 */
JsonNode *
mer_openai_build_content (const MerOpenaiStyle *style, const MerOpenaiShow *show,
                          MerRequest *request)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  g_autoptr (JsonArray) content = json_array_new ();
  g_autofree char *prompt = mer_openai_dup_prompt (style, request);

  if (show->whole)
    add_whole (content, style, request);
  if (show->frames)
    add_frames (content, style, request);
  if (show->audio)
    add_audio (content, style, request);
  if (json_array_get_length (content) == 0)
    {
      json_node_set_string (node, prompt);
      return node;
    }
  add_text (content, prompt);
  json_node_init_array (node, content);
  return node;
}

static void
add_media_io (JsonObject *root, double rate)
{
  JsonObject *video = json_object_new ();
  JsonObject *outer = json_object_new ();

  json_object_set_int_member (video, "num_frames", -1);
  json_object_set_double_member (video, "fps", rate);
  json_object_set_object_member (outer, "video", video);
  json_object_set_object_member (root, "media_io_kwargs", outer);
}

/**
 * mer_openai_add_video_members:
 * @root: a request
 * @style: how requests are written
 * @show: what goes into this one
 * @request: what is asked
 *
 * Adds what a video makes necessary outside the message.
 */
void
mer_openai_add_video_members (JsonObject *root, const MerOpenaiStyle *style,
                              const MerOpenaiShow *show, MerRequest *request)
{
  int sound = mer_openai_style_get (style, MER_OPENAI_VIDEO_SOUND);

  /* without this a server takes the pictures for one second each and drops the 33rd */
  if (show->frames
      && mer_openai_style_get (style, MER_OPENAI_FRAMES_AS) == MER_OPENAI_FRAMES_AS_VIDEO)
    add_media_io (root, get_frame_rate (request));
  if (show->whole && style->video_rate > 0
      && mer_openai_style_get (style, MER_OPENAI_RATE_AS) == MER_OPENAI_RATE_AS_MEDIA_IO)
    add_media_io (root, style->video_rate);
  if (show->listens && sound == MER_OPENAI_VIDEO_SOUND_TOP)
    json_object_set_boolean_member (root, "use_audio_in_video", TRUE);
  if (show->listens && sound == MER_OPENAI_VIDEO_SOUND_PROCESSOR)
    {
      JsonObject *processor = json_object_new ();

      json_object_set_boolean_member (processor, "use_audio_in_video", TRUE);
      json_object_set_object_member (root, "mm_processor_kwargs", processor);
    }
}
