/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * MerOrdered:
 *
 * Base class of elements that work on several samples at once and emit them in order.
 *
 * A sample that comes in becomes a slot at the tail of one queue; events queue among the
 * slots, so that EOS drains by construction. The work starts in the I/O thread. The source
 * pad's task waits for the slot at the head and pushes it. Two limits hold: `max-in-flight`
 * is how many are worked on, `reorder-window` how many may wait behind a slow one; while
 * the process holds more media than it should, the window shrinks to `max-in-flight`.
 */
#include "base/mer-ordered.h"

#include <math.h>

#include "base/mer-element-error.h"
#include "base/mer-io.h"
#include "base/mer-stages.h"
#include "base/mer-wants.h"
#include "mer-error.h"
#include "net/mer-retry.h"

GST_DEBUG_CATEGORY_STATIC (mer_ordered_debug);
#define GST_CAT_DEFAULT mer_ordered_debug

/* media bytes above which reorder windows shrink; several windows share it */
#define LIVE_BYTES_MAX (96u * 1024 * 1024)
/* what a cancelled work gets to call back before it is left behind */
#define GRACE_SECONDS 2

#define DEFAULT_MAX_IN_FLIGHT 8
#define DEFAULT_DEADLINE 600.
#define DEFAULT_MAX_FAILURES 16

enum
{
  PROP_STAGE = 1,
  PROP_MAX_IN_FLIGHT,
  PROP_REORDER_WINDOW,
  PROP_DEADLINE,
  PROP_MAX_FAILURES,
};

typedef struct
{
  GstPad *sink;
  GstPad *src;

  /* properties */
  char *stage_property;
  guint max_in_flight;
  guint reorder_window;
  double deadline;
  guint max_failures;

  char *stage; /* settled by READY→PAUSED */

  GMutex lock; /* of all below */
  GCond cond;
  GQueue slots;
  guint n_samples; /* slots that hold a sample */
  guint in_flight;
  gboolean flushing;
  GstFlowReturn flow;
  GPtrArray *running; /* Slot, not owned: what a flush cancels */
  char **upstream;
  gboolean announced; /* mer-stages went into the queue */

  guint failures; /* in a row; the source pad's task alone uses it */
} MerOrderedPrivate;

/* one sample or event on its way through; held by the queue and by the work */
typedef struct
{
  gatomicrefcount refs;
  MerOrdered *self;
  GstEvent *event;
  GstBuffer *buffer;
  GCancellable *cancellable;
  GSource *timer;
  gboolean expired;   /* the deadline passed; I/O thread */
  gboolean abandoned; /* the work never called back; I/O thread */
  gboolean done;      /* under the lock */
  gint64 started;
} Slot;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (MerOrdered, mer_ordered, GST_TYPE_ELEMENT)
#define GET_PRIVATE(o) ((MerOrderedPrivate *) mer_ordered_get_instance_private (o))

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (MER_SAMPLE_CAPS));

/* whose work a cancellable stops */
static G_DEFINE_QUARK (mer - ordered - slot, slot)

    static Slot *slot_new (MerOrdered *self, GstBuffer *buffer, GstEvent *event)
{
  Slot *slot = g_new0 (Slot, 1);

  g_atomic_ref_count_init (&slot->refs);
  slot->self = gst_object_ref (self);
  slot->buffer = buffer;
  slot->event = event;
  return slot;
}

static void
slot_unref (Slot *slot)
{
  if (!g_atomic_ref_count_dec (&slot->refs))
    return;
  g_clear_pointer (&slot->event, gst_event_unref);
  g_clear_pointer (&slot->buffer, gst_buffer_unref);
  g_clear_object (&slot->cancellable);
  gst_object_unref (slot->self);
  g_free (slot);
}

static void
slot_clear_timer (Slot *slot)
{
  if (slot->timer == NULL)
    return;
  g_source_destroy (slot->timer);
  g_clear_pointer (&slot->timer, g_source_unref);
}

