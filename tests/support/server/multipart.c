/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "multipart.h"

#include <gio/gio.h>
#include <string.h>

static void
form_part_free (gpointer data)
{
  FormPart *part = data;

  g_free (part->name);
  g_free (part->filename);
  g_free (part->type);
  g_clear_pointer (&part->bytes, g_bytes_unref);
  g_free (part);
}

/* key="value" of a header line; NULL where it is not there */
static char *
dup_parameter (const char *line, const char *key)
{
  g_autofree char *wanted = g_strdup_printf ("%s=\"", key);
  const char *at = line;

  while ((at = strstr (at, wanted)) != NULL)
    {
      const char *value = at + strlen (wanted);
      const char *end = strchr (value, '"');

      if (at > line && (at[-1] == ' ' || at[-1] == ';') && end != NULL)
        return g_strndup (value, (gsize) (end - value));
      at++;
    }
  return NULL;
}

static char *
dup_boundary (Exchange *x)
{
  const char *type = http_get_header (x->request, "content-type");
  const char *at = NULL;

  if (type == NULL || !g_str_has_prefix (type, "multipart/form-data"))
    return NULL;
  at = strstr (type, "boundary=");
  if (at == NULL)
    return NULL;
  at += strlen ("boundary=");
  return *at == '"' ? g_strndup (at + 1, strcspn (at + 1, "\""))
                    : g_strndup (at, strcspn (at, "; "));
}

static FormPart *
read_head (char *head)
{
  FormPart *part = g_new0 (FormPart, 1);
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (g_ascii_strncasecmp (lines[i], "Content-Disposition: form-data", 30) == 0)
        {
          part->name = dup_parameter (lines[i], "name");
          part->filename = dup_parameter (lines[i], "filename");
        }
      if (g_ascii_strncasecmp (lines[i], "Content-Type:", 13) == 0)
        part->type = g_strstrip (g_strdup (lines[i] + 13));
    }
  return part;
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, what);
  return FALSE;
}

/* @at: behind a boundary; moves to behind the next. FALSE at the end, or where it is not
 * whole */
static gboolean
read_part (const char **at, const char *end, const char *mark, GPtrArray *parts,
           GError **error)
{
  const char *blank = NULL, *next = NULL;

  if (end - *at < 4 || memcmp (*at, "\r\n", 2) != 0)
    return end - *at >= 2 && memcmp (*at, "--", 2) == 0
               ? FALSE
               : fail (error, "the form does not end with its boundary");
  *at += 2;
  blank = memmem (*at, (gsize) (end - *at), "\r\n\r\n", 4);
  next = blank != NULL
             ? memmem (blank + 4 - 2, (gsize) (end - blank - 2), mark, strlen (mark))
             : NULL;
  if (next == NULL)
    return fail (error, "a part of the form has no end");

  g_autofree char *head = g_strndup (*at, (gsize) (blank - *at));
  FormPart *part = read_head (head);
  g_ptr_array_add (parts, part);
  if (part->name == NULL)
    return fail (error, "a part of the form has no name");
  part->bytes = next > blank + 4 ? g_bytes_new (blank + 4, (gsize) (next - blank - 4))
                                 : g_bytes_new (NULL, 0);
  *at = next + strlen (mark);
  return TRUE;
}

GPtrArray *
multipart_parse (Exchange *x, GError **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (form_part_free);
  g_autoptr (GError) found = NULL;
  g_autofree char *boundary = dup_boundary (x);
  g_autofree char *mark = boundary != NULL ? g_strconcat ("\r\n--", boundary, NULL) : NULL;
  const char *at = (const char *) x->request->body->data;
  const char *end = at + x->request->body->len;

  if (boundary == NULL)
    {
      fail (error, "the body is not multipart/form-data with a boundary");
      return NULL;
    }
  if ((gsize) (end - at) < strlen (mark) || memcmp (at, mark + 2, strlen (mark) - 2) != 0)
    {
      fail (error, "the form does not begin with its boundary");
      return NULL;
    }
  at += strlen (mark) - 2;
  while (read_part (&at, end, mark, parts, &found))
    continue;
  if (found == NULL)
    return g_steal_pointer (&parts);
  g_propagate_error (error, g_steal_pointer (&found));
  return NULL;
}

FormPart *
multipart_find (GPtrArray *parts, const char *name)
{
  for (guint i = 0; i < parts->len; i++)
    if (g_str_equal (((FormPart *) g_ptr_array_index (parts, i))->name, name))
      return g_ptr_array_index (parts, i);
  return NULL;
}

char *
multipart_dup_text (GPtrArray *parts, const char *name)
{
  FormPart *part = multipart_find (parts, name);
  gsize length = 0;
  const char *data = part != NULL ? g_bytes_get_data (part->bytes, &length) : NULL;

  return part != NULL ? g_strndup (data != NULL ? data : "", length) : NULL;
}
