/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* make-demo-set FOLDER: makes a small set of clips whose truth is known because they were
 * made so: drawn faces that move, voices of espeak-ng that speak with feeling, subtitles;
 * several containers and codecs. Writes the clips, truth.csv and demo.json (mer-dataset/1).
 */

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <stdlib.h>

#include "mer-demo-clip.h"
#include "mer-demo-writer.h"

static const char dataset[]
    = "{\n"
      "  \"format\": \"mer-dataset/1\",\n"
      "  \"name\": \"demo\",\n"
      "  \"table\": \"truth.csv\",\n"
      "  \"id\": \"name\",\n"
      "  \"truth\": {\"kind\": \"labels\", \"column\": \"openset\"},\n"
      "  \"media\": {\n"
      "    \"video\": \"{file}\",\n"
      "    \"subtitle\": [\"{name}.srt\", \"{name}.vtt\"]\n"
      "  },\n"
      "  \"group\": \"speaker\"\n"
      "}\n";

typedef struct
{
  const char *folder;
  GMutex lock;
  GError *error; /* the first */
} Job;

static void
make_clip (gpointer data, gpointer user_data)
{
  const MerDemoClip *clip = data;
  Job *job = user_data;
  g_autoptr (GError) error = NULL;

  if (mer_demo_write_clip (clip, job->folder, &error))
    return;
  g_mutex_lock (&job->lock);
  if (job->error == NULL)
    job->error = g_steal_pointer (&error);
  g_mutex_unlock (&job->lock);
}

static gboolean
make_clips (const char *folder, GError **error)
{
  Job job = { .folder = folder };
  GThreadPool *pool
      = g_thread_pool_new (make_clip, &job, (int) g_get_num_processors (), FALSE, error);

  if (pool == NULL)
    return FALSE;
  for (guint i = 0; i < mer_demo_n_clips; i++)
    g_thread_pool_push (pool, (gpointer) &mer_demo_clips[i], NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  g_mutex_clear (&job.lock);
  if (job.error == NULL)
    return TRUE;
  g_propagate_error (error, job.error);
  return FALSE;
}

static gboolean
write_tables (const char *folder, GError **error)
{
  g_autoptr (GString) truth = g_string_new ("name,openset,speaker,file\n");
  g_autofree char *truth_path = g_build_filename (folder, "truth.csv", NULL);
  g_autofree char *dataset_path = g_build_filename (folder, "demo.json", NULL);

  for (guint i = 0; i < mer_demo_n_clips; i++)
    {
      const MerDemoClip *clip = &mer_demo_clips[i];

      g_string_append_printf (truth, "%s,\"[%s]\",%s,%s.%s\n", clip->id, clip->labels,
                              clip->voice.voice != NULL ? clip->voice.voice : "nobody",
                              clip->id, clip->extension);
    }
  return g_file_set_contents (truth_path, truth->str, -1, error)
         && g_file_set_contents (dataset_path, dataset, -1, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 2 || argv[1][0] == '-')
    {
      g_printerr ("usage: make-demo-set FOLDER\n");
      return 2;
    }
  gst_init (NULL, NULL);
  if (g_mkdir_with_parents (argv[1], 0777) != 0)
    {
      g_printerr ("make-demo-set: %s: %s\n", argv[1], g_strerror (errno));
      return 2;
    }
  if (!make_clips (argv[1], &error) || !write_tables (argv[1], &error))
    {
      g_printerr ("make-demo-set: %s\n", error->message);
      return 1;
    }
  g_print ("%u clips, truth.csv and demo.json in %s\n", mer_demo_n_clips, argv[1]);
  return 0;
}
