/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <gio/gio.h>
#include <string.h>

#include "mer.h"

static void
test_classes (void **state)
{
  static const struct
  {
    guint status;
    const char *body;
    MerRetry retry;
  } table[] = {
    { 200, "{}", MER_RETRY_DONE },
    { 200, "{\"error\":{\"message\":\"x\",\"code\":502}}", MER_RETRY_TRANSIENT },
    { 200, "{\"error\":{\"message\":\"x\",\"code\":\"429\"}}", MER_RETRY_RATE_LIMITED },
    { 400, "{}", MER_RETRY_PERMANENT },
    { 401, "{\"error\":\"Unauthorized\"}", MER_RETRY_FATAL },
    { 402, "{}", MER_RETRY_FATAL },
    { 403, "{}", MER_RETRY_FATAL },
    { 404, "{\"detail\":\"Not Found\"}", MER_RETRY_PERMANENT },
    { 404, "{\"error\":{\"message\":\"The model `x` does not exist.\",\"code\":404}}",
      MER_RETRY_FATAL },
    { 404, "{\"error\":\"model \\\"x\\\" not found, try pulling it first\"}",
      MER_RETRY_FATAL },
    { 405, "{}", MER_RETRY_PERMANENT },
    { 408, "{}", MER_RETRY_TRANSIENT },
    { 409, "{}", MER_RETRY_TRANSIENT },
    { 413, "{}", MER_RETRY_PERMANENT },
    { 422, "{}", MER_RETRY_PERMANENT },
    { 425, "{}", MER_RETRY_TRANSIENT },
    { 429, "{}", MER_RETRY_RATE_LIMITED },
    { 429, "{\"error\":{\"code\":\"insufficient_quota\"}}", MER_RETRY_FATAL },
    { 429, "{\"error\":{\"type\":\"exceeded_current_quota_error\"}}", MER_RETRY_FATAL },
    { 429, "{\"error\":{\"message\":\"Request too large for m: Limit 1, Requested 2\"}}",
      MER_RETRY_PERMANENT },
    { 500, "{}", MER_RETRY_TRANSIENT },
    { 500,
      "{\"error\":{\"message\":\"audio input is not supported - hint: if this is "
      "unexpected, you may need to provide the mmproj\",\"type\":\"server_error\"}}",
      MER_RETRY_PERMANENT },
    { 500, "{\"error\":{\"message\":\"uri must be base64 encoded\"}}",
      MER_RETRY_PERMANENT },
    { 500, "{\"error\":{\"message\":\"torch.OutOfMemoryError: CUDA\"}}", MER_RETRY_FATAL },
    { 501, "{}", MER_RETRY_PERMANENT },
    { 502, "{}", MER_RETRY_TRANSIENT },
    { 503, "{}", MER_RETRY_RATE_LIMITED },
    { 504, "{}", MER_RETRY_TRANSIENT },
    { 520, "{}", MER_RETRY_TRANSIENT },
    { 524, "{}", MER_RETRY_TRANSIENT },
    { 503, "{\"error\":{\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}",
      MER_RETRY_LOADING },
    { 503,
      "{\"error\":\"server busy, please try again.  maximum pending requests "
      "exceeded\"}",
      MER_RETRY_RATE_LIMITED },
    { 503, "[{\"error\":{\"code\":503,\"status\":\"RESOURCE_EXHAUSTED\"}}]",
      MER_RETRY_RATE_LIMITED },
    { 522, "{}", MER_RETRY_TRANSIENT },
    { 529, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}",
      MER_RETRY_RATE_LIMITED },
    { 400, "{\"error\":{\"code\":\"content_filter\"}}", MER_RETRY_FILTERED },
    { 400, "{\"code\":\"data_inspection_failed\",\"message\":\"x\"}", MER_RETRY_FILTERED },
    { 400, "{\"error\":{\"code\":\"context_length_exceeded\"}}", MER_RETRY_PERMANENT },
    { 400, "{\"error\":{\"message\":\"API key not valid. Please pass a valid one.\"}}",
      MER_RETRY_FATAL },
    /* Google: reasons and quotas stand in details */
    { 400,
      "{\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\",\"details\":[{\"reason\":"
      "\"API_KEY_INVALID\"}]}}",
      MER_RETRY_FATAL },
    { 429,
      "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{"
      "\"violations\":[{\"quotaId\":\"GenerateRequestsPerDayPerProject-FreeTier\"}]},{"
      "\"retryDelay\":\"37s\"}]}}",
      MER_RETRY_FATAL },
    { 429,
      "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{"
      "\"violations\":[{\"quotaId\":\"GenerateRequestsPerMinutePerProject\"}]},{"
      "\"retryDelay\":\"37s\"}]}}",
      MER_RETRY_RATE_LIMITED },
    { 400,
      "{\"error\":{\"code\":400,\"status\":\"FAILED_PRECONDITION\",\"message\":\"User "
      "location is not supported for the API use.\"}}",
      MER_RETRY_FATAL },
    { 504, "{\"error\":{\"code\":504,\"status\":\"DEADLINE_EXCEEDED\"}}",
      MER_RETRY_TRANSIENT },
    /* Anthropic */
    { 400,
      "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Your credit balance is "
      "too low to access the API\"}}",
      MER_RETRY_FATAL },
    { 402, "{\"error\":{\"type\":\"billing_error\"}}", MER_RETRY_FATAL },
    { 413, "{\"error\":{\"type\":\"request_too_large\"}}", MER_RETRY_PERMANENT },
    { 500, "{\"error\":{\"type\":\"api_error\"}}", MER_RETRY_TRANSIENT },
    { 200, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}",
      MER_RETRY_RATE_LIMITED },
    /* Azure, OpenRouter, DashScope, Zhipu, Moonshot, Hugging Face */
    { 404, "{\"error\":{\"code\":\"DeploymentNotFound\"}}", MER_RETRY_FATAL },
    { 403,
      "{\"error\":{\"code\":403,\"message\":\"Your chosen model requires moderation and "
      "your input was flagged\"}}",
      MER_RETRY_FILTERED },
    { 429, "{\"error\":{\"code\":\"limit_requests\"}}", MER_RETRY_RATE_LIMITED },
    { 429, "{\"code\":\"Throttling.RateQuota\",\"message\":\"x\"}",
      MER_RETRY_RATE_LIMITED },
    { 400, "{\"error\":{\"code\":\"1301\",\"message\":\"x\"}}", MER_RETRY_FILTERED },
    { 429, "{\"error\":{\"code\":\"1302\",\"message\":\"x\"}}", MER_RETRY_RATE_LIMITED },
    { 429, "{\"error\":{\"code\":\"1113\",\"message\":\"x\"}}", MER_RETRY_FATAL },
    { 429, "{\"error\":{\"type\":\"engine_overloaded_error\"}}", MER_RETRY_RATE_LIMITED },
    { 503, "{\"error\":\"Model x is currently loading\",\"estimated_time\":20}",
      MER_RETRY_LOADING },
    /* too long, in each vendor's words, whatever the status */
    { 500, "{\"error\":{\"message\":\"the maximum context length is 9\"}}",
      MER_RETRY_PERMANENT },
    { 500, "{\"error\":{\"message\":\"max_tokens must be at least 1, got -4\"}}",
      MER_RETRY_PERMANENT },
    { 500, "{\"error\":{\"message\":\"exceeded model token limit: 8192\"}}",
      MER_RETRY_PERMANENT },
    { 500, "{\"error\":{\"message\":\"prompt is too long: 9 tokens\"}}",
      MER_RETRY_PERMANENT },
    { 500,
      "{\"error\":{\"message\":\"input length and `max_tokens` exceed context limit: 9\"}}",
      MER_RETRY_PERMANENT },
    { 500, "{\"error\":{\"message\":\"exceeds the maximum number of tokens allowed\"}}",
      MER_RETRY_PERMANENT },
    { 500, "{\"error\":{\"message\":\"the size exceeds the limit\"}}",
      MER_RETRY_PERMANENT },
    { 500, "{\"error\":{\"type\":\"exceed_context_size_error\"}}", MER_RETRY_PERMANENT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (JsonNode) root
          = mer_reply_parse_text (table[i].body, strlen (table[i].body), NULL);
      g_autoptr (MerReplyError) error = mer_reply_error_new (root);
      MerRetry retry = mer_retry_classify (table[i].status, error);

      if (retry != table[i].retry)
        fail_msg ("%u %s: class %d", table[i].status, table[i].body, retry);
    }
}

