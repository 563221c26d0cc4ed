/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/mer-reply.h"
#include "sample/mer-reason.h"

G_BEGIN_DECLS

/**
 * MerRetry:
 * @MER_RETRY_DONE: the answer can be used
 * @MER_RETRY_AGAIN: the request was changed to please the server; send at once, uncounted
 * @MER_RETRY_TRANSIENT: the way or the server failed; up to three attempts
 * @MER_RETRY_UNREACHABLE: nobody listens there, or its name is not known for now; one call
 *   at a time tries, and when six were in vain nobody asks any more
 * @MER_RETRY_RATE_LIMITED: the server is asked too much; up to six attempts while it serves
 *   nobody, and fewer at once for everybody who asks it
 * @MER_RETRY_LOADING: the server is up and loads its model; waited for, uncounted
 * @MER_RETRY_PERMANENT: this request will never be answered
 * @MER_RETRY_FILTERED: a content filter refused the request: an outcome, no failure
 * @MER_RETRY_FATAL: no request will be answered: a wrong key, no money, no such model
 *
 * What to do after an attempt.
 */
typedef enum
{
  MER_RETRY_DONE,
  MER_RETRY_AGAIN,
  MER_RETRY_TRANSIENT,
  MER_RETRY_UNREACHABLE,
  MER_RETRY_RATE_LIMITED,
  MER_RETRY_LOADING,
  MER_RETRY_PERMANENT,
  MER_RETRY_FILTERED,
  MER_RETRY_FATAL,
} MerRetry;

#define MER_TYPE_RETRY (mer_retry_get_type ())
GType mer_retry_get_type (void);

/* the longest wait that a server may ask for, seconds */
#define MER_RETRY_MAX_HINT 120.0

MerRetry mer_retry_classify (guint status, const MerReplyError *error);
MerRetry mer_retry_heed (MerReply *reply, MerRetry retry);
MerRetry mer_retry_classify_error (const GError *error);
MerReason mer_retry_get_reason (guint status, const MerReplyError *error, MerRetry retry);
MerReason mer_retry_get_error_reason (const GError *error);
guint mer_retry_get_max_attempts (MerRetry retry);
double mer_retry_get_delay (MerRetry retry, guint attempt, double hint, double random);
double mer_retry_get_hint (MerReply *reply, const MerReplyError *error, GDateTime *now);
/* for tests: every wait that nobody asked for is multiplied by this */
void mer_retry_set_time_scale (double scale);
double mer_retry_get_time_scale (void);
double mer_retry_parse_reset (MerReply *reply, const char *name, GDateTime *now);
gboolean mer_retry_parse_duration (const char *text, double *seconds);

G_END_DECLS
