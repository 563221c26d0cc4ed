/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* one call to a program, with all its attempts */
#include "child/mer-child-private.h"

#include <string.h>

#include "mer-error.h"
#include "net/mer-payload-stream.h"

#define MAX_CHANGES 8

MerChildRun *
mer_child_run_ref (MerChildRun *self)
{
  self->refs++;
  return self;
}

static void
clear_timer (MerChildRun *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

void
mer_child_run_unref (MerChildRun *self)
{
  if (--self->refs > 0)
    return;
  clear_timer (self);
  mer_child_run_remove_files (self);
  g_clear_object (&self->cancellable);
  g_free (self->id);
  g_free (self);
}

void
mer_child_run_remove_files (MerChildRun *self)
{
  if (self->spool == NULL)
    return;
  mer_child_spool_remove (self->spool, self->id);
  g_clear_pointer (&self->spool, mer_child_spool_unref);
}

/* one timer for each: there are few programs, and each has few calls */
void
mer_child_run_set_timer (MerChildRun *self, double seconds, GSourceFunc function)
{
  clear_timer (self);
  if (function == NULL)
    return;
  self->timer = g_timeout_source_new ((guint) (seconds * 1000));
  g_source_set_callback (self->timer, function, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

/* says to the caller what became of the call; the error is taken */
void
mer_child_run_end (MerChildRun *self, MerReply *reply, MerRetry retry, GError *error)
{
  GTask *task = g_steal_pointer (&self->task);

  g_cancellable_disconnect (self->cancellable, self->stop_handler);
  self->call->retry = retry;
  if (self->started != 0)
    self->call->seconds
        = (double) (g_get_monotonic_time () - self->started) / G_USEC_PER_SEC;
  if (reply != NULL)
    reply->attempts = self->call->attempts;
  self->call = NULL;
  if (reply != NULL)
    g_task_return_pointer (task, mer_reply_ref (reply), (GDestroyNotify) mer_reply_unref);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
  mer_child_run_unref (self);
}

static gboolean
on_slept (gpointer data)
{
  MerChildRun *self = data;

  clear_timer (self);
  mer_child_pool_queue (self->pool, self, FALSE);
  mer_child_pool_pump (self->pool);
  return G_SOURCE_REMOVE;
}

static void
try_again (MerChildRun *self, MerRetry retry, GError *error)
{
  guint attempts = self->call->attempts;

  if (attempts >= mer_retry_get_max_attempts (retry))
    {
      if (attempts > 1)
        g_prefix_error (&error, "%u attempts failed, the last: ", attempts);
      mer_child_run_end (self, NULL, retry, error);
      return;
    }
  g_error_free (error);
  mer_child_run_set_timer (
      self, mer_retry_get_delay (retry, attempts, -1, g_random_double ()), on_slept);
}

/* the program answered */
void
mer_child_run_take_reply (MerChildRun *self, MerReply *reply)
{
  GError *error = NULL;
  MerRetry retry = self->call->judge (self->call, reply, &error);

  if (retry == MER_RETRY_DONE || retry == MER_RETRY_FILTERED)
    {
      g_clear_error (&error);
      mer_child_run_end (self, reply, retry, NULL);
      return;
    }
  if (retry == MER_RETRY_AGAIN && self->changes++ < MAX_CHANGES)
    {
      g_clear_error (&error);
      self->call->attempts--;
      mer_child_pool_queue (self->pool, self, TRUE);
      return;
    }
  if (error == NULL)
    error = g_error_new_literal (MER_ERROR, MER_ERROR_API, "no usable answer");
  if (retry == MER_RETRY_LOADING)
    retry = MER_RETRY_TRANSIENT;
  if (mer_retry_get_max_attempts (retry) > 1)
    try_again (self, retry, error);
  else
    mer_child_run_end (self, NULL, retry, error);
}

/* no answer came, and the program is gone; @error is taken */
void
mer_child_run_take_failure (MerChildRun *self, GError *error)
{
  MerRetry retry = self->call->judge (self->call, NULL, &error);

  self->deaths++;
  if (self->deaths < MER_CHILD_MAX_DEATHS && mer_retry_get_max_attempts (retry) > 1)
    {
      g_error_free (error);
      mer_child_pool_queue (self->pool, self, TRUE);
      return;
    }
  if (self->deaths > 1)
    g_prefix_error (&error, "%u attempts failed, the last: ", self->deaths);
  mer_child_run_end (self, NULL, retry, error);
}

/* in the I/O thread. What a program works on it goes on with: it cannot be interrupted but
 * by ending it, and its next answer may be minutes of loading away */
static gboolean
stop (gpointer data)
{
  MerChildRun *self = data;

  if (self->task == NULL)
    return G_SOURCE_REMOVE;
  if (self->slot == NULL)
    {
      clear_timer (self);
      mer_child_pool_unqueue (self->pool, self);
    }
  else
    {
      g_autofree char *line = g_strdup_printf ("{\"cancel\":\"%s\"}\n", self->id);
      g_autoptr (GBytes) bytes = g_bytes_new (line, strlen (line));

      mer_child_send (self->slot->child, g_memory_input_stream_new_from_bytes (bytes));
    }
  mer_child_run_end (
      self, NULL, MER_RETRY_PERMANENT,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "the call was stopped"));
  return G_SOURCE_REMOVE;
}

static gboolean
release (gpointer data)
{
  mer_child_run_unref (data);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  MerChildRun *run;
  GMainContext *context;
} Stopper;

/* the last reference goes in the I/O thread, as all others */
static void
stopper_free (gpointer data, GClosure *closure)
{
  Stopper *stopper = data;
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, release, stopper->run, NULL);
  g_source_attach (source, stopper->context);
  g_main_context_unref (stopper->context);
  g_free (stopper);
}

/* in whichever thread stops the call */
static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  Stopper *stopper = data;
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, stop, stopper->run, NULL);
  g_source_attach (source, stopper->context);
}

