/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-merexec
 * @title: merexec
 *
 * Asks a model in a program of your own about each sample: the program is started, kept
 * running, and reads and writes a line of JSON for each call (`mer-exec/1`). Research
 * models that have no server need about twenty lines of Python with the module `mer_exec`,
 * which every program that merexec starts can import.
 *
 * ## Example launch line
 *
 * ```
 * gst-launch-1.0 merdatasetsrc clips=videos ! mermedia !
 * merexec command="python3 my_model.py" ! merlabels ! mersampleenc ! fdsink
 * ```
 */
#include "config.h"

#include "mer-exec.h"

#include "mer-program.h"

#define PYTHON_FOLDER "plugins/backends/exec/python"

struct _MerExec
{
  MerBackend parent_instance;

  char *command;
  char *environment;
  char *folder;
  char *media_folder;
  char *extra_text;
  MerExecVideoAs video_as;
  guint instances;
  guint concurrency;
  guint memory_limit;
  guint cpu_limit;
  guint file_limit;
  guint max_starts;
  double grace;
  double linger;

  /* settled by open */
  JsonNode *extra;
  MerChildPool *pool;

  /* I/O thread */
  JsonNode *hello;
};

enum
{
  PROP_COMMAND = 1,
  PROP_ENVIRONMENT,
  PROP_WORKING_DIRECTORY,
  PROP_MEDIA_FOLDER,
  PROP_EXTRA,
  PROP_VIDEO_AS,
  PROP_INSTANCES,
  PROP_CONCURRENCY,
  PROP_MEMORY_LIMIT,
  PROP_CPU_LIMIT,
  PROP_FILE_LIMIT,
  PROP_MAX_STARTS,
  PROP_GRACE,
  PROP_LINGER,
};

G_DEFINE_FINAL_TYPE (MerExec, mer_exec, MER_TYPE_BACKEND)
GST_ELEMENT_REGISTER_DEFINE (merexec, "merexec", GST_RANK_NONE, MER_TYPE_EXEC)

static GType
mer_exec_video_as_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { MER_EXEC_VIDEO_AS_FRAMES, "The frames that every model is shown", "frames" },
    { MER_EXEC_VIDEO_AS_CLIP, "The clip's own file", "clip" },
    { MER_EXEC_VIDEO_AS_BOTH, "Both", "both" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerExecVideoAs", values));
  return type;
}

static void
leave_pool (MerExec *self)
{
  if (self->pool != NULL)
    mer_child_pool_leave (self->pool);
  g_clear_object (&self->pool);
  g_clear_pointer (&self->extra, json_node_unref);
  g_clear_pointer (&self->hello, json_node_unref);
}

static MerChildSettings *
make_settings (MerExec *self, GError **error)
{
  g_autoptr (MerChildSettings) settings = mer_child_settings_new ();
  const char *python = mer_program_is_uninstalled () ? MER_SOURCE_ROOT "/" PYTHON_FOLDER
                                                     : MER_DATA_DIR "/python";

  if (!mer_child_settings_set_command (settings, self->command, self->folder, error)
      || !mer_child_settings_set_environment (settings, self->environment, python, error))
    return NULL;
  g_object_get (self, "patience", &settings->patience, NULL);
  settings->media_folder = self->media_folder != NULL && *self->media_folder != '\0'
                               ? g_strdup (self->media_folder)
                               : NULL;
  settings->instances = self->instances;
  settings->concurrency = self->concurrency;
  settings->memory_mb = self->memory_limit;
  settings->cpu_seconds = self->cpu_limit;
  settings->max_files = self->file_limit;
  settings->max_starts = self->max_starts;
  settings->grace = self->grace;
  settings->linger = self->linger;
  return g_steal_pointer (&settings);
}

static gboolean
read_extra (MerExec *self, GError **error)
{
  g_autoptr (MerJson) json = NULL;

  if (self->extra_text == NULL || *self->extra_text == '\0')
    return TRUE;
  json = mer_json_parse ("extra", self->extra_text, -1, error);
  if (json == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_OBJECT (mer_json_get_root (json)))
    {
      self->extra = json_node_ref (mer_json_get_root (json));
      return TRUE;
    }
  mer_json_set_error (json, "", error, MER_ERROR_INVALID_ARGUMENT,
                      "an object must stand here, such as {\"fps\": 2}");
  return FALSE;
}

