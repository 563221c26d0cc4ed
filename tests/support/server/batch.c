/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "batch.h"

static GMutex lock;
static GPtrArray *batches;

Batch *
batch_new (const char *prefix)
{
  Batch *self = g_new0 (Batch, 1);

  self->id = store_make_id (prefix);
  self->fault = orders_take ("batch");
  self->items = g_ptr_array_new ();
  self->polls = settings.batch_polls;
  self->results = g_string_new (NULL);
  g_mutex_lock (&lock);
  if (batches == NULL)
    batches = g_ptr_array_new ();
  g_ptr_array_insert (batches, 0, self);
  g_mutex_unlock (&lock);
  return self;
}

void
batch_add (Batch *self, const char *id, JsonNode *body)
{
  BatchItem *item = g_new0 (BatchItem, 1);

  *item = (BatchItem){ .id = g_strdup (id), .body = json_node_copy (body) };
  g_ptr_array_add (self->items, item);
}

gboolean
batch_has (Batch *self, const char *id)
{
  for (guint i = 0; i < self->items->len; i++)
    if (g_str_equal (((BatchItem *) g_ptr_array_index (self->items, i))->id, id))
      return TRUE;
  return FALSE;
}

Batch *
batch_find (const char *id)
{
  Batch *found = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; batches != NULL && found == NULL && i < batches->len; i++)
    if (g_str_equal (((Batch *) g_ptr_array_index (batches, i))->id, id))
      found = g_ptr_array_index (batches, i);
  g_mutex_unlock (&lock);
  return found;
}

char *
batch_list (char *(*describe) (const Batch *) )
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_mutex_lock (&lock);
  for (guint i = 0; batches != NULL && i < batches->len; i++)
    {
      g_autofree char *one = describe (g_ptr_array_index (batches, i));

      g_string_append_printf (out, "%s%s", i > 0 ? "," : "", one);
    }
  g_mutex_unlock (&lock);
  return g_strdup (out->str);
}

gboolean
batch_is_fault (const Batch *self, const char *name)
{
  return g_strcmp0 (self->fault, name) == 0;
}

/* half of an expired or cancelled batch was answered before */
static Fate
get_fate (const Batch *self, guint i)
{
  guint n = self->items->len;

  if (i >= n / 2 && batch_is_fault (self, "batch-expired"))
    return FATE_EXPIRED;
  if (i >= n / 2 && (self->cancelling || batch_is_fault (self, "batch-cancelled")))
    return FATE_CANCELLED;
  if (i % 3 == (n > 1) && batch_is_fault (self, "batch-errors"))
    return FATE_ERRED;
  return FATE_ANSWERED;
}

/* what a server says to it that is asked this alone */
static void
answer_item (const Protocol *call, const char *path, const BatchItem *item, Fate fate,
             Reply *reply)
{
  g_autofree char *text = to_text (item->body);
  Request request
      = { .method = g_strdup ("POST"),
          .path = g_strdup (path),
          .headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
          .body = g_byte_array_new () };
  Exchange x = { 0 };

  g_hash_table_insert (request.headers, g_strdup ("content-type"),
                       g_strdup ("application/json"));
  g_hash_table_insert (request.headers, g_strdup ("anthropic-version"),
                       g_strdup ("2023-06-01"));
  g_byte_array_append (request.body, (guint8 *) text, (guint) strlen (text));
  exchange_init (&x, call, NULL, &request);
  x.fault = fate == FATE_ERRED ? "500" : orders_take ("call");
  serve_evaluate (&x, call->check (&x), reply);
  exchange_clear (&x);
  http_request_clear (&request);
}

static void
write_item (Batch *self, guint i, const Protocol *call, const char *path, BatchWriter write,
            gpointer data)
{
  const BatchItem *item = g_ptr_array_index (self->items, i);
  Fate fate = get_fate (self, i);
  Reply reply = { 0 };

  if (fate == FATE_ANSWERED || fate == FATE_ERRED)
    answer_item (call, path, item, fate, &reply);
  if (fate == FATE_ANSWERED && reply.status != 200)
    fate = FATE_ERRED;
  self->counts[fate]++;
  write (self, item, fate, &reply, data);
  reply_clear (&reply);
}

void
batch_finish (Batch *self, const Protocol *call, const char *path, BatchWriter write,
              gpointer data)
{
  guint n = self->items->len;
  gboolean shuffled = batch_is_fault (self, "batch-shuffled");

  self->done = TRUE;
  for (guint i = 0; i < n; i++)
    {
      /* odd ones first, from the end */
      guint at = !shuffled ? i : i < n / 2 ? 2 * (n / 2 - 1 - i) + 1 : 2 * (n - 1 - i);

      if (batch_is_fault (self, "batch-missing") && at == n / 2)
        continue;
      write_item (self, at, call, path, write, data);
      if (batch_is_fault (self, "batch-twice") && at == 0)
        write_item (self, at, call, path, write, data);
    }
}

void
batch_spoil (const Batch *self, GString *text)
{
  if (batch_is_fault (self, "batch-half-line") && text->len > 30)
    g_string_truncate (text, text->len - 30);
}
