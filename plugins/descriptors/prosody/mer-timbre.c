/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-timbre.h"

#include <gst/fft/gstfftf32.h>
#include <math.h>

#include "mer-statistic.h"

#define WINDOW 0.06 /* s; GeMAPS' for what changes with the voice source */
#define LEAST_POWER 1e-12
#define SILENCE_BELOW_LOUD 25. /* dB */
#define LOUD_QUANTILE 0.99
#define CENTROID_MAX 5500. /* Hz */
/* the auditory bands: triangles of equal width in mel */
#define N_BANDS 26
#define BANDS_FROM 20.   /* Hz */
#define BANDS_TO 8000.   /* Hz */
#define BAND_FLOOR 1e-10 /* below what 16 bits can tell from silence */
#define CEPSTRUM 4
/* from a band's energy to its loudness (Zwicker's) */
#define LOUDNESS_EXPONENT 0.23

typedef struct
{
  guint window_length;
  guint fft_length;
  double bin; /* Hz */
  float *window;
  float *frame;
  float *power; /* dB */
  GstFFTF32 *fft;
  GstFFTF32Complex *spectrum;
  guint edges[N_BANDS + 2]; /* bins */
} Analyser;

/* what is measured in each frame, and looked at when all are known */
typedef struct
{
  double *alpha;
  double *energy;
  double *loudness;
  double *cepstrum;
} Frames;

static void
frames_init (Frames *self, guint n)
{
  self->alpha = g_new (double, MAX (n, 1));
  self->energy = g_new (double, MAX (n, 1));
  self->loudness = g_new (double, MAX (n, 1));
  self->cepstrum = g_new (double, MAX (n, 1));
}

