/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "net/mer-key.h"
#include "support/mer-test-sample.h"

static JsonNode *
make_request (MerMedia *media, const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  g_autofree char *frame = mer_payload_place_frame (media, 0, "data:image/jpeg;base64,");
  g_autofree char *again = mer_payload_place_frame (media, 1, "");
  g_autofree char *audio = mer_payload_place_audio (media, "");

  json_object_set_string_member (root, "a", frame);
  json_object_set_string_member (root, "b", text);
  json_object_set_string_member (root, "c", again);
  json_object_set_string_member (root, "d", audio);
  json_node_take_object (node, root);
  return node;
}

static char *
read_all (MerPayload *payload, gsize step)
{
  g_autoptr (GInputStream) stream = mer_payload_open (payload);
  g_autoptr (GString) all = g_string_new (NULL);
  char buffer[8192];
  gssize n = 0;

  while ((n = g_input_stream_read (stream, buffer, step, NULL, NULL)) > 0)
    g_string_append_len (all, buffer, n);
  return g_strdup (all->str);
}

/* what is sent is what GLib's encoder would have put there, however it is read */
static void
test_body (void **state)
{
  static const gsize steps[] = { 1, 2, 3, 5, 7, 64, 1000, 8192 };
  g_autoptr (GPtrArray) jpegs
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) wav = mer_test_wav (0.01);

  for (gsize length = 1; length < 200; length += 7)
    {
      guint8 data[400];

      for (guint i = 0; i < sizeof data; i++)
        data[i] = (guint8) (i * 7 + length);
      g_ptr_array_set_size (jpegs, 0);
      g_ptr_array_add (jpegs, g_bytes_new (data, length));
      g_ptr_array_add (jpegs, g_bytes_new (data + 1, length + 1));

      g_autoptr (MerMedia) media = mer_test_media_of (jpegs, 4, 4, wav, 0.01);
      g_autoptr (JsonNode) request = make_request (media, "say \"\\u0001\" and \\");
      g_autoptr (MerPayload) payload = mer_payload_new (request);
      g_autofree char *first = g_base64_encode (data, length);
      g_autofree char *second = g_base64_encode (data + 1, length + 1);
      g_autofree char *sound
          = g_base64_encode (g_bytes_get_data (wav, NULL), g_bytes_get_size (wav));
      g_autofree char *wanted = g_strdup_printf (
          "{\"a\":\"data:image/jpeg;base64,%s\",\"b\":\"say \\\"\\\\u0001\\\" and "
          "\\\\\",\"c\":\"%s\",\"d\":\"%s\"}",
          first, second, sound);

      assert_int_equal (mer_payload_get_n_media (payload), 3);
      assert_true (mer_payload_fill (payload, media, NULL, NULL));
      assert_int_equal (mer_payload_get_length (payload), strlen (wanted));
      for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
        {
          g_autofree char *sent = read_all (payload, steps[i]);

          assert_string_equal (sent, wanted);
        }
    }
}

/* the same media give the same text, other media another; no bytes are needed for it */
static void
test_identity (void **state)
{
  g_autoptr (MerMedia) one = mer_test_media (2, 0.1);
  g_autoptr (MerMedia) same = mer_test_media (2, 0.1);
  g_autoptr (MerMedia) other = mer_test_media (2, 0.2);
  g_autoptr (JsonNode) a = make_request (one, "x");
  g_autoptr (JsonNode) b = make_request (same, "x");
  g_autoptr (JsonNode) c = make_request (other, "x");
  g_autoptr (MerPayload) first = mer_payload_new (a);
  g_autoptr (MerPayload) second = mer_payload_new (b);
  g_autoptr (MerPayload) third = mer_payload_new (c);
  g_autoptr (GError) error = NULL;

  assert_string_equal (mer_payload_get_text (first), mer_payload_get_text (second));
  assert_string_not_equal (mer_payload_get_text (first), mer_payload_get_text (third));
  /* media that are not the sample's are never sent for it */
  assert_false (mer_payload_fill (first, other, NULL, &error));
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_NOT_FOUND));
}

