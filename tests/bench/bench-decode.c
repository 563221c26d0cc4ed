/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench-decode JOBS FRAMES CLIP…: has the decode workers decode all clips, warm, whenever a
 * line comes in, and says when they are done; who asks takes the time. With MER_BENCH_OUT
 * set also writes the frames, so that others can compare. */
#include <stdio.h>
#include <stdlib.h>

#include <gst/gst.h>

#include "media/mer-decode-pool.h"

typedef struct
{
  GMainLoop *loop;
  guint left;
  guint failed;
} Bench;

static void
keep (MerDecoded *decoded)
{
  const char *out = g_getenv ("MER_BENCH_OUT");

  for (guint i = 0;
       out != NULL && decoded->bytes != NULL && i < decoded->bytes->frames->len; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s-%02u.jpg", out, i);
      gsize size = 0;
      const char *data = g_bytes_get_data (decoded->bytes->frames->pdata[i], &size);

      g_file_set_contents (path, data, (gssize) size, NULL);
    }
}

static void
decoded_one (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr (MerDecoded) decoded
      = mer_decode_pool_decode_finish (MER_DECODE_POOL (source), result, NULL);

  if (decoded == NULL || decoded->bytes == NULL || decoded->bytes->frames->len == 0)
    bench->failed++;
  else
    keep (decoded);
  if (--bench->left == 0)
    g_main_loop_quit (bench->loop);
}

static void
run (MerDecodePool *pool, Bench *bench, char **clips, guint n, guint frames)
{
  g_autoptr (MerDecodeSettings) settings = mer_decode_settings_new ();

  settings->frames = frames;
  bench->left = n;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MerClip) clip = mer_clip_new (clips[i], NULL, NULL);

      mer_decode_pool_decode_async (pool, clip, settings, NULL, decoded_one, bench);
    }
  g_main_loop_run (bench->loop);
}

int
main (int argc, char **argv)
{
  if (argc < 4)
    return 2;
  gst_init (NULL, NULL);

  guint jobs = (guint) atoi (argv[1]);
  guint frames = (guint) atoi (argv[2]);
  guint n = (guint) argc - 3;
  char line[16];
  g_autoptr (MerDecodePool) pool = mer_decode_pool_new (jobs, 0, MER_ISOLATION_PROCESS);
  Bench bench = { g_main_loop_new (NULL, FALSE), 0, 0 };

  run (pool, &bench, argv + 3, MIN (n, jobs), frames);
  puts ("ready");
  fflush (stdout);
  while (bench.failed == 0 && fgets (line, sizeof line, stdin) != NULL)
    {
      run (pool, &bench, argv + 3, n, frames);
      puts (bench.failed == 0 ? "done" : "failed");
      fflush (stdout);
    }
  g_main_loop_unref (bench.loop);
  return bench.failed > 0 ? 1 : 0;
}
