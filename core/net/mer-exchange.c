/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-exchange.h"

#include <string.h>

#include "mer-error.h"
#include "net/mer-cork.h"
#include "net/mer-key.h"

#define CHUNK 65536
#define CONNECT_TIMEOUT 15.0
/* Bodies are written at the default priority, so that while one is on its way the loop
 * does not look at all who wait for an answer: it stops at the first priority that has
 * work. */
#define PRIORITY_WAITING (G_PRIORITY_DEFAULT + 10)
/* interim answers (1xx) before the real one: libsoup reads them in one go, during which
 * nothing else happens in the I/O thread */
#define MAX_INTERIM 16

typedef enum
{
  STOP_NONE,
  STOP_DEADLINE,
  STOP_CONNECT,
  STOP_INTERIM,
} StopReason;

typedef struct
{
  SoupMessage *message;
  GInputStream *body;
  GByteArray *buffer;
  GCancellable *cancellable;
  GList link; /* in `active` */
  gint64 deadline;
  gint64 connect_deadline;
  StopReason stop;
  gboolean new_connection;
  gboolean wrote_headers;
  gboolean sent;
  gboolean got_head;
  gboolean stale;
  guint n_interim;
  char *key;
  double timeout;
  gsize max_reply;
  gint64 started;
  gint64 first_byte;
  gsize sending;
  void (*on_sent) (gpointer data, gboolean reached);
  gpointer sent_data;
  guint8 chunk[CHUNK];
} Exchange;

/* One timer watches all deadlines: a loop looks at every source it has each time it turns,
 * and it turns some forty times for each request, so that timers of their own for dozens of
 * calls would cost more than the calls. */
#define TICK_MS 25
static GQueue active = G_QUEUE_INIT;
static GSource *ticker;

static void
unwatch (Exchange *self)
{
  if (self->deadline == 0)
    return;
  self->deadline = 0;
  g_queue_unlink (&active, &self->link);
  if (!g_queue_is_empty (&active))
    return;
  g_source_destroy (ticker);
  g_clear_pointer (&ticker, g_source_unref);
}

static void
exchange_free (gpointer data)
{
  Exchange *self = data;

  unwatch (self);
  g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
  g_clear_object (&self->body);
  g_clear_object (&self->cancellable);
  g_byte_array_unref (self->buffer);
  g_free (self->key);
  g_free (self);
}

static void
stop (Exchange *self, StopReason reason)
{
  if (self->stop == STOP_NONE)
    self->stop = reason;
  g_cancellable_cancel (self->cancellable);
}

/* Lets the next one start: as soon as the body is out, or at the next tick where that takes
 * longer. Bodies that go out one after the other reach the server sooner on average than
 * those that share the way, and a slow way is shared all the same. */
static void
say_sent (Exchange *self)
{
  if (self->sent)
    return;
  self->sent = TRUE;
  self->connect_deadline = 0;
  if (self->on_sent != NULL)
    self->on_sent (self->sent_data, self->wrote_headers);
}

static gboolean
on_tick (gpointer data)
{
  gint64 now = g_get_monotonic_time ();
  GList *next = NULL;

  for (GList *at = active.head; at != NULL; at = next)
    {
      Exchange *self = at->data;

      next = at->next;
      if (now >= self->deadline)
        stop (self, STOP_DEADLINE);
      else if (self->connect_deadline != 0 && now >= self->connect_deadline)
        stop (self, STOP_CONNECT);
      else if (self->wrote_headers)
        say_sent (self);
    }
  return G_SOURCE_CONTINUE;
}

static void
watch (Exchange *self)
{
  self->deadline = self->started + (gint64) (self->timeout * G_USEC_PER_SEC);
  self->connect_deadline = self->started + (gint64) (CONNECT_TIMEOUT * G_USEC_PER_SEC);
  self->link.data = self;
  g_queue_push_tail_link (&active, &self->link);
  if (ticker != NULL)
    return;
  ticker = g_timeout_source_new (TICK_MS);
  g_source_set_callback (ticker, on_tick, NULL, NULL);
  g_source_attach (ticker, g_main_context_get_thread_default ());
}

static void
on_wrote_headers (SoupMessage *message, gpointer data)
{
  Exchange *self = data;

  self->wrote_headers = TRUE;
  self->connect_deadline = 0;
}

static void
on_wrote_body (SoupMessage *message, gpointer data)
{
  say_sent (data);
}

static void
on_interim (SoupMessage *message, gpointer data)
{
  Exchange *self = data;

  if (++self->n_interim > MAX_INTERIM)
    stop (self, STOP_INTERIM);
}

static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection,
                  gpointer data)
{
  Exchange *self = data;

  self->new_connection = TRUE;
}

