/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sample/mer-sample.h"

G_BEGIN_DECLS

/**
 * MerRequest:
 *
 * What a backend is to ask about one sample: the expanded prompt and the media it may show.
 * What the stage may not show is not there: there are no frames for a stage whose
 * modalities do not name video.
 */
typedef struct _MerRequest MerRequest;

MerRequest *mer_request_new (MerSample *sample, MerModality shown, MerModality abilities,
                             const char *prompt, const char *system);
void mer_request_free (MerRequest *self);

MerSample *mer_request_get_sample (MerRequest *self);
MerModality mer_request_get_shown (MerRequest *self);
const char *mer_request_get_prompt (MerRequest *self);
const char *mer_request_get_system (MerRequest *self);

guint mer_request_get_n_frames (MerRequest *self);
double mer_request_get_frame_seconds (MerRequest *self, guint index);
char *mer_request_dup_frame_label (MerRequest *self, guint index);
char *mer_request_place_frame (MerRequest *self, guint index, const char *prefix);
gboolean mer_request_has_audio (MerRequest *self);
char *mer_request_place_audio (MerRequest *self, const char *prefix);
gboolean mer_request_has_clip (MerRequest *self);
gboolean mer_request_may_show_clip (MerRequest *self, GError **error);
gboolean mer_request_may_show_clip_with_sound (MerRequest *self, GError **error);
const char *mer_request_get_clip_type (MerRequest *self);
char *mer_request_place_clip (MerRequest *self, const char *prefix);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerRequest, mer_request_free)

G_END_DECLS
