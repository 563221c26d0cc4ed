/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-timbre.h"

#include <gst/fft/gstfftf32.h>
#include <math.h>

#include "mer-statistic.h"

#define WINDOW 0.06 /* s; GeMAPS' for what changes with the voice source */
#define LEAST_POWER 1e-12
#define SILENCE_BELOW_LOUD 25. /* dB */
#define LOUD_QUANTILE 0.99

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
} Analyser;

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

static double
mean_of_sounding (const double *values, const double *energy, guint n)
{
  g_autofree double *sorted = g_memdup2 (energy, n * sizeof *energy);
  double silence, sum = 0;
  guint n_sounding = 0;

  mer_statistic_sort (sorted, n);
  silence = mer_statistic_quantile (sorted, n, LOUD_QUANTILE) - SILENCE_BELOW_LOUD;
  for (guint i = 0; i < n; i++)
    {
      if (energy[i] <= silence)
        continue;
      sum += values[i];
      n_sounding++;
    }
  return n_sounding > 0 ? sum / n_sounding : 0;
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
  g_autofree double *alpha = g_new (double, MAX (pitch->n_frames, 1));
  g_autofree double *energy = g_new (double, MAX (pitch->n_frames, 1));
  MerTimbre sum = { 0 };

  analyser_init (&analyser, wave->rate);
  for (guint f = 0; f < pitch->n_frames; f++)
    {
      analyser_run (&analyser, wave, pitch->start + f * pitch->step);
      alpha[f] = band_energy (&analyser, 1000, 5000) - band_energy (&analyser, 50, 1000);
      energy[f] = band_energy (&analyser, 50, 5000);
      if (pitch->frames[f].frequency > 0)
        add_voiced_frame (&sum, &analyser, pitch->frames[f].strength);
    }
  *timbre = sum;
  if (sum.n_frames == 0)
    return;
  timbre->alpha_ratio = mean_of_sounding (alpha, energy, pitch->n_frames);
  timbre->hammarberg_index /= sum.n_frames;
  timbre->slope_low /= sum.n_frames;
  timbre->slope_mid /= sum.n_frames;
  timbre->harmonics_to_noise /= sum.n_frames;
}
