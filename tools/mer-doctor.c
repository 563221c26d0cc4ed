/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer doctor: what is missing on this machine, and what to do about it */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#include <gst/gst.h>

#include "config/mer-lookup.h"
#include "config/mer-models.h"
#include "emotion/mer-mapping.h"
#include "mer-command.h"
#include "mer-environment.h"
#include "mer-output.h"
#include "mer-store-print.h"
#include "mer-subcommands.h"
#include "mer-version.h"

#define NAME "doctor"

static const MerCommandHelp help = {
  NAME,
  "[FILE.mer]",
  "Says what is missing or broken on this machine: plug-ins that do not load and why,\n"
  "decoders, mappings, the models file, folders that cannot be written. With FILE.mer:\n"
  "whether all of that store can be read, and what is in it.",
  "mer doctor\n  mer doctor study.mer",
  "Ends with 0 where all that is needed is there, else with 1; a damaged store is 2.",
};

typedef struct
{
  MerOutput *output;
  gboolean ill;
} Doctor;

static void
report (Doctor *doctor, const char *what, gboolean well, gboolean needed,
        const char *detail)
{
  const char *const cells[] = { what,
                                well     ? "well"
                                : needed ? "MISSING"
                                         : "absent",
                                detail, NULL };

  mer_output_add (doctor->output, cells);
  doctor->ill = doctor->ill || (!well && needed);
}

static void
check_versions (Doctor *doctor)
{
  g_autofree char *gst = gst_version_string ();
  guint major = 0, minor = 0, micro = 0, nano = 0;
  g_autofree char *glib = g_strdup_printf ("GLib %u.%u.%u", glib_major_version,
                                           glib_minor_version, glib_micro_version);

  gst_version (&major, &minor, &micro, &nano);
  report (doctor, "mer", TRUE, TRUE, MER_VERSION);
  report (doctor, "GStreamer", major > 1 || minor >= 22, TRUE, gst);
  report (doctor, "GLib", TRUE, TRUE, glib);
}

/* the loader's own words; GStreamer keeps only that it failed */
static char *
load_error (GstPlugin *plugin)
{
  const char *file = gst_plugin_get_filename (plugin);
  void *module = file != NULL ? dlopen (file, RTLD_LAZY | RTLD_LOCAL) : NULL;
  g_autoptr (GError) error = NULL;

  if (file == NULL)
    return g_strdup ("its file is not known");
  if (module == NULL)
    return g_strdup (dlerror ());

  GstPlugin *loaded = gst_plugin_load_file (file, &error);

  if (loaded != NULL)
    {
      gst_object_unref (loaded);
      return g_strdup_printf ("%s loads now; remove the registry that says otherwise",
                              file);
    }
  return g_strdup_printf ("%s: %s", file, error->message);
}

static void
check_plugins (Doctor *doctor)
{
  GList *plugins = gst_registry_get_plugin_list (gst_registry_get ());

  for (GList *l = plugins; l != NULL; l = l->next)
    {
      GstPlugin *plugin = l->data;
      g_autofree char *why = NULL;
      g_autofree char *what = NULL;

      if (!GST_OBJECT_FLAG_IS_SET (plugin, GST_PLUGIN_FLAG_BLACKLISTED))
        continue;
      why = load_error (plugin);
      what = g_strdup_printf ("plug-in %s", gst_plugin_get_name (plugin));
      report (doctor, what, FALSE,
              g_str_has_prefix (gst_plugin_get_name (plugin), "libgstmer"), why);
    }
  gst_plugin_list_free (plugins);
}

static gboolean
has_element (const char *name)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);

  return factory != NULL;
}

