/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-bulk.h"

#include <string.h>

#include "base/mer-bulk-private.h"
#include "mer-error.h"
#include "tables/mer-json.h"

/* a call that a server loses again and again must come to an end */
#define MAX_ASKS 3u

struct _MerBulk
{
  GObject parent_instance;
  MerStore *store;

  GMutex write_lock;  /* of the spools; held while the disk is waited for */
  GHashTable *spools; /* server, path, model → MerBulkSpool */

  GMutex lock;         /* of all that follows */
  GPtrArray *servers;  /* MerBulkServer */
  GHashTable *written; /* keys in those */
  GHashTable *asks;    /* key → how often it was written in this process */
  GHashTable *settled; /* key → MerBulkReply that is no answer, for this process */
  guint64 n_awaited;
  guint64 n_asked;

  MerRates *rates;      /* I/O thread, as what follows */
  GHashTable *reserved; /* key → MerSpend that was set aside for it */
};

G_DEFINE_FINAL_TYPE (MerBulk, mer_bulk, G_TYPE_OBJECT)

void
mer_bulk_server_free (MerBulkServer *self)
{
  g_free (self->protocol);
  g_free (self->uri);
  g_free (self->key_variable);
  g_free (self->key_header);
  g_free (self->key_prefix);
  g_free (self->key);
  g_strfreev (self->headers);
  g_free (self);
}

static void
mer_bulk_finalize (GObject *object)
{
  MerBulk *self = MER_BULK (object);

  g_ptr_array_unref (self->servers);
  g_hash_table_unref (self->spools);
  g_hash_table_unref (self->written);
  g_hash_table_unref (self->asks);
  g_hash_table_unref (self->settled);
  g_hash_table_unref (self->reserved);
  mer_rates_free (self->rates);
  g_clear_object (&self->store);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->write_lock);
  G_OBJECT_CLASS (mer_bulk_parent_class)->finalize (object);
}

static void
mer_bulk_class_init (MerBulkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_bulk_finalize;
}

static void
free_reply (gpointer data)
{
  mer_bulk_reply_clear (data);
  g_free (data);
}

static void
mer_bulk_init (MerBulk *self)
{
  g_mutex_init (&self->lock);
  self->rates = mer_rates_new ();
  self->reserved = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_mutex_init (&self->write_lock);
  self->servers = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_bulk_server_free);
  self->spools = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) mer_bulk_spool_free);
  self->written = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->asks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->settled = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_reply);
}

/**
 * mer_bulk_new:
 * @store: a store open for writing
 * @error: return location for an error
 *
 * Removes what a killed process left half-written beside the store.
 *
 * Returns: (transfer full) (nullable): what gathers calls for it
 */
MerBulk *
mer_bulk_new (MerStore *store, GError **error)
{
  MerBulk *self = NULL;

  if (!mer_store_bulk_tidy (store, error)
      || !mer_bulk_spool_remove_leftovers (store, error))
    return NULL;
  self = g_object_new (MER_TYPE_BULK, NULL);
  self->store = g_object_ref (store);
  return self;
}

MerStore *
mer_bulk_get_store (MerBulk *self)
{
  return self->store;
}

/**
 * mer_bulk_dup_path:
 * @self: a bulk
 * @file: name of a shard's file
 *
 * Returns: (transfer full): where it lies: beside the store
 */
char *
mer_bulk_dup_path (MerBulk *self, const char *file)
{
  g_autofree char *folder = g_path_get_dirname (mer_store_get_path (self->store));

  return g_build_filename (folder, file, NULL);
}

/* what was written before and not closed is of no use */
void
mer_bulk_begin_round (MerBulk *self)
{
  g_mutex_lock (&self->write_lock);
  g_hash_table_remove_all (self->spools);
  g_mutex_unlock (&self->write_lock);
  g_mutex_lock (&self->lock);
  self->n_awaited = 0;
  self->n_asked = 0;
  g_hash_table_remove_all (self->written);
  g_mutex_unlock (&self->lock);
}

/**
 * mer_bulk_end_round:
 * @self: a bulk
 * @error: return location for an error
 *
 * Closes the files of this round: from now on the store knows them. Takes out of the store
 * what the round has brought into the journal.
 *
 * Returns: whether all is on disk
 */
gboolean
mer_bulk_end_round (MerBulk *self, GError **error)
{
  GHashTableIter iter;
  gpointer spool = NULL;
  gboolean well = TRUE;

  g_mutex_lock (&self->write_lock);
  g_hash_table_iter_init (&iter, self->spools);
  while (well && g_hash_table_iter_next (&iter, NULL, &spool))
    well = mer_bulk_spool_close (spool, error);
  g_hash_table_remove_all (self->spools);
  g_mutex_unlock (&self->write_lock);
  g_mutex_lock (&self->lock);
  g_hash_table_remove_all (self->written);
  g_mutex_unlock (&self->lock);
  return well && mer_store_bulk_tidy (self->store, error);
}

/**
 * mer_bulk_get_n_awaited:
 * @self: a bulk
 *
 * Returns: calls of this round whose answers are awaited
 */
