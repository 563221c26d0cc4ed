/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-label-literal.h"

#include <string.h>

/* bounds the work on a text that is full of brackets which nothing closes */
#define MAX_TRIES 64u
#define MAX_NESTING 32u

typedef struct
{
  GString *out;
  char closers[MAX_NESTING];
  guint depth;
  gboolean failed;
} Writer;

/* where a string ends: its quote, and for ' one that something follows which may stand
 * behind a string, so that 'don't care' is one */
static const char *
string_end (const char *start)
{
  char quote = *start;

  for (const char *p = start + 1; *p != '\0'; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        {
          p++;
          continue;
        }
      if (*p != quote)
        continue;
      const char *after = p + 1 + strspn (p + 1, " \t\r\n");
      if (quote == '"' || *after == '\0' || strchr (",]}:)", *after) != NULL)
        return p;
    }
  return NULL;
}

static const char *
write_string (Writer *self, const char *start)
{
  const char *end = string_end (start);

  if (end == NULL)
    {
      self->failed = TRUE;
      return start + 1;
    }
  g_string_append_c (self->out, '"');
  for (const char *p = start + 1; p < end; p++)
    {
      if (*p == '\\' && p[1] == '\'')
        continue;
      if (*p == '\\' && p + 1 < end)
        g_string_append_c (self->out, *p++);
      else if (*p == '"')
        g_string_append_c (self->out, '\\');
      if ((guchar) *p >= 0x20)
        g_string_append_c (self->out, *p);
      else
        g_string_append_c (self->out, ' ');
    }
  g_string_append_c (self->out, '"');
  return end + 1;
}

/* Python’s words for JSON’s; anything else as it stands */
static const char *
write_word (Writer *self, const char *start)
{
  static const struct
  {
    const char *python;
    const char *json;
  } words[] = { { "True", "true" }, { "False", "false" }, { "None", "null" } };
  gsize length = strcspn (start, " \t\r\n,:[]{}()\"'");

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i].python) == length && strncmp (start, words[i].python, length) == 0)
      {
        g_string_append (self->out, words[i].json);
        return start + length;
      }
  g_string_append_len (self->out, start, length);
  return start + length;
}

static void
write_close (Writer *self)
{
  /* a comma before the end is allowed in Python, and often written in JSON */
  while (self->out->len > 0 && strchr (" ,", self->out->str[self->out->len - 1]) != NULL)
    g_string_truncate (self->out, self->out->len - 1);
  g_string_append_c (self->out, self->closers[--self->depth]);
}

static void
write_open (Writer *self, char open)
{
  if (self->depth == MAX_NESTING)
    {
      self->failed = TRUE;
      return;
    }
  g_string_append_c (self->out, open == '{' ? '{' : '[');
  self->closers[self->depth++] = open == '{' ? '}' : ']';
}

/* copies one literal from @start as strict JSON; brackets that the answer forgot at its end
 * are closed. Returns where it ends, %NULL if it is none */
static const char *
write_literal (Writer *self, const char *start)
{
  const char *p = start;

  do
    {
      p += strspn (p, " \t\r\n");
      if (*p == '"' || *p == '\'')
        p = write_string (self, p);
      else if (*p == '\0')
        while (self->depth > 0)
          write_close (self);
      else if (strchr ("[{(", *p) != NULL)
        write_open (self, *p++);
      else if (strchr ("]})", *p) != NULL)
        {
          p++;
          write_close (self);
        }
      else if (*p == ',' || *p == ':')
        g_string_append_c (self->out, *p++);
      else
        p = write_word (self, p);
    }
  while (self->depth > 0 && !self->failed);
  return self->failed ? NULL : p;
}

/*< private >
 * mer_literal_scan_next:
 * @self: `{ text }` before the first call
 *
 * Finds the next thing in brackets or braces that may be data, and writes it as JSON:
 * single quotes, Python’s `True`, `None` and tuples, commas too many and brackets that are
 * missing at the end are mended.
 *
 * Returns: (transfer full) (nullable): JSON, which may still be wrong; %NULL at the end
 */
char *
mer_literal_scan_next (MerLiteralScan *self)
{
  const char *from = self->next;

  for (const char *p = from + strcspn (from, "[{"); *p != '\0'; p += strcspn (p, "[{"))
    {
      g_autoptr (GString) out = g_string_new (NULL);
      Writer writer = { out };
      const char *end;

      if (self->n_tries++ >= MAX_TRIES)
        return NULL;
      end = write_literal (&writer, p);
      if (end != NULL)
        {
          self->adjacent = from + strspn (from, " \t\r\n,") == p;
          self->next = end;
          return g_string_free (g_steal_pointer (&out), FALSE);
        }
      p++;
    }
  return NULL;
}
