/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-store-print.h"

#include "mer-command.h"
#include "store/mer-store-check.h"
#include "store/mer-store-run.h"

/* whether a word of the command line is a store and not the name of something else */
gboolean
mer_store_print_wants (const char *path)
{
  return g_str_has_suffix (path, ".mer");
}

static char *
format_time (gint64 microseconds)
{
  g_autoptr (GDateTime) time
      = microseconds > 0 ? g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC)
                         : NULL;

  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M:%S") : g_strdup ("");
}

static void
add_run (MerOutput *output, const MerStoreRunInfo *info)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, info->number);
  g_autofree char *samples = g_strdup_printf ("%" G_GUINT64_FORMAT, info->samples);
  g_autofree char *sessions = g_strdup_printf ("%u", info->sessions);
  g_autofree char *started = format_time (info->started);
  g_autofree char *ended = format_time (info->ended);
  g_autofree char *identity = g_strndup (info->identity, 12);
  const char *const cells[]
      = { number,  info->name, mer_store_run_state_to_string (info->state),
          samples, sessions,   started,
          ended,   identity,   info->why != NULL ? info->why : "" };

  mer_output_add (output, cells);
}

/* the runs of a store, the latest last */
int
mer_store_print_runs (const char *command, const char *path, MerOutputFormat format)
{
  static const MerOutputColumn columns[]
      = { { "run", TRUE },     { "name", FALSE },     { "state", FALSE },
          { "samples", TRUE }, { "sessions", TRUE },  { "started", FALSE },
          { "ended", FALSE },  { "identity", FALSE }, { "why", FALSE } };
  g_autoptr (GError) error = NULL;
  g_autoptr (MerStore) store = mer_store_open (path, MER_STORE_READ, &error);
  g_autoptr (GPtrArray) runs = store != NULL ? mer_store_list_runs (store, &error) : NULL;
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));

  if (runs == NULL)
    return mer_command_fail (command, error);
  for (guint i = 0; i < runs->len; i++)
    add_run (output, g_ptr_array_index (runs, i));
  mer_output_print (output, format, stdout);
  return MER_EXIT_OK;
}

static void
print_lines (const char *kind, GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    {
      g_autofree char *safe = mer_output_escape (g_ptr_array_index (lines, i));

      printf ("%s: %s\n", kind, safe);
    }
}

/* whether all of a store can be read, and how much is in it */
int
mer_store_print_check (const char *command, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerStoreReport) report = mer_store_check (path, &error);
  g_autofree char *size = NULL;
  g_autofree char *safe = mer_output_escape (path);

  if (report == NULL)
    return mer_command_fail (command, error);
  size = g_format_size_full (report->bytes, G_FORMAT_SIZE_IEC_UNITS);
  printf ("%s: %" G_GUINT64_FORMAT " runs, %" G_GUINT64_FORMAT
          " samples, %" G_GUINT64_FORMAT " answers, %" G_GUINT64_FORMAT
          " manifests, %" G_GUINT64_FORMAT " kept media, %s\n",
          safe, report->runs, report->samples, report->calls, report->manifests,
          report->blobs, size);
  print_lines ("note", report->notes);
  print_lines ("wrong", report->problems);
  if (report->problems->len == 0)
    printf ("all of it can be read\n");
  return report->problems->len == 0 ? MER_EXIT_OK : MER_EXIT_INPUT;
}

/* an older store becomes one of this version */
int
mer_store_print_upgrade (const char *command, const char *path)
{
  g_autoptr (GError) error = NULL;

  if (!mer_store_upgrade (path, &error))
    return mer_command_fail (command, error);
  return mer_store_print_check (command, path);
}
