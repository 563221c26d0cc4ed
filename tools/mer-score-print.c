/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scores as JSON (fractions) and as tables (percent) */
#include "mer-score.h"

#include <math.h>

#include "emotion/mer-score-report.h"
#include "tables/mer-json.h"

/* the row of floors that is the truth itself knows what the truth is like */
static MerScores *
truth_scores (MerScore *self)
{
  return self->floors->pdata[self->floors->len - 1];
}

/* --- pairs --- */

static gboolean
has_skipped (MerScore *self)
{
  for (guint i = 0; i < self->systems->len; i++)
    if (mer_scores_get_n_samples (self->systems->pdata[i])
        != mer_scores_get_n_rows (self->systems->pdata[i]))
      return TRUE;
  return FALSE;
}

/* Where systems skipped samples, a pair is compared on those that both have. */
static MerBootstrap *
pair_bootstrap (MerScore *self, guint a, guint b)
{
  MerScores *pair[] = { self->systems->pdata[a], self->systems->pdata[b] };

  return mer_bootstrap_new (pair, 2, (guint) self->resamples, (guint64) self->seed, TRUE);
}

static JsonNode *
pair_to_json (MerScore *self, guint a, guint b, gboolean skipped)
{
  const char *name_a = mer_scores_get_name (self->systems->pdata[a]);
  const char *name_b = mer_scores_get_name (self->systems->pdata[b]);

  if (!skipped)
    return mer_difference_to_json (name_a, name_b, self->bootstrap, a, b);

  g_autoptr (MerBootstrap) own = pair_bootstrap (self, a, b);
  return mer_difference_to_json (name_a, name_b, own, 0, 1);
}

static void
pair_difference (MerScore *self, guint a, guint b, gboolean skipped, MerDifference *out)
{
  if (!skipped)
    return mer_bootstrap_get_difference (self->bootstrap, a, b, MER_FIGURE_EWL1, out);

  g_autoptr (MerBootstrap) own = pair_bootstrap (self, a, b);
  mer_bootstrap_get_difference (own, 0, 1, MER_FIGURE_EWL1, out);
}

/* --- JSON --- */

static JsonObject *
truth_to_json (MerScore *self)
{
  JsonObject *object = json_object_new ();
  guint n_groups = mer_bootstrap_get_n_groups (self->bootstrap);

  json_object_set_string_member (object, "file", self->truth->path);
  if (self->truth_path != NULL)
    json_object_set_string_member (object, "column", self->truth_column);
  mer_scores_add_truth_to_json (truth_scores (self), object, self->show_unknown);
  if (self->group_column != NULL)
    json_object_set_string_member (object, "group_column", self->group_column);
  json_object_set_int_member (object, "groups", n_groups);
  return object;
}

static JsonNode *
system_to_json (MerScore *self, MerScores *scores, MerBootstrap *bootstrap, guint system)
{
  gboolean unknown = self->show_unknown && bootstrap != NULL;
  JsonNode *node = mer_scores_to_json (scores, bootstrap, system, unknown);
  JsonObject *metrics
      = json_object_get_object_member (json_node_get_object (node), "metrics");

  for (guint figure = 0; figure < MER_N_FIGURES; figure++)
    if (!self->metrics[figure])
      json_object_remove_member (metrics, mer_figure_get_name (figure));
  return node;
}

static JsonArray *
pairs_to_json (MerScore *self)
{
  JsonArray *pairs = json_array_new ();
  gboolean skipped = has_skipped (self);

  for (guint a = 0; a < self->systems->len; a++)
    for (guint b = a + 1; b < self->systems->len; b++)
      json_array_add_element (pairs, pair_to_json (self, a, b, skipped));
  return pairs;
}

static void
print_json (MerScore *self)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonObject *bootstrap = json_object_new ();
  JsonArray *systems = json_array_new (), *floors = json_array_new ();

  json_object_set_member (object, "mapping", mer_mapping_identity_to_json (self->mapping));
  json_object_set_object_member (object, "truth", truth_to_json (self));
  json_object_set_int_member (bootstrap, "resamples", self->resamples);
  json_object_set_int_member (bootstrap, "seed", self->seed);
  json_object_set_object_member (object, "bootstrap", bootstrap);
  for (guint i = 0; i < self->systems->len; i++)
    json_array_add_element (
        systems, system_to_json (self, self->systems->pdata[i], self->bootstrap, i));
  for (guint i = 0; i < self->floors->len; i++)
    json_array_add_element (floors, system_to_json (self, self->floors->pdata[i], NULL, 0));
  json_object_set_array_member (object, "systems", systems);
  json_object_set_array_member (object, "floors", floors);
  json_object_set_array_member (object, "pairs", pairs_to_json (self));
  json_node_take_object (root, object);

  g_autofree char *text = mer_json_pretty (root);
  printf ("%s\n", text);
}

