/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-video-pass.h"

#include "media/mer-chain.h"
#include "media/mer-codecs.h"
#include "media/mer-damage.h"
#include "media/mer-frame-rule.h"
#include "media/mer-nal.h"
#include "media/mer-packet-plan.h"
#include "media/mer-picture.h"
#include "mer-error.h"

/* one picture that somebody wants */
typedef struct
{
  gint64 at;    /* decoder's time of the picture on display */
  gint64 start; /* when that one comes on display */
  guint64 time; /* the instant, from the start of the span */
  guint slot;   /* which frame, or which picture of the strip */
  gboolean strip;
} Wanted;

struct _MerVideoPass
{
  MerTrack *track;
  const MerDecodeSettings *settings;

  GArray *shown; /* MerShown; the index is the packet's, or the picture's if learnt */
  gint64 start;
  guint64 duration;
  gboolean needs_times; /* the packets have none: the decoder must say */
  gboolean learning;
  guint n_learnt;

  GArray *wanted; /* Wanted, in the order of display */
  guint next;
  guint8 *plan; /* a byte a packet; %NULL: everything is fed */
  MerNal nal;

  MerChain *chain;
  MerPictureSet *pictures;
  gboolean has_last; /* a picture is on display */
  gint64 last_time;
  GstVideoInfo info;
  GstCaps *info_caps;
  gboolean last_corrupt;
  guint nth_decoder;
  gboolean refused; /* the decoder takes no more */

  guint n_inexact;
  guint n_due;      /* pictures that the packets hold */
  guint n_came;     /* that the decoder gave */
  guint complaints; /* of the decoder, before this pass */
  gboolean broken;  /* a packet is not well-formed */
  GError *error;
  guint n_strip;
  double strip_rate;
};

static void
collect_shown (MerVideoPass *self)
{
  GArray *packets = self->track->packets;
  guint n_untimed = 0;

  for (guint i = 0; i < packets->len; i++)
    {
      MerPacket *packet = &g_array_index (packets, MerPacket, i);

      if (packet->flags & MER_PACKET_PRESENTED)
        {
          MerShown shown = { packet->start, packet->end, i };
          g_array_append_val (self->shown, shown);
        }
      else if (!(packet->flags & (MER_PACKET_TIMED | MER_PACKET_HEADER)))
        n_untimed++;
    }
  self->needs_times = n_untimed > 0;
}

static gint64
nominal_duration (MerTrack *track)
{
  int n = 0, d = 1;
  GstStructure *structure
      = track->caps->len > 0 ? gst_caps_get_structure (track->caps->pdata[0], 0) : NULL;

  if (structure != NULL && gst_structure_get_fraction (structure, "framerate", &n, &d)
      && n > 0 && d > 0)
    return gst_util_uint64_scale (GST_SECOND, d, n);
  return 0;
}

/* the last picture has no next one that ends it; where the file gives it no duration it
 * stays as long as the one before */
static void
complete_last (MerVideoPass *self)
{
  GArray *shown = self->shown;
  MerShown *last = &g_array_index (shown, MerShown, shown->len - 1);

  if (last->end > last->start)
    return;

  gint64 duration = nominal_duration (self->track);
  if (shown->len > 1)
    duration = last->start - g_array_index (shown, MerShown, shown->len - 2).start;
  last->end = last->start + (duration > 0 ? duration : 40 * (gint64) GST_MSECOND);
}

static void
want (MerVideoPass *self, guint n, gboolean strip)
{
  for (guint i = 0; i < n; i++)
    {
      guint64 time = mer_frame_rule_time (i, n, self->duration);
      guint found = mer_frame_rule_find (self->shown, self->start + (gint64) time);
      MerShown *shown = &g_array_index (self->shown, MerShown, found);
      gint64 at = self->needs_times
                      ? shown->start
                      : g_array_index (self->track->packets, MerPacket, shown->index).time;
      Wanted wanted = { at, shown->start, time, i, strip };

      g_array_append_val (self->wanted, wanted);
      if (self->plan != NULL)
        self->plan[shown->index] |= MER_PLAN_WANTED;
    }
}

static int
compare_wanted (gconstpointer a, gconstpointer b)
{
  const Wanted *left = a;
  const Wanted *right = b;

  if (left->at != right->at)
    return left->at < right->at ? -1 : 1;
  return left->slot < right->slot ? -1 : left->slot > right->slot;
}

