/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "net/mer-reply.h"

/* a server that quotes from a request tells no message what was shown */
static void
test_quoted_media (void **state)
{
  static const struct
  {
    guint n_letters;
    const char *wanted;
  } table[] = {
    { 0, "bad: ''" },
    { 100, NULL }, /* as it was */
    { 101, "bad: 'AAAAAAAAAAAAAAAAAAAAAAAA...'" },
    { 900, "bad: 'AAAAAAAAAAAAAAAAAAAAAAAA...'" },
    { 5000, "bad: 'AAAAAAAAAAAAAAAAAAAAAAAA..." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *media = g_strnfill (table[i].n_letters, 'A');
      g_autofree char *text = g_strdup_printf ("bad: '%s'", media);
      g_autofree char *body = g_strdup_printf ("{\"error\":{\"message\":\"%s\"}}", text);
      g_autoptr (MerReply) reply
          = mer_reply_new (500, NULL, g_bytes_new (body, strlen (body)));
      g_autoptr (JsonNode) root = mer_reply_parse_json (reply, NULL);
      g_autoptr (MerReplyError) error = mer_reply_error_new (root);
      g_autofree char *excerpt = mer_reply_dup_excerpt (reply, 200);

      assert_string_equal (error->message,
                           table[i].wanted != NULL ? table[i].wanted : text);
      assert_true (strlen (excerpt) <= 200);
      if (table[i].n_letters > 100)
        assert_null (strstr (excerpt, "AAAAAAAAAAAAAAAAAAAAAAAAA"));
    }
}

static void
test_lines (void **state)
{
  static const char body[] = "one\r\ntwo\tthree \001 four";
  g_autoptr (MerReply) reply
      = mer_reply_new (500, NULL, g_bytes_new (body, sizeof body - 1));
  g_autofree char *excerpt = mer_reply_dup_excerpt (reply, 200);

  assert_string_equal (excerpt, "one  two three   four");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_quoted_media),
    cmocka_unit_test (test_lines),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
