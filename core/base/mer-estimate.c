/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-estimate.h"

#include <math.h>

/* clips that have to be decoded for a mean */
#define MAX_PICKED 100u

typedef struct
{
  double sum;
  guint n;
} Mean;

typedef struct
{
  MerEstimateStage counts;
  Mean guessed[3]; /* input, output, cost */
  Mean measured[4];
} Stage;

enum
{
  INPUT,
  OUTPUT,
  COST,
  SECONDS,
};

struct _MerEstimate
{
  GObject parent_instance;

  guint stride; /* between samples that are picked; constant */
  GMutex lock;
  GPtrArray *stages; /* Stage, in the order of the graph */
};

G_DEFINE_FINAL_TYPE (MerEstimate, mer_estimate, G_TYPE_OBJECT)

static void
counts_free (gpointer data)
{
  MerEstimateStage *counts = data;

  g_free (counts->stage);
  g_free (counts->model);
  g_free (counts);
}

static void
stage_free (gpointer data)
{
  Stage *stage = data;

  g_free (stage->counts.stage);
  g_free (stage->counts.model);
  g_free (stage);
}

static void
mer_estimate_finalize (GObject *object)
{
  MerEstimate *self = MER_ESTIMATE (object);

  g_ptr_array_unref (self->stages);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (mer_estimate_parent_class)->finalize (object);
}

static void
mer_estimate_class_init (MerEstimateClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_estimate_finalize;
}

static void
mer_estimate_init (MerEstimate *self)
{
  g_mutex_init (&self->lock);
  self->stages = g_ptr_array_new_with_free_func (stage_free);
}

/**
 * mer_estimate_new:
 * @n_samples: how many samples there will be
 *
 * Returns: (transfer full): an estimate of nothing so far
 */
MerEstimate *
mer_estimate_new (guint n_samples)
{
  MerEstimate *self = g_object_new (MER_TYPE_ESTIMATE, NULL);

  self->stride = MAX (1, (n_samples + MAX_PICKED - 1) / MAX_PICKED);
  return self;
}

/**
 * mer_estimate_picks:
 * @self: an estimate
 * @seq: a sample's number
 *
 * Decoding is what costs time before a run, so that of many clips some are picked, evenly
 * spread.
 *
 * Returns: whether this sample's clip is worth decoding
 */
gboolean
mer_estimate_picks (MerEstimate *self, guint64 seq)
{
  return seq % self->stride == self->stride / 2;
}

/**
 * mer_estimate_context_new:
 * @self: an estimate
 *
 * Returns: (transfer full): a persistent context that brings it to backends
 */
GstContext *
mer_estimate_context_new (MerEstimate *self)
{
  GstContext *context = gst_context_new (MER_ESTIMATE_CONTEXT, TRUE);

  gst_structure_set (gst_context_writable_structure (context), "estimate",
                     MER_TYPE_ESTIMATE, self, NULL);
  return context;
}

/**
 * mer_estimate_from_context:
 * @context: a context of any type
 *
 * Returns: (transfer full) (nullable): the estimate in it
 */
MerEstimate *
mer_estimate_from_context (GstContext *context)
{
  MerEstimate *self = NULL;

  if (gst_context_has_context_type (context, MER_ESTIMATE_CONTEXT))
    gst_structure_get (gst_context_get_structure (context), "estimate", MER_TYPE_ESTIMATE,
                       &self, NULL);
  return self;
}

static Stage *
find (MerEstimate *self, const char *name)
{
  for (guint i = 0; i < self->stages->len; i++)
    {
      Stage *stage = self->stages->pdata[i];

      if (g_str_equal (stage->counts.stage, name))
        return stage;
    }

  /* a graph is opened from its end, so that this is the order of the flow */
  Stage *stage = g_new0 (Stage, 1);
  stage->counts.stage = g_strdup (name);
  g_ptr_array_insert (self->stages, 0, stage);
  return stage;
}

static void
add (Mean *mean, double value)
{
  if (isnan (value) || value < 0)
    return;
  mean->sum += value;
  mean->n++;
}

static double
get (const Mean *measured, const Mean *guessed)
{
  if (measured->n > 0)
    return measured->sum / measured->n;
  return guessed != NULL && guessed->n > 0 ? guessed->sum / guessed->n : NAN;
}

