/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <gio/gio.h>
#include <string.h>

#define JSON "application/json"

static void
wait_until_closed (Connection *connection)
{
  GPollFD poll = { .fd = connection->fd, .events = G_IO_HUP | G_IO_ERR };

  g_poll (&poll, 1, 120 * 1000);
  connection->close = TRUE;
}

/* a byte now and then, which keeps any timer of idleness content */
static void
drip (Connection *connection)
{
  http_write (connection,
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
              "Transfer-Encoding: chunked\r\n\r\n",
              -1);
  while (http_write (connection, "5\r\n: ka\n\r\n", -1))
    g_usleep (50 * 1000);
}

static void
send_without_end (Connection *connection)
{
  static char chunk[1 << 20];

  memset (chunk, ' ', sizeof chunk);
  http_write (connection,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
              "Content-Length: 1073741824\r\n\r\n",
              -1);
  for (guint i = 0; i < 1024 && http_write (connection, chunk, 1 << 20); i++)
    continue;
  connection->close = TRUE;
}

/* 200 MB of blanks in 200 kB */
static void
send_gzip_bomb (Connection *connection)
{
  g_autoptr (GZlibCompressor) zip
      = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) out = g_converter_output_stream_new (memory, G_CONVERTER (zip));
  g_autofree char *blanks = g_malloc (1 << 20);

  memset (blanks, ' ', 1 << 20);
  for (guint i = 0; i < 200; i++)
    g_output_stream_write_all (out, blanks, 1 << 20, NULL, NULL, NULL);
  g_output_stream_close (out, NULL, NULL);
  http_reply (
      connection, 200, "Content-Encoding: gzip\r\n", JSON,
      g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (memory)),
      (gssize) g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory)));
}

static void
send_nested (Connection *connection)
{
  static char deep[200001];

  memset (deep, '[', sizeof deep - 1);
  http_reply (connection, 200, NULL, JSON, deep, -1);
}

static void
send_truncated (Connection *connection)
{
  http_write (connection,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
              "Content-Length: 5000\r\n\r\n{\"choices\":[{\"mess",
              -1);
  connection->close = TRUE;
}

/* a chunked body without its end, which libsoup before 3.6.5 takes for whole */
static void
send_cut_chunks (Connection *connection)
{
  http_write (connection,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
              "Transfer-Encoding: chunked\r\n\r\n13\r\n{\"choices\":[{\"messa\r\n",
              -1);
  connection->close = TRUE;
}

/* says less than it sends: what is left looks like the head of the next reply */
static void
send_short_length (Connection *connection)
{
  http_write (connection,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
              "Content-Length: 5\r\n\r\n{\"choices\":[{\"message\":{}}]}",
              -1);
}

static void
send_no_http (Connection *connection)
{
  http_write (connection, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", -1);
  connection->close = TRUE;
}

static void
send_endless_head (Connection *connection)
{
  http_write (connection, "HTTP/1.1 200 OK\r\n", -1);
  for (guint i = 0; i < 1 << 20; i++)
    {
      g_autofree char *line = g_strdup_printf ("X-Filler-%u: %064u\r\n", i, i);

      if (!http_write (connection, line, -1))
        break;
    }
  connection->close = TRUE;
}

/* one line of a stream that never ends */
static void
send_endless_line (Connection *connection)
{
  g_autofree char *filler = g_strnfill (1 << 20, 'x');

  http_begin_chunks (connection, "text/event-stream");
  http_write_chunk (connection, "data: {\"choices\":[{\"delta\":{\"content\":\"");
  for (guint i = 0; i < 1024 && http_write_chunk (connection, filler); i++)
    continue;
  connection->close = TRUE;
}

static void
send_reset (Connection *connection)
{
  http_reset (connection);
}

static void
send_nothing (Connection *connection)
{
  connection->close = TRUE;
}

static const struct
{
  const char *name;
  void (*play) (Connection *);
} plays[] = {
  { "hang", wait_until_closed },
  { "drip", drip },
  { "reset", send_reset },
  { "close", send_nothing },
  { "stale", send_nothing },
  { "413-close", NULL },
  { "truncated", send_truncated },
  { "short-length", send_short_length },
  { "chunk-cut", send_cut_chunks },
  { "gzip-bomb", send_gzip_bomb },
  { "huge", send_without_end },
  { "endless-line", send_endless_line },
  { "endless-head", send_endless_head },
  { "no-http", send_no_http },
  { "nested", send_nested },
};

const char *
play_get_name (guint i)
{
  return i < G_N_ELEMENTS (plays) ? plays[i].name : NULL;
}

gboolean
play_before_body (Connection *connection, const char *name)
{
  if (!g_str_equal (name, "413-close"))
    return FALSE;
  connection->close = TRUE;
  http_reply (connection, 413, NULL, JSON, "{\"error\":{\"message\":\"too large\"}}", -1);
  http_reset (connection);
  return TRUE;
}

gboolean
fault_play (Exchange *x)
{
  /* closes a connection that was used before, as if it had been idle for too long */
  if (g_str_equal (x->fault, "stale") && x->connection->served == 0)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (plays); i++)
    if (g_str_equal (plays[i].name, x->fault) && plays[i].play != NULL)
      {
        plays[i].play (x->connection);
        return TRUE;
      }
  return FALSE;
}
