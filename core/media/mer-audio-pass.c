/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-audio-pass.h"

#include <math.h>

#include "media/mer-chain.h"
#include "media/mer-codecs.h"
#include "media/mer-wav.h"
#include "mer-error.h"

/* what container clocks are off by is no hole; what is longer than the clip can be is no
 * hole either, but a broken timestamp */
#define MIN_HOLE (100 * (gint64) GST_MSECOND)
#define MAX_HOLE (600 * (gint64) GST_SECOND)

struct _MerAudioPass
{
  MerTrack *track;
  guint rate;
  MerChain *chain;
  GByteArray *wav;
  gint64 start; /* of the first sample; `G_MININT64` before it came */
  gboolean cut;
  gboolean refused;
};

static guint64
samples_of (MerAudioPass *self)
{
  return (self->wav->len - MER_WAV_HEADER_SIZE) / 2;
}

static gint64
time_of_samples (MerAudioPass *self, guint64 n)
{
  return (gint64) gst_util_uint64_scale (n, GST_SECOND, self->rate);
}

static guint64
samples_in (MerAudioPass *self, gint64 duration)
{
  return gst_util_uint64_scale_round (duration, self->rate, GST_SECOND);
}

static gsize
append (MerAudioPass *self, const guint8 *data, guint64 n)
{
  guint64 room = (guint64) MER_AUDIO_MAX_SECONDS * self->rate - samples_of (self);
  guint old = self->wav->len;

  if (n > room)
    {
      self->cut = TRUE;
      n = room;
    }
  if (data != NULL)
    g_byte_array_append (self->wav, data, n * 2);
  else
    {
      g_byte_array_set_size (self->wav, old + n * 2);
      memset (self->wav->data + old, 0, n * 2);
    }
  return n;
}

static void
fill_hole (MerAudioPass *self, gint64 time)
{
  gint64 hole = time - self->start - time_of_samples (self, samples_of (self));

  if (hole >= MIN_HOLE && hole <= MAX_HOLE)
    append (self, NULL, samples_in (self, hole));
}

/* cuts off what stands outside the range that the container presents (encoder delay) */
static void
take_samples (GstBuffer *buffer, gint64 time, G_GNUC_UNUSED GstCaps *caps,
              gpointer user_data)
{
  MerAudioPass *self = user_data;
  GstMapInfo map;

  if (self->cut || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;

  guint64 n = map.size / 2;
  guint64 skip = 0;
  if (time == G_MININT64)
    time = self->start == G_MININT64
               ? 0
               : self->start + time_of_samples (self, samples_of (self));
  if (self->track->range_start != G_MAXINT64 && time < self->track->range_start)
    skip = MIN (n, samples_in (self, self->track->range_start - time));
  if (self->track->range_end != G_MAXINT64 && self->track->range_end != G_MININT64)
    {
      gint64 room = self->track->range_end - time;

      n = room > 0 ? MIN (n, samples_in (self, room)) : 0;
    }
  if (n > skip)
    {
      time += time_of_samples (self, skip);
      if (self->start == G_MININT64)
        self->start = time;
      else
        fill_hole (self, time);
      append (self, map.data + skip * 2, n - skip);
    }
  gst_buffer_unmap (buffer, &map);
}

static GstElement *
make_filter (guint rate)
{
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);
  g_autoptr (GstCaps) caps = gst_caps_new_simple (
      "audio/x-raw", "format", G_TYPE_STRING, "S16LE", "rate", G_TYPE_INT, (int) rate,
      "channels", G_TYPE_INT, 1, "layout", G_TYPE_STRING, "interleaved", NULL);

  g_object_set (filter, "caps", caps, NULL);
  return filter;
}

/**
 * mer_audio_pass_new:
 * @track: an audio track with at least one packet
 * @rate: of the WAV, Hz
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the pass; %NULL if there is no decoder
 */
MerAudioPass *
mer_audio_pass_new (MerTrack *track, guint rate, GError **error)
{
  GstElement *elements[4] = { NULL };
  guint n = 0;
  GstCaps *caps = track->caps->pdata[0];

  if (!gst_structure_has_name (gst_caps_get_structure (caps, 0), "audio/x-raw"))
    {
      elements[n++] = mer_codecs_make_decoder (caps, 0, error);
      if (elements[0] == NULL)
        return NULL;
    }
  elements[n] = gst_element_factory_make ("audioconvert", NULL);
  elements[n + 1] = gst_element_factory_make ("audioresample", NULL);
  if (elements[n] == NULL || elements[n + 1] == NULL)
    {
      for (guint i = 0; i < n + 2; i++)
        if (elements[i] != NULL)
          gst_object_unref (gst_object_ref_sink (elements[i]));
      g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED,
                   "GStreamer's audioconvert and audioresample are not installed");
      return NULL;
    }
  /* dither is noise: the same clip must give the same bytes */
  gst_util_set_object_arg (G_OBJECT (elements[n]), "dithering", "none");
  elements[n + 2] = make_filter (rate);

  MerAudioPass *self = g_new0 (MerAudioPass, 1);
  self->track = track;
  self->rate = rate;
  self->start = G_MININT64;
  self->wav = mer_wav_begin ();
  self->chain = mer_chain_new (elements, n + 3, take_samples, self);
  return self;
}

void
mer_audio_pass_free (MerAudioPass *self)
{
  mer_chain_free (self->chain);
  g_clear_pointer (&self->wav, g_byte_array_unref);
  g_free (self);
}

/**
 * mer_audio_pass_feed:
 * @self: a pass
 * @packet: with its bytes
 */
void
mer_audio_pass_feed (MerAudioPass *self, const MerPacket *packet)
{
  if (!self->refused && !self->cut && packet->buffer != NULL)
    self->refused = !mer_chain_push (self->chain, self->track, packet);
}

/**
 * mer_audio_pass_end:
 * @self: a pass that has been fed
 * @start: (out): stream time of the first sample, nanoseconds
 * @n_samples: (out): how many there are
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the WAV file; %NULL if not one sample came
 */
GBytes *
mer_audio_pass_end (MerAudioPass *self, gint64 *start, guint64 *n_samples, GError **error)
{
  mer_chain_end (self->chain);
  *n_samples = samples_of (self);
  *start = self->start != G_MININT64 ? self->start : 0;
  if (*n_samples > 0)
    return mer_wav_finish (g_steal_pointer (&self->wav), self->rate);

  g_autofree char *problem = mer_chain_dup_problem (self->chain);
  g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "no sample could be decoded%s%s",
               problem != NULL ? ": " : "", problem != NULL ? problem : "");
  return NULL;
}

gboolean
mer_audio_pass_was_cut (MerAudioPass *self)
{
  return self->cut;
}
