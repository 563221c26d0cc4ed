/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "sample/mer-sample.h"

G_BEGIN_DECLS

#define MER_TYPE_ORDERED (mer_ordered_get_type ())
G_DECLARE_DERIVABLE_TYPE (MerOrdered, mer_ordered, MER, ORDERED, GstElement)

/**
 * MerOrderedClass:
 * @kind: one of the MER_KIND_ names, set in class_init
 * @failure: the outcome of a sample whose processing ended with an error; `api-failed`
 *   unless class_init says otherwise
 * @is_stage: whether the element adds a result under its name, which others may refer to
 * @open: READY→PAUSED, in the caller's thread; an error here is bad configuration and stops
 *   the graph
 * @close: PAUSED→READY, when nothing is in flight any more
 * @get_references: (nullable): the stages this element reads, checked before the first
 *   sample; transfer none
 * @process_async: starts work on a sample, in the I/O thread, without blocking it; must
 * call back exactly once, soon after @cancellable fires at the latest
 * @process_finish: takes what the work gave and puts it into @sample (writable), in the I/O
 *   thread; an error goes to @process_failed
 * @process_failed: puts into @sample that the work ended with an error, in the I/O thread;
 * the default adds a result of outcome @failure under the stage's name
 * @process: (nullable): for work that needs a processor, not a connection: runs in the
 * worker pool and returns the result (transfer full); stands in for the two above
 * @want: (nullable): what `mermedia` is to make of clips for this element, one of the
 * MER_WANT_ names
 * @wants_media: (nullable): whether the bytes of this decodable media are to be there
 * before @process; without it they are not loaded for it
 *
 * Admits samples, works on up to `max-in-flight` of them at once, and emits them in order.
 * A sample that ended as a failure is announced by a WARNING on the bus and goes on. Since:
 * 0.1
 */
struct _MerOrderedClass
{
  GstElementClass parent_class;

  const char *kind;
  MerOutcome failure;
  gboolean is_stage;

  gboolean (*open) (MerOrdered *self, GError **error);
  void (*close) (MerOrdered *self);
  const char *const *(*get_references) (MerOrdered *self);
  void (*process_async) (MerOrdered *self, MerSample *sample, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*process_finish) (MerOrdered *self, GAsyncResult *result, MerSample *sample,
                              GError **error);
  void (*process_failed) (MerOrdered *self, MerSample *sample, const GError *error);
  MerResult *(*process) (MerOrdered *self, MerSample *sample, GCancellable *cancellable,
                         GError **error);
  gboolean (*wants_media) (MerOrdered *self, MerMedia *media);
  const char *want;

  /*< private >*/
  gpointer padding[6];
};

/* properties: stage, max-in-flight, reorder-window, deadline (s), max-failures */

const char *mer_ordered_get_stage (MerOrdered *self);
char **mer_ordered_dup_upstream_stages (MerOrdered *self);
double mer_ordered_get_deadline (MerOrdered *self);
guint mer_ordered_get_max_in_flight (MerOrdered *self);
void mer_ordered_wait_for_turn (MerOrdered *self, GCancellable *cancellable,
                                gboolean waits);
/* ends the graph: an ERROR on the bus; from any thread */
void mer_ordered_fail (MerOrdered *self, const GError *error);

G_END_DECLS
