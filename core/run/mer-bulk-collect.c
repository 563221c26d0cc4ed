/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a batch brought: files of lines that a server wrote, in any order, maybe broken off
 */
#include "run/mer-bulk-collect.h"

#include <glib/gstdio.h>
#include <string.h>

#include "mer-error.h"
#include "net/mer-key.h"
#include "net/mer-lines.h"
#include "tables/mer-json.h"

#define N_PARTS 2u
#define MAX_LINE ((gsize) 32 * 1024 * 1024)
/* a file that ends within a line is fetched again before it is believed */
#define MAX_FETCHES 3u

typedef struct
{
  const MerBulkApi *api;
  const char *key;
  char *paths[N_PARTS];
  gboolean there[N_PARTS];
  guint part;
  MerLines *lines;
  guint64 bad;
} Source;

static void
source_clear (Source *self)
{
  g_clear_pointer (&self->lines, mer_lines_free);
  for (guint i = 0; i < N_PARTS; i++)
    {
      if (self->paths[i] != NULL)
        g_unlink (self->paths[i]);
      g_clear_pointer (&self->paths[i], g_free);
    }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Source, source_clear)

static gboolean
is_blank (const char *line, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isspace (line[i]))
      return FALSE;
  return TRUE;
}

/* libsoup tells of no truncation before 3.6.5, but half a line is no JSON */
static gboolean
ends_whole (const char *path)
{
  g_autoptr (MerLines) lines = mer_lines_open (path, MAX_LINE, NULL);
  g_autoptr (GString) last = g_string_new (NULL);
  g_autoptr (JsonNode) root = NULL;
  const char *line = NULL;
  gsize length = 0;
  gboolean too_long = FALSE;

  while (lines != NULL && mer_lines_next (lines, &line, &length, &too_long, NULL))
    if (!is_blank (line, length))
      {
        g_string_truncate (last, 0);
        g_string_append_len (last, line, (gssize) length);
      }
  if (lines == NULL || last->len == 0)
    return lines != NULL;
  root = mer_reply_parse_text (last->str, last->len, NULL);
  return root != NULL;
}

static gboolean
fetch_part (Source *self, MerBulkStep *step, guint part, GError **error)
{
  for (guint i = 0; i < MAX_FETCHES; i++)
    {
      if (!self->api->fetch (step, part, self->paths[part], &self->there[part], error))
        return FALSE;
      if (!self->there[part] || ends_whole (self->paths[part]))
        return TRUE;
    }
  return TRUE;
}

static gboolean
open_next_part (Source *self, GError **error)
{
  g_clear_pointer (&self->lines, mer_lines_free);
  while (self->part < N_PARTS && !self->there[self->part])
    self->part++;
  if (self->part == N_PARTS)
    return FALSE;
  self->lines = mer_lines_open (self->paths[self->part++], MAX_LINE, error);
  return self->lines != NULL;
}

/* TRUE where the line gave a reply */
static gboolean
read_line (Source *self, const char *line, gsize length, MerBulkReply *reply)
{
  g_autoptr (JsonNode) root = mer_reply_parse_text (line, length, NULL);
  MerBulkLine kind = root != NULL ? self->api->read_line (root, reply) : MER_BULK_LINE_BAD;

  if (kind == MER_BULK_LINE_REPLY && reply->key != NULL && reply->body != NULL)
    {
      reply->body = mer_key_blot_out (reply->body, self->key);
      return TRUE;
    }
  self->bad += kind == MER_BULK_LINE_BAD;
  mer_bulk_reply_clear (reply);
  return FALSE;
}

static gboolean
next_reply (MerBulkReply *reply, gpointer user_data, GError **error)
{
  Source *self = user_data;
  const char *line = NULL;
  gsize length = 0;
  gboolean too_long = FALSE;
  GError *local = NULL;

  for (;;)
    {
      if (self->lines == NULL && !open_next_part (self, error))
        return FALSE;
      if (!mer_lines_next (self->lines, &line, &length, &too_long, &local))
        {
          g_clear_pointer (&self->lines, mer_lines_free);
          if (local == NULL)
            continue;
          g_propagate_error (error, local);
          return FALSE;
        }
      if (is_blank (line, length))
        continue;
      if (read_line (self, line, length, reply))
        return TRUE;
    }
}

