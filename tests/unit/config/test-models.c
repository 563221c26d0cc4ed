/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* models of several files: which counts, what an entry takes from others, what is refused
 */
#include "support/mer-test-folder.h"
#include "support/mer-test.h"

#include "config/mer-models.h"

#include <glib/gstdio.h>
#include <string.h>

static char *user;  /* the user's data folder */
static char *other; /* named by $MER_DATA_PATH */
static char *given; /* where --models points */

static void
write_models (const char *folder, const char *name, const char *entries)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *text
      = g_strdup_printf ("{\"format\": \"mer-models/1\", \"models\": {\n%s\n}}", entries);

  assert_int_equal (g_mkdir_with_parents (parent, 0700), 0);
  assert_true (g_file_set_contents (path, text, -1, NULL));
}

static int
set_up (void **state)
{
  user = g_build_filename (g_get_user_data_dir (), "gst-mer", NULL);
  other = g_dir_make_tmp ("mer-models-XXXXXX", NULL);
  given = g_build_filename (other, "given.json", NULL);
  g_setenv ("MER_DATA_PATH", other, TRUE);
  write_models (
      user, "models/a.json",
      "\"host\": {\"backend\": \"meropenai\", \"group\": \"server\", \"summary\": "
      "\"of the host\", \"licence\": \"MIT\",\n"
      "  \"properties\": {\"uri\": \"https://host.example/v1\", \"api-key-env\": "
      "\"HOST_API_KEY\", \"temperature\": 0},\n"
      "  \"limits\": {\"max-in-flight\": 4, \"frames\": 8}},\n"
      "\"small\": {\"extends\": \"host\", \"properties\": {\"model\": \"s\"}},\n"
      "\"large\": {\"extends\": \"small\", \"properties\": {\"model\": \"l\", "
      "\"temperature\": null}, \"limits\": {\"frames\": 64}},\n"
      "\"round\": {\"extends\": \"about\"}, \"about\": {\"extends\": \"round\"},\n"
      "\"child\": {\"backend\": \"merexec\"},\n"
      "\"lost\": {\"extends\": \"hots\"}");
  write_models (user, "models.json",
                "\"small\": {\"properties\": {\"seed\": 7}},\n"
                "\"child\": {\"limits\": {\"deadline\": 3}},\n"
                "\"mine\": {\"extends\": \"large\", \"modalities\": [\"text\"]}");
  return 0;
}

static int
tear_down (void **state)
{
  mer_test_folder_teardown ((void **) &other);
  mer_test_folder_teardown ((void **) &user);
  g_free (given);
  return 0;
}

static void
assert_entry (const char *name, const char *model, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerModels) models = mer_models_open (name, NULL, &error);
  JsonNode *entry = NULL;
  g_autofree char *text = NULL;

  mer_test_assert_no_error (error);
  entry = mer_models_get_entry (models, model, &error);
  mer_test_assert_no_error (error);
  text = mer_json_canonical (entry);
  assert_string_equal (text, expected);
}

static void
test_extends (void **state)
{
  assert_entry (NULL, "large",
                "{\"backend\":\"meropenai\",\"licence\":\"MIT\",\"limits\":{\"frames\":64,"
                "\"max-in-flight\":4},\"properties\":{\"api-key-env\":\"HOST_API_KEY\","
                "\"model\":\"l\",\"seed\":7,\"uri\":\"https://host.example/v1\"}}");
}

/* the file that was given lies over the others, member by member, or as a whole where it
 * names the element */