/* a server may say itself whether it is worth asking again */
static void
test_heed (void **state)
{
  static const struct
  {
    const char *header;
    MerRetry before;
    MerRetry after;
  } table[] = {
    { "true", MER_RETRY_PERMANENT, MER_RETRY_TRANSIENT },
    { "false", MER_RETRY_TRANSIENT, MER_RETRY_PERMANENT },
    { "false", MER_RETRY_RATE_LIMITED, MER_RETRY_PERMANENT },
    { "true", MER_RETRY_FATAL, MER_RETRY_FATAL },
    { "false", MER_RETRY_FILTERED, MER_RETRY_FILTERED },
    { "maybe", MER_RETRY_TRANSIENT, MER_RETRY_TRANSIENT },
    { NULL, MER_RETRY_PERMANENT, MER_RETRY_PERMANENT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (MerReply) reply = mer_reply_new (500, NULL, g_bytes_new_static ("", 0));

      if (table[i].header != NULL)
        g_hash_table_insert (reply->headers, g_strdup ("x-should-retry"),
                             g_strdup (table[i].header));
      assert_int_equal (mer_retry_heed (reply, table[i].before), table[i].after);
    }
}

static void
test_transport (void **state)
{
  static const struct
  {
    GQuark (*domain) (void);
    int code;
    MerRetry retry;
  } table[] = {
    { g_io_error_quark, G_IO_ERROR_CONNECTION_REFUSED, MER_RETRY_UNREACHABLE },
    { g_io_error_quark, G_IO_ERROR_HOST_UNREACHABLE, MER_RETRY_UNREACHABLE },
    { g_resolver_error_quark, G_RESOLVER_ERROR_NOT_FOUND, MER_RETRY_UNREACHABLE },
    { g_io_error_quark, G_IO_ERROR_CONNECTION_CLOSED, MER_RETRY_TRANSIENT },
    { g_io_error_quark, G_IO_ERROR_PARTIAL_INPUT, MER_RETRY_TRANSIENT },
    { mer_error_quark, MER_ERROR_TIMED_OUT, MER_RETRY_TRANSIENT },
    { mer_error_quark, MER_ERROR_TOO_LARGE, MER_RETRY_PERMANENT },
    { g_tls_error_quark, G_TLS_ERROR_BAD_CERTIFICATE, MER_RETRY_FATAL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error
          = g_error_new_literal (table[i].domain (), table[i].code, "x");

      assert_int_equal (mer_retry_classify_error (error), table[i].retry);
    }
}

static void
test_durations (void **state)
{
  static const struct
  {
    const char *text;
    double seconds; /* -1: not one */
  } table[] = {
    { "0", 0 },       { "12", 12 },    { "1.5", 1.5 },      { "12ms", 0.012 },
    { "1s", 1 },      { "6m0s", 360 }, { "1m30.5s", 90.5 }, { "20h3m", 72180 },
    { "2d", 172800 }, { " 3 ", 3 },    { "", -1 },          { "-5", -1 },
    { "nan", -1 },    { "inf", -1 },   { "5x", -1 },        { "s", -1 },
    { "1s2", -1 },    { "1e999", -1 }, { "soon", -1 },      { "500us", 0.0005 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      double seconds = -1;

      if (!mer_retry_parse_duration (table[i].text, &seconds))
        seconds = -1;
      assert_float_equal (seconds, table[i].seconds, 1e-9);
    }
}

/* headers as "name: value" lines; the order in which hints are believed */
static void
test_hints (void **state)
{
  static const struct
  {
    const char *headers;
    const char *body;
    double seconds;
  } table[] = {
    { "", "{}", -1 },
    { "retry-after-ms: 1500\nretry-after: 9", "{}", 1.5 },
    { "retry-after: 7\nx-ratelimit-reset-tokens: 60s", "{}", 7 },
    { "retry-after: 0.5", "{}", 0.5 },
    { "retry-after: -3", "{}", -1 },
    { "retry-after: Wed, 21 Oct 2026 07:28:20 GMT\ndate: Wed, 21 Oct 2026 07:28:00 GMT",
      "{}", 20 },
    { "retry-after: Wed, 21 Oct 2026 07:27:00 GMT\ndate: Wed, 21 Oct 2026 07:28:00 GMT",
      "{}", 0 },
    { "retry-after: Wed, 21 Oct 2026 12:00:30 GMT", "{}", 30 },
    { "retry-after: Wed, 45 Foo 2026 12:00:30 GMT", "{}", -1 },
    { "x-ratelimit-reset-requests: 12ms\nx-ratelimit-reset-tokens: 6m0s", "{}", 360 },
    { "x-ratelimit-reset: 1792584010", "{}", 10 },
    { "x-ratelimit-reset: 1792584010000", "{}", 10 },
    { "", "{\"error\":{\"message\":\"Please try again in 1.2s. Thanks\"}}", 1.2 },
    { "", "{\"error\":{\"message\":\"Please try again in 20ms.\"}}", 0.02 },
    { "", "{\"error\":{\"details\":[{},{\"retryDelay\":\"37s\"}],\"message\":\"x\"}}", 37 },
    { "anthropic-ratelimit-tokens-reset: 2026-10-21T12:00:09Z", "{}", 9 },
    { "anthropic-ratelimit-requests-reset: 2026-10-21T07:28:04Z\n"
      "date: Wed, 21 Oct 2026 07:28:00 GMT",
      "{}", 4 },
    { "retry-after-ms: nan\nretry-after: 3", "{}", 3 },
    { "", "{\"error\":{\"message\":\"Please retry after 12 seconds.\"}}", 12 },
    { "", "{\"error\":{\"message\":\"Please retry in 37.4s.\"}}", 37.4 },
    { "", "{\"error\":{\"message\":\"try again in 20 milliseconds\"}}", 0.02 },
    { "retry-after: 2", "{\"error\":{\"details\":[{\"retryDelay\":\"37s\"}]}}", 2 },
  };
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 10, 21, 12, 0, 0);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (MerReply) reply = mer_reply_new (429, NULL, g_bytes_new_static ("", 0));
      g_auto (GStrv) lines = g_strsplit (table[i].headers, "\n", -1);
      g_autoptr (JsonNode) root
          = mer_reply_parse_text (table[i].body, strlen (table[i].body), NULL);
      g_autoptr (MerReplyError) error = mer_reply_error_new (root);

      for (guint l = 0; lines[l] != NULL && *lines[l] != '\0'; l++)
        {
          g_auto (GStrv) parts = g_strsplit (lines[l], ": ", 2);

          g_hash_table_insert (reply->headers, g_strdup (parts[0]), g_strdup (parts[1]));
        }
      assert_float_equal (mer_retry_get_hint (reply, error, now), table[i].seconds, 1e-6);
    }
}

static void
test_delays (void **state)
{
  assert_float_equal (mer_retry_get_delay (MER_RETRY_TRANSIENT, 1, -1, 1), 1, 1e-9);
  assert_float_equal (mer_retry_get_delay (MER_RETRY_TRANSIENT, 3, -1, 1), 4, 1e-9);
  assert_float_equal (mer_retry_get_delay (MER_RETRY_TRANSIENT, 3, -1, 0), 0, 1e-9);
  assert_float_equal (mer_retry_get_delay (MER_RETRY_RATE_LIMITED, 30, -1, 1), 60, 1e-9);
  /* never before the server wants it */
  assert_true (mer_retry_get_delay (MER_RETRY_RATE_LIMITED, 1, 5, 0) >= 5);
  assert_true (mer_retry_get_delay (MER_RETRY_RATE_LIMITED, 1, 5, 1) <= 6);
  assert_int_equal (mer_retry_get_max_attempts (MER_RETRY_PERMANENT), 1);
  assert_int_equal (mer_retry_get_max_attempts (MER_RETRY_TRANSIENT), 3);
  assert_int_equal (mer_retry_get_max_attempts (MER_RETRY_RATE_LIMITED), 6);
}

static void
test_reasoning (void **state)
{
  static const struct
  {
    const char *content;
    const char *answer;
    const char *reasoning;
  } table[] = {
    { "happy", "happy", NULL },
    { "<think>a</think>b", "b", "a" },
    { " <THINK>a</Think>\n b", "b", "a" },
    { "a</think>b", "b", "a" },
    { "<think>a", "", "a" },
    { "<think>a</think><think>b", "", "a</think><think>b" },
    { "<think>a<think>b</think>c</think>d", "d", "a<think>b</think>c" },
    { "<thinking>a</thinking>b", "b", "a" },
    { "[THINK]a[/THINK]b", "b", "a" },
    { "<think></think>b", "b", "" },
    { "<|begin_of_box|>happy<|end_of_box|>", "happy", NULL },
    { "<|end|>a<|end|><|im_end|><b|>", "a<b|>", NULL },
    { "I <think> so", "I <think> so", NULL },
    { "", "", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *answer = NULL;
      g_autofree char *reasoning = NULL;

      mer_reply_split_reasoning (table[i].content, &answer, &reasoning);
      assert_string_equal (answer, table[i].answer);
      if (g_strcmp0 (reasoning, table[i].reasoning) != 0)
        fail_msg ("%s: “%s”", table[i].content, reasoning);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_classes),   cmocka_unit_test (test_transport),
    cmocka_unit_test (test_durations), cmocka_unit_test (test_hints),
    cmocka_unit_test (test_heed),      cmocka_unit_test (test_delays),
    cmocka_unit_test (test_reasoning),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