static void
tell (const MerBulkShard *shard, const MerBulkTally *tally, guint64 bad, MerBulkNote note,
      gpointer data)
{
  const struct
  {
    guint64 count;
    const char *what;
  } all[] = {
    { tally->missing, "calls not answered" },
    { tally->unknown, "replies to calls that are not in it" },
    { tally->twice, "second replies" },
    { bad, "lines that are no replies" },
  };
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i].count > 0)
      g_string_append_printf (text, "%s%s: %" G_GUINT64_FORMAT, text->len > 0 ? ", " : "",
                              all[i].what, all[i].count);
  if (text->len == 0)
    return;
  g_string_prepend (text, ": ");
  g_string_prepend (text, shard->remote_batch != NULL ? shard->remote_batch : "?");
  g_string_prepend (text, "batch ");
  note (data, text->str);
}

/**
 * mer_bulk_collect_results:
 * @bulk: whose store it goes to
 * @server: where the batch is
 * @step: the step, whose shard stands in its last state
 * @note: told what was odd
 * @data: for @note
 * @error: return location for an error; then the shard stays as it was
 *
 * Returns: whether all that came is in the store
 */
gboolean
mer_bulk_collect_results (MerBulk *bulk, const MerBulkServer *server, MerBulkStep *step,
                          MerBulkNote note, gpointer data, GError **error)
{
  g_auto (Source) source = { .api = server->api, .key = server->key };
  MerBulkTally tally = { 0 };

  for (guint i = 0; i < N_PARTS; i++)
    {
      g_autofree char *path = mer_bulk_dup_path (bulk, step->shard->file);

      source.paths[i] = g_strdup_printf ("%s.results-%u", path, i);
      if (!fetch_part (&source, step, i, error))
        return FALSE;
    }
  if (!mer_store_bulk_collect (mer_bulk_get_store (bulk), step->shard, next_reply, &source,
                               &tally, error))
    return FALSE;
  tell (step->shard, &tally, source.bad, note, data);
  return TRUE;
}

typedef struct
{
  GPtrArray *keys;
  GPtrArray *refusals;
  guint at;
} Refused;

/* what stands for one line, else what stands for all */
static const MerBulkRefusal *
find_refusal (GPtrArray *refusals, guint64 line)
{
  const MerBulkRefusal *general = NULL;

  for (guint i = 0; i < refusals->len; i++)
    {
      const MerBulkRefusal *refusal = g_ptr_array_index (refusals, i);

      if (refusal->line == line)
        return refusal;
      if (refusal->line == 0)
        general = refusal;
    }
  return general;
}

static JsonNode *
refusal_to_json (const MerBulkRefusal *refusal)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "message", refusal->message);
  json_object_set_string_member (object, "type", "batch_refused");
  if (refusal->code != NULL)
    json_object_set_string_member (object, "code", refusal->code);
  if (refusal->param != NULL)
    json_object_set_string_member (object, "param", refusal->param);
  json_node_take_object (node, object);
  return node;
}

static gboolean
next_refused (MerBulkReply *reply, gpointer user_data, GError **error)
{
  Refused *self = user_data;

  while (self->at < self->keys->len)
    {
      const char *key = g_ptr_array_index (self->keys, self->at++);
      const MerBulkRefusal *refusal = find_refusal (self->refusals, self->at);

      if (refusal == NULL)
        continue;

      g_autoptr (JsonNode) node = refusal_to_json (refusal);
      reply->key = g_strdup (key);
      mer_bulk_reply_take_error (reply, 400, node);
      return TRUE;
    }
  return FALSE;
}

/**
 * mer_bulk_collect_refusals:
 * @bulk: whose store it goes to
 * @step: the step with its refusals, whose shard stands in its last state
 * @error: return location for an error
 *
 * Tells the calls of a batch that was refused so, each with what the server said of it.
 * Those of which it said nothing are asked again.
 *
 * Returns: whether it is in the store
 */
gboolean
mer_bulk_collect_refusals (MerBulk *bulk, MerBulkStep *step, GError **error)
{
  MerStore *store = mer_bulk_get_store (bulk);
  g_autoptr (GPtrArray) keys
      = mer_store_bulk_list_calls (store, step->shard->number, error);
  Refused source = { keys, step->refusals, 0 };
  MerBulkTally tally = { 0 };

  return keys != NULL
         && mer_store_bulk_collect (store, step->shard, next_refused, &source, &tally,
                                    error);
}