/**
 * mer_estimate_add_stage:
 * @self: an estimate
 * @stage: a stage's name
 * @model: (nullable): whom it asks
 * @at_once: calls in flight at most
 *
 * Tells of a stage before its first sample.
 */
void
mer_estimate_add_stage (MerEstimate *self, const char *stage, const char *model,
                        guint at_once)
{
  g_mutex_lock (&self->lock);
  MerEstimateStage *counts = &find (self, stage)->counts;
  counts->at_once = at_once;
  g_free (counts->model);
  counts->model = g_strdup (model);
  g_mutex_unlock (&self->lock);
}

/**
 * mer_estimate_add_call:
 * @self: an estimate
 * @stage: a stage's name
 * @guess: what the call is thought to take
 *
 * Counts a call that would be made.
 */
void
mer_estimate_add_call (MerEstimate *self, const char *stage, const MerEstimateCall *guess)
{
  g_mutex_lock (&self->lock);
  Stage *place = find (self, stage);
  place->counts.calls++;
  add (&place->guessed[INPUT], guess->input);
  add (&place->guessed[OUTPUT], guess->output);
  add (&place->guessed[COST], guess->cost);
  g_mutex_unlock (&self->lock);
}

/**
 * mer_estimate_add_answer:
 * @self: an estimate
 * @stage: a stage's name
 * @result: what the journal holds
 *
 * Counts a call that need not be made, and what it took when it was.
 */
void
mer_estimate_add_answer (MerEstimate *self, const char *stage, MerResult *result)
{
  MerUsage usage = mer_result_get_usage (result);
  gint64 read = mer_usage_get_read (&usage);

  g_mutex_lock (&self->lock);
  Stage *place = find (self, stage);
  place->counts.answered++;
  if (!usage.estimated)
    {
      place->counts.measured += read >= 0 && usage.output >= 0;
      add (&place->measured[INPUT], (double) read);
      add (&place->measured[OUTPUT], (double) usage.output);
      add (&place->measured[COST], mer_result_get_cost (result));
    }
  add (&place->measured[SECONDS], mer_result_get_seconds (result));
  g_mutex_unlock (&self->lock);
}

/**
 * mer_estimate_add_skipped:
 * @self: an estimate
 * @stage: a stage's name
 *
 * Counts a sample that nobody is asked about.
 */
void
mer_estimate_add_skipped (MerEstimate *self, const char *stage)
{
  g_mutex_lock (&self->lock);
  find (self, stage)->counts.skipped++;
  g_mutex_unlock (&self->lock);
}

/**
 * mer_estimate_add_unseen:
 * @self: an estimate
 * @stage: a stage's name
 *
 * Counts a sample that was not looked at.
 */
void
mer_estimate_add_unseen (MerEstimate *self, const char *stage)
{
  g_mutex_lock (&self->lock);
  find (self, stage)->counts.unseen++;
  g_mutex_unlock (&self->lock);
}

/* what was not looked at is like what was, but for what the journal holds: that was */
static void
share_out_unseen (MerEstimateStage *counts)
{
  guint seen = counts->calls + counts->skipped;
  guint calls = seen > 0 ? (guint) round ((double) counts->unseen * counts->calls / seen)
                         : counts->unseen;

  counts->calls += calls;
  counts->skipped += counts->unseen - calls;
}

/**
 * mer_estimate_dup_stages:
 * @self: an estimate
 *
 * Returns: (transfer full) (element-type MerEstimateStage): the counts so far
 */
GPtrArray *
mer_estimate_dup_stages (MerEstimate *self)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (counts_free);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->stages->len; i++)
    {
      const Stage *stage = self->stages->pdata[i];
      MerEstimateStage *counts = g_new0 (MerEstimateStage, 1);

      *counts = stage->counts;
      counts->stage = g_strdup (stage->counts.stage);
      counts->model = g_strdup (stage->counts.model);
      counts->each = (MerEstimateCall){
        .input = get (&stage->measured[INPUT], &stage->guessed[INPUT]),
        .output = get (&stage->measured[OUTPUT], &stage->guessed[OUTPUT]),
        .cost = get (&stage->measured[COST], &stage->guessed[COST]),
        .seconds = get (&stage->measured[SECONDS], NULL)
      };
      share_out_unseen (counts);
      g_ptr_array_add (all, counts);
    }
  g_mutex_unlock (&self->lock);
  return all;
}
