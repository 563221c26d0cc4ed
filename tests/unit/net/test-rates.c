/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <gio/gio.h>
#include <string.h>

#include "net/mer-breaker.h"
#include "net/mer-bucket.h"
#include "net/mer-rates.h"

#define SECOND G_USEC_PER_SEC
#define START ((gint64) 1000 * SECOND)

/* in no minute is more taken than allowed, and little less */
static void
test_bucket (void **state)
{
  static const struct
  {
    double per_minute;
    double each;
  } table[] = { { 60, 1 }, { 30, 1 }, { 6000, 1 }, { 100000, 1200 }, { 0.5, 0.013 } };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      MerBucket bucket = { 0 };
      gint64 now = START;
      double taken = 0;

      mer_bucket_set_per_minute (&bucket, table[i].per_minute, now);
      while (now < START + 600 * SECOND)
        {
          double wait = mer_bucket_get_wait (&bucket, now);

          now += (gint64) (wait * SECOND) + 1;
          mer_bucket_take (&bucket, table[i].each, now);
          taken += table[i].each;
        }
      assert_true (taken <= 10 * table[i].per_minute * 1.02 + 2 * table[i].each);
      assert_true (taken >= 10 * table[i].per_minute * 0.98 - table[i].each);
    }
}

/* a call that takes more than the bucket holds is made, and paid for by a pause */
static void
test_debt (void **state)
{
  MerBucket bucket = { 0 };

  assert_float_equal (mer_bucket_get_wait (&bucket, START), 0, 0);
  mer_bucket_set_per_minute (&bucket, 60, START);
  assert_float_equal (mer_bucket_get_wait (&bucket, START), 0, 0);
  mer_bucket_take (&bucket, 31, START);
  assert_float_equal (mer_bucket_get_wait (&bucket, START), 30, 1e-3);
  /* it took less than was thought */
  mer_bucket_take (&bucket, -20, START);
  assert_float_equal (mer_bucket_get_wait (&bucket, START), 10, 1e-3);
  assert_float_equal (mer_bucket_get_wait (&bucket, START + 11 * SECOND), 0, 0);
}

static void
test_estimates (void **state)
{
  g_autoptr (MerRates) rates = mer_rates_new ();
  const MerLimits limits = { .tokens = 6000 };
  const MerSpend guess = { 500, 0 }, real = { 1000, 0.25 };

  mer_rates_set_limits (rates, &limits, START);
  assert_float_equal (mer_rates_get_wait (rates, START), 0, 0);
  MerSpend first = mer_rates_start (rates, &guess, START);
  assert_float_equal (first.tokens, 500, 0);
  assert_float_equal (mer_rates_get_wait (rates, START), 4, 1e-3);
  mer_rates_finish (rates, &first, &real, START);
  assert_float_equal (mer_rates_get_wait (rates, START), 9, 1e-3);
  assert_float_equal (mer_rates_get_spent (rates), 0.25, 1e-12);
  /* now it is known what a call takes */
  MerSpend second = mer_rates_start (rates, &guess, START);
  assert_float_equal (second.tokens, 1000, 0);
  /* who was not answered took nothing */
  mer_rates_finish (rates, &second, NULL, START);
  assert_float_equal (mer_rates_get_wait (rates, START), 9, 1e-3);
  assert_float_equal (mer_rates_get_spent (rates), 0.25, 1e-12);
}

static void
test_budgets (void **state)
{
  g_autoptr (MerRates) one = mer_rates_new ();
  g_autoptr (MerRates) other = mer_rates_new ();
  const MerLimits limits = { .max_cost = 1 };
  const MerSpend guess = { 0, 0.4 }, real = { 10, 0.5 };
  double limit = 0;

  mer_rates_set_limits (one, &limits, START);
  assert_true (mer_rates_may_spend (one, &guess, &limit));
  MerSpend a = mer_rates_start (one, &guess, START);
  assert_true (mer_rates_may_spend (one, &guess, &limit));
  MerSpend b = mer_rates_start (one, &guess, START);
  /* 0.8 is under way */
  assert_false (mer_rates_may_spend (one, &guess, &limit));
  assert_float_equal (limit, 1, 0);
  assert_false (mer_rates_is_settled ());
  mer_rates_finish (one, &a, NULL, START);
  assert_true (mer_rates_may_spend (one, &guess, &limit));
  mer_rates_finish (one, &b, &real, START);
  assert_true (mer_rates_may_spend (one, &guess, &limit));
  assert_true (mer_rates_is_settled ());

  /* of the process: whoever is asked */
  mer_rates_set_process_budget (0.6);
  assert_true (mer_rates_may_spend (other, &guess, &limit));
  MerSpend c = mer_rates_start (other, &guess, START);
  assert_false (mer_rates_may_spend (one, &guess, &limit));
  assert_float_equal (limit, 0.6, 0);
  mer_rates_finish (other, &c, NULL, START);
  assert_true (mer_rates_may_spend (one, &guess, &limit));
  mer_rates_set_process_budget (0);
}

