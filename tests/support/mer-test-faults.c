/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "support/mer-test-backend.h"

#include <string.h>

#define GOOD MER_OUTCOME_ANSWERED
#define BAD MER_OUTCOME_API_FAILED

static const MerTestFault common[] = {
  /* tried again, then good */
  { "429:2", GOOD, NULL, NULL, 3 },
  { "429-after:1", GOOD, NULL, NULL, 2 },
  { "429-junk:1", GOOD, NULL, NULL, 2 },
  { "500:2", GOOD, NULL, NULL, 3 },
  { "502-html:1", GOOD, NULL, NULL, 2 },
  { "503-empty:1", GOOD, NULL, NULL, 2 },
  { "504:1", GOOD, NULL, NULL, 2 },
  { "overloaded:4", GOOD, NULL, NULL, 5 },
  { "close:1", GOOD, NULL, NULL, 2 },
  { "reset:1", GOOD, NULL, NULL, 2 },
  { "truncated:1", GOOD, NULL, NULL, 2 },
  { "chunk-cut:1", GOOD, NULL, NULL, 2 },
  { "200-empty:1", GOOD, NULL, NULL, 2 },
  { "200-half:1", GOOD, NULL, NULL, 2 },
  { "200-error:1", GOOD, NULL, NULL, 2 },
  { "hang:1", GOOD, NULL, NULL, 2, FALSE, "timeout=0.3" },
  /* tried again in vain */
  { "429", BAD, NULL, "6 attempts failed, the last: ", 6 },
  { "500", BAD, NULL, "3 attempts failed, the last: ", 3 },
  { "drip", BAD, NULL, "no complete answer within 0.3 s", 3, FALSE, "timeout=0.3" },
  { "200-html", BAD, NULL, "the server's answer", 3 },
  /* never tried again */
  { "429-after-long", BAD, NULL, "the server asks to wait 3600 s", 1 },
  { "400", BAD, NULL, "HTTP status 400", 1 },
  { "400-context", BAD, NULL, "HTTP status 400", 1 },
  { "501", BAD, NULL, "HTTP status 501", 1 },
  { "gzip-bomb", BAD, NULL, "exceeds 33554432 bytes", 1, FALSE, "timeout=60" },
  { "huge", BAD, NULL, "exceeds 33554432 bytes", 1, FALSE, "timeout=60" },
  { "nested", BAD, NULL, "the server's answer", 1 },
  /* hopeless for everybody: the run stops with one message */
  { "401", BAD, NULL, "HTTP status 40", 1, TRUE },
  { "402", BAD, NULL, "HTTP status 40", 1, TRUE },
  { "403", BAD, NULL, "HTTP status 40", 1, TRUE },
  { "404-model", BAD, NULL, "HTTP status 404", 1, TRUE },
  { "200-error-401", BAD, NULL, "HTTP status 200", 1, TRUE },
  { "302", BAD, NULL, "redirect (HTTP status 302) to /elsewhere", 1, TRUE },
  { "307", BAD, NULL, "redirect (HTTP status 307) to /elsewhere", 1, TRUE },
  /* outcomes that are no failures */
  { "length", MER_OUTCOME_TRUNCATED, "{\"labels\": [\"hap", "max-tokens", 1 },
  { "length-empty", MER_OUTCOME_TRUNCATED, "", "max-tokens", 1 },
  { "content-empty", MER_OUTCOME_UNPARSEABLE, "", "the answer is empty", 1 },
  /* odd but good */
  { "usage-null", GOOD, "[happy]", NULL, 1 },
  { "usage-none", GOOD, "[happy]", NULL, 1 },
  { "usage-full", GOOD, "[happy]", NULL, 1 },
  { "bad-utf8", GOOD, "[happy] \357\277\275\357\277\275", NULL, 1 },
  { "surrogate", GOOD, "[happy] \357\277\275", NULL, 1 },
  { "stale", GOOD, NULL, NULL, 1 },
  { "think", GOOD, "[happy]", NULL, 1, FALSE, NULL, "sad? no" },
  { "think-no-open", GOOD, "[happy]", NULL, 1, FALSE, NULL, "sad? no" },
  { "think-unclosed", MER_OUTCOME_TRUNCATED, "", NULL, 1, FALSE, NULL, "sad? or" },
  { "reasoning-content", GOOD, "[happy]", NULL, 1, FALSE, NULL, "sad? no" },
  { "reasoning-only", MER_OUTCOME_TRUNCATED, "", NULL, 1, FALSE, NULL, "it is [sad]" },
};