static void
slot_set_timer (Slot *slot, double seconds, GSourceFunc function)
{
  slot_clear_timer (slot);
  slot->timer = g_timeout_source_new ((guint) MIN (seconds * 1000., G_MAXINT));
  g_source_set_callback (slot->timer, function, slot, NULL);
  g_source_attach (slot->timer, mer_io_get_context ());
}

static void
slot_done (Slot *slot)
{
  MerOrderedPrivate *priv = GET_PRIVATE (slot->self);

  slot_clear_timer (slot);
  g_object_set_qdata (G_OBJECT (slot->cancellable), slot_quark (), NULL);
  g_mutex_lock (&priv->lock);
  slot->done = TRUE;
  priv->in_flight--;
  g_ptr_array_remove_fast (priv->running, slot);
  g_cond_broadcast (&priv->cond);
  g_mutex_unlock (&priv->lock);
}

static void
slot_fail (Slot *slot, const GError *error)
{
  MerOrderedClass *klass = MER_ORDERED_GET_CLASS (slot->self);
  MerSample *sample = mer_buffer_make_sample_writable (&slot->buffer);

  klass->process_failed (slot->self, sample, error);
}

static void
slot_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Slot *slot = user_data;
  MerOrdered *self = slot->self;
  g_autoptr (GError) error = NULL;

  if (slot->abandoned)
    {
      GST_WARNING_OBJECT (self, "work called back after it was left behind");
      slot_unref (slot);
      return;
    }

  MerSample *sample = mer_buffer_make_sample_writable (&slot->buffer);
  if (!MER_ORDERED_GET_CLASS (self)->process_finish (self, result, sample, &error))
    {
      if (slot->expired || error == NULL)
        {
          g_clear_error (&error);
          g_set_error (&error, MER_ERROR, MER_ERROR_TIMED_OUT,
                       "no answer within the deadline of %g s",
                       GET_PRIVATE (self)->deadline);
        }
      slot_fail (slot, error);
    }
  slot_done (slot);
  slot_unref (slot);
}

static gboolean
slot_abandon (gpointer user_data)
{
  Slot *slot = user_data;
  g_autoptr (GError) error
      = g_error_new (MER_ERROR, MER_ERROR_TIMED_OUT,
                     "the work neither ended nor could be cancelled within %g s",
                     GET_PRIVATE (slot->self)->deadline + GRACE_SECONDS);

  slot->abandoned = TRUE;
  slot_fail (slot, error);
  slot_done (slot);
  return G_SOURCE_REMOVE;
}

