/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mermedia on clips whose every picture is known: picture i of a made clip is gray of a
 * brightness that grows with i, so that a JPEG says which picture it is */
#include "support/mer-test.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>

#include <glib/gstdio.h>

#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <turbojpeg.h>

#include <mer.h>

#include "media/mer-decode-pool.h"
#include "media/mer-wav.h"

#define N_PICTURES 20
#define WIDTH 96
#define HEIGHT 64

typedef struct
{
  char *folder;
  char *clip; /* 20 pictures, 10 a second, B-frames, a key frame every 5; 440 Hz */
} Fixture;

static guint8
luma_of (guint i)
{
  /* black, white, then steps between */
  return i == 0 ? 16 : i == 1 ? 235 : (guint8) (20 + 10 * i);
}

static GstBuffer *
make_picture (guint i)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3 / 2, NULL);

  gst_buffer_memset (buffer, 0, luma_of (i), WIDTH * HEIGHT);
  gst_buffer_memset (buffer, WIDTH * HEIGHT, 128, WIDTH * HEIGHT / 2);
  GST_BUFFER_PTS (buffer) = i * 100 * GST_MSECOND;
  GST_BUFFER_DURATION (buffer) = 100 * GST_MSECOND;
  return buffer;
}

static gboolean
make_clip (const char *path, const char *encoder, const char *muxer)
{
  g_autofree char *line = g_strdup_printf (
      "appsrc name=v format=time caps=video/x-raw,format=I420,width=%d,height=%d,"
      "framerate=10/1 ! %s ! m. audiotestsrc num-buffers=100 samplesperbuffer=320 freq=440 "
      "! "
      "audio/x-raw,rate=16000,channels=1 ! avenc_aac ! m. %s name=m ! filesink location=%s",
      WIDTH, HEIGHT, encoder, muxer, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);

  if (pipeline == NULL || error != NULL)
    return FALSE;

  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (pipeline), "v");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < N_PICTURES; i++)
    {
      GstBuffer *buffer = make_picture (i);
      GstFlowReturn flow;

      g_signal_emit_by_name (source, "push-buffer", buffer, &flow);
      gst_buffer_unref (buffer);
    }
  GstFlowReturn flow;
  g_signal_emit_by_name (source, "end-of-stream", &flow);

  g_autoptr (GstMessage) end = gst_bus_timed_pop_filtered (
      bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return end != NULL && GST_MESSAGE_TYPE (end) == GST_MESSAGE_EOS;
}

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->folder = g_dir_make_tmp ("mer-media-XXXXXX", NULL);
  fixture->clip = g_build_filename (fixture->folder, "- it's 你好 #1%.mp4", NULL);
  *state = fixture;

  g_autofree char *plain = g_build_filename (fixture->folder, "plain.mp4", NULL);
  if (!make_clip (plain,
                  "x264enc key-int-max=5 bframes=2 b-adapt=false qp-min=1 qp-max=4 ! "
                  "video/x-h264,profile=high",
                  "mp4mux"))
    exit (MER_TEST_SKIP);
  return g_rename (plain, fixture->clip);
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  g_unlink (fixture->clip);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->clip);
  g_free (fixture);
  return 0;
}

static MerMedia *
decode (const char *path, const char *properties)
{
  g_autofree char *line = g_strdup_printf ("mermedia jobs=1 %s", properties);
  GstHarness *harness = gst_harness_new_parse (line);
  MerSample *sample = mer_sample_new ("sample", 0);
  g_autoptr (MerClip) clip = mer_clip_new (path, NULL, NULL);
  g_autoptr (GstBuffer) buffer = NULL;

  assert_non_null (harness);
  mer_sample_set_clip (sample, clip);
  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  gst_harness_push (harness, mer_buffer_new_sample (sample));
  buffer = gst_harness_pull (harness);
  assert_non_null (buffer);

  MerMedia *media = mer_sample_get_media (mer_buffer_get_sample (buffer));
  assert_non_null (media);
  g_object_ref (media);
  gst_harness_teardown (harness);
  return media;
}

/* the brightness of a JPEG's middle, 0 to 255 */
static guint
brightness_of (GBytes *jpeg, int *width, int *height)
{
  tjhandle handle = tjInitDecompress ();
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (jpeg, &size);
  int sampling, space;

  assert_int_equal (
      tjDecompressHeader3 (handle, data, size, width, height, &sampling, &space), 0);
  g_autofree guint8 *gray = g_malloc ((gsize) *width * *height);
  assert_int_equal (
      tjDecompress2 (handle, data, size, gray, *width, 0, *height, TJPF_GRAY, 0), 0);
  tjDestroy (handle);
  return gray[(gsize) (*height / 2) * *width + *width / 2];
}

