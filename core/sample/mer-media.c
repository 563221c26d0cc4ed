/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-media.h"

#include <math.h>
#include <string.h>

#include "mer-error.h"
#include "tables/mer-json.h"

struct _MerMedia
{
  GObject parent_instance;

  MerMedia *source; /* where set, the bytes are there: this one has other cues alone */
  JsonNode *manifest;
  MerOutcome outcome;
  const char *detail; /* lives in the manifest */
  GArray *frames;     /* MerFrame */
  GArray *cues;       /* MerCue */
  const char *audio_sha256;
  const char *clip_sha256;
  double audio_seconds;
  guint strip_width;
  guint strip_height;
  double strip_rate;

  GMutex lock; /* of what follows */
  MerMediaBytes *bytes;
  GPtrArray *waiters; /* GTask, while a load is under way */
  MerMediaLoader loader;
  gpointer loader_data;
  GDestroyNotify loader_destroy;
};

G_DEFINE_TYPE (MerMedia, mer_media, G_TYPE_OBJECT)

/* bytes of all media that are alive in this process; what the reorder windows shrink by */
static gssize live_bytes;

MerMediaBytes *
mer_media_bytes_new (void)
{
  MerMediaBytes *bytes = g_new0 (MerMediaBytes, 1);

  bytes->frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return bytes;
}

void
mer_media_bytes_free (MerMediaBytes *bytes)
{
  g_ptr_array_unref (bytes->frames);
  g_clear_pointer (&bytes->audio, g_bytes_unref);
  g_clear_pointer (&bytes->strip, g_bytes_unref);
  g_free (bytes);
}

static gssize
media_bytes_get_size (MerMediaBytes *bytes)
{
  gssize size = 0;

  for (guint i = 0; i < bytes->frames->len; i++)
    size += g_bytes_get_size (bytes->frames->pdata[i]);
  if (bytes->audio != NULL)
    size += g_bytes_get_size (bytes->audio);
  if (bytes->strip != NULL)
    size += g_bytes_get_size (bytes->strip);
  return size;
}

/**
 * mer_media_get_live_bytes:
 *
 * Returns: the bytes of decoded media that this process holds at the moment
 */
gsize
mer_media_get_live_bytes (void)
{
  return MAX (g_atomic_pointer_get (&live_bytes), 0);
}

/* frees the array and what is in it; the lock need not be held */
static void
media_take_bytes (MerMedia *self, MerMediaBytes *bytes)
{
  g_atomic_pointer_add (&live_bytes, media_bytes_get_size (bytes));
  self->bytes = bytes;
}

static void
cue_clear (MerCue *cue)
{
  g_free (cue->text);
}

static void
mer_media_finalize (GObject *object)
{
  MerMedia *self = MER_MEDIA (object);

  if (self->bytes != NULL)
    g_atomic_pointer_add (&live_bytes, -media_bytes_get_size (self->bytes));
  g_clear_pointer (&self->bytes, mer_media_bytes_free);
  if (self->loader_destroy != NULL)
    self->loader_destroy (self->loader_data);
  g_clear_object (&self->source);
  g_clear_pointer (&self->manifest, json_node_unref);
  g_array_unref (self->frames);
  g_array_unref (self->cues);
  g_ptr_array_unref (self->waiters);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (mer_media_parent_class)->finalize (object);
}

static void
mer_media_class_init (MerMediaClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_media_finalize;
}

static void
mer_media_init (MerMedia *self)
{
  g_mutex_init (&self->lock);
  self->frames = g_array_new (FALSE, TRUE, sizeof (MerFrame));
  self->cues = g_array_new (FALSE, TRUE, sizeof (MerCue));
  g_array_set_clear_func (self->cues, (GDestroyNotify) cue_clear);
  self->waiters = g_ptr_array_new_with_free_func (g_object_unref);
  self->outcome = MER_OUTCOME_ANSWERED;
  self->audio_seconds = NAN;
}

/* manifests come from stores and from decode workers that a clip may have taken over; a
 * number out of range must not become undefined */
static guint64
seconds_to_ns (double seconds)
{
  return seconds > 0 ? (guint64) llround (MIN (seconds, 1e9) * 1e9) : 0;
}

static guint
read_count (JsonNode *node, const char *member)
{
  double number = mer_json_node_number (node, member, 0);

  return number > 0 ? (guint) MIN (number, (double) G_MAXINT) : 0;
}

