/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a call costs, by the way each vendor charges */
#include "config/mer-prices.h"

#include <math.h>

#include "mer-error.h"
#include "support/mer-test.h"

#define GPT_4O_MINI "{\"input\": 0.15, \"input-cached\": 0.075, \"output\": 0.6}"
#define GPT_AUDIO                                                                          \
  "{\"input\": 2.5, \"input-audio\": 32, \"output\": 10, \"output-audio\": 64}"
#define GEMINI_FLASH                                                                       \
  "{\"input\": 0.3, \"input-audio\": 1, \"input-cached\": 0.03, "                          \
  "\"input-audio-cached\": 0.1, \"output\": 2.5}"
#define GEMINI_PRO                                                                         \
  "{\"input\": 1.25, \"input-cached\": 0.31, \"output\": 10, \"tiers\": [{\"above\": "     \
  "200000, \"input\": 2.5, \"output\": 15}]}"
#define CLAUDE "{\"input\": 1, \"input-cached\": 0.1, \"cache-write\": 1.25, \"output\": 5}"
#define OMNI                                                                               \
  "{\"input\": 0.2, \"input-audio\": 3, \"input-image\": 0.8, \"output\": 0.8, "           \
  "\"output-after-media\": 2}"
#define WHISPER "{\"per-minute\": 0.006}"

/* input, cached, write, audio, image, video, cached audio, output, reasoning, audio out,
 * seconds */
static const struct
{
  const char *name;
  const char *prices;
  MerUsage usage;
  MerModality shown;
  gboolean in_bulk;
  double millionths; /* of a US dollar; NaN for not known */
} costs[] = {
  { "all of it text",
    GPT_4O_MINI,
    { 1000, -1, -1, -1, -1, -1, -1, 100, -1, -1, -1 },
    0,
    FALSE,
    1000 * 0.15 + 100 * 0.6 },
  { "cached",
    GPT_4O_MINI,
    { 200, 1000, -1, -1, -1, -1, -1, 100, 60, -1, -1 },
    0,
    FALSE,
    200 * 0.15 + 1000 * 0.075 + 100 * 0.6 },
  { "in bulk",
    GPT_4O_MINI,
    { 200, 1000, -1, -1, -1, -1, -1, 100, 60, -1, -1 },
    0,
    TRUE,
    (200 * 0.15 + 1000 * 0.075 + 100 * 0.6) / 2 },
  { "a factor of its own",
    "{\"input\": 1, \"output\": 1, \"batch-factor\": 0.25}",
    { 100, -1, -1, -1, -1, -1, -1, 100, -1, -1, -1 },
    0,
    TRUE,
    50 },
  { "audio in and out",
    GPT_AUDIO,
    { 500, 0, -1, 300, 0, -1, -1, 120, 0, 100, -1 },
    MER_MODALITY_AUDIO,
    FALSE,
    200 * 2.5 + 300 * 32 + 20 * 10 + 100 * 64 },
  { "audio apart, video as images",
    GEMINI_FLASH,
    { 4000, 0, -1, 350, -1, 3600, -1, 312, 300, -1, -1 },
    MER_MODALITY_VIDEO,
    FALSE,
    350 * 1 + 3650 * 0.3 + 312 * 2.5 },
  { "part of the audio cached",
    GEMINI_FLASH,
    { 1000, 500, -1, 350, -1, -1, 100, 10, -1, -1, -1 },
    MER_MODALITY_AUDIO,
    FALSE,
    250 * 1 + 750 * 0.3 + 100 * 0.1 + 400 * 0.03 + 10 * 2.5 },
  { "below the bound",
    GEMINI_PRO,
    { 150000, 50000, -1, -1, -1, -1, -1, 100, -1, -1, -1 },
    0,
    FALSE,
    150000 * 1.25 + 50000 * 0.31 + 100 * 10 },
  { "cached ones count for the bound",
    GEMINI_PRO,
    { 150001, 50000, -1, -1, -1, -1, -1, 100, -1, -1, -1 },
    0,
    FALSE,
    150001 * 2.5 + 50000 * 0.31 + 100 * 15 },
  { "cache written",
    CLAUDE,
    { 50, 1000, 400, -1, -1, -1, -1, 20, -1, -1, -1 },
    0,
    FALSE,
    50 * 1 + 1000 * 0.1 + 400 * 1.25 + 20 * 5 },
  { "text alone",
    OMNI,
    { 100, -1, -1, -1, -1, -1, -1, 50, -1, -1, -1 },
    MER_MODALITY_TEXT,
    FALSE,
    100 * 0.2 + 50 * 0.8 },
  { "text after media",
    OMNI,
    { 100, -1, -1, 40, 50, -1, -1, 50, -1, -1, -1 },
    0,
    FALSE,
    10 * 0.2 + 40 * 3 + 50 * 0.8 + 50 * 2 },
  { "media without counts",
    OMNI,
    { 100, -1, -1, -1, -1, -1, -1, 50, -1, -1, -1 },
    MER_MODALITY_AUDIO,
    FALSE,
    100 * 0.2 + 50 * 2 },
  { "by time", WHISPER, { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 30 }, 0, FALSE, 3000 },
  { "by time, none given",
    WHISPER,
    { 50, -1, -1, -1, -1, -1, -1, 4, -1, -1, -1 },
    0,
    FALSE,
    NAN },
  { "by call",
    "{\"per-request\": 0.002}",
    { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 },
    0,
    FALSE,
    2000 },
  { "by call and token",
    "{\"per-request\": 0.002, \"input\": 1, \"output\": 1}",
    { 10, -1, -1, -1, -1, -1, -1, 10, -1, -1, -1 },
    0,
    FALSE,
    2020 },
  { "free",
    "{\"input\": 0, \"output\": 0}",
    { 10, -1, -1, -1, -1, -1, -1, 10, -1, -1, -1 },
    0,
    FALSE,
    0 },
  { "no prices", "", { 10, -1, -1, -1, -1, -1, -1, 10, -1, -1, -1 }, 0, FALSE, NAN },
  { "half the prices",
    "{\"input\": 1}",
    { 10, -1, -1, -1, -1, -1, -1, 10, -1, -1, -1 },
    0,
    FALSE,
    NAN },
  { "half the counts",
    GPT_4O_MINI,
    { 10, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 },
    0,
    FALSE,
    NAN },
  { "no counts",
    GPT_4O_MINI,
    { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 },
    0,
    FALSE,
    NAN },
  /* a server's nonsense stays within bounds */
  { "more audio than was read",
    GPT_AUDIO,
    { 10, 0, -1, 99, 99, -1, -1, 5, 9, 99, -1 },
    0,
    FALSE,
    10 * 32 + 5 * 64 },
};