/* no text can pose as a placeholder once it was cleaned, as every prompt is */
static void
test_forgery (void **state)
{
  g_autoptr (MerMedia) media = mer_test_media (2, 0.1);
  g_autofree char *forged = mer_payload_place_frame (media, 0, "see ");
  g_autofree char *clean = mer_payload_clean_text (forged);
  g_autofree char *odd = mer_payload_clean_text ("a\tb\nc\rd\x1b[31m\xff");
  g_autoptr (JsonNode) request = make_request (media, clean);
  g_autoptr (MerPayload) payload = mer_payload_new (request);

  assert_int_equal (mer_payload_get_n_media (payload), 3);
  assert_string_equal (odd, "a\tb\nc d [31m\357\277\275");
}

/* a whole file, sent as it is and as base64, is read from disk whatever the step */
static void
test_file (void **state)
{
  static const gsize steps[] = { 1, 5, 4096, 8192 };
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("mer-test-XXXXXX", &path, NULL);
  g_autofree guint8 *data = g_malloc (30001);

  for (guint i = 0; i < 30001; i++)
    data[i] = (guint8) (i * 31 >> 3);
  assert_int_equal (write (fd, data, 30001), 30001);

  g_autofree char *sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, 30001);
  g_autofree char *base64 = g_base64_encode (data, 30001);
  g_autofree char *place = g_strconcat ("\001", sha256, "\001", NULL);
  g_autoptr (JsonNode) request = json_node_new (JSON_NODE_VALUE);
  json_node_set_string (request, place);

  g_autoptr (MerPayloadFile) file = mer_payload_file_open (path, sha256, NULL, NULL);
  g_autoptr (MerPayload) payload = mer_payload_new (request);
  assert_true (mer_payload_shows (payload, sha256));
  assert_true (mer_payload_fill (payload, NULL, file, NULL));
  g_autofree char *wanted = g_strconcat ("\"", base64, "\"", NULL);
  assert_int_equal (mer_payload_get_length (payload), strlen (wanted));
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *sent = read_all (payload, steps[i]);

      assert_string_equal (sent, wanted);
    }

  g_autoptr (MerPayload) alone = mer_payload_dup_media (payload, sha256, "video/mp4");
  g_autoptr (GInputStream) stream = mer_payload_open (alone);
  g_autofree guint8 *read = g_malloc (30001);
  gsize n = 0;
  assert_int_equal (mer_payload_get_length (alone), 30001);
  assert_string_equal (mer_payload_get_content_type (alone), "video/mp4");
  assert_true (g_input_stream_read_all (stream, read, 30001, &n, NULL, NULL));
  assert_int_equal (n, 30001);
  assert_memory_equal (read, data, 30001);

  /* what was hashed is what is sent, or nothing */
  g_autoptr (GError) error = NULL;
  assert_int_equal (ftruncate (fd, 100), 0);
  g_autoptr (GInputStream) cut = mer_payload_open (alone);
  assert_false (g_input_stream_read_all (cut, read, 30001, &n, NULL, &error));
  assert_non_null (strstr (error->message, "became shorter"));
  g_clear_error (&error);
  assert_null (mer_payload_file_open (path, sha256, NULL, &error));
  assert_non_null (strstr (error->message, "has changed"));
  close (fd);
  unlink (path);
}

