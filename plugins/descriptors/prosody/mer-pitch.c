/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pitch by the autocorrelation method of P. Boersma, "Accurate short-term analysis of the
 * fundamental frequency and the harmonics-to-noise ratio of a sampled sound", Proceedings
 * of the Institute of Phonetic Sciences Amsterdam 17 (1993), 97-110, with the constants
 * that phoneticians know from Praat. The paper interpolates the autocorrelation with
 * sin(x)/x; here the same comes from a longer inverse transform of the power spectrum. */

#include "mer-pitch.h"

#include <gst/fft/gstfftf32.h>
#include <math.h>
#include <string.h>

#define PERIODS_PER_WINDOW 3
#define FRAMES_PER_WINDOW 4 /* a frame every quarter window: 10 ms at a floor of 75 Hz */
#define OVERSAMPLING 2
#define MAX_CANDIDATES 15
#define SILENCE_THRESHOLD 0.03
#define VOICING_THRESHOLD 0.45
#define OCTAVE_COST 0.01
#define OCTAVE_JUMP_COST 0.35
#define VOICING_CHANGE_COST 0.14
#define FRAMES_BETWEEN_CANCEL_CHECKS 256

/* candidate 0 of each frame is "no voice": frequency 0 */
typedef struct
{
  float frequency;
  float strength;
} Candidate;

typedef struct
{
  Candidate candidates[MAX_CANDIDATES];
  guint n_candidates;
  float intensity;
} Column;

typedef struct
{
  guint rate;
  guint window_length;
  guint fft_length;
  float *window;
  float *window_lags; /* autocorrelation of the window, at OVERSAMPLING × rate */
  GstFFTF32 *forward;
  GstFFTF32 *inverse;
  float *frame;
  float *lags;
  GstFFTF32Complex *spectrum;
  GstFFTF32Complex *wide;
} Correlator;

