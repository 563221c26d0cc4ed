/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <stdarg.h>
#include <string.h>

static const char *const words[]
    = { "happy",   "sad",     "angry",     "surprised", "worried",  "calm",
        "excited", "nervous", "disgusted", "confused",  "grateful", "disappointed",
        "proud",   "tired",   "amused",    "afraid" };

/* the same question always gets the same answer, another question mostly another */
void
answer_seed (Exchange *x, gboolean as_json, const guint8 *bytes, gsize length)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *hash = NULL;

  g_clear_pointer (&x->answer.text, g_free);
  if (settings.answer != NULL)
    {
      x->answer.text = g_strdup (settings.answer);
      return;
    }
  hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, length);
  for (guint i = 0; i <= (guint) g_ascii_xdigit_value (hash[0]) % 3; i++)
    g_string_append_printf (
        list, as_json ? "%s\"%s\"" : "%s%s", i > 0 ? ", " : "",
        words[((guint) g_ascii_xdigit_value (hash[i + 1]) + 5 * i) % G_N_ELEMENTS (words)]);
  x->answer.text = as_json ? g_strdup_printf ("{\"labels\": [%s]}", list->str)
                           : g_strdup_printf ("[%s]", list->str);
}

void
answer_make (Exchange *x, gboolean as_json)
{
  answer_seed (x, as_json, x->request->body->data, x->request->body->len);
}

char *
answer_quote (const Exchange *x)
{
  return x->answer.literal != NULL ? g_strdup (x->answer.literal) : quote (x->answer.text);
}

gint64
answer_count_in (const Exchange *x)
{
  return x->answer.text_tokens + x->answer.image_tokens + x->answer.audio_tokens;
}

gint64
answer_count_out (const Exchange *x)
{
  return x->answer.text != NULL ? (gint64) strlen (x->answer.text) / 4 + 1 : 1;
}

static void
event_free (gpointer data)
{
  Event *event = data;

  g_free (event->name);
  g_free (event->data);
  g_free (event);
}

GPtrArray *
events_new (void)
{
  return g_ptr_array_new_with_free_func (event_free);
}

void
event_add (GPtrArray *events, EventRole role, const char *name, const char *format, ...)
{
  Event *event = g_new0 (Event, 1);
  va_list list;

  va_start (list, format);
  *event = (Event){ .role = role,
                    .name = g_strdup (name),
                    .data = g_strdup_vprintf (format, list) };
  va_end (list);
  g_ptr_array_add (events, event);
}

GPtrArray *
answer_cut (const Exchange *x)
{
  GPtrArray *pieces = g_ptr_array_new_with_free_func (g_free);
  const char *at = x->answer.text != NULL ? x->answer.text : "";

  if (x->answer.literal != NULL)
    {
      g_ptr_array_add (pieces, g_strdup (x->answer.literal));
      return pieces;
    }
  while (*at != '\0')
    {
      const char *end = g_utf8_offset_to_pointer (at, MIN (4, g_utf8_strlen (at, -1)));
      g_autofree char *piece = g_strndup (at, (gsize) (end - at));

      g_ptr_array_add (pieces, quote (piece));
      at = end;
    }
  return pieces;
}