static void
test_key_names (void **state)
{
  static const struct
  {
    const char *name;
    gboolean good;
  } table[] = {
    { "OPENAI_API_KEY", TRUE }, { "HF_TOKEN", TRUE },           { "A1_TOKEN", TRUE },
    { "HOME", FALSE },          { "AWS_SECRET_ACCESS", FALSE }, { "", FALSE },
    { "_API_KEY", TRUE },       { "openai_api_key", FALSE },    { "X_API_KEY ", FALSE },
    { "1_API_KEY", FALSE },     { "A-B_TOKEN", FALSE },         { "A=B_TOKEN", FALSE },
    { "X_API_KEYS", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    assert_int_equal (mer_key_check_name (table[i].name, NULL), table[i].good);
}

static void
test_key_ways (void **state)
{
  static const struct
  {
    const char *value;
    const char *uri;
    gboolean allow;
    const char *key;
  } table[] = {
    { "sk-1234567", "https://api.example.com/v1", FALSE, "sk-1234567" },
    { " sk-1234567\n", "https://api.example.com/v1", FALSE, "sk-1234567" },
    { "sk-1234567", "http://127.0.0.1:8000/v1", FALSE, "sk-1234567" },
    { "sk-1234567", "http://[::1]:8000/v1", FALSE, "sk-1234567" },
    { "sk-1234567", "http://localhost/v1", FALSE, "sk-1234567" },
    { "sk-1234567", "http://10.0.0.5/v1", FALSE, NULL },
    { "sk-1234567", "http://127.0.0.1.example.com/v1", FALSE, NULL },
    { "sk-1234567", "http://localhost.example.com/v1", FALSE, NULL },
    { "sk-1234567", "http://10.0.0.5/v1", TRUE, "sk-1234567" },
    { "sk-1\r\nHost: x", "https://api.example.com/v1", FALSE, NULL },
    { "sk 1", "https://api.example.com/v1", FALSE, NULL },
    { "  ", "https://api.example.com/v1", FALSE, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_setenv ("MER_UNIT_API_KEY", table[i].value, TRUE);
      g_autoptr (GError) error = NULL;
      g_autofree char *key
          = mer_key_read ("MER_UNIT_API_KEY", table[i].uri, table[i].allow, &error);

      assert_int_equal (g_strcmp0 (key, table[i].key), 0);
      assert_int_equal (error != NULL, table[i].key == NULL);
      if (error != NULL)
        assert_null (strstr (error->message, "sk-1"));
    }
}

static void
test_blot (void **state)
{
  static const struct
  {
    const char *text;
    const char *clean;
  } table[] = {
    { "no key here", "no key here" },
    { "sk-1234567", "***" },
    { "a sk-1234567 b sk-1234567", "a *** b ***" },
    { "", "" },
    { "sk-123456", "sk-123456" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GBytes) clean = mer_key_blot_out (
          g_bytes_new (table[i].text, strlen (table[i].text)), "sk-1234567");

      assert_int_equal (g_bytes_get_size (clean), strlen (table[i].clean));
      assert_memory_equal (g_bytes_get_data (clean, NULL), table[i].clean,
                           strlen (table[i].clean));

      g_autofree char *text = mer_key_blot_out_text (table[i].text, "sk-1234567");
      assert_string_equal (text, table[i].clean);
    }
}

static void
test_addresses (void **state)
{
  static const char *const bad[] = { "",
                                     "localhost:8000",
                                     "/v1",
                                     "ftp://host/v1",
                                     "http://",
                                     "http://u:p@host/v1",
                                     "http://u@h/",
                                     "http://h/v1?key=1",
                                     "http://h/?a=1&API_KEY=2",
                                     "file:///x",
                                     "http:///v1" };
  MerEndpoint *one = mer_endpoint_get ("http://127.0.0.1:9/v1", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      assert_null (mer_endpoint_get (bad[i], &error));
      assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT));
    }
  /* one object an address, whoever asks */
  assert_ptr_equal (one, mer_endpoint_get ("http://127.0.0.1:9/v1/", NULL));
  assert_ptr_not_equal (one, mer_endpoint_get ("http://127.0.0.1:9/v2", NULL));
  assert_string_equal (mer_endpoint_get_uri (one), "http://127.0.0.1:9/v1");
  assert_non_null (mer_endpoint_get ("https://h/v1?api-version=2024-06-01", NULL));
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_body),      cmocka_unit_test (test_identity),
    cmocka_unit_test (test_forgery),   cmocka_unit_test (test_key_names),
    cmocka_unit_test (test_key_ways),  cmocka_unit_test (test_blot),
    cmocka_unit_test (test_addresses), cmocka_unit_test (test_file),
  };

  gst_init (&argc, &argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
