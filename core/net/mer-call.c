/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* one call with all its attempts */
#include "net/mer-endpoint.h"

#include "mer-error.h"
#include "net/mer-endpoint-private.h"
#include "net/mer-exchange.h"

/* a server that dislikes one member after another must come to an end */
#define MAX_CHANGES 8
/* so often a call may be one too many while others are served, before that counts as
 * attempts of its own */
#define MAX_TURNS 500
#define LONGEST_TURN 1.0

typedef struct
{
  MerCall *call;
  MerTicket ticket;
  GCancellable *cancellable;
  gulong stop_handler;
  GCancellable *exchange; /* of the attempt under way */
  GSource *sleep;
  gboolean waits; /* for its first turn, and somebody was told */
  gboolean stopped;
  gboolean ended;
  gint64 started;
  guint counted; /* attempts, without those that say nothing about this call */
  guint turns;
  guint64 n_served; /* by the server, when this was last turned away */
  guint changes;
  gboolean was_stale;
} Run;

static void send_attempt (GTask *task);

static MerGate *
get_gate (GTask *task)
{
  return mer_endpoint_get_gate (g_task_get_source_object (task));
}

static void
clear_sleep (Run *run)
{
  if (run->sleep == NULL)
    return;
  g_source_destroy (run->sleep);
  g_clear_pointer (&run->sleep, g_source_unref);
}

static void
run_free (gpointer data)
{
  Run *run = data;

  clear_sleep (run);
  g_clear_object (&run->cancellable);
  g_clear_object (&run->exchange);
  g_free (run);
}

/* takes the task, and with it the run, out of everything that could call it again */
static void
end (GTask *task, MerReply *reply, GError *error)
{
  Run *run = g_task_get_task_data (task);

  run->ended = TRUE;
  g_cancellable_disconnect (run->cancellable, run->stop_handler);
  clear_sleep (run);
  if (run->started != 0)
    run->call->seconds = (double) (g_get_monotonic_time () - run->started) / G_USEC_PER_SEC;
  if (reply == NULL)
    g_task_return_error (task, error);
  else
    {
      reply->attempts = run->call->attempts;
      g_task_return_pointer (task, mer_reply_ref (reply), (GDestroyNotify) mer_reply_unref);
    }
  g_object_unref (task);
}

static void
end_stopped (GTask *task)
{
  end (task, NULL,
       g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "the call was stopped"));
}

/* in the I/O thread; an exchange under way ends by itself */
static gboolean
stop (gpointer data)
{
  GTask *task = data;
  Run *run = g_task_get_task_data (task);

  if (run->ended)
    return G_SOURCE_REMOVE;
  run->stopped = TRUE;
  if (run->exchange != NULL)
    {
      g_cancellable_cancel (run->exchange);
      return G_SOURCE_REMOVE;
    }
  mer_gate_release (get_gate (task), &run->ticket);
  mer_gate_settle (get_gate (task), &run->ticket, NULL);
  end_stopped (task);
  return G_SOURCE_REMOVE;
}

/* in whichever thread stops the call. A handler instead of a source for each call: see
 * mer-exchange.c for what sources cost */
static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  GTask *task = data;
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, stop, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));
  g_source_unref (source);
}

static gboolean
on_slept (gpointer data)
{
  GTask *task = data;
  Run *run = g_task_get_task_data (task);

  g_clear_pointer (&run->sleep, g_source_unref);
  mer_gate_queue (get_gate (task), &run->ticket, TRUE);
  return G_SOURCE_REMOVE;
}

static void
sleep_then_queue (GTask *task, double seconds)
{
  Run *run = g_task_get_task_data (task);

  run->sleep = g_timeout_source_new ((guint) (seconds * 1000));
  g_source_set_callback (run->sleep, on_slept, task, NULL);
  g_source_attach (run->sleep, g_main_context_get_thread_default ());
}

static double
find_hint (MerReply *reply)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (JsonNode) root = reply != NULL ? mer_reply_parse_json (reply, NULL) : NULL;
  g_autoptr (MerReplyError) error = mer_reply_error_new (root);

  return reply != NULL ? mer_retry_get_hint (reply, error, now) : -1;
}

static gboolean
may_wait_for_model (GTask *task, GError **error)
{
  Run *run = g_task_get_task_data (task);
  double waited = mer_gate_loading (get_gate (task));

  run->counted--;
  run->call->attempts--;
  if (waited <= run->call->patience)
    return TRUE;
  g_prefix_error (error, "still not ready after %.0f s: ", waited);
  return FALSE;
}

static gboolean
may_attempt (Run *run, MerRetry retry, GError **error)
{
  if (run->counted < mer_retry_get_max_attempts (retry))
    return TRUE;
  if (run->call->attempts > 1)
    g_prefix_error (error, "%u attempts failed, the last: ", run->call->attempts);
  return FALSE;
}

/* One that is told to wait speaks for all who ask this server, unless it serves the others:
 * then this was only one too many, which says nothing about the call, and all it has to
 * wait for is its turn. As many at once as were served before are not too many: what is
 * told then is a pause for all, though the server may still serve somebody at every end of
 * it. */