static void
choose (MerVideoPass *self)
{
  if (self->shown->len == 0)
    return;
  mer_frame_rule_sort (self->shown);
  complete_last (self);
  mer_frame_rule_span (self->shown, &self->start, &self->duration);
  if (!self->needs_times)
    self->plan = g_malloc0 (self->track->packets->len);
  want (self, self->settings->frames, FALSE);
  if (self->settings->strip)
    {
      self->n_strip = mer_frame_rule_strip_length (self->duration, &self->strip_rate);
      want (self, self->n_strip, TRUE);
    }
  g_array_sort (self->wanted, compare_wanted);
  if (self->plan != NULL)
    mer_packet_plan_complete (self->plan, self->track->packets);
}

/**
 * mer_video_pass_new:
 * @track: a video track with at least one packet
 * @settings: what is wanted
 *
 * Chooses the pictures by the frame rule from what the packets say.
 *
 * Returns: (transfer full): the pass; both arguments must outlive it
 */
MerVideoPass *
mer_video_pass_new (MerTrack *track, const MerDecodeSettings *settings)
{
  MerVideoPass *self = g_new0 (MerVideoPass, 1);

  self->track = track;
  self->settings = settings;
  self->shown = g_array_new (FALSE, FALSE, sizeof (MerShown));
  self->wanted = g_array_new (FALSE, FALSE, sizeof (Wanted));
  self->pictures = mer_picture_set_new (settings, track->orientation);
  collect_shown (self);
  if (self->needs_times)
    g_array_set_size (self->shown, 0);
  else
    choose (self);
  return self;
}

void
mer_video_pass_free (MerVideoPass *self)
{
  g_clear_pointer (&self->chain, mer_chain_free);
  gst_clear_caps (&self->info_caps);
  g_clear_error (&self->error);
  g_array_unref (self->shown);
  g_array_unref (self->wanted);
  mer_picture_set_free (self->pictures);
  g_free (self->plan);
  g_free (self);
}

/**
 * mer_video_pass_needs_times:
 * @self: a pass
 *
 * Returns: whether the packets carry no times, so that a first pass over everything must
 *   learn them from the decoder before one that takes pictures
 */
gboolean
mer_video_pass_needs_times (MerVideoPass *self)
{
  return self->needs_times && self->n_learnt == 0;
}

static void
serve (MerVideoPass *self)
{
  const Wanted *wanted = &g_array_index (self->wanted, Wanted, self->next++);

  if (self->last_time != wanted->at || self->last_corrupt)
    self->n_inexact++;
  if (self->error != NULL)
    return;
  if (wanted->strip)
    mer_picture_set_add_to_strip (self->pictures, wanted->slot, &self->error);
  else
    mer_picture_set_add_frame (self->pictures, wanted->slot, wanted->time,
                               (guint64) (wanted->start - self->start), &self->error);
}

static void
show (MerVideoPass *self, GstBuffer *buffer, gint64 time)
{
  mer_picture_set_show (self->pictures, &self->info, buffer);
  self->has_last = TRUE;
  self->last_time = time;
  self->last_corrupt = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_CORRUPTED);
}

static gboolean
know_caps (MerVideoPass *self, GstCaps *caps)
{
  if (caps == self->info_caps)
    return TRUE;
  if (!gst_video_info_from_caps (&self->info, caps))
    return FALSE;
  gst_caps_replace (&self->info_caps, caps);
  return TRUE;
}

static void
learn (MerVideoPass *self, GstBuffer *buffer, gint64 time)
{
  gint64 duration = GST_BUFFER_DURATION_IS_VALID (buffer)
                        ? (gint64) GST_BUFFER_DURATION (buffer)
                        : nominal_duration (self->track);

  if (self->shown->len >= 1024 * 1024)
    return;

  MerShown shown = { time, time + duration, self->shown->len };
  g_array_append_val (self->shown, shown);
}

static void
take_picture (GstBuffer *buffer, gint64 time, GstCaps *caps, gpointer user_data)
{
  MerVideoPass *self = user_data;

  self->n_came++;
  if (self->error != NULL || !know_caps (self, caps))
    return;
  if (time == G_MININT64)
    {
      gint64 step = nominal_duration (self->track);

      time = self->last_time + (step > 0 ? step : 40 * (gint64) GST_MSECOND);
    }
  if (self->learning)
    {
      learn (self, buffer, time);
      self->last_time = time;
      return;
    }
  if (self->has_last && time < self->last_time)
    return;
  while (self->has_last && self->next < self->wanted->len
         && g_array_index (self->wanted, Wanted, self->next).at < time)
    serve (self);
  show (self, buffer, time);
}

