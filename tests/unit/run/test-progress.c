/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "run/mer-progress.h"

static void
test_describe (void **state)
{
  static const struct
  {
    MerRunCounts counts;
    double rate;
    const char *text;
  } cases[] = {
    { { .total = 10 }, 0, "0/10 samples" },
    { { .done = 3 }, 1.5, "3 samples, 1.5/s" },
    { { .total = 332, .done = 120, .failed = 3 },
      4.24,
      "120/332 samples, 4.2/s, 0:50 left, 3 failed" },
    { { .total = 20000, .done = 10, .from_journal = 7 },
      20,
      "10/20000 samples, 20/s, 16:40 left, 7 answers from the journal" },
    { { .total = 100000, .done = 0 }, 10, "0/100000 samples, 10/s, 2:46:40 left" },
    { { .total = 5, .done = 5 }, 100, "5/5 samples, 100/s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = mer_progress_describe (&cases[i].counts, cases[i].rate);

      assert_string_equal (text, cases[i].text);
    }
}

static void
test_describe_bulk (void **state)
{
  static const struct
  {
    MerBulkProgress bulk;
    double seconds;
    const char *text;
  } cases[] = {
    { { .batches = 1, .waiting = 1, .calls = 8 }, 0, "1 batch, 0/8 answered, 0:00" },
    { { .batches = 3, .waiting = 1, .calls = 332, .answered = 120, .failed = 4 },
      75,
      "3 batches (1 sent), 120/332 answered, 4 failed, 1:15" },
    { { .batches = 2,
        .waiting = 2,
        .calls = 10,
        .expires = G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC },
      3661,
      "2 batches, 0/10 answered, 1:01:01, 59:00 left at most" },
    { { .batches = 2, .waiting = 2, .calls = 10, .expires = 1 },
      1,
      "2 batches, 0/10 answered, 0:01" },
  };
  const gint64 now = G_GINT64_CONSTANT (60) * G_USEC_PER_SEC;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text
          = mer_progress_describe_bulk (&cases[i].bulk, cases[i].seconds, now);

      assert_string_equal (text, cases[i].text);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_describe),
    cmocka_unit_test (test_describe_bulk),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
