/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* one program of a pool: how it starts, what it says, how it ends */
#include "child/mer-child-private.h"

#include <gst/gst.h>

#include "mer-error.h"
#include "net/mer-payload.h"
#include "tables/mer-json.h"

GST_DEBUG_CATEGORY_EXTERN (mer_child_debug);
#define GST_CAT_DEFAULT mer_child_debug

#define PROTOCOL_VERSION 1
#define MAX_CONCURRENCY 256
/* what a program may write without answering anything: each line counts for as much as it
 * takes to look at it */
#define MAX_NOISE (16u * 1024 * 1024)
#define LINE_COST 256u

static void
slot_clear_timer (MerChildSlot *slot)
{
  if (slot->start_timer != NULL)
    g_source_destroy (slot->start_timer);
  g_clear_pointer (&slot->start_timer, g_source_unref);
}

void
mer_child_slot_free (MerChildSlot *slot)
{
  slot_clear_timer (slot);
  g_clear_object (&slot->child);
  g_hash_table_unref (slot->runs);
  mer_child_settings_unref (slot->settings);
  g_free (slot->address);
  g_free (slot);
}

/* the slot's reference is the caller's then */
MerChildRun *
mer_child_slot_take_run (MerChildSlot *slot, const char *id)
{
  g_autofree char *key = NULL;
  MerChildRun *run = NULL;

  if (!g_hash_table_steal_extended (slot->runs, id, (gpointer *) &key, (gpointer *) &run))
    return NULL;
  mer_child_run_set_timer (run, 0, NULL);
  mer_child_run_remove_files (run);
  run->slot = NULL;
  if (g_hash_table_size (slot->runs) == 0)
    slot->alone = FALSE;
  return run;
}

static MerChildRun *
slot_take_any_run (MerChildSlot *slot)
{
  GHashTableIter iter;
  gpointer id = NULL;

  g_hash_table_iter_init (&iter, slot->runs);
  return g_hash_table_iter_next (&iter, &id, NULL) ? mer_child_slot_take_run (slot, id)
                                                   : NULL;
}

/* ends a program that is not at fault for more than @reason; what it worked on besides goes
 * to another, as if it had not been asked yet */
void
mer_child_slot_doom (MerChildSlot *slot, const char *reason)
{
  MerChildRun *run;

  slot->doomed = TRUE;
  slot_clear_timer (slot);
  while ((run = slot_take_any_run (slot)) != NULL)
    {
      if (run->task != NULL)
        {
          run->call->attempts--;
          mer_child_pool_queue (slot->pool, run, TRUE);
        }
      mer_child_run_unref (run);
    }
  mer_child_end (slot->child, reason);
}

static GError *
describe_death (MerChildSlot *slot, const char *reason)
{
  g_autofree char *words = mer_child_dup_last_words (slot->child);

  return g_error_new (G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED, "%s: it %s%s%s", slot->address,
                      reason, words != NULL ? "; its last words: " : "",
                      words != NULL ? words : "");
}

static void
on_dead (const char *reason, gpointer data)
{
  MerChildSlot *slot = data;
  MerChildPool *self = slot->pool;
  GError *error = describe_death (slot, reason);
  MerChildRun *run;

  GST_INFO ("%s", error->message);
  if (!slot->doomed)
    mer_child_pool_count_death (self, slot->ready, error);
  while ((run = slot_take_any_run (slot)) != NULL)
    {
      if (run->task != NULL)
        mer_child_run_take_failure (run, g_error_copy (error));
      mer_child_run_unref (run);
    }
  g_error_free (error);
  mer_child_pool_remove_slot (self, slot);
}

/* what it says of itself */

static gboolean
read_hello (MerChildSlot *slot, JsonNode *root, GError **error)
{
  double version = mer_json_node_number (root, "mer-exec", 0);
  double concurrency = mer_json_node_number (root, "concurrency", 1);
  const char *media = mer_json_node_string (root, "media");

  if (version != PROTOCOL_VERSION)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED,
                   "%s: it speaks version %g of mer-exec, and this is version %d",
                   slot->address, version, PROTOCOL_VERSION);
      return FALSE;
    }
  slot->as_files = media == NULL || g_str_equal (media, "files");
  if (!slot->as_files && !g_str_equal (media, "base64"))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED,
                   "%s: it wants its media as “%.100s”; there are “files” and “base64”",
                   slot->address, media);
      return FALSE;
    }
  slot->concurrency = (guint) CLAMP (concurrency, 1, MAX_CONCURRENCY);
  if (slot->settings->concurrency > 0)
    slot->concurrency = MIN (slot->concurrency, slot->settings->concurrency);
  return TRUE;
}

