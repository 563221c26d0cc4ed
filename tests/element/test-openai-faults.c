/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what servers do to meropenai: what all protocols have in common, then what is this one's
 */
#include "support/mer-test.h"

#include "support/mer-test-backend.h"

#define GOOD MER_OUTCOME_ANSWERED
#define BAD MER_OUTCOME_API_FAILED

static const MerTestFault cases[] = {
  /* tried again, then good; the server's own answer is a list of words */
  { "429-ms:1", GOOD, NULL, NULL, 2 },
  { "429-date:1", GOOD, NULL, NULL, 2 },
  { "429-reset:1", GOOD, NULL, NULL, 2 },
  { "429-text:1", GOOD, NULL, NULL, 2 },
  { "429-gemini:1", GOOD, NULL, NULL, 2 },
  { "529:1", GOOD, NULL, NULL, 2 },
  { "503-loading:3", GOOD, NULL, NULL, 1 },
  { "200-spaces:1", GOOD, NULL, NULL, 2 },
  { "finish-error:1", GOOD, NULL, NULL, 2 },
  /* tried again in vain */
  { "502-html", BAD, NULL, "HTTP status 502: <html><head><title>502 Bad Gateway", 3 },
  { "hang", BAD, NULL, "no complete answer within 0.3 s", 3, FALSE, "timeout=0.3" },
  { "503-loading", BAD, NULL, "still not ready after", 0, FALSE, "patience=0.2" },
  /* never tried again */
  { "429-too-large", BAD, NULL, "Request too large", 1 },
  { "500-mmproj", BAD, NULL, "image input is not supported", 1 },
  { "500-parse", BAD, NULL, "json.exception.parse_error", 1 },
  { "400-array", BAD, NULL, "HTTP status 400, missing: field required", 1 },
  { "400-flat", BAD, NULL, "bad request", 1 },
  { "400-string", BAD, NULL, "model does not support images", 1 },
  { "400-dashscope", BAD, NULL, "InvalidParameter: bad parameter", 1 },
  { "413", BAD, NULL, "HTTP status 413", 1 },
  { "choices-object", BAD, NULL, "/choices/0/message", 1 },
  { "choices-null", BAD, NULL, "/choices/0/message", 1 },
  { "choices-none", BAD, NULL, "/choices/0/message", 3 },
  { "content-number", BAD, NULL, "neither text nor a list", 1 },
  /* hopeless for everybody: the run stops with one message */
  { "429-quota", BAD, NULL, "exceeded your current quota", 1, TRUE },
  { "429-per-day", BAD, NULL, "PerDay", 1, TRUE },
  { "500-cuda", BAD, NULL, "CUDA out of memory", 1, TRUE },
  /* outcomes that are no failures */
  { "refusal", MER_OUTCOME_REFUSED, "I can't help.", "declined", 1 },
  { "filtered", MER_OUTCOME_FILTERED, "", "content filter", 1 },
  { "400-filter", MER_OUTCOME_FILTERED, NULL, "content_filter", 1 },
  { "400-blocked", MER_OUTCOME_FILTERED, NULL, "blocked", 1 },
  { "content-null", MER_OUTCOME_UNPARSEABLE, "", "the answer is empty", 1 },
  /* odd but good */
  { "blank-lines", GOOD, "[happy]", NULL, 1 },
  { "content-parts", GOOD, "[happy]", NULL, 1 },
  /* reasoning stays apart */
  { "think-nested", GOOD, "[happy]", NULL, 1, FALSE, NULL, "sad <think>angry</think> no" },
  /* streams */
  { "sse-comments", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-lines", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-no-done", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-done-only", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  { "sse-usage", GOOD, "[happy]", NULL, 1, FALSE, "stream=true" },
  /* a server that wants the request otherwise */
  { "stream-only", GOOD, NULL, NULL, 1 },
  { "no-max-tokens", GOOD, NULL, NULL, 1, FALSE, "token-limit-key=max-tokens" },
  { "no-temperature", GOOD, NULL, NULL, 1 },
  /* hostile */
  { "twice", BAD, NULL, "the server's answer", 3 },
  { "huge-number", BAD, NULL, "the server's answer", 3 },
  { "nul", GOOD, NULL, NULL, 1 },
  { "duplicate-keys", GOOD, NULL, NULL, 1 },
};

#define STYLE "dialect=responses modalities=video+text"

static const MerTestFault of_responses[] = {
  { "failed-rate:1", GOOD, NULL, NULL, 2, FALSE, STYLE },
  { "in-progress:1", GOOD, NULL, NULL, 2, FALSE, STYLE },
  { "in-progress", BAD, NULL, "status in_progress", 3, FALSE, STYLE },
  { "failed-image", MER_OUTCOME_FILTERED, NULL, "image_content_policy_violation", 1, FALSE,
    STYLE },
  { "failed-prompt", MER_OUTCOME_FILTERED, NULL, "invalid_prompt", 1, FALSE, STYLE },
  { "no-temperature", GOOD, NULL, NULL, 1, FALSE, STYLE },
  { "no-reasoning", GOOD, NULL, NULL, 1, FALSE, STYLE " thinking=low" },
  { "refusal", MER_OUTCOME_REFUSED, "I can't help.", "declined", 1, FALSE, STYLE },
  { "filtered", MER_OUTCOME_FILTERED, "", "content filter", 1, FALSE, STYLE },
};

static void
test_common (void **state)
{
  mer_test_backend_check_faults ("meropenai", "openai", "", "stream=true");
}

static void
test_responses (void **state)
{
  mer_test_backend_check_faults ("meropenai", "responses", STYLE, "stream=true");
  for (guint i = 0; i < G_N_ELEMENTS (of_responses); i++)
    mer_test_backend_check_fault ("meropenai", "responses", &of_responses[i]);
}

static void
test_own (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    mer_test_backend_check_fault ("meropenai", "openai", &cases[i]);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_common),
    cmocka_unit_test (test_responses),
    cmocka_unit_test (test_own),
  };

  gst_init (&argc, &argv);
  mer_retry_set_time_scale (0.01);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
