/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* how much of a server is used that serves eight calls at a time and turns others away */
#include <gst/check/gstharness.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/mer-test-sample.h"

#define CAPACITY 8
#define LATENCY 0.25

typedef struct
{
  GstHarness *harness;
  guint n;
} Feed;

static gpointer
feed (gpointer data)
{
  Feed *self = data;

  for (guint i = 0; i < self->n; i++)
    gst_harness_push (self->harness,
                      mer_buffer_new_sample (mer_test_sample (i, 1, 0, "hello")));
  return NULL;
}

/* seconds for @n calls; how many had no answer, and how many were sent */
static double
drive (const char *uri, guint n, guint in_flight, guint *n_lost, guint *n_sent)
{
  GstElement *element = gst_element_factory_make ("meropenai", "ask");
  Feed data = { .n = n };

  g_object_set (element, "uri", uri, "model", "m", "max-in-flight", in_flight, NULL);
  data.harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps_str (data.harness, MER_SAMPLE_CAPS);

  gint64 start = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("feed", feed, &data);
  *n_lost = *n_sent = 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GstBuffer) buffer = gst_harness_pull (data.harness);
      MerResult *result = mer_sample_find_result (mer_buffer_get_sample (buffer), "ask");

      *n_lost += mer_result_get_outcome (result) != MER_OUTCOME_ANSWERED;
      *n_sent += mer_result_get_attempts (result);
    }
  double seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;

  g_thread_join (thread);
  gst_harness_teardown (data.harness);
  return seconds;
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);

  guint n = argc > 1 ? (guint) atoi (argv[1]) : 1000;
  g_autofree char *options = g_strdup_printf ("--no-check --capacity %d --latency-ms %d",
                                              CAPACITY, (int) (1000 * LATENCY));
  /* another server may be named by hand */
  g_autoptr (MerTestServer) server = argc > 2 ? NULL : mer_test_server_start (options);
  double ideal = (double) n / CAPACITY * LATENCY;
  guint n_lost = 0, n_sent = 0;
  double seconds = drive (server != NULL ? server->uri : argv[2], n, 64, &n_lost, &n_sent);

  printf ("%u calls, 64 in flight, to a server that serves %d at once and answers 429 "
          "above: %.1f s, %.1f %% of its capacity (budget 90), %u calls lost, %u sent in "
          "vain\n",
          n, CAPACITY, seconds, 100 * ideal / seconds, n_lost, n_sent - n);
  return n_lost == 0 ? 0 : 1;
}