static gboolean
slot_expire (gpointer user_data)
{
  Slot *slot = user_data;

  slot->expired = TRUE;
  slot_set_timer (slot, GRACE_SECONDS, slot_abandon);
  g_cancellable_cancel (slot->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
slot_start (gpointer user_data)
{
  Slot *slot = user_data;
  MerOrdered *self = slot->self;
  MerOrderedPrivate *priv = GET_PRIVATE (self);

  slot->started = g_get_monotonic_time ();
  if (priv->deadline > 0)
    slot_set_timer (slot, priv->deadline, slot_expire);
  MER_ORDERED_GET_CLASS (self)->process_async (self, mer_buffer_get_sample (slot->buffer),
                                               slot->cancellable, slot_ready, slot);
  return G_SOURCE_REMOVE;
}

/* the vfuncs for work that needs a processor */

static void
process_in_pool (GTask *task, gpointer source, gpointer task_data,
                 GCancellable *cancellable)
{
  MerOrdered *self = source;
  GError *error = NULL;
  gint64 start = g_get_monotonic_time ();

  if (g_task_return_error_if_cancelled (task))
    return;

  MerResult *result
      = MER_ORDERED_GET_CLASS (self)->process (self, task_data, cancellable, &error);
  if (result == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  mer_result_set_seconds (result, (g_get_monotonic_time () - start) / 1e6);
  g_task_return_pointer (task, result, (GDestroyNotify) mer_result_unref);
}

static void
process_media_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (mer_media_load_finish (MER_MEDIA (source), result, &error))
    mer_io_run_task (task, process_in_pool);
  else
    g_task_return_error (task, error);
}

static gboolean
process_wants_media (MerOrdered *self, MerMedia *media)
{
  MerOrderedClass *klass = MER_ORDERED_GET_CLASS (self);

  return media != NULL && klass->wants_media != NULL && !mer_media_is_loaded (media)
         && mer_media_get_outcome (media) == MER_OUTCOME_ANSWERED
         && klass->wants_media (self, media);
}

static void
mer_ordered_default_process_async (MerOrdered *self, MerSample *sample,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  MerMedia *media = mer_sample_get_media (sample);

  g_task_set_task_data (task, mer_sample_ref (sample), (GDestroyNotify) mer_sample_unref);
  if (process_wants_media (self, media))
    mer_media_load_async (media, cancellable, process_media_loaded, g_object_ref (task));
  else
    mer_io_run_task (task, process_in_pool);
}

static gboolean
mer_ordered_default_process_finish (MerOrdered *self, GAsyncResult *result,
                                    MerSample *sample, GError **error)
{
  MerResult *made = g_task_propagate_pointer (G_TASK (result), error);

  if (made == NULL)
    return FALSE;
  mer_sample_take_result (sample, made);
  return TRUE;
}

static void
mer_ordered_default_process_failed (MerOrdered *self, MerSample *sample,
                                    const GError *error)
{
  MerOrderedClass *klass = MER_ORDERED_GET_CLASS (self);
  MerResult *result
      = mer_result_new (GET_PRIVATE (self)->stage, klass->kind, klass->failure);
  MerReason reason = klass->failure == MER_OUTCOME_DECODE_FAILED
                         ? MER_REASON_DECODE
                         : mer_retry_get_error_reason (error);

  mer_result_set_failure (result, klass->failure, reason, error->message);
  mer_sample_take_result (sample, result);
}

/* sink side */

static guint
ordered_get_window (MerOrderedPrivate *priv)
{
  guint window = priv->reorder_window > 0 ? priv->reorder_window : 4 * priv->max_in_flight;

  if (mer_media_get_live_bytes () > LIVE_BYTES_MAX)
    return priv->max_in_flight;
  return MAX (window, priv->max_in_flight);
}

static gboolean
ordered_is_full (MerOrderedPrivate *priv)
{
  return priv->in_flight >= priv->max_in_flight
         || priv->n_samples >= ordered_get_window (priv);
}

/* with the lock held; FALSE where nothing more may come in */
static gboolean
ordered_wait_for_room (MerOrderedPrivate *priv, GstFlowReturn *flow)
{
  while (!priv->flushing && priv->flow == GST_FLOW_OK && ordered_is_full (priv))
    g_cond_wait (&priv->cond, &priv->lock);
  *flow = priv->flushing ? GST_FLOW_FLUSHING : priv->flow;
  return *flow == GST_FLOW_OK;
}

static gboolean ordered_announce (MerOrdered *self, GstEvent *incoming);

static GstFlowReturn
mer_ordered_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  MerOrdered *self = MER_ORDERED (parent);
  MerOrderedPrivate *priv = GET_PRIVATE (self);
  GstFlowReturn flow;

  if (mer_buffer_get_sample (buffer) == NULL)
    {
      gst_buffer_unref (buffer);
      GST_ELEMENT_ERROR (self, STREAM, WRONG_TYPE, ("a buffer came that carries no sample"),
                         ("between these elements only queue, tee, identity and the like"));
      return GST_FLOW_ERROR;
    }
  if (!priv->announced && !ordered_announce (self, NULL))
    {
      gst_buffer_unref (buffer);
      return GST_FLOW_ERROR;
    }

  Slot *slot = slot_new (self, buffer, NULL);
  slot->cancellable = g_cancellable_new ();
  g_object_set_qdata (G_OBJECT (slot->cancellable), slot_quark (), slot);
  g_mutex_lock (&priv->lock);
  if (!ordered_wait_for_room (priv, &flow))
    {
      g_mutex_unlock (&priv->lock);
      slot_unref (slot);
      return flow;
    }
  g_queue_push_tail (&priv->slots, slot);
  g_ptr_array_add (priv->running, slot);
  priv->n_samples++;
  priv->in_flight++;
  g_atomic_ref_count_inc (&slot->refs); /* the work's */
  g_mutex_unlock (&priv->lock);
  mer_io_invoke (slot_start, slot, NULL);
  return GST_FLOW_OK;
}

static gboolean
ordered_enqueue_event (MerOrdered *self, GstEvent *event)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&priv->lock);

  if (priv->flushing)
    {
      gst_event_unref (event);
      return FALSE;
    }
  g_queue_push_tail (&priv->slots, slot_new (self, NULL, event));
  g_cond_broadcast (&priv->cond);
  return TRUE;
}