/* --- tables: figures in percent --- */

static char *
percent (double fraction)
{
  return isnan (fraction) ? g_strdup ("") : g_strdup_printf ("%.2f", 100 * fraction);
}

static char *
interval (double low, double high)
{
  return isnan (low) ? g_strdup ("") : g_strdup_printf ("%.1f…%.1f", 100 * low, 100 * high);
}

static char *
system_interval (MerScore *self, int system, guint figure)
{
  double low = NAN, high = NAN;

  if (system >= 0)
    mer_bootstrap_get_interval (self->bootstrap, (guint) system, figure, &low, &high);
  return interval (low, high);
}

static const MerOutputColumn summary_columns[] = {
  { "system", FALSE }, { "n", TRUE },     { "ewl1", TRUE },    { "95 %", TRUE },
  { "P", TRUE },       { "R", TRUE },     { "ewl2", TRUE },    { "m_avg", TRUE },
  { "labels", TRUE },  { "empty", TRUE }, { "unknown", TRUE }, { "answered", TRUE },
};

static void
add_summary (MerScore *self, MerOutput *output, MerScores *scores, int system)
{
  MerFigures ewl1, ewl2, m_avg;
  char **cells = g_new0 (char *, G_N_ELEMENTS (summary_columns) + 1);
  guint i = 0;

  mer_scores_get_figures (scores, MER_FIGURE_EWL1, &ewl1);
  mer_scores_get_figures (scores, MER_FIGURE_EWL2, &ewl2);
  mer_scores_get_figures (scores, MER_FIGURE_M_AVG, &m_avg);
  cells[i++] = g_strdup (mer_scores_get_name (scores));
  cells[i++] = g_strdup_printf ("%u", mer_scores_get_n_samples (scores));
  cells[i++] = percent (ewl1.f);
  cells[i++] = system_interval (self, system, MER_FIGURE_EWL1);
  cells[i++] = percent (ewl1.precision);
  cells[i++] = percent (ewl1.recall);
  cells[i++] = percent (ewl2.f);
  cells[i++] = percent (m_avg.f);
  cells[i++]
      = g_strdup_printf ("%.2f", mer_scores_get_mean_labels (scores, MER_SIDE_PREDICTED));
  cells[i++] = percent (mer_scores_get_empty (scores));
  cells[i++] = percent (mer_scores_get_unknown (scores, MER_SIDE_PREDICTED));
  cells[i++] = percent (mer_scores_get_coverage (scores));
  mer_output_take (output, cells);
}

static const MerOutputColumn figure_columns[] = {
  { "system", FALSE }, { "metric", FALSE }, { "n", TRUE },    { "P", TRUE },
  { "R", TRUE },       { "F", TRUE },       { "95 %", TRUE },
};

static void
add_figures (MerScore *self, MerOutput *output, MerScores *scores, int system)
{
  for (guint figure = 0; figure < MER_N_FIGURES; figure++)
    {
      char **cells = g_new0 (char *, G_N_ELEMENTS (figure_columns) + 1);
      MerFigures figures;
      guint i = 0;

      mer_scores_get_figures (scores, figure, &figures);
      cells[i++] = g_strdup (mer_scores_get_name (scores));
      cells[i++] = g_strdup (mer_figure_get_name (figure));
      cells[i++]
          = figure < MER_N_METRICS ? g_strdup_printf ("%u", figures.n) : g_strdup ("");
      cells[i++] = percent (figures.precision);
      cells[i++] = percent (figures.recall);
      cells[i++] = percent (figures.f);
      cells[i++] = system_interval (self, system, figure);
      if (self->metrics[figure])
        mer_output_take (output, cells);
      else
        g_strfreev (cells);
    }
}

