/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "child/mer-child-pool.h"

#include "mer-error.h"
#include "child/mer-child-private.h"
#include "net/mer-key.h"
#include "net/mer-payload-stream.h"
#include "tables/mer-json.h"

struct _MerChildPool
{
  GObject parent_instance;

  MerChildSettings *settings;
  char *address;
  GMainContext *context;
  int users; /* with the registry's lock */
  MerChildSpool *spool;
  GMutex spool_lock;

  /* I/O thread */
  GQueue waiting; /* MerChildRun */
  GPtrArray *slots;
  GSource *wake;
  gint64 not_before;
  guint failed_starts; /* in a row */
  guint deaths;        /* in a row */
  guint64 n_ids;
  GBytes *hello;
};

static void caller_init (MerCallerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MerChildPool, mer_child_pool, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MER_TYPE_CALLER, caller_init))

static GMutex registry_lock;
static GHashTable *registry;

void
mer_child_pool_queue (MerChildPool *self, MerChildRun *run, gboolean first)
{
  if (first)
    g_queue_push_head (&self->waiting, run);
  else
    g_queue_push_tail (&self->waiting, run);
}

void
mer_child_pool_unqueue (MerChildPool *self, MerChildRun *run)
{
  g_queue_remove (&self->waiting, run);
}

void
mer_child_pool_fail_all (MerChildPool *self, const GError *error)
{
  MerChildRun *run;

  while ((run = g_queue_pop_head (&self->waiting)) != NULL)
    mer_child_run_end (run, NULL, MER_RETRY_FATAL, g_error_copy (error));
}

/* how programs are started */

static void
back_off (MerChildPool *self)
{
  guint n = self->failed_starts + self->deaths;
  double delay
      = mer_retry_get_delay (MER_RETRY_TRANSIENT, MAX (n, 1), -1, g_random_double ());

  self->not_before = g_get_monotonic_time () + (gint64) (delay * (double) G_USEC_PER_SEC);
}

/* a program that was not told to end has ended; who gets the error may change it */
void
mer_child_pool_count_death (MerChildPool *self, gboolean was_ready, GError *error)
{
  if (was_ready)
    self->deaths++;
  else
    self->failed_starts++;
  back_off (self);
  if (self->failed_starts < self->settings->max_starts)
    return;
  g_prefix_error (&error, "%u starts failed, the last: ", self->failed_starts);
  self->failed_starts = 0;
  mer_child_pool_fail_all (self, error);
}

void
mer_child_pool_forget_deaths (MerChildPool *self)
{
  self->deaths = 0;
}

void
mer_child_pool_remove_slot (MerChildPool *self, MerChildSlot *slot)
{
  g_ptr_array_remove_fast (self->slots, slot);
  mer_child_pool_pump (self);
}

void
mer_child_pool_take_hello (MerChildPool *self, const char *text, gsize length)
{
  self->failed_starts = 0;
  g_clear_pointer (&self->hello, g_bytes_unref);
  self->hello = g_bytes_new (text, length);
  mer_child_pool_pump (self);
}

/* without the secrets that the program was given */
MerReply *
mer_child_pool_make_reply (MerChildPool *self, const char *text, gsize length)
{
  GBytes *body = g_bytes_new (text, length);

  for (guint i = 0; self->settings->secrets[i] != NULL; i++)
    body = mer_key_blot_out (body, self->settings->secrets[i]);
  return mer_reply_new (200, NULL, body);
}

/* who gets what */

static gboolean
on_deadline (gpointer data)
{
  MerChildRun *run = data;
  MerChildSlot *slot = run->slot;
  MerChildPool *self = run->pool;
  GError *error = NULL;

  run = mer_child_slot_take_run (slot, run->id);
  if (run->task != NULL)
    error
        = g_error_new (MER_ERROR, MER_ERROR_TIMED_OUT,
                       "%s: no answer within %g s; raise timeout if the model needs longer",
                       self->address, run->call->timeout);
  mer_child_slot_doom (slot, error != NULL ? "did not answer in time"
                                           : "works on a call that ended");
  if (error != NULL)
    mer_child_run_take_failure (run, error);
  mer_child_run_unref (run);
  mer_child_pool_pump (self);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  MerChildRun *run;
  char *id;
  GArray *segments;
  MerChildSpool *spool;
} Writing;

static void
writing_free (gpointer data)
{
  Writing *writing = data;

  g_free (writing->id);
  g_array_unref (writing->segments);
  mer_child_spool_unref (writing->spool);
  g_free (writing);
}

static void
write_files (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Writing *writing = data;
  GError *error = NULL;
  char *text
      = mer_child_spool_write (writing->spool, writing->id, writing->segments, &error);

  if (text != NULL)
    g_task_return_pointer (task, text, g_free);
  else
    g_task_return_error (task, error);
}