static void
check_own_elements (Doctor *doctor)
{
  static const char *const needed[] = { "merdatasetsrc",
                                        "mermedia",
                                        "meropenai",
                                        "mermodel",
                                        "merreplay",
                                        "merprosody",
                                        "mermotion",
                                        "merlexicon",
                                        "mervote",
                                        "merunion",
                                        "mercascade",
                                        "mermerge",
                                        "merlabels",
                                        "merwheelscore",
                                        "merstoresink",
                                        "mersampleenc",
                                        "mersampledec",
                                        "mercollect",
                                        NULL };

  for (guint i = 0; needed[i] != NULL; i++)
    if (!has_element (needed[i]))
      report (doctor, needed[i], FALSE, TRUE,
              "this element of gst-mer is not found; is GST_PLUGIN_PATH right?");
}

static void
check_codecs (Doctor *doctor)
{
  static const struct
  {
    const char *what;
    const char *elements[3]; /* one of them does */
    const char *package;
    gboolean needed;
  } codecs[] = {
    { "MP4 and MOV", { "qtdemux" }, "gstreamer1.0-plugins-good", TRUE },
    { "Matroska and WebM", { "matroskademux" }, "gstreamer1.0-plugins-good", TRUE },
    { "AVI", { "avidemux" }, "gstreamer1.0-plugins-good", TRUE },
    { "WAV", { "wavparse" }, "gstreamer1.0-plugins-good", TRUE },
    { "MPEG-TS", { "tsdemux" }, "gstreamer1.0-plugins-bad", FALSE },
    { "MPEG-PS", { "mpegpsdemux" }, "gstreamer1.0-plugins-bad", FALSE },
    { "FLV", { "flvdemux" }, "gstreamer1.0-plugins-good", FALSE },
    { "H.264", { "avdec_h264", "openh264dec" }, "gstreamer1.0-libav", TRUE },
    { "H.265", { "avdec_h265", "libde265dec" }, "gstreamer1.0-libav", FALSE },
    { "MPEG-4 part 2", { "avdec_mpeg4" }, "gstreamer1.0-libav", FALSE },
    { "VP8", { "vp8dec", "avdec_vp8" }, "gstreamer1.0-plugins-good", TRUE },
    { "VP9", { "vp9dec", "avdec_vp9" }, "gstreamer1.0-plugins-good", TRUE },
    { "AV1", { "dav1ddec", "av1dec" }, "gstreamer1.0-plugins-bad", FALSE },
    { "AAC", { "avdec_aac", "faad" }, "gstreamer1.0-libav", TRUE },
    { "MP3", { "mpg123audiodec", "avdec_mp3" }, "gstreamer1.0-plugins-good", TRUE },
    { "AC-3", { "avdec_ac3", "a52dec" }, "gstreamer1.0-libav", FALSE },
    { "Opus", { "opusdec" }, "gstreamer1.0-plugins-base", TRUE },
    { "Vorbis", { "vorbisdec" }, "gstreamer1.0-plugins-base", TRUE },
    { "FLAC", { "flacdec", "avdec_flac" }, "gstreamer1.0-plugins-good", TRUE },
    { "AMR", { "amrnbdec", "avdec_amrnb" }, "gstreamer1.0-libav", FALSE },
    { "JPEG pictures", { "jpegenc" }, "gstreamer1.0-plugins-good", TRUE },
    { "colours and sizes",
      { "videoconvertscale", "videoconvert" },
      "gstreamer1.0-plugins-base",
      TRUE },
    { "rotation", { "videoflip" }, "gstreamer1.0-plugins-good", TRUE },
    { "sample rates", { "audioresample" }, "gstreamer1.0-plugins-base", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++)
    {
      const gboolean well
          = has_element (codecs[i].elements[0])
            || (codecs[i].elements[1] != NULL && has_element (codecs[i].elements[1]));
      g_autofree char *advice
          = well ? g_strdup ("") : g_strdup_printf ("install %s", codecs[i].package);

      report (doctor, codecs[i].what, well, codecs[i].needed, advice);
    }
}

static void
check_mappings (Doctor *doctor)
{
  MerMapping *builtin = mer_mapping_get_builtin ();
  g_auto (GStrv) folders = mer_lookup_dup_folders ("mappings", NULL);

  report (doctor, "mapping builtin", builtin != NULL, TRUE,
          builtin != NULL ? mer_mapping_get_sha256 (builtin) : "");
  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autoptr (GDir) dir = g_str_has_suffix (folders[i], "mappings")
                                 ? g_dir_open (folders[i], 0, NULL)
                                 : NULL;
      const char *name = NULL;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (folders[i], name, NULL);
          g_autofree char *what = g_strdup_printf ("mapping %s", name);
          g_autoptr (GError) error = NULL;
          g_autoptr (MerMapping) mapping = NULL;

          if (!g_str_has_suffix (name, ".json"))
            continue;
          mapping = mer_mapping_load (path, &error);
          report (doctor, what, mapping != NULL, TRUE,
                  mapping != NULL ? mer_mapping_get_sha256 (mapping) : error->message);
        }
    }
}

