/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include "net/mer-endpoint-private.h"

#define MB ((gsize) 1024 * 1024)

static void
count (gpointer data)
{
  ++*(int *) data;
}

static MerTicket
ticket (gsize bytes, int *granted)
{
  return (MerTicket){ .bytes = bytes, .on_granted = count, .data = granted };
}

static void
give_back (MerEndpoint *endpoint, MerTicket *held)
{
  MerGate *gate = mer_endpoint_get_gate (endpoint);

  mer_gate_release (gate, held);
  mer_gate_settle (gate, held, NULL);
}

/* a large body that waits for small ones of another server is sent when they are gone */
static void
test_bytes_of_other_servers (void **state)
{
  MerEndpoint *one = mer_endpoint_get ("http://127.0.0.1:9/one", NULL);
  MerEndpoint *other = mer_endpoint_get ("http://127.0.0.1:9/other", NULL);
  int n_small = 0, n_large = 0;
  MerTicket small[45];
  MerTicket large = ticket (100 * MB, &n_large);

  for (guint i = 0; i < G_N_ELEMENTS (small); i++)
    {
      small[i] = ticket (10 * MB, &n_small);
      mer_gate_queue (mer_endpoint_get_gate (one), &small[i], FALSE);
      mer_gate_sent (mer_endpoint_get_gate (one), &small[i], TRUE);
    }
  assert_int_equal (n_small, G_N_ELEMENTS (small));
  mer_gate_queue (mer_endpoint_get_gate (other), &large, FALSE);
  assert_int_equal (n_large, 0);
  for (guint i = 0; i < G_N_ELEMENTS (small); i++)
    give_back (one, &small[i]);
  assert_int_equal (n_large, 1);
  give_back (other, &large);
}

/* what cannot be read as an address may hold a password all the same */
static void
test_faulty_address_hides_password (void **state)
{
  static const char *const faulty[]
      = { "http://me:hunter2@host:port/v1", "htp//x?key=hunter2", "http://me:hunter2@" };

  for (guint i = 0; i < G_N_ELEMENTS (faulty); i++)
    {
      g_autoptr (GError) error = NULL;

      assert_null (mer_endpoint_get (faulty[i], &error));
      assert_null (strstr (error->message, "hunter2"));
    }
}

/* a server may name addresses for uploads and results; the key goes to its own alone */
static void
test_origin (void **state)
{
  static const struct
  {
    const char *uri;
    gboolean own;
  } table[] = {
    { "https://host.example/upload/x?y=1", TRUE },
    { "https://HOST.example:443/", TRUE },
    { "http://host.example/upload", FALSE },
    { "https://host.example:8443/", FALSE },
    { "https://host.example.evil.example/", FALSE },
    { "https://evil.example/?host.example", FALSE },
    { "https://host.example@evil.example/", FALSE },
    { "files/1", FALSE },
  };
  MerEndpoint *endpoint = mer_endpoint_get ("https://host.example/v1?v=2", NULL);
  g_autofree char *with_query = mer_endpoint_dup_uri (endpoint, "m:stream?alt=sse");
  g_autofree char *whole = mer_endpoint_dup_uri (endpoint, "https://a.example/b");

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    assert_int_equal (mer_endpoint_is_origin (endpoint, table[i].uri), table[i].own);
  /* nor does a clip go where everybody on the way can see it */
  assert_true (mer_endpoint_is_downgrade (endpoint, "HTTP://host.example/upload"));
  assert_false (mer_endpoint_is_downgrade (endpoint, "https://a.example/b"));
  assert_false (mer_endpoint_is_downgrade (endpoint, "chat/completions"));
  assert_string_equal (with_query, "https://host.example/v1/m:stream?alt=sse&v=2");
  assert_string_equal (whole, "https://a.example/b");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_bytes_of_other_servers),
    cmocka_unit_test (test_faulty_address_hides_password),
    cmocka_unit_test (test_origin),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