guint64
mer_bulk_get_n_awaited (MerBulk *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_awaited;
}

/**
 * mer_bulk_get_n_asked:
 * @self: a bulk
 *
 * Returns: of those, how many were written in this round
 */
guint64
mer_bulk_get_n_asked (MerBulk *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_asked;
}

void
mer_bulk_count_awaited (MerBulk *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->n_awaited++;
}

static gboolean
look_up_here (MerBulk *self, const char *key, MerBulkCallState *state, MerBulkReply *reply)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const MerBulkReply *settled = g_hash_table_lookup (self->settled, key);

  if (settled != NULL)
    {
      *reply = (MerBulkReply){ .key = g_strdup (settled->key),
                               .status = settled->status,
                               .body = g_bytes_ref (settled->body) };
      *state = MER_BULK_CALL_SETTLED;
    }
  else if (g_hash_table_contains (self->written, key))
    *state = MER_BULK_CALL_AWAITED;
  return *state != MER_BULK_CALL_NEW;
}

gboolean
mer_bulk_look_up (MerBulk *self, const char *key, MerBulkCallState *state,
                  MerBulkReply *reply, GError **error)
{
  gboolean awaited = FALSE, replied = FALSE;

  *state = MER_BULK_CALL_NEW;
  if (look_up_here (self, key, state, reply))
    return TRUE;
  if (!mer_store_bulk_lookup_reply (self->store, key, reply, &replied, error)
      || (!replied && !mer_store_bulk_is_awaited (self->store, key, &awaited, error)))
    return FALSE;
  if (replied)
    *state = MER_BULK_CALL_REPLIED;
  else if (awaited)
    *state = MER_BULK_CALL_AWAITED;
  return TRUE;
}

/**
 * mer_bulk_needs_media:
 * @self: a bulk
 * @key: of a call
 *
 * Returns: whether the call will be written, so that its media have to be there
 */
gboolean
mer_bulk_needs_media (MerBulk *self, const char *key)
{
  g_auto (MerBulkReply) reply = { 0 };
  MerBulkCallState state = MER_BULK_CALL_NEW;

  if (!mer_bulk_look_up (self, key, &state, &reply, NULL))
    return TRUE;
  /* what was refused may be asked in another way */
  return state == MER_BULK_CALL_NEW
         || (state == MER_BULK_CALL_REPLIED && reply.status / 100 != 2);
}

void
mer_bulk_settle (MerBulk *self, const MerBulkReply *reply)
{
  MerBulkReply *copy = g_new0 (MerBulkReply, 1);

  copy->key = g_strdup (reply->key);
  copy->status = reply->status;
  copy->body = g_bytes_ref (reply->body);
  mer_store_bulk_drop_reply (self->store, reply->key);
  g_mutex_lock (&self->lock);
  g_hash_table_replace (self->settled, copy->key, copy);
  g_mutex_unlock (&self->lock);
}

void
mer_bulk_drop (MerBulk *self, const char *key)
{
  mer_store_bulk_drop_reply (self->store, key);
}

static MerBulkSpool *
get_spool (MerBulk *self, const MerBulkServer *server, const char *path, const char *model)
{
  g_autofree char *name = g_strdup_printf ("%s\n%s\n%s", server->uri, path, model);
  MerBulkSpool *spool = g_hash_table_lookup (self->spools, name);

  if (spool == NULL)
    {
      spool = mer_bulk_spool_new (self->store, server, path, model);
      g_hash_table_insert (self->spools, g_steal_pointer (&name), spool);
    }
  return spool;
}

/* whether the call is to be written: not twice in a round, nor again and again */
static gboolean
count_ask (MerBulk *self, const char *key, gboolean *written)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint asks = GPOINTER_TO_UINT (g_hash_table_lookup (self->asks, key));

  *written = g_hash_table_contains (self->written, key);
  if (*written || asks >= MAX_ASKS)
    return FALSE;
  g_hash_table_replace (self->asks, g_strdup (key), GUINT_TO_POINTER (asks + 1));
  return TRUE;
}

/**
 * mer_bulk_forgive:
 * @self: a bulk
 * @key: of a call
 *
 * Takes back that the call was asked once: the server never looked at it.
 */
void
mer_bulk_forgive (MerBulk *self, const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint asks = GPOINTER_TO_UINT (g_hash_table_lookup (self->asks, key));

  if (asks > 0)
    g_hash_table_replace (self->asks, g_strdup (key), GUINT_TO_POINTER (asks - 1));
}

/* what a batch will cost counts against the process's budget when it is written: once it is
 * sent, it cannot be held back */
gboolean
mer_bulk_reserve (MerBulk *self, const char *key, const MerSpend *estimate, double *limit)
{
  MerSpend started;

  if (g_hash_table_contains (self->reserved, key))
    return TRUE;
  if (!mer_rates_may_spend (self->rates, estimate, limit))
    return FALSE;
  started = mer_rates_start (self->rates, estimate, g_get_monotonic_time ());
  g_hash_table_insert (self->reserved, g_strdup (key),
                       g_memdup2 (&started, sizeof started));
  return TRUE;
}

