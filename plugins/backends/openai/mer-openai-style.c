/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* settles, once, what the dialect and the single switches come to together */
#include "mer-openai-dialect.h"

#include <string.h>

#define MAX_GRAMMAR_BYTES (1024 * 1024)

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, message);
  return FALSE;
}

/* (transfer none), static */
static const char *
nick (GType type, int value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  GEnumValue *found = g_enum_get_value (klass, value);

  return found != NULL ? found->value_nick : "";
}

static gboolean
parse_object (const char *name, const char *text, JsonNode **object, GError **error)
{
  if (text == NULL || *text == '\0')
    return TRUE;

  *object = mer_json_parse_object (name, text, error);
  return *object != NULL;
}

/* what carries secrets, and what the transport writes itself */
static gboolean
is_taken_header (const char *name)
{
  static const char *const taken[]
      = { "authorization", "api-key",        "x-api-key",         "x-goog-api-key",
          "cookie",        "content-length", "transfer-encoding", "proxy-authorization",
          "content-type",  "host",           "connection" };

  for (gsize i = 0; i < G_N_ELEMENTS (taken); i++)
    if (g_ascii_strcasecmp (name, taken[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
check_header (const char *name, const char *value, GError **error)
{
  gsize length
      = strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

  if (length == 0 || name[length] != '\0')
    return refuse (error, "headers: “%s” is no header's name", name);
  if (is_taken_header (name))
    return refuse (error,
                   "headers: “%s” cannot be set here; keys go into the variable that "
                   "api-key-env names",
                   name);
  if (value == NULL)
    return refuse (error, "headers: “%s” must be a text", name);
  for (const char *at = value; *at != '\0'; at++)
    if ((guchar) *at < 0x20 || (guchar) *at > 0x7e)
      return refuse (error, "headers: “%s” may hold printable ASCII alone", name);
  return TRUE;
}

static gboolean
settle_headers (MerOpenaiStyle *style, const char *text, GError **error)
{
  g_autoptr (JsonNode) object = NULL;
  g_autoptr (GStrvBuilder) headers = g_strv_builder_new ();

  if (!parse_object ("headers", text, &object, error))
    return FALSE;
  if (object == NULL)
    return TRUE;

  g_autoptr (GList) names = json_object_get_members (json_node_get_object (object));
  for (GList *each = names; each != NULL; each = each->next)
    {
      const char *value = mer_json_node_string (object, each->data);

      if (!check_header (each->data, value, error))
        return FALSE;
      g_strv_builder_add_many (headers, (const char *) each->data, value, NULL);
    }
  style->headers = g_strv_builder_end (headers);
  return TRUE;
}

static void
settle_provider (MerOpenaiStyle *style, const char *names)
{
  g_auto (GStrv) parts = g_strsplit (names != NULL ? names : "", ",", -1);
  g_autoptr (JsonArray) order = json_array_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      json_array_add_string_element (order, parts[i]);
  if (json_array_get_length (order) == 0)
    return;

  JsonObject *provider = json_object_new ();
  json_object_set_array_member (provider, "order", g_steal_pointer (&order));
  json_object_set_boolean_member (provider, "allow_fallbacks", FALSE);
  style->provider = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (style->provider, provider);
}

static gboolean
settle_grammar (MerOpenaiStyle *style, const char *path, GError **error)
{
  gsize length = 0;

  if (path == NULL || *path == '\0')
    return TRUE;
  if (style->habits.grammar_member == NULL)
    return refuse (error, "grammar: servers of dialect=%s take none", style->dialect);
  if (!g_file_get_contents (path, &style->grammar, &length, error))
    {
      g_prefix_error (error, "grammar: ");
      return FALSE;
    }
  if (length > MAX_GRAMMAR_BYTES || strlen (style->grammar) != length
      || !g_utf8_validate (style->grammar, -1, NULL))
    return refuse (error, "grammar: %s is no text of at most %d bytes", path,
                   MAX_GRAMMAR_BYTES);
  return TRUE;
}

static gboolean
check_thinking (const MerOpenaiStyle *style, GError **error)
{
  int as = mer_openai_style_get (style, MER_OPENAI_THINKING_AS);
  const char *wanted = nick (mer_openai_thinking_get_type (), style->thinking);

  if (style->thinking == MER_OPENAI_THINKING_AUTO)
    return TRUE;
  if (as == MER_OPENAI_THINKING_AS_NONE)
    return refuse (error,
                   "thinking: servers of dialect=%s have no switch for it that is known; "
                   "set thinking-as, or use extra",
                   style->dialect);
  if (style->thinking >= MER_OPENAI_THINKING_LOW
      && (as == MER_OPENAI_THINKING_AS_ENABLE
          || as == MER_OPENAI_THINKING_AS_TEMPLATE_SHORT))
    return refuse (error,
                   "thinking: “%s” is no choice with dialect=%s, which can be told on or "
                   "off",
                   wanted, style->dialect);
  return TRUE;
}

static gboolean
settle_video (MerOpenaiStyle *style, GError **error)
{
  guint8 *switches = style->habits.switches;

  if (switches[MER_OPENAI_VIDEO_SOUND] == MER_OPENAI_VIDEO_SOUND_YES)
    switches[MER_OPENAI_VIDEO_SOUND] = (guint8) style->habits.sound_flag;
  if (switches[MER_OPENAI_VIDEO_SOUND] == MER_OPENAI_VIDEO_SOUND_AUTO)
    return refuse (error,
                   "use-audio-in-video: servers of dialect=%s cannot be told; say "
                   "“always” where yours listens untold",
                   style->dialect);
  if ((style->whole_video || style->one_modality == MER_OPENAI_ONE_MODALITY_WHOLE)
      && switches[MER_OPENAI_WHOLE_AS] == MER_OPENAI_WHOLE_AS_NONE)
    return refuse (error,
                   "%s: servers of dialect=%s take no video files; show frames, or set "
                   "whole-video-as where yours does",
                   style->whole_video ? "video-as" : "one-modality", style->dialect);
  if (style->one_modality == MER_OPENAI_ONE_MODALITY_WHOLE
      && switches[MER_OPENAI_VIDEO_SOUND] == MER_OPENAI_VIDEO_SOUND_NO)
    return refuse (error,
                   "one-modality: a whole video carries the sound only to servers that "
                   "listen to it; set use-audio-in-video");
  if (style->video_rate == 0)
    return refuse (error, "video-rate: it must be more than 0, or -1");
  if (style->video_rate > 0 && switches[MER_OPENAI_RATE_AS] == MER_OPENAI_RATE_AS_NONE)
    return refuse (error,
                   "video-rate: servers of dialect=%s have no member for it that is "
                   "known; set video-rate-as, or use extra",
                   style->dialect);
  return TRUE;
}

static gboolean
check_responses (const MerOpenaiStyle *style, GError **error)
{
  if (!style->habits.is_responses)
    return TRUE;
  if (mer_openai_style_get (style, MER_OPENAI_AUDIO_AS) != MER_OPENAI_AUDIO_AS_NONE)
    return refuse (error, "audio-as: the responses API takes no sound");
  if (mer_openai_style_get (style, MER_OPENAI_WHOLE_AS) != MER_OPENAI_WHOLE_AS_NONE)
    return refuse (error, "whole-video-as: the responses API takes no video");
  return TRUE;
}

/**
 * mer_openai_style_settle:
 * @style: (out caller-allocates): how requests are written; clear it even after an error
 * @settings: the element's properties
 * @error: place for an error that names the property
 *
 * Returns: whether the settings go together
 */
gboolean
mer_openai_style_settle (MerOpenaiStyle *style, const MerOpenaiSettings *settings,
                         GError **error)
{
  const MerOpenaiHabits *habits = mer_openai_dialect_get_habits (settings->dialect);
  const char *detail = settings->image_detail;

  *style = (MerOpenaiStyle){
    .habits = *habits,
    .dialect = nick (mer_openai_dialect_get_type (), settings->dialect),
    .thinking = settings->thinking,
    .whole_video = settings->video_as == MER_OPENAI_VIDEO_AS_WHOLE,
    .one_modality = settings->one_modality,
    .video_rate = settings->video_rate,
    .n_logprobs = settings->n_logprobs,
  };
  for (guint i = 0; i < MER_OPENAI_N_SWITCHES; i++)
    if (settings->switches[i] != 0)
      style->habits.switches[i] = (guint8) settings->switches[i];
  if (detail == NULL || *detail == '\0')
    detail = habits->image_detail;
  style->image_detail = g_strcmp0 (detail, "none") != 0 ? g_strdup (detail) : NULL;
  settle_provider (style, settings->provider);
  return settle_video (style, error) && check_thinking (style, error)
         && settle_grammar (style, settings->grammar, error)
         && check_responses (style, error)
         && settle_headers (style, settings->headers, error)
         && parse_object ("extra", settings->extra, &style->extra, error);
}

/**
 * mer_openai_style_clear:
 * @style: a style
 *
 * Frees what it holds.
 */
void
mer_openai_style_clear (MerOpenaiStyle *style)
{
  g_clear_pointer (&style->image_detail, g_free);
  g_clear_pointer (&style->provider, json_node_unref);
  g_clear_pointer (&style->grammar, g_free);
  g_clear_pointer (&style->headers, g_strfreev);
  g_clear_pointer (&style->extra, json_node_unref);
}

/**
 * mer_openai_style_get_modalities:
 * @style: a settled style
 *
 * Returns: what requests of this style can carry
 */
MerModality
mer_openai_style_get_modalities (const MerOpenaiStyle *style)
{
  gboolean listens = style->whole_video
                     && mer_openai_style_get (style, MER_OPENAI_VIDEO_SOUND)
                            != MER_OPENAI_VIDEO_SOUND_NO;
  MerModality modalities = MER_MODALITY_TEXT;

  if (style->whole_video
      || mer_openai_style_get (style, MER_OPENAI_FRAMES_AS) != MER_OPENAI_FRAMES_AS_NONE)
    modalities |= MER_MODALITY_VIDEO;
  if (listens
      || mer_openai_style_get (style, MER_OPENAI_AUDIO_AS) != MER_OPENAI_AUDIO_AS_NONE)
    modalities |= MER_MODALITY_AUDIO;
  return modalities;
}

/**
 * mer_openai_style_patch:
 * @style: a settled style
 * @request: a request, which is changed
 *
 * Puts in what every request of the dialect gets, then the providers and the `extra`
 * property.
 */
void
mer_openai_style_patch (const MerOpenaiStyle *style, JsonNode *request)
{
  if (style->habits.extra != NULL)
    {
      g_autoptr (JsonNode) usual = json_from_string (style->habits.extra, NULL);

      mer_json_node_patch (request, usual);
    }
  if (style->provider != NULL)
    {
      g_autoptr (JsonNode) patch = json_node_init_object (json_node_alloc (), NULL);
      JsonObject *object = json_object_new ();

      json_object_set_member (object, "provider", json_node_copy (style->provider));
      json_node_take_object (patch, object);
      mer_json_node_patch (request, patch);
    }
  mer_json_node_patch (request, style->extra);
}
