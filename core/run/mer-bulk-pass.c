/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a shard's steps: what is about to be done at the server is written down before, what it
 * said after */
#include "run/mer-bulk-pass.h"

#include <glib/gstdio.h>

#include "mer-error.h"

static gboolean
save (MerBulkPass *self, MerBulkState state, GError **error)
{
  self->shard->state = state;
  if (mer_store_bulk_update (mer_bulk_get_store (self->bulk), self->shard, error))
    return TRUE;
  self->local = TRUE;
  return FALSE;
}

static void
remove_file (MerBulkPass *self)
{
  g_autofree char *path = mer_bulk_dup_path (self->bulk, self->shard->file);

  g_unlink (path);
}

/* nobody waits for it any more; nor does it lie anywhere any more */
static void
clear_away (MerBulkPass *self)
{
  remove_file (self);
  if (self->server->api->clean_up != NULL)
    self->server->api->clean_up (&self->step);
}

static gboolean
close_shard (MerBulkPass *self, MerBulkState state, const char *why, GError **error)
{
  self->shard->ended = g_get_real_time ();
  mer_bulk_shard_set (&self->shard->why, why);
  if (!save (self, state, error))
    return FALSE;
  clear_away (self);
  return TRUE;
}

static const char *
first_reason (MerBulkPass *self)
{
  const MerBulkRefusal *first
      = self->step.refusals->len > 0 ? g_ptr_array_index (self->step.refusals, 0) : NULL;

  return first != NULL ? first->message : "no reason is given";
}

static gboolean
fail_shard (MerBulkPass *self, GError **error)
{
  g_autofree char *note = NULL;

  self->shard->ended = g_get_real_time ();
  self->shard->state = MER_BULK_FAILED;
  mer_bulk_shard_set (&self->shard->why, first_reason (self));
  if (!mer_bulk_collect_refusals (self->bulk, &self->step, error))
    {
      self->local = TRUE;
      return FALSE;
    }
  note = g_strdup_printf ("%s refused a batch of %" G_GINT64_FORMAT " calls: %s",
                          self->shard->uri, self->shard->n_calls, first_reason (self));
  self->note (self->note_data, note);
  clear_away (self);
  return TRUE;
}

static gboolean
others_wait (MerBulkPass *self)
{
  for (guint i = 0; i < self->shards->len; i++)
    {
      const MerBulkShard *other = g_ptr_array_index (self->shards, i);

      if (other->number != self->shard->number
          && (other->state == MER_BULK_WAITING || other->state == MER_BULK_ENDED)
          && g_str_equal (other->uri, self->shard->uri)
          && g_str_equal (other->model, self->shard->model))
        return TRUE;
    }
  return FALSE;
}

/* that it was asked in too large a company is not the call's fault */
static gboolean
forgive (MerBulkPass *self, GError **error)
{
  g_autoptr (GPtrArray) keys = mer_store_bulk_list_calls (mer_bulk_get_store (self->bulk),
                                                          self->shard->number, error);

  for (guint i = 0; keys != NULL && i < keys->len; i++)
    mer_bulk_forgive (self->bulk, g_ptr_array_index (keys, i));
  self->local = keys == NULL;
  return keys != NULL;
}

/* the server holds only so many tokens for us: one batch after the other, and where one
 * alone is too much, smaller ones */
static gboolean
send_later (MerBulkPass *self, GError **error)
{
  MerBulkShard *shard = self->shard;

  if (others_wait (self))
    {
      mer_bulk_shard_set (&shard->remote_batch, NULL);
      mer_bulk_shard_set (&shard->why, first_reason (self));
      return save (self, shard->remote_file != NULL ? MER_BULK_UPLOADED : MER_BULK_READY,
                   error);
    }
  if (shard->n_calls <= 1)
    return fail_shard (self, error);

  g_autofree char *note = g_strdup_printf ("%s takes no batch of %" G_GINT64_FORMAT
                                           " calls, smaller ones are made: %s",
                                           shard->uri, shard->n_calls, first_reason (self));
  self->note (self->note_data, note);
  if (!forgive (self, error))
    return FALSE;
  return close_shard (self, MER_BULK_TOO_LARGE, first_reason (self), error);
}

