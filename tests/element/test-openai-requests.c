/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what meropenai sends, in every dialect and with every switch: requests.jsonl beside this
 * holds, line by line, properties and the body that they must come to. Media stand there as
 * <frame 0>, <frame 1>, <audio> and <clip> */
#include "support/mer-test.h"

#include <string.h>

#include "support/mer-test-backend.h"

#define CLIP_HASH "c11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11b"

static MerModality
read_modalities (const char *names)
{
  MerModality modalities = MER_MODALITY_NONE;

  if (strstr (names, "audio") != NULL)
    modalities |= MER_MODALITY_AUDIO;
  if (strstr (names, "video") != NULL)
    modalities |= MER_MODALITY_VIDEO;
  if (strstr (names, "text") != NULL)
    modalities |= MER_MODALITY_TEXT;
  return modalities;
}

/* (transfer full): the body, or what is wrong with the properties or the sample after "!"
 */
static char *
ask (JsonNode *line)
{
  const char *show = mer_json_node_string (line, "show");
  g_autofree char *properties = g_strdup_printf ("modalities=%s max-tokens=9 %s", show,
                                                 mer_json_node_string (line, "properties"));
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new_closed ("meropenai", "http://127.0.0.1:9/v1", properties);

  gst_element_set_state (bench->element, GST_STATE_PAUSED);
  g_autofree char *error = mer_test_backend_pop_error (bench, 0);
  if (error != NULL)
    return g_strconcat ("!", error, NULL);
  return mer_test_backend_dup_request (
      bench, mer_test_sample_with_clip ("/clips/s.mp4", CLIP_HASH), read_modalities (show),
      "Q?", mer_json_node_string (line, "system"));
}

static void
check (JsonNode *line)
{
  const char *properties = mer_json_node_string (line, "properties");
  const char *error = mer_json_node_string (line, "error");
  JsonNode *wanted = mer_json_node_member (line, "body");
  g_autofree char *text = wanted != NULL ? mer_json_canonical (wanted) : NULL;
  g_autofree char *body = ask (line);

  if (error != NULL && (*body != '!' || strstr (body, error) == NULL))
    fail_msg ("%s: “%s” is not the error “%s”", properties, body, error);
  if (error == NULL && g_strcmp0 (body, text) != 0)
    fail_msg ("%s, %s: the body is\n%s\nnot\n%s", properties,
              mer_json_node_string (line, "show"), body, text);
}

static void
test_requests (void **state)
{
  g_autofree char *path = g_build_filename (g_getenv ("MER_SOURCE_ROOT"), "tests",
                                            "element", "openai-requests.jsonl", NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &data, NULL, &error);
  mer_test_assert_no_error (error);
  g_auto (GStrv) lines = g_strsplit (data, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr (MerJson) json = mer_json_parse (path, lines[i], -1, &error);

      mer_test_assert_no_error (error);
      check (mer_json_get_root (json));
    }
}

/* every dialect has its five lines */
static void
test_all_dialects (void **state)
{
  g_autofree char *path = g_build_filename (g_getenv ("MER_SOURCE_ROOT"), "tests",
                                            "element", "openai-requests.jsonl", NULL);
  g_autofree char *data = NULL;
  g_autoptr (GstElement) element
      = gst_object_ref_sink (gst_element_factory_make ("meropenai", NULL));
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (element), "dialect");
  GEnumClass *klass = G_PARAM_SPEC_ENUM (spec)->enum_class;

  assert_true (g_file_get_contents (path, &data, NULL, NULL));
  assert_true (klass->n_values >= 13);
  for (guint i = 0; i < klass->n_values; i++)
    {
      static const char *const suffixes[] = { "\"", " video-as=whole\"" };

      for (gsize s = 0; s < G_N_ELEMENTS (suffixes); s++)
        {
          g_autofree char *part = g_strdup_printf (
              "\"properties\":\"dialect=%s%s", klass->values[i].value_nick, suffixes[s]);

          if (strstr (data, part) == NULL)
            fail_msg ("no line with %s", part);
        }
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_requests),
    cmocka_unit_test (test_all_dialects),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
