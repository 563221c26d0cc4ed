/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/mer-store-writer.h"

/* the most jobs in one transaction, and the most that wait before bounded pushers do */
#define MAX_GROUP 512
#define MAX_QUEUED 1024

typedef struct
{
  MerStoreWork work;
  MerStoreDone done;
  gpointer data;
  GError *error;
} Job;

struct _MerStoreWriter
{
  MerDb *db;
  GDestroyNotify closed;
  gpointer closed_data;
  GThread *thread;

  GMutex lock;
  GCond changed;
  GQueue queue;
  gboolean stopping;
};

static gboolean
job_work (Job *job, MerDb *db)
{
  if (job->work == NULL)
    return TRUE;
  if (!mer_db_exec (db, "SAVEPOINT job", &job->error))
    return FALSE;
  if (job->work (db, job->data, &job->error))
    return mer_db_exec (db, "RELEASE job", &job->error);
  /* a full disk ends the whole transaction, a refused row only the job */
  if (mer_db_in_transaction (db))
    mer_db_exec (db, "ROLLBACK TO job; RELEASE job", NULL);
  return FALSE;
}

static gboolean
group_work (GPtrArray *group, MerDb *db, GError **error)
{
  if (!mer_db_exec (db, "BEGIN IMMEDIATE", error))
    return FALSE;
  for (guint i = 0; i < group->len; i++)
    {
      Job *job = g_ptr_array_index (group, i);

      if (job_work (job, db) || mer_db_in_transaction (db))
        continue;
      g_propagate_error (error, g_error_copy (job->error));
      return FALSE;
    }
  if (mer_db_exec (db, "COMMIT", error))
    return TRUE;
  if (mer_db_in_transaction (db))
    mer_db_exec (db, "ROLLBACK", NULL);
  return FALSE;
}

static void
writer_commit (MerStoreWriter *self, GPtrArray *group)
{
  g_autoptr (GError) error = NULL;

  group_work (group, self->db, &error);
  /* the store is ours; some program with a transaction of its own is no reason to speak of
   * another writer */
  if (g_error_matches (error, MER_ERROR, MER_ERROR_BUSY))
    error->code = MER_ERROR_FAILED;
  for (guint i = 0; i < group->len; i++)
    {
      Job *job = g_ptr_array_index (group, i);

      job->done (job->data, job->error != NULL ? job->error : error);
      g_clear_error (&job->error);
      g_free (job);
    }
}

/* %FALSE when there is nothing left and nothing will come */
static gboolean
writer_next_group (MerStoreWriter *self, GPtrArray *group)
{
  g_mutex_lock (&self->lock);
  while (g_queue_is_empty (&self->queue) && !self->stopping)
    g_cond_wait (&self->changed, &self->lock);
  g_ptr_array_set_size (group, 0);
  while (group->len < MAX_GROUP && !g_queue_is_empty (&self->queue))
    g_ptr_array_add (group, g_queue_pop_head (&self->queue));
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return group->len > 0;
}

static gpointer
writer_thread (gpointer data)
{
  MerStoreWriter *self = data;
  g_autoptr (GPtrArray) group = g_ptr_array_new ();

  while (writer_next_group (self, group))
    writer_commit (self, group);
  mer_db_close (self->db);
  self->closed (self->closed_data);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
  return NULL;
}

/*
 * mer_store_writer_new:
 * @db: (transfer full): the connection that writes
 * @closed: called in the writer's thread when @db is closed
 * @data: for @closed
 *
 * Returns: (transfer full): the writer, its thread running; end it with
 *   mer_store_writer_stop()
 */
MerStoreWriter *
mer_store_writer_new (MerDb *db, GDestroyNotify closed, gpointer data)
{
  MerStoreWriter *self = g_new0 (MerStoreWriter, 1);

  self->db = db;
  self->closed = closed;
  self->closed_data = data;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->queue);
  self->thread = g_thread_new ("mer-store", writer_thread, self);
  return self;
}

static void
writer_push (MerStoreWriter *self, MerStoreWork work, MerStoreDone done, gpointer data,
             gboolean bounded)
{
  Job *job = g_new0 (Job, 1);

  job->work = work;
  job->done = done;
  job->data = data;
  g_mutex_lock (&self->lock);
  while (bounded && self->queue.length >= MAX_QUEUED)
    g_cond_wait (&self->changed, &self->lock);
  g_queue_push_tail (&self->queue, job);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
mer_store_writer_push (MerStoreWriter *self, MerStoreWork work, MerStoreDone done,
                       gpointer data)
{
  writer_push (self, work, done, data, FALSE);
}

void
mer_store_writer_push_bounded (MerStoreWriter *self, MerStoreWork work, MerStoreDone done,
                               gpointer data)
{
  writer_push (self, work, done, data, TRUE);
}

/* somebody waits for one job */
typedef struct
{
  MerStoreWork work;
  gpointer data;
  GMutex lock;
  GCond ended_changed;
  gboolean ended;
  GError *error;
} Wait;

static gboolean
wait_work (MerDb *db, gpointer data, GError **error)
{
  Wait *wait = data;

  return wait->work == NULL || wait->work (db, wait->data, error);
}

static void
wait_done (gpointer data, const GError *error)
{
  Wait *wait = data;

  g_mutex_lock (&wait->lock);
  wait->error = error != NULL ? g_error_copy (error) : NULL;
  wait->ended = TRUE;
  g_cond_signal (&wait->ended_changed);
  g_mutex_unlock (&wait->lock);
}

gboolean
mer_store_writer_run (MerStoreWriter *self, MerStoreWork work, gpointer data,
                      GError **error)
{
  Wait wait = { .work = work, .data = data };

  g_mutex_init (&wait.lock);
  g_cond_init (&wait.ended_changed);
  writer_push (self, wait_work, wait_done, &wait, FALSE);
  g_mutex_lock (&wait.lock);
  while (!wait.ended)
    g_cond_wait (&wait.ended_changed, &wait.lock);
  g_mutex_unlock (&wait.lock);
  g_mutex_clear (&wait.lock);
  g_cond_clear (&wait.ended_changed);
  if (wait.error == NULL)
    return TRUE;
  g_propagate_error (error, wait.error);
  return FALSE;
}

/*
 * mer_store_writer_stop:
 * @self: (transfer full): the writer
 *
 * Writes what is queued, closes the connection and ends the thread. Called by the thread
 * itself (a job's end dropped the last reference to the store), it only asks for that.
 */
void
mer_store_writer_stop (MerStoreWriter *self)
{
  GThread *thread = self->thread;

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  if (thread != g_thread_self ())
    g_thread_join (thread);
  else
    g_thread_unref (thread);
}