static void
reset (MerVideoPass *self)
{
  g_clear_pointer (&self->chain, mer_chain_free);
  mer_picture_set_begin (self->pictures, self->n_strip);
  self->has_last = FALSE;
  self->next = 0;
  self->n_inexact = 0;
  self->n_due = 0;
  self->n_came = 0;
  self->broken = FALSE;
  self->complaints = mer_damage_count ();
  self->last_time = 0;
  self->last_corrupt = FALSE;
  self->refused = FALSE;
}

static gboolean
check_caps_size (GstCaps *caps, GError **error)
{
  GstStructure *structure = gst_caps_get_structure (caps, 0);
  GstVideoInfo info;
  int width = 0, height = 0;

  if (!gst_structure_get_int (structure, "width", &width)
      || !gst_structure_get_int (structure, "height", &height))
    return TRUE;
  gst_video_info_init (&info);
  info.width = width;
  info.height = height;
  return mer_picture_check_size (&info, error);
}

/**
 * mer_video_pass_try_other:
 * @self: a pass that has ended without pictures
 *
 * One decoder may make something of a damaged clip where another gives up.
 *
 * Returns: whether there is another one to begin again with
 */
gboolean
mer_video_pass_try_other (MerVideoPass *self)
{
  return mer_codecs_find_decoder (self->track->caps->pdata[0], ++self->nth_decoder) != NULL;
}

/**
 * mer_video_pass_begin:
 * @self: a pass
 * @everything: decode all packets, not only those that the wanted pictures need
 * @error: return location for an error
 *
 * Returns: whether there is a decoder for the track
 */
gboolean
mer_video_pass_begin (MerVideoPass *self, gboolean everything, GError **error)
{
  GstCaps *caps = self->track->caps->pdata[0];
  GstElement *decoder = NULL;

  reset (self);
  self->learning = mer_video_pass_needs_times (self);
  if (everything)
    g_clear_pointer (&self->plan, g_free);
  mer_nal_init (&self->nal, caps);
  if (!check_caps_size (caps, error))
    return FALSE;
  if (!gst_structure_has_name (gst_caps_get_structure (caps, 0), "video/x-raw"))
    {
      decoder = mer_codecs_make_decoder (caps, self->nth_decoder, error);
      if (decoder == NULL)
        return FALSE;
    }
  self->chain = mer_chain_new (&decoder, decoder != NULL ? 1 : 0, take_picture, self);
  return TRUE;
}

