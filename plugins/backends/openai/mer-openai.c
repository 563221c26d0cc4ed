/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-meropenai
 * @title: meropenai
 *
 * Asks a server that speaks OpenAI's chat completions: OpenAI, vLLM, llama-server and many
 * more. Shows it the frames, the sound and the subtitle of each sample, as far as
 * `modalities` allows, and adds its answer as a result.
 *
 * |[
 * gst-launch-1.0 merdatasetsrc clips=clips ! mermedia ! \
 *   meropenai uri=http://127.0.0.1:8080/v1 dialect=llamacpp answer-format=json-schema ! \
 *   merlabels ! mersampleenc ! filesink location=answers.jsonl
 * ]|
 */
#include "mer-openai.h"

#include "mer-openai-bulk.h"

#include <string.h>

struct _MerOpenai
{
  MerBackend parent_instance;
  MerOpenaiSettings settings;
  MerOpenaiStyle style;
};

G_DEFINE_FINAL_TYPE (MerOpenai, mer_openai, MER_TYPE_BACKEND)
GST_ELEMENT_REGISTER_DEFINE (meropenai, "meropenai", GST_RANK_NONE, MER_TYPE_OPENAI)

/* what was asked for and will not quite be had */
static void
warn_of_schema (MerOpenai *self)
{
  int as = mer_openai_style_get (&self->style, MER_OPENAI_JSON_AS);

  if (as == MER_OPENAI_JSON_AS_OBJECT
      && mer_backend_get_answer_format (MER_BACKEND (self))
             == MER_ANSWER_FORMAT_JSON_SCHEMA)
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
                         ("%s: answer-format: servers of dialect=%s hold answers to JSON, "
                          "not to a schema; the prompt must tell them its form",
                          GST_OBJECT_NAME (self), self->style.dialect),
                         (NULL));
}

/* asked for by name, both pictures and sound are an error before the first call; `auto`
 * takes what samples have */
static gboolean
check_modalities (MerOpenai *self, GError **error)
{
  const MerModality both = MER_MODALITY_AUDIO | MER_MODALITY_VIDEO;
  MerModality asked = MER_MODALITY_NONE;
  gboolean in_one_part = self->style.whole_video
                         && mer_openai_style_get (&self->style, MER_OPENAI_VIDEO_SOUND)
                                != MER_OPENAI_VIDEO_SOUND_NO;

  g_object_get (self, "modalities", &asked, NULL);
  if (in_one_part || self->style.one_modality != MER_OPENAI_ONE_MODALITY_REFUSE
      || (asked & both) != both || (asked & MER_MODALITY_AUTO) != 0)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "%s: modalities: the model takes text and one modality more; ask for audio "
               "or video, or set one-modality=whole to send clips whole",
               GST_OBJECT_NAME (self));
  return FALSE;
}

static gboolean
mer_openai_open (MerOrdered *ordered, GError **error)
{
  MerOpenai *self = MER_OPENAI (ordered);
  MerBackend *backend = MER_BACKEND (ordered);
  const MerOpenaiHabits *habits = &self->style.habits;

  mer_openai_style_clear (&self->style);
  if (!mer_openai_style_settle (&self->style, &self->settings, error))
    {
      g_prefix_error (error, "%s: ", GST_OBJECT_NAME (self));
      return FALSE;
    }
  if (self->style.grammar != NULL
      && mer_backend_get_answer_format (backend) != MER_ANSWER_FORMAT_TEXT)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "%s: grammar: it goes with answer-format=text alone",
                   GST_OBJECT_NAME (self));
      return FALSE;
    }
  if (!check_modalities (self, error))
    return FALSE;
  warn_of_schema (self);
  mer_backend_set_carried (backend, mer_openai_style_get_modalities (&self->style));
  mer_backend_set_usual_uri (backend, habits->uri);
  mer_backend_set_key_header (backend, habits->bare_key ? "api-key" : NULL, "");
  return MER_ORDERED_CLASS (mer_openai_parent_class)->open (ordered, error);
}

static char *
mer_openai_dup_path (MerBackend *backend)
{
  return g_strdup (MER_OPENAI (backend)->style.habits.is_responses ? "responses"
                                                                   : "chat/completions");
}

/* whose own docs offer batches; servers at home answer at once */
static gboolean
mer_openai_takes_batches (MerBackend *backend)
{
  switch (MER_OPENAI (backend)->settings.dialect)
    {
    case MER_OPENAI_DIALECT_OPENAI:
    case MER_OPENAI_DIALECT_RESPONSES:
    case MER_OPENAI_DIALECT_AZURE:
    case MER_OPENAI_DIALECT_DASHSCOPE:
    case MER_OPENAI_DIALECT_MOONSHOT:
      return TRUE;
    default:
      return FALSE;
    }
}

