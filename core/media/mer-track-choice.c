/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-track-choice.h"

#include <gst/tag/tag.h>
#include <string.h>

static char *
normal_language (const char *language)
{
  g_autofree char *base = g_ascii_strdown (language, -1);

  base[strcspn (base, "-_")] = '\0';

  const char *code = gst_tag_get_language_code_iso_639_1 (base);
  return g_strdup (code != NULL ? code : base);
}

/**
 * mer_language_matches:
 * @wanted: a language as people write it: `en`, `eng`, `en-GB`
 * @language: (nullable): as a file writes it
 *
 * Returns: whether they are the same, regions aside
 */
gboolean
mer_language_matches (const char *wanted, const char *language)
{
  if (language == NULL)
    return FALSE;

  g_autofree char *left = normal_language (wanted);
  g_autofree char *right = normal_language (language);
  return g_str_equal (left, right);
}

static gboolean
is_usable (MerTrack *track)
{
  return track->packets->len > 0 && track->caps->len > 0;
}

/* encrypted tracks come last: they only serve to say so */
static int
preference (MerTrack *track, const char *language)
{
  int value = track->encrypted ? 0 : 8;

  if (language != NULL && mer_language_matches (language, track->language))
    value += 4;
  if (track->kind == MER_TRACK_TEXT || mer_track_count_presented (track) > 0)
    value += 2;
  if (track->is_default)
    value += 1;
  return value;
}

/**
 * mer_tracks_choose:
 * @self: what a file holds
 * @kind: what is wanted
 * @language: (nullable): and in which language; another one is taken where it is missing
 *
 * Takes the default track of those that hold something, else the first.
 *
 * Returns: (transfer none) (nullable): the track, %NULL where there is none of @kind
 */
MerTrack *
mer_tracks_choose (MerTracks *self, MerTrackKind kind, const char *language)
{
  MerTrack *best = NULL;
  int best_value = -1;

  for (guint i = 0; i < self->tracks->len; i++)
    {
      MerTrack *track = self->tracks->pdata[i];

      if (track->kind != kind || !is_usable (track))
        continue;

      int value = preference (track, language);
      if (value > best_value)
        {
          best = track;
          best_value = value;
        }
    }
  return best;
}

guint
mer_tracks_count (MerTracks *self, MerTrackKind kind)
{
  guint n = 0;

  for (guint i = 0; i < self->tracks->len; i++)
    n += ((MerTrack *) self->tracks->pdata[i])->kind == kind;
  return n;
}

/**
 * mer_tracks_end:
 * @self: what a file holds
 *
 * Returns: when the last packet of any track ends, nanoseconds
 */
gint64
mer_tracks_end (MerTracks *self)
{
  gint64 end = 0;

  for (guint i = 0; i < self->tracks->len; i++)
    {
      MerTrack *track = self->tracks->pdata[i];

      for (guint j = 0; j < track->packets->len; j++)
        if (g_array_index (track->packets, MerPacket, j).flags & MER_PACKET_PRESENTED)
          end = MAX (end, g_array_index (track->packets, MerPacket, j).end);
    }
  return end;
}
