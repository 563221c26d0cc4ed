/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what becomes of an attempt: an answer, an outcome, a reason to try again or to stop */
#include "base/mer-backend-work.h"

#include <string.h>

#include "mer-error.h"

/* a server that closes on bodies like this has most likely a limit it does not tell */
#define LARGE_BODY ((gsize) 10 * 1024 * 1024)

MerResult *
mer_backend_new_result (MerBackend *self, MerOutcome outcome, MerReason reason,
                        const char *detail)
{
  MerResult *result = mer_result_new (mer_ordered_get_stage (MER_ORDERED (self)),
                                      MER_KIND_BACKEND, outcome);

  mer_result_set_reason (result, reason);
  mer_result_set_detail (result, detail);
  return result;
}

static char *
describe_failure (MerReply *reply, const MerReplyError *failure)
{
  g_autofree char *excerpt = mer_reply_dup_excerpt (reply, 200);
  const char *code = failure != NULL ? failure->code : NULL;
  const char *message
      = failure != NULL && failure->message != NULL ? failure->message : excerpt;

  /* vLLM and llama-server repeat the status there */
  if (failure != NULL && (code == NULL || g_ascii_isdigit (*code)))
    code = failure->type;
  return g_strdup_printf ("HTTP status %u%s%s%s%s", reply->status, code != NULL ? ", " : "",
                          code != NULL ? code : "", *message != '\0' ? ": " : "", message);
}

/* programs have no paths */
static char *
dup_place (MerBackend *self, MerCall *call)
{
  const char *address = mer_caller_get_address (mer_backend_get_caller (self));

  return *call->path != '\0' ? g_strconcat (address, "/", call->path, NULL)
                             : g_strdup (address);
}

static const char *
get_usual_advice (MerBackend *self, guint status)
{
  if (status == 401 || status == 403)
    return mer_backend_get_private (self)->key == NULL
               ? "; set api-key-env to the variable that holds the key"
               : "; check the key that api-key-env names";
  if (status == 404)
    return "; check uri, most servers want /v1 at its end, and model";
  return "";
}

/* what a person can do about it, where that is clear */
char *
mer_backend_dup_advice (MerBackend *self, guint status, const MerReplyError *failure)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  g_autofree char *own
      = klass->dup_advice != NULL ? klass->dup_advice (self, status, failure) : NULL;

  return own != NULL ? g_strconcat ("; ", own, NULL)
                     : g_strdup (get_usual_advice (self, status));
}

/* a redirect is never followed: it would carry the key and the clip elsewhere */
static MerRetry
judge_redirect (MerBackend *self, MerReply *reply, GError **error)
{
  const char *location = mer_reply_get_header (reply, "location");
  g_autofree char *start = g_strndup (location != NULL ? location : "nowhere", 200);
  g_autofree char *clean = mer_payload_clean_text (start);

  g_set_error (error, MER_ERROR, MER_ERROR_API,
               "%s answers with a redirect (HTTP status %u) to %s, which is not followed; "
               "set uri to the right address: http or https, with or without /v1",
               mer_caller_get_address (mer_backend_get_caller (self)), reply->status,
               clean);
  return MER_RETRY_FATAL;
}

/* what went wrong where, and what a person can do about it. Queries of addresses that a
 * server gave may be secrets of their own */
void
mer_backend_set_failure (MerBackend *self, const char *path, MerReply *reply,
                         const MerReplyError *failure, GError **error)
{
  g_autofree char *text = describe_failure (reply, failure);
  g_autofree char *advice = mer_backend_dup_advice (self, reply->status, failure);
  g_autofree char *place = g_strndup (path, strcspn (path, "?"));
  gboolean whole = strstr (place, "://") != NULL;

  g_set_error (error, MER_ERROR, MER_ERROR_API, "%s%s%s: %s%s",
               whole ? "" : mer_caller_get_address (mer_backend_get_caller (self)),
               whole ? "" : "/", place, text, advice);
}