static guint
expected_brightness (guint picture)
{
  return (guint) lround ((luma_of (picture) - 16) * 255.0 / 219.0);
}

static void
test_frame_rule (void **state)
{
  static const struct
  {
    guint n;
    guint pictures[8];
  } cases[] = {
    { 1, { 10 } },
    { 2, { 5, 15 } },
    { 4, { 2, 7, 12, 17 } },
    { 5, { 2, 6, 10, 14, 18 } },
  };
  static const char *const selects[] = { "full", "gop" };
  Fixture *fixture = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (cases) * 2; i++)
    {
      guint n = cases[i / 2].n;
      g_autofree char *properties
          = g_strdup_printf ("frames=%u max-side=48 frame-select=%s", n, selects[i % 2]);
      g_autoptr (MerMedia) media = decode (fixture->clip, properties);

      assert_int_equal (mer_media_get_outcome (media), MER_OUTCOME_ANSWERED);
      assert_int_equal (mer_media_get_n_frames (media), n);
      for (guint j = 0; j < n; j++)
        {
          const MerFrame *frame = mer_media_get_frame (media, j);
          guint picture = cases[i / 2].pictures[j];
          int width, height;
          guint brightness = brightness_of (mer_media_get_jpeg (media, j), &width, &height);

          assert_in_range (brightness, expected_brightness (picture) - 3,
                           expected_brightness (picture) + 3);
          assert_int_equal (frame->pts / GST_MSECOND, picture * 100);
          assert_int_equal (frame->time / GST_MSECOND, (2 * j + 1) * 2000 / (2 * n));
          assert_int_equal (width, 48);
          assert_int_equal (height, 32);
          assert_int_equal (frame->width, 48);
        }
    }
}

static void
test_full_range (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (MerMedia) media = decode (fixture->clip, "frames=20 max-side=8192");
  int width, height;

  assert_in_range (brightness_of (mer_media_get_jpeg (media, 0), &width, &height), 0, 4);
  assert_in_range (brightness_of (mer_media_get_jpeg (media, 1), &width, &height), 251,
                   255);
  assert_int_equal (width, WIDTH); /* never enlarged */
}

static void
test_audio (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (MerMedia) media = decode (fixture->clip, "frames=0");
  gsize n = 0;
  guint rate = 0;
  guint crossings = 0;

  assert_true (mer_media_has_audio (media));
  assert_int_equal (mer_media_get_n_frames (media), 0);
  g_autofree gint16 *samples = mer_wav_get_samples (mer_media_get_audio (media), &n, &rate);
  assert_int_equal (rate, 16000);
  assert_in_range (n, 31000, 33500);
  for (gsize i = 4000; i < 20000; i++)
    crossings += samples[i - 1] < 0 && samples[i] >= 0;
  assert_in_range (crossings, 438, 442);
}

static void
test_strip (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (MerMedia) media = decode (fixture->clip, "strip=true");
  guint width = mer_media_get_strip_width (media);
  guint height = mer_media_get_strip_height (media);
  gsize size = 0;
  const guint8 *gray = g_bytes_get_data (mer_media_get_strip (media), &size);

  assert_int_equal (width, 64);
  assert_int_equal (height, 43);
  assert_int_equal (size, 16 * width * height);
  assert_true (fabs (mer_media_get_strip_rate (media) - 8) < 1e-6);
  /* strip picture k is the one on display at (k + ½)/8 s */
  for (guint k = 0; k < 16; k++)
    assert_in_range (gray[k * width * height + width * height / 2],
                     MAX ((int) expected_brightness ((2 * k + 1) * 10 / 16) - 4, 0),
                     expected_brightness ((2 * k + 1) * 10 / 16) + 4);
}

static void
test_hopeless (void **state)
{
  static const char *const contents[] = {
    "",
    "no media at all",
    "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:5,\nhttp://127.0.0.1:9/x.ts\n",
    "RIFF\x24\0\0\0WAVEfmt ",
  };
  Fixture *fixture = *state;
  g_autofree char *path = g_build_filename (fixture->folder, "hopeless.mp4", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_file_set_contents (path, contents[i], -1, NULL);
      g_autoptr (MerMedia) media = decode (path, "");

      assert_int_equal (mer_media_get_outcome (media), MER_OUTCOME_DECODE_FAILED);
      assert_non_null (mer_media_get_detail (media));
      assert_int_equal (mer_media_get_modalities (media), 0);
    }
  g_unlink (path);

  g_autoptr (MerMedia) missing = decode ("/nonexistent/clip.mp4", "");
  assert_int_equal (mer_media_get_outcome (missing), MER_OUTCOME_DECODE_FAILED);
}

