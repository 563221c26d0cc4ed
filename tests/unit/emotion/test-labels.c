/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "emotion/mer-labels.h"

static const struct
{
  const char *cell;
  const char *expected;
} cells[] = {
  { NULL, "[]" },
  { "", "[]" },
  { "[]", "[]" },
  { "happy", "[happy]" },
  { "['happy', 'content']", "[happy, content]" },
  { "[happy, ,content,]", "[happy, content]" },
  { "\"sad\",'angry'", "[sad, angry]" },
  { "don’t care, happy", "[don’t care, happy]" },
  { "don't care", "[don, t care]" },
};

static void
test_parse (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    {
      g_autoptr (MerLabels) labels = mer_labels_new_parsed (cells[i].cell);
      g_autofree char *text = mer_labels_to_string (labels);

      assert_string_equal (text, cells[i].expected);
    }
}

static void
test_clean (void **state)
{
  g_autofree char *quote = mer_label_clean ("don't  \"care\", ");
  g_autofree char *nothing = mer_label_clean (" ,\n\"");

  assert_string_equal (quote, "don’t care");
  assert_null (nothing);
}

static void
test_add (void **state)
{
  g_autoptr (MerLabels) labels = mer_labels_new ();

  assert_true (mer_labels_add (labels, "Happy"));
  assert_false (mer_labels_add (labels, "happy "));
  assert_true (mer_labels_add_weighted (labels, "sad", 7));
  assert_int_equal (mer_labels_get_length (labels), 2);
  assert_true (mer_labels_get_weight (labels, 1) == 1.);
  assert_true (mer_labels_has_weights (labels));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_parse),
    cmocka_unit_test (test_clean),
    cmocka_unit_test (test_add),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