static void
test_costs (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (costs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerPrices) prices = mer_prices_parse (costs[i].prices, &error);

      mer_test_assert_no_error (error);
      double cost
          = mer_prices_get_cost (prices, &costs[i].usage, costs[i].shown, costs[i].in_bulk);
      if (isnan (costs[i].millionths) ? isnan (cost)
                                      : fabs (cost * 1e6 - costs[i].millionths) < 1e-6)
        continue;
      fail_msg ("%s: %g instead of %g", costs[i].name, cost * 1e6, costs[i].millionths);
    }
}

static const struct
{
  const char *prices;
  const char *says;
} bad[] = {
  { "{", "prices" },
  { "[]", "object" },
  { "{\"inptu\": 1}", "input" },
  { "{\"input\": -1}", "/input" },
  { "{\"input\": \"cheap\"}", "/input" },
  { "{\"currency\": \"CNY\"}", "convert" },
  { "{\"as-of\": 20260821}", "/as-of" },
  { "{\"tiers\": 5}", "/tiers" },
  { "{\"tiers\": [{}]}", "/tiers/0/above" },
  { "{\"tiers\": [{\"above\": 5, \"inptu\": 1}]}", "/tiers/0" },
  { "{\"tiers\": [{\"above\": 5}, {\"above\": 5}]}", "/tiers/1/above" },
  { "{\"tiers\": [{\"above\":1},{\"above\":2},{\"above\":3},{\"above\":4},{\"above\":5}]}",
    "up to 4" },
};

static void
test_bad_prices (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerPrices) prices = mer_prices_parse (bad[i].prices, &error);

      assert_null (prices);
      assert_non_null (error);
      if (strstr (error->message, bad[i].says) == NULL)
        fail_msg ("%s: %s", bad[i].prices, error->message);
    }
}

static void
test_set (void **state)
{
  g_autoptr (MerPrices) prices = mer_prices_new ();
  MerUsage usage = MER_USAGE_UNKNOWN;

  assert_false (mer_prices_is_known (prices));
  mer_prices_set (prices, "input", 2);
  mer_prices_set (prices, "output", 10);
  assert_true (mer_prices_is_known (prices));
  usage.input = 3;
  usage.output = 1;
  assert_float_equal (mer_prices_get_cost (prices, &usage, 0, FALSE), 16e-6, 1e-15);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_costs),
    cmocka_unit_test (test_bad_prices),
    cmocka_unit_test (test_set),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
