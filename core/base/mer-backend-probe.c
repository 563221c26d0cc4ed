/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* asks a server once what it serves, before the first call, where nobody named a model */
#include "base/mer-backend-work.h"

#include "mer-error.h"

#define PROBE_TIMEOUT 30.

typedef struct
{
  MerBackend *self;
  MerCall call;
  void (*go_on) (GTask *task);
} Probe;

gboolean
mer_backend_needs_probe (MerBackend *self)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);

  return priv->served_model == NULL && klass->probe != NULL && klass->probe_path != NULL;
}

static void
keep_listed (MerBackend *self, char **listed)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);

  GST_OBJECT_LOCK (self);
  g_strfreev (priv->listed);
  priv->listed = listed;
  GST_OBJECT_UNLOCK (self);
}

/**
 * mer_backend_dup_listed_models:
 * @self: a backend
 *
 * May be called from any thread.
 *
 * Returns: (transfer full) (nullable): the names that the server listed when it was asked,
 *   which is done where nobody named a model; %NULL where it was not
 *
 * Since: 0.1
 */
char **
mer_backend_dup_listed_models (MerBackend *self)
{
  char **listed = NULL;

  GST_OBJECT_LOCK (self);
  listed = g_strdupv (mer_backend_get_private (self)->listed);
  GST_OBJECT_UNLOCK (self);
  return listed;
}

/**
 * mer_backend_choose_model:
 * @self: a backend for which nobody named a model
 * @list: (nullable): the server's list of models, an array of objects
 * @member: the member that holds a model's name
 * @error: place for an error that tells some of the names
 *
 * For `probe`: takes the model where the server serves exactly one.
 *
 * Returns: whether there is one
 */
gboolean
mer_backend_choose_model (MerBackend *self, JsonNode *list, const char *member,
                          GError **error)
{
  JsonArray *models
      = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GStrvBuilder) listed = g_strv_builder_new ();
  const char *only = NULL;
  guint n_models = 0;

  for (guint i = 0; models != NULL && i < json_array_get_length (models); i++)
    {
      const char *name = mer_json_node_string (json_array_get_element (models, i), member);

      if (name == NULL)
        continue;
      only = name;
      g_strv_builder_add (listed, name);
      if (n_models++ < 8)
        g_string_append_printf (names, "%s%.100s", n_models > 1 ? ", " : "", name);
    }
  keep_listed (self, g_strv_builder_end (listed));
  if (n_models == 1)
    {
      mer_backend_set_served_model (self, only);
      return TRUE;
    }
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "%s: model: set it, the server lists %u models%s%s%s",
               GST_OBJECT_NAME (self), n_models, n_models > 0 ? ": " : "", names->str,
               n_models > 8 ? ", …" : "");
  return FALSE;
}

static MerRetry
judge_probe (MerCall *call, MerReply *reply, GError **error)
{
  Probe *probe = call->judge_data;
  MerBackendPrivate *priv = mer_backend_get_private (probe->self);

  if (reply == NULL)
    return mer_retry_classify_error (*error);

  g_autoptr (JsonNode) root = mer_reply_parse_json (reply, NULL);
  g_autoptr (MerReplyError) failure = mer_reply_error_new (root);
  MerRetry retry = mer_retry_classify (reply->status, failure);

  if (retry == MER_RETRY_DONE
      && MER_BACKEND_GET_CLASS (probe->self)->probe (probe->self, root, error))
    return MER_RETRY_DONE;
  if (error != NULL && *error == NULL)
    {
      g_autofree char *advice
          = mer_backend_dup_advice (probe->self, reply->status, failure);

      g_set_error (error, MER_ERROR, MER_ERROR_API, "%s/%s: HTTP status %u%s%s%s",
                   mer_caller_get_address (priv->caller), call->path, reply->status,
                   failure != NULL && failure->message != NULL ? ": " : "",
                   failure != NULL && failure->message != NULL ? failure->message : "",
                   *advice != '\0' ? advice : "; set model to the one to ask");
    }
  return retry == MER_RETRY_DONE ? MER_RETRY_FATAL : retry;
}

static void
on_probed (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autofree Probe *probe = data;
  g_autoptr (MerBackend) self = probe->self;
  MerBackendPrivate *priv = mer_backend_get_private (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (MerReply) reply = mer_caller_call_finish (MER_CALLER (object), result, &error);
  GTask *task;

  priv->probing = FALSE;
  if (error != NULL)
    mer_backend_hide_key_in_error (self, error);
  if (reply == NULL && probe->call.retry == MER_RETRY_FATAL)
    mer_ordered_fail (MER_ORDERED (self), error);
  while ((task = g_queue_pop_head (&priv->waiting)) != NULL)
    {
      if (reply != NULL)
        {
          probe->go_on (task);
          continue;
        }
      g_task_return_error (task, g_error_copy (error));
      g_object_unref (task);
    }
}

/* goes on with @task (transfer full) when the server has said what it serves */
void
mer_backend_probe (MerBackend *self, GTask *task, void (*go_on) (GTask *task))
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);

  g_queue_push_tail (&priv->waiting, task);
  if (priv->probing)
    return;
  priv->probing = TRUE;

  Probe *probe = g_new0 (Probe, 1);
  probe->self = g_object_ref (self);
  probe->go_on = go_on;
  mer_backend_init_call (self, &probe->call);
  probe->call.path = klass->probe_path;
  probe->call.timeout = MIN (priv->timeout, PROBE_TIMEOUT);
  probe->call.judge = judge_probe;
  probe->call.judge_data = probe;
  mer_caller_call_async (priv->caller, &probe->call, g_task_get_cancellable (task),
                         on_probed, probe);
}