static gboolean
is_sha256 (const char *text)
{
  return strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

static gboolean
media_read_frame (MerMedia *self, JsonNode *node)
{
  MerFrame frame = { 0 };
  const char *sha256 = mer_json_node_string (node, "sha256");

  if (sha256 == NULL || !is_sha256 (sha256))
    return FALSE;
  memcpy (frame.sha256, sha256, 65);
  frame.time = seconds_to_ns (mer_json_node_number (node, "time", 0));
  frame.pts = seconds_to_ns (mer_json_node_number (node, "pts", 0));
  frame.width = read_count (node, "width");
  frame.height = read_count (node, "height");
  frame.size = read_count (node, "bytes");
  g_array_append_val (self->frames, frame);
  return TRUE;
}

static gboolean
media_read_cue (MerMedia *self, JsonNode *node)
{
  const char *text = mer_json_node_string (node, "text");

  if (text == NULL)
    return FALSE;

  MerCue cue = { seconds_to_ns (mer_json_node_number (node, "start", 0)),
                 seconds_to_ns (mer_json_node_number (node, "end", 0)), g_strdup (text) };
  g_array_append_val (self->cues, cue);
  return TRUE;
}

static gboolean
media_read_list (MerMedia *self, const char *member,
                 gboolean (*read_one) (MerMedia *self, JsonNode *node), GError **error)
{
  JsonNode *node = mer_json_node_member (self->manifest, member);

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return TRUE;

  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_one (self, json_array_get_element (array, i)))
      {
        g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                     "the media manifest's /%s/%u is incomplete", member, i);
        return FALSE;
      }
  return TRUE;
}

static gboolean
media_read_manifest (MerMedia *self, GError **error)
{
  const char *outcome = mer_json_node_string (self->manifest, "outcome");
  JsonNode *audio = mer_json_node_member (self->manifest, "audio");
  JsonNode *strip = mer_json_node_member (self->manifest, "strip");

  if (outcome != NULL && !mer_outcome_from_string (outcome, &self->outcome))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "the media manifest's /outcome is “%s”, which is no outcome", outcome);
      return FALSE;
    }
  self->detail = mer_json_node_string (self->manifest, "detail");
  self->audio_sha256 = audio != NULL ? mer_json_node_string (audio, "sha256") : NULL;
  self->clip_sha256
      = mer_json_node_string (mer_json_node_member (self->manifest, "clip"), "sha256");
  if (self->clip_sha256 != NULL && !is_sha256 (self->clip_sha256))
    self->clip_sha256 = NULL;
  self->audio_seconds = audio != NULL ? mer_json_node_number (audio, "seconds", NAN) : NAN;
  if (strip != NULL)
    {
      self->strip_width = read_count (strip, "width");
      self->strip_height = read_count (strip, "height");
      self->strip_rate = mer_json_node_number (strip, "rate", 0);
    }
  return media_read_list (self, "frames", media_read_frame, error)
         && media_read_list (self, "cues", media_read_cue, error);
}

/**
 * mer_media_new:
 * @manifest: (transfer full): what was decoded, see `schemas/mer-record.schema.json`
 * @bytes: (transfer full) (nullable): the bytes, %NULL where they are loaded on demand or
 *   are not to be had
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the media, %NULL with `INVALID_FILE`
 */
MerMedia *
mer_media_new (JsonNode *manifest, MerMediaBytes *bytes, GError **error)
{
  g_autoptr (MerMedia) self = g_object_new (MER_TYPE_MEDIA, NULL);

  json_node_seal (manifest);
  self->manifest = manifest;
  if (bytes != NULL)
    media_take_bytes (self, bytes);
  if (!media_read_manifest (self, error))
    return NULL;
  if (bytes != NULL && bytes->frames->len != self->frames->len)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE,
                   "the manifest lists %u frames and %u came", self->frames->len,
                   bytes->frames->len);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * mer_media_new_with_cues:
 * @source: a media
 * @cues: lines of a manifest: objects with `start`, `end` (seconds) and `text`
 * @error: return location for an error
 *
 * For who finds out what is said. The bytes stay with @source and are shared.
 *
 * Returns: (transfer full) (nullable): the same evidence with these cues, %NULL with
 *   `INVALID_FILE`
 */
MerMedia *
mer_media_new_with_cues (MerMedia *source, JsonArray *cues, GError **error)
{
  JsonObject *object = json_object_new ();
  JsonNode *manifest = json_node_init_object (json_node_alloc (), object);
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;
  MerMedia *self = NULL;

  json_object_unref (object);
  json_object_iter_init_ordered (&iter, json_node_get_object (source->manifest));
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!g_str_equal (name, "cues"))
      json_object_set_member (object, name, json_node_ref (node));
  json_object_set_array_member (object, "cues", json_array_ref (cues));
  self = mer_media_new (manifest, NULL, error);
  if (self != NULL)
    self->source = g_object_ref (source);
  return self;
}

