/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a run's stages came to, for people: tokens, money, time, outcomes */
#include "mer-usage-table.h"

#include "mer-output.h"

static const MerOutputColumn columns[]
    = { { "stage", FALSE },  { "model", FALSE },    { "calls", TRUE }, { "journal", TRUE },
        { "read", TRUE },    { "cached", TRUE },    { "audio", TRUE }, { "image", TRUE },
        { "written", TRUE }, { "reasoning", TRUE }, { "USD", TRUE },   { "USD then", TRUE },
        { "s a call", TRUE } };

static char *
show_count (gint64 count)
{
  return count < 0 ? g_strdup ("") : g_strdup_printf ("%" G_GINT64_FORMAT, count);
}

/* media tokens, whichever way the pictures went */
static gint64
count_pictures (const MerUsage *usage)
{
  if (usage->input_image < 0 && usage->input_video < 0)
    return -1;
  return MAX (0, usage->input_image) + MAX (0, usage->input_video);
}

/* `≥` where some of it is not known, `~` where some of it was guessed; empty where nothing
 * is known, which is not 0 */
static char *
show_cost (const MerTallyCost *cost, guint n_calls)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  const char *mark = "";

  if (n_calls == 0)
    return g_strdup ("");
  if (cost->n_known == 0)
    return g_strdup (cost->n_unknown + cost->n_lost > 0 ? "?" : "");
  if (cost->n_unknown + cost->n_lost > 0)
    mark = "≥";
  else if (cost->n_estimated > 0)
    mark = "~";
  g_ascii_formatd (text, sizeof text,
                   cost->usd < 0.01 ? "%.2g"
                   : cost->usd < 1  ? "%.4f"
                                    : "%.2f",
                   cost->usd);
  return g_strconcat (mark, text, NULL);
}

static void
add_row (MerOutput *output, const char *stage, const MerTallyRow *row)
{
  char seconds[G_ASCII_DTOSTR_BUF_SIZE] = "";
  MerUsage usage = row->usage;

  mer_usage_add (&usage, &row->journal_usage);
  if (row->calls > 0)
    g_ascii_formatd (seconds, sizeof seconds, "%.2f", row->seconds / row->calls);

  char *cells[] = { g_strdup (stage),
                    g_strdup (row->model != NULL ? row->model : ""),
                    show_count (row->calls),
                    show_count (row->from_journal),
                    show_count (mer_usage_get_read (&usage)),
                    show_count (usage.input_cached),
                    show_count (usage.input_audio),
                    show_count (count_pictures (&usage)),
                    show_count (usage.output),
                    show_count (usage.reasoning),
                    show_cost (&row->cost, row->calls),
                    show_cost (&row->journal_cost, row->from_journal),
                    g_strdup (seconds),
                    NULL };
  mer_output_take (output, g_memdup2 (cells, sizeof cells));
}

static void
print_calls (const MerTally *tally, FILE *file)
{
  g_autoptr (MerOutput) output = mer_output_new (columns, G_N_ELEMENTS (columns));
  MerTallyRow total = mer_tally_get_total (tally);
  guint n_rows = 0;

  for (guint i = 0; i < mer_tally_get_n_rows (tally); i++)
    {
      const MerTallyRow *row = mer_tally_get_row (tally, i);

      if (row->calls + row->from_journal == 0)
        continue;
      add_row (output, row->stage, row);
      n_rows++;
    }
  if (n_rows > 1)
    add_row (output, "(all)", &total);
  if (n_rows > 0)
    mer_output_print (output, MER_OUTPUT_TABLE, file);
}

/* `refused 3 (refusal 3)`: an outcome with its reasons */
static void
append_outcome (GString *line, const MerTallyRow *row, MerOutcome outcome)
{
  g_autoptr (GString) reasons = g_string_new (NULL);

  if (row->outcomes[outcome] == 0)
    return;
  for (guint i = MER_REASON_NONE + 1; i < MER_N_REASONS; i++)
    if (row->reasons[i] > 0 && mer_reason_get_outcome (i) == outcome)
      g_string_append_printf (reasons, "%s%s %u", reasons->len > 0 ? ", " : "",
                              mer_reason_to_string (i), row->reasons[i]);
  g_string_append_printf (line, "%s%s %u", line->len > 0 ? ", " : "",
                          mer_outcome_to_string (outcome), row->outcomes[outcome]);
  if (reasons->len > 0)
    g_string_append_printf (line, " (%s)", reasons->str);
}

/* a sample that was skipped or failed early names no model: the stage's rows together */
static MerTallyRow
sum_stage (const MerTally *tally, const char *stage)
{
  MerTallyRow sum = { .stage = (char *) stage };

  for (guint i = 0; i < mer_tally_get_n_rows (tally); i++)
    {
      const MerTallyRow *row = mer_tally_get_row (tally, i);

      if (!g_str_equal (row->stage, stage))
        continue;
      for (guint j = 0; j < MER_N_OUTCOMES; j++)
        sum.outcomes[j] += row->outcomes[j];
      for (guint j = 0; j < MER_N_REASONS; j++)
        sum.reasons[j] += row->reasons[j];
      sum.samples += row->samples;
      sum.strict += row->strict;
      sum.lenient += row->lenient;
    }
  return sum;
}

static void
print_outcomes (const MerTallyRow *row, FILE *file)
{
  g_autoptr (GString) line = g_string_new (NULL);

  /* that all answered needs no line, unless their labels were read */
  if (row->outcomes[MER_OUTCOME_ANSWERED] == row->samples
      && row->strict + row->lenient == 0)
    return;
  for (guint i = 0; i < MER_N_OUTCOMES; i++)
    append_outcome (line, row, i);
  if (row->strict + row->lenient > 0)
    g_string_append_printf (line, "; labels read strictly %u, leniently %u", row->strict,
                            row->lenient);
  fprintf (file, "%s: %s\n", row->stage, line->str);
}

/* all that is known of calls, and a line for each stage that did not merely answer */
void
mer_usage_table_print (const MerTally *tally, FILE *file)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  print_calls (tally, file);
  for (guint i = 0; i < mer_tally_get_n_rows (tally); i++)
    {
      const char *stage = mer_tally_get_row (tally, i)->stage;

      if (g_hash_table_add (seen, (gpointer) stage))
        {
          MerTallyRow sum = sum_stage (tally, stage);

          print_outcomes (&sum, file);
        }
    }
}