static void
test_layers (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerModels) models = NULL;
  g_auto (GStrv) names = NULL, own = NULL;

  write_models (other, "given.json",
                "\"host\": {\"properties\": {\"temperature\": 0.5}},\n"
                "\"mine\": {\"backend\": \"merreplay\", \"properties\": {\"location\": "
                "\"x.csv\"}}");
  models = mer_models_open (given, NULL, &error);
  mer_test_assert_no_error (error);
  own = mer_models_dup_own_names (models);
  names = mer_models_dup_names (models);
  assert_int_equal (g_strv_length (own), 2);
  assert_true (g_strv_contains ((const char *const *) names, "small"));
  assert_string_equal (mer_models_get_origin (models, "host", "/properties/temperature"),
                       given);
  assert_true (g_str_has_suffix (mer_models_get_origin (models, "host", "/properties/uri"),
                                 "/models/a.json"));
  assert_null (mer_models_get_origin (models, "host", "/start"));
  assert_entry (given, "mine",
                "{\"backend\":\"merreplay\",\"properties\":{\"location\":\"x.csv\"}}");
  g_remove (given);
}

/* an inherited key does not go to another address */
static void
test_keys (void **state)
{
  write_models (other, "given.json",
                "\"host\": {\"properties\": {\"uri\": \"https://elsewhere.example/v1\"}, "
                "\"limits\": null, \"group\": null, \"summary\": null, \"licence\": null}");
  assert_entry (given, "host",
                "{\"backend\":\"meropenai\",\"properties\":{\"temperature\":0,\"uri\":"
                "\"https://elsewhere.example/v1\"}}");
  g_remove (given);
}

static void
test_errors (void **state)
{
  static const struct
  {
    const char *entries; /* %NULL: no file is given */
    const char *model;
    const char *error;
  } cases[] = {
    { NULL, "smal", "did you mean “small”?" },
    { NULL, "round", "extends itself in the end" },
    { NULL, "lost", "a.json:9: /models/lost/extends: there is no model “hots” to extend" },
    { "\"x\": {}", "x", "given.json:2: /models/x/backend: missing" },
    { "\"x\": {\"extends\": \"x\"}", "x", "/models/x/extends: there is no model “x”" },
    { "\"child\": {\"properties\": {\"command\": \"rm\"}}", "child",
      "given.json:2: /models/child: merexec starts programs" },
    { "\"x\": {\"extends\": \"child\"}", "x", "merexec starts programs" },
    { "\"x\": {\"backend\": \"merexec\"}", "x", "merexec starts programs" },
    { "\"x\": {\"backend\": \"mermodel\"}", "x", "“mermodel” cannot ask a model" },
    { "\"x\": {\"properties\": {\"api-key\": \"abc\"}}", "x",
      "/models/x/properties/api-key: a key never stands in a file" },
    { "\"x\": {\"properties\": {\"model\": \"sk-abcdefghijklmnopqrstuvw\"}}", "x",
      "a key never stands in a file" },
    { "\"x\": {\"properties\": {\"api-key-env\": \"sk-abcdefghijklmnop\"}}", "x",
      "the name of an environment variable must stand here" },
    { "\"x\": {\"properties\": {\"uri\": \"https://me:pass@h/v1\"}}", "x",
      "without a password" },
    { "\"x\": {\"group\": \"big\"}", "x", "“big” cannot stand here; there are server" },
    { "\"x\": {\"as-of\": \"2026\"}", "x", "/models/x/as-of: a date" },
    { "\"x\": {\"limits\": {\"frame\": 3}}", "x", "did you mean “frames”?" },
    { "\"x\": {\"backend\": \"merreplay\"}, \"x\": {}", "x", "stands twice" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerModels) models = NULL;

      if (cases[i].entries != NULL)
        write_models (other, "given.json", cases[i].entries);
      models = mer_models_open (cases[i].entries != NULL ? given : NULL, NULL, &error);
      if (models != NULL)
        assert_null (mer_models_get_entry (models, cases[i].model, &error));
      assert_non_null (error);
      print_message ("%s\n", error->message);
      assert_non_null (strstr (error->message, cases[i].error));
      g_remove (given);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_extends),
    cmocka_unit_test (test_layers),
    cmocka_unit_test (test_keys),
    cmocka_unit_test (test_errors),
  };
  g_autofree char *home = g_dir_make_tmp ("mer-home-XXXXXX", NULL);

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  int failed = cmocka_run_group_tests (tests, set_up, tear_down);
  g_rmdir (home);
  return failed;
}
