/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer fuse: several label files to one, by the rules of mervote */
#include <math.h>

#include "emotion/mer-vote.h"
#include "mer-command.h"
#include "mer-fuse-input.h"
#include "mer-subcommands.h"
#include "tables/mer-json.h"
#include "tables/mer-table.h"

typedef struct
{
  char *strategy;
  char *mapping;
  char *output;
  char *column;
  char *id_column;
  char *missing_text;
  char *weights_text;
  double threshold;
  double precision_weight;

  MerFuseMissing missing;
  MerVoteRule rule;
  double *weights;
} Fuse;

static void
fuse_clear (Fuse *self)
{
  g_free (self->strategy);
  g_free (self->mapping);
  g_free (self->output);
  g_free (self->column);
  g_free (self->id_column);
  g_free (self->missing_text);
  g_free (self->weights_text);
  g_free (self->weights);
  g_clear_pointer (&self->rule.mapping, mer_mapping_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fuse, fuse_clear)

static const MerCommandHelp help = {
  "fuse",
  "--output OUT.csv [NAME=]FILE…",
  "Makes one label file of several, sample by sample and without looking at any truth.",
  "mer fuse --output fused.csv audio.csv video.csv text.csv",
  "Strategies:\n"
  "  mbr      words that fall into one cluster of the emotion wheels support each other;\n"
  "           the list with the highest expected hits and precision (default)\n"
  "  vote     words that at least --threshold files hold, forms of one word as one\n"
  "  union    every word of every file\n"
  "  cascade  the first file that holds a word, in the order given\n"
  "\n"
  "The element mervote does the same in a graph. docs/fusion.md tells how good it is.",
};

static int
parse (Fuse *self, int *argc, char ***argv)
{
  const GOptionEntry options[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self->output,
      "write `name,openset` here (required)", "FILE" },
    { "strategy", 's', 0, G_OPTION_ARG_STRING, &self->strategy,
      "mbr (default), vote, union or cascade", "NAME" },
    { "mapping", 'm', 0, G_OPTION_ARG_STRING, &self->mapping,
      "vocabulary of mbr and vote: a file, a name, or builtin (default)", "MAPPING" },
    { "precision-weight", 0, 0, G_OPTION_ARG_DOUBLE, &self->precision_weight,
      "mbr: what precision counts against hits; more gives shorter lists (default 3)",
      "X" },
    { "threshold", 0, 0, G_OPTION_ARG_DOUBLE, &self->threshold,
      "vote: votes a word needs (default 2)", "X" },
    { "weights", 0, 0, G_OPTION_ARG_STRING, &self->weights_text,
      "votes of single files (default one each)", "NAME=X,…" },
    { "column", 0, 0, G_OPTION_ARG_STRING, &self->column,
      "where the labels stand (default openset)", "NAME" },
    { "id-column", 0, 0, G_OPTION_ARG_STRING, &self->id_column,
      "where the samples' ids stand (default name)", "NAME" },
    { "missing", 0, 0, G_OPTION_ARG_STRING, &self->missing_text,
      "samples that a file lacks: error (default), empty or skip", "WHAT" },
    { NULL },
  };
  int status = MER_EXIT_OK;

  self->threshold = MER_VOTE_DEFAULT_THRESHOLD;
  self->precision_weight = MER_VOTE_DEFAULT_PRECISION_WEIGHT;
  return mer_command_parse (&help, options, argc, argv, &status) ? -1 : status;
}

static gboolean
invalid (GError **error, const char *option, const char *value, const char *allowed)
{
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "%s: '%s' is none of %s",
               option, value, allowed);
  return FALSE;
}

static gboolean
check_number (const char *option, double value, GError **error)
{
  if (isfinite (value) && value >= 0 && value <= MER_VOTE_MAX_WEIGHT)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "%s: %g is not in 0…%g",
               option, value, MER_VOTE_MAX_WEIGHT);
  return FALSE;
}

