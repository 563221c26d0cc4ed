/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* POST /audio/transcriptions: a form with a file, answered with what is said in it */
#include "multipart.h"
#include "openai.h"

#include <string.h>

#define MAX_FILE 26214400u
#define JSON "application/json"

static const CannedFault faults[] = {
  { "choices-object", 200, NULL, JSON, "{\"text\":{}}" },
  { "choices-null", 200, NULL, JSON, "{\"text\":null}" },
  { "choices-none", 200, NULL, JSON, "{}" },
  { "content-number", 200, NULL, JSON, "{\"text\":123}" },
  /* what it says of silence */
  { "hallucination", 200, NULL, JSON,
    "{\"task\":\"transcribe\",\"language\":\"english\",\"duration\":3.0,\"text\":\"Thank "
    "you for watching!\",\"segments\":[{\"id\":0,\"seek\":0,\"start\":0.0,\"end\":29.98,"
    "\"text\":\" Thank you for watching!\",\"tokens\":[],\"temperature\":0.0,"
    "\"avg_logprob\":-1.4,\"compression_ratio\":0.7,\"no_speech_prob\":0.98}]}" },
  { "segments-odd", 200, NULL, JSON,
    "{\"text\":\"hello\",\"duration\":\"3.0\",\"segments\":[{\"start\":2.0,\"end\":1.0,"
    "\"text\":\"hello\"},{\"start\":-1,\"end\":1e999,\"text\":1},null]}" },
  { "no-verbose", 400, NULL, JSON,
    "{\"error\":{\"message\":\"response_format 'verbose_json' is not compatible with model "
    "'gpt-4o-transcribe-api-ev3'. Use 'json' or 'text' instead.\",\"type\":"
    "\"invalid_request_error\",\"param\":\"response_format\",\"code\":"
    "\"unsupported_value\"}}" },
  { NULL },
};

static gboolean
check_file (Exchange *x, GPtrArray *parts)
{
  static const char *const known[]
      = { "flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm", NULL };
  FormPart *file = multipart_find (parts, "file");
  const char *dot = NULL;

  if (file == NULL || file->filename == NULL)
    return refuse_param (x, NULL, NULL,
                         "[{'type': 'missing', 'loc': ('body', 'file'), 'msg': 'Field "
                         "required', 'input': None}]");
  dot = strrchr (file->filename, '.');
  if (dot == NULL || !g_strv_contains (known, dot + 1))
    return refuse_param (x, NULL, NULL,
                         "Invalid file format. Supported formats: ['flac', 'm4a', 'mp3', "
                         "'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']");
  if (g_bytes_get_size (file->bytes) > MAX_FILE)
    return refuse_as (x, &(Problem){ .kind = PROBLEM_TOO_LARGE },
                      "%u: Maximum content size limit (%u) exceeded (%" G_GSIZE_FORMAT
                      " bytes read)",
                      413, MAX_FILE, g_bytes_get_size (file->bytes));
  json_object_set_string_member (x->log, "filename", file->filename);
  json_object_set_string_member (x->log, "type", file->type != NULL ? file->type : "");
  if (!take_bytes (x, TAKE_AUDIO, file->bytes, NULL))
    return refuse_param (x, NULL, NULL,
                         "The audio file could not be decoded or its format is not "
                         "supported.");
  return x->answer.seconds >= 0.1
         || refuse_param (x, "audio_too_short", "file",
                          "Audio file is too short. Minimum audio length is 0.1 seconds.");
}

