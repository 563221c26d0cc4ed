/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <math.h>

#include "mer-error.h"
#include "sample/mer-record.h"
#include "tables/mer-json.h"

/* copy on write */

static void
test_copy_on_write (void **state)
{
  MerSample *first = mer_sample_new ("one", 7);
  g_autoptr (GstBuffer) buffer = NULL;
  g_autoptr (GstBuffer) other = NULL;

  mer_sample_take_result (first,
                          mer_result_new ("a", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED));
  buffer = mer_buffer_new_sample (first);
  other = gst_buffer_ref (buffer);
  assert_int_equal (GST_BUFFER_OFFSET (buffer), 7);
  assert_false (GST_BUFFER_PTS_IS_VALID (buffer));

  MerSample *mine = mer_buffer_make_sample_writable (&buffer);
  mer_sample_take_result (mine,
                          mer_result_new ("b", MER_KIND_BACKEND, MER_OUTCOME_REFUSED));

  MerSample *theirs = mer_buffer_get_sample (other);
  assert_ptr_not_equal (mine, theirs);
  assert_int_equal (mer_sample_get_n_results (mine), 2);
  assert_int_equal (mer_sample_get_n_results (theirs), 1);
  assert_ptr_equal (mer_sample_get_result (mine, 0), mer_sample_get_result (theirs, 0));
  assert_string_equal (mer_sample_get_id (mine), "one");
}

static void
test_alone_is_not_copied (void **state)
{
  g_autoptr (GstBuffer) buffer = mer_buffer_new_sample (mer_sample_new ("one", 0));
  MerSample *before = mer_buffer_get_sample (buffer);

  assert_ptr_equal (mer_buffer_make_sample_writable (&buffer), before);
}

static void
test_result_is_replaced (void **state)
{
  g_autoptr (MerSample) sample = mer_sample_new ("one", 0);

  mer_sample_take_result (sample,
                          mer_result_new ("a", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED));
  mer_sample_take_result (sample,
                          mer_result_new ("b", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED));
  mer_sample_take_result (sample,
                          mer_result_new ("a", MER_KIND_BACKEND, MER_OUTCOME_UNPARSEABLE));
  assert_int_equal (mer_sample_get_n_results (sample), 2);
  assert_int_equal (mer_result_get_outcome (mer_sample_get_result (sample, 0)),
                    MER_OUTCOME_UNPARSEABLE);
  assert_null (mer_sample_find_result (sample, "c"));
}

/* records */

static const char *records[] = {
  "{\"format\":\"mer-record/1\",\"id\":\"s\",\"seq\":3,\"group\":null,\"split\":null,"
  "\"subtitle\":null,\"truth\":null,\"media\":null,\"results\":[]}",
  "{\"format\":\"mer-record/1\",\"id\":\"sam\\\"ple\",\"seq\":0,\"group\":\"speaker 1\","
  "\"split\":\"test\",\"subtitle\":\"你好, "
  "“friend”\",\"truth\":{\"labels\":[\"happy\",\"calm\"]},"
  "\"media\":null,\"results\":[{\"stage\":\"audio\",\"kind\":\"backend\",\"outcome\":"
  "\"answered\",\"text\":\"She sounds glad.\",\"reasoning\":\"hm\",\"labels\":[\"glad\"],"
  "\"model\":\"m-7b\",\"shown\":\"audio+text\",\"usage\":{\"input\":12,\"output\":5},"
  "\"cost\":0.5,\"seconds\":1.25,\"attempts\":2,\"call\":\"abc\",\"data\":{\"x\":[1,2]}},"
  "{\"stage\":\"video\",\"kind\":\"backend\",\"outcome\":\"skipped\",\"detail\":\"no "
  "video\"},"
  "{\"stage\":\"vote\",\"kind\":\"fusion\",\"outcome\":\"answered\",\"labels\":[{\"label\":"
  "\"glad\",\"weight\":0.5}]}]}",
  "{\"format\":\"mer-record/1\",\"id\":\"v\",\"seq\":1,\"group\":null,\"split\":null,"
  "\"subtitle\":null,\"truth\":{\"value\":-1.5},\"media\":null,\"results\":[]}",
  "{\"format\":\"mer-record/1\",\"id\":\"c\",\"seq\":1,\"group\":null,\"split\":null,"
  "\"subtitle\":null,\"truth\":{\"class\":\"angry\"},\"media\":null,\"results\":[]}",
};

static void
test_record_round_trip (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerSample) sample
          = mer_record_parse_line ("test", 1, records[i], -1, &error);

      mer_test_assert_no_error (error);
      g_autofree char *line = mer_record_to_line (sample);
      assert_string_equal (line, records[i]);
    }
}