/* what speaks of servers would be left unheard */
static gboolean
check_base_properties (MerExec *self, GError **error)
{
  g_autofree char *key = NULL;
  g_autofree char *uri = NULL;

  g_object_get (self, "api-key-env", &key, "uri", &uri, NULL);
  if ((key == NULL || *key == '\0') && (uri == NULL || *uri == '\0'))
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT, "%s",
               key != NULL && *key != '\0'
                   ? "api-key-env: a program is sent no key; list the variable in "
                     "environment, and let the program read it"
                   : "uri: a program has no address; set command");
  return FALSE;
}

static MerCaller *
mer_exec_open_caller (MerBackend *backend, GError **error)
{
  MerExec *self = MER_EXEC (backend);
  g_autoptr (MerChildSettings) settings = NULL;

  leave_pool (self);
  if (!check_base_properties (self, error) || !read_extra (self, error))
    return NULL;
  settings = make_settings (self, error);
  if (settings == NULL)
    return NULL;
  self->pool = mer_child_pool_join (settings, mer_io_get_context ());
  return MER_CALLER (g_object_ref (self->pool));
}

static void
mer_exec_close (MerOrdered *ordered)
{
  MER_ORDERED_CLASS (mer_exec_parent_class)->close (ordered);
  leave_pool (MER_EXEC (ordered));
}

static JsonNode *
mer_exec_build (MerBackend *backend, MerRequest *request, GError **error)
{
  MerExec *self = MER_EXEC (backend);

  return mer_exec_build_request (backend, self->video_as, self->extra, request, error);
}

static JsonNode *
get_hello (MerExec *self)
{
  if (self->hello == NULL)
    self->hello = mer_child_pool_get_hello (self->pool);
  return self->hello;
}

static gboolean
mer_exec_parse (MerBackend *backend, JsonNode *reply, MerResult *result, GError **error)
{
  return mer_exec_parse_reply (reply, get_hello (MER_EXEC (backend)), result, error);
}

/* where nobody named a model, and so nobody said what it takes */
static gboolean
mer_exec_probe (MerBackend *backend, JsonNode *hello, GError **error)
{
  const char *model = mer_json_node_string (hello, "model");

  if (model == NULL)
    model = mer_json_node_string (hello, "name");
  mer_backend_set_served_model (backend, model != NULL ? model : "unnamed");
  return mer_backend_limit_abilities (backend, mer_exec_get_modalities (hello), error);
}

/* with a model's name, calls are built before a program was started: what is in the journal
 * needs none. Then what it says it takes can only be held against what is asked of it */
static gboolean
check_modalities (MerExec *self, MerModality shown, GError **error)
{
  MerModality able = mer_exec_get_modalities (get_hello (self));
  g_autofree char *lacks = mer_modality_to_string (shown & ~able);
  g_autofree char *takes = mer_modality_to_string (able);

  if ((shown & ~able) == MER_MODALITY_NONE)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "%s: the program says that its model takes %s, and no %s; set "
               "model-modalities=%s",
               GST_OBJECT_NAME (self), takes, lacks, takes);
  return FALSE;
}

static MerRetry
take_hello (MerCall *call, MerReply *reply, GError **error)
{
  return reply != NULL ? MER_RETRY_DONE : mer_retry_classify_error (*error);
}

typedef struct
{
  MerCall call;
  MerModality shown;
} Preparation;

