/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* failures in the words of the vendors who write them */
#include "support/mer-test.h"

#include "../../../plugins/backends/openai/mer-openai-dialect.h"

#define D(name) MER_OPENAI_DIALECT_##name

static const struct
{
  MerOpenaiDialect dialect;
  guint status;
  const char *body;
  MerRetry retry;
} table[] = {
  { D (OPENAI), 400,
    "{\"error\":{\"code\":400,\"message\":\"model 'absent' not found\","
    "\"type\":\"invalid_request_error\"}}",
    MER_RETRY_FATAL },
  { D (LLAMACPP), 400,
    "{\"error\":{\"code\":400,\"message\":\"model name is missing from the request\","
    "\"type\":\"invalid_request_error\"}}",
    MER_RETRY_FATAL },
  { D (LLAMACPP), 400,
    "{\"error\":{\"code\":400,\"message\":\"image 'a' not found\","
    "\"type\":\"invalid_request_error\"}}",
    MER_RETRY_PERMANENT },
  { D (LLAMACPP), 500,
    "{\"error\":{\"code\":500,\"message\":\"Cannot use both json_schema and grammar\","
    "\"type\":\"server_error\"}}",
    MER_RETRY_PERMANENT },
  { D (RESPONSES), 200, "{\"error\":{\"code\":\"invalid_image\",\"message\":\"no image\"}}",
    MER_RETRY_PERMANENT },
  { D (RESPONSES), 200, "{\"error\":{\"code\":\"server_error\",\"message\":\"oh\"}}",
    MER_RETRY_TRANSIENT },
  { D (RESPONSES), 200,
    "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slow\"}}",
    MER_RETRY_RATE_LIMITED },
  { D (ZHIPU), 400, "{\"error\":{\"code\":\"1301\",\"message\":\"unsafe\"}}",
    MER_RETRY_FILTERED },
  { D (ZHIPU), 429, "{\"error\":{\"code\":\"1113\",\"message\":\"arrears\"}}",
    MER_RETRY_FATAL },
  { D (ZHIPU), 429, "{\"error\":{\"code\":\"1302\",\"message\":\"too many\"}}",
    MER_RETRY_RATE_LIMITED },
  { D (MOONSHOT), 503, "{\"error\":{\"message\":\"busy\"}}", MER_RETRY_RATE_LIMITED },
  { D (MOONSHOT), 429,
    "{\"error\":{\"type\":\"exceeded_current_quota_error\",\"message\":\"x\"}}",
    MER_RETRY_FATAL },
  { D (OPENROUTER), 403,
    "{\"error\":{\"code\":403,\"message\":\"Your chosen model requires moderation and your "
    "input was flagged\"}}",
    MER_RETRY_FILTERED },
  { D (OPENROUTER), 403, "{\"error\":{\"code\":403,\"message\":\"Key disabled\"}}",
    MER_RETRY_FATAL },
  { D (OPENROUTER), 404,
    "{\"error\":{\"code\":404,\"message\":\"No endpoints found that can handle the "
    "requested "
    "parameters.\"}}",
    MER_RETRY_FATAL },
  { D (DASHSCOPE), 404,
    "{\"code\":\"ModelNotFound\",\"message\":\"x\",\"request_id\":\"r\"}",
    MER_RETRY_FATAL },
  { D (DASHSCOPE), 429, "{\"error\":{\"code\":\"limit_burst_rate\",\"message\":\"x\"}}",
    MER_RETRY_RATE_LIMITED },
  { D (DASHSCOPE), 400,
    "{\"error\":{\"code\":\"data_inspection_failed\",\"message\":\"x\"}}",
    MER_RETRY_FILTERED },
  { D (AZURE), 404, "{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"x\"}}",
    MER_RETRY_FATAL },
  { D (AZURE), 400,
    "{\"error\":{\"code\":\"content_filter\",\"message\":\"x\",\"innererror\":{"
    "\"content_filter_result\":{}}}}",
    MER_RETRY_FILTERED },
  { D (VLLM), 400,
    "{\"error\":{\"code\":400,\"type\":\"BadRequestError\",\"message\":\"At most 1 "
    "image(s) may be provided in one prompt.\"}}",
    MER_RETRY_PERMANENT },
  { D (DEEPSEEK), 402, "{\"error\":{\"message\":\"Insufficient Balance\"}}",
    MER_RETRY_FATAL },
};

static void
test_classify (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (JsonNode) root = json_from_string (table[i].body, NULL);
      g_autoptr (MerReplyError) error = mer_reply_error_new (root);
      MerRetry retry = mer_openai_classify (table[i].dialect, table[i].status, error,
                                            mer_retry_classify (table[i].status, error));

      if (retry != table[i].retry)
        fail_msg ("%u %s: %d instead of %d", table[i].status, table[i].body, retry,
                  table[i].retry);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (test_classify) };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
