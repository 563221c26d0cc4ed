/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* any answer of a model: labels come out clean, twice the same, and survive a label file */
#include <stdint.h>
#include <string.h>

#include "emotion/mer-label-reading.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check (MerLabels *labels)
{
  g_autofree char *cell = mer_labels_to_string (labels);
  g_autoptr (MerLabels) again = mer_labels_new_parsed (cell);

  g_assert_cmpuint (mer_labels_get_length (again), ==, mer_labels_get_length (labels));
  for (guint i = 0; i < mer_labels_get_length (labels); i++)
    {
      const char *label = mer_labels_get (labels, i);

      g_assert_true (g_utf8_validate (label, -1, NULL));
      g_assert_null (strpbrk (label, ",\"'\n"));
      g_assert_cmpstr (label, ==, mer_labels_get (again, i));
    }
}

/* whatever way it is read: labels or a reason why there are none */
static void
check_readings (const char *text)
{
  for (guint i = 0; i < 6; i++)
    {
      MerLabelOptions options = { .reading = i / 2, .truncated = i % 2 == 1 };
      MerLabelFinding finding;
      g_autoptr (MerLabels) labels = mer_label_reading_read (text, &options, &finding);

      g_assert_true ((labels == NULL) == (finding.miss != MER_LABEL_MISS_NONE));
      g_assert_false (finding.strict && options.reading == MER_LABEL_READING_LENIENT);
      if (labels != NULL)
        check (labels);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  MerLabelForm form, form_again;
  g_autoptr (MerLabels) labels = mer_label_finder_read (text, &form);
  g_autoptr (MerLabels) again = mer_label_finder_read (text, &form_again);
  g_autoptr (MerLabels) speech = mer_label_finder_read_speech (text);

  g_assert_cmpint (form, ==, form_again);
  g_assert_true ((labels == NULL)
                 == (form == MER_LABEL_FORM_NONE || form == MER_LABEL_FORM_REFUSAL));
  g_assert_true (mer_label_finder_declines (text) == (form == MER_LABEL_FORM_REFUSAL));
  if (labels != NULL)
    {
      g_assert_true (mer_labels_equal (labels, again));
      g_assert_true ((mer_labels_get_length (labels) == 0)
                     == (form == MER_LABEL_FORM_EMPTY));
      check (labels);
    }
  check (speech);
  check_readings (text);
  return 0;
}