/* what the caller should read instead of libsoup's words */
static GError *
explain (Exchange *self, GError *cause)
{
  const char *uri = NULL;
  g_autofree char *text = g_uri_to_string_partial (soup_message_get_uri (self->message),
                                                   G_URI_HIDE_QUERY | G_URI_HIDE_USERINFO);
  g_autoptr (GError) error = cause;

  uri = text;
  if (self->stop == STOP_DEADLINE)
    return g_error_new (MER_ERROR, MER_ERROR_TIMED_OUT,
                        "%s: no complete answer within %g s; raise timeout if the model "
                        "needs longer",
                        uri, self->timeout);
  if (self->stop == STOP_CONNECT)
    return g_error_new (G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE,
                        "%s: no connection within %g s", uri, CONNECT_TIMEOUT);
  if (self->stop == STOP_INTERIM)
    return g_error_new (MER_ERROR, MER_ERROR_API,
                        "%s: one interim answer (1xx) after another, and none that counts",
                        uri);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_steal_pointer (&error);
  g_prefix_error (&error, "%s: ", uri);
  return g_steal_pointer (&error);
}

static void
finish_with_error (GTask *task, GError *error)
{
  Exchange *self = g_task_get_task_data (task);

  say_sent (self);
  /* an idle connection that the server had closed meanwhile: says nothing of the server */
  self->stale = self->stop == STOP_NONE && !self->new_connection && !self->got_head
                && (error->domain == G_IO_ERROR || error->domain == SOUP_SESSION_ERROR)
                && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  unwatch (self);
  g_task_return_error (task, explain (self, error));
  g_object_unref (task);
}

typedef struct
{
  GHashTable *headers;
  const char *key; /* of the server; some give it back in a redirect's address */
} Headers;

static void
add_header (const char *name, const char *value, gpointer data)
{
  Headers *self = data;
  char *lower = g_ascii_strdown (name, -1);
  const char *before = g_hash_table_lookup (self->headers, lower);
  g_autofree char *clean = mer_key_blot_out_text (value, self->key);

  g_hash_table_replace (self->headers, lower,
                        before != NULL ? g_strconcat (before, ", ", clean, NULL)
                                       : g_steal_pointer (&clean));
}

static void
finish_with_reply (GTask *task)
{
  Exchange *self = g_task_get_task_data (task);
  GHashTable *headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  unwatch (self);
  soup_message_headers_foreach (soup_message_get_response_headers (self->message),
                                add_header, &(Headers){ headers, self->key });

  GBytes *body = g_byte_array_free_to_bytes (g_steal_pointer (&self->buffer));
  self->buffer = g_byte_array_new ();
  MerReply *reply = mer_reply_new (soup_message_get_status (self->message), headers,
                                   mer_key_blot_out (body, self->key));
  reply->first_byte = (double) (self->first_byte - self->started) / G_USEC_PER_SEC;
  reply->seconds = (double) (g_get_monotonic_time () - self->started) / G_USEC_PER_SEC;
  g_task_return_pointer (task, reply, (GDestroyNotify) mer_reply_unref);
  g_object_unref (task);
}

static GError *
too_large (Exchange *self)
{
  return g_error_new (MER_ERROR, MER_ERROR_TOO_LARGE,
                      "the server's answer exceeds %" G_GSIZE_FORMAT " bytes",
                      self->max_reply);
}

static void on_read (GObject *object, GAsyncResult *result, gpointer data);

static void
read_on (GTask *task)
{
  Exchange *self = g_task_get_task_data (task);

  g_input_stream_read_async (self->body, self->chunk, CHUNK, G_PRIORITY_DEFAULT,
                             self->cancellable, on_read, task);
}

static void
on_read (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Exchange *self = g_task_get_task_data (task);
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (object), result, &error);

  if (n < 0)
    {
      finish_with_error (task, error);
      return;
    }
  if (n == 0)
    {
      finish_with_reply (task);
      return;
    }
  /* counted after unpacking, so that no small reply can grow without bound */
  if (self->buffer->len + (gsize) n > self->max_reply)
    {
      g_cancellable_cancel (self->cancellable);
      finish_with_error (task, too_large (self));
      return;
    }
  g_byte_array_append (self->buffer, self->chunk, (guint) n);
  read_on (task);
}

/* a length that is no number, or is told twice or in two ways (RFC 9112, 6.3), of which
 * libsoup takes one: where the answer ends is anybody's guess */