static double
take_turn (GTask *task, double hint)
{
  Run *run = g_task_get_task_data (task);
  MerGate *gate = get_gate (task);
  gboolean was_good = mer_gate_is_good (gate, &run->ticket);
  gboolean serves = mer_gate_turned_away (gate, &run->ticket);
  guint64 n_served = mer_gate_get_n_served (gate);
  gboolean goes_on = serves || n_served > run->n_served;
  double random = g_random_double ();
  double delay = mer_retry_get_delay (MER_RETRY_RATE_LIMITED, run->counted, hint, random);

  run->n_served = n_served;
  if (!serves || (was_good && hint >= 0))
    mer_gate_cool_down (gate, hint >= 0 ? hint : delay / 2);
  if (!goes_on || run->turns >= MAX_TURNS)
    return delay;
  run->counted--;
  run->turns++;
  return hint >= 0 || !serves
             ? delay
             : (0.5 + random / 2) * mer_retry_get_time_scale ()
                   * MIN (LONGEST_TURN, 0.01 * (1u << MIN (run->turns, 8u)));
}

/* FALSE: there will be no other attempt */
static gboolean
try_again (GTask *task, MerRetry retry, MerReply *reply, GError **error)
{
  Run *run = g_task_get_task_data (task);
  double hint = find_hint (reply);
  double delay = mer_retry_get_delay (retry, run->counted, hint, g_random_double ());

  if (retry == MER_RETRY_RATE_LIMITED)
    delay = take_turn (task, hint);
  if (hint > MER_RETRY_MAX_HINT)
    {
      g_prefix_error (error, "the server asks to wait %.0f s, which is too long: ", hint);
      return FALSE;
    }
  if (retry == MER_RETRY_LOADING ? !may_wait_for_model (task, error)
                                 : !may_attempt (run, retry, error))
    return FALSE;
  if (retry == MER_RETRY_LOADING)
    mer_gate_cool_down (get_gate (task), MAX (hint, 0));
  sleep_then_queue (task, delay);
  return TRUE;
}

/* what the attempt says about the server */
static void
report (GTask *task, MerRetry retry, MerReply *reply, const GError *error)
{
  Run *run = g_task_get_task_data (task);
  MerGate *gate = get_gate (task);
  gboolean served = retry == MER_RETRY_DONE || retry == MER_RETRY_FILTERED;

  if (reply != NULL)
    mer_gate_heard (gate, reply, retry != MER_RETRY_LOADING);
  if (reply == NULL && g_error_matches (error, MER_ERROR, MER_ERROR_TIMED_OUT))
    mer_gate_timed_out (gate, &run->ticket);
  if (retry == MER_RETRY_UNREACHABLE)
    mer_gate_unreachable (gate, &run->ticket,
                          run->call->wait_ready ? run->call->patience : 0, error);
  if (served && reply != NULL)
    mer_gate_served (gate, &run->ticket, reply->seconds, &run->call->spend);
}

/* Who waits for a server to be ready may meet something else in its place that listens for
 * it and has nobody to pass a call on to: a container's port, a proxy. */
static MerRetry
not_ready_yet (GTask *task, MerRetry retry, MerReply *reply, const GError *error)
{
  Run *run = g_task_get_task_data (task);
  gboolean passes_on
      = reply != NULL
        && (reply->status == 502 || reply->status == 503 || reply->status == 504);

  if (!run->call->wait_ready || mer_gate_get_n_served (get_gate (task)) > 0)
    return retry;
  if (passes_on && (retry == MER_RETRY_TRANSIENT || retry == MER_RETRY_RATE_LIMITED))
    return MER_RETRY_LOADING;
  if (reply == NULL && retry == MER_RETRY_TRANSIENT
      && !g_error_matches (error, MER_ERROR, MER_ERROR_TIMED_OUT))
    return MER_RETRY_UNREACHABLE;
  return retry;
}

static void
judge (GTask *task, MerReply *reply, GError *failure)
{
  MerEndpoint *endpoint = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);
  MerGate *gate = get_gate (task);
  g_autoptr (GError) error = failure;
  MerRetry retry = run->call->judge (run->call, reply, &error);
  gboolean goes_on = FALSE;

  retry = not_ready_yet (task, retry, reply, error);
  run->call->retry = retry;
  report (task, retry, reply, error);
  if (retry == MER_RETRY_AGAIN && run->changes++ < MAX_CHANGES)
    {
      run->counted--;
      run->call->attempts--;
      run->ticket.bytes = mer_payload_get_length (run->call->payload);
      mer_gate_settle (gate, &run->ticket, NULL);
      mer_gate_queue (gate, &run->ticket, TRUE);
      return;
    }
  if ((retry == MER_RETRY_DONE || retry == MER_RETRY_FILTERED) && reply != NULL)
    {
      end (task, reply, NULL);
      return;
    }
  if (error == NULL)
    error = g_error_new (MER_ERROR, MER_ERROR_API, "%s: no usable answer",
                         mer_endpoint_get_uri (endpoint));
  if (retry == MER_RETRY_UNREACHABLE)
    {
      mer_gate_settle (gate, &run->ticket, NULL);
      mer_gate_queue (gate, &run->ticket, TRUE);
      return;
    }
  if (mer_retry_get_max_attempts (retry) > 1 || retry == MER_RETRY_LOADING)
    {
      goes_on = try_again (task, retry, reply, &error);
      if (!goes_on && retry != MER_RETRY_LOADING)
        mer_gate_failed (gate, run->call->max_same, reply != NULL ? reply->status : 0,
                         error);
    }
  mer_gate_settle (gate, &run->ticket, NULL);
  if (!goes_on)
    end (task, NULL, g_steal_pointer (&error));
}