/* checks the names upstream and sends them on with this one; @incoming is taken */
static gboolean
ordered_announce (MerOrdered *self, GstEvent *incoming)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);
  MerOrderedClass *klass = MER_ORDERED_GET_CLASS (self);
  g_autoptr (GstEvent) event = incoming;
  g_autoptr (GError) error = NULL;
  const char *const *references
      = klass->get_references != NULL ? klass->get_references (self) : NULL;
  GstEvent *out = mer_stages_event_pass (GST_ELEMENT (self), event,
                                         klass->is_stage ? priv->stage : NULL,
                                         klass->is_stage, references, &error);

  if (out == NULL)
    {
      mer_ordered_fail (self, error);
      return FALSE;
    }
  g_mutex_lock (&priv->lock);
  g_strfreev (priv->upstream);
  priv->upstream = event != NULL ? mer_stages_event_get_stages (event) : NULL;
  priv->announced = TRUE;
  g_mutex_unlock (&priv->lock);
  return ordered_enqueue_event (self, out);
}

/* what the queue held goes, but what says what the samples are (caps, the names of stages)
 * stays with the pad, as GStreamer's own queues do it */
static void
ordered_drop_slots (MerOrdered *self, GQueue *slots)
{
  Slot *slot;

  while ((slot = g_queue_pop_head (slots)) != NULL)
    {
      if (slot->event != NULL && GST_EVENT_IS_STICKY (slot->event)
          && GST_EVENT_TYPE (slot->event) != GST_EVENT_SEGMENT
          && GST_EVENT_TYPE (slot->event) != GST_EVENT_EOS)
        gst_pad_store_sticky_event (GET_PRIVATE (self)->src, slot->event);
      slot_unref (slot);
    }
}

/* cancels what is under way and waits until it called back, or until it is clear that it
 * will not: a stop never hangs */
static void
ordered_set_flushing (MerOrdered *self)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);
  g_autoptr (GPtrArray) running
      = g_ptr_array_new_with_free_func ((GDestroyNotify) slot_unref);
  gint64 end = g_get_monotonic_time () + 2 * GRACE_SECONDS * G_TIME_SPAN_SECOND;
  GQueue dropped;

  g_mutex_lock (&priv->lock);
  priv->flushing = TRUE;
  priv->flow = GST_FLOW_FLUSHING;
  g_cond_broadcast (&priv->cond);
  for (guint i = 0; i < priv->running->len; i++)
    {
      Slot *slot = priv->running->pdata[i];

      g_atomic_ref_count_inc (&slot->refs);
      g_ptr_array_add (running, slot);
    }
  g_mutex_unlock (&priv->lock);

  for (guint i = 0; i < running->len; i++)
    g_cancellable_cancel (((Slot *) running->pdata[i])->cancellable);

  g_mutex_lock (&priv->lock);
  while (priv->in_flight > 0 && g_cond_wait_until (&priv->cond, &priv->lock, end))
    continue;
  if (priv->in_flight > 0)
    GST_ERROR_OBJECT (self, "%u samples ignore that they were cancelled", priv->in_flight);
  dropped = priv->slots;
  g_queue_init (&priv->slots);
  priv->n_samples = 0;
  g_mutex_unlock (&priv->lock);
  ordered_drop_slots (self, &dropped);
}

