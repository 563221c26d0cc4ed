/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer labels: texts to a label file, by the code of merlabels */
#include "base/mer-answer-format.h"
#include "emotion/mer-label-reading.h"
#include "mer-command.h"
#include "mer-output.h"
#include "mer-subcommands.h"
#include "tables/mer-table.h"

typedef struct
{
  char *column;
  char *id_column;
  char *output;
  char *format_text;
  gboolean no_speech;
  gboolean with_form;
  char *reading_text;
  char *schema_path;

  MerLabelOptions options;
  MerOutputFormat format;
  guint counts[MER_N_LABEL_FORMS];
  guint n_strict;
  guint n_lenient;
} Labels;

static void
labels_clear (Labels *self)
{
  g_free (self->column);
  g_free (self->id_column);
  g_free (self->output);
  g_free (self->format_text);
  g_free (self->reading_text);
  g_free (self->schema_path);
  g_clear_pointer (&self->options.schema, json_node_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Labels, labels_clear)

static const MerCommandHelp help = {
  "labels",
  "--output OUT.csv FILE",
  "Finds the emotion labels in the answers of models, offline: JSON, lists, running text.",
  "mer labels answers.csv --column reason --output labels.csv",
  "FILE is a table (CSV, TSV, JSON Lines, XLSX) with one answer a row. OUT.csv has the\n"
  "columns `name` and `openset`, as `mer score` and `mer fuse` read them: `[]` where an\n"
  "answer says that no emotion shows, an empty cell where nothing can be read from it.\n"
  "How many were read in which form is printed, and how many strictly (one JSON document\n"
  "that fits the schema) and leniently; docs/labels.md explains the forms.\n"
  "The element merlabels does the same in a graph.",
};

static int
parse (Labels *self, int *argc, char ***argv)
{
  const GOptionEntry options[] = {
    { "column", 'c', 0, G_OPTION_ARG_STRING, &self->column,
      "where the answers stand (default reason)", "NAME" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self->output,
      "write `name,openset` here (required)", "FILE" },
    { "id-column", 0, 0, G_OPTION_ARG_STRING, &self->id_column,
      "where the samples' ids stand (default name)", "NAME" },
    { "reading", 0, 0, G_OPTION_ARG_STRING, &self->reading_text,
      "auto, strict or lenient: how much an answer must keep to the schema (default auto)",
      "HOW" },
    { "schema", 0, 0, G_OPTION_ARG_FILENAME, &self->schema_path,
      "JSON Schema of strict reading (default: an object with a list `labels`)", "FILE" },
    { "no-speech", 0, 0, G_OPTION_ARG_NONE, &self->no_speech,
      "an answer that only repeats what was said is unparseable", NULL },
    { "with-form", 0, 0, G_OPTION_ARG_NONE, &self->with_form,
      "add a column `form`: how each answer was read", NULL },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &self->format_text,
      "of what is printed: " MER_OUTPUT_FORMATS, "FORMAT" },
    { NULL },
  };
  int status = MER_EXIT_OK;

  return mer_command_parse (&help, options, argc, argv, &status) ? -1 : status;
}

static void
read_row (Labels *self, MerTable *table, guint row, guint id, guint text,
          MerTableWriter *writer)
{
  MerLabelFinding finding;
  g_autoptr (MerLabels) labels
      = mer_label_reading_read (mer_table_get (table, row, text), &self->options, &finding);

  self->counts[finding.form]++;
  self->n_strict += labels != NULL && finding.strict;
  self->n_lenient += labels != NULL && !finding.strict;

  g_autofree char *cell = labels != NULL ? mer_labels_to_string (labels) : g_strdup ("");
  const char *cells[]
      = { mer_table_get (table, row, id), cell,
          self->with_form ? mer_label_form_get_name (finding.form) : NULL, NULL };
  mer_table_writer_add (writer, cells);
}