static void
on_exchanged (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Run *run = g_task_get_task_data (task);
  gboolean stale = FALSE;
  GError *error = NULL;
  g_autoptr (MerReply) reply = mer_exchange_finish (result, &stale, &error);

  g_clear_object (&run->exchange);
  mer_gate_release (get_gate (task), &run->ticket);
  if (run->stopped)
    {
      g_clear_error (&error);
      mer_gate_settle (get_gate (task), &run->ticket, NULL);
      end_stopped (task);
      return;
    }
  if (stale && !run->was_stale)
    {
      g_clear_error (&error);
      run->was_stale = TRUE;
      run->counted--;
      run->call->attempts--;
      mer_gate_settle (get_gate (task), &run->ticket, NULL);
      mer_gate_queue (get_gate (task), &run->ticket, TRUE);
      return;
    }
  judge (task, reply, error);
}

static void
on_sent (gpointer data, gboolean reached)
{
  GTask *task = data;
  Run *run = g_task_get_task_data (task);

  mer_gate_sent (get_gate (task), &run->ticket, reached);
}

static void
send_attempt (GTask *task)
{
  MerEndpoint *endpoint = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);
  MerCall *call = run->call;
  g_autofree char *uri = mer_endpoint_dup_uri (endpoint, call->path);
  MerExchange exchange = {
    .uri = uri,
    .method = call->method,
    .payload = call->payload,
    .headers = call->headers,
    .id = call->id,
    .key_header = call->key_header,
    .key_prefix = call->key_prefix,
    .key = mer_endpoint_is_origin (endpoint, uri) ? call->key : NULL,
    .timeout = call->timeout,
    .max_reply = call->max_reply,
    .on_sent = on_sent,
    .sent_data = task,
  };

  run->exchange = g_cancellable_new ();
  if (run->started == 0)
    run->started = run->ticket.sent_at;
  if (run->waits)
    call->waits (call, FALSE);
  run->waits = FALSE;
  run->counted++;
  call->attempts++;
  mer_exchange_async (mer_endpoint_get_session (endpoint), &exchange, run->exchange,
                      on_exchanged, task);
}

static void
on_granted (gpointer data)
{
  GTask *task = data;
  Run *run = g_task_get_task_data (task);
  const GError *error = mer_gate_get_error (get_gate (task));

  if (error == NULL)
    {
      send_attempt (task);
      return;
    }
  run->call->retry = MER_RETRY_FATAL;
  end (task, NULL,
       g_error_new (MER_ERROR, MER_ERROR_STOPPED, "%s: %s",
                    mer_endpoint_get_uri (g_task_get_source_object (task)),
                    error->message));
}

static void
mer_endpoint_call_async (MerCaller *caller, MerCall *call, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  MerEndpoint *self = MER_ENDPOINT (caller);
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Run *run = g_new0 (Run, 1);

  call->attempts = 0;
  call->seconds = 0;
  call->retry = MER_RETRY_PERMANENT;
  run->call = call;
  run->ticket.bytes = call->payload != NULL ? mer_payload_get_length (call->payload) : 0;
  run->ticket.estimate = call->spend;
  run->n_served = mer_gate_get_n_served (mer_endpoint_get_gate (self));
  run->ticket.on_granted = on_granted;
  run->ticket.data = task;
  run->cancellable
      = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  g_task_set_task_data (task, run, run_free);
  if (mer_endpoint_is_downgrade (self, call->path))
    {
      g_task_return_new_error (task, MER_ERROR, MER_ERROR_API,
                               "%s sends to an address without TLS, which is not followed",
                               mer_endpoint_get_uri (self));
      g_object_unref (task);
      return;
    }
  run->stop_handler = g_cancellable_connect (run->cancellable, G_CALLBACK (on_cancelled),
                                             g_object_ref (task), g_object_unref);
  run->waits = call->waits != NULL;
  if (run->waits)
    call->waits (call, TRUE);
  mer_gate_queue (mer_endpoint_get_gate (self), &run->ticket, FALSE);
}

static MerReply *
mer_endpoint_call_finish (MerCaller *caller, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, caller), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static const char *
mer_endpoint_get_address (MerCaller *caller)
{
  return mer_endpoint_get_uri (MER_ENDPOINT (caller));
}

void
mer_endpoint_caller_init (MerCallerInterface *iface)
{
  iface->get_address = mer_endpoint_get_address;
  iface->call_async = mer_endpoint_call_async;
  iface->call_finish = mer_endpoint_call_finish;
}
