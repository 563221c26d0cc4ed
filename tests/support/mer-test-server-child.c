/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test-sample.h"

#include <glib/gstdio.h>
#include <string.h>

/* the first line tells the port that the system chose */
static char *
read_uri (GInputStream *output)
{
  g_autoptr (GString) line = g_string_new (NULL);
  char byte = 0;

  while (g_input_stream_read (output, &byte, 1, NULL, NULL) == 1 && byte != '\n')
    g_string_append_c (line, byte);

  const char *at = strstr (line->str, "http://");
  return at != NULL ? g_strdup (at) : NULL;
}

/**
 * mer_test_server_start:
 * @arguments: its options, as in a shell
 *
 * Returns: (transfer full): a running server on a port of its own
 */
MerTestServer *
mer_test_server_start (const char *arguments)
{
  MerTestServer *self = g_new0 (MerTestServer, 1);
  g_autofree char *line = NULL;
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("mer-server-XXXXXX.jsonl", &self->log_path, NULL);

  g_close (fd, NULL);
  g_remove (self->log_path);
  line = g_strdup_printf ("%s --die-with-parent --log %s %s", g_getenv ("MER_TEST_SERVER"),
                          self->log_path, arguments);
  if (!g_shell_parse_argv (line, NULL, &argv, &error))
    g_error ("%s", error->message);
  self->process = g_subprocess_newv ((const char *const *) argv,
                                     G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  if (self->process == NULL)
    g_error ("%s", error->message);
  self->output = g_object_ref (g_subprocess_get_stdout_pipe (self->process));
  self->uri = read_uri (self->output);
  if (self->uri == NULL)
    g_error ("mer-test-server did not start: %s", line);
  return self;
}

/**
 * mer_test_server_dup_log:
 *
 * Returns: (transfer full): the whole log
 */
char *
mer_test_server_dup_log (MerTestServer *self)
{
  char *text = NULL;

  return g_file_get_contents (self->log_path, &text, NULL, NULL) ? text : g_strdup ("");
}

GPtrArray *
mer_test_server_read_log (MerTestServer *self)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  g_autofree char *text = mer_test_server_dup_log (self);
  g_auto (GStrv) parts = g_strsplit (text, "\n", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      JsonNode *node = *parts[i] != '\0' ? json_from_string (parts[i], NULL) : NULL;

      if (node != NULL)
        g_ptr_array_add (lines, node);
    }
  return lines;
}

void
mer_test_server_stop (MerTestServer *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_object_unref (self->output);
  g_remove (self->log_path);
  g_free (self->log_path);
  g_free (self->uri);
  g_free (self);
}
