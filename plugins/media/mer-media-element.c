/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-mermedia
 * @title: mermedia
 *
 * Turns each sample's clip into evidence: frames, audio, cues, and the manifest that says
 * which. The same frames for every model: frame i of N is the one on display at
 * start + (i + ½)·D/N of the presented span of the video track.
 *
 * ## Example launch line
 *
 * ```
 * gst-launch-1.0 merdatasetsrc clips=videos ! mermedia frames=8 ! mersampleenc ! fdsink
 * ```
 */
#include "mer-media-element.h"

#include "base/mer-estimate.h"
#include "base/mer-io.h"
#include "base/mer-wants.h"
#include "media/mer-decode-pool.h"
#include "mer-error.h"
#include "mer-evidence-properties.h"
#include "mer-manifest-key.h"
#include "media/mer-media-spool.h"
#include "sample/mer-side-file.h"
#include "store/mer-store.h"
#include "tables/mer-json.h"

GST_DEBUG_CATEGORY_STATIC (mer_media_element_debug);
#define GST_CAT_DEFAULT mer_media_element_debug

#define DEFAULT_DEADLINE 120.0

struct _MerMediaElement
{
  MerOrdered parent_instance;

  MerDecodeSettings *settings;
  guint jobs;
  double deadline;
  MerIsolation isolation;

  MerDecodePool *pool; /* from start to stop; I/O thread */
  gboolean asked;      /* whether strip_wanted is known; I/O thread */
  gboolean strip_wanted;
  GMutex lock; /* of the store and the spool */
  MerStore *store;
  MerMediaSpool *spool;
  MerEstimate *estimate;
  MerSideFiles *side_files;
};

/* one sample on its way; the data of its task */
typedef struct
{
  MerMediaElement *self;
  MerClip *clip;
  MerDecodeSettings *settings;
  char *key;        /* of the manifest in a store */
  JsonNode *hashes; /* the manifest's `clip` */
  MerStore *store;
  MerMediaSpool *spool;
  gboolean known_only; /* for an estimate that can do without this clip */
} Work;

/* what decodes again when bytes are wanted; held by a media */
typedef struct
{
  MerDecodePool *pool;
  MerClip *clip;
  MerDecodeSettings *settings;
  char *key;
  MerMediaSpool *spool;
} Again;

/* what is put into the spool, away from the I/O thread */
typedef struct
{
  char *key;
  MerMediaBytes *bytes;
} Kept;

enum
{
  PROP_FRAME_SELECT = MER_EVIDENCE_N_PROPERTIES,
  PROP_STRIP,
  PROP_SUBTITLE_LANG,
  PROP_JOBS,
  PROP_DEADLINE,
  PROP_ISOLATION,
};

typedef enum
{
  FRAME_SELECT_GOP,
  FRAME_SELECT_FULL,
} FrameSelect;

G_DEFINE_FINAL_TYPE (MerMediaElement, mer_media_element, MER_TYPE_ORDERED)

static GType
frame_select_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { FRAME_SELECT_GOP, "Decode only the groups of pictures that hold a wanted frame",
      "gop" },
    { FRAME_SELECT_FULL, "Decode every picture", "full" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerFrameSelect", values));
  return type;
}

static GType
isolation_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { MER_ISOLATION_PROCESS, "In worker processes without network", "process" },
    { MER_ISOLATION_NONE, "In this process, for debugging", "none" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerIsolation", values));
  return type;
}

static void
work_free (Work *work)
{
  mer_clip_unref (work->clip);
  mer_decode_settings_free (work->settings);
  g_free (work->key);
  g_clear_pointer (&work->hashes, json_node_unref);
  g_clear_object (&work->store);
  g_clear_object (&work->spool);
  g_free (work);
}

static void
again_free (Again *again)
{
  g_object_unref (again->pool);
  mer_clip_unref (again->clip);
  mer_decode_settings_free (again->settings);
  g_free (again->key);
  g_clear_object (&again->spool);
  g_free (again);
}

/* what is decoded stays at hand for the next run of a batch */

static void
kept_free (Kept *kept)
{
  g_free (kept->key);
  mer_media_bytes_free (kept->bytes);
  g_free (kept);
}

static void
put_into_spool (GTask *task, gpointer source, gpointer task_data,
                G_GNUC_UNUSED GCancellable *cancellable)
{
  Kept *kept = task_data;

  mer_media_spool_put (source, kept->key, kept->bytes);
  g_task_return_boolean (task, TRUE);
}

