/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "support/mer-test-sample.h"

static char *
read_body (MerPayload *payload, gsize *length)
{
  g_autoptr (GInputStream) stream = mer_payload_open (payload);
  char *body = g_malloc0 (mer_payload_get_length (payload) + 1);

  assert_true (g_input_stream_read_all (stream, body, mer_payload_get_length (payload),
                                        length, NULL, NULL));
  assert_int_equal (*length, mer_payload_get_length (payload));
  return body;
}

static JsonNode *
make_request (const char *file)
{
  g_autofree char *text = g_strdup_printf (
      "{\"model\":\"m\",\"temperature\":0.5,\"list[]\":[\"a\",\"b\"],\"none\":null,"
      "\"flag\":true,\"odd\\\"name\\r\\n\":\"line\\r\\nline\"}");
  JsonNode *node = json_from_string (text, NULL);

  json_object_set_string_member (json_node_get_object (node), "file", file);
  return node;
}

/* each member is a part, files are raw, and what is hashed is the JSON */
static void
test_form (void **state)
{
  g_autoptr (MerMedia) media = mer_test_media (0, 1);
  g_autofree char *file = mer_payload_place_audio (media, "clip.wav;audio/wav,");
  g_autoptr (JsonNode) request = make_request (file);
  g_autoptr (MerPayload) payload = mer_payload_new_form (request);
  g_autofree char *canonical = mer_json_canonical (request);
  GBytes *wav = mer_media_get_audio (media);
  const char *type = mer_payload_get_content_type (payload);
  gsize length = 0;

  assert_string_equal (mer_payload_get_text (payload), canonical);
  assert_int_equal (mer_payload_get_n_media (payload), 1);
  assert_true (mer_payload_fill (payload, media, NULL, NULL));

  g_autofree char *body = read_body (payload, &length);
  const char *boundary = strstr (type, "boundary=") + strlen ("boundary=");
  g_autofree char *end = g_strdup_printf ("\r\n--%s--\r\n", boundary);
  g_autofree char *number = g_strdup_printf (
      "--%s\r\nContent-Disposition: form-data; name=\"temperature\"\r\n\r\n0.5\r\n--",
      boundary);

  assert_true (g_str_has_prefix (type, "multipart/form-data; boundary=gst-mer-"));
  assert_non_null (
      memmem (body, length, g_bytes_get_data (wav, NULL), g_bytes_get_size (wav)));
  assert_non_null (memmem (body, length, number, strlen (number)));
  assert_memory_equal (body + length - strlen (end), end, strlen (end));

  static const char *const parts[] = {
    "name=\"list[]\"\r\n\r\na\r\n",
    "name=\"list[]\"\r\n\r\nb\r\n",
    "name=\"flag\"\r\n\r\ntrue\r\n",
    "name=\"file\"; filename=\"clip.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF",
    "name=\"odd%22name%0D%0A\"\r\n\r\nline\r\nline\r\n",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (memmem (body, length, parts[i], strlen (parts[i])) == NULL)
      fail_msg ("“%s” is not in the form", parts[i]);
  assert_null (memmem (body, length, "none", 4));
}

/* a text that looks like a placeholder and is none stays a text */
static void
test_no_placeholder (void **state)
{
  g_autoptr (JsonNode) request = make_request ("a\001not a hash\001");
  g_autoptr (MerPayload) payload = mer_payload_new_form (request);
  gsize length = 0;

  assert_int_equal (mer_payload_get_n_media (payload), 0);
  assert_true (mer_payload_fill (payload, NULL, NULL, NULL));

  g_autofree char *body = read_body (payload, &length);
  assert_non_null (strstr (body, "name=\"file\"\r\n\r\na\001not a hash\001\r\n"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_form),
    cmocka_unit_test (test_no_placeholder),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