/* what a server's headers say, and how long the next call waits then */
static void
test_headers (void **state)
{
  static const struct
  {
    const char *headers;
    double wait;  /* of the bucket */
    double pause; /* of everybody */
  } table[] = {
    { "x-ratelimit-limit-requests: 60\nx-ratelimit-remaining-requests: 59\n"
      "x-ratelimit-reset-requests: 1s",
      0, 0 },
    { "x-ratelimit-limit-requests: 60\nx-ratelimit-remaining-requests: 0\n"
      "x-ratelimit-reset-requests: 1m0s",
      1, 0 },
    { "x-ratelimit-limit-requests: 60\nx-ratelimit-remaining-requests: 0\n"
      "x-ratelimit-reset-requests: 30",
      0.5, 0 },
    { "anthropic-ratelimit-requests-limit: 50\nanthropic-ratelimit-requests-remaining: 0\n"
      "anthropic-ratelimit-requests-reset: 2026-10-21T12:00:50Z",
      1, 0 },
    /* OpenRouter: milliseconds since 1970 */
    { "x-ratelimit-limit: 20\nx-ratelimit-remaining: 0\nx-ratelimit-reset: 1792584020000",
      1, 0 },
    { "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 7s", 0, 7 },
    /* a limit a day: nobody waits for half an hour without a word */
    { "x-ratelimit-limit-requests: 50\nx-ratelimit-remaining-requests: 0\n"
      "x-ratelimit-reset-requests: 24h0m0s",
      0, 0 },
    /* Azure, and nonsense */
    { "x-ratelimit-limit-requests: -1\nx-ratelimit-remaining-requests: 0", 0, 0 },
    { "x-ratelimit-limit-tokens: 0\nx-ratelimit-remaining-tokens: 0", 0, 0 },
    { "x-ratelimit-limit-tokens: lots\nx-ratelimit-remaining-tokens: 1e999", 0, 0 },
    { "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 20h3m", 0, 0 },
    { "", 0, 0 },
  };
  g_autoptr (GDateTime) date = g_date_time_new_utc (2026, 10, 21, 12, 0, 0);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (MerRates) rates = mer_rates_new ();
      g_autoptr (MerReply) reply = mer_reply_new (200, NULL, g_bytes_new_static ("", 0));
      g_auto (GStrv) lines = g_strsplit (table[i].headers, "\n", -1);

      for (guint l = 0; lines[l] != NULL && *lines[l] != '\0'; l++)
        {
          g_auto (GStrv) parts = g_strsplit (lines[l], ": ", 2);

          g_hash_table_insert (reply->headers, g_strdup (parts[0]), g_strdup (parts[1]));
        }
      double pause = mer_rates_hear (rates, reply, date, START);
      double wait = mer_rates_get_wait (rates, START);

      if (ABS (pause - table[i].pause) > 1e-6 || ABS (wait - table[i].wait) > 0.01)
        fail_msg ("%s: pause %g, wait %g", table[i].headers, pause, wait);
    }
}

static GError *
refused (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, "refused");
}

static void
test_breaker_unreachable (void **state)
{
  g_autoptr (MerBreaker) breaker = mer_breaker_new ();
  g_autoptr (GError) error = refused ();
  gint64 now = START;

  assert_false (mer_breaker_is_careful (breaker));
  /* sixty-four that were under way are one sign */
  for (guint i = 0; i < 64; i++)
    mer_breaker_unreachable (breaker, 0, 0.5, error, START, now + i);
  assert_true (mer_breaker_is_careful (breaker));
  assert_null (mer_breaker_get_error (breaker));
  /* somebody was there in between */
  mer_breaker_reached (breaker);
  assert_false (mer_breaker_is_careful (breaker));
  mer_breaker_heard (breaker);
  for (guint i = 0; i < 6; i++)
    {
      assert_null (mer_breaker_get_error (breaker));
      double pause = mer_breaker_unreachable (breaker, 900, 1, error, now + SECOND,
                                              now + 2 * SECOND);
      assert_true (pause > 0 && pause <= 8);
      now += 10 * SECOND;
    }
  assert_non_null (mer_breaker_get_error (breaker));
  assert_non_null (strstr (mer_breaker_get_error (breaker)->message, "refused"));
  mer_breaker_reset (breaker);
  assert_null (mer_breaker_get_error (breaker));
}

/* a server that was never there, and that the user says will come */
static void
test_breaker_patience (void **state)
{
  g_autoptr (MerBreaker) breaker = mer_breaker_new ();
  g_autoptr (GError) error = refused ();
  gint64 now = START;

  for (guint i = 0; i < 90; i++, now += 10 * SECOND)
    assert_true (mer_breaker_unreachable (breaker, 900, 1, error, now - 1, now) <= 2);
  assert_null (mer_breaker_get_error (breaker));
  mer_breaker_unreachable (breaker, 900, 1, error, now, now + 20 * SECOND);
  assert_non_null (mer_breaker_get_error (breaker));
}

static void
test_breaker_same_way (void **state)
{
  g_autoptr (MerBreaker) breaker = mer_breaker_new ();
  g_autoptr (GError) error = refused ();

  for (guint i = 0; i < 7; i++)
    mer_breaker_failed (breaker, 8, 500, error);
  mer_breaker_answered (breaker);
  for (guint i = 0; i < 7; i++)
    mer_breaker_failed (breaker, 8, 500, error);
  mer_breaker_failed (breaker, 8, 502, error);
  for (guint i = 0; i < 100; i++)
    mer_breaker_failed (breaker, 0, 502, error);
  assert_null (mer_breaker_get_error (breaker));
  mer_breaker_failed (breaker, 8, 502, error);
  assert_non_null (strstr (mer_breaker_get_error (breaker)->message, "in the same way"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_bucket),           cmocka_unit_test (test_debt),
    cmocka_unit_test (test_estimates),        cmocka_unit_test (test_budgets),
    cmocka_unit_test (test_headers),          cmocka_unit_test (test_breaker_unreachable),
    cmocka_unit_test (test_breaker_patience), cmocka_unit_test (test_breaker_same_way),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
