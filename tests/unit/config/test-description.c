/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test-folder.h"
#include "support/mer-test.h"

#include <string.h>

#include <mer.h>

/* launch arrays of plain elements: what is read, linked and refused */
static const struct
{
  const char *launch;
  const char *error; /* %NULL: it is built */
} launches[] = {
  { "\"identity name=a\", \"! queue\", \"! identity name=b\"", NULL },
  { "\"identity name=a ! queue ! identity name=b silent=false\"", NULL },
  { "\"identity name=\\\"a\\\" ! identity\"", NULL },
  { "\"queue name='a' max-size-buffers=3\"", NULL },
  { "\"tee name=a ! queue ! identity\"", NULL },
  { "\"identity name=a\", \"a. ! queue\"", NULL },
  { "\"a.src ! queue\", \"identity name=a\"", NULL },
  { "", "/launch: there is no element here" },
  { "\"! identity\"", "/launch/0: nothing stands before this “!”" },
  { "\"identity ! ! identity\"", "/launch/0: nothing stands before this “!”" },
  { "\"identity !\"", "/launch: nothing stands after the last “!”" },
  { "\"silent=true\"", "/launch/0: “silent=true” belongs to no element" },
  { "\"identity\", \"! silent=true\"", "/launch/1: “silent=true” belongs to no element" },
  { "\"identity name='a\"", "/launch/0: a quote is never closed" },
  { "\"identity ! filesink\"",
    "/launch/0: “filesink” is no element that a description may use by itself (those of "
    "gst-mer, queue, tee, identity, capsfilter, fakesink); --allow filesink permits it" },
  { "\"identity ! (\"", "/launch/0: “(” is no element's name" },
  { "\"identity name=a ! identity name=a\"", "/launch/0: two elements have the name “a”" },
  { "\"identity name=a\", \"! queue\", \"! bb.\"",
    "/launch/2: there is no element named “bb”" },
  { "\"identity name=above\", \"! queue ! abvoe.\"",
    "/launch/1: there is no element named “abvoe”; did you mean “above”?" },
  { "\"identity journal=x.mer\"",
    "/launch/0: a description must not set journal; a models file may, or --allow journal "
    "permits it" },
  { "\"queue max-size-buffers=-1\"",
    "/launch/0: queue cannot have max-size-buffers=-1; it must be 0 to 4294967295" },
  { "\"queue max-size-buffers=1x\"",
    "/launch/0: queue cannot have max-size-buffers=1x; it must be 0 to 4294967295" },
  { "\"queue silent=maybe\"",
    "/launch/0: queue cannot have silent=maybe; it must be true or false" },
  { "\"queue leaky=sideways\"",
    "/launch/0: queue cannot have leaky=sideways; it must be no, upstream, downstream" },
  { "\"queue max-size-bufers=1\"", "/launch/0: queue has no property “max-size-bufers”; "
                                   "did you mean “max-size-buffers”?; see "
                                   "gst-inspect-1.0 queue" },
  { "\"queue current-level-bytes=1\"",
    "/launch/0: queue has no property “current-level-bytes”; see gst-inspect-1.0 queue" },
  { "\"fakesink\"",
    "/launch/0: there is no way out for the samples; a description has no sink "
    "of its own" },
  { "\"identity\", \"queue\"", "/launch/0: the sink pad of " },
};

static MerDescription *
open_text (const char *folder, const char *parameters, const char *launch, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "d.json", NULL);
  g_autofree char *text = g_strdup_printf (
      "{\"format\": \"mer-description/1\", \"name\": \"d\", \"parameters\": {%s},\n"
      "\"launch\": [%s]}",
      parameters, launch);

  assert_true (g_file_set_contents (path, text, -1, NULL));
  return mer_description_open (path, NULL, NULL, error);
}

static void
test_launches (void **state)
{
  const char *folder = *state;

  for (guint i = 0; i < G_N_ELEMENTS (launches); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerDescription) description
          = open_text (folder, "", launches[i].launch, &error);
      g_autoptr (MerChoice) choice
          = description != NULL ? mer_choice_new (description) : NULL;
      g_autoptr (GstElement) bin
          = choice != NULL ? mer_choice_build (choice, &error) : NULL;

      print_message ("%s\n", launches[i].launch);
      if (launches[i].error != NULL)
        {
          assert_null (bin);
          assert_non_null (strstr (error->message, "/d.json:2: "));
          if (strstr (error->message, launches[i].error) == NULL)
            fail_msg ("%s", error->message);
          continue;
        }
      mer_test_assert_no_error (error);
      g_assert (bin != NULL);
      assert_int_equal (bin->numsinkpads, 1);
      assert_int_equal (bin->numsrcpads, 1);
    }
}