/**
 * mer_media_new_failed:
 * @outcome: usually `decode-failed`
 * @detail: why, for people
 *
 * Returns: (transfer full): a media of a clip that could not be decoded
 */
MerMedia *
mer_media_new_failed (MerOutcome outcome, const char *detail)
{
  JsonObject *object = json_object_new ();
  JsonNode *manifest = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  json_object_set_string_member (object, "outcome", mer_outcome_to_string (outcome));
  json_object_set_string_member (object, "detail", detail);
  return mer_media_new (manifest, NULL, NULL);
}

/**
 * mer_media_set_loader:
 * @self: a media that nobody else holds yet
 * @loader: decodes again
 * @loader_data: for @loader
 * @destroy: (nullable): frees @loader_data
 */
void
mer_media_set_loader (MerMedia *self, MerMediaLoader loader, gpointer loader_data,
                      GDestroyNotify destroy)
{
  self->loader = loader;
  self->loader_data = loader_data;
  self->loader_destroy = destroy;
}

static void media_loaded (GObject *source, GAsyncResult *result, gpointer user_data);

/* in the context of the first of those who still wait, for whom the load goes on */
static gboolean
media_load_again (gpointer user_data)
{
  GTask *task = user_data;
  MerMedia *self = g_task_get_source_object (task);

  self->loader (self, g_task_get_cancellable (task), media_loaded, NULL, self->loader_data);
  return G_SOURCE_REMOVE;
}

/* who started the load has given up, not so the others. With the lock held; returns those
 * who have given up */
static GPtrArray *
media_take_cancelled (MerMedia *self)
{
  GPtrArray *cancelled = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = self->waiters->len; i-- > 0;)
    if (g_cancellable_is_cancelled (g_task_get_cancellable (self->waiters->pdata[i])))
      g_ptr_array_add (cancelled, g_ptr_array_steal_index (self->waiters, i));
  return cancelled;
}

