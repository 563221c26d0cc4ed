/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/mer-progress.h"

#include <unistd.h>

/* between two plain lines, seconds */
#define PLAIN_INTERVAL 15.0
/* the same where nothing has changed since: batches may take a day */
#define PLAIN_BULK_INTERVAL 600.0
/* how many steps back the rate looks: enough to smooth the bursts in which ordered samples
 * come out, few enough to forget the answers that a resumed run takes from its journal */
#define STEPS 32

/* a moment at which samples had come out */
typedef struct
{
  double seconds;
  guint64 done;
} Step;

struct _MerProgress
{
  FILE *file;
  char *name;
  gboolean is_terminal;
  gboolean is_shown; /* a line stands on the terminal that will be written over */
  double last_plain;
  char *last_bulk;   /* what was written of batches, without times */
  Step steps[STEPS]; /* a ring; the first is the start */
  guint n_steps;
};

/**
 * mer_progress_new:
 * @file: where to write, usually stderr
 * @name: what is run
 *
 * Returns: (transfer full): a display
 */
MerProgress *
mer_progress_new (FILE *file, const char *name)
{
  MerProgress *self = g_new0 (MerProgress, 1);

  self->file = file;
  self->name = g_strdup (name);
  self->is_terminal = isatty (fileno (file)) != 0;
  return self;
}

void
mer_progress_free (MerProgress *self)
{
  mer_progress_clear (self);
  g_free (self->name);
  g_free (self->last_bulk);
  g_free (self);
}

static void
append_duration (GString *out, double seconds)
{
  const guint whole = (guint) MIN (seconds + 0.5, 359999.0);

  if (whole >= 3600)
    g_string_append_printf (out, "%u:%02u:%02u", whole / 3600, whole / 60 % 60, whole % 60);
  else
    g_string_append_printf (out, "%u:%02u", whole / 60, whole % 60);
}

/**
 * mer_progress_describe:
 * @counts: how far a run is
 * @rate: samples a second
 *
 * Returns: (transfer full): such as `120/332 samples, 4.2/s, 0:50 left, 3 failed`
 */
char *
mer_progress_describe (const MerRunCounts *counts, double rate)
{
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "%" G_GUINT64_FORMAT, counts->done);
  if (counts->total > 0)
    g_string_append_printf (out, "/%" G_GUINT64_FORMAT, counts->total);
  g_string_append (out, " samples");
  if (rate >= 1)
    g_string_append_printf (out, ", %.*f/s", rate < 10 ? 1 : 0, rate);
  else if (rate > 0)
    g_string_append_printf (out, ", %.1f s each", 1 / rate);
  if (rate > 0 && counts->total > counts->done)
    {
      g_string_append (out, ", ");
      append_duration (out, (double) (counts->total - counts->done) / rate);
      g_string_append (out, " left");
    }
  if (counts->failed > 0)
    g_string_append_printf (out, ", %" G_GUINT64_FORMAT " failed", counts->failed);
  if (counts->from_journal > 0)
    g_string_append_printf (out, ", %" G_GUINT64_FORMAT " answers from the journal",
                            counts->from_journal);
  return g_string_free (out, FALSE);
}

/* samples a second since the oldest step that is remembered */
static double
update_rate (MerProgress *self, const MerRunCounts *counts)
{
  const Step *last = &self->steps[self->n_steps % STEPS];

  if (counts->done > last->done)
    {
      self->n_steps++;
      self->steps[self->n_steps % STEPS] = (Step){ counts->seconds, counts->done };
    }

  const Step *oldest
      = &self->steps[self->n_steps < STEPS ? 0 : (self->n_steps + 1) % STEPS];
  const double passed = counts->seconds - oldest->seconds;

  return passed > 0 ? (double) (counts->done - oldest->done) / passed : 0;
}

/**
 * mer_progress_show:
 * @self: a display
 * @counts: how far the run is
 *
 * Shows it, where it is time to.
 */