static void
check_models (Doctor *doctor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerModels) models = mer_models_open (NULL, NULL, &error);
  g_auto (GStrv) names = models != NULL ? mer_models_dup_names (models) : NULL;
  g_autofree char *what
      = models != NULL ? g_strdup_printf ("%u, the first file is %s", g_strv_length (names),
                                          mer_models_get_path (models))
                       : NULL;

  report (doctor, "models", models != NULL, TRUE, what != NULL ? what : error->message);
}

static void
check_folder (Doctor *doctor, const char *what, const char *path, gboolean needed)
{
  g_autofree char *at = g_strdup (path);

  /* a folder that will be made is as good as the one above it */
  while (!g_file_test (at, G_FILE_TEST_EXISTS) && !g_str_equal (at, "/")
         && !g_str_equal (at, "."))
    {
      char *above = g_path_get_dirname (at);

      g_free (at);
      at = above;
    }
  report (doctor, what, access (at, W_OK | X_OK) == 0, needed, path);
}

int
mer_command_doctor (int argc, char **argv)
{
  static const MerOutputColumn columns[]
      = { { "what", FALSE }, { "state", FALSE }, { "detail", FALSE } };
  g_autofree char *format_name = NULL;
  gboolean upgrade = FALSE;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format_name, MER_OUTPUT_FORMATS, "FORMAT" },
    { "upgrade", 0, 0, G_OPTION_ARG_NONE, &upgrade,
      "bring FILE.mer of an older version up to date", NULL },
    { NULL },
  };
  g_autofree char *data = g_build_filename (g_get_user_data_dir (), "gst-mer", NULL);
  MerOutputFormat format = MER_OUTPUT_TABLE;
  g_autoptr (GError) error = NULL;
  Doctor doctor = { 0 };
  int status = MER_EXIT_OK;

  if (!mer_command_parse (&help, entries, &argc, &argv, &status))
    return status;
  if (argc == 2 && mer_store_print_wants (argv[1]))
    return upgrade ? mer_store_print_upgrade (NAME, argv[1])
                   : mer_store_print_check (NAME, argv[1]);
  if (argc > 1)
    return mer_command_usage (NAME, "“%s” is one word too many", argv[argc - 1]);
  if (upgrade)
    return mer_command_usage (NAME, "--upgrade wants a FILE.mer");
  if ((format_name != NULL && !mer_output_parse_format (format_name, &format, &error))
      || !mer_environment_init_gst (&error))
    return mer_command_fail (NAME, error);
  doctor.output = mer_output_new (columns, G_N_ELEMENTS (columns));
  check_versions (&doctor);
  check_plugins (&doctor);
  check_own_elements (&doctor);
  check_codecs (&doctor);
  check_mappings (&doctor);
  check_models (&doctor);
  check_folder (&doctor, "working folder", ".", FALSE);
  check_folder (&doctor, "user's data folder", data, FALSE);
  check_folder (&doctor, "temporary folder", g_get_tmp_dir (), TRUE);
  mer_output_print (doctor.output, format, stdout);
  mer_output_free (doctor.output);
  return doctor.ill ? MER_EXIT_PARTLY : MER_EXIT_OK;
}
