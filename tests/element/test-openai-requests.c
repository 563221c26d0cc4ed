/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what meropenai sends, in every dialect and with every switch: requests.jsonl beside this
 * holds, line by line, properties and the body that they must come to. Media stand there as
 * @frame0, @frame1, @audio and @clip */
#include "support/mer-test.h"

#include <string.h>

#include "support/mer-test-sample.h"

#define CLIP_HASH "c11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11bc11b"

/* two frames a second apart, half a second of sound, a file with both */
static MerSample *
make_sample (void)
{
  MerSample *sample = mer_sample_new ("s", 0);
  g_autoptr (MerMedia) shown = mer_test_media (2, 0.5);
  JsonNode *manifest = json_node_copy (mer_media_get_manifest (shown));
  JsonObject *clip_object = json_object_new ();
  g_autoptr (MerClip) clip = mer_clip_new ("/clips/s.mp4", NULL, NULL);
  g_autoptr (GError) error = NULL;

  json_object_set_string_member (clip_object, "sha256", CLIP_HASH);
  json_object_set_object_member (json_node_get_object (manifest), "clip", clip_object);
  g_autoptr (MerMedia) media = mer_media_new (manifest, NULL, &error);
  mer_test_assert_no_error (error);
  mer_sample_set_media (sample, media);
  mer_sample_set_clip (sample, clip);
  return sample;
}

static void
replace_hash (GString *text, const char *sha256, const char *name)
{
  g_autofree char *placeholder = g_strdup_printf ("\\u0001%s\\u0001", sha256);

  g_string_replace (text, placeholder, name, 0);
}

static char *
dup_body (JsonNode *request, MerMedia *media)
{
  g_autofree char *canonical = mer_json_canonical (request);
  g_autoptr (GString) text = g_string_new (canonical);

  replace_hash (text, mer_media_get_frame (media, 0)->sha256, "@frame0");
  replace_hash (text, mer_media_get_frame (media, 1)->sha256, "@frame1");
  replace_hash (text, mer_media_get_audio_sha256 (media), "@audio");
  replace_hash (text, CLIP_HASH, "@clip");
  return g_strdup (text->str);
}

static void
set_properties (GstElement *element, const char *properties)
{
  g_auto (GStrv) parts = NULL;

  if (!g_shell_parse_argv (properties, NULL, &parts, NULL))
    return;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *equals = strchr (parts[i], '=');
      g_autoptr (GError) error = NULL;

      *equals = '\0';
      mer_property_set_text (element, parts[i], equals + 1, &error);
      mer_test_assert_no_error (error);
    }
}

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

/* (transfer full): the body, or what is wrong with the properties or the sample */
static char *
ask (JsonNode *line, char **wrong)
{
  g_autoptr (GstElement) element
      = gst_object_ref_sink (gst_element_factory_make ("meropenai", "ask"));
  MerBackend *backend = MER_BACKEND (element);
  g_autoptr (MerSample) sample = make_sample ();
  const char *show = mer_json_node_string (line, "show");
  MerModality shown = read_modalities (show);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) request = NULL;
  char *body = NULL;

  g_object_set (element, "uri", "http://127.0.0.1:9/v1", "model", "m", "max-tokens", 9,
                NULL);
  gst_util_set_object_arg (G_OBJECT (element), "modalities", show);
  set_properties (element, mer_json_node_string (line, "properties"));
  if (MER_ORDERED_GET_CLASS (element)->open (MER_ORDERED (element), &error))
    {
      g_autoptr (MerRequest) asked
          = mer_request_new (sample, shown, mer_backend_get_abilities (backend), "Q?",
                             mer_json_node_string (line, "system"));

      request = MER_BACKEND_GET_CLASS (backend)->build_request (backend, asked, &error);
    }
  *wrong = error != NULL ? g_strdup (error->message) : NULL;
  if (request != NULL)
    body = dup_body (request, mer_sample_get_media (sample));
  MER_ORDERED_GET_CLASS (element)->close (MER_ORDERED (element));
  return body;
}

static void
check (JsonNode *line)
{
  const char *properties = mer_json_node_string (line, "properties");
  const char *error = mer_json_node_string (line, "error");
  JsonNode *wanted = mer_json_node_member (line, "body");
  g_autofree char *text = wanted != NULL ? mer_json_canonical (wanted) : NULL;
  g_autofree char *wrong = NULL;
  g_autofree char *body = ask (line, &wrong);

  if (error != NULL && (wrong == NULL || strstr (wrong, error) == NULL))
    fail_msg ("%s: the error is “%s”", properties, wrong);
  if (error == NULL && g_strcmp0 (body, text) != 0)
    fail_msg ("%s, %s: error “%s”, body\n%s\ninstead of\n%s", properties,
              mer_json_node_string (line, "show"), wrong, body, text);
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
