/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer score: systems held against the truth */
#include <string.h>

#include "emotion/mer-floors.h"
#include "emotion/mer-statistics.h"
#include "mer-command.h"
#include "mer-label-file.h"
#include "mer-score-run.h"
#include "mer-score.h"
#include "mer-subcommands.h"

static void
score_clear (MerScore *self)
{
  g_free (self->mapping_name);
  g_free (self->truth_path);
  g_free (self->truth_column);
  g_free (self->column);
  g_free (self->id_column);
  g_free (self->group_column);
  g_free (self->missing_text);
  g_free (self->run);
  g_free (self->stage);
  g_free (self->accept_text);
  g_free (self->metrics_text);
  g_free (self->format_text);
  g_clear_pointer (&self->mapping, mer_mapping_unref);
  g_clear_pointer (&self->truth, mer_score_truth_free);
  g_clear_pointer (&self->systems, g_ptr_array_unref);
  g_clear_pointer (&self->floors, g_ptr_array_unref);
  g_clear_pointer (&self->bootstrap, mer_bootstrap_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MerScore, score_clear)

/* --- options --- */

static gboolean
invalid (GError **error, const char *option, const char *value, const char *allowed)
{
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "%s: '%s' is none of %s",
               option, value, allowed);
  return FALSE;
}

static gboolean
parse_missing (MerScore *self, GError **error)
{
  static const char *const names[] = { "error", "empty", "skip" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (self->missing_text == NULL || g_str_equal (names[i], self->missing_text))
      {
        self->missing = (MerMissing) i;
        return TRUE;
      }
  return invalid (error, "--missing", self->missing_text, "error, empty, skip");
}

static gboolean
parse_accept (MerScore *self, GError **error)
{
  g_auto (GStrv) names
      = g_strsplit (self->accept_text != NULL ? self->accept_text : "answered", ",", -1);

  for (guint i = 0; names[i] != NULL; i++)
    {
      MerOutcome outcome;

      if (!mer_outcome_from_string (g_strstrip (names[i]), &outcome))
        return invalid (error, "--accept", names[i],
                        "answered, refused, filtered, truncated, unparseable, api-failed, "
                        "decode-failed, skipped");
      self->accept |= 1u << outcome;
    }
  return TRUE;
}

static gboolean
parse_metrics (MerScore *self, GError **error)
{
  g_auto (GStrv) names
      = g_strsplit (self->metrics_text != NULL ? self->metrics_text : "all", ",", -1);

  for (guint i = 0; names[i] != NULL; i++)
    {
      int figure = mer_figure_find (g_strstrip (names[i]));

      if (g_str_equal (names[i], "all"))
        for (guint k = 0; k < MER_N_FIGURES; k++)
          self->metrics[k] = TRUE;
      else if (figure >= 0)
        self->metrics[figure] = TRUE;
      else
        return invalid (error, "--metrics", names[i],
                        "all, m1, m2, w1l1 … w5l2, ewl1, ewl2, m_avg");
    }
  return TRUE;
}

static gboolean
check_options (MerScore *self, GError **error)
{
  if (self->resamples != 0
      && (self->resamples < 100 || self->resamples > MER_BOOTSTRAP_MAX_RESAMPLES))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "--resamples: %d is neither 0 (no intervals) nor in 100…%d",
                   self->resamples, MER_BOOTSTRAP_MAX_RESAMPLES);
      return FALSE;
    }
  return parse_missing (self, error) && parse_accept (self, error)
         && parse_metrics (self, error)
         && mer_output_parse_format (self->format_text, &self->format, error);
}

/* --- systems --- */

static gboolean
check_name (MerScore *self, const char *name, const char *path, GError **error)
{
  for (guint i = 0; i < self->systems->len; i++)
    if (g_str_equal (mer_scores_get_name (self->systems->pdata[i]), name))
      {
        g_set_error (error, MER_ERROR, MER_ERROR_EXISTS,
                     "%s: another file gives a system '%s' already; name it otherwise with "
                     "NAME=FILE",
                     path, name);
        return FALSE;
      }
  return TRUE;
}

static MerScores *
score_run (MerScore *self, const char *given, const char *path, GError **error)
{
  g_autoptr (MerScoreRun) run
      = mer_score_run_load (path, self->run, self->stage, self->accept, error);
  const char *name = given != NULL || run == NULL ? given : mer_score_run_get_name (run);

  if (run == NULL)
    return NULL;
  if (self->truth == NULL)
    self->truth = mer_score_run_get_truth (run, error);
  if (self->truth == NULL || !check_name (self, name, path, error))
    return NULL;
  return mer_score_run_score (run, name, self->truth, self->missing, self->mapping, error);
}

static gboolean
load_system (MerScore *self, const char *argument, GError **error)
{
  const char *path;
  g_autofree char *name = mer_label_file_split (argument, &path);
  MerScores *scores = NULL;

  if (mer_score_run_is_store (path))
    scores = score_run (self, path != argument ? name : NULL, path, error);
  else if (self->truth == NULL)
    g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                 "%s: --truth is needed (or a run with truth before it)", path);
  else if (check_name (self, name, path, error))
    scores = mer_score_system_load (name, path, self->id_column, self->column, self->truth,
                                    self->missing, self->mapping, error);
  if (scores != NULL)
    g_ptr_array_add (self->systems, scores);
  return scores != NULL;
}