static void
correlator_clear (Correlator *self)
{
  g_clear_pointer (&self->forward, gst_fft_f32_free);
  g_clear_pointer (&self->inverse, gst_fft_f32_free);
  g_clear_pointer (&self->window, g_free);
  g_clear_pointer (&self->window_lags, g_free);
  g_clear_pointer (&self->frame, g_free);
  g_clear_pointer (&self->lags, g_free);
  g_clear_pointer (&self->spectrum, g_free);
  g_clear_pointer (&self->wide, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Correlator, correlator_clear)

/* lags of what stands in frame, normalised to 1 at lag 0 */
static void
correlator_run (Correlator *self)
{
  float scale;

  gst_fft_f32_fft (self->forward, self->frame, self->spectrum);
  for (guint k = 0; k <= self->fft_length / 2; k++)
    {
      float re = self->spectrum[k].r, im = self->spectrum[k].i;

      self->wide[k].r = re * re + im * im;
    }
  self->wide[self->fft_length / 2].r /= 2; /* shared by both halves once it is inside */
  gst_fft_f32_inverse_fft (self->inverse, self->wide, self->lags);
  scale = self->lags[0] > 0 ? 1 / self->lags[0] : 0;
  for (guint i = 0; i < self->window_length * OVERSAMPLING / 2; i++)
    self->lags[i] *= scale;
}

static void
correlator_init (Correlator *self, guint rate)
{
  guint half = (guint) (PERIODS_PER_WINDOW * rate / MER_PITCH_FLOOR / 2);
  guint wide_length;

  self->rate = rate;
  self->window_length = 2 * half;
  self->fft_length = 2;
  /* lags up to half a window must not wrap around */
  while (self->fft_length < self->window_length * 3 / 2)
    self->fft_length *= 2;
  wide_length = self->fft_length * OVERSAMPLING;
  self->forward = gst_fft_f32_new ((int) self->fft_length, FALSE);
  self->inverse = gst_fft_f32_new ((int) wide_length, TRUE);
  self->window = g_new0 (float, self->window_length);
  self->window_lags = g_new (float, wide_length);
  self->frame = g_new0 (float, self->fft_length);
  self->lags = g_new0 (float, wide_length);
  self->spectrum = g_new0 (GstFFTF32Complex, self->fft_length / 2 + 1);
  self->wide = g_new0 (GstFFTF32Complex, wide_length / 2 + 1);

  for (guint i = 0; i < self->window_length; i++)
    self->window[i]
        = (float) (0.5 - 0.5 * cos (2 * G_PI * (i + 1) / (self->window_length + 1)));
  memcpy (self->frame, self->window, self->window_length * sizeof (float));
  correlator_run (self);
  memcpy (self->window_lags, self->lags, wide_length * sizeof (float));
}

static double
window_mean (const MerWave *wave, gssize from, gssize to)
{
  double sum = 0;

  from = MAX (from, 0);
  to = MIN (to, (gssize) wave->n_samples);
  if (to <= from)
    return 0;
  for (gssize i = from; i < to; i++)
    sum += wave->samples[i];
  return sum / (double) (to - from);
}

/* puts the window around @centre into the correlator, without its mean; returns the peak
 * within a period of the centre */
static double
load_frame (Correlator *self, const MerWave *wave, gssize centre)
{
  gssize period = (gssize) (self->rate / MER_PITCH_FLOOR);
  gssize half = self->window_length / 2;
  double mean = window_mean (wave, centre - period, centre + period);
  double peak = 0;

  for (gssize i = 0; i < 2 * half; i++)
    {
      gssize at = centre - half + i;
      double value
          = at >= 0 && at < (gssize) wave->n_samples ? wave->samples[at] - mean : 0;

      self->frame[i] = (float) value * self->window[i];
      if (ABS (i - half) <= period / 2)
        peak = MAX (peak, fabs (value));
    }
  return peak;
}

static double
weighed (const Candidate *candidate)
{
  return candidate->strength - OCTAVE_COST * log2 (MER_PITCH_FLOOR / candidate->frequency);
}

static void
add_candidate (Column *column, float frequency, float strength)
{
  Candidate new = { frequency, strength };
  guint weakest = 1;

  if (column->n_candidates < MAX_CANDIDATES)
    {
      column->candidates[column->n_candidates++] = new;
      return;
    }
  for (guint i = 2; i < MAX_CANDIDATES; i++)
    if (weighed (&column->candidates[i]) < weighed (&column->candidates[weakest]))
      weakest = i;
  if (weighed (&new) > weighed (&column->candidates[weakest]))
    column->candidates[weakest] = new;
}

/* the peaks of the frame's autocorrelation divided by the window's are the candidates */
static void
find_candidates (Correlator *self, Column *column)
{
  double lag_rate = (double) self->rate * OVERSAMPLING;
  guint first = MAX (2, (guint) (lag_rate / MER_PITCH_CEILING));
  guint last = (guint) (lag_rate / MER_PITCH_FLOOR) + 1;
  double before, here, after;

  here = self->lags[first - 1] / self->window_lags[first - 1];
  after = self->lags[first] / self->window_lags[first];
  for (guint i = first; i <= last; i++)
    {
      double slope, curve, strength, frequency;

      before = here;
      here = after;
      after = self->lags[i + 1] / self->window_lags[i + 1];
      if (here <= VOICING_THRESHOLD / 2 || here <= before || here < after)
        continue;
      slope = (after - before) / 2;
      curve = 2 * here - before - after;
      frequency = lag_rate / (i + slope / curve);
      strength = here + slope * slope / (2 * curve);
      if (frequency < MER_PITCH_CEILING)
        add_candidate (column, (float) frequency,
                       (float) (strength > 1 ? 1 / strength : strength));
    }
}

/* how good it is to choose this candidate, whatever its neighbours are */
static double
local_score (const Column *column, const Candidate *candidate)
{
  double loudness = column->intensity / (SILENCE_THRESHOLD / (1 + VOICING_THRESHOLD));

  if (candidate->frequency > 0)
    return candidate->strength
           - OCTAVE_COST * log2 (MER_PITCH_CEILING / candidate->frequency);
  return VOICING_THRESHOLD + MAX (0, 2 - loudness);
}

static double
jump_cost (const Candidate *from, const Candidate *to, double correction)
{
  if (from->frequency <= 0 && to->frequency <= 0)
    return 0;
  if (from->frequency <= 0 || to->frequency <= 0)
    return VOICING_CHANGE_COST * correction;
  return OCTAVE_JUMP_COST * correction * fabs (log2 (from->frequency / to->frequency));
}

/* what it costs at best to come to @to from the frame before, and from where */
static double
best_origin (const Column *before, const double *score, const Candidate *to,
             double correction, guint8 *origin)
{
  double most = -G_MAXDOUBLE;

  for (guint from = 0; from < before->n_candidates; from++)
    {
      double value = score[from] - jump_cost (&before->candidates[from], to, correction);

      if (value <= most)
        continue;
      most = value;
      *origin = (guint8) from;
    }
  return most;
}

/* the best path through all frames (Viterbi) */
static void
choose_path (const Column *columns, MerPitchTrack *track)
{
  /* the costs are meant for steps of 10 ms */
  double correction = 0.01 / track->step;
  g_autofree guint8 *origins = g_new0 (guint8, (gsize) track->n_frames * MAX_CANDIDATES);
  double score[MAX_CANDIDATES] = { 0 };
  guint best = 0;

  for (guint f = 0; f < track->n_frames; f++)
    {
      double next[MAX_CANDIDATES] = { 0 };

      for (guint to = 0; to < columns[f].n_candidates; to++)
        {
          const Candidate *candidate = &columns[f].candidates[to];
          guint8 *origin = &origins[(gsize) f * MAX_CANDIDATES + to];

          next[to] = local_score (&columns[f], candidate);
          if (f > 0)
            next[to] += best_origin (&columns[f - 1], score, candidate, correction, origin);
        }
      memcpy (score, next, sizeof score);
    }

  for (guint i = 1; i < columns[track->n_frames - 1].n_candidates; i++)
    if (score[i] > score[best])
      best = i;
  for (guint f = track->n_frames; f-- > 0;)
    {
      track->frames[f].frequency = columns[f].candidates[best].frequency;
      track->frames[f].strength = columns[f].candidates[best].strength;
      track->frames[f].intensity = columns[f].intensity;
      best = origins[(gsize) f * MAX_CANDIDATES + best];
    }
}

static double
global_peak (const MerWave *wave)
{
  double mean = window_mean (wave, 0, (gssize) wave->n_samples);
  double peak = 0;

  for (gsize i = 0; i < wave->n_samples; i++)
    peak = MAX (peak, fabs (wave->samples[i] - mean));
  return peak;
}

/**
 * mer_pitch_track_new:
 * @wave: a sound
 * @cancellable: (nullable): stops the analysis
 * @error: return location
 *
 * Follows the fundamental frequency of the voice in @wave. A sound shorter than three
 * periods of the lowest pitch, or without any amplitude, has no frames.
 *
 * Returns: (transfer full): the track, or %NULL when @cancellable fired
 */
MerPitchTrack *
mer_pitch_track_new (const MerWave *wave, GCancellable *cancellable, GError **error)
{
  g_auto (Correlator) correlator = { 0 };
  g_autoptr (MerPitchTrack) self = g_new0 (MerPitchTrack, 1);
  g_autofree Column *columns = NULL;
  double window = PERIODS_PER_WINDOW / MER_PITCH_FLOOR;
  double seconds = mer_wave_get_seconds (wave);
  double peak = global_peak (wave);

  self->step = window / FRAMES_PER_WINDOW;
  if (seconds < window || peak <= 0)
    return g_steal_pointer (&self);
  self->n_frames = (guint) ((seconds - window) / self->step) + 1;
  self->start = (seconds - (self->n_frames - 1) * self->step) / 2;
  self->frames = g_new0 (MerPitchFrame, self->n_frames);
  columns = g_new0 (Column, self->n_frames);
  correlator_init (&correlator, wave->rate);
  for (guint f = 0; f < self->n_frames; f++)
    {
      double centre = (self->start + f * self->step) * wave->rate;
      double local;

      if (f % FRAMES_BETWEEN_CANCEL_CHECKS == 0
          && g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      local = load_frame (&correlator, wave, (gssize) centre);
      columns[f].n_candidates = 1;
      columns[f].intensity = (float) MIN (1, local / peak);
      if (local <= 0)
        continue;
      correlator_run (&correlator);
      find_candidates (&correlator, &columns[f]);
    }
  choose_path (columns, self);
  return g_steal_pointer (&self);
}

void
mer_pitch_track_free (MerPitchTrack *self)
{
  g_free (self->frames);
  g_free (self);
}

/**
 * mer_pitch_track_is_voiced:
 * @self: a track
 * @time: seconds
 *
 * Returns: whether the frame nearest to @time has a voice
 */
gboolean
mer_pitch_track_is_voiced (const MerPitchTrack *self, double time)
{
  double index = floor ((time - self->start) / self->step + 0.5);

  return index >= 0 && index < self->n_frames && self->frames[(guint) index].frequency > 0;
}
