/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-endpoint.h"

#include <libsoup/soup.h>
#include <string.h>

#include "mer-error.h"
#include "mer-version.h"
#include "net/mer-endpoint-private.h"
#include "net/mer-key.h"

/* connections to one server; calls at once stay below */
#define MAX_CONNECTIONS 512

struct _MerEndpoint
{
  GObject parent_instance;
  char *uri;
  char *base;
  char *query;
  SoupSession *session;
  MerGate *gate;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (MerEndpoint, mer_endpoint, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MER_TYPE_CALLER,
                                                      mer_endpoint_caller_init))

static GMutex registry_lock;
static GHashTable *registry;

static void
mer_endpoint_class_init (MerEndpointClass *klass)
{
}

static void
mer_endpoint_init (MerEndpoint *self)
{
}

static gboolean
query_names_key (const char *query)
{
  static const char *const names[]
      = { "key",   "api_key",      "api-key",          "apikey",   "x-api-key",
          "token", "access_token", "subscription-key", "password", "secret" };
  g_autoptr (GHashTable) parameters
      = query != NULL
            ? g_uri_parse_params (query, -1, "&", G_URI_PARAMS_CASE_INSENSITIVE, NULL)
            : NULL;

  for (gsize i = 0; parameters != NULL && i < G_N_ELEMENTS (names); i++)
    if (g_hash_table_contains (parameters, names[i]))
      return TRUE;
  return FALSE;
}

/* an address is logged and stored, so it must not hold a secret */
static GUri *
check_uri (const char *text, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;

  if (uri == NULL || (g_strcmp0 (scheme, "http") != 0 && g_strcmp0 (scheme, "https") != 0)
      || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "uri: “%s” is no address of a server; give one such as "
                   "http://127.0.0.1:8000/v1",
                   strpbrk (text, "@?") != NULL ? "…" : text);
      return NULL;
    }
  if (g_uri_get_userinfo (uri) != NULL || query_names_key (g_uri_get_query (uri)))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "uri: the address of %s holds a password or key, which would be logged "
                   "and stored; put it into an environment variable and name that in "
                   "api-key-env",
                   g_uri_get_host (uri));
      return NULL;
    }
  return g_steal_pointer (&uri);
}

static SoupSession *
make_session (const char *uri)
{
  SoupSession *session = soup_session_new_with_options (
      "max-conns", MAX_CONNECTIONS, "max-conns-per-host", MAX_CONNECTIONS,
      /* deadlines are kept by timers: this one is about idleness, and a model may think
       * longer than any default; servers close idle connections after five seconds */
      "timeout", 0u, "idle-timeout", 4u, "user-agent", "gst-mer/" MER_VERSION " ", NULL);

  /* a proxy on the way to a server without TLS would read the key; to one with TLS it only
   * carries what it cannot read */
  if (mer_key_uri_is_loopback (uri) || !g_str_has_prefix (uri, "https:"))
    soup_session_set_proxy_resolver (session, NULL);
  return session;
}

static MerEndpoint *
endpoint_new (const char *text, GUri *uri)
{
  MerEndpoint *self = g_object_new (MER_TYPE_ENDPOINT, NULL);
  g_autofree char *base
      = g_uri_to_string_partial (uri, G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT);
  gsize length = strlen (base);

  while (length > 0 && base[length - 1] == '/')
    base[--length] = '\0';
  self->uri = g_strdup (text);
  self->base = g_steal_pointer (&base);
  self->query = g_strdup (g_uri_get_query (uri));
  self->session = make_session (text);
  self->gate = mer_gate_new (text);
  return self;
}

/**
 * mer_endpoint_get:
 * @uri: the base address, such as `https://api.openai.com/v1`; a query is kept for every
 *   request
 * @error: place for an error
 *
 * From any thread.
 *
 * Returns: (transfer none) (nullable): the process's endpoint of that address
 */