static void
media_loaded (GObject *source, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  MerMedia *self = MER_MEDIA (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (MerMediaBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (GPtrArray) waiters = NULL;

  if (bytes != NULL && bytes->frames->len != self->frames->len)
    g_set_error (&error, MER_ERROR, MER_ERROR_DECODE,
                 "the clip gave %u frames when it was first decoded and %u now: it changed",
                 self->frames->len, bytes->frames->len);

  g_autoptr (GSource) again = NULL;

  g_mutex_lock (&self->lock);
  if (error == NULL)
    media_take_bytes (self, g_steal_pointer (&bytes));
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    waiters = media_take_cancelled (self);
  /* as an error that nobody asked for, it is told to all */
  if (waiters == NULL || waiters->len == 0)
    {
      g_clear_pointer (&waiters, g_ptr_array_unref);
      waiters = g_steal_pointer (&self->waiters);
      self->waiters = g_ptr_array_new_with_free_func (g_object_unref);
    }
  if (self->waiters->len > 0)
    {
      GTask *next = self->waiters->pdata[0];

      again = g_idle_source_new ();
      g_source_set_callback (again, media_load_again, g_object_ref (next), g_object_unref);
      g_source_attach (again, g_task_get_context (next));
    }
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < waiters->len; i++)
    {
      if (error != NULL)
        g_task_return_error (waiters->pdata[i], g_error_copy (error));
      else
        g_task_return_boolean (waiters->pdata[i], TRUE);
    }
}

static void
source_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (mer_media_load_finish (MER_MEDIA (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * mer_media_load_async:
 * @self: a media
 * @cancellable: (nullable): gives up waiting
 * @callback: (scope async): called in the caller's thread-default context
 * @user_data: for @callback
 *
 * Makes the bytes be there. Stages that ask at the same time share one decoding.
 */
void
mer_media_load_async (MerMedia *self, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  gboolean start = FALSE;

  g_task_set_source_tag (task, mer_media_load_async);
  if (self->source != NULL)
    {
      mer_media_load_async (self->source, cancellable, source_loaded, g_object_ref (task));
      return;
    }
  g_mutex_lock (&self->lock);
  gboolean loaded = self->bytes != NULL;
  if (!loaded && self->loader != NULL)
    {
      start = self->waiters->len == 0;
      g_ptr_array_add (self->waiters, g_object_ref (task));
    }
  g_mutex_unlock (&self->lock);

  if (loaded)
    g_task_return_boolean (task, TRUE);
  else if (self->loader == NULL)
    g_task_return_new_error (task, MER_ERROR, MER_ERROR_DECODE,
                             "the media's bytes are not here, only its manifest%s%s",
                             self->detail != NULL ? ": " : "",
                             self->detail != NULL ? self->detail : "");
  else if (start)
    self->loader (self, cancellable, media_loaded, NULL, self->loader_data);
}

gboolean
mer_media_load_finish (MerMedia *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
mer_media_is_loaded (MerMedia *self)
{
  if (self->source != NULL)
    return mer_media_is_loaded (self->source);

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->bytes != NULL;
}

JsonNode *
mer_media_get_manifest (MerMedia *self)
{
  return self->manifest;
}

/**
 * mer_media_get_outcome:
 * @self: a media
 *
 * Returns: `answered`, or `decode-failed` where no evidence could be had
 */
MerOutcome
mer_media_get_outcome (MerMedia *self)
{
  return self->outcome;
}

const char *
mer_media_get_detail (MerMedia *self)
{
  return self->detail;
}

/**
 * mer_media_get_modalities:
 * @self: a media
 *
 * Returns: video where there are frames, audio where there is a voice track, text where
 *   there are cues
 */
MerModality
mer_media_get_modalities (MerMedia *self)
{
  return (self->frames->len > 0 ? MER_MODALITY_VIDEO : 0)
         | (self->audio_sha256 != NULL ? MER_MODALITY_AUDIO : 0)
         | (self->cues->len > 0 ? MER_MODALITY_TEXT : 0);
}

guint
mer_media_get_n_frames (MerMedia *self)
{
  return self->frames->len;
}

const MerFrame *
mer_media_get_frame (MerMedia *self, guint index)
{
  g_return_val_if_fail (index < self->frames->len, NULL);
  return &g_array_index (self->frames, MerFrame, index);
}

/* the array never changes once it is there, so the lock covers the pointer alone */
static MerMediaBytes *
media_peek_bytes (MerMedia *self)
{
  if (self->source != NULL)
    return media_peek_bytes (self->source);

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->bytes;
}

/**
 * mer_media_get_jpeg:
 * @self: a media
 * @index: from 0
 *
 * Returns: (transfer none) (nullable): the frame's JPEG, %NULL before the media is loaded
 */
GBytes *
mer_media_get_jpeg (MerMedia *self, guint index)
{
  MerMediaBytes *bytes = media_peek_bytes (self);

  g_return_val_if_fail (index < self->frames->len, NULL);
  return bytes != NULL ? bytes->frames->pdata[index] : NULL;
}

/**
 * mer_media_get_clip_sha256:
 * @self: a media
 *
 * Returns: (transfer none) (nullable): of the clip's main file; %NULL where the media does
 *   not come from one
 */
const char *
mer_media_get_clip_sha256 (MerMedia *self)
{
  return self->clip_sha256;
}

gboolean
mer_media_has_audio (MerMedia *self)
{
  return self->audio_sha256 != NULL;
}

const char *
mer_media_get_audio_sha256 (MerMedia *self)
{
  return self->audio_sha256;
}

double
mer_media_get_audio_seconds (MerMedia *self)
{
  return self->audio_seconds;
}

/**
 * mer_media_get_audio:
 * @self: a media
 *
 * Returns: (transfer none) (nullable): the WAV file, %NULL without a voice track or before
 *   the media is loaded
 */
GBytes *
mer_media_get_audio (MerMedia *self)
{
  MerMediaBytes *bytes = media_peek_bytes (self);

  return bytes != NULL ? bytes->audio : NULL;
}

guint
mer_media_get_strip_width (MerMedia *self)
{
  return self->strip_width;
}

guint
mer_media_get_strip_height (MerMedia *self)
{
  return self->strip_height;
}

/**
 * mer_media_get_strip_rate:
 * @self: a media
 *
 * Returns: pictures a second
 */
double
mer_media_get_strip_rate (MerMedia *self)
{
  return self->strip_rate;
}

GBytes *
mer_media_get_strip (MerMedia *self)
{
  MerMediaBytes *bytes = media_peek_bytes (self);

  return bytes != NULL ? bytes->strip : NULL;
}

guint
mer_media_get_n_cues (MerMedia *self)
{
  return self->cues->len;
}

const MerCue *
mer_media_get_cue (MerMedia *self, guint index)
{
  g_return_val_if_fail (index < self->cues->len, NULL);
  return &g_array_index (self->cues, MerCue, index);
}

/**
 * mer_media_dup_cue_text:
 * @self: a media
 *
 * Returns: (transfer full) (nullable): all cues joined by spaces, %NULL without cues
 */
char *
mer_media_dup_cue_text (MerMedia *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->cues->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            mer_media_get_cue (self, i)->text);
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}
