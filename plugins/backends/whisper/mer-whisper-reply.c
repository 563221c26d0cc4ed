/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what was said, when, and what of it is not believed */
#include "mer-whisper.h"

#include <math.h>
#include <string.h>

/* of one clip; the longest film has fewer */
#define MAX_SEGMENTS 20000
#define MAX_DROPPED 100

typedef struct
{
  const MerWhisperDoubts *doubts;
  GString *text;
  JsonArray *cues;
  JsonArray *dropped;
  guint n_dropped;
} Transcript;

static gint64
count (JsonNode *node, const char *member)
{
  double number = mer_json_node_number (node, member, -1);

  return number >= 0 && number < 1e12 ? (gint64) number : -1;
}

/* by time or by tokens, as the model is charged */
static void
read_usage (JsonNode *reply, MerResult *result)
{
  JsonNode *node = mer_json_node_member (reply, "usage");
  JsonNode *input = mer_json_node_member (node, "input_token_details");
  MerUsage usage = MER_USAGE_UNKNOWN;
  double seconds = mer_json_node_number (node, "seconds", -1);

  if (seconds < 0)
    seconds = mer_json_node_number (reply, "duration", -1);
  usage.seconds = seconds >= 0 && seconds < 1e9 ? seconds : -1;
  usage.input = count (node, "input_tokens");
  usage.input_audio = count (input, "audio_tokens");
  usage.output = count (node, "output_tokens");
  mer_result_set_usage (result, &usage);
}

static const char *
find_doubt (const MerWhisperDoubts *doubts, JsonNode *segment)
{
  double no_speech = mer_json_node_number (segment, "no_speech_prob", 0);
  double logprob = mer_json_node_number (segment, "avg_logprob", 0);
  double compression = mer_json_node_number (segment, "compression_ratio", 0);

  if (no_speech > doubts->no_speech && logprob < doubts->logprob)
    return "no speech";
  return compression > doubts->compression ? "repetition" : NULL;
}

static double
get_seconds (JsonNode *segment, const char *member)
{
  double seconds = mer_json_node_number (segment, member, 0);

  return isfinite (seconds) ? CLAMP (seconds, 0, 1e6) : 0;
}

static JsonObject *
make_cue (JsonNode *segment, const char *text)
{
  JsonObject *cue = json_object_new ();
  double start = get_seconds (segment, "start");
  double end = get_seconds (segment, "end");

  json_object_set_double_member (cue, "start", start);
  json_object_set_double_member (cue, "end", MAX (start, end));
  json_object_set_string_member (cue, "text", text);
  return cue;
}

static void
drop (Transcript *self, JsonNode *segment, const char *text, const char *why)
{
  JsonObject *cue = NULL;

  if (self->n_dropped++ >= MAX_DROPPED)
    return;
  cue = make_cue (segment, text);
  json_object_set_string_member (cue, "why", why);
  json_object_set_double_member (cue, "no_speech_prob",
                                 mer_json_node_number (segment, "no_speech_prob", 0));
  json_object_set_double_member (cue, "avg_logprob",
                                 mer_json_node_number (segment, "avg_logprob", 0));
  json_array_add_object_element (self->dropped, cue);
}

static void
read_segment (Transcript *self, JsonNode *segment)
{
  const char *said = segment != NULL ? mer_json_node_string (segment, "text") : NULL;
  g_autofree char *text = said != NULL ? mer_payload_clean_text (said) : NULL;
  const char *doubt = NULL;

  if (text == NULL || *g_strstrip (text) == '\0')
    return;
  doubt = find_doubt (self->doubts, segment);
  if (doubt != NULL)
    {
      drop (self, segment, text, doubt);
      return;
    }
  g_string_append_printf (self->text, "%s%s", self->text->len > 0 ? " " : "", text);
  json_array_add_object_element (self->cues, make_cue (segment, text));
}

static void
set_data (JsonNode *reply, Transcript *transcript, MerResult *result)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *data = json_object_new ();

  mer_answer_add_data (data, "language", reply, "language");
  if (json_array_get_length (transcript->cues) > 0)
    json_object_set_array_member (data, "cues", json_array_ref (transcript->cues));
  if (transcript->n_dropped > 0)
    {
      json_object_set_int_member (data, "n_dropped", transcript->n_dropped);
      json_object_set_array_member (data, "dropped", json_array_ref (transcript->dropped));
    }
  json_node_take_object (node, data);
  mer_result_take_data (result, node);
}

/* the text as a whole knows of no doubts, and joins segments better than we */
static void
set_text (const char *whole, Transcript *transcript, MerResult *result)
{
  g_autofree char *clean = mer_payload_clean_text (whole != NULL ? whole : "");
  gboolean trusted = transcript->n_dropped == 0 && whole != NULL;
  const char *text = trusted ? g_strstrip (clean) : transcript->text->str;

  mer_result_set_text (result, text);
  if (*text == '\0')
    mer_result_set_detail (result, transcript->n_dropped > 0
                                       ? "nothing is said: what came was not believed"
                                       : "nothing is said");
}

/**
 * mer_whisper_parse_reply:
 * @reply: `{"text"}`, or with `segments` where the server tells when
 * @doubts: what is not believed
 * @result: an unsealed result of outcome `answered`
 * @error: place for an error
 *
 * Returns: %FALSE where @reply is no transcript
 */
gboolean
mer_whisper_parse_reply (JsonNode *reply, const MerWhisperDoubts *doubts, MerResult *result,
                         GError **error)
{
  const char *whole = mer_json_node_string (reply, "text");
  JsonNode *node = mer_json_node_member (reply, "segments");
  JsonArray *segments
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (JsonArray) cues = json_array_new ();
  g_autoptr (JsonArray) dropped = json_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  Transcript transcript = { doubts, text, cues, dropped, 0 };

  if (whole == NULL && segments == NULL)
    {
      g_set_error (
          error, MER_ERROR, MER_ERROR_API,
          "the answer has no /text; is this a transcription server, and path right?");
      return FALSE;
    }
  for (guint i = 0;
       segments != NULL && i < MIN (json_array_get_length (segments), MAX_SEGMENTS); i++)
    read_segment (&transcript, json_array_get_element (segments, i));
  set_text (whole, &transcript, result);
  set_data (reply, &transcript, result);
  read_usage (reply, result);
  return TRUE;
}
