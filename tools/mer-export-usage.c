/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer export --what usage: what the answers of a run used and cost, by stage and model,
 * whenever they were asked for */
#include "mer-export-rows.h"
#include "sample/mer-record.h"
#include "sample/mer-tally.h"

const char *const mer_export_usage_columns[]
    = { "stage",        "model",        "samples",       "calls",         "input",
        "input-cached", "cache-write",  "input-audio",   "input-image",   "input-video",
        "output",       "reasoning",    "output-audio",  "audio-seconds", "usd",
        "usd-unknown",  "usd-reported", "usd-estimated", "answered",      "refused",
        "filtered",     "truncated",    "unparseable",   "api-failed",    "decode-failed",
        "skipped",      "reasons",      "strict",        "lenient",       NULL };

typedef struct
{
  MerExport *export;
  MerTally *tally;
} Counting;

static gboolean
count_record (const char *id, const char *record, gpointer user_data, GError **error)
{
  Counting *self = user_data;
  g_autofree char *place
      = g_strdup_printf ("%s: sample “%s”", mer_store_get_path (self->export->store), id);
  g_autoptr (MerSample) sample = mer_record_parse_line (place, 1, record, -1, error);

  if (sample == NULL)
    return FALSE;
  mer_tally_add_sample (self->tally, sample);
  return TRUE;
}

static void
set_known (JsonObject *object, const char *name, gint64 count)
{
  if (count >= 0)
    json_object_set_int_member (object, name, count);
}

static void
set_usage (JsonObject *object, const MerTallyRow *row)
{
  MerUsage usage = row->usage;

  mer_usage_add (&usage, &row->journal_usage);
  set_known (object, "input", usage.input);
  set_known (object, "input-cached", usage.input_cached);
  set_known (object, "cache-write", usage.cache_write);
  set_known (object, "input-audio", usage.input_audio);
  set_known (object, "input-image", usage.input_image);
  set_known (object, "input-video", usage.input_video);
  set_known (object, "output", usage.output);
  set_known (object, "reasoning", usage.reasoning);
  set_known (object, "output-audio", usage.output_audio);
  if (usage.seconds >= 0)
    json_object_set_double_member (object, "audio-seconds", usage.seconds);
}

static void
set_cost (JsonObject *object, const MerTallyRow *row)
{
  MerTallyCost cost = row->cost;

  mer_tally_cost_add (&cost, &row->journal_cost);
  if (cost.n_known > 0)
    json_object_set_double_member (object, "usd", cost.usd);
  json_object_set_int_member (object, "usd-unknown", cost.n_unknown + cost.n_lost);
  json_object_set_int_member (object, "usd-reported", cost.n_reported);
  json_object_set_int_member (object, "usd-estimated", cost.n_estimated);
}

/* such as `refusal 3, timeout 1` */
static char *
dup_reasons (const MerTallyRow *row)
{
  GString *text = g_string_new (NULL);

  for (guint i = MER_REASON_NONE + 1; i < MER_N_REASONS; i++)
    if (row->reasons[i] > 0)
      g_string_append_printf (text, "%s%s %u", text->len > 0 ? ", " : "",
                              mer_reason_to_string (i), row->reasons[i]);
  return g_string_free (text, FALSE);
}

static void
add_row (MerExport *self, const MerTallyRow *row)
{
  JsonObject *object = mer_export_row_new ("stage", row->stage);
  g_autofree char *reasons = dup_reasons (row);

  json_object_set_string_member (object, "model", row->model);
  json_object_set_int_member (object, "samples", row->samples);
  json_object_set_int_member (object, "calls", row->calls + row->from_journal);
  set_usage (object, row);
  set_cost (object, row);
  for (guint i = 0; i < MER_N_OUTCOMES; i++)
    json_object_set_int_member (object, mer_outcome_to_string (i), row->outcomes[i]);
  json_object_set_string_member (object, "reasons", reasons);
  json_object_set_int_member (object, "strict", row->strict);
  json_object_set_int_member (object, "lenient", row->lenient);
  mer_export_file_add (self->file, object);
}

gboolean
mer_export_write_usage (MerExport *self, GError **error)
{
  g_autoptr (MerTally) tally = mer_tally_new ();
  Counting counting = { self, tally };

  if (!mer_store_foreach_record (self->store, self->run->number, count_record, &counting,
                                 error))
    return FALSE;
  for (guint i = 0; i < mer_tally_get_n_rows (tally); i++)
    {
      const MerTallyRow *row = mer_tally_get_row (tally, i);

      if (self->stage == NULL || g_str_equal (self->stage, row->stage))
        add_row (self, row);
    }
  return TRUE;
}