MerEndpoint *
mer_endpoint_get (const char *uri, GError **error)
{
  g_autoptr (GUri) parsed = check_uri (uri, error);

  if (parsed == NULL)
    return NULL;

  g_autofree char *name = g_uri_to_string (parsed);
  gsize length = strlen (name);
  while (length > 0 && name[length - 1] == '/')
    name[--length] = '\0';

  g_mutex_lock (&registry_lock);
  if (registry == NULL)
    registry = g_hash_table_new (g_str_hash, g_str_equal);
  MerEndpoint *self = g_hash_table_lookup (registry, name);
  if (self == NULL)
    {
      self = endpoint_new (name, parsed);
      g_hash_table_insert (registry, self->uri, self);
    }
  g_mutex_unlock (&registry_lock);
  return self;
}

/**
 * mer_endpoint_get_uri:
 * @self: an endpoint
 *
 * Returns: (transfer none): its base address without trailing slash
 */
const char *
mer_endpoint_get_uri (MerEndpoint *self)
{
  return self->uri;
}

/**
 * mer_endpoint_tighten:
 * @self: an endpoint
 * @limits: what it may be asked, by all stages together
 *
 * From any thread. Where stages disagree the smallest stands.
 */
void
mer_endpoint_tighten (MerEndpoint *self, const MerLimits *limits)
{
  mer_gate_tighten (self->gate, limits);
}

/**
 * mer_endpoint_open:
 * @self: an endpoint
 *
 * From any thread. Somebody begins to ask: where the server was given up before, it is
 * tried again.
 */
void
mer_endpoint_open (MerEndpoint *self)
{
  mer_gate_open (self->gate);
}

/**
 * mer_endpoint_get_n_active:
 * @self: an endpoint
 *
 * Returns: calls that are under way
 */
guint
mer_endpoint_get_n_active (MerEndpoint *self)
{
  return mer_gate_get_n_active (self->gate);
}

/**
 * mer_endpoint_summarise_all:
 *
 * In the I/O thread.
 *
 * Returns: (transfer full): a list of what was found out about each server that was asked
 */
JsonNode *
mer_endpoint_summarise_all (void)
{
  g_autoptr (JsonArray) list = json_array_new ();
  GHashTableIter iter;
  gpointer value = NULL;

  g_mutex_lock (&registry_lock);
  if (registry != NULL)
    g_hash_table_iter_init (&iter, registry);
  while (registry != NULL && g_hash_table_iter_next (&iter, NULL, &value))
    {
      JsonNode *node = mer_gate_summarise (MER_ENDPOINT (value)->gate);

      if (node != NULL)
        json_array_add_element (list, node);
    }
  g_mutex_unlock (&registry_lock);
  return json_node_init_array (json_node_alloc (), list);
}

MerGate *
mer_endpoint_get_gate (MerEndpoint *self)
{
  return self->gate;
}

SoupSession *
mer_endpoint_get_session (MerEndpoint *self)
{
  return self->session;
}

/* @path may be a whole address, as a server gives one for uploads and results */
char *
mer_endpoint_dup_uri (MerEndpoint *self, const char *path)
{
  if (g_str_has_prefix (path, "https://") || g_str_has_prefix (path, "http://"))
    return g_strdup (path);

  const char *joint = strchr (path, '?') != NULL ? "&" : "?";
  return g_strconcat (self->base, *path != '\0' ? "/" : "", path,
                      self->query != NULL ? joint : "",
                      self->query != NULL ? self->query : "", NULL);
}

/* whether a server with TLS names an address without, where all could read the clip */
gboolean
mer_endpoint_is_downgrade (MerEndpoint *self, const char *path)
{
  return g_str_has_prefix (self->base, "https://")
         && g_ascii_strncasecmp (path, "http://", strlen ("http://")) == 0;
}

static int
get_port (GUri *uri)
{
  int usual = g_str_equal (g_uri_get_scheme (uri), "https") ? 443 : 80;

  return g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : usual;
}

/* whether @uri may be given the key: same scheme, host and port as the base address */
gboolean
mer_endpoint_is_origin (MerEndpoint *self, const char *uri)
{
  g_autoptr (GUri) own = g_uri_parse (self->base, G_URI_FLAGS_NONE, NULL);
  g_autoptr (GUri) other = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);

  return own != NULL && other != NULL && g_uri_get_host (other) != NULL
         && g_str_equal (g_uri_get_scheme (own), g_uri_get_scheme (other))
         && g_ascii_strcasecmp (g_uri_get_host (own), g_uri_get_host (other)) == 0
         && get_port (own) == get_port (other);
}
