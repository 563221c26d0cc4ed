/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer export FILE.mer --what … */
#include <errno.h>
#include <string.h>

#include <gst/gst.h>

#include "mer-command.h"
#include "mer-export-rows.h"
#include "mer-subcommands.h"
#include "tables/mer-json.h"

typedef struct
{
  char *what;
  char *format;
  char *run;
  char *stage;
  char *output;
  char *extract;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->what);
  g_free (options->format);
  g_free (options->run);
  g_free (options->stage);
  g_free (options->output);
  g_free (options->extract);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static const MerExportKind *
find_kind (const char *what)
{
  guint n;
  const MerExportKind *kinds = mer_export_kinds (&n);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    {
      if (g_strcmp0 (kinds[i].name, what) == 0)
        return &kinds[i];
      g_ptr_array_add (names, (char *) kinds[i].name);
    }
  g_ptr_array_add (names, NULL);

  g_autofree char *list = g_strjoinv (", ", (char **) names->pdata);
  const char *nearest
      = what != NULL ? mer_nearest_name (what, (const char *const *) names->pdata) : NULL;

  if (what == NULL)
    mer_command_usage ("export", "--what is needed: %s", list);
  else
    mer_command_usage ("export", "--what '%s' is not known%s%s%s; there are: %s", what,
                       nearest != NULL ? ", did you mean '" : "",
                       nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "", list);
  return NULL;
}

static gboolean
find_format (const Options *options, const MerExportKind *kind, MerExportFormat *format)
{
  *format = kind->default_format;
  if (options->format == NULL && options->output != NULL)
    {
      if (g_str_has_suffix (options->output, ".csv"))
        *format = MER_EXPORT_CSV;
      else if (g_str_has_suffix (options->output, ".jsonl"))
        *format = MER_EXPORT_JSONL;
    }
  if (options->format == NULL)
    return TRUE;
  *format = g_str_equal (options->format, "csv") ? MER_EXPORT_CSV : MER_EXPORT_JSONL;
  if (*format == MER_EXPORT_CSV || g_str_equal (options->format, "jsonl"))
    return TRUE;
  mer_command_usage ("export", "--format '%s' is not known; there are: jsonl, csv",
                     options->format);
  return FALSE;
}

static gboolean
export_rows (MerExport *export, const Options *options, const MerExportKind *kind,
             MerExportFormat format, GError **error)
{
  if (kind->of_a_run)
    {
      export->run = mer_store_find_run (export->store, options->run, error);
      if (export->run == NULL)
        return FALSE;
    }
  if (!mer_export_find_stage (export, kind, error))
    return FALSE;

  g_autoptr (MerExportFile) file
      = mer_export_file_open (options->output, format, kind->columns, error);

  export->file = file;
  return file != NULL && kind->write (export, error)
         && mer_export_file_finish (g_steal_pointer (&file), error);
}

static int
export_store (const char *path, const Options *options)
{
  g_autoptr (GError) error = NULL;
  const MerExportKind *kind = find_kind (options->what);
  MerExport export = { NULL };
  MerExportFormat format;
  gboolean good;

  if (kind == NULL || !find_format (options, kind, &format))
    return MER_EXIT_INPUT;
  if (!mer_command_check_output (options->output, (char *[]){ (char *) path }, 1, &error))
    return mer_command_fail ("export", error);
  export.store = mer_store_open (path, MER_STORE_READ, &error);
  export.stage = g_strdup (options->stage);
  export.extract = options->extract;
  good = export.store != NULL && export_rows (&export, options, kind, format, &error);
  g_clear_pointer (&export.run, mer_store_run_info_free);
  g_clear_object (&export.store);
  g_free (export.stage);
  return good ? MER_EXIT_OK : mer_command_fail ("export", error);
}

int
mer_command_export (int argc, char **argv)
{
  g_auto (Options) options = { NULL };
  int status = 0;
  const GOptionEntry entries[] = {
    { "what", 'w', 0, G_OPTION_ARG_STRING, &options.what,
      "labels, results, samples, scores, summaries, usage, media, runs or calls (needed)",
      "KIND" },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
      "jsonl or csv (default: by the output's ending; else csv for labels, scores, "
      "usage, media and runs, jsonl for the others)",
      "FORMAT" },
    { "run", 'r', 0, G_OPTION_ARG_STRING, &options.run,
      "a run's number, name or the start of its identity (default: the latest)", "RUN" },
    { "stage", 's', 0, G_OPTION_ARG_STRING, &options.stage,
      "only this stage or scorer (default: for labels the last stage, else all)", "STAGE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
      "write it here, all or nothing (default: standard output)", "FILE" },
    { "extract", 0, 0, G_OPTION_ARG_FILENAME, &options.extract,
      "with --what media: write the frames and voices that --keep-media kept into this "
      "folder, named by their sha256",
      "FOLDER" },
    { NULL },
  };
  const MerCommandHelp help = {
    "export", "FILE.mer",
    "Writes what stands in a store as lines of JSON or as a table. “labels” are name and\n"
    "openset, as “mer score” reads them: a sample whose stage gave no answer has an empty\n"
    "list. “media” says which frames and which voice a model was shown: time and sha256.\n"
    "“usage” sums up what the answers of each stage and model used and cost, and how they\n"
    "ended; what is not known is left out.\n"
    "A run that is still being written can be read too.",
    "mer export study.mer --what labels --output predictions.csv", NULL
  };

  if (!mer_command_parse (&help, entries, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return mer_command_usage ("export", "exactly one store is needed");
  if (options.extract != NULL && g_mkdir_with_parents (options.extract, 0777) != 0)
    return mer_command_usage ("export", "--extract: %s: %s", options.extract,
                              g_strerror (errno));
  gst_init (NULL, NULL);
  return export_store (argv[1], &options);
}