static void
ordered_unset_flushing (MerOrdered *self)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);

  g_mutex_lock (&priv->lock);
  priv->flushing = FALSE;
  priv->flow = GST_FLOW_OK;
  priv->failures = 0;
  g_mutex_unlock (&priv->lock);
}

static void ordered_loop (gpointer user_data);

static gboolean
mer_ordered_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  MerOrdered *self = MER_ORDERED (parent);
  MerOrderedPrivate *priv = GET_PRIVATE (self);

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    {
      gst_pad_push_event (priv->src, event);
      ordered_set_flushing (self);
      gst_pad_pause_task (priv->src);
      return TRUE;
    }
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    {
      gst_pad_push_event (priv->src, event);
      ordered_unset_flushing (self);
      return gst_pad_start_task (priv->src, ordered_loop, self, NULL);
    }
  if (!GST_EVENT_IS_SERIALIZED (event))
    return gst_pad_event_default (pad, parent, event);
  if (mer_stages_event_is (event))
    return ordered_announce (self, event);
  /* a run of no samples has a faulty reference too */
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS && !priv->announced
      && !ordered_announce (self, NULL))
    {
      gst_event_unref (event);
      return FALSE;
    }
  return ordered_enqueue_event (self, event);
}

static gboolean
mer_ordered_sink_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  /* these would overtake what waits in the queue */
  if (GST_QUERY_TYPE (query) == GST_QUERY_ALLOCATION
      || GST_QUERY_TYPE (query) == GST_QUERY_DRAIN)
    return FALSE;

  const char *want = MER_ORDERED_GET_CLASS (parent)->want;
  gboolean answered = gst_pad_query_default (pad, parent, query);

  if (!mer_wants_query_is (query) || want == NULL)
    return answered;
  mer_wants_query_add (query, want);
  return TRUE;
}

/* source side */

/* what the element left for this sample, as far as others care */
static MerOutcome
ordered_get_outcome (MerOrdered *self, MerSample *sample, const char **detail)
{
  MerOrderedClass *klass = MER_ORDERED_GET_CLASS (self);
  MerResult *result = mer_sample_find_result (sample, GET_PRIVATE (self)->stage);
  MerMedia *media = mer_sample_get_media (sample);

  if (klass->is_stage && result != NULL)
    {
      *detail = mer_result_get_detail (result);
      return mer_result_get_outcome (result);
    }
  if (!klass->is_stage && media != NULL)
    {
      *detail = mer_media_get_detail (media);
      return mer_media_get_outcome (media);
    }
  *detail = NULL;
  return MER_OUTCOME_ANSWERED;
}

/* posts what failed; FALSE where the failure budget is spent */
static gboolean
ordered_account (MerOrdered *self, MerSample *sample)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);
  const char *detail = NULL;
  MerOutcome outcome = ordered_get_outcome (self, sample, &detail);

  if (mer_outcome_is_failure (outcome))
    GST_ELEMENT_WARNING_WITH_DETAILS (
        self, RESOURCE, FAILED,
        ("sample %s: %s: %s: %s", mer_sample_get_id (sample), priv->stage,
         mer_outcome_to_string (outcome), detail != NULL ? detail : "no reason is known"),
        (NULL),
        ("sample-id", G_TYPE_STRING, mer_sample_get_id (sample), "stage", G_TYPE_STRING,
         priv->stage, "outcome", G_TYPE_STRING, mer_outcome_to_string (outcome), NULL));
  if (outcome != MER_OUTCOME_API_FAILED)
    {
      if (mer_outcome_is_final (outcome) || outcome == MER_OUTCOME_UNPARSEABLE)
        priv->failures = 0;
      return TRUE;
    }
  return priv->max_failures == 0 || ++priv->failures < priv->max_failures;
}