/* only whisper writes more than the text */
static gboolean
check_format (Exchange *x, GPtrArray *parts, const char *model)
{
  static const char *const known[] = { "json", "text", "srt", "verbose_json", "vtt", NULL };
  g_autofree char *format = multipart_dup_text (parts, "response_format");
  gboolean timed = multipart_find (parts, "timestamp_granularities[]") != NULL;

  if (format != NULL && !g_strv_contains (known, format))
    return refuse_param (
        x, NULL, "response_format",
        "[{'type': 'enum', 'loc': ('body', 'response_format'), 'msg': \"Input should be "
        "'json', 'text', 'vtt', 'srt' or 'verbose_json'\", 'input': '%s'}]",
        format);
  if (g_str_has_prefix (model, "gpt-4o") && format != NULL && !g_str_equal (format, "json")
      && !g_str_equal (format, "text"))
    return refuse_param (
        x, "unsupported_value", "response_format",
        "response_format '%s' is not compatible with model '%s'. Use 'json' "
        "or 'text' instead.",
        format, model);
  if (timed && g_strcmp0 (format, "verbose_json") != 0)
    return refuse_param (x, NULL, "timestamp_granularities",
                         "response_format must be set to 'verbose_json' to use timestamp "
                         "granularities.");
  json_object_set_string_member (x->log, "response_format",
                                 format != NULL ? format : "json");
  return TRUE;
}

static gboolean
check_language (Exchange *x, GPtrArray *parts)
{
  g_autofree char *language = multipart_dup_text (parts, "language");
  g_autofree char *prompt = multipart_dup_text (parts, "prompt");
  g_autofree char *temperature = multipart_dup_text (parts, "temperature");

  if (language != NULL && strlen (language) != 2 && strlen (language) != 3)
    return refuse_param (x, "invalid_language_format", "language",
                         "Invalid language '%s'. Language parameter must be specified in "
                         "ISO-639-1 or ISO-639-3 format.",
                         language);
  if (temperature != NULL
      && (g_ascii_strtod (temperature, NULL) < 0 || g_ascii_strtod (temperature, NULL) > 1))
    return refuse_param (x, NULL, "temperature", "temperature must be between 0 and 1");
  json_object_set_string_member (x->log, "language", language != NULL ? language : "");
  if (prompt != NULL)
    g_string_append (x->text, prompt);
  return TRUE;
}

/* which of the form's fields ask for words or segments */
static void
note_granularities (Exchange *x, GPtrArray *parts)
{
  static const char *const known[] = { "file",
                                       "model",
                                       "language",
                                       "prompt",
                                       "response_format",
                                       "temperature",
                                       "timestamp_granularities[]",
                                       "stream",
                                       "include[]",
                                       "chunking_strategy",
                                       NULL };
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < parts->len; i++)
    {
      FormPart *part = g_ptr_array_index (parts, i);
      gsize length = 0;
      const char *data = g_bytes_get_data (part->bytes, &length);

      if (!g_strv_contains (known, part->name))
        note_ignored (x, part->name);
      if (g_str_equal (part->name, "timestamp_granularities[]"))
        {
          g_autofree char *text = g_strndup (data, length);

          json_array_add_string_element (list, text);
        }
    }
  json_object_set_array_member (x->log, "granularities", list);
}

/* two sentences, so that there are segments */
static void
make_text (Exchange *x, GPtrArray *parts)
{
  FormPart *file = multipart_find (parts, "file");
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (file->bytes, &length);
  g_autofree char *words = NULL;

  answer_seed (x, FALSE, data, length);
  if (settings.answer != NULL)
    return;
  words = g_steal_pointer (&x->answer.text);
  g_strdelimit (words, "[]", ' ');
  g_strstrip (words);
  x->answer.text
      = g_strdup_printf ("I am %s today. I did not think that it would end so.", words);
}

static gboolean
check (Exchange *x)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) parts = multipart_parse (x, &error);
  g_autofree char *model = parts != NULL ? multipart_dup_text (parts, "model") : NULL;
  g_autofree char *streamed = parts != NULL ? multipart_dup_text (parts, "stream") : NULL;

  log_media (x);
  if (parts == NULL)
    return refuse (x, "%s", error->message);
  if (model == NULL)
    return refuse_param (x, NULL, "model", "you must provide a model parameter");
  if (!check_model (x, model) || !check_file (x, parts) || !check_format (x, parts, model)
      || !check_language (x, parts))
    return FALSE;
  note_granularities (x, parts);
  make_text (x, parts);
  exchange_finish (x, FALSE);
  x->answer.stream = g_strcmp0 (streamed, "true") == 0 && g_str_has_prefix (model, "gpt-");
  return TRUE;
}

