/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "run/mer-progress.h"

static const struct
{
  MerRunCounts counts;
  double rate;
  const char *text;
} lines[] = {
  { { .done = 0, .total = 0 }, 0, "0 samples" },
  { { .done = 0, .total = 10 }, 0, "0/10 samples" },
  { { .done = 120, .total = 332, .failed = 3 },
    4.24,
    "120/332 samples, 4.2/s, 0:50 left, 3 failed" },
  { { .done = 1, .total = 3 }, 0.01, "1/3 samples, 100.0 s each, 3:20 left" },
  { { .done = 10, .total = 10, .from_journal = 7 },
    25,
    "10/10 samples, 25/s, 7 answers from the journal" },
  { { .done = 1, .total = 100001 }, 1, "1/100001 samples, 1.0/s, 27:46:40 left" },
};

static void
test_describe (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *text = mer_progress_describe (&lines[i].counts, lines[i].rate);

      assert_string_equal (text, lines[i].text);
    }
}

/* what stands in a file after samples came out in a burst and then none for long */
static void
test_rate_survives_a_pause (void **state)
{
  char *text = NULL;
  size_t size = 0;
  FILE *file = open_memstream (&text, &size);
  /* no file descriptor, so it is no terminal */
  MerProgress *progress = mer_progress_new (file, "study");
  MerRunCounts counts = { .total = 100 };

  for (guint i = 0; i <= 40; i++)
    {
      counts.done = i;
      counts.seconds = i * 2.;
      mer_progress_show (progress, &counts);
    }
  counts.seconds = 200;
  mer_progress_show (progress, &counts);
  mer_progress_free (progress);
  fclose (file);
  /* the window's oldest step is the 9th sample: 31 samples in 182 s */
  assert_non_null (strstr (text, "40/100 samples, 5.9 s each, 5:5"));
  free (text);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_describe),
    cmocka_unit_test (test_rate_survives_a_pause),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