static void
ordered_stop_task (MerOrdered *self, GstFlowReturn flow)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);

  g_mutex_lock (&priv->lock);
  if (priv->flow == GST_FLOW_OK)
    priv->flow = flow;
  g_cond_broadcast (&priv->cond);
  g_mutex_unlock (&priv->lock);
  gst_pad_pause_task (priv->src);
}

static void
ordered_push_event (MerOrdered *self, GstEvent *event)
{
  gboolean eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;

  gst_pad_push_event (GET_PRIVATE (self)->src, event);
  if (eos)
    ordered_stop_task (self, GST_FLOW_EOS);
}

static void
ordered_push_sample (MerOrdered *self, GstBuffer *buffer)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);
  gboolean go_on = ordered_account (self, mer_buffer_get_sample (buffer));
  GstFlowReturn flow = gst_pad_push (priv->src, buffer);

  if (flow != GST_FLOW_OK)
    {
      ordered_stop_task (self, flow);
      if (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS)
        GST_ELEMENT_FLOW_ERROR (self, flow);
      return;
    }
  if (go_on)
    return;
  /* posted first: upstream posts its own once it sees the flow */
  GST_ELEMENT_ERROR (
      self, RESOURCE, FAILED,
      ("%s: %u samples in a row ended as api-failed; the run stops, what is done "
       "is kept",
       priv->stage, priv->failures),
      ("max-failures=%u", priv->max_failures));
  ordered_stop_task (self, GST_FLOW_ERROR);
}

static void
ordered_loop (gpointer user_data)
{
  MerOrdered *self = user_data;
  MerOrderedPrivate *priv = GET_PRIVATE (self);
  Slot *slot = NULL;

  g_mutex_lock (&priv->lock);
  while (!priv->flushing
         && ((slot = g_queue_peek_head (&priv->slots)) == NULL
             || !(slot->done || slot->event != NULL)))
    g_cond_wait (&priv->cond, &priv->lock);
  if (priv->flushing)
    {
      g_mutex_unlock (&priv->lock);
      gst_pad_pause_task (priv->src);
      return;
    }
  slot = g_queue_pop_head (&priv->slots);
  if (slot->buffer != NULL)
    priv->n_samples--;
  g_cond_broadcast (&priv->cond);
  g_mutex_unlock (&priv->lock);

  if (slot->event != NULL)
    ordered_push_event (self, g_steal_pointer (&slot->event));
  else
    ordered_push_sample (self, g_steal_pointer (&slot->buffer));
  slot_unref (slot);
}

static gboolean
mer_ordered_src_activate_mode (GstPad *pad, GstObject *parent, GstPadMode mode,
                               gboolean active)
{
  MerOrdered *self = MER_ORDERED (parent);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active)
    {
      ordered_unset_flushing (self);
      return gst_pad_start_task (pad, ordered_loop, self, NULL);
    }
  ordered_set_flushing (self);
  return gst_pad_stop_task (pad);
}

/* states */

static gboolean
ordered_open (MerOrdered *self)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);
  MerOrderedClass *klass = MER_ORDERED_GET_CLASS (self);
  g_autoptr (GError) error = NULL;

  g_free (priv->stage);
  priv->stage = priv->stage_property != NULL ? g_strdup (priv->stage_property)
                                             : mer_stages_default_name (GST_ELEMENT (self));
  priv->announced = FALSE;
  g_clear_pointer (&priv->upstream, g_strfreev);
  if (klass->open == NULL || klass->open (self, &error))
    return TRUE;
  mer_ordered_fail (self, error);
  return FALSE;
}

static GstStateChangeReturn
mer_ordered_change_state (GstElement *element, GstStateChange transition)
{
  MerOrdered *self = MER_ORDERED (element);
  MerOrderedClass *klass = MER_ORDERED_GET_CLASS (self);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !ordered_open (self))
    return GST_STATE_CHANGE_FAILURE;
  /* a chain function that waits for room would keep the pads from being deactivated */
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    ordered_set_flushing (self);
  result = GST_ELEMENT_CLASS (mer_ordered_parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY && klass->close != NULL)
    klass->close (self);
  return result;
}