static const char *
get_logged (const Exchange *x, const char *name)
{
  const char *text = json_object_has_member (x->log, name)
                         ? json_object_get_string_member (x->log, name)
                         : NULL;

  return text != NULL ? text : "";
}

/* whisper-1 counts seconds, the others tokens; with the comma before it */
static char *
make_usage (const Exchange *x)
{
  gint64 in = MAX (1, x->answer.audio_tokens), out = answer_count_out (x);

  if (x->answer.usage == USAGE_NONE)
    return g_strdup ("");
  if (x->answer.usage == USAGE_NULL)
    return g_strdup (",\"usage\":null");
  if (!g_str_has_prefix (get_logged (x, "model"), "gpt-"))
    return g_strdup_printf (",\"usage\":{\"type\":\"duration\",\"seconds\":%d}",
                            (int) (x->answer.seconds + 0.999));
  return g_strdup_printf (
      ",\"usage\":{\"type\":\"tokens\",\"input_tokens\":%" G_GINT64_FORMAT
      ",\"input_token_details\":{\"text_tokens\":0,\"audio_tokens\":%" G_GINT64_FORMAT
      "},\"output_tokens\":%" G_GINT64_FORMAT ",\"total_tokens\":%" G_GINT64_FORMAT "}",
      in, in, out, in + out);
}

typedef struct
{
  double start, end;
  char *text;
} Span;

static void
span_clear (gpointer data)
{
  g_free (((Span *) data)->text);
}

/* the text cut behind each @mark, with times in proportion to the letters */
static GArray *
cut_text (const Exchange *x, const char *mark)
{
  GArray *spans = g_array_new (FALSE, TRUE, sizeof (Span));
  const char *text = x->answer.text != NULL ? x->answer.text : "";
  double letters = MAX (1, (double) strlen (text));

  g_array_set_clear_func (spans, span_clear);
  for (const char *at = text; *at != '\0';)
    {
      const char *next = strstr (at, mark);
      const char *end = next != NULL ? next + strlen (mark) : at + strlen (at);
      Span span = { .start = (double) (at - text) / letters * x->answer.seconds,
                    .end = (double) (end - text) / letters * x->answer.seconds,
                    .text = g_strstrip (g_strndup (at, (gsize) (end - at))) };

      g_array_append_val (spans, span);
      at = end;
    }
  return spans;
}

static gboolean
wants (const Exchange *x, const char *granularity)
{
  JsonArray *list = json_object_has_member (x->log, "granularities")
                        ? json_object_get_array_member (x->log, "granularities")
                        : NULL;

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (g_strcmp0 (json_array_get_string_element (list, i), granularity) == 0)
      return TRUE;
  return FALSE;
}

static void
add_segments (const Exchange *x, GString *out)
{
  g_autoptr (GArray) spans = cut_text (x, ". ");

  g_string_append (out, ",\"segments\":[");
  for (guint i = 0; i < spans->len; i++)
    {
      const Span *span = &g_array_index (spans, Span, i);
      g_autofree char *spaced = g_strconcat (" ", span->text, NULL);
      g_autofree char *text = quote (spaced);

      g_string_append_printf (
          out,
          "%s{\"id\":%u,\"seek\":0,\"start\":%.2f,\"end\":%.2f,\"text\":%s,\"tokens\":[],"
          "\"temperature\":0.0,\"avg_logprob\":-0.3,\"compression_ratio\":1.1,"
          "\"no_speech_prob\":0.01}",
          i > 0 ? "," : "", i, span->start, span->end, text);
    }
  g_string_append (out, "]");
}

