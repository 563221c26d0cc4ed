/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a reply of Gemini, Anthropic or Ollama, from its bytes to a result. The first line says
 * whose it is, and `stream` where it comes in pieces; what follows is the body */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/backends/anthropic/mer-anthropic.h"
#include "../../plugins/backends/gemini/mer-gemini.h"
#include "../../plugins/backends/ollama/mer-ollama.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef enum
{
  GEMINI,
  ANTHROPIC,
  OLLAMA,
} Vendor;

static MerReply *
make_reply (Vendor vendor, gboolean is_stream, GBytes *body)
{
  GHashTable *headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const char *type = vendor == OLLAMA ? "application/x-ndjson" : "text/event-stream";

  g_hash_table_insert (headers, g_strdup ("content-type"),
                       g_strdup (is_stream ? type : "application/json"));
  return mer_reply_new (200, headers, body);
}

static JsonNode *
decode (Vendor vendor, gboolean is_stream, MerReply *reply, GError **error)
{
  if (vendor == GEMINI)
    return mer_gemini_decode (reply, error);
  if (vendor == OLLAMA)
    return mer_ollama_decode (reply, error);
  return is_stream ? mer_anthropic_decode_stream (reply, error)
                   : mer_reply_parse_json (reply, error);
}

static gboolean
parse (Vendor vendor, JsonNode *root, MerResult *result, GError **error)
{
  if (vendor == GEMINI)
    return mer_gemini_parse_reply (root, result, error);
  if (vendor == OLLAMA)
    return mer_ollama_parse_reply (root, 4096, result, error);
  return mer_anthropic_parse_reply (root, result, error);
}

static void
check_text (const char *text)
{
  if (text != NULL && !g_utf8_validate (text, -1, NULL))
    abort ();
}

static void
check_counts (MerResult *result)
{
  MerUsage usage = mer_result_get_usage (result);

  if (usage.input < -1 || usage.input_cached < -1 || usage.cache_write < -1
      || usage.output < -1 || usage.reasoning < -1)
    abort ();
}

static void
read_answer (Vendor vendor, JsonNode *root)
{
  g_autoptr (MerResult) result
      = mer_result_new ("s", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);
  g_autoptr (GError) error = NULL;

  if (!parse (vendor, root, result, &error))
    {
      if (error == NULL)
        abort ();
      check_text (error->message);
      return;
    }
  g_autoptr (JsonNode) json = mer_result_to_json (result);
  g_autofree char *text = mer_json_canonical (json);
  if (mer_result_get_text (result) == NULL || *text != '{')
    abort ();
  check_text (mer_result_get_text (result));
  check_text (mer_result_get_reasoning (result));
  check_text (mer_result_get_detail (result));
  check_counts (result);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *end = memchr (data, '\n', MIN (size, 64));
  g_autofree char *head
      = end != NULL ? g_strndup ((const char *) data, (gsize) (end - data)) : NULL;

  if (head == NULL)
    return 0;

  Vendor vendor = *head == 'g' ? GEMINI : *head == 'a' ? ANTHROPIC : OLLAMA;
  gboolean is_stream = strstr (head, "stream") != NULL;
  g_autoptr (MerReply) reply = make_reply (
      vendor, is_stream, g_bytes_new (end + 1, size - (gsize) (end + 1 - data)));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = decode (vendor, is_stream, reply, &error);

  if ((root == NULL) != (error != NULL))
    abort ();
  if (root == NULL)
    return 0;
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
  if (failure != NULL)
    check_text (failure->message);
  read_answer (vendor, root);
  return 0;
}
