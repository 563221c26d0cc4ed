/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/support/mer-test-mapping.h"

#include <string.h>

#include "tables/mer-json.h"

static const struct
{
  const char *label;
  MerMetric metric;
  const char *group;
} groups[] = {
  { "happily", MER_METRIC_M1, "happy" },
  { " Happily ", MER_METRIC_M1, "happy" },
  { "HAPPY", MER_METRIC_W1L1, "happy" },
  { "mad", MER_METRIC_M1, "angry" }, /* the first of angry and mad */
  { "mad", MER_METRIC_M2, "angry" },
  { "joy", MER_METRIC_M1, "joyful" },
  { "joy", MER_METRIC_M2, "happy" }, /* the first of happy and joyful */
  { "joy", MER_METRIC_W1L2, "joyful" },
  { "anger", MER_METRIC_W3L1, "mad" }, /* angry is not in wheel 3, mad is */
  { "anger", MER_METRIC_W2L1, NULL },
  { "don’t care", MER_METRIC_M1, "odd" },
  { "don’t care", MER_METRIC_M2, NULL },
  { "don't care", MER_METRIC_M1, NULL },
  { "zorble", MER_METRIC_M1, NULL },
  { "", MER_METRIC_M1, NULL },
  { "\xff", MER_METRIC_M1, NULL },
  { "happy", MER_METRIC_W5L1, NULL },
};

static void
groups_labels (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();

  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      const char *group = mer_mapping_group (mapping, groups[i].metric, groups[i].label);
      int index = mer_mapping_group_index (mapping, groups[i].metric, groups[i].label);

      assert_true (g_strcmp0 (group, groups[i].group) == 0);
      assert_int_equal (index < 0, group == NULL);
      if (group != NULL)
        assert_ptr_equal (mer_mapping_get_group_name (mapping, groups[i].metric, index),
                          group);
    }
}

static void
tells_what_it_knows (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  const char *const *bases = mer_mapping_get_base_words (mapping, "MAD");
  const char *const *wheel = mer_mapping_get_wheel_words (mapping, "joyful");

  assert_true (mer_mapping_knows (mapping, "Joy"));
  assert_false (mer_mapping_knows (mapping, "joys"));
  assert_string_equal (bases[0], "angry");
  assert_string_equal (bases[1], "mad");
  assert_null (bases[2]);
  assert_string_equal (wheel[0], "happy");
  assert_string_equal (wheel[1], "joyful");
  assert_null (wheel[2]);
  assert_null (mer_mapping_get_wheel_words (mapping, "odd"));
  assert_null (mer_mapping_get_base_words (mapping, "zorble"));
  assert_string_equal (mer_mapping_get_cluster (mapping, 3, 1, "calm"), "peaceful");
  assert_null (mer_mapping_get_cluster (mapping, 3, 1, "happy"));
  assert_int_equal (mer_mapping_get_n_groups (mapping, MER_METRIC_W1L1), 2);
  assert_int_equal (g_strv_length ((char **) mer_mapping_get_forms (mapping)), 9);
}

/* the bytes that are hashed are those of mer-json.h's canonical form, in any spelling */
static void
identity_is_of_the_canonical_form (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  g_autoptr (MerJson) json = mer_json_parse ("tiny", MER_TEST_MAPPING, -1, NULL);
  g_autofree char *canonical = mer_json_canonical (mer_json_get_root (json));
  g_autofree char *sha256
      = g_compute_checksum_for_string (G_CHECKSUM_SHA256, canonical, -1);

  assert_string_equal (mer_mapping_get_sha256 (mapping), sha256);

  g_autofree char *pretty = mer_mapping_to_json (mapping);
  g_autoptr (GBytes) bytes = g_bytes_new (pretty, strlen (pretty));
  g_autoptr (MerMapping) again = mer_mapping_new_from_bytes ("again", bytes, NULL);
  assert_non_null (again);
  assert_string_equal (mer_mapping_get_sha256 (again), sha256);
}

static const struct
{
  const char *from;
  const char *to;
  const char *message;
} damages[] = {
  { "mer-mapping/1", "mer-mapping/2", "bad.json:1: /format: " },
  { "\"forms\"", "\"form\"", "bad.json:1: /form: unknown key; did you mean “forms”?" },
  { "[\"calm\"],\"happy\"", "[3],\"happy\"",
    "bad.json:1: /synonyms/calm: the list must hold words only" },
  { "\"calm\":[\"calm\"],\"happy\"", "\"calm\":\"calm\",\"happy\"",
    "bad.json:1: /synonyms/calm: a list of words" },
  { "\"mad\":\"mad\"}", "\"mad\":null}",
    "bad.json:1: /wheels/0/level1/mad: a word must stand here" },
  { ",\"name\":\"wheel5\"", "", "bad.json:1: /wheels/4/name: " },
  { "\"name\":\"tiny\",", "", "bad.json:1: /name: " },
};

static void
refuses_damaged_files (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      GString *text = g_string_new (MER_TEST_MAPPING);
      g_autoptr (GError) error = NULL;

      assert_int_equal (g_string_replace (text, damages[i].from, damages[i].to, 1), 1);
      g_autoptr (GBytes) bytes = g_string_free_to_bytes (text);
      assert_null (mer_mapping_new_from_bytes ("bad.json", bytes, &error));
      if (!g_str_has_prefix (error->message, damages[i].message))
        fail_msg ("%s", error->message);
    }
}

static gpointer
group_many (gpointer mapping)
{
  const char *const *forms = mer_mapping_get_forms (mapping);
  guint n_known = 0;

  for (guint i = 0; i < 1000; i++)
    for (guint k = 0; forms[k] != NULL; k++)
      n_known += mer_mapping_group (mapping, MER_METRIC_W1L1, forms[k]) != NULL;
  return GUINT_TO_POINTER (n_known);
}

static void
may_be_read_from_any_thread (void **state)
{
  g_autoptr (MerMapping) mapping = mer_test_mapping ();
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", group_many, mapping);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    assert_int_equal (GPOINTER_TO_UINT (g_thread_join (threads[i])), 7000);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (groups_labels),
    cmocka_unit_test (tells_what_it_knows),
    cmocka_unit_test (identity_is_of_the_canonical_form),
    cmocka_unit_test (refuses_damaged_files),
    cmocka_unit_test (may_be_read_from_any_thread),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