static void
add_words (const Exchange *x, GString *out)
{
  g_autoptr (GArray) spans = cut_text (x, " ");

  g_string_append (out, ",\"words\":[");
  for (guint i = 0; i < spans->len; i++)
    {
      const Span *span = &g_array_index (spans, Span, i);
      g_autofree char *text = quote (span->text);

      g_string_append_printf (out, "%s{\"word\":%s,\"start\":%.2f,\"end\":%.2f}",
                              i > 0 ? "," : "", text, span->start, span->end);
    }
  g_string_append (out, "]");
}

static char *
make_cues (const Exchange *x, gboolean vtt)
{
  g_autoptr (GArray) spans = cut_text (x, ". ");
  g_autoptr (GString) out = g_string_new (vtt ? "WEBVTT\n\n" : NULL);

  for (guint i = 0; i < spans->len; i++)
    {
      const Span *span = &g_array_index (spans, Span, i);

      if (!vtt)
        g_string_append_printf (out, "%u\n", i + 1);
      g_string_append_printf (out, "00:00:%06.3f --> 00:00:%06.3f\n%s\n\n", span->start,
                              span->end, span->text);
    }
  if (!vtt)
    g_string_replace (out, ".", ",", 0);
  return g_strdup (out->str);
}

static char *
completion (const Exchange *x)
{
  const char *format = get_logged (x, "response_format");
  g_autofree char *text = x->answer.text != NULL ? answer_quote (x) : g_strdup ("\"\"");
  g_autofree char *usage = make_usage (x);
  g_autoptr (GString) out = NULL;

  if (g_str_equal (format, "text"))
    return g_strdup_printf ("%s\n", x->answer.text != NULL ? x->answer.text : "");
  if (g_str_equal (format, "srt") || g_str_equal (format, "vtt"))
    return make_cues (x, g_str_equal (format, "vtt"));
  if (!g_str_equal (format, "verbose_json"))
    return g_strdup_printf ("{\"text\":%s%s}", text, usage);
  out = g_string_new (NULL);
  g_string_append_printf (
      out,
      "{\"task\":\"transcribe\",\"language\":\"english\",\"duration\":%.3f,\"text\":%s",
      x->answer.seconds, text);
  if (wants (x, "segment") || !wants (x, "word"))
    add_segments (x, out);
  if (wants (x, "word"))
    add_words (x, out);
  g_string_append_printf (out, "%s}", usage);
  return g_strdup (out->str);
}

static void
stream (const Exchange *x, GPtrArray *events)
{
  g_autoptr (GPtrArray) pieces = answer_cut (x);
  g_autofree char *text = answer_quote (x);
  g_autofree char *usage = make_usage (x);

  for (guint i = 0; i < pieces->len; i++)
    event_add (events, EVENT_PIECE, NULL,
               "{\"type\":\"transcript.text.delta\",\"delta\":%s}",
               (char *) g_ptr_array_index (pieces, i));
  event_add (events, EVENT_FINISH, NULL,
             "{\"type\":\"transcript.text.done\",\"text\":%s%s}", text, usage);
}

static void
stream_error (const Exchange *x, GPtrArray *events)
{
  event_add (events, EVENT_END, NULL,
             "{\"error\":{\"message\":\"engine gone\",\"type\":\"server_error\"}}");
}

static const Route routes[] = {
  { "POST", "/audio/transcriptions", &whisper_protocol },
  { "GET", "/models", NULL, openai_list_models },
  { "GET", "/health", NULL, openai_tell_health, TRUE, TRUE },
  { NULL },
};

const Protocol whisper_protocol = {
  OPENAI_FAMILY,
  .name = "whisper",
  .blurb = "OpenAI's transcription of sound",
  .routes = routes,
  .faults = faults,
  .check = check,
  .completion = completion,
  .stream = stream,
  .stream_error = stream_error,
};