static void
introduce (MerChildSlot *slot, JsonNode *root, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;

  if (!read_hello (slot, root, &error))
    {
      mer_child_slot_doom (slot, "was refused");
      mer_child_pool_fail_all (slot->pool, error);
      return;
    }
  GST_INFO ("%s: ready: %.*s", slot->address, (int) MIN (length, 1000), text);
  slot_clear_timer (slot);
  slot->ready = TRUE;
  slot->noise = 0;
  mer_child_pool_take_hello (slot->pool, text, length);
}

/* its answers */

/* TRUE: it was an answer to something */
static gboolean
take_answer (MerChildSlot *slot, JsonNode *root, const char *text, gsize length)
{
  static const char *const members[]
      = { "text", "labels", "error", "outcome", "reasoning" };
  const char *id = mer_json_node_string (root, "id");
  gboolean is_answer = FALSE;
  MerChildRun *run;

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    is_answer |= mer_json_node_member (root, members[i]) != NULL;
  if (id == NULL || !is_answer)
    return FALSE;
  run = mer_child_slot_take_run (slot, id);
  if (run == NULL)
    {
      GST_WARNING ("%s: an answer to “%.40s”, which is no question that waits for one",
                   slot->address, id);
      return FALSE;
    }
  slot->noise = 0;
  mer_child_pool_forget_deaths (slot->pool);
  if (run->task != NULL)
    {
      g_autoptr (MerReply) reply = mer_child_pool_make_reply (slot->pool, text, length);

      mer_child_run_take_reply (run, reply);
    }
  mer_child_run_unref (run);
  return TRUE;
}

static void
take_noise (MerChildSlot *slot, const char *text, gsize length)
{
  g_autofree char *start = g_utf8_make_valid (text, (gssize) MIN (length, 500));
  g_autofree char *line = mer_payload_clean_text (start);
  g_autofree char *clean = mer_child_settings_blot_out (slot->settings, line);

  GST_INFO ("%s: %s", slot->address, clean);
  slot->noise += length + LINE_COST;
  if (slot->noise > MAX_NOISE)
    mer_child_end (slot->child, "wrote 16 MiB to its output that answer nothing");
}

static void
on_line (const char *text, gsize length, gpointer data)
{
  MerChildSlot *slot = data;
  g_autoptr (JsonNode) root = NULL;

  if (slot->doomed || slot->noise > MAX_NOISE)
    return;
  /* most of what libraries print is found out here */
  if (text[0] == '{')
    root = mer_reply_parse_text (text, length, NULL);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    take_noise (slot, text, length);
  else if (!slot->ready && mer_json_node_member (root, "mer-exec") != NULL)
    introduce (slot, root, text, length);
  else if (!slot->ready || !take_answer (slot, root, text, length))
    take_noise (slot, text, length);
  else
    mer_child_pool_pump (slot->pool);
}

static const MerChildWatcher watcher = { on_line, on_dead };

static gboolean
on_start_timer (gpointer data)
{
  MerChildSlot *slot = data;
  g_autofree char *reason = g_strdup_printf (
      "did not introduce itself within %g s (patience)", slot->settings->patience);

  slot_clear_timer (slot);
  mer_child_end (slot->child, reason);
  return G_SOURCE_REMOVE;
}

MerChildSlot *
mer_child_slot_new (MerChildPool *pool, MerChildSettings *settings, const char *address,
                    GError **error)
{
  MerChildSlot *slot = g_new0 (MerChildSlot, 1);

  slot->pool = pool;
  slot->settings = mer_child_settings_ref (settings);
  slot->address = g_strdup (address);
  slot->runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  slot->child = mer_child_start (settings, &watcher, slot, error);
  if (slot->child == NULL)
    {
      mer_child_slot_free (slot);
      g_prefix_error (error, "%s: ", address);
      return NULL;
    }
  slot->start_timer = g_timeout_source_new ((guint) (settings->patience * 1000));
  g_source_set_callback (slot->start_timer, on_start_timer, slot, NULL);
  g_source_attach (slot->start_timer, g_main_context_get_thread_default ());
  return slot;
}