static void
keep_bytes (MerMediaSpool *spool, const char *key, const MerMediaBytes *bytes)
{
  g_autoptr (GTask) task = NULL;
  Kept *kept = NULL;

  if (spool == NULL || bytes == NULL || mer_media_spool_has (spool, key))
    return;
  kept = g_new0 (Kept, 1);
  kept->key = g_strdup (key);
  kept->bytes = mer_media_bytes_new ();
  for (guint i = 0; i < bytes->frames->len; i++)
    g_ptr_array_add (kept->bytes->frames, g_bytes_ref (bytes->frames->pdata[i]));
  kept->bytes->audio = bytes->audio != NULL ? g_bytes_ref (bytes->audio) : NULL;
  kept->bytes->strip = bytes->strip != NULL ? g_bytes_ref (bytes->strip) : NULL;
  task = g_task_new (spool, NULL, NULL, NULL);
  g_task_set_task_data (task, kept, (GDestroyNotify) kept_free);
  mer_io_run_task (task, put_into_spool);
}

/* media without bytes decode again on demand */

static void
decoded_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (MerDecoded) decoded
      = mer_decode_pool_decode_finish (MER_DECODE_POOL (source), result, &error);

  if (decoded == NULL)
    g_task_return_error (task, error);
  else if (decoded->bytes == NULL)
    g_task_return_new_error (task, MER_ERROR, MER_ERROR_DECODE,
                             "the clip could be decoded before and cannot now");
  else
    {
      Again *again = g_task_get_task_data (task);

      keep_bytes (again->spool, again->key, decoded->bytes);
      g_task_return_pointer (task, g_steal_pointer (&decoded->bytes),
                             (GDestroyNotify) mer_media_bytes_free);
    }
}

static gboolean
decode_again (gpointer user_data)
{
  GTask *task = user_data;
  Again *again = g_task_get_task_data (task);

  mer_decode_pool_decode_async (again->pool, again->clip, again->settings,
                                g_task_get_cancellable (task), decoded_again,
                                g_object_ref (task));
  return G_SOURCE_REMOVE;
}

static void
read_from_spool (GTask *task, G_GNUC_UNUSED gpointer source, gpointer task_data,
                 G_GNUC_UNUSED GCancellable *cancellable)
{
  Again *again = task_data;
  MerMediaBytes *bytes = mer_media_spool_get (again->spool, again->key);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) mer_media_bytes_free);
  else
    mer_io_invoke (decode_again, g_object_ref (task), g_object_unref);
}

static void
load_bytes (MerMedia *media, GCancellable *cancellable, GAsyncReadyCallback callback,
            gpointer user_data, gpointer loader_data)
{
  GTask *task = g_task_new (media, cancellable, callback, user_data);

  Again *again = loader_data;

  g_task_set_task_data (task, again, NULL);
  if (again->spool != NULL && mer_media_spool_has (again->spool, again->key))
    {
      mer_io_run_task (task, read_from_spool);
      g_object_unref (task);
      return;
    }
  /* a stage may ask from any thread; the pool lives in the I/O thread */
  mer_io_invoke (decode_again, task, g_object_unref);
}

static void
set_loader (Work *work, MerMedia *media)
{
  Again *again = g_new0 (Again, 1);

  again->pool = g_object_ref (work->self->pool);
  again->clip = mer_clip_ref (work->clip);
  again->settings = mer_decode_settings_copy (work->settings);
  again->key = g_strdup (work->key);
  again->spool = work->spool != NULL ? g_object_ref (work->spool) : NULL;
  mer_media_set_loader (media, load_bytes, again, (GDestroyNotify) again_free);
}

/* a sample's work: find and hash the files, look the manifest up, else decode */

static void
return_media (GTask *task, JsonNode *manifest, MerMediaBytes *bytes)
{
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean again = bytes == NULL;
  MerMedia *media = mer_media_new (manifest, bytes, &error);

  if (media == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (again && mer_media_get_outcome (media) == MER_OUTCOME_ANSWERED)
    set_loader (work, media);
  g_task_return_pointer (task, media, g_object_unref);
}

static void
manifest_kept (GObject *source, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!mer_store_commit_manifest_finish (MER_STORE (source), result, &error))
    GST_WARNING ("a media manifest could not be stored: %s", error->message);
}

static void
keep_manifest (Work *work, JsonNode *manifest)
{
  const char *outcome = mer_json_node_string (manifest, "outcome");

  /* what failed is tried again in the next run */
  if (work->store != NULL && mer_store_is_writable (work->store)
      && g_strcmp0 (outcome, mer_outcome_to_string (MER_OUTCOME_ANSWERED)) == 0)
    mer_store_commit_manifest_async (work->store, work->key, manifest, manifest_kept, NULL);
}

