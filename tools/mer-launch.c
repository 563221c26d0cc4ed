/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gst-launch-1.0 with progress, summaries and exit codes of mer run */
#include "mer-command.h"
#include "mer-environment.h"
#include "mer-execute.h"
#include "mer-subcommands.h"

#define NAME "launch"

static const MerCommandHelp help = {
  NAME,
  "ELEMENT [PROPERTY=VALUE…] ! …",
  "Runs a graph given as for gst-launch-1.0, and prints what its scorers say.",
  "mer launch merdatasetsrc clips=videos truth=truth.csv ! mermedia ! merlexicon \\\n"
  "    ! merwheelscore ! fakesink",
  "The command line is yours, so any element may stand in it. A backend keeps its answers\n"
  "in a store with journal=F.mer; merstoresink keeps results.",
};

/* one element alone is no pipeline yet */
static GstElement *
as_pipeline (GstElement *element)
{
  GstElement *pipeline = NULL;

  gst_object_ref_sink (element);
  if (GST_IS_PIPELINE (element))
    return element;
  pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  gst_bin_add (GST_BIN (pipeline), element);
  gst_object_unref (element);
  return pipeline;
}

int
mer_command_launch (int argc, char **argv)
{
  g_autofree char *format_name = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format_name, MER_OUTPUT_FORMATS, "FORMAT" },
    { NULL },
  };
  MerOutputFormat format = MER_OUTPUT_TABLE;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  GstElement *parsed = NULL;
  MerExecute execute;
  int status = MER_EXIT_OK;

  if (!mer_command_parse (&help, entries, &argc, &argv, &status))
    return status;
  if (argc < 2)
    return mer_command_usage (NAME, "which elements?");
  if ((format_name != NULL && !mer_output_parse_format (format_name, &format, &error))
      || !mer_environment_init_gst (&error))
    return mer_command_fail (NAME, error);
  parsed = gst_parse_launchv_full ((const char **) argv + 1, NULL,
                                   GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (parsed == NULL)
    return mer_command_fail (NAME, error);
  pipeline = as_pipeline (parsed);
  mer_execute_init (&execute, NAME, NULL);
  status = mer_execute_pipeline (&execute, NAME, pipeline, 0, NULL);
  mer_summary_table_print (execute.table, format);
  mer_execute_clear (&execute);
  return status;
}