static void
on_files_written (GObject *object, GAsyncResult *result, gpointer data)
{
  Writing *writing = g_task_get_task_data (G_TASK (result));
  MerChildRun *run = data;
  GError *error = NULL;
  g_autofree char *text = g_task_propagate_pointer (G_TASK (result), &error);

  /* the call may have ended meanwhile, or wait for another program */
  if (run->slot == NULL || g_strcmp0 (run->id, writing->id) != 0)
    mer_child_spool_remove (writing->spool, writing->id);
  else if (run->task == NULL)
    mer_child_run_unref (mer_child_slot_take_run (run->slot, run->id));
  else if (text != NULL)
    mer_child_send (run->slot->child, mer_child_run_open_line (run, text));
  else
    {
      mer_child_run_unref (mer_child_slot_take_run (run->slot, run->id));
      mer_child_run_end (run, NULL, MER_RETRY_PERMANENT, g_steal_pointer (&error));
    }
  g_clear_error (&error);
  mer_child_pool_pump (run->pool);
  mer_child_run_unref (run);
}

static MerChildSpool *
get_spool (MerChildPool *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->spool_lock);

  if (self->spool == NULL)
    self->spool = mer_child_spool_new (self->settings->media_folder, error);
  return self->spool != NULL ? mer_child_spool_ref (self->spool) : NULL;
}

static void
send_with_files (MerChildPool *self, MerChildRun *run)
{
  GError *error = NULL;
  MerChildSpool *spool = get_spool (self, &error);

  if (spool == NULL)
    {
      mer_child_run_unref (mer_child_slot_take_run (run->slot, run->id));
      mer_child_run_end (run, NULL, MER_RETRY_PERMANENT, error);
      return;
    }

  g_autoptr (GTask) task
      = g_task_new (self, NULL, on_files_written, mer_child_run_ref (run));
  Writing *writing = g_new0 (Writing, 1);
  run->spool = mer_child_spool_ref (spool);
  writing->spool = spool;
  writing->id = g_strdup (run->id);
  writing->segments = g_array_ref (mer_payload_get_segments (run->call->payload));
  g_task_set_task_data (task, writing, writing_free);
  g_task_run_in_thread (task, write_files);
}

static void
assign (MerChildSlot *slot, MerChildRun *run)
{
  MerChildPool *self = slot->pool;

  g_free (run->id);
  run->id = g_strdup_printf ("r%" G_GUINT64_FORMAT, ++self->n_ids);
  run->slot = slot;
  slot->alone = run->deaths > 0;
  g_hash_table_insert (slot->runs, g_strdup (run->id), mer_child_run_ref (run));
  run->call->attempts++;
  if (run->started == 0)
    run->started = g_get_monotonic_time ();
  mer_child_run_set_timer (run, run->call->timeout, on_deadline);
  if (slot->as_files && mer_payload_get_n_media (run->call->payload) > 0)
    send_with_files (self, run);
  else
    mer_child_send (slot->child, mer_child_run_open_line (run, NULL));
}

static MerChildSlot *
find_slot (MerChildPool *self, MerChildRun *run)
{
  MerChildSlot *best = NULL;

  for (guint i = 0; i < self->slots->len; i++)
    {
      MerChildSlot *slot = g_ptr_array_index (self->slots, i);
      guint n_runs = g_hash_table_size (slot->runs);

      if (!slot->ready || slot->doomed || slot->alone || n_runs >= slot->concurrency
          || (run->deaths > 0 && n_runs > 0))
        continue;
      if (best == NULL || n_runs < g_hash_table_size (best->runs))
        best = slot;
    }
  return best;
}

static gboolean
on_wake (gpointer data)
{
  MerChildPool *self = data;

  g_clear_pointer (&self->wake, g_source_unref);
  mer_child_pool_pump (self);
  return G_SOURCE_REMOVE;
}

static void
start_more (MerChildPool *self)
{
  guint n_starting = 0;
  gint64 wait = self->not_before - g_get_monotonic_time ();
  MerChildSlot *slot = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < self->slots->len; i++)
    n_starting += !((MerChildSlot *) g_ptr_array_index (self->slots, i))->ready;
  if (self->slots->len >= self->settings->instances
      || n_starting >= g_queue_get_length (&self->waiting))
    return;
  if (wait <= 0)
    slot = mer_child_slot_new (self, self->settings, self->address, &error);
  if (slot != NULL)
    {
      g_ptr_array_add (self->slots, slot);
      start_more (self);
      return;
    }
  if (error != NULL)
    {
      mer_child_pool_fail_all (self, error);
      return;
    }
  if (self->wake != NULL)
    return;
  self->wake = g_timeout_source_new ((guint) (wait / 1000) + 1);
  g_source_set_callback (self->wake, on_wake, self, NULL);
  g_source_attach (self->wake, g_main_context_get_thread_default ());
}

