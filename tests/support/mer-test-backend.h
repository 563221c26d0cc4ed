/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/check/gstharness.h>

#include "support/mer-test-sample.h"

G_BEGIN_DECLS

/* a backend on a harness, with a bus of its own; its stage is `ask` */
typedef struct
{
  GstElement *element;
  GstHarness *harness;
  GstBus *bus;
} MerTestBackend;

MerTestBackend *mer_test_backend_new (const char *factory, const char *uri,
                                      const char *properties);
/* without a harness, for settings that may be wrong; nothing can flow */
MerTestBackend *mer_test_backend_new_closed (const char *factory, const char *uri,
                                             const char *properties);
void mer_test_backend_free (MerTestBackend *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerTestBackend, mer_test_backend_free)

/* transfer full; NULL where the graph was stopped first */
MerResult *mer_test_backend_ask (MerTestBackend *self, MerSample *sample);
char *mer_test_backend_pop_error (MerTestBackend *self, GstClockTime timeout);

/* what is asked about @sample (transfer full), media written as <frame 0>, <audio>, <clip>;
 * where nothing is, the error's message after "!" */
char *mer_test_backend_dup_request (MerTestBackend *self, MerSample *sample,
                                    MerModality shown, const char *prompt,
                                    const char *system);

/* one line of a table of requests; ' stands for " in JSON */
typedef struct
{
  const char *properties;
  guint n_frames;
  double seconds; /* of sound */
  const char *system;
  const char *wanted; /* the body, or part of the error after "!" */
} MerTestRequest;

void mer_test_backend_check_request (const char *factory, const MerTestRequest *wanted);

/* one line of a table of replies; ' stands for " in JSON */
typedef struct
{
  const char *name;
  const char *type; /* NULL: application/json */
  const char *body;
  MerOutcome outcome;
  const char *text; /* NULL: there is no result, but an error that holds `detail` */
  const char *reasoning;
  MerReason reason;
  const char *detail;
  gint64 input; /* tokens; 0 is not looked at, -1 is unknown */
  gint64 cached;
  gint64 written;
  gint64 output;
  gint64 thought;
  MerRetry retry; /* of an error in the reply, where detail is its message */
} MerTestReply;

void mer_test_backend_check_reply (MerTestBackend *self, const MerTestReply *wanted);

/* one line of a table of what the test server does to a backend */
typedef struct
{
  const char *fault;
  MerOutcome outcome;
  const char *text;   /* NULL: some */
  const char *detail; /* is part of the detail, or of the ERROR where `fatal` */
  guint attempts;     /* 0 is not looked at */
  gboolean fatal;
  const char *properties;
  const char *reasoning;
} MerTestFault;

void mer_test_backend_check_fault (const char *factory, const char *protocol,
                                   const MerTestFault *wanted);
/* what every protocol has in common; `always` are properties that each case gets,
 * `streaming` those that have answers streamed */
void mer_test_backend_check_faults (const char *factory, const char *protocol,
                                    const char *always, const char *streaming);

/* ' to " */
char *mer_test_quote (const char *text);

G_END_DECLS
