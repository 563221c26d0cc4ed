/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer bulk: what was asked in batches, and how to stop it */
#include <gst/gst.h>

#include "base/mer-backend.h"
#include "mer-command.h"
#include "mer-environment.h"
#include "mer-output.h"
#include "mer-subcommands.h"
#include "run/mer-bulk-run.h"

#define NAME "bulk"

static const MerCommandHelp help = {
  NAME,
  "FILE.mer",
  "Shows the batches that “mer run --bulk” has sent: where, how far they are as of the\n"
  "last look, and what the server said where something went wrong.",
  "mer bulk study.mer\n  mer bulk --cancel --server https://api.openai.com/v1 study.mer",
  "The command that sent them collects what they bring: it asks nothing twice.\n"
  "--cancel stops all that are open. A key goes only to servers that --server names, "
  "since\n"
  "a store may come from somebody else. What a batch has answered before it was stopped "
  "is\n"
  "collected by the next run.",
};

static char *
format_time (gint64 time)
{
  g_autoptr (GDateTime) utc
      = time > 0 ? g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC) : NULL;

  return utc != NULL ? g_date_time_format (utc, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("");
}

static void
add_shard (MerOutput *output, const MerBulkShard *shard)
{
  char **cells = g_new0 (char *, 13);

  cells[0] = g_strdup_printf ("%" G_GINT64_FORMAT, shard->number);
  cells[1] = g_strdup (mer_bulk_state_to_string (shard->state));
  cells[2] = g_strdup (shard->uri);
  cells[3] = g_strdup (shard->model);
  cells[4] = g_strdup_printf ("%" G_GINT64_FORMAT, shard->n_calls);
  cells[5] = g_strdup_printf ("%" G_GINT64_FORMAT, shard->n_answered);
  cells[6] = g_strdup_printf ("%" G_GINT64_FORMAT, shard->n_failed);
  cells[7] = format_time (shard->submitted);
  cells[8] = format_time (shard->expires);
  cells[9] = format_time (shard->ended);
  cells[10] = g_strdup (shard->remote_batch != NULL ? shard->remote_batch : "");
  cells[11] = g_strdup (shard->why != NULL ? shard->why : "");
  mer_output_take (output, cells);
}

static int
print_shards (const char *path, MerOutputFormat format)
{
  static const MerOutputColumn columns[]
      = { { "number", TRUE }, { "state", FALSE },     { "server", FALSE },
          { "model", FALSE }, { "calls", TRUE },      { "answered", TRUE },
          { "failed", TRUE }, { "submitted", FALSE }, { "expires", FALSE },
          { "ended", FALSE }, { "batch", FALSE },     { "why", FALSE } };
  g_autoptr (GError) error = NULL;
  g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_READ, &error);
  g_autoptr (GPtrArray) shards = store != NULL ? mer_store_bulk_list (store, &error) : NULL;
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));

  if (shards == NULL)
    return mer_command_fail (NAME, error);
  for (guint i = 0; i < shards->len; i++)
    add_shard (output, g_ptr_array_index (shards, i));
  mer_output_print (output, format, stdout);
  return MER_EXIT_OK;
}

/* the element that speaks a shard's protocol */
static GstElement *
make_backend (const MerBulkShard *shard)
{
  GList *all
      = gst_registry_get_feature_list (gst_registry_get (), GST_TYPE_ELEMENT_FACTORY);
  GstElement *element = NULL;

  for (GList *l = all; element == NULL && l != NULL; l = l->next)
    {
      const char *protocol = gst_element_factory_get_metadata (l->data, "mer-protocol");

      if (g_strcmp0 (protocol, shard->protocol) == 0)
        element = gst_element_factory_create (l->data, NULL);
    }
  gst_plugin_feature_list_free (all);
  if (element != NULL && MER_IS_BACKEND (element))
    return gst_object_ref_sink (element);
  g_clear_pointer (&element, gst_object_unref);
  return NULL;
}