/* gives what waits to who is free */
void
mer_child_pool_pump (MerChildPool *self)
{
  MerChildRun *run;

  while ((run = g_queue_peek_head (&self->waiting)) != NULL)
    {
      gboolean is_question = run->call->payload != NULL;
      MerChildSlot *slot = is_question ? find_slot (self, run) : NULL;

      if (is_question ? slot == NULL : self->hello == NULL)
        break;
      g_queue_pop_head (&self->waiting);
      if (is_question)
        {
          assign (slot, run);
          continue;
        }
      gsize length = 0;
      const char *text = g_bytes_get_data (self->hello, &length);
      g_autoptr (MerReply) reply = mer_child_pool_make_reply (self, text, length);
      mer_child_run_take_reply (run, reply);
    }
  if (!g_queue_is_empty (&self->waiting))
    start_more (self);
}

static const char *
mer_child_pool_get_address (MerCaller *caller)
{
  return MER_CHILD_POOL (caller)->address;
}

static void
mer_child_pool_call_async (MerCaller *caller, MerCall *call, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  MerChildPool *self = MER_CHILD_POOL (caller);
  MerChildRun *run = mer_child_run_new (self, call, cancellable, callback, user_data);

  mer_child_run_watch (run);
  mer_child_pool_queue (self, run, FALSE);
  mer_child_pool_pump (self);
}

static MerReply *
mer_child_pool_call_finish (MerCaller *caller, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
caller_init (MerCallerInterface *iface)
{
  iface->get_address = mer_child_pool_get_address;
  iface->call_async = mer_child_pool_call_async;
  iface->call_finish = mer_child_pool_call_finish;
}

static void
mer_child_pool_class_init (MerChildPoolClass *klass)
{
}

static void
mer_child_pool_init (MerChildPool *self)
{
  g_mutex_init (&self->spool_lock);
  g_queue_init (&self->waiting);
  self->slots = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_child_slot_free);
}

/**
 * mer_child_pool_join:
 * @settings: what is to run
 * @context: the I/O thread's
 *
 * No program is started before there is a call. From any thread.
 *
 * Returns: (transfer full): the process's pool of such programs; to be left with
 *   [method@ChildPool.leave] before the reference is given back
 */
MerChildPool *
mer_child_pool_join (MerChildSettings *settings, GMainContext *context)
{
  g_autofree char *identity = mer_child_settings_dup_identity (settings);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&registry_lock);
  MerChildPool *self = NULL;

  if (registry == NULL)
    registry = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self = g_hash_table_lookup (registry, identity);
  if (self == NULL)
    {
      self = g_object_new (MER_TYPE_CHILD_POOL, NULL);
      self->settings = mer_child_settings_ref (settings);
      self->address = mer_child_settings_dup_address (settings);
      self->context = g_main_context_ref (context);
      g_hash_table_insert (registry, g_steal_pointer (&identity), self);
    }
  self->users++;
  return g_object_ref (self);
}

static gboolean
is_used (MerChildPool *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&registry_lock);

  return self->users > 0;
}

static gboolean
on_lingered (gpointer data)
{
  MerChildPool *self = data;

  for (guint i = 0; i < self->slots->len && !is_used (self); i++)
    mer_child_slot_doom (g_ptr_array_index (self->slots, i), "is not needed any more");
  return G_SOURCE_REMOVE;
}

/* what is busy with calls that ended, or not ready yet, is of no use to a later run soon */
static gboolean
settle (gpointer data)
{
  MerChildPool *self = data;
  g_autoptr (GSource) linger = NULL;

  if (is_used (self))
    return G_SOURCE_REMOVE;
  for (guint i = 0; i < self->slots->len; i++)
    {
      MerChildSlot *slot = g_ptr_array_index (self->slots, i);

      if (!slot->ready || g_hash_table_size (slot->runs) > 0)
        mer_child_slot_doom (slot, "is not needed any more");
    }
  linger = g_timeout_source_new ((guint) (self->settings->linger * 1000));
  g_source_set_callback (linger, on_lingered, self, NULL);
  g_source_attach (linger, self->context);
  return G_SOURCE_REMOVE;
}

/**
 * mer_child_pool_leave:
 * @self: a pool
 *
 * Says that no more calls come from who joined it. When the last has left, the media's
 * folder goes at once, and the programs after a while, so that the next run finds them
 * loaded. From any thread.
 */
void
mer_child_pool_leave (MerChildPool *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  gboolean last;

  g_mutex_lock (&registry_lock);
  last = --self->users == 0;
  g_mutex_unlock (&registry_lock);
  if (!last)
    return;
  g_mutex_lock (&self->spool_lock);
  g_clear_pointer (&self->spool, mer_child_spool_unref);
  g_mutex_unlock (&self->spool_lock);
  g_source_set_callback (source, settle, self, NULL);
  g_source_attach (source, self->context);
}

/**
 * mer_child_pool_get_hello:
 * @self: a pool; I/O thread
 *
 * Returns: (transfer full) (nullable): what a program last said of itself
 */
JsonNode *
mer_child_pool_get_hello (MerChildPool *self)
{
  gsize length = 0;
  const char *text = self->hello != NULL ? g_bytes_get_data (self->hello, &length) : NULL;

  return text != NULL ? mer_reply_parse_text (text, length, NULL) : NULL;
}