static gboolean
load_all (MerScore *self, char **arguments, int n_arguments, GError **error)
{
  const char *mapping = self->mapping_name != NULL ? self->mapping_name : "builtin";

  self->mapping = mer_mapping_open (mapping, NULL, error);
  if (self->mapping == NULL)
    return FALSE;
  if (self->truth_path != NULL)
    {
      self->truth = mer_score_truth_load (self->truth_path, self->id_column,
                                          self->truth_column, self->group_column, error);
      if (self->truth == NULL)
        return FALSE;
    }
  self->systems = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_scores_free);
  for (int i = 0; i < n_arguments; i++)
    if (!load_system (self, arguments[i], error))
      return FALSE;
  self->floors = mer_floors_new (self->mapping, (MerLabels **) self->truth->labels->pdata,
                                 self->truth->labels->len, (guint64) self->seed);
  self->bootstrap
      = mer_bootstrap_new ((MerScores **) self->systems->pdata, self->systems->len,
                           (guint) self->resamples, (guint64) self->seed, FALSE);
  return TRUE;
}

static const MerCommandHelp help = {
  "score", "[NAME=]FILE…",
  "Holds files of predicted labels against the truth: the emotion-wheel metrics of\n"
  "OV-MER, MER2025 and MER2026 to the figure, with 95 % bootstrap intervals, and what\n"
  "answers reach that never saw a clip.",
  "mer score --mapping builtin --truth truth.csv Chat-UniVi.csv other=runs/out.csv",
  "A file is CSV, TSV, JSON Lines or XLSX with a column of ids and one of labels such as "
  "\"[happy, content]\".\nA .mer file gives a run's labels, and its truth where there is "
  "no --truth; no model is "
  "called.\nFigures are in percent, in JSON fractions. F is 2PR/(P+R) of the "
  "mean precision and the mean recall;\newl1 and ewl2 are means over the five wheels at "
  "their inner and middle level (MER2026 ranks by ewl1),\nm_avg the mean of all twelve."
};

static void
set_defaults (MerScore *self)
{
  self->resamples = MER_BOOTSTRAP_RESAMPLES;
  self->seed = MER_BOOTSTRAP_SEED;
}

/* GOption replaces texts without freeing them, so these are filled in afterwards */
static void
set_text_default (char **text, const char *fallback)
{
  if (*text == NULL)
    *text = g_strdup (fallback);
}

static gboolean
parse (MerScore *self, int *argc, char ***argv, int *status)
{
  const GOptionEntry options[] = {
    { "mapping", 'm', 0, G_OPTION_ARG_FILENAME, &self->mapping_name,
      "vocabulary: a name, a file or 'builtin' (default)", "MAPPING" },
    { "truth", 't', 0, G_OPTION_ARG_FILENAME, &self->truth_path,
      "the labels people gave (needed but for runs that hold them)", "FILE" },
    { "truth-column", 0, 0, G_OPTION_ARG_STRING, &self->truth_column,
      "its column of labels (default openset)", "NAME" },
    { "column", 'c', 0, G_OPTION_ARG_STRING, &self->column,
      "the systems' column of labels (default openset)", "NAME" },
    { "id-column", 0, 0, G_OPTION_ARG_STRING, &self->id_column,
      "the column of ids, in all files (default name)", "NAME" },
    { "group-column", 'g', 0, G_OPTION_ARG_STRING, &self->group_column,
      "the truth's column that says which samples belong together (speaker, film): they "
      "are resampled together",
      "NAME" },
    { "missing", 0, 0, G_OPTION_ARG_STRING, &self->missing_text,
      "samples that a file lacks: error (default), empty (score as empty predictions) or "
      "skip",
      "HOW" },
    { "run", 'r', 0, G_OPTION_ARG_STRING, &self->run,
      "of a .mer file: a run's number, name or identity (default: the latest)", "RUN" },
    { "stage", 0, 0, G_OPTION_ARG_STRING, &self->stage,
      "of a run: whose labels are scored (default: the last stage)", "STAGE" },
    { "accept", 0, 0, G_OPTION_ARG_STRING, &self->accept_text,
      "of a run: outcomes whose labels count (default answered); others are empty "
      "predictions",
      "LIST" },
    { "metrics", 0, 0, G_OPTION_ARG_STRING, &self->metrics_text,
      "print each of these: all, or some of m1, m2, w1l1 … w5l2, ewl1, ewl2, m_avg",
      "LIST" },
    { "show-unknown", 'u', 0, G_OPTION_ARG_NONE, &self->show_unknown,
      "list the words that are not in the mapping, and so not scored", NULL },
    { "resamples", 0, 0, G_OPTION_ARG_INT, &self->resamples,
      "bootstrap resamples for intervals (default 1000; 0: none)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &self->seed,
      "of the resamples and the random rows; equal seeds give equal numbers", "N" },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &self->format_text, MER_OUTPUT_FORMATS,
      "FORMAT" },
    { NULL },
  };

  return mer_command_parse (&help, options, argc, argv, status);
}

int
mer_command_score (int argc, char **argv)
{
  g_auto (MerScore) self = { 0 };
  g_autoptr (GError) error = NULL;
  int status = MER_EXIT_OK;

  set_defaults (&self);
  if (!parse (&self, &argc, &argv, &status))
    return status;
  set_text_default (&self.truth_column, "openset");
  set_text_default (&self.column, "openset");
  set_text_default (&self.id_column, "name");
  if (argc < 2)
    return mer_command_usage ("score", "which files of predictions?");
  if (!check_options (&self, &error) || !load_all (&self, argv + 1, argc - 1, &error))
    return mer_command_fail ("score", error);
  mer_score_print (&self);
  return MER_EXIT_OK;
}
