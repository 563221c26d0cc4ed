/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mapping files: the quick reader and the general one must make the same of a file */
#include <stdint.h>

#include <mer.h>

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (MerMapping) mapping = mer_mapping_new_from_bytes ("fuzz", bytes, &error);

  g_assert_true ((mapping == NULL) == (error != NULL));
  if (mapping == NULL)
    return 0;
  for (const char *const *form = mer_mapping_get_forms (mapping); *form != NULL; form++)
    for (guint metric = 0; metric < MER_N_METRICS; metric++)
      mer_mapping_group (mapping, metric, *form);

  g_autofree char *text = mer_mapping_to_json (mapping);
  g_autoptr (MerMapping) again = NULL;
  g_autoptr (GBytes) plain = g_bytes_new (text, strlen (text));
  g_autoptr (MerMapping) general = NULL;

  again = mer_mapping_new_from_bytes ("again", plain, NULL);
  g_assert_nonnull (again);
  g_assert_cmpstr (mer_mapping_get_sha256 (again), ==, mer_mapping_get_sha256 (mapping));

  /* a comment sends the same file through the general reader */
  g_autofree char *commented = g_strconcat ("{\"comment\": 1,", text + 1, NULL);
  g_autoptr (GBytes) odd = g_bytes_new (commented, strlen (commented));

  general = mer_mapping_new_from_bytes ("general", odd, NULL);
  g_assert_nonnull (general);
  g_assert_cmpstr (mer_mapping_get_sha256 (general), ==, mer_mapping_get_sha256 (mapping));
  return 0;
}