static void
clip_decoded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (MerDecoded) decoded
      = mer_decode_pool_decode_finish (MER_DECODE_POOL (source), result, &error);

  if (decoded == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  json_object_set_member (json_node_get_object (decoded->manifest), "clip",
                          g_steal_pointer (&work->hashes));
  keep_manifest (work, decoded->manifest);
  keep_bytes (work->spool, work->key, decoded->bytes);
  return_media (task, g_steal_pointer (&decoded->manifest),
                g_steal_pointer (&decoded->bytes));
}

/* a side file wins over embedded tracks also where the source did not look for one */
static void
complete_clip (Work *work)
{
  g_autoptr (MerClip) clip = work->clip;
  g_autofree char *subtitle = NULL;
  const char *media = mer_clip_get_video (clip);

  if (media == NULL)
    media = mer_clip_get_audio (clip);
  if (mer_clip_get_subtitle (clip) == NULL)
    subtitle = mer_side_files_find (work->self->side_files, media,
                                    work->settings->subtitle_lang);
  work->clip = subtitle != NULL ? mer_clip_new (mer_clip_get_video (clip),
                                                mer_clip_get_audio (clip), subtitle)
                                : mer_clip_ref (clip);
}

static void
hash_work (GTask *task, G_GNUC_UNUSED gpointer source, gpointer task_data,
           GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;

  complete_clip (work);
  work->hashes = mer_manifest_hash_clip (work->clip, cancellable, &error);
  if (work->hashes == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  work->key = mer_manifest_key (work->hashes, work->settings);
  g_task_return_boolean (task, TRUE);
}

static void
return_unseen (GTask *task)
{
  g_task_return_pointer (task, mer_media_new_failed (MER_OUTCOME_SKIPPED, "not looked at"),
                         g_object_unref);
}

static void
clip_hashed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  MerMediaElement *self = MER_MEDIA_ELEMENT (source);
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_autoptr (JsonNode) known
      = work->store != NULL ? mer_store_lookup_manifest (work->store, work->key, NULL)
                            : NULL;
  if (known != NULL)
    {
      return_media (task, g_steal_pointer (&known), NULL);
      return;
    }
  if (work->known_only)
    {
      return_unseen (task);
      return;
    }
  mer_decode_pool_decode_async (self->pool, work->clip, work->settings,
                                g_task_get_cancellable (task), clip_decoded,
                                g_object_ref (task));
}

static MerStore *
dup_store (MerMediaElement *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->store != NULL ? g_object_ref (self->store) : NULL;
}

/* whether an estimate is made that can do without decoding this sample's clip */
static gboolean
is_left_out (MerMediaElement *self, MerSample *sample)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->estimate != NULL
         && !mer_estimate_picks (self->estimate, mer_sample_get_seq (sample));
}

static MerMediaSpool *
dup_spool (MerMediaElement *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->spool != NULL ? g_object_ref (self->spool) : NULL;
}

/* whether an element down the graph cannot work without the strip; the graph does not
 * change while samples flow, so one answer holds for all. I/O thread */
static gboolean
is_strip_wanted (MerMediaElement *self)
{
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstQuery) query = NULL;

  if (self->asked)
    return self->strip_wanted;
  pad = gst_element_get_static_pad (GST_ELEMENT (self), "src");
  query = mer_wants_query_new ();
  self->strip_wanted
      = gst_pad_peer_query (pad, query) && mer_wants_query_has (query, MER_WANT_STRIP);
  self->asked = TRUE;
  return self->strip_wanted;
}