static gboolean
read_options (Labels *self, GError **error)
{
  if (self->format_text != NULL
      && !mer_output_parse_format (self->format_text, &self->format, error))
    return FALSE;
  if (self->reading_text != NULL)
    {
      g_autoptr (GEnumClass) klass = g_type_class_ref (MER_TYPE_LABEL_READING);
      GEnumValue *value = g_enum_get_value_by_nick (klass, self->reading_text);

      if (value == NULL)
        {
          g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                       "--reading: “%s” is none of auto, strict, lenient",
                       self->reading_text);
          return FALSE;
        }
      self->options.reading = value->value;
    }
  self->options.no_speech = self->no_speech;
  self->options.schema = mer_answer_schema_open (self->schema_path, error);
  return self->options.schema != NULL;
}

static gboolean
read_file (Labels *self, const char *path, GError **error)
{
  const char *columns[] = { "name", "openset", self->with_form ? "form" : NULL, NULL };
  g_autoptr (MerTableWriter) writer = mer_table_writer_new (columns);
  g_autoptr (MerTable) table = NULL;
  g_autoptr (GHashTable) ids = NULL;
  int id, text;

  if (!read_options (self, error))
    return FALSE;
  table = mer_table_load (path, error);
  if (table == NULL)
    return FALSE;
  id = mer_table_find_column (table, self->id_column != NULL ? self->id_column : "name",
                              error);
  if (id < 0)
    return FALSE;
  text = mer_table_find_column (table, self->column != NULL ? self->column : "reason",
                                error);
  if (text < 0)
    return FALSE;
  /* what this writes must be readable by id */
  ids = mer_table_index (table, (guint) id, error);
  if (ids == NULL)
    return FALSE;
  for (guint row = 0; row < mer_table_get_n_rows (table); row++)
    read_row (self, table, row, (guint) id, (guint) text, writer);
  return mer_table_writer_save (writer, self->output, error);
}

static void
print_counts (const Labels *self)
{
  static const MerOutputColumn columns[]
      = { { "form", FALSE }, { "answers", TRUE }, { "share", TRUE } };
  /* from what is read best to what is not read at all */
  static const MerLabelForm order[]
      = { MER_LABEL_FORM_JSON,    MER_LABEL_FORM_LIST,   MER_LABEL_FORM_PROSE,
          MER_LABEL_FORM_SIGNS,   MER_LABEL_FORM_SPEECH, MER_LABEL_FORM_EMPTY,
          MER_LABEL_FORM_REFUSAL, MER_LABEL_FORM_NONE };
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  guint total = 0;

  for (guint i = 0; i < MER_N_LABEL_FORMS; i++)
    total += self->counts[i];
  for (guint i = 0; i < MER_N_LABEL_FORMS; i++)
    {
      guint count = self->counts[order[i]];
      g_autofree char *number = g_strdup_printf ("%u", count);
      g_autofree char *share
          = g_strdup_printf ("%.4f", total > 0 ? (double) count / total : 0.);
      const char *cells[] = { mer_label_form_get_name (order[i]), number, share };

      mer_output_add (output, cells);
    }
  mer_output_print (output, self->format, stdout);
  fprintf (stderr, "read: strict %u, lenient %u, refused %u, unreadable %u\n",
           self->n_strict, self->n_lenient, self->counts[MER_LABEL_FORM_REFUSAL],
           self->counts[MER_LABEL_FORM_NONE]);
}

int
mer_command_labels (int argc, char **argv)
{
  g_auto (Labels) self = { 0 };
  g_autoptr (GError) error = NULL;
  int status = parse (&self, &argc, &argv);

  if (status >= 0)
    return status;
  if (self.output == NULL)
    return mer_command_usage ("labels", "where to? Give --output OUT.csv");
  if (argc != 2)
    return mer_command_usage ("labels", "which file of answers? Give one");
  if (!mer_command_check_output (self.output, argv + 1, 1, &error)
      || !read_file (&self, argv[1], &error))
    return mer_command_fail ("labels", error);
  print_counts (&self);
  return MER_EXIT_OK;
}