static GError *
check_length (Exchange *self)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  const char *text = soup_message_headers_get_list (headers, "Content-Length");
  const char *coding = soup_message_headers_get_list (headers, "Transfer-Encoding");
  g_auto (GStrv) values = text != NULL ? g_strsplit (text, ",", -1) : NULL;
  guint64 length = 0;
  gboolean well = values == NULL || coding == NULL;

  for (guint i = 0; well && values != NULL && values[i] != NULL; i++)
    well = g_ascii_string_to_unsigned (g_strstrip (values[i]), 10, 0, G_MAXINT64, &length,
                                       NULL)
           && strcmp (values[i], values[0]) == 0;
  if (!well)
    return g_error_new (MER_ERROR, MER_ERROR_API,
                        "the length of the server's answer is told wrongly or in two ways "
                        "(Content-Length: %.40s%s)",
                        text, coding != NULL ? ", and chunks" : "");
  return length > self->max_reply ? too_large (self) : NULL;
}

static void
on_head (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Exchange *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->body = soup_session_send_finish (SOUP_SESSION (object), result, &error);
  if (self->body == NULL)
    {
      finish_with_error (task, error);
      return;
    }
  self->got_head = TRUE;
  self->first_byte = g_get_monotonic_time ();
  say_sent (self);
  if ((error = check_length (self)) != NULL)
    {
      g_cancellable_cancel (self->cancellable);
      finish_with_error (task, error);
      return;
    }
  read_on (task);
}

static void
set_up_message (Exchange *self, const MerExchange *exchange)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (self->message);

  /* without the flag libsoup opens a connection for every POST; a redirect could carry the
   * key elsewhere, and turns a POST into a GET */
  soup_message_add_flags (self->message,
                          SOUP_MESSAGE_IDEMPOTENT | SOUP_MESSAGE_NO_REDIRECT);
  if (exchange->key != NULL)
    {
      g_autofree char *value = g_strconcat (exchange->key_prefix, exchange->key, NULL);

      soup_message_headers_replace (headers, exchange->key_header, value);
    }
  if (exchange->id != NULL)
    soup_message_headers_replace (headers, "X-Client-Request-Id", exchange->id);
  soup_message_headers_replace (headers, "Accept", "application/json, text/event-stream");
  for (const char *const *at = exchange->headers; at != NULL && at[0] != NULL; at += 2)
    soup_message_headers_replace (headers, at[0], at[1]);
  if (exchange->payload != NULL)
    {
      g_autoptr (GInputStream) stream = mer_payload_open (exchange->payload);

      self->sending = mer_payload_get_length (exchange->payload);
      soup_message_set_request_body (self->message,
                                     mer_payload_get_content_type (exchange->payload),
                                     stream, (gssize) self->sending);
      mer_cork_watch (self->message);
    }
  g_signal_connect (self->message, "wrote-headers", G_CALLBACK (on_wrote_headers), self);
  g_signal_connect (self->message, "wrote-body", G_CALLBACK (on_wrote_body), self);
  g_signal_connect (self->message, "got-informational", G_CALLBACK (on_interim), self);
  g_signal_connect (self->message, "network-event", G_CALLBACK (on_network_event), self);
}

/**
 * mer_exchange_async:
 * @session: whose connections are used
 * @exchange: what to send; copied
 * @cancellable: stops it; of this exchange alone, from any thread
 * @callback: (scope async): called in the thread-default context
 * @user_data: for @callback
 *
 * Sends one request and reads the reply up to the bound, within the total deadline.
 */
void
mer_exchange_async (SoupSession *session, const MerExchange *exchange,
                    GCancellable *cancellable, GAsyncReadyCallback callback,
                    gpointer user_data)
{
  /* not given to the task: that a deadline cancelled it must be told from a stop */
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  const char *usual = exchange->payload != NULL ? "POST" : "GET";
  SoupMessage *message = soup_message_new (
      exchange->method != NULL ? exchange->method : usual, exchange->uri);

  if (message == NULL)
    {
      g_task_return_new_error (task, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                               "“%s” is no address of a server", exchange->uri);
      g_object_unref (task);
      return;
    }

  Exchange *self = g_new0 (Exchange, 1);
  self->message = message;
  self->buffer = g_byte_array_new ();
  self->cancellable = g_object_ref (cancellable);
  self->key = g_strdup (exchange->key);
  self->timeout = exchange->timeout;
  self->max_reply = exchange->max_reply;
  self->on_sent = exchange->on_sent;
  self->sent_data = exchange->sent_data;
  self->started = g_get_monotonic_time ();
  g_task_set_task_data (task, self, exchange_free);
  set_up_message (self, exchange);

  watch (self);
  soup_session_send_async (session, message, PRIORITY_WAITING, self->cancellable, on_head,
                           task);
}

/**
 * mer_exchange_finish:
 * @result: what the callback got
 * @stale: (out) (optional): whether a kept connection turned out closed
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the reply, of any status
 */
MerReply *
mer_exchange_finish (GAsyncResult *result, gboolean *stale, GError **error)
{
  Exchange *self = g_task_get_task_data (G_TASK (result));

  if (stale != NULL)
    *stale = self != NULL && self->stale;
  return g_task_propagate_pointer (G_TASK (result), error);
}
