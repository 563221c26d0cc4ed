/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what replies come to: replies.jsonl beside this holds, line by line, a reply of chat
 * completions or of responses, in one piece or as events, and the result, the error or the
 * accident that it is */
#include "support/mer-test.h"

#include <string.h>

#include "../../../plugins/backends/openai/mer-openai-reply.h"

/* each event is an object, or a text that stands for a line */
static GBytes *
write_events (JsonArray *events)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      JsonNode *event = json_array_get_element (events, i);
      g_autofree char *line
          = JSON_NODE_HOLDS_OBJECT (event) ? mer_json_canonical (event) : NULL;

      if (line != NULL)
        g_string_append_printf (text, "data: %s\n\n", line);
      else
        g_string_append_printf (text, "%s\n\n", json_node_get_string (event));
    }
  return g_string_free_to_bytes (text);
}

static JsonNode *
decode (JsonNode *line, GError **error)
{
  gboolean is_responses = g_str_equal (mer_json_node_string (line, "api"), "responses");
  JsonNode *events = mer_json_node_member (line, "events");
  JsonNode *whole = mer_json_node_member (line, "reply");
  char *text = whole != NULL && JSON_NODE_HOLDS_OBJECT (whole)
                   ? mer_json_canonical (whole)
                   : g_strdup (mer_json_node_string (line, "reply"));
  gsize length = text != NULL ? strlen (text) : 0;
  g_autoptr (MerReply) reply
      = mer_reply_new (200, NULL,
                       events != NULL ? write_events (json_node_get_array (events))
                                      : g_bytes_new_take (text, length));

  if (events != NULL)
    return is_responses ? mer_openai_responses_decode_stream (reply, error)
                        : mer_openai_decode_stream (reply, error);
  return is_responses ? mer_openai_responses_decode (reply, error)
                      : mer_openai_decode_json (reply, error);
}

/* the parts of the result that a line may name */
static JsonNode *
dup_member (MerResult *result, const char *name)
{
  g_autoptr (JsonNode) json = mer_result_to_json (result);
  JsonNode *found = mer_json_node_member (json, name);

  return found != NULL ? json_node_copy (found) : NULL;
}

static void
check_result (const char *name, JsonNode *wanted, MerResult *result)
{
  g_autoptr (GList) members = json_object_get_members (json_node_get_object (wanted));

  for (GList *each = members; each != NULL; each = each->next)
    {
      g_autoptr (JsonNode) node = dup_member (result, each->data);
      g_autofree char *is = node != NULL ? mer_json_canonical (node) : g_strdup ("null");
      JsonNode *should = json_object_get_member (json_node_get_object (wanted), each->data);
      g_autofree char *text = mer_json_canonical (should);

      if (!g_str_equal (is, text))
        fail_msg ("%s: %s is %s instead of %s", name, (char *) each->data, is, text);
    }
}

static void
check_failure (const char *name, JsonNode *line, JsonNode *root, const GError *accident)
{
  const char *code = mer_json_node_string (line, "error");
  const char *wanted = mer_json_node_string (line, "accident");
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);

  if (wanted != NULL && (accident == NULL || strstr (accident->message, wanted) == NULL))
    fail_msg ("%s: the accident is “%s”", name,
              accident != NULL ? accident->message : "none");
  if (code != NULL && (failure == NULL || g_strcmp0 (failure->code, code) != 0))
    fail_msg ("%s: the error's code is “%s”", name,
              failure != NULL ? failure->code : "none at all");
}

static void
check (JsonNode *line)
{
  const char *name = mer_json_node_string (line, "name");
  JsonNode *wanted = mer_json_node_member (line, "result");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = decode (line, &error);
  g_autoptr (MerResult) result
      = mer_result_new ("s", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);

  if (wanted == NULL)
    {
      check_failure (name, line, root, error);
      return;
    }
  if (root == NULL)
    fail_msg ("%s: %s", name, error->message);
  if (!(g_str_equal (mer_json_node_string (line, "api"), "responses")
            ? mer_openai_responses_parse (root, result, &error)
            : mer_openai_parse_reply (root, result, &error)))
    fail_msg ("%s: %s", name, error->message);
  check_result (name, wanted, result);
}

static void
test_replies (void **state)
{
  g_autofree char *path = g_build_filename (g_getenv ("MER_SOURCE_ROOT"), "tests", "unit",
                                            "openai", "replies.jsonl", NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;

  assert_true (g_file_get_contents (path, &data, NULL, &error));
  g_auto (GStrv) lines = g_strsplit (data, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr (MerJson) json = mer_json_parse (path, lines[i], -1, &error);

      mer_test_assert_no_error (error);
      check (mer_json_get_root (json));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (test_replies) };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