static void
test_choice (void **state)
{
  static const struct
  {
    const char *set;
    const char *error;
    guint buffers;
  } cases[] = {
    { NULL, NULL, 3 },
    { "n=5", NULL, 5 },
    { "n=5.0", NULL, 5 },
    { "n=99", "--set n=99: n cannot be 99; it must be a whole number, 1 to 9", 0 },
    { "n=x", "--set n=x: n cannot be \"x\"; it must be a whole number, 1 to 9", 0 },
    { "n=2.5", "--set n=2.5: n cannot be 2.5; it must be a whole number, 1 to 9", 0 },
    { "m=1", "--set m=1: description “d” has no parameter “m”; there are: n, leak", 0 },
    { "leak=up", "--set leak=up: leak cannot be \"up\"; it must be one of no, upstream",
      0 },
    { "n", "--set n: it is written --set name=value", 0 },
  };
  const char *folder = *state;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerDescription) description = open_text (
          folder,
          "\"n\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 9, \"default\": 3, "
          "\"sets\": [\"q.max-size-buffers\", \"r.max-size-buffers\"]}, "
          "\"leak\": {\"type\": \"enum\", \"values\": [\"no\", \"upstream\"], \"default\": "
          "\"no\", \"sets\": [\"q.leaky\"]}",
          "\"queue name=q ! queue name=r\"", &error);
      g_autoptr (MerChoice) choice = NULL;
      g_autoptr (GstElement) bin = NULL;
      g_autoptr (GstElement) last = NULL;
      guint buffers = 0;

      mer_test_assert_no_error (error);
      choice = mer_choice_new (description);
      assert_int_equal (cases[i].set == NULL
                            || mer_choice_set_text (choice, cases[i].set, &error),
                        cases[i].error == NULL);
      if (cases[i].error != NULL)
        {
          assert_string_equal (error->message, cases[i].error);
          continue;
        }
      bin = mer_choice_build (choice, &error);
      mer_test_assert_no_error (error);
      last = gst_bin_get_by_name (GST_BIN (bin), "r");
      g_object_get (last, "max-size-buffers", &buffers, NULL);
      assert_int_equal (buffers, cases[i].buffers);
    }
}

/* a default of null leaves the property to whoever else sets it */
static void
test_left_alone (void **state)
{
  static const struct
  {
    const char *set;
    guint buffers;
  } cases[] = { { NULL, 7 }, { "n=5", 5 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerDescription) description
          = open_text (*state,
                       "\"n\": {\"type\": \"integer\", \"default\": null, \"sets\": "
                       "[\"q.max-size-buffers\"]}",
                       "\"queue name=q max-size-buffers=7\"", &error);
      g_autoptr (MerChoice) choice = mer_choice_new (description);
      g_autoptr (GstElement) bin = NULL;
      g_autoptr (GstElement) queue = NULL;
      guint buffers = 0;

      if (cases[i].set != NULL)
        assert_true (mer_choice_set_text (choice, cases[i].set, &error));
      bin = mer_choice_build (choice, &error);
      mer_test_assert_no_error (error);
      queue = gst_bin_get_by_name (GST_BIN (bin), "q");
      g_object_get (queue, "max-size-buffers", &buffers, NULL);
      assert_int_equal (buffers, cases[i].buffers);
    }
}

static void
test_batch_points (void **state)
{
  g_autofree char *path = mer_test_folder_file (*state, "b.json");
  static const char text[]
      = "{\"format\": \"mer-batch/1\", \"name\": \"b\", \"datasets\": [\"d.json\"], "
        "\"description\": \"x\", \"set\": {\"z\": 1}, "
        "\"matrix\": {\"b\": [1, 2], \"a\": [\"x\", \"y\", \"z\"]}}";
  g_autoptr (GError) error = NULL;
  g_autoptr (MerBatch) batch = NULL;
  g_autoptr (GString) all = g_string_new (NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
  batch = mer_batch_load (path, &error);
  mer_test_assert_no_error (error);
  assert_int_equal (mer_batch_get_n_points (batch), 6);
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (GArray) point = mer_batch_get_point (batch, i);

      for (guint k = 0; k < point->len; k++)
        {
          const MerBatchValue *value = &g_array_index (point, MerBatchValue, k);
          g_autofree char *one = mer_json_canonical (value->value);

          g_string_append_printf (all, "%s=%s ", value->name, one);
        }
    }
  assert_string_equal (all->str, "b=1 a=\"x\" b=1 a=\"y\" b=1 a=\"z\" "
                                 "b=2 a=\"x\" b=2 a=\"y\" b=2 a=\"z\" ");
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (test_launches, mer_test_folder_setup,
                                     mer_test_folder_teardown),
    cmocka_unit_test_setup_teardown (test_choice, mer_test_folder_setup,
                                     mer_test_folder_teardown),
    cmocka_unit_test_setup_teardown (test_left_alone, mer_test_folder_setup,
                                     mer_test_folder_teardown),
    cmocka_unit_test_setup_teardown (test_batch_points, mer_test_folder_setup,
                                     mer_test_folder_teardown),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
