/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "openai.h"

#include <string.h>

static const char *const faults[]
    = { "sse-crlf",      "sse-comments",     "sse-lines",  "sse-no-done",
        "sse-done-only", "sse-no-last-line", "sse-broken", "sse-error",
        "sse-usage",     "sse-utf8",         "sse-bytes",  NULL };

const char *
stream_get_fault (guint i)
{
  return i < G_N_ELEMENTS (faults) ? faults[i] : NULL;
}

gboolean
stream_is_fault (const char *name)
{
  return name != NULL && g_strv_contains (faults, name);
}

static gboolean
is_fault (const Exchange *x, const char *name)
{
  return g_strcmp0 (x->fault, name) == 0;
}

/* so that letters of several bytes are cut, too */
static gboolean
is_bytewise (const Exchange *x)
{
  return is_fault (x, "sse-bytes") || is_fault (x, "sse-utf8");
}

/* these streams say what a client can be held to */
static void
set_text (Exchange *x)
{
  if (!stream_is_fault (x->fault) || is_fault (x, "sse-bytes"))
    return;
  g_free (x->answer.text);
  x->answer.text = g_strdup (is_fault (x, "sse-utf8") ? "[déçu, 喜]" : "[happy]");
  x->answer.usage_in_stream |= is_fault (x, "sse-usage");
}

static gboolean
drops (const Exchange *x, EventRole role)
{
  return (role == EVENT_END && is_fault (x, "sse-no-done"))
         || (role == EVENT_FINISH && is_fault (x, "sse-done-only"));
}

/* what comes before the server fails */
static void
keep_beginning (GPtrArray *events)
{
  guint n = 0;

  while (n < events->len && ((Event *) g_ptr_array_index (events, n))->role <= EVENT_PIECE)
    n++;
  g_ptr_array_set_size (events, (int) MAX (1, n - 1));
}

static gboolean
has_events (const Exchange *x)
{
  return g_str_has_prefix (x->protocol->stream_type, "text/event-stream");
}

/* a line break between the members of an event: two data lines mean the same */
static char *
break_data (const char *data, const char *line_end)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean quoted = FALSE;

  for (const char *at = data; *at != '\0'; at++)
    {
      g_string_append_c (out, *at);
      if (*at == '\\' && quoted)
        g_string_append_c (out, *++at);
      else if (*at == '"')
        quoted = !quoted;
      else if (*at == ',' && !quoted)
        g_string_append_printf (out, "%sdata: ", line_end);
    }
  return g_strdup (out->str);
}

static char *
frame (const Exchange *x, const Event *event, gboolean is_last)
{
  const char *end = is_fault (x, "sse-crlf") ? "\r\n" : x->protocol->line_end;
  gboolean cut = is_last && is_fault (x, "sse-no-last-line");
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *data = NULL;

  if (!has_events (x))
    return g_strconcat (event->data, cut ? "" : end, NULL);
  if (x->protocol == &openai_protocol && settings.dialect->comment != NULL)
    g_string_append_printf (out, "%s%s%s", settings.dialect->comment, end, end);
  if (is_fault (x, "sse-comments"))
    g_string_append_printf (out, ": ping%s%sid: 1%sretry: 5%s", end, end, end, end);
  if (event->name != NULL)
    g_string_append_printf (out, "event: %s%s", event->name, end);
  else if (is_fault (x, "sse-comments"))
    g_string_append_printf (out, "event: x%s", end);
  data = is_fault (x, "sse-lines") ? break_data (event->data, end) : g_strdup (event->data);
  g_string_append_printf (out, "data: %s%s%s", data, cut ? "" : end, cut ? "" : end);
  return g_strdup (out->str);
}

static GPtrArray *
list_events (Exchange *x)
{
  GPtrArray *events = events_new ();

  x->protocol->stream (x, events);
  for (guint i = events->len; i-- > 0;)
    if (drops (x, ((Event *) g_ptr_array_index (events, i))->role))
      g_ptr_array_remove_index (events, i);
  if (is_fault (x, "sse-error") || is_fault (x, "sse-broken"))
    keep_beginning (events);
  if (is_fault (x, "sse-error"))
    x->protocol->stream_error (x, events);
  return events;
}

/* every byte of the stream in a packet of its own */
static gboolean
send_bytewise (Exchange *x, const char *text)
{
  for (const char *at = text; *at != '\0'; at++)
    if (!http_write (x->connection, at, 1))
      return FALSE;
  return TRUE;
}

static void
begin (Exchange *x)
{
  g_autofree char *head
      = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nConnection: close\r\n\r\n",
                         x->protocol->stream_type);

  if (is_bytewise (x))
    http_write (x->connection, head, -1);
  else
    http_begin_chunks (x->connection, x->protocol->stream_type);
}

/* in chunks, an event each; a stream that breaks off has no last chunk */
void
stream_send (Exchange *x)
{
  gboolean bytewise = is_bytewise (x), broken = is_fault (x, "sse-broken");
  g_autoptr (GPtrArray) events = NULL;
  gboolean good = TRUE;

  set_text (x);
  events = list_events (x);
  begin (x);
  for (guint i = 0; good && i < events->len; i++)
    {
      gboolean is_last = i + 1 == events->len;
      g_autofree char *text = frame (x, g_ptr_array_index (events, i), is_last);

      if (broken && is_last)
        text[strlen (text) / 2] = '\0';
      good = bytewise ? send_bytewise (x, text) : http_write_chunk (x->connection, text);
    }
  if (!bytewise && !broken)
    http_write_chunk (x->connection, "");
  else
    x->connection->close = TRUE;
}
