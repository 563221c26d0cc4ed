/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* three stages, 64 in flight in each: memory after 100 samples and after many */
#include <gst/check/gstharness.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/mer-test-sample.h"

#define N_FRAMES 8
#define FRAME_BYTES 28125

static guint n_samples = 10000;

static double
resident_mb (void)
{
  g_autofree char *text = NULL;
  guint64 pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    pages = g_ascii_strtoull (strchr (text, ' '), NULL, 10);
  return (double) pages * (double) sysconf (_SC_PAGESIZE) / 1e6;
}

/* bytes of its own for each sample, as if it had been decoded */
static MerSample *
make_sample (guint64 seq)
{
  g_autoptr (GPtrArray) frames
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  MerSample *sample = mer_test_sample (seq, 0, 0, "so it is");

  for (guint i = 0; i < N_FRAMES; i++)
    {
      guint8 *data = g_malloc (FRAME_BYTES);

      memset (data, (int) i, FRAME_BYTES);
      memcpy (data, &seq, sizeof seq);
      g_ptr_array_add (frames, g_bytes_new_take (data, FRAME_BYTES));
    }
  g_autoptr (MerMedia) media = mer_test_media_of (frames, 448, 252, NULL, 0);
  mer_sample_set_media (sample, media);
  return sample;
}

static gpointer
feed (gpointer harness)
{
  for (guint i = 0; i < n_samples; i++)
    gst_harness_push (harness, mer_buffer_new_sample (make_sample (i)));
  return NULL;
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  n_samples = argc > 1 ? (guint) atoi (argv[1]) : n_samples;

  g_autoptr (MerTestServer) server = mer_test_server_start ("--no-check --latency-ms 5");
  g_autoptr (GString) launch = g_string_new (NULL);
  double early = 0, peak = 0;

  for (guint i = 0; i < 3; i++)
    g_string_append_printf (launch,
                            "%smeropenai name=stage%u uri=%s model=m max-in-flight=64",
                            i > 0 ? " ! " : "", i, server->uri);
  GstHarness *harness = gst_harness_new_parse (launch->str);
  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  GThread *thread = g_thread_new ("feed", feed, harness);

  for (guint i = 0; i < n_samples; i++)
    {
      gst_buffer_unref (gst_harness_pull (harness));
      if (i % 50 == 49)
        peak = MAX (peak, resident_mb ());
      if (i == 99)
        early = peak;
    }
  double late = resident_mb ();
  g_thread_join (thread);
  printf ("memory   3 stages, 64 in flight, %d frames a sample: %.0f MB after 100 samples, "
          "%.0f MB after %u, at most %.0f MB (budget 250); ratio %.2f (budget 0.9 … 1.1)\n",
          N_FRAMES, early, late, n_samples, peak, late / early);
  gst_harness_teardown (harness);
  return 0;
}
