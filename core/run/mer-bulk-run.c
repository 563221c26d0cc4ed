/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shards to their servers and back, one step after the other */
#include "run/mer-bulk-run.h"

#include "mer-error.h"
#include "run/mer-bulk-pass.h"

/* a server that cannot be asked is waited for as a batch is, but not for ever */
#define MAX_FAILURES 20u
#define MAX_NOTES 100u

struct _MerBulkRun
{
  GObject parent_instance;
  MerBulk *bulk;
  double poll;
  double patience;
  GHashTable *transfers; /* uri and key's variable → MerTransfer */
  guint failures;        /* of passes, one after the other */
  gboolean cancelled_there;

  GMutex lock;
  MerBulkProgress progress;
  GQueue notes;
};

G_DEFINE_FINAL_TYPE (MerBulkRun, mer_bulk_run, G_TYPE_OBJECT)

static void
mer_bulk_run_finalize (GObject *object)
{
  MerBulkRun *self = MER_BULK_RUN (object);

  g_object_unref (self->bulk);
  g_hash_table_unref (self->transfers);
  g_queue_clear_full (&self->notes, g_free);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (mer_bulk_run_parent_class)->finalize (object);
}

static void
mer_bulk_run_class_init (MerBulkRunClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_bulk_run_finalize;
}

static void
mer_bulk_run_init (MerBulkRun *self)
{
  g_mutex_init (&self->lock);
  g_queue_init (&self->notes);
  self->transfers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify) mer_transfer_free);
}

/**
 * mer_bulk_run_new:
 * @bulk: whose shards are sent
 * @poll: seconds between two looks at a batch
 * @patience: seconds to wait for answers; 0 sends and leaves, negative waits for ever
 *
 * Returns: (transfer full): what does it
 */
MerBulkRun *
mer_bulk_run_new (MerBulk *bulk, double poll, double patience)
{
  MerBulkRun *self = g_object_new (MER_TYPE_BULK_RUN, NULL);

  self->bulk = g_object_ref (bulk);
  self->poll = poll;
  self->patience = patience;
  return self;
}

static void
take_note (gpointer data, const char *text)
{
  MerBulkRun *self = data;

  g_mutex_lock (&self->lock);
  if (g_queue_get_length (&self->notes) < MAX_NOTES)
    g_queue_push_tail (&self->notes, g_strdup (text));
  g_mutex_unlock (&self->lock);
}

/**
 * mer_bulk_run_take_note:
 * @self: a run
 *
 * From any thread.
 *
 * Returns: (transfer full) (nullable): the next thing that a person should know
 */
char *
mer_bulk_run_take_note (MerBulkRun *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_queue_pop_head (&self->notes);
}

/**
 * mer_bulk_run_get_progress:
 * @self: a run
 * @progress: (out): how far it is
 *
 * From any thread.
 */
void
mer_bulk_run_get_progress (MerBulkRun *self, MerBulkProgress *progress)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  *progress = self->progress;
}

static void
update_progress (MerBulkRun *self, GPtrArray *shards)
{
  MerBulkProgress progress = { 0 };

  for (guint i = 0; i < shards->len; i++)
    {
      const MerBulkShard *shard = g_ptr_array_index (shards, i);

      if (!MER_BULK_STATE_IS_OPEN (shard->state))
        continue;
      progress.batches++;
      progress.waiting += shard->state == MER_BULK_WAITING;
      progress.calls += (guint64) shard->n_calls;
      progress.answered += (guint64) shard->n_answered;
      progress.failed += (guint64) shard->n_failed;
      if (shard->expires > 0
          && (progress.expires == 0 || shard->expires < progress.expires))
        progress.expires = shard->expires;
    }
  g_mutex_lock (&self->lock);
  self->progress = progress;
  g_mutex_unlock (&self->lock);
}

