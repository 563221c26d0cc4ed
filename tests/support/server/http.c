/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_HEAD 65536
#define MAX_BODY (256u * 1024 * 1024)

static gboolean
fill (Connection *connection)
{
  guint8 chunk[65536];
  ssize_t n = recv (connection->fd, chunk, sizeof chunk, 0);

  if (n <= 0)
    return FALSE;
  g_byte_array_append (connection->buffer, chunk, (guint) n);
  return TRUE;
}

static char *
take_line (Connection *connection)
{
  guint8 *end = NULL;

  while (connection->buffer->len == 0
         || (end = memchr (connection->buffer->data, '\n', connection->buffer->len))
                == NULL)
    if (connection->buffer->len > MAX_HEAD || !fill (connection))
      return NULL;

  gsize length = (gsize) (end - connection->buffer->data);
  char *line = g_strndup ((char *) connection->buffer->data, length);
  g_byte_array_remove_range (connection->buffer, 0, (guint) length + 1);
  g_strchomp (line);
  return line;
}

gboolean
http_read_head (Connection *connection, Request *request)
{
  g_autofree char *first = take_line (connection);
  g_auto (GStrv) words = first != NULL ? g_strsplit (first, " ", 3) : NULL;

  *request = (Request){ 0 };
  if (words == NULL || g_strv_length (words) != 3)
    return FALSE;
  char *query = strchr (words[1], '?');
  request->query = query != NULL ? g_strdup (query + 1) : NULL;
  request->method = g_strdup (words[0]);
  request->path = g_strndup (words[1], strcspn (words[1], "?"));
  request->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  request->body = g_byte_array_new ();
  for (;;)
    {
      g_autofree char *line = take_line (connection);
      char *colon = line != NULL ? strchr (line, ':') : NULL;

      if (line == NULL)
        return FALSE;
      if (*line == '\0')
        return TRUE;
      if (colon == NULL)
        return FALSE;
      *colon = '\0';
      g_hash_table_replace (request->headers, g_ascii_strdown (line, -1),
                            g_strdup (g_strstrip (colon + 1)));
    }
}

static gboolean
receive (Connection *connection, GByteArray *to, gsize length)
{
  while (connection->buffer->len < length)
    if (!fill (connection))
      return FALSE;
  g_byte_array_append (to, connection->buffer->data, (guint) length);
  g_byte_array_remove_range (connection->buffer, 0, (guint) length);
  return TRUE;
}

static gboolean
read_chunked (Connection *connection, Request *request)
{
  for (;;)
    {
      g_autofree char *line = take_line (connection);
      guint64 length = line != NULL ? g_ascii_strtoull (line, NULL, 16) : 0;

      if (line == NULL || length > MAX_BODY)
        return FALSE;
      if (!receive (connection, request->body, length))
        return FALSE;
      g_free (take_line (connection));
      if (length == 0)
        return TRUE;
    }
}

gboolean
http_read_body (Connection *connection, Request *request)
{
  const char *length = http_get_header (request, "content-length");
  const char *coding = http_get_header (request, "transfer-encoding");
  guint64 bytes = length != NULL ? g_ascii_strtoull (length, NULL, 10) : 0;

  if (g_strcmp0 (coding, "chunked") == 0)
    return read_chunked (connection, request);
  return bytes <= MAX_BODY && receive (connection, request->body, bytes);
}

void
http_request_clear (Request *request)
{
  g_clear_pointer (&request->method, g_free);
  g_clear_pointer (&request->path, g_free);
  g_clear_pointer (&request->query, g_free);
  g_clear_pointer (&request->headers, g_hash_table_unref);
  g_clear_pointer (&request->body, g_byte_array_unref);
}

const char *
http_get_header (Request *request, const char *name)
{
  return g_hash_table_lookup (request->headers, name);
}

/* a value of the query, unescaped; NULL where there is none */
char *
http_dup_query (Request *request, const char *name)
{
  g_auto (GStrv) pairs = g_strsplit (request->query != NULL ? request->query : "", "&", -1);
  gsize length = strlen (name);

  for (guint i = 0; pairs[i] != NULL; i++)
    if (strncmp (pairs[i], name, length) == 0 && pairs[i][length] == '=')
      return g_uri_unescape_string (pairs[i] + length + 1, NULL);
  return NULL;
}

gboolean
http_write (Connection *connection, const char *bytes, gssize length)
{
  gsize left = length < 0 ? strlen (bytes) : (gsize) length;

  while (left > 0)
    {
      ssize_t n = send (connection->fd, bytes, left, MSG_NOSIGNAL);

      if (n <= 0)
        {
          connection->close = TRUE;
          return FALSE;
        }
      bytes += n;
      left -= (gsize) n;
    }
  return TRUE;
}

static const char *
get_reason (guint status)
{
  static const struct
  {
    guint status;
    const char *reason;
  } reasons[] = {
    { 200, "OK" },
    { 302, "Found" },
    { 307, "Temporary Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 402, "Payment Required" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 413, "Content Too Large" },
    { 422, "Unprocessable Content" },
    { 429, "Too Many Requests" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (reasons[i].status == status)
      return reasons[i].reason;
  return "Status";
}

void
http_reply (Connection *connection, guint status, const char *headers, const char *type,
            const char *body, gssize length)
{
  gsize bytes = length < 0 ? strlen (body) : (gsize) length;
  g_autofree char *head = g_strdup_printf (
      "HTTP/1.1 %u %s\r\nServer: mer-test-server\r\nContent-Type: %s\r\n"
      "Content-Length: %" G_GSIZE_FORMAT "\r\n%s%s\r\n",
      status, get_reason (status), type, bytes, headers != NULL ? headers : "",
      connection->close ? "Connection: close\r\n" : "");

  if (http_write (connection, head, -1))
    http_write (connection, body, (gssize) bytes);
}

void
http_begin_chunks (Connection *connection, const char *type)
{
  g_autofree char *head = g_strdup_printf (
      "HTTP/1.1 200 OK\r\nServer: mer-test-server\r\nContent-Type: %s\r\n"
      "Transfer-Encoding: chunked\r\n\r\n",
      type);

  http_write (connection, head, -1);
}

/* an empty one ends the body */
gboolean
http_write_chunk (Connection *connection, const char *bytes)
{
  g_autofree char *chunk
      = g_strdup_printf ("%" G_GSIZE_MODIFIER "x\r\n%s\r\n", strlen (bytes), bytes);

  return http_write (connection, chunk, -1);
}

/* RST instead of FIN */
void
http_reset (Connection *connection)
{
  struct linger hard = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (connection->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  connection->close = TRUE;
}
