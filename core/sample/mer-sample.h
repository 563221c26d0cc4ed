/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "sample/mer-clip.h"
#include "sample/mer-media.h"
#include "sample/mer-result.h"
#include "sample/mer-truth.h"

G_BEGIN_DECLS

/**
 * MerSample:
 *
 * One clip under judgement. A copy-on-write [struct@Gst.MiniObject]: write only to one that
 * `mer_buffer_make_sample_writable()` gave. Media, truth and results are immutable and
 * shared, so that a copy costs a few references.
 */
typedef struct _MerSample MerSample;

#define MER_TYPE_SAMPLE (mer_sample_get_type ())
GType mer_sample_get_type (void);

#define MER_SAMPLE_CAPS "application/x-mer-sample, version=(int)1"
#define MER_RECORD_CAPS "application/x-mer-record, version=(int)1"

MerSample *mer_sample_new (const char *id, guint64 seq);
MerSample *mer_sample_ref (MerSample *self);
void mer_sample_unref (MerSample *self);

const char *mer_sample_get_id (MerSample *self);
guint64 mer_sample_get_seq (MerSample *self);
const char *mer_sample_get_group (MerSample *self);
const char *mer_sample_get_split (MerSample *self);
const char *mer_sample_get_subtitle (MerSample *self);
MerTruth *mer_sample_get_truth (MerSample *self);
MerClip *mer_sample_get_clip (MerSample *self);
MerMedia *mer_sample_get_media (MerSample *self);

guint mer_sample_get_n_results (MerSample *self);
MerResult *mer_sample_get_result (MerSample *self, guint index);
MerResult *mer_sample_find_result (MerSample *self, const char *stage);
char *mer_sample_dup_text (MerSample *self);
MerModality mer_sample_get_modalities (MerSample *self);

void mer_sample_set_group (MerSample *self, const char *group);
void mer_sample_set_split (MerSample *self, const char *split);
void mer_sample_set_subtitle (MerSample *self, const char *subtitle);
void mer_sample_set_truth (MerSample *self, MerTruth *truth);
void mer_sample_set_clip (MerSample *self, MerClip *clip);
void mer_sample_set_media (MerSample *self, MerMedia *media);
void mer_sample_take_result (MerSample *self, MerResult *result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerSample, mer_sample_unref)

GstBuffer *mer_buffer_new_sample (MerSample *sample);
MerSample *mer_buffer_get_sample (GstBuffer *buffer);
MerSample *mer_buffer_make_sample_writable (GstBuffer **buffer);

G_END_DECLS
