/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-mp4-header.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* more boxes on one level than any muxer writes before or in `moov` */
#define MAX_BOXES 4096

typedef struct
{
  guint64 start;  /* of its contents */
  guint64 length; /* of its contents */
} Box;

static guint64
big_endian (const guint8 *at, guint n)
{
  guint64 value = 0;

  for (guint i = 0; i < n; i++)
    value = value << 8 | at[i];
  return value;
}

static gboolean
find_box (int fd, Box in, const char *kind, Box *found)
{
  guint64 at = in.start;
  guint64 end = in.start + in.length;

  for (guint i = 0; i < MAX_BOXES && at + 8 <= end; i++)
    {
      guint8 header[16] = { 0 };
      guint64 header_size = 8;

      if (pread (fd, header, sizeof header, (off_t) at) < 8)
        return FALSE;

      guint64 size = big_endian (header, 4);
      if (size == 1)
        {
          size = big_endian (header + 8, 8);
          header_size = 16;
        }
      if (size == 0)
        size = end - at;
      if (size < header_size || size > end - at)
        return FALSE;
      if (memcmp (header + 4, kind, 4) == 0)
        {
          found->start = at + header_size;
          found->length = size - header_size;
          return TRUE;
        }
      at += size;
    }
  return FALSE;
}

static gboolean
find_duration (int fd, guint64 *offset, guint *size)
{
  off_t end = lseek (fd, 0, SEEK_END);
  Box whole = { 0, end > 0 ? (guint64) end : 0 };
  Box movie, header;
  guint8 version = 0;

  if (!find_box (fd, whole, "moov", &movie) || !find_box (fd, movie, "mvhd", &header)
      || pread (fd, &version, 1, (off_t) header.start) != 1)
    return FALSE;
  /* version and flags, two times, time scale, duration (ISO/IEC 14496-12 §8.2.2) */
  *offset = header.start + (version == 1 ? 24 : 16);
  *size = version == 1 ? 8 : 4;
  return header.length >= (version == 1 ? 32 : 20);
}

/**
 * mer_mp4_find_movie_duration:
 * @path: (type filename): an MP4 or QuickTime file
 * @offset: (out): where in the file the movie header keeps the duration
 * @size: (out): its bytes, 4 or 8
 *
 * Returns: whether there is such a header
 */
gboolean
mer_mp4_find_movie_duration (const char *path, guint64 *offset, guint *size)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return FALSE;

  gboolean found = find_duration (fd, offset, size);
  close (fd);
  return found;
}