static char **
mer_openai_dup_headers (MerBackend *backend)
{
  return g_strdupv (MER_OPENAI (backend)->style.headers);
}

static JsonNode *
mer_openai_build (MerBackend *backend, MerRequest *request, GError **error)
{
  return mer_openai_build_request (backend, &MER_OPENAI (backend)->style, request, error);
}

static gboolean
mer_openai_parse (MerBackend *backend, JsonNode *reply, MerResult *result, GError **error)
{
  return MER_OPENAI (backend)->style.habits.is_responses
             ? mer_openai_responses_parse (reply, result, error)
             : mer_openai_parse_reply (reply, result, error);
}

static JsonNode *
mer_openai_decode (MerBackend *backend, MerReply *reply, GError **error)
{
  gboolean is_responses = MER_OPENAI (backend)->style.habits.is_responses;

  if (mer_reply_is_type (reply, "text/event-stream"))
    return is_responses ? mer_openai_responses_decode_stream (reply, error)
                        : mer_openai_decode_stream (reply, error);
  return is_responses ? mer_openai_responses_decode (reply, error)
                      : mer_openai_decode_json (reply, error);
}

static MerRetry
mer_openai_judge (MerBackend *backend, guint status, const MerReplyError *error,
                  MerRetry fallback)
{
  return mer_openai_classify (MER_OPENAI (backend)->settings.dialect, status, error,
                              fallback);
}

static gboolean
mer_openai_probe (MerBackend *backend, JsonNode *reply, GError **error)
{
  return mer_backend_choose_model (backend, mer_json_node_member (reply, "data"), "id",
                                   error);
}

static void
mer_openai_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  mer_openai_settings_set (&MER_OPENAI (object)->settings, id, value);
}

static void
mer_openai_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  mer_openai_settings_get (&MER_OPENAI (object)->settings, id, value);
}

static void
mer_openai_finalize (GObject *object)
{
  MerOpenai *self = MER_OPENAI (object);

  mer_openai_style_clear (&self->style);
  mer_openai_settings_clear (&self->settings);
  G_OBJECT_CLASS (mer_openai_parent_class)->finalize (object);
}

/* what the answer is about and held to stays; what steers chance and effort may go. Of two
 * that a model does not take together the first is kept */
static const char *const optional[] = { "temperature",
                                        "top_p",
                                        "top_k",
                                        "min_p",
                                        "seed",
                                        "presence_penalty",
                                        "frequency_penalty",
                                        "repetition_penalty",
                                        "reasoning_effort",
                                        "reasoning",
                                        "do_sample",
                                        "chat_template_kwargs",
                                        "enable_thinking",
                                        "thinking",
                                        "thinking_budget",
                                        "verbosity",
                                        "logprobs",
                                        "top_logprobs",
                                        "include",
                                        "stream_options",
                                        "modalities",
                                        "store",
                                        "service_tier",
                                        "user",
                                        NULL };
static const char *const renames[] = { "max_tokens", "max_completion_tokens",
                                       "max_completion_tokens", "max_tokens", NULL };
static const MerAdaptable adaptable = { optional, renames, "stream" };

static void
mer_openai_class_init (MerOpenaiClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerBackendClass *backend_class = MER_BACKEND_CLASS (klass);

  object_class->set_property = mer_openai_set_property;
  object_class->get_property = mer_openai_get_property;
  object_class->finalize = mer_openai_finalize;
  MER_ORDERED_CLASS (klass)->open = mer_openai_open;
  backend_class->protocol = "openai";
  backend_class->dup_path = mer_openai_dup_path;
  backend_class->dup_headers = mer_openai_dup_headers;
  backend_class->probe_path = "models";
  backend_class->build_request = mer_openai_build;
  backend_class->parse_reply = mer_openai_parse;
  backend_class->decode_reply = mer_openai_decode;
  backend_class->adaptable = &adaptable;
  backend_class->probe = mer_openai_probe;
  backend_class->classify = mer_openai_judge;
  backend_class->bulk_api = mer_openai_get_bulk_api ();
  backend_class->takes_batches = mer_openai_takes_batches;
  mer_openai_settings_install (object_class);

  mer_backend_class_set_metadata (
      backend_class, "OpenAI-compatible model",
      "Asks a server that speaks OpenAI's chat completions about each sample", "gst-mer");
  gst_element_class_add_static_metadata (
      GST_ELEMENT_CLASS (klass), "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! "
      "meropenai uri=http://127.0.0.1:8080/v1 ! merlabels ! mersampleenc ! fdsink");
}

static void
mer_openai_init (MerOpenai *self)
{
  mer_openai_settings_init (&self->settings);
}
