/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "support/mer-test-media.h"
#include "support/mer-test-sound.h"

static GBytes *
make_wav (double amplitude, double seconds, double depth)
{
  guint n = (guint) (seconds * MER_TEST_RATE);
  g_autofree double *samples = g_new (double, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    {
      double time = (double) i / MER_TEST_RATE;

      /* goes up and down by @depth Hz around 220 Hz, twice a second */
      samples[i] = amplitude
                   * mer_test_harmonics (
                       220 * time - depth / (4 * G_PI) * cos (4 * G_PI * time), 9);
    }
  return mer_test_wav_new (samples, n);
}

static void
test_voice (void **state)
{
  g_autoptr (MerResult) result = mer_test_run_stage (
      "merprosody", "prosody", mer_test_media_new (make_wav (0.5, 2, 20), NULL, 0, 0));
  JsonNode *data = mer_result_get_data (result);
  JsonNode *pitch = mer_json_node_member (data, "pitch");

  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
  assert_string_equal (mer_result_get_kind (result), MER_KIND_DESCRIPTOR);
  assert_int_equal (mer_result_get_shown (result), MER_MODALITY_AUDIO);
  assert_true (fabs (mer_json_node_number (pitch, "f0_median_hz", 0) - 220) < 3);
  assert_true (mer_json_node_number (data, "arousal", -1) >= 0);
  assert_true (mer_json_node_number (mer_json_node_member (data, "arousal_parts"),
                                     "pitch_velocity", -9)
               > -9);
  assert_non_null (strstr (mer_result_get_text (result), "median F0 2"));
  assert_true (mer_labels_get_length (mer_result_get_labels (result)) > 0);
  assert_true (mer_labels_has_weights (mer_result_get_labels (result)));
}

/* a tone has a pitch, and is no voice */
static void
test_tone (void **state)
{
  g_autoptr (MerResult) result = mer_test_run_stage (
      "merprosody", "prosody", mer_test_media_new (make_wav (0.5, 2, 0), NULL, 0, 0));

  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
  assert_non_null (strstr (mer_result_get_text (result), "tone (220 Hz"));
  assert_int_equal (mer_labels_get_length (mer_result_get_labels (result)), 0);
}

static void
test_silence (void **state)
{
  g_autoptr (MerResult) result = mer_test_run_stage (
      "merprosody", "prosody", mer_test_media_new (make_wav (0, 2, 20), NULL, 0, 0));

  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
  assert_non_null (strstr (mer_result_get_text (result), "digital silence"));
  assert_int_equal (mer_labels_get_length (mer_result_get_labels (result)), 0);
}

static void
test_no_audio (void **state)
{
  g_autoptr (MerResult) without
      = mer_test_run_stage ("merprosody", "prosody", mer_test_media_new (NULL, NULL, 0, 0));
  g_autoptr (MerResult) no_media = mer_test_run_stage ("merprosody", "prosody", NULL);
  g_autoptr (MerResult) failed = mer_test_run_stage (
      "merprosody", "prosody", mer_media_new_failed (MER_OUTCOME_DECODE_FAILED, "no moov"));

  assert_int_equal (mer_result_get_outcome (without), MER_OUTCOME_SKIPPED);
  assert_int_equal (mer_result_get_outcome (no_media), MER_OUTCOME_SKIPPED);
  assert_non_null (strstr (mer_result_get_detail (no_media), "mermedia"));
  assert_int_equal (mer_result_get_outcome (failed), MER_OUTCOME_DECODE_FAILED);
  assert_string_equal (mer_result_get_detail (failed), "no moov");
}

static void
test_broken_wav (void **state)
{
  g_autoptr (MerResult) result = mer_test_run_stage (
      "merprosody", "prosody",
      mer_test_media_new (g_bytes_new_static ("RIFF", 4), NULL, 0, 0));

  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_DECODE_FAILED);
  assert_non_null (strstr (mer_result_get_detail (result), "WAV"));
}

static void
load_later (MerMedia *media, GCancellable *cancellable, GAsyncReadyCallback callback,
            gpointer user_data, gpointer loader_data)
{
  g_autoptr (GTask) task = g_task_new (media, cancellable, callback, user_data);
  MerMediaBytes *bytes = mer_media_bytes_new ();

  bytes->audio = make_wav (0.5, 1, 20);
  *(guint *) loader_data += 1;
  g_task_return_pointer (task, bytes, (GDestroyNotify) mer_media_bytes_free);
}

/* the bytes are decoded when the stage needs them, not before */
static void
test_bytes_on_demand (void **state)
{
  g_autoptr (MerMedia) made = mer_test_media_new (make_wav (0.5, 1, 20), NULL, 0, 0);
  g_autoptr (GError) error = NULL;
  MerMedia *media
      = mer_media_new (json_node_copy (mer_media_get_manifest (made)), NULL, &error);
  guint loads = 0;
  g_autoptr (MerResult) result = NULL;

  mer_test_assert_no_error (error);
  mer_media_set_loader (media, load_later, &loads, NULL);
  result = mer_test_run_stage ("merprosody", "prosody", media);
  assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
  assert_int_equal (loads, 1);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_voice),      cmocka_unit_test (test_tone),
    cmocka_unit_test (test_silence),    cmocka_unit_test (test_no_audio),
    cmocka_unit_test (test_broken_wav), cmocka_unit_test (test_bytes_on_demand),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
