/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The process in which clips are decoded: reads requests from a socket and answers them,
 * one at a time. Not for people to start; core/media/mer-decode-pool.c does. */
#include "config.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <gst/gst.h>

#include "media/mer-damage.h"
#include "media/mer-decode-wire.h"
#include "media/mer-sandbox.h"
#include "mer-error.h"

#define SOCKET_FD 3

static gboolean
read_all (guint8 *data, gsize size)
{
  while (size > 0)
    {
      gssize n = read (SOCKET_FD, data, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static gboolean
write_all (const guint8 *data, gsize size)
{
  while (size > 0)
    {
      gssize n = write (SOCKET_FD, data, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static gboolean
send_frame (MerWireType type, GBytes *payload)
{
  guint8 header[MER_WIRE_HEADER_SIZE];
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (payload, &size);

  mer_wire_write_header (header, type, size);
  return write_all (header, sizeof header) && write_all (data, size);
}

static GBytes *
read_request (void)
{
  guint8 header[MER_WIRE_HEADER_SIZE];
  MerWireType type;
  gsize length;

  if (!read_all (header, sizeof header)
      || !mer_wire_read_header (header, &type, &length, NULL) || type != MER_WIRE_REQUEST)
    return NULL;

  g_autofree guint8 *data = g_malloc (MAX (length, 1));
  if (!read_all (data, length))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&data), length);
}

static gboolean
answer (GBytes *request)
{
  g_autoptr (MerClip) clip = NULL;
  g_autoptr (MerDecodeSettings) settings = NULL;
  g_autoptr (GError) error = NULL;
  double seconds = 0;

  if (!mer_wire_unpack_request (request, &clip, &settings, &seconds))
    return FALSE;
  mer_sandbox_limit_cpu (seconds * 2);

  /* a little before the pool would: then the worker lives on */
  gint64 deadline = seconds > 0 ? g_get_monotonic_time ()
                                      + (gint64) (seconds * 0.9 * G_TIME_SPAN_SECOND)
                                : 0;
  g_autoptr (MerDecoded) decoded = mer_clip_decode (clip, settings, deadline, NULL, &error);
  g_autoptr (GBytes) payload
      = decoded != NULL ? mer_wire_pack_reply (decoded) : mer_wire_pack_failure (error);
  if (g_bytes_get_size (payload) > MER_WIRE_MAX_REPLY)
    return FALSE;
  return send_frame (decoded != NULL ? MER_WIRE_REPLY : MER_WIRE_FAILED, payload);
}

/* loads what most clips need, so that the first one does not pay for it */
static void
warm_up (void)
{
  static const char *const names[]
      = { "filesrc",   "typefind",     "fakesink",      "qtdemux",   "matroskademux",
          "h264parse", "audioconvert", "audioresample", "avdec_h264" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GstElement *element = gst_element_factory_make (names[i], NULL);

      if (element != NULL)
        gst_object_unref (gst_object_ref_sink (element));
    }
}

int
main (int argc, char **argv)
{
  if (argc != 2 || !mer_sandbox_die_with_parent ((pid_t) atol (argv[1])))
    {
      g_printerr ("%s is started by gst-mer to decode clips, not by hand\n", argv[0]);
      return 2;
    }
  /* Ctrl-C is for the one who started this: it lets what runs finish */
  signal (SIGINT, SIG_IGN);
  signal (SIGPIPE, SIG_IGN);
  /* each arena of malloc reserves address space, of which there is a bound */
  mallopt (M_ARENA_MAX, 2);
  mer_sandbox_leave_network ();
  gst_init (NULL, NULL);
  mer_damage_watch ();
  warm_up ();
  mer_sandbox_limit ();
  mer_sandbox_filter_calls ();

  for (guint i = 0; i < MER_WIRE_MAX_CLIPS; i++)
    {
      g_autoptr (GBytes) request = read_request ();

      if (request == NULL || !answer (request))
        break;
    }
  /* what threads the decoders still have do not matter any more */
  _exit (0);
}