/* what an answer really cost; also one that an earlier process asked for */
void
mer_bulk_account (MerBulk *self, const char *key, const MerSpend *spent)
{
  const MerSpend none = { 0 };
  const MerSpend *started = g_hash_table_lookup (self->reserved, key);

  mer_rates_finish (self->rates, started != NULL ? started : &none, spent,
                    g_get_monotonic_time ());
  g_hash_table_remove (self->reserved, key);
}

/**
 * mer_bulk_asks_anybody:
 * @self: a bulk
 *
 * Returns: whether any element so far asks a server that takes batches
 */
gboolean
mer_bulk_asks_anybody (MerBulk *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->servers->len > 0;
}

gboolean
mer_bulk_ask (MerBulk *self, const MerBulkServer *server, const char *path,
              const char *model, const char *key, MerPayload *payload, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->write_lock);
  gboolean written = FALSE;

  if (!count_ask (self, key, &written))
    return written;
  if (!mer_bulk_spool_add (get_spool (self, server, path, model), key, payload, error))
    return FALSE;
  g_mutex_lock (&self->lock);
  g_hash_table_add (self->written, g_strdup (key));
  self->n_asked++;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static gboolean
is_server_of (const MerBulkServer *server, const char *protocol, const char *uri)
{
  return g_str_equal (server->protocol, protocol) && g_str_equal (server->uri, uri);
}

static MerBulkServer *
server_copy (const MerBulkServer *self)
{
  MerBulkServer *copy = g_memdup2 (self, sizeof *self);

  copy->protocol = g_strdup (self->protocol);
  copy->uri = g_strdup (self->uri);
  copy->key_variable = g_strdup (self->key_variable);
  copy->key_header = g_strdup (self->key_header);
  copy->key_prefix = g_strdup (self->key_prefix);
  copy->key = g_strdup (self->key);
  copy->headers = g_strdupv (self->headers);
  return copy;
}

/* elements come and go with every round, what they said of a server stays */
void
mer_bulk_add_server (MerBulk *self, const MerBulkServer *server)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  for (guint i = 0; i < self->servers->len; i++)
    {
      MerBulkServer *known = g_ptr_array_index (self->servers, i);

      if (is_server_of (known, server->protocol, server->uri)
          && g_strcmp0 (known->key_variable, server->key_variable) == 0)
        return;
    }
  g_ptr_array_add (self->servers, server_copy (server));
}

/**
 * mer_bulk_find_server:
 * @self: a bulk
 * @shard: a shard of its store
 *
 * Returns: (transfer full) (nullable): the server that the shard names, where an element
 *   of this process asks that one with that key
 */
MerBulkServer *
mer_bulk_find_server (MerBulk *self, const MerBulkShard *shard)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  for (guint i = 0; i < self->servers->len; i++)
    {
      MerBulkServer *server = g_ptr_array_index (self->servers, i);

      if (is_server_of (server, shard->protocol, shard->uri)
          && g_strcmp0 (server->key_variable, shard->key_variable) == 0)
        return server_copy (server);
    }
  return NULL;
}

/**
 * mer_bulk_context_new:
 * @self: a bulk
 *
 * Returns: (transfer full): a persistent context that brings @self to elements
 */
GstContext *
mer_bulk_context_new (MerBulk *self)
{
  GstContext *context = gst_context_new (MER_BULK_CONTEXT, TRUE);

  gst_structure_set (gst_context_writable_structure (context), "bulk", MER_TYPE_BULK, self,
                     NULL);
  return context;
}

/**
 * mer_bulk_from_context:
 * @context: a context of any type
 *
 * Returns: (transfer full) (nullable): the bulk that it brings
 */
MerBulk *
mer_bulk_from_context (GstContext *context)
{
  MerBulk *bulk = NULL;

  if (gst_context_has_context_type (context, MER_BULK_CONTEXT))
    gst_structure_get (gst_context_get_structure (context), "bulk", MER_TYPE_BULK, &bulk,
                       NULL);
  return bulk;
}

/**
 * mer_bulk_new_awaited:
 * @stage: the stage's name
 * @kind: its kind
 * @detail: what is awaited
 *
 * Returns: (transfer full): a result that says so
 */
MerResult *
mer_bulk_new_awaited (const char *stage, const char *kind, const char *detail)
{
  MerResult *result
      = mer_result_new_failed (stage, kind, MER_OUTCOME_SKIPPED, "%s", detail);
  JsonNode *data = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "awaited", TRUE);
  json_node_take_object (data, object);
  mer_result_take_data (result, data);
  return result;
}

/**
 * mer_bulk_is_awaited:
 * @result: what a stage said
 *
 * Returns: whether its answer is awaited, so that what reads it has to wait too
 */
gboolean
mer_bulk_is_awaited (MerResult *result)
{
  return mer_result_get_outcome (result) == MER_OUTCOME_SKIPPED
         && mer_json_node_boolean (mer_result_get_data (result), "awaited", FALSE);
}
