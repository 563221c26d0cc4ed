/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "mer.h"

/* pieces joined by |, with their event before a colon */
static void
gather (const char *event, const char *data, gsize length, gpointer user_data)
{
  GString *all = user_data;

  assert_int_equal (strlen (data), length);
  g_string_append_printf (all, "%s%s%s|", event != NULL ? event : "",
                          event != NULL ? ":" : "", data);
}

static const struct
{
  MerStreamKind kind;
  const char *text;
  const char *pieces;
} cases[] = {
  { MER_STREAM_SSE, "data: a\n\ndata: b\n\n", "a|b|" },
  { MER_STREAM_SSE, "data: a\r\n\r\ndata: b\r\n\r\n", "a|b|" },
  { MER_STREAM_SSE, "data: a\r\rdata: b\r\r", "a|b|" },
  { MER_STREAM_SSE, "data:a\n\n", "a|" },
  { MER_STREAM_SSE, "data:  a\n\n", " a|" },
  { MER_STREAM_SSE, ": ping\n\n: ping\ndata: a\n\n", "a|" },
  { MER_STREAM_SSE, "event: x\nid: 3\nretry: 5\ndata: a\n\ndata: b\n\n", "x:a|b|" },
  { MER_STREAM_SSE, "data: a\ndata: b\ndata\n\n", "a\nb\n|" },
  { MER_STREAM_SSE, "event: x\n\ndata: a\n\n", "a|" },
  { MER_STREAM_SSE, "data: a", "a|" },
  { MER_STREAM_SSE, "data: a\n", "a|" },
  { MER_STREAM_SSE,
    "\xef\xbb\xbf"
    "data: a\n\n",
    "a|" },
  { MER_STREAM_SSE, "\n\n\n", "" },
  { MER_STREAM_SSE, "data: d\303\251\345\226\234\n\n", "d\303\251\345\226\234|" },
  { MER_STREAM_SSE, "database: a\n\n", "" },
  { MER_STREAM_NDJSON, "{\"a\":1}\n{\"b\":2}\r\n\n{\"c\":3}",
    "{\"a\":1}|{\"b\":2}|{\"c\":3}|" },
};

/* however the bytes are cut on the way: in two at every place, and one by one */
static void
test_every_cut (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize cut = 0; cut <= strlen (cases[i].text) + 1; cut++)
      {
        g_autoptr (GString) all = g_string_new (NULL);
        g_autoptr (MerStream) stream = mer_stream_new (cases[i].kind, 1000, gather, all);
        gsize length = strlen (cases[i].text);

        if (cut <= length)
          {
            assert_true (mer_stream_feed (stream, cases[i].text, cut, NULL));
            assert_true (mer_stream_feed (stream, cases[i].text + cut, length - cut, NULL));
          }
        else
          for (gsize at = 0; at < length; at++)
            assert_true (mer_stream_feed (stream, cases[i].text + at, 1, NULL));
        mer_stream_end (stream);
        assert_string_equal (all->str, cases[i].pieces);
      }
}

static void
test_bound (void **state)
{
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (MerStream) line = mer_stream_new (MER_STREAM_SSE, 100, gather, all);
  g_autoptr (MerStream) event = mer_stream_new (MER_STREAM_SSE, 100, gather, all);
  g_autoptr (GError) error = NULL;
  gboolean good = TRUE;

  for (guint i = 0; i < 20 && good; i++)
    good = mer_stream_feed (line, "0123456789", 10, &error);
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_TOO_LARGE));
  g_clear_error (&error);
  good = TRUE;
  for (guint i = 0; i < 20 && good; i++)
    good = mer_stream_feed (event, "data: 0123456789\n", 17, &error);
  assert_true (g_error_matches (error, MER_ERROR, MER_ERROR_TOO_LARGE));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_every_cut),
    cmocka_unit_test (test_bound),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
