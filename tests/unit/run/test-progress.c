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

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_describe),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