MerChildRun *
mer_child_run_new (MerChildPool *pool, MerCall *call, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
  MerChildRun *self = g_new0 (MerChildRun, 1);

  self->refs = 1;
  self->pool = pool;
  self->task = g_task_new (pool, NULL, callback, user_data);
  self->call = call;
  call->attempts = 0;
  call->seconds = 0;
  call->retry = MER_RETRY_PERMANENT;
  self->cancellable
      = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  return self;
}

/* after it was queued: a call that is stopped already is stopped here */
void
mer_child_run_watch (MerChildRun *self)
{
  Stopper *stopper = g_new (Stopper, 1);

  stopper->run = mer_child_run_ref (self);
  stopper->context = g_main_context_ref (g_task_get_context (self->task));
  self->stop_handler = g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled),
                                              stopper, (GDestroyNotify) stopper_free);
}

static void
append_text (GArray *segments, const char *text, gsize length)
{
  MerPayloadSegment segment = { .bytes = g_bytes_new (text, length) };

  g_array_append_val (segments, segment);
}

static void
clear_segment (gpointer data)
{
  MerPayloadSegment *segment = data;

  g_clear_pointer (&segment->bytes, g_bytes_unref);
  g_clear_pointer (&segment->file, mer_payload_file_unref);
}

static void
append_segment (GArray *segments, const MerPayloadSegment *from, gsize skip)
{
  MerPayloadSegment segment = *from;

  segment.bytes = from->bytes != NULL ? g_bytes_new_from_bytes (
                      from->bytes, skip, g_bytes_get_size (from->bytes) - skip)
                                      : NULL;
  segment.file = from->file != NULL ? mer_payload_file_ref (from->file) : NULL;
  g_array_append_val (segments, segment);
}

/* the request as one line; with @request, its text with paths, in place of base64. The
 * request is an object that is not empty: its brace is taken off, and ours comes first */
GInputStream *
mer_child_run_open_line (MerChildRun *self, const char *request)
{
  g_autoptr (GArray) segments = g_array_new (FALSE, TRUE, sizeof (MerPayloadSegment));
  GArray *body = mer_payload_get_segments (self->call->payload);
  g_autofree char *head = g_strdup_printf ("{\"id\":\"%s\",\"media\":\"%s\",", self->id,
                                           self->slot->as_files ? "files" : "base64");

  g_array_set_clear_func (segments, clear_segment);
  append_text (segments, head, strlen (head));
  if (request != NULL)
    append_text (segments, request + 1, strlen (request) - 1);
  for (guint i = 0; request == NULL && i < body->len; i++)
    append_segment (segments, &g_array_index (body, MerPayloadSegment, i), i == 0 ? 1 : 0);
  append_text (segments, "\n", 1);
  return mer_payload_stream_new (segments);
}
