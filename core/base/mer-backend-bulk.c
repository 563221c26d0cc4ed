/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a backend does otherwise where its calls may be asked in batches */
#include "base/mer-backend-work.h"
#include "base/mer-bulk.h"

GType
mer_backend_bulk_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { MER_BACKEND_BULK_AUTO, "Where the server is known to take batches", "auto" },
    { MER_BACKEND_BULK_ALWAYS, "The server takes batches", "always" },
    { MER_BACKEND_BULK_NEVER, "Every call is made at once", "never" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MerBackendBulk", values));
  return type;
}

static gboolean
takes_batches (MerBackend *self)
{
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  MerBackendBulk wish = mer_backend_get_private (self)->bulk_wish;

  if (klass->bulk_api == NULL || wish == MER_BACKEND_BULK_NEVER)
    return FALSE;
  return wish == MER_BACKEND_BULK_ALWAYS || klass->takes_batches == NULL
         || klass->takes_batches (self);
}

/* puts itself between the backend and its server */
void
mer_backend_open_bulk (MerBackend *self)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);
  MerBackendClass *klass = MER_BACKEND_GET_CLASS (self);
  g_autoptr (MerCaller) live = NULL;
  MerBulkServer *server = NULL;
  MerCall call;

  if (priv->bulk == NULL || priv->uri == NULL || !takes_batches (self))
    return;
  mer_backend_init_call (self, &call);
  server = g_new0 (MerBulkServer, 1);
  server->api = klass->bulk_api;
  server->protocol = g_strdup (klass->protocol);
  server->uri = g_strdup (mer_caller_get_address (priv->caller));
  server->key_variable = g_strdup (priv->key != NULL ? priv->key_variable : NULL);
  server->allow_plain_http = priv->allow_plain_http;
  server->key_header = g_strdup (call.key_header);
  server->key_prefix = g_strdup (call.key_prefix);
  server->key = g_strdup (call.key);
  server->headers = g_strdupv ((char **) call.headers);
  live = priv->caller;
  priv->caller = mer_bulk_caller_new (priv->bulk, server, self, live);
  priv->in_bulk = TRUE;
}

/**
 * mer_backend_needs_media:
 * @self: a backend
 * @key: of a call that the journal does not answer
 *
 * Returns: whether the call will be sent or written, so that its body must be whole
 */
gboolean
mer_backend_needs_media (MerBackend *self, const char *key)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);

  return !priv->in_bulk || mer_bulk_needs_media (priv->bulk, key);
}

/* what identifies the call stays as it is: an answer is the same in bulk and at once */
gboolean
mer_backend_adapt_for_bulk (MerBackend *self, MerBackendWork *work, GError **error)
{
  const MerBulkApi *api = MER_BACKEND_GET_CLASS (self)->bulk_api;

  if (!mer_backend_get_private (self)->in_bulk || api->adapt == NULL
      || !api->adapt (work->request))
    return TRUE;
  return mer_backend_write_payload (self, work, error);
}

/* a prompt that leaves out what a stage has not said yet would be another question */
MerResult *
mer_backend_find_awaited (MerBackend *self, MerSample *sample)
{
  MerBackendPrivate *priv = mer_backend_get_private (self);

  for (guint i = 0; priv->references != NULL && priv->references[i] != NULL; i++)
    {
      MerResult *result = mer_sample_find_result (sample, priv->references[i]);

      if (result == NULL || !mer_bulk_is_awaited (result))
        continue;

      g_autofree char *detail = g_strdup_printf (
          "the prompt reads stage “%s”, whose answer is awaited", priv->references[i]);
      return mer_bulk_new_awaited (mer_ordered_get_stage (MER_ORDERED (self)),
                                   MER_KIND_BACKEND, detail);
    }
  return NULL;
}