static void
mer_media_element_process_async (MerOrdered *ordered, MerSample *sample,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  MerMediaElement *self = MER_MEDIA_ELEMENT (ordered);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  MerClip *clip = mer_sample_get_clip (sample);
  Work *work;

  if (clip == NULL
      || (mer_clip_get_video (clip) == NULL && mer_clip_get_audio (clip) == NULL))
    {
      /* samples of text alone have no evidence to decode, which is no failure */
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  work = g_new0 (Work, 1);
  work->self = self;
  work->settings = mer_decode_settings_copy (self->settings);
  work->settings->strip |= is_strip_wanted (self);
  work->clip = mer_clip_ref (clip);
  work->store = dup_store (self);
  work->spool = dup_spool (self);
  work->known_only = is_left_out (self, sample);
  g_task_set_task_data (task, work, (GDestroyNotify) work_free);
  if (work->known_only && work->store == NULL)
    {
      return_unseen (task);
      return;
    }

  g_autoptr (GTask) hashing
      = g_task_new (self, cancellable, clip_hashed, g_object_ref (task));
  g_task_set_task_data (hashing, work, NULL);
  mer_io_run_task (hashing, hash_work);
}

static gboolean
mer_media_element_process_finish (G_GNUC_UNUSED MerOrdered *ordered, GAsyncResult *result,
                                  MerSample *sample, GError **error)
{
  GError *local = NULL;
  g_autoptr (MerMedia) media = g_task_propagate_pointer (G_TASK (result), &local);

  if (local != NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  if (media != NULL)
    mer_sample_set_media (sample, media);
  return TRUE;
}

static void
mer_media_element_process_failed (G_GNUC_UNUSED MerOrdered *ordered, MerSample *sample,
                                  const GError *error)
{
  g_autoptr (MerMedia) media
      = mer_media_new_failed (MER_OUTCOME_DECODE_FAILED, error->message);

  mer_sample_set_media (sample, media);
}

/* life */

static gboolean
mer_media_element_open (MerOrdered *ordered, G_GNUC_UNUSED GError **error)
{
  MerMediaElement *self = MER_MEDIA_ELEMENT (ordered);

  self->pool = mer_decode_pool_new (self->jobs, self->deadline, self->isolation);
  self->asked = FALSE;
  return TRUE;
}

static gboolean
unref_pool (gpointer pool)
{
  g_object_unref (pool);
  return G_SOURCE_REMOVE;
}

static void
mer_media_element_close (MerOrdered *ordered)
{
  MerMediaElement *self = MER_MEDIA_ELEMENT (ordered);

  /* media that still want their bytes hold the pool too; it ends where it lives */
  mer_io_invoke (unref_pool, g_steal_pointer (&self->pool), NULL);
}

static void
mer_media_element_set_context (GstElement *element, GstContext *context)
{
  MerMediaElement *self = MER_MEDIA_ELEMENT (element);
  g_autoptr (MerStore) store = mer_store_from_context (context);
  g_autoptr (MerMediaSpool) spool = mer_media_spool_from_context (context);
  g_autoptr (MerEstimate) estimate = mer_estimate_from_context (context);

  if (estimate != NULL)
    {
      g_mutex_lock (&self->lock);
      g_set_object (&self->estimate, estimate);
      g_mutex_unlock (&self->lock);
    }
  if (store != NULL)
    {
      g_mutex_lock (&self->lock);
      g_set_object (&self->store, store);
      g_mutex_unlock (&self->lock);
    }
  if (spool != NULL)
    {
      g_mutex_lock (&self->lock);
      g_set_object (&self->spool, spool);
      g_mutex_unlock (&self->lock);
    }
  GST_ELEMENT_CLASS (mer_media_element_parent_class)->set_context (element, context);
}

static void
mer_media_element_set_property (GObject *object, guint id, const GValue *value,
                                GParamSpec *pspec)
{
  MerMediaElement *self = MER_MEDIA_ELEMENT (object);

  switch (id)
    {
    case PROP_FRAME_SELECT:
      self->settings->gop = g_value_get_enum (value) == FRAME_SELECT_GOP;
      break;
    case PROP_STRIP:
      self->settings->strip = g_value_get_boolean (value);
      break;
    case PROP_SUBTITLE_LANG:
      g_free (self->settings->subtitle_lang);
      self->settings->subtitle_lang = g_value_dup_string (value);
      break;
    case PROP_JOBS:
      self->jobs = g_value_get_uint (value);
      break;
    case PROP_DEADLINE:
      self->deadline = g_value_get_double (value);
      break;
    case PROP_ISOLATION:
      self->isolation = g_value_get_enum (value);
      break;
    default:
      if (!mer_evidence_set_property (self->settings, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_media_element_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerMediaElement *self = MER_MEDIA_ELEMENT (object);

  switch (id)
    {
    case PROP_FRAME_SELECT:
      g_value_set_enum (value, self->settings->gop ? FRAME_SELECT_GOP : FRAME_SELECT_FULL);
      break;
    case PROP_STRIP:
      g_value_set_boolean (value, self->settings->strip);
      break;
    case PROP_SUBTITLE_LANG:
      g_value_set_string (value, self->settings->subtitle_lang);
      break;
    case PROP_JOBS:
      g_value_set_uint (value, self->jobs);
      break;
    case PROP_DEADLINE:
      g_value_set_double (value, self->deadline);
      break;
    case PROP_ISOLATION:
      g_value_set_enum (value, self->isolation);
      break;
    default:
      if (!mer_evidence_get_property (self->settings, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_media_element_finalize (GObject *object)
{
  MerMediaElement *self = MER_MEDIA_ELEMENT (object);

  mer_decode_settings_free (self->settings);
  mer_side_files_free (self->side_files);
  g_clear_object (&self->store);
  g_clear_object (&self->spool);
  g_clear_object (&self->estimate);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (mer_media_element_parent_class)->finalize (object);
}

static void
install_evidence_properties (GObjectClass *klass)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  mer_evidence_install_properties (klass);
  g_object_class_install_property (
      klass, PROP_FRAME_SELECT,
      g_param_spec_enum (
          "frame-select", "Frame select",
          "How frames are reached; gives the same frames, only sooner or later",
          frame_select_get_type (), FRAME_SELECT_GOP, flags));
  g_object_class_install_property (
      klass, PROP_STRIP,
      g_param_spec_boolean ("strip", "Strip",
                            "Also make the gray strip (64 px, 8 pictures a second) that "
                            "motion descriptors read, also if none is in the graph",
                            FALSE, flags));
  g_object_class_install_property (
      klass, PROP_SUBTITLE_LANG,
      g_param_spec_string ("subtitle-lang", "Subtitle language",
                           "Language of the subtitle track or side file, as in “en” "
                           "(default: the default track)",
                           NULL, flags));
}

static void
install_work_properties (GObjectClass *klass)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (
      klass, PROP_JOBS,
      g_param_spec_uint ("jobs", "Jobs",
                         "How many clips are decoded at once (0: one a processor)", 0, 256,
                         0, flags));
  g_object_class_install_property (
      klass, PROP_DEADLINE,
      g_param_spec_double ("deadline", "Deadline",
                           "Seconds that decoding one clip may take (0: any time)", 0,
                           86400, DEFAULT_DEADLINE, flags));
  g_object_class_install_property (
      klass, PROP_ISOLATION,
      g_param_spec_enum ("isolation", "Isolation", "Where clips are decoded",
                         isolation_get_type (), MER_ISOLATION_PROCESS, flags));
}

static void
mer_media_element_class_init (MerMediaElementClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  MerOrderedClass *ordered_class = MER_ORDERED_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_media_element_debug, "mermedia", 0, "clips to evidence");
  object_class->set_property = mer_media_element_set_property;
  object_class->get_property = mer_media_element_get_property;
  object_class->finalize = mer_media_element_finalize;
  element_class->set_context = mer_media_element_set_context;
  ordered_class->kind = MER_KIND_MEDIA;
  ordered_class->failure = MER_OUTCOME_DECODE_FAILED;
  ordered_class->is_stage = FALSE;
  ordered_class->open = mer_media_element_open;
  ordered_class->close = mer_media_element_close;
  ordered_class->process_async = mer_media_element_process_async;
  ordered_class->process_finish = mer_media_element_process_finish;
  ordered_class->process_failed = mer_media_element_process_failed;
  install_evidence_properties (object_class);
  install_work_properties (object_class);
  gst_type_mark_as_plugin_api (frame_select_get_type (), 0);
  gst_type_mark_as_plugin_api (isolation_get_type (), 0);
  gst_element_class_set_static_metadata (
      element_class, "Clip decoder", "Filter/Sample/Media",
      "Turns clips into frames, audio and subtitle cues with a manifest", "gst-mer");
  gst_element_class_add_static_metadata (element_class, "mer-kind", MER_KIND_MEDIA);
  gst_element_class_add_static_metadata (
      element_class, "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia frames=8 ! "
      "mersampleenc ! fdsink");
}

/* The pool counts the deadline from when a worker takes the clip on. The base class would
 * count the time in the queue as well, and a slow clip would fail those behind it. */
static void
turn_base_deadline_off (MerMediaElement *self)
{
  GObjectClass *base = G_OBJECT_CLASS (mer_media_element_parent_class);
  GParamSpec *pspec = g_object_class_find_property (base, "deadline");
  g_auto (GValue) never = G_VALUE_INIT;

  g_value_init (&never, G_TYPE_DOUBLE);
  base->set_property (G_OBJECT (self), pspec->param_id, &never, pspec);
}

static void
mer_media_element_init (MerMediaElement *self)
{
  g_mutex_init (&self->lock);
  self->settings = mer_decode_settings_new ();
  self->side_files = mer_side_files_new ();
  self->deadline = DEFAULT_DEADLINE;
  turn_base_deadline_off (self);
}