/* an element that opens says how its server is asked, to whoever gathers calls */
static gboolean
introduce_server (MerBulk *bulk, const MerBulkShard *shard, GError **error)
{
  g_autoptr (GstElement) element = make_backend (shard);
  g_autoptr (GstContext) context = mer_bulk_context_new (bulk);
  g_autoptr (GstBus) bus = gst_bus_new ();
  GstStateChangeReturn changed = GST_STATE_CHANGE_FAILURE;

  if (element != NULL)
    {
      g_object_set (element, "uri", shard->uri, "model", shard->model, "allow-plain-http",
                    shard->allow_plain_http, "api-key-env", shard->key_variable, NULL);
      gst_util_set_object_arg (G_OBJECT (element), "bulk", "always");
      gst_element_set_bus (element, bus);
      gst_element_set_context (element, context);
      changed = gst_element_set_state (element, GST_STATE_PAUSED);
      gst_element_set_state (element, GST_STATE_NULL);
    }
  if (changed != GST_STATE_CHANGE_FAILURE)
    return TRUE;

  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  if (message != NULL)
    {
      g_autoptr (GError) problem = NULL;

      gst_message_parse_error (message, &problem, NULL);
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "%s", problem->message);
      return FALSE;
    }
  g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
               "no element speaks “%s” to %s; mer doctor tells what is missing",
               shard->protocol, shard->uri);
  return FALSE;
}

static gboolean
may_ask (const MerBulkShard *shard, char **servers)
{
  return shard->key_variable == NULL
         || (servers != NULL
             && g_strv_contains ((const char *const *) servers, shard->uri));
}

static gboolean
introduce_servers (MerBulk *bulk, char **servers, GError **error)
{
  g_autoptr (GPtrArray) shards = mer_store_bulk_list (mer_bulk_get_store (bulk), error);

  for (guint i = 0; shards != NULL && i < shards->len; i++)
    {
      const MerBulkShard *shard = g_ptr_array_index (shards, i);

      if (!MER_BULK_STATE_IS_OPEN (shard->state))
        continue;
      if (!may_ask (shard, servers))
        {
          g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                       "the key in %s would go to %s; say --server %s if that is right",
                       shard->key_variable, shard->uri, shard->uri);
          return FALSE;
        }
      if (!introduce_server (bulk, shard, error))
        return FALSE;
    }
  return shards != NULL;
}

static int
cancel (const char *path, char **servers)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_WRITE, &error);
  g_autoptr (MerBulk) bulk = store != NULL ? mer_bulk_new (store, &error) : NULL;
  g_autoptr (MerBulkRun) run = NULL;
  guint n_cancelled = 0;

  if (bulk == NULL || !introduce_servers (bulk, servers, &error))
    return mer_command_fail (NAME, error);
  run = mer_bulk_run_new (bulk, MER_BULK_POLL, 0);
  if (!mer_bulk_run_cancel (run, &n_cancelled, NULL, &error))
    {
      mer_command_fail (NAME, error);
      return MER_EXIT_STOPPED;
    }
  printf ("cancelled: %u\n", n_cancelled);
  return MER_EXIT_OK;
}

int
mer_command_bulk (int argc, char **argv)
{
  gboolean wants_cancel = FALSE;
  g_auto (GStrv) servers = NULL;
  g_autofree char *format_name = NULL;
  const GOptionEntry entries[] = {
    { "cancel", 0, 0, G_OPTION_ARG_NONE, &wants_cancel, "stop all that are open", NULL },
    { "server", 0, 0, G_OPTION_ARG_STRING_ARRAY, &servers,
      "a server that may be told, and get its key; may stand several times", "URI" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &format_name, MER_OUTPUT_FORMATS, "FORMAT" },
    { NULL },
  };
  MerOutputFormat format = MER_OUTPUT_TABLE;
  g_autoptr (GError) error = NULL;
  int status = MER_EXIT_OK;

  if (!mer_command_parse (&help, entries, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return mer_command_usage (NAME, argc < 2 ? "which store?" : "one store at a time");
  if (!wants_cancel && servers != NULL)
    return mer_command_usage (NAME, "--server goes with --cancel");
  if ((format_name != NULL && !mer_output_parse_format (format_name, &format, &error))
      || !mer_environment_init_gst (&error))
    return mer_command_fail (NAME, error);
  if (!g_file_test (argv[1], G_FILE_TEST_EXISTS))
    {
      g_set_error (&error, MER_ERROR, MER_ERROR_NOT_FOUND, "%s: there is no such file",
                   argv[1]);
      return mer_command_fail (NAME, error);
    }
  return wants_cancel ? cancel (argv[1], servers) : print_shards (argv[1], format);
}