void
mer_progress_show (MerProgress *self, const MerRunCounts *counts)
{
  const double rate = update_rate (self, counts);

  if (!self->is_terminal && counts->seconds - self->last_plain < PLAIN_INTERVAL)
    return;
  self->last_plain = counts->seconds;

  g_autofree char *text = mer_progress_describe (counts, rate);

  if (self->is_terminal)
    fprintf (self->file, "\r\033[K%s: %s", self->name, text);
  else
    fprintf (self->file, "%s: %s\n", self->name, text);
  self->is_shown = self->is_terminal;
  fflush (self->file);
}

/* takes the line away, so that something else can be written */
void
mer_progress_clear (MerProgress *self)
{
  if (self->is_shown)
    fputs ("\r\033[K", self->file);
  self->is_shown = FALSE;
  fflush (self->file);
}

/**
 * mer_progress_finish:
 * @self: a display
 * @counts: how the run ended
 * @report: (array zero-terminated=1): what else is to be said
 *
 * Leaves lines that say so.
 */
void
mer_progress_finish (MerProgress *self, const MerRunCounts *counts,
                     const char *const *report)
{
  g_autofree char *text = mer_progress_describe (
      counts, counts->seconds > 0 ? (double) counts->done / counts->seconds : 0);

  mer_progress_clear (self);
  fprintf (self->file, "%s: %s, %.1f s\n", self->name, text, counts->seconds);
  for (guint i = 0; report[i] != NULL; i++)
    fprintf (self->file, "%s: %s\n", self->name, report[i]);
  fflush (self->file);
}

static char *
describe_batches (const MerBulkProgress *bulk)
{
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "%u %s", bulk->batches,
                          bulk->batches == 1 ? "batch" : "batches");
  if (bulk->waiting < bulk->batches)
    g_string_append_printf (out, " (%u sent)", bulk->waiting);
  g_string_append_printf (out, ", %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " answered",
                          bulk->answered, bulk->calls);
  if (bulk->failed > 0)
    g_string_append_printf (out, ", %" G_GUINT64_FORMAT " failed", bulk->failed);
  return g_string_free (out, FALSE);
}

/**
 * mer_progress_describe_bulk:
 * @bulk: how far batches are
 * @seconds: since they are waited for
 * @now: microseconds since 1970 UTC
 *
 * Returns: (transfer full): such as `2 batches, 120/332 answered, 4 failed, 0:35, 23:10:00
 *   left at most`
 */
char *
mer_progress_describe_bulk (const MerBulkProgress *bulk, double seconds, gint64 now)
{
  g_autofree char *batches = describe_batches (bulk);
  GString *out = g_string_new (batches);

  g_string_append (out, ", ");
  append_duration (out, seconds);
  if (bulk->expires > now)
    {
      g_string_append (out, ", ");
      append_duration (out, (double) (bulk->expires - now) / G_USEC_PER_SEC);
      g_string_append (out, " left at most");
    }
  return g_string_free (out, FALSE);
}

/**
 * mer_progress_show_bulk:
 * @self: a display
 * @bulk: how far batches are
 * @seconds: since they are waited for
 *
 * Shows it, where it is time to: elsewhere than on a terminal when it has changed.
 */
void
mer_progress_show_bulk (MerProgress *self, const MerBulkProgress *bulk, double seconds)
{
  g_autofree char *batches = describe_batches (bulk);
  const gboolean is_news = g_strcmp0 (batches, self->last_bulk) != 0;
  const double passed = seconds - self->last_plain;

  if (!self->is_terminal && self->last_bulk != NULL
      && passed < (is_news ? PLAIN_INTERVAL : PLAIN_BULK_INTERVAL))
    return;
  self->last_plain = seconds;
  g_free (self->last_bulk);
  self->last_bulk = g_steal_pointer (&batches);

  g_autofree char *text = mer_progress_describe_bulk (bulk, seconds, g_get_real_time ());

  if (self->is_terminal)
    fprintf (self->file, "\r\033[K%s: %s", self->name, text);
  else
    fprintf (self->file, "%s: %s\n", self->name, text);
  self->is_shown = self->is_terminal;
  fflush (self->file);
}
