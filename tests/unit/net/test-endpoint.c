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
      mer_endpoint_queue (one, &small[i]);
      mer_endpoint_sent (one, &small[i]);
    }
  assert_int_equal (n_small, G_N_ELEMENTS (small));
  mer_endpoint_queue (other, &large);
  assert_int_equal (n_large, 0);
  for (guint i = 0; i < G_N_ELEMENTS (small); i++)
    mer_endpoint_release (one, &small[i]);
  assert_int_equal (n_large, 1);
  mer_endpoint_release (other, &large);
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

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_bytes_of_other_servers),
    cmocka_unit_test (test_faulty_address_hides_password),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