static void
mer_ordered_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MerOrderedPrivate *priv = GET_PRIVATE (MER_ORDERED (object));
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&priv->lock);

  switch (id)
    {
    case PROP_STAGE:
      g_free (priv->stage_property);
      priv->stage_property = g_value_dup_string (value);
      break;
    case PROP_MAX_IN_FLIGHT:
      priv->max_in_flight = g_value_get_uint (value);
      g_cond_broadcast (&priv->cond);
      break;
    case PROP_REORDER_WINDOW:
      priv->reorder_window = g_value_get_uint (value);
      break;
    case PROP_DEADLINE:
      priv->deadline = g_value_get_double (value);
      break;
    case PROP_MAX_FAILURES:
      priv->max_failures = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_ordered_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MerOrderedPrivate *priv = GET_PRIVATE (MER_ORDERED (object));

  switch (id)
    {
    case PROP_STAGE:
      g_value_set_string (value, priv->stage_property);
      break;
    case PROP_MAX_IN_FLIGHT:
      g_value_set_uint (value, priv->max_in_flight);
      break;
    case PROP_REORDER_WINDOW:
      g_value_set_uint (value, priv->reorder_window);
      break;
    case PROP_DEADLINE:
      g_value_set_double (value, priv->deadline);
      break;
    case PROP_MAX_FAILURES:
      g_value_set_uint (value, priv->max_failures);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mer_ordered_finalize (GObject *object)
{
  MerOrderedPrivate *priv = GET_PRIVATE (MER_ORDERED (object));

  g_free (priv->stage_property);
  g_free (priv->stage);
  g_strfreev (priv->upstream);
  g_ptr_array_unref (priv->running);
  g_mutex_clear (&priv->lock);
  g_cond_clear (&priv->cond);
  G_OBJECT_CLASS (mer_ordered_parent_class)->finalize (object);
}

static void
ordered_install_properties (GObjectClass *klass)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (
      klass, PROP_STAGE,
      g_param_spec_string ("stage", "Stage",
                           "Name of the stage, under which its result stands (default: the "
                           "element's given name, else its factory's without “mer”)",
                           NULL, flags | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (
      klass, PROP_MAX_IN_FLIGHT,
      g_param_spec_uint ("max-in-flight", "Max. in flight",
                         "How many samples are worked on at once", 1, 4096,
                         DEFAULT_MAX_IN_FLIGHT, flags | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (
      klass, PROP_REORDER_WINDOW,
      g_param_spec_uint (
          "reorder-window", "Reorder window",
          "How many samples may be inside, finished ones that wait for a slow "
          "one before them among them (0: four times max-in-flight)",
          0, 65536, 0, flags | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (
      klass, PROP_DEADLINE,
      g_param_spec_double ("deadline", "Deadline",
                           "Seconds after which the work on a sample is given up, retries "
                           "among them (0: never)",
                           0, 86400, DEFAULT_DEADLINE, flags | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (
      klass, PROP_MAX_FAILURES,
      g_param_spec_uint (
          "max-failures", "Max. failures",
          "How many samples in a row may end as api-failed before the run is "
          "stopped (0: any number)",
          0, G_MAXUINT, DEFAULT_MAX_FAILURES, flags | GST_PARAM_MUTABLE_READY));
}

static void
mer_ordered_class_init (MerOrderedClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mer_ordered_debug, "merordered", 0,
                           "ordered asynchronous elements");
  object_class->set_property = mer_ordered_set_property;
  object_class->get_property = mer_ordered_get_property;
  object_class->finalize = mer_ordered_finalize;
  element_class->change_state = mer_ordered_change_state;
  klass->kind = MER_KIND_BACKEND;
  klass->failure = MER_OUTCOME_API_FAILED;
  klass->is_stage = TRUE;
  klass->process_async = mer_ordered_default_process_async;
  klass->process_finish = mer_ordered_default_process_finish;
  klass->process_failed = mer_ordered_default_process_failed;
  ordered_install_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_type_mark_as_plugin_api (MER_TYPE_ORDERED, 0);
}

static void
mer_ordered_init (MerOrdered *self)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);

  g_mutex_init (&priv->lock);
  g_cond_init (&priv->cond);
  g_queue_init (&priv->slots);
  priv->running = g_ptr_array_new ();
  priv->flushing = TRUE;
  priv->max_in_flight = DEFAULT_MAX_IN_FLIGHT;
  priv->deadline = DEFAULT_DEADLINE;
  priv->max_failures = DEFAULT_MAX_FAILURES;

  priv->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (priv->sink, mer_ordered_chain);
  gst_pad_set_event_function (priv->sink, mer_ordered_sink_event);
  gst_pad_set_query_function (priv->sink, mer_ordered_sink_query);
  GST_PAD_SET_PROXY_CAPS (priv->sink);
  gst_element_add_pad (GST_ELEMENT (self), priv->sink);

  priv->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_activatemode_function (priv->src, mer_ordered_src_activate_mode);
  GST_PAD_SET_PROXY_CAPS (priv->src);
  gst_pad_use_fixed_caps (priv->src);
  gst_element_add_pad (GST_ELEMENT (self), priv->src);
}

/**
 * mer_ordered_get_stage:
 * @self: an element that is at least opening
 *
 * Returns: (transfer none): the name under which its results stand
 */
const char *
mer_ordered_get_stage (MerOrdered *self)
{
  return GET_PRIVATE (self)->stage;
}

/**
 * mer_ordered_dup_upstream_stages:
 * @self: an element
 *
 * Returns: (transfer full) (array zero-terminated=1): the stages before it, as far as they
 *   are known yet
 */
char **
mer_ordered_dup_upstream_stages (MerOrdered *self)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&priv->lock);

  return priv->upstream != NULL ? g_strdupv (priv->upstream) : g_new0 (char *, 1);
}

/**
 * mer_ordered_get_deadline:
 * @self: an element
 *
 * Returns: seconds a sample may take, 0 for any time
 */
double
mer_ordered_get_deadline (MerOrdered *self)
{
  return GET_PRIVATE (self)->deadline;
}

/**
 * mer_ordered_wait_for_turn:
 * @self: an element
 * @cancellable: what `process_async` was given
 * @waits: whether the work only waits for its turn
 *
 * While others hold all places at a server a sample has not begun to be worked on: its
 * deadline stands still, and begins anew when @waits is %FALSE. In the I/O thread.
 */
void
mer_ordered_wait_for_turn (MerOrdered *self, GCancellable *cancellable, gboolean waits)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);
  Slot *slot = g_object_get_qdata (G_OBJECT (cancellable), slot_quark ());

  if (slot == NULL || slot->expired)
    return;
  if (waits)
    slot_clear_timer (slot);
  else if (priv->deadline > 0)
    slot_set_timer (slot, priv->deadline, slot_expire);
}

guint
mer_ordered_get_max_in_flight (MerOrdered *self)
{
  return GET_PRIVATE (self)->max_in_flight;
}

/**
 * mer_ordered_fail:
 * @self: an element
 * @error: what is wrong with the configuration, the store or the server
 *
 * Ends the graph with an ERROR on the bus whose text is @error's. For what concerns one
 * sample, return an error from `process_finish` instead. May be called from any thread.
 */
void
mer_ordered_fail (MerOrdered *self, const GError *error)
{
  MerOrderedPrivate *priv = GET_PRIVATE (self);

  /* the reason first: as soon as the flow ends, the source posts an error that says nothing
   */
  mer_element_post_error (GST_ELEMENT (self), error);
  g_mutex_lock (&priv->lock);
  if (priv->flow == GST_FLOW_OK)
    priv->flow = GST_FLOW_ERROR;
  g_cond_broadcast (&priv->cond);
  g_mutex_unlock (&priv->lock);
}