static MerTransfer *
get_transfer (MerBulkRun *self, const MerBulkServer *server, GError **error)
{
  g_autofree char *name = g_strdup_printf (
      "%s\n%s", server->uri, server->key_variable != NULL ? server->key_variable : "");
  MerTransfer *transfer = g_hash_table_lookup (self->transfers, name);

  if (transfer == NULL)
    {
      transfer
          = mer_transfer_new (server->uri, server->key_header, server->key_prefix,
                              server->key, (const char *const *) server->headers, error);
      if (transfer != NULL)
        g_hash_table_insert (self->transfers, g_steal_pointer (&name), transfer);
    }
  return transfer;
}

static GHashTable *
list_other_batches (GPtrArray *shards, const MerBulkShard *shard)
{
  GHashTable *known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < shards->len; i++)
    {
      const MerBulkShard *other = g_ptr_array_index (shards, i);

      if (other->number != shard->number && other->remote_batch != NULL)
        g_hash_table_add (known, g_strdup (other->remote_batch));
    }
  return known;
}

/* runs @func on an open shard whose server is known */
static gboolean
with_pass (MerBulkRun *self, GPtrArray *shards, MerBulkShard *shard,
           gboolean (*func) (MerBulkPass *pass, GError **error), gboolean *fatal,
           GCancellable *cancellable, GError **error)
{
  g_autoptr (MerBulkServer) server = mer_bulk_find_server (self->bulk, shard);
  g_autofree char *file = mer_bulk_dup_path (self->bulk, shard->file);
  g_autoptr (GHashTable) known = list_other_batches (shards, shard);
  g_autoptr (GPtrArray) refusals
      = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_bulk_refusal_free);
  MerBulkPass pass = { .bulk = self->bulk,
                       .server = server,
                       .shard = shard,
                       .shards = shards,
                       .note = take_note,
                       .note_data = self };
  gboolean well = FALSE;

  pass.step = (MerBulkStep){ .shard = shard,
                             .file = file,
                             .known = known,
                             .cancellable = cancellable,
                             .refusals = refusals };
  pass.step.transfer = get_transfer (self, server, error);
  well = pass.step.transfer != NULL && func (&pass, error);
  self->cancelled_there = self->cancelled_there || pass.cancelled;
  *fatal = !well && (pass.local || pass.step.fatal || pass.step.transfer == NULL);
  return well;
}

static gboolean
is_ours (MerBulkRun *self, const MerBulkShard *shard)
{
  g_autoptr (MerBulkServer) server = mer_bulk_find_server (self->bulk, shard);

  return server != NULL;
}

/* open shards whose servers this run asks: a store alone must not say where a key goes */
static GPtrArray *
list_shards (MerBulkRun *self, GError **error)
{
  g_autoptr (GPtrArray) shards
      = mer_store_bulk_list (mer_bulk_get_store (self->bulk), error);

  for (guint i = shards != NULL ? shards->len : 0; i > 0; i--)
    {
      const MerBulkShard *shard = g_ptr_array_index (shards, i - 1);
      g_autofree char *note = NULL;

      if (MER_BULK_STATE_IS_OPEN (shard->state) && is_ours (self, shard))
        continue;
      if (MER_BULK_STATE_IS_OPEN (shard->state))
        {
          note = g_strdup_printf ("a batch at %s is left alone: no stage of this run asks "
                                  "there with that key",
                                  shard->uri);
          take_note (self, note);
        }
      g_ptr_array_remove_index (shards, i - 1);
    }
  return g_steal_pointer (&shards);
}

typedef struct
{
  guint open;
  guint unsent;
} Left;

