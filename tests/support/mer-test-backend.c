/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "support/mer-test-backend.h"

#include <string.h>

static void
set_properties (GstElement *element, const char *properties)
{
  g_auto (GStrv) parts = NULL;

  if (properties == NULL || !g_shell_parse_argv (properties, NULL, &parts, NULL))
    return;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *equals = strchr (parts[i], '=');

      *equals = '\0';
      if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), parts[i]) == NULL)
        fail_msg ("there is no property %s", parts[i]);
      gst_util_set_object_arg (G_OBJECT (element), parts[i], equals + 1);
    }
}

MerTestBackend *
mer_test_backend_new_closed (const char *factory, const char *uri, const char *properties)
{
  MerTestBackend *self = g_new0 (MerTestBackend, 1);

  self->element = gst_object_ref_sink (gst_element_factory_make (factory, "ask"));
  g_object_set (self->element, "uri", uri, "model", "m", "timeout", 30., NULL);
  set_properties (self->element, properties);
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->element, self->bus);
  return self;
}

MerTestBackend *
mer_test_backend_new (const char *factory, const char *uri, const char *properties)
{
  MerTestBackend *self = mer_test_backend_new_closed (factory, uri, properties);

  self->harness = gst_harness_new_with_element (self->element, "sink", "src");
  gst_harness_set_src_caps_str (self->harness, MER_SAMPLE_CAPS);
  return self;
}

void
mer_test_backend_free (MerTestBackend *self)
{
  if (self->harness != NULL)
    gst_harness_teardown (self->harness);
  gst_element_set_state (self->element, GST_STATE_NULL);
  gst_element_set_bus (self->element, NULL);
  gst_object_unref (self->bus);
  gst_object_unref (self->element);
  g_free (self);
}