static gboolean
check_options (Fuse *self, GError **error)
{
  static const char *const missing[] = { "error", "empty", "skip", NULL };

  if (self->strategy != NULL
      && !mer_vote_strategy_from_string (self->strategy, &self->rule.strategy))
    return invalid (error, "--strategy", self->strategy, "mbr, vote, union, cascade");
  if (self->missing_text != NULL && !g_strv_contains (missing, self->missing_text))
    return invalid (error, "--missing", self->missing_text, "error, empty, skip");
  while (self->missing_text != NULL
         && !g_str_equal (missing[self->missing], self->missing_text))
    self->missing++;
  self->rule.threshold = self->threshold;
  self->rule.precision_weight = self->precision_weight;
  return check_number ("--threshold", self->threshold, error)
         && check_number ("--precision-weight", self->precision_weight, error);
}

static gboolean
check_weight_names (MerFuseInput *input, GHashTable *weights, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  for (guint i = 0; i < mer_fuse_input_get_n_files (input); i++)
    g_ptr_array_add (names, (char *) mer_fuse_input_get_name (input, i));
  g_ptr_array_add (names, NULL);
  g_hash_table_iter_init (&iter, weights);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_strv_contains ((const char *const *) names->pdata, name))
      {
        g_autofree char *all = g_strjoinv (", ", (char **) names->pdata);

        g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                     "--weights: no file is named '%s'; the names are %s", (char *) name,
                     all);
        return FALSE;
      }
  return TRUE;
}

static gboolean
find_weights (Fuse *self, MerFuseInput *input, GError **error)
{
  g_autoptr (GHashTable) weights = mer_vote_weights_parse (self->weights_text, error);
  guint n_files = mer_fuse_input_get_n_files (input);

  if (weights == NULL || !check_weight_names (input, weights, error))
    return FALSE;
  self->weights = g_new (double, n_files);
  for (guint i = 0; i < n_files; i++)
    self->weights[i] = mer_vote_weights_get (weights, mer_fuse_input_get_name (input, i));
  self->rule.weights = self->weights;
  return TRUE;
}

static void
fuse_sample (const MerVoteRule *rule, MerFuseInput *input, guint sample,
             MerTableWriter *writer)
{
  g_autoptr (GPtrArray) owned = g_ptr_array_new ();

  for (guint i = 0; i < mer_fuse_input_get_n_files (input); i++)
    g_ptr_array_add (owned, mer_fuse_input_dup_labels (input, sample, i));

  g_autoptr (MerLabels) fused
      = mer_vote_fuse (rule, (MerLabels *const *) owned->pdata, owned->len);
  g_autofree char *cell = mer_labels_to_string (fused);
  mer_table_writer_add (
      writer, (const char *[]){ mer_fuse_input_get_id (input, sample), cell, NULL });
  for (guint i = 0; i < owned->len; i++)
    g_clear_pointer (&owned->pdata[i], mer_labels_unref);
}

static gboolean
fuse_files (Fuse *self, char **files, guint n_files, GError **error)
{
  static const char *const columns[] = { "name", "openset", NULL };
  g_autoptr (MerTableWriter) writer = mer_table_writer_new (columns);
  g_autoptr (MerFuseInput) input = NULL;

  if (!check_options (self, error))
    return FALSE;
  if (mer_vote_strategy_reads_mapping (self->rule.strategy))
    {
      self->rule.mapping = mer_mapping_open (
          self->mapping != NULL ? self->mapping : "builtin", NULL, error);
      if (self->rule.mapping == NULL)
        return FALSE;
    }
  input = mer_fuse_input_load (
      files, n_files, self->id_column != NULL ? self->id_column : "name",
      self->column != NULL ? self->column : "openset", self->missing, error);
  if (input == NULL || !find_weights (self, input, error))
    return FALSE;
  for (guint i = 0; i < mer_fuse_input_get_n_samples (input); i++)
    fuse_sample (&self->rule, input, i, writer);
  return mer_table_writer_save (writer, self->output, error);
}

int
mer_command_fuse (int argc, char **argv)
{
  g_auto (Fuse) self = { .rule = MER_VOTE_RULE_INIT };
  g_autoptr (GError) error = NULL;
  int status = parse (&self, &argc, &argv);

  if (status >= 0)
    return status;
  if (self.output == NULL)
    return mer_command_usage ("fuse", "where to? Give --output OUT.csv");
  if (argc < 2)
    return mer_command_usage ("fuse", "which label files?");
  if (!mer_command_check_output (self.output, argv + 1, (guint) argc - 1, &error)
      || !fuse_files (&self, argv + 1, (guint) argc - 1, &error))
    return mer_command_fail ("fuse", error);
  return MER_EXIT_OK;
}