/* one look at every shard; what a server cannot be asked now it is asked later */
static gboolean
pass_over (MerBulkRun *self, GPtrArray *shards, Left *left, GCancellable *cancellable,
           GError **error)
{
  gboolean any_failed = FALSE;

  *left = (Left){ 0 };
  for (guint i = 0; i < shards->len; i++)
    {
      MerBulkShard *shard = g_ptr_array_index (shards, i);
      g_autoptr (GError) local = NULL;
      gboolean fatal = FALSE;

      if (!MER_BULK_STATE_IS_OPEN (shard->state))
        continue;
      if (!with_pass (self, shards, shard, mer_bulk_pass_advance, &fatal, cancellable,
                      &local))
        {
          any_failed = TRUE;
          if (fatal || g_cancellable_is_cancelled (cancellable)
              || self->failures + 1 >= MAX_FAILURES)
            {
              g_propagate_error (error, g_steal_pointer (&local));
              return FALSE;
            }
          if (self->failures == 0)
            take_note (self, local->message);
        }
      left->open += MER_BULK_STATE_IS_OPEN (shard->state);
      left->unsent += shard->state < MER_BULK_WAITING;
      update_progress (self, shards);
    }
  self->failures = any_failed ? self->failures + 1 : 0;
  return TRUE;
}

/* FALSE without error: there are some left */
static gboolean
run_shards (MerBulkRun *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) shards = list_shards (self, error);
  const gint64 started = g_get_monotonic_time ();
  Left left = { 0 };

  if (shards == NULL)
    return FALSE;
  update_progress (self, shards);
  for (;;)
    {
      double passed = 0;

      if (!pass_over (self, shards, &left, cancellable, error))
        return FALSE;
      if (left.open == 0)
        return TRUE;
      passed = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
      /* who leaves has sent all that can be sent */
      if (self->patience >= 0 && passed >= self->patience
          && (left.unsent == 0 || self->failures == 0 || self->patience > 0))
        return FALSE;
      if (!mer_transfer_wait (self->poll, cancellable, error))
        return FALSE;
    }
}

static void
run_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  MerBulkRun *self = object;
  GError *error = NULL;
  gboolean all = run_shards (self, cancellable, &error);

  if (error == NULL && all && self->cancelled_there)
    error = g_error_new (MER_ERROR, MER_ERROR_STOPPED,
                         "a batch was cancelled at its server; what it had answered is "
                         "kept, the same command asks the rest again");
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, all);
}

/**
 * mer_bulk_run_async:
 * @self: a run, once
 * @cancellable: leaves the batches to their servers
 * @callback: (scope async): called in the thread-default context
 * @user_data: for @callback
 *
 * Sends, waits and collects in a thread of its own.
 */
void
mer_bulk_run_async (MerBulkRun *self, GCancellable *cancellable,
                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, run_thread);
}

/**
 * mer_bulk_run_finish:
 * @self: a run
 * @result: what the callback got
 * @all: (out): whether nothing is awaited any more; else batches go on at their servers
 * @error: return location for an error
 *
 * Returns: whether there was no error
 */
gboolean
mer_bulk_run_finish (MerBulkRun *self, GAsyncResult *result, gboolean *all, GError **error)
{
  GError *local = NULL;

  *all = g_task_propagate_boolean (G_TASK (result), &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

/**
 * mer_bulk_run_cancel:
 * @self: a run, instead of running it
 * @n_cancelled: (out): how many were cancelled
 * @cancellable: (nullable): ends it
 * @error: return location for an error
 *
 * Cancels all open batches. What they have answered can still be collected. Waits for the
 * servers.
 *
 * Returns: whether all were told
 */
gboolean
mer_bulk_run_cancel (MerBulkRun *self, guint *n_cancelled, GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (GPtrArray) shards = list_shards (self, error);

  *n_cancelled = 0;
  for (guint i = 0; shards != NULL && i < shards->len; i++)
    {
      MerBulkShard *shard = g_ptr_array_index (shards, i);
      gboolean fatal = FALSE;

      if (shard->state == MER_BULK_ENDED)
        continue;
      if (!with_pass (self, shards, shard, mer_bulk_pass_cancel, &fatal, cancellable,
                      error))
        return FALSE;
      (*n_cancelled)++;
    }
  return shards != NULL;
}