static const MerTestFault streamed[] = {
  { "sse-crlf", GOOD, "[happy]", NULL, 1 },
  { "sse-utf8", GOOD, "[déçu, 喜]", NULL, 1 },
  { "sse-bytes", GOOD, NULL, NULL, 1 },
  { "sse-no-last-line", GOOD, "[happy]", NULL, 1 },
  { "sse-broken:1", GOOD, NULL, NULL, 2 },
  { "sse-error:1", GOOD, NULL, NULL, 2 },
  { "sse-broken", BAD, NULL, "broke off", 3 },
  { "chunk-cut:1", GOOD, NULL, NULL, 2 },
  { "length", MER_OUTCOME_TRUNCATED, "{\"labels\": [\"hap", "max-tokens", 1 },
  { "reasoning-content", GOOD, "[happy]", NULL, 1, FALSE, NULL, "sad? no" },
};

static void
check_text (const MerTestFault *wanted, MerResult *result)
{
  const char *text = mer_result_get_text (result);

  if (wanted->text != NULL && g_strcmp0 (text, wanted->text) != 0)
    fail_msg ("%s: text is “%s”", wanted->fault, text);
  if (wanted->text == NULL && wanted->outcome == GOOD && (text == NULL || *text == '\0'))
    fail_msg ("%s: there is no text", wanted->fault);
  if (g_strcmp0 (mer_result_get_reasoning (result), wanted->reasoning) != 0)
    fail_msg ("%s: reasoning is “%s”", wanted->fault, mer_result_get_reasoning (result));
}

static void
check_result (MerTestBackend *bench, const MerTestFault *wanted, MerResult *result)
{
  g_autofree char *error = mer_test_backend_pop_error (bench, 0);
  const char *detail = result != NULL ? mer_result_get_detail (result) : NULL;

  if (error != NULL || result == NULL)
    fail_msg ("%s: ERROR %s", wanted->fault, error);
  if (mer_result_get_outcome (result) != wanted->outcome)
    fail_msg ("%s: outcome is %s: %s", wanted->fault,
              mer_outcome_to_string (mer_result_get_outcome (result)), detail);
  check_text (wanted, result);
  if (wanted->detail != NULL && (detail == NULL || strstr (detail, wanted->detail) == NULL))
    fail_msg ("%s: detail is “%s”", wanted->fault, detail);
  if (wanted->attempts > 0 && mer_result_get_attempts (result) != wanted->attempts)
    fail_msg ("%s: %u attempts", wanted->fault, mer_result_get_attempts (result));
}

void
mer_test_backend_check_fault (const char *factory, const char *protocol,
                              const MerTestFault *wanted)
{
  g_autofree char *arguments
      = g_strdup_printf ("--protocol %s --fault %s", protocol, wanted->fault);
  g_autoptr (MerTestServer) server = mer_test_server_start (arguments);
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new (factory, server->uri, wanted->properties);
  MerSample *sample = mer_test_sample (0, 2, 0.5, "hello");

  if (!wanted->fatal)
    {
      g_autoptr (MerResult) result = mer_test_backend_ask (bench, sample);

      check_result (bench, wanted, result);
      return;
    }
  gst_harness_push (bench->harness, mer_buffer_new_sample (sample));
  g_autofree char *error = mer_test_backend_pop_error (bench, 20 * GST_SECOND);
  if (error == NULL || strstr (error, wanted->detail) == NULL)
    fail_msg ("%s: the ERROR is “%s”", wanted->fault, error);
}

static void
check_with (const char *factory, const char *protocol, const MerTestFault *wanted,
            const char *always, const char *properties)
{
  g_autofree char *all
      = g_strdup_printf ("%s %s", always, properties != NULL ? properties : "");
  MerTestFault fault = *wanted;

  fault.properties = all;
  mer_test_backend_check_fault (factory, protocol, &fault);
}

void
mer_test_backend_check_faults (const char *factory, const char *protocol,
                               const char *always, const char *streaming)
{
  /* waits that nobody asked for are as long as they are, but not here */
  mer_retry_set_time_scale (0.02);
  for (gsize i = 0; i < G_N_ELEMENTS (common); i++)
    check_with (factory, protocol, &common[i], always, common[i].properties);
  for (gsize i = 0; i < G_N_ELEMENTS (streamed); i++)
    check_with (factory, protocol, &streamed[i], always, streaming);
}