static MerNalKind
kind_of_packet (MerVideoPass *self, GstBuffer *buffer)
{
  GstMapInfo map;

  if (!self->nal.known || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return MER_NAL_NEEDED;

  MerNalKind kind = mer_nal_get_kind (&self->nal, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  return kind;
}

/* Of these formats each packet holds one picture and shows it, but for those of VP8 that
 * are there to be referred to only. */
static gboolean
has_one_picture_a_packet (MerVideoPass *self)
{
  GstStructure *structure = gst_caps_get_structure (self->track->caps->pdata[0], 0);

  return self->nal.known || gst_structure_has_name (structure, "video/x-vp8")
         || gst_structure_has_name (structure, "video/x-vp9");
}

static gboolean
shows_picture (const MerPacket *packet, GstCaps *caps)
{
  guint8 byte = 0;

  if (packet->flags & MER_PACKET_HEADER)
    return FALSE;
  if (!gst_structure_has_name (gst_caps_get_structure (caps, 0), "video/x-vp8"))
    return TRUE;
  /* RFC 6386 §9.1: show_frame */
  return gst_buffer_extract (packet->buffer, 0, &byte, 1) == 1 && (byte & 0x10) != 0;
}

/* whether the plan has no use for the packet */
static gboolean
leave_out (MerVideoPass *self, guint index, const MerPacket *packet)
{
  guint8 plan = index < self->track->packets->len ? self->plan[index] : 0;
  MerNalKind kind;

  if (!(plan & MER_PLAN_FEED))
    return TRUE;
  if (plan & MER_PLAN_DRAIN)
    mer_chain_drain (self->chain);
  kind = kind_of_packet (self, packet->buffer);
  if (kind == MER_NAL_BROKEN)
    self->broken = TRUE;
  return kind == MER_NAL_DISPOSABLE && !(plan & MER_PLAN_WANTED);
}

/**
 * mer_video_pass_feed:
 * @self: a pass that has begun
 * @index: of the packet in the track
 * @packet: with its bytes
 */
void
mer_video_pass_feed (MerVideoPass *self, guint index, const MerPacket *packet)
{
  if (self->error != NULL || packet->buffer == NULL)
    return;
  if (self->plan != NULL && !self->learning && leave_out (self, index, packet))
    return;
  self->n_due += shows_picture (packet, self->track->caps->pdata[packet->caps]);
  if (!self->refused)
    self->refused = !mer_chain_push (self->chain, self->track, packet);
}

static gboolean
finish_learning (MerVideoPass *self, GError **error)
{
  self->n_learnt = self->shown->len;
  self->learning = FALSE;
  g_clear_pointer (&self->chain, mer_chain_free);
  if (self->n_learnt > 0)
    {
      choose (self);
      return TRUE;
    }
  g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "no picture could be decoded");
  return FALSE;
}

/**
 * mer_video_pass_end:
 * @self: a pass that has been fed
 * @error: return location for an error
 *
 * Returns: whether all wanted pictures are there
 */
gboolean
mer_video_pass_end (MerVideoPass *self, GError **error)
{
  mer_chain_end (self->chain);
  if (self->error == NULL && self->learning)
    return finish_learning (self, error);
  while (self->has_last && self->next < self->wanted->len)
    serve (self);
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  if (self->next == self->wanted->len)
    return TRUE;

  g_autofree char *problem = mer_chain_dup_problem (self->chain);
  g_set_error (error, MER_ERROR, MER_ERROR_DECODE, "no picture could be decoded%s%s",
               problem != NULL ? ": " : "", problem != NULL ? problem : "");
  return FALSE;
}

/**
 * mer_video_pass_is_exact:
 * @self: a pass that has ended
 *
 * Returns: whether each wanted picture came out of the decoder itself; if not, the one
 *   before it that did stands in
 */
gboolean
mer_video_pass_is_exact (MerVideoPass *self)
{
  return self->n_inexact == 0;
}

static guint
count_missing (MerVideoPass *self)
{
  if (!has_one_picture_a_packet (self) || self->n_came >= self->n_due)
    return 0;
  return self->n_due - self->n_came;
}

/**
 * mer_video_pass_count_lost:
 * @self: a pass that has ended
 *
 * Returns: how many pictures of what was decoded did not come, where everything was; 0 if
 *   nothing hints at damage (two H.264 fields in packets of their own are one picture) or
 *   where the format does not tell
 */
guint
mer_video_pass_count_lost (MerVideoPass *self)
{
  gboolean damaged = self->n_inexact > 0 || self->broken || self->refused
                     || mer_damage_count () != self->complaints;

  if (self->plan != NULL || (self->nal.known && !damaged))
    return 0;
  return count_missing (self);
}

/**
 * mer_video_pass_is_sound:
 * @self: a pass that has ended
 *
 * Returns: whether nothing hints at damage in what was decoded. Damage is painted over from
 *   pictures before, so that what is seen depends on what was decoded.
 */
gboolean
mer_video_pass_is_sound (MerVideoPass *self)
{
  return self->n_inexact == 0 && !self->broken && count_missing (self) == 0
         && mer_damage_count () == self->complaints;
}

MerTrack *
mer_video_pass_get_track (MerVideoPass *self)
{
  return self->track;
}

gint64
mer_video_pass_get_start (MerVideoPass *self)
{
  return self->start;
}

/**
 * mer_video_pass_get_duration:
 * @self: a pass
 *
 * Returns: of the presented span, nanoseconds
 */
guint64
mer_video_pass_get_duration (MerVideoPass *self)
{
  return self->duration;
}

guint
mer_video_pass_get_n_shown (MerVideoPass *self)
{
  return self->shown->len;
}

/**
 * mer_video_pass_get_pictures:
 * @self: a pass that has ended well
 *
 * Returns: (transfer none): the frames and the strip
 */
MerPictureSet *
mer_video_pass_get_pictures (MerVideoPass *self)
{
  return self->pictures;
}

/**
 * mer_video_pass_get_strip_rate:
 * @self: a pass
 *
 * Returns: of the gray strip, pictures a second
 */
double
mer_video_pass_get_strip_rate (MerVideoPass *self)
{
  return self->strip_rate;
}