static void
take_decoded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gpointer *taken = user_data;

  taken[0] = mer_decode_pool_decode_finish (MER_DECODE_POOL (source), result,
                                            (GError **) &taken[1]);
  taken[2] = source;
}

static MerDecoded *
decode_in_pool (MerDecodePool *pool, const char *path, GCancellable *cancellable,
                GError **error)
{
  g_autoptr (MerClip) clip = mer_clip_new (path, NULL, NULL);
  g_autoptr (MerDecodeSettings) settings = mer_decode_settings_new ();
  gpointer taken[3] = { NULL };

  mer_decode_pool_decode_async (pool, clip, settings, cancellable, take_decoded, taken);
  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
  while (taken[2] == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (taken[1] != NULL)
    g_propagate_error (error, taken[1]);
  return taken[0];
}

/* a worker that dies on everything, and one that never answers */
static void
test_bad_workers (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *script = g_build_filename (fixture->folder, "worker.sh", NULL);
  g_autoptr (MerDecodePool) dying = mer_decode_pool_new (1, 30, MER_ISOLATION_PROCESS);
  g_autoptr (MerDecodePool) slow = mer_decode_pool_new (1, 0.2, MER_ISOLATION_PROCESS);
  g_autoptr (MerDecodePool) cancelled = mer_decode_pool_new (1, 30, MER_ISOLATION_PROCESS);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) death = NULL;
  g_autoptr (GError) late = NULL;
  g_autoptr (GError) stopped = NULL;

  g_setenv ("MER_DECODE_WORKER", script, TRUE);
  g_file_set_contents (script, "#!/bin/sh\nexit 1\n", -1, NULL);
  g_chmod (script, 0700);
  assert_null (decode_in_pool (dying, fixture->clip, NULL, &death));
  assert_true (g_error_matches (death, MER_ERROR, MER_ERROR_DECODE));

  g_file_set_contents (script, "#!/bin/sh\nexec sleep 100\n", -1, NULL);
  g_chmod (script, 0700);
  assert_null (decode_in_pool (slow, fixture->clip, NULL, &late));
  assert_true (g_error_matches (late, MER_ERROR, MER_ERROR_TIMED_OUT));
  assert_null (decode_in_pool (cancelled, fixture->clip, cancellable, &stopped));
  assert_true (g_error_matches (stopped, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_unsetenv ("MER_DECODE_WORKER");
  g_unlink (script);
}

static void
test_collect_equals_media (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (MerMedia) media = decode (fixture->clip, "frames=4");
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline
      = gst_parse_launch ("filesrc name=f ! decodebin name=d d. ! c.video d. ! c.audio "
                          "mercollect name=c frames=4 id=live ! fakesink name=s",
                          &error);
  mer_test_assert_no_error (error);
  g_autoptr (GstElement) file = gst_bin_get_by_name (GST_BIN (pipeline), "f");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "s");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstSample) last = NULL;

  g_object_set (file, "location", fixture->clip, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_autoptr (GstMessage) end = gst_bus_timed_pop_filtered (
      bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  assert_non_null (end);
  assert_int_equal (GST_MESSAGE_TYPE (end), GST_MESSAGE_EOS);
  g_object_get (sink, "last-sample", &last, NULL);
  assert_non_null (last);

  MerSample *sample = mer_buffer_get_sample (gst_sample_get_buffer (last));
  MerMedia *collected = mer_sample_get_media (sample);
  assert_string_equal (mer_sample_get_id (sample), "live");
  assert_int_equal (mer_media_get_n_frames (collected), 4);
  for (guint i = 0; i < 4; i++)
    assert_string_equal (mer_media_get_frame (collected, i)->sha256,
                         mer_media_get_frame (media, i)->sha256);
  assert_true (mer_media_has_audio (collected));
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_frame_rule),
    cmocka_unit_test (test_full_range),
    cmocka_unit_test (test_audio),
    cmocka_unit_test (test_strip),
    cmocka_unit_test (test_hopeless),
    cmocka_unit_test (test_bad_workers),
    cmocka_unit_test (test_collect_equals_media),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, set_up, tear_down);
}
