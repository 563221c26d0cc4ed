/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* merprosody on real recordings, held against Praat and ffmpeg on the very WAV that
 * mermedia made. Without those programs it is held against what they said when this was
 * written. */

#include "support/mer-test.h"

#include <gst/app/gstappsink.h>
#include <math.h>
#include <stdlib.h>

#include "sample/mer-sample.h"
#include "tables/mer-json.h"

static const struct
{
  const char *clip;
  double pitch;    /* Hz, Praat 6.3 */
  double loudness; /* LUFS, ffmpeg 5.1 */
} clips[] = {
  { "dlstreamer_how_are_you_doing.wav", 136.43, -31.7 },
  { "jfk.flac", 237.46, -15.4 },
  { "librispeech_1272-128104-0000.flac", 112.86, -23.5 },
  { "ravdess_angry_actor02.wav", 348.86, -23.5 },
  { "ravdess_happy_actor01.wav", 198.33, -36.0 },
  { "ravdess_sad_actor04.wav", 431.31, -30.2 },
};

static const char praat_script[]
    = "form x\n  sentence path\nendform\nRead from file: path$\nTo Pitch: 0, 75, 600\n"
      "m = Get quantile: 0, 0, 0.5, \"Hertz\"\nwriteInfoLine: fixed$(m,2)\n";

/* what comes out of the graph for one clip */
static MerSample *
describe (const char *path)
{
  g_autofree char *line = g_strdup_printf ("merdatasetsrc clips=\"%s\" ! mermedia frames=0 "
                                           "! merprosody ! appsink name=out sync=false",
                                           path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstSample) out = NULL;
  MerSample *sample;

  mer_test_assert_no_error (error);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  out = gst_app_sink_pull_sample (GST_APP_SINK (sink));
  assert_non_null (out);
  sample = mer_sample_ref (mer_buffer_get_sample (gst_sample_get_buffer (out)));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return sample;
}

/* standard output and standard error; NULL where the program is not there */
static char *
run (const char *const *words)
{
  g_autofree char *program = g_find_program_in_path (words[0]);
  g_autoptr (GSubprocess) process = NULL;
  char *output = NULL;

  if (program == NULL)
    return NULL;
  process = g_subprocess_newv (
      words, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, NULL);
  assert_non_null (process);
  assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, NULL));
  return output;
}

static double
ask_praat (const char *folder, const char *wav, double otherwise)
{
  g_autofree char *script = g_build_filename (folder, "pitch.praat", NULL);
  const char *const words[] = { "praat", "--run", script, wav, NULL };
  g_autofree char *said = NULL;

  assert_true (g_file_set_contents (script, praat_script, -1, NULL));
  said = run (words);
  return said != NULL ? g_ascii_strtod (said, NULL) : otherwise;
}

static double
ask_ffmpeg (const char *wav, double otherwise)
{
  const char *const words[] = { "ffmpeg",  "-nostdin", "-hide_banner", "-i", wav, "-af",
                                "ebur128", "-f",       "null",         "-",  NULL };
  g_autofree char *said = run (words);
  const char *summary = said != NULL ? strstr (said, "Integrated loudness:") : NULL;
  const char *figure = summary != NULL ? strstr (summary, "I:") : NULL;

  return figure != NULL ? g_ascii_strtod (figure + 2, NULL) : otherwise;
}

static void
test_clips (void **state)
{
  const char *data = mer_test_shared_data ();
  g_autofree char *folder = g_dir_make_tmp ("mer-prosody-XXXXXX", NULL);
  g_autofree char *wav = g_build_filename (folder, "audio.wav", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (clips); i++)
    {
      g_autofree char *path = g_build_filename (data, "clips", "real", clips[i].clip, NULL);
      g_autoptr (MerSample) sample = describe (path);
      GBytes *audio = mer_media_get_audio (mer_sample_get_media (sample));
      JsonNode *said = mer_result_get_data (mer_sample_find_result (sample, "prosody"));
      double pitch = mer_json_node_number (mer_json_node_member (said, "pitch"),
                                           "f0_median_hz", NAN);
      double loudness = mer_json_node_number (mer_json_node_member (said, "loudness"),
                                              "integrated_lufs", NAN);
      gsize size;
      const char *bytes = g_bytes_get_data (audio, &size);
      double praat, ffmpeg;

      assert_true (g_file_set_contents (wav, bytes, (gssize) size, NULL));
      praat = ask_praat (folder, wav, clips[i].pitch);
      ffmpeg = ask_ffmpeg (wav, clips[i].loudness);
      g_print (
          "%-36s F0 %6.1f Hz, Praat %6.1f (%+.2f %%); %6.2f LUFS, ffmpeg %6.1f (%+.2f)\n",
          clips[i].clip, pitch, praat, 100 * (pitch / praat - 1), loudness, ffmpeg,
          loudness - ffmpeg);
      assert_true (fabs (pitch / praat - 1) < 0.05);
      assert_true (fabs (loudness - ffmpeg) < 0.5);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (test_clips) };

  gst_init (&argc, &argv);
  if (mer_test_shared_data () == NULL)
    {
      g_printerr ("no recordings: set MER_SHARED_DATA\n");
      return MER_TEST_SKIP;
    }
  return cmocka_run_group_tests (tests, NULL, NULL);
}