static void
on_hello (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  MerExec *self = g_task_get_source_object (task);
  Preparation *preparation = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (MerReply) reply = mer_caller_call_finish (MER_CALLER (object), result, &error);
  gboolean fatal = reply == NULL && preparation->call.retry == MER_RETRY_FATAL;

  if (reply != NULL && self->pool != NULL
      && !check_modalities (self, preparation->shown, &error))
    fatal = TRUE;
  if (fatal)
    mer_ordered_fail (MER_ORDERED (self), error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
mer_exec_prepare_async (MerBackend *backend, JsonNode *request, MerPayload *payload,
                        MerModality shown, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (backend, cancellable, callback, user_data);
  Preparation *preparation = g_new0 (Preparation, 1);

  preparation->shown = shown;
  g_task_set_task_data (task, preparation, g_free);
  mer_backend_init_call (backend, &preparation->call);
  preparation->call.path = "";
  preparation->call.judge = take_hello;
  mer_caller_call_async (mer_backend_get_caller (backend), &preparation->call, cancellable,
                         on_hello, task);
}

static gboolean
mer_exec_prepare_finish (MerBackend *backend, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static char **
string_property (MerExec *self, guint id)
{
  switch (id)
    {
    case PROP_COMMAND:
      return &self->command;
    case PROP_ENVIRONMENT:
      return &self->environment;
    case PROP_WORKING_DIRECTORY:
      return &self->folder;
    case PROP_MEDIA_FOLDER:
      return &self->media_folder;
    case PROP_EXTRA:
      return &self->extra_text;
    default:
      return NULL;
    }
}

static guint *
number_property (MerExec *self, guint id)
{
  switch (id)
    {
    case PROP_INSTANCES:
      return &self->instances;
    case PROP_CONCURRENCY:
      return &self->concurrency;
    case PROP_MEMORY_LIMIT:
      return &self->memory_limit;
    case PROP_CPU_LIMIT:
      return &self->cpu_limit;
    case PROP_FILE_LIMIT:
      return &self->file_limit;
    case PROP_MAX_STARTS:
      return &self->max_starts;
    default:
      return NULL;
    }
}

static double *
seconds_property (MerExec *self, guint id)
{
  return id == PROP_GRACE ? &self->grace : id == PROP_LINGER ? &self->linger : NULL;
}

static void
mer_exec_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerExec *self = MER_EXEC (object);
  char **text = string_property (self, id);

  if (text != NULL)
    {
      g_free (*text);
      *text = g_value_dup_string (value);
    }
  else if (number_property (self, id) != NULL)
    *number_property (self, id) = g_value_get_uint (value);
  else if (seconds_property (self, id) != NULL)
    *seconds_property (self, id) = g_value_get_double (value);
  else if (id == PROP_VIDEO_AS)
    self->video_as = g_value_get_enum (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_exec_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerExec *self = MER_EXEC (object);

  if (string_property (self, id) != NULL)
    g_value_set_string (value, *string_property (self, id));
  else if (number_property (self, id) != NULL)
    g_value_set_uint (value, *number_property (self, id));
  else if (seconds_property (self, id) != NULL)
    g_value_set_double (value, *seconds_property (self, id));
  else if (id == PROP_VIDEO_AS)
    g_value_set_enum (value, self->video_as);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mer_exec_finalize (GObject *object)
{
  MerExec *self = MER_EXEC (object);

  leave_pool (self);
  g_free (self->command);
  g_free (self->environment);
  g_free (self->folder);
  g_free (self->media_folder);
  g_free (self->extra_text);
  G_OBJECT_CLASS (mer_exec_parent_class)->finalize (object);
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static void
install_string (GObjectClass *klass, guint id, const char *name, const char *blurb)
{
  g_object_class_install_property (klass, id,
                                   g_param_spec_string (name, NULL, blurb, NULL, FLAGS));
}

static void
install_number (GObjectClass *klass, guint id, const char *name, const char *blurb,
                guint minimum, guint maximum, guint fallback)
{
  g_object_class_install_property (
      klass, id, g_param_spec_uint (name, NULL, blurb, minimum, maximum, fallback, FLAGS));
}

static void
install_what_runs (GObjectClass *klass)
{
  install_string (klass, PROP_COMMAND, "command",
                  "The program and its arguments, quoted as in a shell (no shell runs), "
                  "such as “python3 my_model.py”; no secrets: everybody on the machine can "
                  "read it");
  install_string (
      klass, PROP_ENVIRONMENT, "environment",
      "Variables that the program gets beside the usual ones (PATH, HOME, CUDA_*, "
      "HF_*, …), separated by spaces: NAME hands on ours, NAME=VALUE sets one; "
      "keys only where they are listed, by name (default: none)");
  install_string (klass, PROP_WORKING_DIRECTORY, "working-directory",
                  "The folder the program runs in (default: ours)");
  install_string (klass, PROP_EXTRA, "extra",
                  "JSON object that every request carries as “options” (default: none)");
  install_number (klass, PROP_INSTANCES, "instances",
                  "How many of the program run at once (default: 1)", 1, 64, 1);
  install_number (
      klass, PROP_CONCURRENCY, "concurrency",
      "Most requests that one program is given at once; 0 for as many as it says "
      "that it takes (default: 0)",
      0, 256, 0);
}

static void
install_what_it_is_shown (GObjectClass *klass)
{
  GType type = mer_exec_video_as_get_type ();

  install_string (klass, PROP_MEDIA_FOLDER, "media-folder",
                  "Where a private folder is made for the media that the program reads as "
                  "files (default: in memory where there is such a place)");
  g_object_class_install_property (
      klass, PROP_VIDEO_AS,
      g_param_spec_enum ("video-as", NULL,
                         "How the program is shown the picture (default: frames)", type,
                         MER_EXEC_VIDEO_AS_FRAMES, FLAGS));
  gst_type_mark_as_plugin_api (type, 0);
}

static void
install_limits (GObjectClass *klass)
{
  install_number (klass, PROP_MEMORY_LIMIT, "memory-limit",
                  "Most address space of the program, MiB; CUDA wants far more of it than "
                  "there is memory; 0 for no limit (default: 0)",
                  0, G_MAXINT, 0);
  install_number (
      klass, PROP_CPU_LIMIT, "cpu-limit",
      "Processor time after which the program is killed, seconds; 0 for no limit "
      "(default: 0)",
      0, G_MAXINT, 0);
  install_number (
      klass, PROP_FILE_LIMIT, "file-limit",
      "Most files that the program may have open; 0 for as many as we (default: "
      "0)",
      0, 1 << 20, 0);
  install_number (klass, PROP_MAX_STARTS, "max-starts",
                  "Failed starts in a row that end the run (default: 3)", 1, 100, 3);
  g_object_class_install_property (
      klass, PROP_GRACE,
      g_param_spec_double ("grace", NULL,
                           "Seconds that the program has to end by itself before it is "
                           "killed (default: 5)",
                           0, 3600, 5, FLAGS));
  g_object_class_install_property (
      klass, PROP_LINGER,
      g_param_spec_double (
          "linger", NULL,
          "Seconds that the program stays loaded after the last stage that "
          "asked it has closed, for the next run of a batch (default: 30)",
          0, 86400, 30, FLAGS));
}

static void
mer_exec_class_init (MerExecClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  MerBackendClass *backend_class = MER_BACKEND_CLASS (klass);

  object_class->set_property = mer_exec_set_property;
  object_class->get_property = mer_exec_get_property;
  object_class->finalize = mer_exec_finalize;
  MER_ORDERED_CLASS (klass)->close = mer_exec_close;
  backend_class->protocol = "mer-exec/1";
  backend_class->path = "";
  backend_class->probe_path = "";
  backend_class->open_caller = mer_exec_open_caller;
  backend_class->build_request = mer_exec_build;
  backend_class->prepare_async = mer_exec_prepare_async;
  backend_class->prepare_finish = mer_exec_prepare_finish;
  backend_class->decode_reply = mer_exec_decode_reply;
  backend_class->parse_reply = mer_exec_parse;
  backend_class->probe = mer_exec_probe;
  install_what_runs (object_class);
  install_what_it_is_shown (object_class);
  install_limits (object_class);

  mer_backend_class_set_metadata (
      backend_class, "Model in a program",
      "Asks a program of your own about each sample, one line of JSON for one", "gst-mer");
  gst_element_class_add_static_metadata (
      GST_ELEMENT_CLASS (klass), "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! "
      "merexec command=\"python3 my_model.py\" ! merlabels ! mersampleenc ! fdsink");
}

static void
mer_exec_init (MerExec *self)
{
  self->instances = 1;
  self->max_starts = 3;
  self->grace = 5;
  self->linger = 30;
}
