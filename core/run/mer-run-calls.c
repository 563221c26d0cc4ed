/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/mer-run-calls.h"

#include "base/mer-io.h"
#include "net/mer-endpoint.h"
#include "tables/mer-json.h"

struct _MerRunCalls
{
  GMutex lock;
  GHashTable *adapted; /* what was changed → how many requests */
  JsonNode *before;    /* what had happened before the run */
};

typedef struct
{
  GMutex lock;
  GCond cond;
  JsonNode *summary;
} Question;

static gboolean
on_asked (gpointer data)
{
  Question *question = data;

  g_mutex_lock (&question->lock);
  question->summary = mer_endpoint_summarise_all ();
  g_cond_signal (&question->cond);
  g_mutex_unlock (&question->lock);
  return G_SOURCE_REMOVE;
}

/* what only the I/O thread may look at */
static JsonNode *
ask (void)
{
  Question question = { .summary = NULL };

  g_mutex_init (&question.lock);
  g_cond_init (&question.cond);
  g_mutex_lock (&question.lock);
  mer_io_invoke (on_asked, &question, NULL);
  while (question.summary == NULL)
    g_cond_wait (&question.cond, &question.lock);
  g_mutex_unlock (&question.lock);
  g_mutex_clear (&question.lock);
  g_cond_clear (&question.cond);
  return question.summary;
}

/**
 * mer_run_calls_new:
 *
 * Call it before the run, and not in the I/O thread.
 *
 * Returns: (transfer full): a report that begins now
 */
MerRunCalls *
mer_run_calls_new (void)
{
  MerRunCalls *self = g_new0 (MerRunCalls, 1);

  g_mutex_init (&self->lock);
  self->adapted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->before = ask ();
  return self;
}

/**
 * mer_run_calls_free:
 * @self: (transfer full): a report
 */
void
mer_run_calls_free (MerRunCalls *self)
{
  g_hash_table_unref (self->adapted);
  json_node_unref (self->before);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
count_result (MerRunCalls *self, MerResult *result)
{
  JsonNode *list = mer_json_node_member (mer_result_get_data (result), "adapted");
  JsonArray *texts
      = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;

  for (guint i = 0; texts != NULL && i < json_array_get_length (texts); i++)
    {
      JsonNode *node = json_array_get_element (texts, i);
      const char *text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
      char *name = g_strdup_printf ("%s: %s", mer_result_get_stage (result),
                                    text != NULL ? text : "");
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->adapted, name));

      g_hash_table_replace (self->adapted, name, GUINT_TO_POINTER (n + 1));
    }
}

/**
 * mer_run_calls_count:
 * @self: a report
 * @sample: a sample that has reached the end of the graph
 *
 * From any thread.
 */
void
mer_run_calls_count (MerRunCalls *self, MerSample *sample)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < mer_sample_get_n_results (sample); i++)
    count_result (self, mer_sample_get_result (sample, i));
  g_mutex_unlock (&self->lock);
}

/* the same address in what had happened before; NULL where it was not asked */
static JsonNode *
find_before (MerRunCalls *self, const char *address)
{
  JsonArray *list = json_node_get_array (self->before);

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);

      if (g_strcmp0 (mer_json_node_string (node, "address"), address) == 0)
        return node;
    }
  return NULL;
}

static char *
describe_server (MerRunCalls *self, JsonNode *now)
{
  const char *address = mer_json_node_string (now, "address");
  JsonNode *before = find_before (self, address);
  double sent
      = mer_json_node_number (now, "sent", 0) - mer_json_node_number (before, "sent", 0);
  double away = mer_json_node_number (now, "turned-away", 0)
                - mer_json_node_number (before, "turned-away", 0);
  double cost
      = mer_json_node_number (now, "cost", 0) - mer_json_node_number (before, "cost", 0);
  guint good = (guint) mer_json_node_number (now, "served-at-once", 0);
  guint bad = (guint) mer_json_node_number (now, "too-many-at-once", 0);
  GString *text = NULL;

  if (sent <= 0)
    return NULL;
  text = g_string_new (NULL);
  g_string_printf (text, "%s: %.0f requests, up to %u served at once", address, sent, good);
  if (away > 0)
    g_string_append_printf (text, ", %.0f turned away", away);
  if (bad > 0)
    g_string_append_printf (text, " (%u at once are too many)", bad);
  if (cost > 0)
    g_string_append_printf (text, ", %.4g USD", cost);
  return g_string_free (text, FALSE);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

/**
 * mer_run_calls_describe:
 * @self: a report
 *
 * Call it after the run, and not in the I/O thread.
 *
 * Returns: (transfer full): lines for people, sorted; none where no server was asked
 */
char **
mer_run_calls_describe (MerRunCalls *self)
{
  g_autoptr (JsonNode) now = ask ();
  JsonArray *list = json_node_get_array (now);
  GPtrArray *lines = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name = NULL, n = NULL;

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      char *line = describe_server (self, json_array_get_element (list, i));

      if (line != NULL)
        g_ptr_array_add (lines, line);
    }
  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->adapted);
  while (g_hash_table_iter_next (&iter, &name, &n))
    g_ptr_array_add (lines, g_strdup_printf ("%s, in %u requests", (const char *) name,
                                             GPOINTER_TO_UINT (n)));
  g_mutex_unlock (&self->lock);
  g_ptr_array_sort (lines, compare);
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}
