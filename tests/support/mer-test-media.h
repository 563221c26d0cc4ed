/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/check/gstharness.h>

#include "sample/mer-sample.h"
#include "tables/mer-json.h"

/* a media without a clip: @audio (a WAV) and @strip may be NULL; both are taken */
static inline MerMedia *
mer_test_media_new (GBytes *audio, GBytes *strip, guint strip_width, guint strip_height)
{
  g_autoptr (GString) text = g_string_new ("{\"outcome\":\"answered\"");
  g_autoptr (MerJson) json = NULL;
  MerMediaBytes *bytes = mer_media_bytes_new ();
  g_autoptr (GError) error = NULL;
  MerMedia *media;

  if (audio != NULL)
    {
      g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, audio);

      g_string_append_printf (text, ",\"audio\":{\"sha256\":\"%s\",\"seconds\":1}", hash);
    }
  if (strip != NULL)
    g_string_append_printf (text, ",\"strip\":{\"width\":%u,\"height\":%u,\"rate\":8}",
                            strip_width, strip_height);
  g_string_append_c (text, '}');
  json = mer_json_parse ("manifest", text->str, -1, &error);
  mer_test_assert_no_error (error);
  bytes->audio = audio;
  bytes->strip = strip;
  media = mer_media_new (json_node_copy (mer_json_get_root (json)), bytes, &error);
  mer_test_assert_no_error (error);
  return media;
}

/* sends a sample with @media (nullable, taken) through the element; what it said */
static inline MerResult *
mer_test_run_stage (const char *element, const char *stage, MerMedia *media)
{
  GstHarness *harness = gst_harness_new (element);
  MerSample *sample = mer_sample_new ("clip", 0);
  GstBuffer *buffer;
  MerResult *result;

  gst_harness_set_src_caps_str (harness, MER_SAMPLE_CAPS);
  if (media != NULL)
    mer_sample_set_media (sample, media);
  g_clear_object (&media);
  assert_int_equal (gst_harness_push (harness, mer_buffer_new_sample (sample)),
                    GST_FLOW_OK);
  buffer = gst_harness_pull (harness);
  assert_non_null (buffer);
  result = mer_sample_find_result (mer_buffer_get_sample (buffer), stage);
  assert_non_null (result);
  mer_result_ref (result);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
  return result;
}
