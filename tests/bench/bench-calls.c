/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* how close a backend drives a slow server to the ideal rate, and what a call costs */
#include <gst/check/gstharness.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "support/mer-test-sample.h"

#define N_FRAMES 8
/* 8 of these are 300 kB of base64 */
#define FRAME_BYTES 28125

static double
cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) usage.ru_utime.tv_sec + (double) usage.ru_utime.tv_usec / 1e6
         + (double) usage.ru_stime.tv_sec + (double) usage.ru_stime.tv_usec / 1e6;
}

static MerMedia *
make_media (GRand *random)
{
  g_autoptr (GPtrArray) frames
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < N_FRAMES; i++)
    {
      guint8 *data = g_malloc (FRAME_BYTES);

      for (guint b = 0; b < FRAME_BYTES; b++)
        data[b] = (guint8) g_rand_int (random);
      g_ptr_array_add (frames, g_bytes_new_take (data, FRAME_BYTES));
    }
  return mer_test_media_of (frames, 448, 252, NULL, 0);
}

static GstHarness *
make_harness (const char *uri, guint in_flight)
{
  GstElement *element = gst_element_factory_make ("meropenai", "ask");

  g_object_set (element, "uri", uri, "model", "m", "max-in-flight", in_flight, NULL);
  GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  return harness;
}

typedef struct
{
  GstHarness *harness;
  MerMedia **media;
  guint n_media;
  guint n;
} Feed;

static gpointer
feed (gpointer data)
{
  Feed *self = data;

  for (guint i = 0; i < self->n; i++)
    {
      MerSample *sample = mer_test_sample (i, 0, 0, NULL);

      mer_sample_set_media (sample, self->media[i % self->n_media]);
      gst_harness_push (self->harness, mer_buffer_new_sample (sample));
    }
  return NULL;
}

/* seconds and processor seconds for @n calls */
static void
drive (const char *uri, guint n, guint in_flight, double *wall, double *cpu)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  MerMedia *media[16];
  guint good = 0;
  Feed data = { make_harness (uri, in_flight), media, G_N_ELEMENTS (media), n };

  for (guint i = 0; i < G_N_ELEMENTS (media); i++)
    media[i] = make_media (random);

  double cpu_start = cpu_seconds ();
  gint64 start = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("feed", feed, &data);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GstBuffer) buffer = gst_harness_pull (data.harness);
      MerResult *result = mer_sample_find_result (mer_buffer_get_sample (buffer), "ask");

      good += mer_result_get_outcome (result) == MER_OUTCOME_ANSWERED;
    }
  *wall = (double) (g_get_monotonic_time () - start) / 1e6;
  *cpu = cpu_seconds () - cpu_start;
  g_thread_join (thread);
  gst_harness_teardown (data.harness);
  for (guint i = 0; i < G_N_ELEMENTS (media); i++)
    g_object_unref (media[i]);
  if (good != n)
    g_error ("%u of %u calls were answered", good, n);
}

static gboolean
drive_python (const char *script, const char *uri, guint n, guint in_flight, double *wall,
              double *cpu)
{
  g_autofree char *line = g_strdup_printf ("/usr/bin/python3 %s %s %u %u %u", script, uri,
                                           n, in_flight, N_FRAMES * FRAME_BYTES);
  g_autofree char *output = NULL;
  int status = 0;

  return g_spawn_command_line_sync (line, &output, NULL, &status, NULL) && status == 0
         && sscanf (output, "%lf %lf", wall, cpu) == 2;
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);

  const char *script = argc > 1 ? argv[1] : NULL;
  guint n = argc > 2 ? (guint) atoi (argv[2]) : 1000;
  guint in_flight = argc > 3 ? (guint) atoi (argv[3]) : 64;
  g_autoptr (MerTestServer) server = mer_test_server_start ("--no-check --latency-ms 250");
  double ideal = ceil ((double) n / in_flight) * 0.25;
  double wall = 0, cpu = 0, python_wall = 0, python_cpu = 0;

  drive (server->uri, n, in_flight, &wall, &cpu);
  printf ("mer      %u calls of 300 kB, %u in flight: %.2f s, %.1f %% of the ideal rate "
          "(budget 97), %.2f ms CPU a call (budget 2)\n",
          n, in_flight, wall, 100 * ideal / wall, 1000 * cpu / n);
  if (script == NULL
      || !drive_python (script, server->uri, n, in_flight, &python_wall, &python_cpu))
    {
      printf ("aiohttp  is not installed: no ratio\n");
      return 0;
    }
  printf ("aiohttp  the same: %.2f s, %.1f %% of the ideal rate, %.2f ms CPU a call\n",
          python_wall, 100 * ideal / python_wall, 1000 * python_cpu / n);
  printf ("ratio    %.2f times the rate, 1/%.2f of the CPU\n", python_wall / wall,
          python_cpu / cpu);
  return 0;
}