char *
mer_test_backend_pop_error (MerTestBackend *self, GstClockTime timeout)
{
  g_autoptr (GstMessage) message
      = gst_bus_timed_pop_filtered (self->bus, timeout, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    return NULL;
  gst_message_parse_error (message, &error, NULL);
  return g_strdup (error->message);
}

MerResult *
mer_test_backend_ask (MerTestBackend *self, MerSample *sample)
{
  g_autoptr (GstBuffer) out = NULL;

  gst_harness_push (self->harness, mer_buffer_new_sample (sample));
  out = gst_harness_pull (self->harness);
  if (out == NULL)
    return NULL;
  return mer_result_ref (mer_sample_find_result (mer_buffer_get_sample (out), "ask"));
}

char *
mer_test_quote (const char *text)
{
  GString *string = g_string_new (text);

  g_string_replace (string, "'", "\"", 0);
  return g_string_free (string, FALSE);
}

static void
name_media (GString *text, const char *sha256, const char *name)
{
  g_autofree char *mark = g_strdup_printf ("\\u0001%s\\u0001", sha256);

  if (sha256 != NULL)
    g_string_replace (text, mark, name, 0);
}

char *
mer_test_backend_dup_request (MerTestBackend *self, MerSample *sample, MerModality shown,
                              const char *prompt, const char *system)
{
  MerBackend *backend = MER_BACKEND (self->element);
  g_autoptr (MerSample) owned = sample;
  g_autoptr (MerRequest) request = mer_request_new (
      sample, shown, mer_backend_get_abilities (backend), prompt, system);
  MerMedia *media = mer_sample_get_media (sample);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node
      = MER_BACKEND_GET_CLASS (backend)->build_request (backend, request, &error);

  if (node == NULL)
    return g_strconcat ("!", error->message, NULL);
  g_autofree char *canonical = mer_json_canonical (node);
  g_autoptr (GString) text = g_string_new (canonical);
  for (guint i = 0; media != NULL && i < mer_media_get_n_frames (media); i++)
    {
      g_autofree char *name = g_strdup_printf ("<frame %u>", i);

      name_media (text, mer_media_get_frame (media, i)->sha256, name);
    }
  if (media != NULL && mer_media_has_audio (media))
    name_media (text, mer_media_get_audio_sha256 (media), "<audio>");
  if (media != NULL)
    name_media (text, mer_media_get_clip_sha256 (media), "<clip>");
  return g_strdup (text->str);
}

void
mer_test_backend_check_request (const char *factory, const MerTestRequest *wanted)
{
  g_autoptr (MerTestBackend) bench
      = mer_test_backend_new_closed (factory, "http://127.0.0.1:9/v1", wanted->properties);
  gst_element_set_state (bench->element, GST_STATE_PAUSED);
  g_autofree char *body = mer_test_quote (wanted->wanted);
  g_autofree char *error = mer_test_backend_pop_error (bench, 0);
  g_autofree char *got
      = error != NULL
            ? g_strconcat ("!", error, NULL)
            : mer_test_backend_dup_request (
                bench, mer_test_sample (0, wanted->n_frames, wanted->seconds, "hello"),
                MER_MODALITY_ALL, "Which?", wanted->system);

  if (*wanted->wanted == '!')
    {
      if (*got != '!' || strstr (got, wanted->wanted + 1) == NULL)
        fail_msg ("%s: no error “%s” but %s", wanted->properties, wanted->wanted + 1, got);
      return;
    }
  if (strcmp (got, body) != 0)
    fail_msg ("%s: the request is\n%s\nnot\n%s", wanted->properties, got, body);
}

static void
check_count (const char *name, const char *what, gint64 got, gint64 wanted)
{
  if (wanted != 0 && got != wanted)
    fail_msg ("%s: %s is %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT, name, what, got,
              wanted);
}

static void
check_result (const MerTestReply *wanted, MerResult *result)
{
  MerUsage usage = mer_result_get_usage (result);
  const char *detail = mer_result_get_detail (result);

  if (wanted->text == NULL)
    fail_msg ("%s: there is an answer: %s", wanted->name, mer_result_get_text (result));
  if (mer_result_get_outcome (result) != wanted->outcome)
    fail_msg ("%s: outcome %s: %s", wanted->name,
              mer_outcome_to_string (mer_result_get_outcome (result)), detail);
  if (g_strcmp0 (mer_result_get_text (result), wanted->text) != 0)
    fail_msg ("%s: text “%s”", wanted->name, mer_result_get_text (result));
  if (g_strcmp0 (mer_result_get_reasoning (result), wanted->reasoning) != 0)
    fail_msg ("%s: reasoning “%s”", wanted->name, mer_result_get_reasoning (result));
  if (wanted->reason != MER_REASON_NONE && mer_result_get_reason (result) != wanted->reason)
    fail_msg ("%s: reason %s", wanted->name,
              mer_reason_to_string (mer_result_get_reason (result)));
  if (wanted->detail != NULL && (detail == NULL || strstr (detail, wanted->detail) == NULL))
    fail_msg ("%s: detail “%s”", wanted->name, detail);
  check_count (wanted->name, "input", usage.input, wanted->input);
  check_count (wanted->name, "input_cached", usage.input_cached, wanted->cached);
  check_count (wanted->name, "cache_write", usage.cache_write, wanted->written);
  check_count (wanted->name, "output", usage.output, wanted->output);
  check_count (wanted->name, "reasoning", usage.reasoning, wanted->thought);
}

static void
check_error (const MerTestReply *wanted, const char *message)
{
  if (wanted->text != NULL || message == NULL || strstr (message, wanted->detail) == NULL)
    fail_msg ("%s: error “%s”", wanted->name, message);
}

static MerReply *
make_reply (const MerTestReply *wanted)
{
  g_autofree char *body = mer_test_quote (wanted->body);
  GHashTable *headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gsize length = strlen (body);

  g_hash_table_insert (headers, g_strdup ("content-type"),
                       g_strdup (wanted->type != NULL ? wanted->type : "application/json"));
  return mer_reply_new (200, headers, g_bytes_new_take (g_steal_pointer (&body), length));
}

void
mer_test_backend_check_reply (MerTestBackend *self, const MerTestReply *wanted)
{
  MerBackend *backend = MER_BACKEND (self->element);
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (backend);
  g_autoptr (MerReply) reply = make_reply (wanted);
  g_autoptr (MerResult) result
      = mer_result_new ("ask", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = klass->decode_reply (backend, reply, &error);
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);

  if (failure != NULL)
    {
      MerRetry retry = mer_retry_classify (200, failure);

      check_error (wanted, failure->message);
      if (klass->classify != NULL)
        retry = klass->classify (backend, 200, failure, retry);
      if (retry != wanted->retry)
        fail_msg ("%s: retry is %d", wanted->name, retry);
    }
  else if (root == NULL || !klass->parse_reply (backend, root, result, &error))
    check_error (wanted, error->message);
  else
    check_result (wanted, result);
}