static const struct
{
  const char *line;
  const char *says;
} bad_records[] = {
  { "{", "file.jsonl:9" },
  { "[]", "mer-record/1" },
  { "{\"format\":\"mer-record/2\",\"id\":\"a\"}", "mer-record/1" },
  { "{\"format\":\"mer-record/1\"}", "an id" },
  { "{\"format\":\"mer-record/1\",\"id\":\"a\",\"results\":[{\"stage\":\"x\"}]}",
    "/results/0" },
  { "{\"format\":\"mer-record/"
    "1\",\"id\":\"a\",\"results\":[{\"stage\":\"x\",\"outcome\":\"fine\"}]}",
    "fine" },
  { "{\"format\":\"mer-record/1\",\"id\":\"a\",\"truth\":{\"mood\":1}}",
    "labels, class, value" },
  { "{\"format\":\"mer-record/1\",\"id\":\"a\",\"media\":{\"frames\":[{\"time\":0}]}}",
    "/frames/0" },
  { "{\"format\":\"mer-record/1\",\"id\":\"a\",\"media\":{\"outcome\":\"odd\"}}", "odd" },
};

static void
test_record_errors (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_records); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MerSample) sample
          = mer_record_parse_line ("file.jsonl", 9, bad_records[i].line, -1, &error);

      assert_null (sample);
      assert_non_null (error);
      assert_non_null (strstr (error->message, bad_records[i].says));
      assert_non_null (strstr (error->message, "file.jsonl:9"));
      assert_null (strchr (error->message, '\n'));
    }
}

/* media: the manifest first, the bytes when somebody asks */

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static JsonNode *
make_manifest (void)
{
  return json_from_string (
      "{\"frames\":[{\"time\":0.5,\"pts\":0.48,\"width\":4,\"height\":2,\"sha256\":\"" SHA
      "\",\"bytes\":3}],\"audio\":{\"seconds\":2.5,\"sha256\":\"" SHA
      "\"},\"cues\":[{\"start\":0,\"end\":1,\"text\":\"Hello\"},{\"start\":1,\"end\":2,"
      "\"text\":\"there\"}]}",
      NULL);
}

static void
return_bytes (MerMedia *media, GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer user_data, gpointer loader_data)
{
  g_autoptr (GTask) task = g_task_new (media, cancellable, callback, user_data);
  guint n_frames = 1;
  MerMediaBytes *bytes = mer_media_bytes_new ();

  (*(guint *) loader_data)++;
  if (*(guint *) loader_data == 100)
    n_frames = 2;
  for (guint i = 0; i < n_frames; i++)
    g_ptr_array_add (bytes->frames, g_bytes_new_static ("abc", 3));
  bytes->audio = g_bytes_new_static ("RIFF", 4);
  g_task_return_pointer (task, bytes, (GDestroyNotify) mer_media_bytes_free);
}

static void
count_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (mer_media_load_finish (MER_MEDIA (source), result, &error))
    (*(int *) user_data)++;
  else
    (*(int *) user_data)--;
}

static void
test_media_loads_once (void **state)
{
  g_autoptr (MerMedia) media = mer_media_new (make_manifest (), NULL, NULL);
  guint decoded = 0;
  int loaded = 0;
  gsize live = mer_media_get_live_bytes ();

  mer_media_set_loader (media, return_bytes, &decoded, NULL);
  assert_int_equal (mer_media_get_modalities (media), MER_MODALITY_ALL);
  assert_int_equal (mer_media_get_frame (media, 0)->time, 500000000);
  assert_null (mer_media_get_jpeg (media, 0));
  mer_media_load_async (media, NULL, count_loaded, &loaded);
  mer_media_load_async (media, NULL, count_loaded, &loaded);
  while (loaded < 2)
    g_main_context_iteration (NULL, TRUE);
  assert_int_equal (decoded, 1);
  assert_int_equal (g_bytes_get_size (mer_media_get_jpeg (media, 0)), 3);
  assert_int_equal (mer_media_get_live_bytes () - live, 7);

  g_autofree char *text = mer_media_dup_cue_text (media);
  assert_string_equal (text, "Hello there");
  g_clear_object (&media);
  assert_int_equal (mer_media_get_live_bytes (), live);
}

static void
test_media_that_changed (void **state)
{
  g_autoptr (MerMedia) media = mer_media_new (make_manifest (), NULL, NULL);
  guint decoded = 99; /* the next time two frames come */
  int loaded = 0;

  mer_media_set_loader (media, return_bytes, &decoded, NULL);
  mer_media_load_async (media, NULL, count_loaded, &loaded);
  while (loaded == 0)
    g_main_context_iteration (NULL, TRUE);
  assert_int_equal (loaded, -1);
  assert_false (mer_media_is_loaded (media));
}

static void
test_media_failed (void **state)
{
  g_autoptr (MerMedia) media
      = mer_media_new_failed (MER_OUTCOME_DECODE_FAILED, "no header");

  assert_int_equal (mer_media_get_outcome (media), MER_OUTCOME_DECODE_FAILED);
  assert_string_equal (mer_media_get_detail (media), "no header");
  assert_int_equal (mer_media_get_modalities (media), MER_MODALITY_NONE);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_copy_on_write),      cmocka_unit_test (test_alone_is_not_copied),
    cmocka_unit_test (test_result_is_replaced), cmocka_unit_test (test_record_round_trip),
    cmocka_unit_test (test_record_errors),      cmocka_unit_test (test_media_loads_once),
    cmocka_unit_test (test_media_that_changed), cmocka_unit_test (test_media_failed),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