static void
frames_clear (Frames *self)
{
  g_clear_pointer (&self->alpha, g_free);
  g_clear_pointer (&self->energy, g_free);
  g_clear_pointer (&self->loudness, g_free);
  g_clear_pointer (&self->cepstrum, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Frames, frames_clear)

static void
analyser_clear (Analyser *self)
{
  g_clear_pointer (&self->fft, gst_fft_f32_free);
  g_clear_pointer (&self->window, g_free);
  g_clear_pointer (&self->frame, g_free);
  g_clear_pointer (&self->power, g_free);
  g_clear_pointer (&self->spectrum, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Analyser, analyser_clear)

static double
mel_from_hertz (double hertz)
{
  return 1127 * log (1 + hertz / 700);
}

static void
place_bands (Analyser *self, guint rate)
{
  double from = mel_from_hertz (BANDS_FROM);
  double to = mel_from_hertz (MIN (BANDS_TO, rate / 2.));

  for (guint i = 0; i < N_BANDS + 2; i++)
    {
      double mel = from + (to - from) * i / (N_BANDS + 1);

      self->edges[i] = (guint) (700 * (exp (mel / 1127) - 1) / self->bin + 0.5);
    }
}

static void
analyser_init (Analyser *self, guint rate)
{
  self->window_length = (guint) (rate * WINDOW);
  self->fft_length = 2;
  while (self->fft_length < self->window_length)
    self->fft_length *= 2;
  self->bin = (double) rate / self->fft_length;
  self->fft = gst_fft_f32_new ((int) self->fft_length, FALSE);
  self->window = g_new (float, self->window_length);
  self->frame = g_new0 (float, self->fft_length);
  self->power = g_new0 (float, self->fft_length / 2 + 1);
  self->spectrum = g_new0 (GstFFTF32Complex, self->fft_length / 2 + 1);
  place_bands (self, rate);
  for (guint i = 0; i < self->window_length; i++)
    self->window[i]
        = (float) (0.5 - 0.5 * cos (2 * G_PI * (i + 1) / (self->window_length + 1)));
}

static void
analyser_run (Analyser *self, const MerWave *wave, double time)
{
  gssize from = (gssize) (time * wave->rate) - self->window_length / 2;

  for (guint i = 0; i < self->window_length; i++)
    {
      gssize at = from + i;
      float value = at >= 0 && at < (gssize) wave->n_samples ? wave->samples[at] : 0;

      self->frame[i] = value * self->window[i];
    }
  gst_fft_f32_fft (self->fft, self->frame, self->spectrum);
  for (guint k = 0; k <= self->fft_length / 2; k++)
    {
      float re = self->spectrum[k].r, im = self->spectrum[k].i;

      self->power[k] = (float) (re * re + im * im + LEAST_POWER);
    }
}

static void
get_bins (const Analyser *self, double from, double to, guint *first, guint *last)
{
  *first = (guint) ceil (from / self->bin);
  *last = MIN ((guint) (to / self->bin), self->fft_length / 2);
}

static double
band_energy (const Analyser *self, double from, double to)
{
  guint first, last;
  double sum = 0;

  get_bins (self, from, to, &first, &last);
  for (guint k = first; k <= last; k++)
    sum += self->power[k];
  return 10 * log10 (MAX (sum, LEAST_POWER));
}

static double
band_peak (const Analyser *self, double from, double to)
{
  guint first, last;
  double peak = LEAST_POWER;

  get_bins (self, from, to, &first, &last);
  for (guint k = first; k <= last; k++)
    peak = MAX (peak, self->power[k]);
  return 10 * log10 (peak);
}

/* of the straight line through the band's levels, dB a kHz */
static double
band_slope (const Analyser *self, double from, double to)
{
  guint first, last;
  double n = 0, x = 0, y = 0, xx = 0, xy = 0, spread;

  get_bins (self, from, to, &first, &last);
  for (guint k = first; k <= last; k++)
    {
      double kilohertz = k * self->bin / 1000, level = 10 * log10 (self->power[k]);

      n++;
      x += kilohertz;
      y += level;
      xx += kilohertz * kilohertz;
      xy += kilohertz * level;
    }
  spread = n * xx - x * x;
  return spread > 0 ? (n * xy - x * y) / spread : 0;
}

static void
add_voiced_frame (MerTimbre *sum, const Analyser *analyser, double strength)
{
  double harmonic = CLAMP (strength, 1e-4, 1 - 1e-4);

  sum->hammarberg_index += band_peak (analyser, 0, 2000) - band_peak (analyser, 2000, 5000);
  sum->slope_low += band_slope (analyser, 0, 500);
  sum->slope_mid += band_slope (analyser, 500, 1500);
  sum->harmonics_to_noise += 10 * log10 (harmonic / (1 - harmonic));
  sum->n_frames++;
}

static void
add_spectrum (const Analyser *self, double *weight, double *moment)
{
  guint first, last;

  get_bins (self, 0, CENTROID_MAX, &first, &last);
  for (guint k = first; k <= last; k++)
    {
      *weight += self->power[k];
      *moment += self->power[k] * k * self->bin;
    }
}

/* a triangle that rises from edges[band] to the next edge and falls to the one after */
static double
auditory_energy (const Analyser *self, guint band)
{
  guint low = self->edges[band], peak = self->edges[band + 1],
        high = MIN (self->edges[band + 2], self->fft_length / 2);
  double rise = 0, fall = 0;

  for (guint k = low; k < peak; k++)
    rise += self->power[k] * (float) (k - low);
  for (guint k = peak; k < high; k++)
    fall += self->power[k] * (float) (high - k);
  return rise / MAX (peak - low, 1) + fall / (high > peak ? high - peak : 1);
}

static void
hear_frame (const Analyser *self, double *loudness, double *cepstrum)
{
  *loudness = *cepstrum = 0;
  for (guint i = 0; i < N_BANDS; i++)
    {
      double level = log (auditory_energy (self, i) + BAND_FLOOR);

      *loudness += exp (LOUDNESS_EXPONENT * level);
      *cepstrum += level * cos (G_PI * CEPSTRUM * (i + 0.5) / N_BANDS);
    }
}

static double
quietest_sound (const double *energy, guint n)
{
  g_autofree double *sorted = g_memdup2 (energy, n * sizeof *energy);

  mer_statistic_sort (sorted, n);
  return mer_statistic_quantile (sorted, n, LOUD_QUANTILE) - SILENCE_BELOW_LOUD;
}

/* over the frames that sound */
static double
mean_of_sounding (const double *values, const double *energy, guint n, double silence,
                  double *deviation)
{
  double sum = 0, squares = 0;
  guint n_sounding = 0;

  for (guint i = 0; i < n; i++)
    {
      if (energy[i] <= silence)
        continue;
      sum += values[i];
      squares += values[i] * values[i];
      n_sounding++;
    }
  sum /= MAX (n_sounding, 1);
  *deviation = sqrt (MAX (0, squares / MAX (n_sounding, 1) - sum * sum));
  return sum;
}

static void
sum_up_frames (MerTimbre *timbre, const Frames *frames, guint n)
{
  double silence = quietest_sound (frames->energy, n);
  double mean, deviation;

  timbre->alpha_ratio
      = mean_of_sounding (frames->alpha, frames->energy, n, silence, &deviation);
  timbre->cepstrum = mean_of_sounding (frames->cepstrum, frames->energy, n, silence,
                                       &timbre->cepstrum_deviation);
  mean = mean_of_sounding (frames->loudness, frames->energy, n, silence, &deviation);
  timbre->loudness_variation = mean > 0 ? deviation / mean : 0;
}

/**
 * mer_timbre_measure:
 * @wave: a sound
 * @pitch: its pitch
 * @timbre: (out caller-allocates): what was measured
 */
void
mer_timbre_measure (const MerWave *wave, const MerPitchTrack *pitch, MerTimbre *timbre)
{
  g_auto (Analyser) analyser = { 0 };
  g_auto (Frames) frames = { 0 };
  MerTimbre sum = { 0 };
  double weight = 0, moment = 0;

  analyser_init (&analyser, wave->rate);
  frames_init (&frames, pitch->n_frames);
  for (guint f = 0; f < pitch->n_frames; f++)
    {
      analyser_run (&analyser, wave, pitch->start + f * pitch->step);
      frames.alpha[f]
          = band_energy (&analyser, 1000, 5000) - band_energy (&analyser, 50, 1000);
      frames.energy[f] = band_energy (&analyser, 50, 5000);
      hear_frame (&analyser, &frames.loudness[f], &frames.cepstrum[f]);
      add_spectrum (&analyser, &weight, &moment);
      if (pitch->frames[f].frequency > 0)
        add_voiced_frame (&sum, &analyser, pitch->frames[f].strength);
    }
  *timbre = sum;
  if (sum.n_frames == 0)
    return;
  sum_up_frames (timbre, &frames, pitch->n_frames);
  timbre->centroid = weight > 0 ? moment / weight : 0;
  timbre->hammarberg_index /= sum.n_frames;
  timbre->slope_low /= sum.n_frames;
  timbre->slope_mid /= sum.n_frames;
  timbre->harmonics_to_noise /= sum.n_frames;
}
