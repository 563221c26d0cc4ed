/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-endpoint.h"

#include <libsoup/soup.h>
#include <string.h>

#include "mer-error.h"
#include "mer-version.h"
#include "net/mer-endpoint-private.h"
#include "net/mer-key.h"

/* requests that are setting up a connection or sending their body. A listener's backlog may
 * be as short as ten, and a connection that it drops costs a second */
#define MAX_SENDING 8
#define MAX_ACTIVE 256
/* of all bodies that are under way in the process */
#define MAX_BYTES ((gsize) 512 * 1024 * 1024)

struct _MerEndpoint
{
  GObject parent_instance;
  char *uri;
  char *base;
  char *query;
  SoupSession *session;
  GQueue waiting;
  guint active;
  guint sending;
  int max_active; /* atomic: set by elements, read in the I/O thread */
  double limit;
  gint64 not_before;
  gint64 shrunk_at;
  gint64 loading_since;
  GSource *timer;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (MerEndpoint, mer_endpoint, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MER_TYPE_CALLER,
                                                      mer_endpoint_caller_init))

static GMutex registry_lock;
static GHashTable *registry;
static gsize bytes_under_way;
static gboolean bytes_awaited; /* a call waits for others' bytes, maybe of another server */

static void pump (MerEndpoint *self);

static void
mer_endpoint_class_init (MerEndpointClass *klass)
{
}

static void
mer_endpoint_init (MerEndpoint *self)
{
  g_queue_init (&self->waiting);
  self->max_active = MAX_ACTIVE;
  self->limit = MAX_ACTIVE;
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
      "max-conns", 2 * MAX_ACTIVE, "max-conns-per-host", 2 * MAX_ACTIVE,
      /* deadlines are kept by timers: this one is about idleness, and a model may think
       * longer than any default; servers close idle connections after five seconds */
      "timeout", 0u, "idle-timeout", 4u, "user-agent", "gst-mer/" MER_VERSION " ", NULL);

  if (mer_key_uri_is_loopback (uri))
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
 * mer_endpoint_set_limit:
 * @self: an endpoint
 * @limit: calls at once, of all stages together; 0 for the default of 256
 *
 * From any thread. Where stages disagree the smallest stands.
 */
void
mer_endpoint_set_limit (MerEndpoint *self, guint limit)
{
  int before = g_atomic_int_get (&self->max_active);

  while (limit > 0 && (int) limit < before
         && !g_atomic_int_compare_and_exchange (&self->max_active, before, (int) limit))
    before = g_atomic_int_get (&self->max_active);
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
  return self->active;
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

gint64
mer_endpoint_get_loading_since (MerEndpoint *self)
{
  return self->loading_since;
}

void
mer_endpoint_set_loading (MerEndpoint *self, gboolean loading)
{
  if (!loading)
    self->loading_since = 0;
  else if (self->loading_since == 0)
    self->loading_since = g_get_monotonic_time ();
}

static gboolean
on_timer (gpointer data)
{
  MerEndpoint *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  pump (self);
  return G_SOURCE_REMOVE;
}

static void
wake_at (MerEndpoint *self, gint64 when)
{
  if (self->timer != NULL)
    return;
  self->timer
      = g_timeout_source_new ((guint) MAX (1, (when - g_get_monotonic_time ()) / 1000 + 1));
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static double
get_limit (MerEndpoint *self)
{
  return MIN (self->limit, g_atomic_int_get (&self->max_active));
}

static gboolean
may_start (MerEndpoint *self, MerTicket *ticket)
{
  if (self->active >= MAX (1, (guint) get_limit (self)) || self->sending >= MAX_SENDING)
    return FALSE;
  if (bytes_under_way == 0 || bytes_under_way + ticket->bytes <= MAX_BYTES)
    return TRUE;
  bytes_awaited = TRUE;
  return FALSE;
}

static void
pump (MerEndpoint *self)
{
  while (!g_queue_is_empty (&self->waiting))
    {
      MerTicket *ticket = g_queue_peek_head (&self->waiting);

      if (g_get_monotonic_time () < self->not_before)
        {
          wake_at (self, self->not_before);
          return;
        }
      if (!may_start (self, ticket))
        return;
      g_queue_pop_head (&self->waiting);
      self->active++;
      self->sending++;
      bytes_under_way += ticket->bytes;
      ticket->granted = TRUE;
      ticket->sending = TRUE;
      ticket->on_granted (ticket->data);
    }
}

static void
pump_all (void)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value = NULL;

  bytes_awaited = FALSE;
  g_mutex_lock (&registry_lock);
  g_hash_table_iter_init (&iter, registry);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (all, value);
  g_mutex_unlock (&registry_lock);
  for (guint i = 0; i < all->len; i++)
    pump (g_ptr_array_index (all, i));
}

void
mer_endpoint_queue (MerEndpoint *self, MerTicket *ticket)
{
  ticket->granted = FALSE;
  g_queue_push_tail (&self->waiting, ticket);
  pump (self);
}

void
mer_endpoint_sent (MerEndpoint *self, MerTicket *ticket)
{
  if (!ticket->sending)
    return;
  ticket->sending = FALSE;
  self->sending--;
  pump (self);
}

void
mer_endpoint_release (MerEndpoint *self, MerTicket *ticket)
{
  if (!ticket->granted)
    {
      g_queue_remove (&self->waiting, ticket);
      return;
    }
  if (ticket->sending)
    self->sending--;
  ticket->sending = FALSE;
  ticket->granted = FALSE;
  self->active--;

  bytes_under_way -= ticket->bytes;
  if (bytes_awaited)
    pump_all ();
  else
    pump (self);
}

/* nobody asks the server before that */
void
mer_endpoint_cool_down (MerEndpoint *self, double seconds)
{
  gint64 until = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);

  self->not_before = MAX (self->not_before, until);
}

/* multiplicative decrease, once for all calls that were sent before it */
void
mer_endpoint_shrink (MerEndpoint *self, gint64 sent_at)
{
  if (sent_at <= self->shrunk_at)
    return;
  self->shrunk_at = g_get_monotonic_time ();
  self->limit = MAX (1, MIN (get_limit (self), self->active + 1) * 0.7);
}

/* additive increase: one more after each round of answers */
void
mer_endpoint_grow (MerEndpoint *self)
{
  self->limit = MIN (g_atomic_int_get (&self->max_active), self->limit + 1 / self->limit);
}