static guint
find_best (MerScore *self)
{
  guint best = 0;
  double best_f = -1;

  for (guint i = 0; i < self->systems->len; i++)
    {
      MerFigures figures;

      mer_scores_get_figures (self->systems->pdata[i], MER_FIGURE_EWL1, &figures);
      if (figures.f > best_f)
        {
          best_f = figures.f;
          best = i;
        }
    }
  return best;
}

/* the best against each of the others; all pairs are in the JSON */
static MerOutput *
make_pairs (MerScore *self)
{
  static const MerOutputColumn columns[] = {
    { "best", FALSE }, { "less", FALSE }, { "ewl1", TRUE }, { "95 %", TRUE }, { "p", TRUE },
  };
  MerOutput *output = mer_output_new (columns, G_N_ELEMENTS (columns));
  gboolean skipped = has_skipped (self);
  guint best = find_best (self);

  for (guint i = 0; i < self->systems->len; i++)
    {
      char **cells = g_new0 (char *, G_N_ELEMENTS (columns) + 1);
      MerDifference difference = { 0 };

      if (i != best)
        pair_difference (self, best, i, skipped, &difference);
      cells[0] = g_strdup (mer_scores_get_name (self->systems->pdata[best]));
      cells[1] = g_strdup (mer_scores_get_name (self->systems->pdata[i]));
      cells[2] = g_strdup_printf ("%+.2f", 100 * difference.difference);
      cells[3] = interval (difference.low, difference.high);
      cells[4]
          = isnan (difference.p) ? g_strdup ("") : g_strdup_printf ("%.3f", difference.p);
      if (i != best)
        mer_output_take (output, cells);
      else
        g_strfreev (cells);
    }
  return output;
}

static void
print_unknown (MerScores *scores, MerSide side, const char *name)
{
  g_autoptr (GArray) words = mer_scores_get_unknown_words (scores, side);
  g_autofree char *shown = mer_output_escape (name);

  printf ("\nnot in the mapping, %s:", shown);
  for (guint i = 0; i < words->len; i++)
    {
      const MerWordCount *entry = &g_array_index (words, MerWordCount, i);
      g_autofree char *word = mer_output_escape (entry->word);

      printf ("%s %s (%u)", i > 0 ? "," : "", word, entry->count);
    }
  printf ("%s\n", words->len == 0 ? " none" : "");
}

static void
print_heading (MerScore *self)
{
  MerScores *truth = truth_scores (self);
  g_autofree char *path = mer_output_escape (self->truth->path);
  g_autofree char *name = mer_output_escape (mer_mapping_get_name (self->mapping));

  printf ("mapping %s (sha256 %.12s…), truth %s: %u samples, %.2f labels each, %.1f %% of "
          "them not in the mapping\n\n",
          name, mer_mapping_get_sha256 (self->mapping), path,
          mer_scores_get_n_samples (truth),
          mer_scores_get_mean_labels (truth, MER_SIDE_TRUTH),
          100 * mer_scores_get_unknown (truth, MER_SIDE_TRUTH));
}

static void
print_tables (MerScore *self)
{
  gboolean each = self->metrics_text != NULL;
  g_autoptr (MerOutput) output
      = each ? mer_output_new (figure_columns, G_N_ELEMENTS (figure_columns))
             : mer_output_new (summary_columns, G_N_ELEMENTS (summary_columns));
  gboolean with_text = self->format != MER_OUTPUT_CSV;

  for (guint i = 0; i < self->systems->len; i++)
    (each ? add_figures : add_summary) (self, output, self->systems->pdata[i], (int) i);
  for (guint i = 0; i < self->floors->len; i++)
    (each ? add_figures : add_summary) (self, output, self->floors->pdata[i], -1);
  if (with_text)
    print_heading (self);
  mer_output_print (output, self->format, stdout);
  if (with_text && self->systems->len > 1)
    {
      g_autoptr (MerOutput) pairs = make_pairs (self);

      printf ("\n");
      mer_output_print (pairs, self->format, stdout);
    }
  if (!with_text || !self->show_unknown)
    return;
  print_unknown (truth_scores (self), MER_SIDE_TRUTH, "truth");
  for (guint i = 0; i < self->systems->len; i++)
    print_unknown (self->systems->pdata[i], MER_SIDE_PREDICTED,
                   mer_scores_get_name (self->systems->pdata[i]));
}

void
mer_score_print (MerScore *self)
{
  if (self->format == MER_OUTPUT_JSON)
    print_json (self);
  else
    print_tables (self);
}
