/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a server's reply, from its bytes to a result. The first line says how it is labelled: the
 * status, then `json` or `sse`, and `responses` where it is of that API; what follows is
 * the body */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/backends/openai/mer-openai-reply.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
read_failure (MerReply *reply, JsonNode *root)
{
  g_autoptr (MerReplyError) error = mer_reply_error_new (root);
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (1792584000);
  double hint = mer_retry_get_hint (reply, error, now);
  MerRetry retry = mer_retry_classify (reply->status, error);

  if (error != NULL && error->message != NULL
      && !g_utf8_validate (error->message, -1, NULL))
    abort ();
  if (mer_retry_get_delay (retry, 1, MIN (hint, MER_RETRY_MAX_HINT), 0.5) < 0)
    abort ();
}

/* whatever it says against a request, what must stay in it stays */
static void
read_refusal (MerReply *reply, JsonNode *root)
{
  static const char *const optional[] = { "temperature", "options.seed", "stop", NULL };
  static const char *const renames[] = { "max_tokens", "max_completion_tokens", NULL };
  static const MerAdaptable adaptable = { optional, renames, "stream" };
  static const char text[] = "{\"model\":\"m\",\"messages\":[],\"temperature\":0,"
                             "\"options\":{\"seed\":1},\"stop\":\"x\",\"max_tokens\":9}";
  g_autoptr (JsonNode) request = mer_reply_parse_text (text, strlen (text), NULL);
  g_autoptr (MerReplyError) error = mer_reply_error_new (root);
  MerLessons *lessons = mer_lessons_get ("http://fuzz/v1", NULL);

  if (error != NULL && mer_lessons_learn (lessons, &adaptable, request, error)
      && !mer_lessons_apply (lessons, request, NULL))
    abort ();
  if (mer_json_node_member (request, "model") == NULL
      || mer_json_node_member (request, "messages") == NULL)
    abort ();
}

static void
read_answer (JsonNode *root, gboolean is_responses)
{
  g_autoptr (MerResult) result
      = mer_result_new ("s", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);
  g_autoptr (GError) error = NULL;

  if (!(is_responses ? mer_openai_responses_parse (root, result, &error)
                     : mer_openai_parse_reply (root, result, &error)))
    {
      if (error == NULL)
        abort ();
      return;
    }
  g_autoptr (JsonNode) json = mer_result_to_json (result);
  g_autofree char *text = mer_json_canonical (json);
  if (mer_result_get_text (result) == NULL
      || !g_utf8_validate (mer_result_get_text (result), -1, NULL) || *text != '{')
    abort ();
}

static JsonNode *
decode (const char *head, MerReply *reply, GError **error)
{
  gboolean is_stream = strstr (head, "sse") != NULL;

  if (strstr (head, "responses") != NULL)
    return is_stream ? mer_openai_responses_decode_stream (reply, error)
                     : mer_openai_responses_decode (reply, error);
  return is_stream ? mer_openai_decode_stream (reply, error)
                   : mer_openai_decode_json (reply, error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *end = memchr (data, '\n', MIN (size, 64));
  g_autofree char *head
      = end != NULL ? g_strndup ((const char *) data, (gsize) (end - data)) : NULL;

  if (head == NULL)
    return 0;

  gsize length = size - (gsize) (end + 1 - data);
  g_autoptr (MerReply) reply = mer_reply_new (
      (guint) g_ascii_strtoull (head, NULL, 10) % 600, NULL, g_bytes_new (end + 1, length));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = decode (head, reply, &error);
  g_autofree char *excerpt = mer_reply_dup_excerpt (reply, 100);

  if ((root == NULL) != (error != NULL) || !g_utf8_validate (excerpt, -1, NULL))
    abort ();
  if (root == NULL)
    return 0;
  read_failure (reply, root);
  read_refusal (reply, root);
  read_answer (root, strstr (head, "responses") != NULL);
  return 0;
}
