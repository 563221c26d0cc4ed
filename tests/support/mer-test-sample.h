/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

G_BEGIN_DECLS

/* samples with media that nobody had to decode */

GBytes *mer_test_jpeg (guint width, guint height, guint8 red, guint8 green, guint8 blue);
GBytes *mer_test_wav (double seconds);
MerMedia *mer_test_media (guint n_frames, double audio_seconds);
MerMedia *mer_test_media_of (GPtrArray *jpegs, guint width, guint height, GBytes *wav,
                             double seconds);
MerSample *mer_test_sample (guint64 seq, guint n_frames, double audio_seconds,
                            const char *subtitle);
MerSample *mer_test_sample_with_clip (const char *path, const char *sha256);

/* the test server as a child */
typedef struct
{
  GSubprocess *process;
  GInputStream *output;
  char *uri;
  char *log_path;
} MerTestServer;

MerTestServer *mer_test_server_start (const char *arguments);
/* (element-type JsonNode): what it wrote down so far */
GPtrArray *mer_test_server_read_log (MerTestServer *self);
char *mer_test_server_dup_log (MerTestServer *self);
void mer_test_server_stop (MerTestServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerTestServer, mer_test_server_stop)

G_END_DECLS