static MerRetry
judge_failure (MerBackend *self, MerBackendWork *work, MerCall *call, MerReply *reply,
               const MerReplyError *failure, GError **error)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  MerRetry retry = mer_retry_classify (reply->status, failure);

  if (klass->classify != NULL)
    retry = klass->classify (self, reply->status, failure, retry);
  retry = mer_retry_heed (reply, retry);
  if (retry == MER_RETRY_PERMANENT && failure != NULL
      && mer_backend_adapt (self, work, failure))
    return MER_RETRY_AGAIN;
  work->reason = mer_retry_get_reason (reply->status, failure, retry);
  if (retry == MER_RETRY_FILTERED)
    {
      g_autofree char *text = describe_failure (reply, failure);

      work->result
          = mer_backend_new_result (self, MER_OUTCOME_FILTERED, work->reason, text);
      call->spend = mer_backend_account (self, work);
      return retry;
    }
  mer_backend_set_failure (self, call->path, reply, failure, error);
  return retry;
}

static MerRetry
judge_answer (MerBackend *self, MerBackendWork *work, MerCall *call, MerReply *reply,
              GError **error)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  g_autoptr (JsonNode) root = klass->decode_reply (self, reply, error);
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
  g_autofree char *place = dup_place (self, call);

  if (root == NULL)
    {
      gboolean hopeless = g_error_matches (*error, MER_ERROR, MER_ERROR_UNSUPPORTED)
                          || g_error_matches (*error, MER_ERROR, MER_ERROR_TOO_LARGE)
                          /* a program that says that it never will */
                          || g_error_matches (*error, G_SPAWN_ERROR, G_SPAWN_ERROR_INVAL);

      work->reason = mer_retry_get_error_reason (*error);
      work->lost = TRUE;
      g_prefix_error (error, "%s: ", place);
      return hopeless ? MER_RETRY_PERMANENT : MER_RETRY_TRANSIENT;
    }
  if (failure != NULL)
    return judge_failure (self, work, call, reply, failure, error);

  g_autoptr (MerResult) result
      = mer_backend_new_result (self, MER_OUTCOME_ANSWERED, MER_REASON_NONE, NULL);
  if (!klass->parse_reply (self, root, result, error))
    {
      work->reason = MER_REASON_BAD_REPLY;
      work->lost = TRUE;
      g_prefix_error (error, "%s: ", place);
      return MER_RETRY_PERMANENT;
    }
  work->result = g_steal_pointer (&result);
  call->spend = mer_backend_account (self, work);
  return MER_RETRY_DONE;
}

MerRetry
mer_backend_judge (MerCall *call, MerReply *reply, GError **error)
{
  GTask *task = call->judge_data;
  MerBackend *self = g_task_get_source_object (task);
  MerBackendWork *work = g_task_get_task_data (task);

  g_clear_pointer (&work->result, mer_result_unref);
  if (reply == NULL)
    {
      MerRetry retry = mer_retry_classify_error (*error);
      gsize length = mer_payload_get_length (call->payload);

      work->reason = mer_retry_get_error_reason (*error);
      /* hosted servers charge for what they went on to write */
      work->lost
          |= work->reason == MER_REASON_TIMEOUT || work->reason == MER_REASON_CONNECTION;
      if (retry != MER_RETRY_TRANSIENT || length < LARGE_BODY || call->attempts < 2
          || (*error)->domain == MER_ERROR || (*error)->domain == G_SPAWN_ERROR)
        return retry;
      g_prefix_error (error,
                      "a request of %.1f MB was cut off twice and is probably larger than "
                      "the server takes: ",
                      (double) length / 1e6);
      work->reason = MER_REASON_TOO_LARGE;
      return MER_RETRY_PERMANENT;
    }
  work->reason = MER_REASON_REDIRECT;
  if (reply->status >= 300 && reply->status < 400)
    return judge_redirect (self, reply, error);
  if (reply->status >= 200 && reply->status < 300)
    return judge_answer (self, work, call, reply, error);

  g_autoptr (JsonNode) root = mer_reply_parse_json (reply, NULL);
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
  return judge_failure (self, work, call, reply, failure, error);
}