/* TRUE: the verdict was seen to, and ends the pass */
static gboolean
obey_verdict (MerBulkPass *self, gboolean *well, GError **error)
{
  switch (self->step.verdict)
    {
    case MER_BULK_LATER:
      *well = send_later (self, error);
      return TRUE;
    case MER_BULK_REFUSED:
      *well = fail_shard (self, error);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
refuse_api (MerBulkPass *self, GError **error)
{
  self->step.fatal = TRUE;
  g_set_error (
      error, MER_ERROR, MER_ERROR_UNSUPPORTED,
      "%s knows nothing of batches (HTTP status 404); set bulk=never on the stages "
      "that ask it, and they are asked at once",
      self->shard->uri);
  return FALSE;
}

static gboolean
has_file (MerBulkPass *self)
{
  GStatBuf info;

  return g_stat (self->step.file, &info) == 0 && info.st_size == self->shard->bytes;
}

static gboolean
send_file (MerBulkPass *self, GError **error)
{
  const MerBulkApi *api = self->server->api;
  MerBulkShard *shard = self->shard;

  if (!has_file (self))
    return close_shard (self, MER_BULK_LOST, "its file is gone", error);
  if (api->upload == NULL)
    return save (self, MER_BULK_UPLOADED, error);
  if (shard->state == MER_BULK_UPLOADING && api->find_file != NULL
      && !api->find_file (&self->step, error))
    return FALSE;
  if (shard->remote_file != NULL)
    return save (self, MER_BULK_UPLOADED, error);
  if (!save (self, MER_BULK_UPLOADING, error) || !api->upload (&self->step, error))
    return FALSE;
  if (self->step.verdict == MER_BULK_GONE)
    return refuse_api (self, error);
  return shard->remote_file == NULL || save (self, MER_BULK_UPLOADED, error);
}

static gboolean
order (MerBulkPass *self, GError **error)
{
  self->shard->submitted = g_get_real_time ();
  mer_bulk_shard_set (&self->shard->why, NULL);
  if (!save (self, MER_BULK_SUBMITTING, error)
      || !self->server->api->create (&self->step, error))
    return FALSE;
  if (self->step.verdict == MER_BULK_GONE)
    return refuse_api (self, error);
  return self->shard->remote_batch == NULL || save (self, MER_BULK_WAITING, error);
}

/* an earlier process, or an earlier try, may have got through */
static gboolean
look_for_order (MerBulkPass *self, GError **error)
{
  if (!self->server->api->find (&self->step, error))
    return FALSE;
  return save (self,
               self->shard->remote_batch != NULL ? MER_BULK_WAITING : MER_BULK_UPLOADED,
               error);
}

static gboolean
look (MerBulkPass *self, GError **error)
{
  if (!self->server->api->poll (&self->step, error))
    return FALSE;
  if (self->step.verdict == MER_BULK_GONE)
    {
      self->note (self->note_data,
                  "a server knows a batch no more; its calls are asked again");
      return close_shard (self, MER_BULK_LOST, "the server knows it no more", error);
    }
  if (self->step.cancelled)
    {
      self->cancelled = TRUE;
      mer_bulk_shard_set (&self->shard->why, "it was cancelled");
    }
  return save (self, self->step.ended ? MER_BULK_ENDED : MER_BULK_WAITING, error);
}

static gboolean
collect (MerBulkPass *self, GError **error)
{
  self->shard->ended = g_get_real_time ();
  self->shard->state = MER_BULK_DONE;
  if (!mer_bulk_collect_results (self->bulk, self->server, &self->step, self->note,
                                 self->note_data, error))
    {
      self->shard->state = MER_BULK_ENDED;
      return FALSE;
    }
  clear_away (self);
  return TRUE;
}

static gboolean
do_step (MerBulkPass *self, GError **error)
{
  switch (self->shard->state)
    {
    case MER_BULK_READY:
    case MER_BULK_UPLOADING:
      return send_file (self, error);
    case MER_BULK_UPLOADED:
      return order (self, error);
    case MER_BULK_SUBMITTING:
      return look_for_order (self, error);
    case MER_BULK_WAITING:
      return look (self, error);
    case MER_BULK_ENDED:
      return collect (self, error);
    default:
      return TRUE;
    }
}

static void
begin_step (MerBulkPass *self)
{
  self->step.verdict = MER_BULK_FINE;
  self->step.ended = FALSE;
  self->step.cancelled = FALSE;
  self->step.fatal = FALSE;
  g_ptr_array_set_size (self->step.refusals, 0);
}

/* as many steps as can be done without waiting */
gboolean
mer_bulk_pass_advance (MerBulkPass *self, GError **error)
{
  for (;;)
    {
      const MerBulkState before = self->shard->state;
      gboolean well = TRUE;

      begin_step (self);
      well = do_step (self, error);
      if (!well || obey_verdict (self, &well, error))
        return well;
      if (!MER_BULK_STATE_IS_OPEN (self->shard->state) || self->shard->state == before)
        return TRUE;
    }
}

gboolean
mer_bulk_pass_cancel (MerBulkPass *self, GError **error)
{
  const MerBulkApi *api = self->server->api;

  begin_step (self);
  if (self->shard->remote_batch == NULL)
    return close_shard (self, MER_BULK_DROPPED, "it was cancelled before it was sent",
                        error);
  return api->cancel == NULL || api->cancel (&self->step, error);
}
