/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a key is named by the variable it stands in; its value goes to one host and nowhere else
 */
#include "net/mer-key.h"

#include <gio/gio.h>
#include <string.h>

#include "mer-error.h"

#define BLOT "***"
/* shorter ones would blot out ordinary text */
#define MIN_BLOT_LENGTH 6

/**
 * mer_key_check_name:
 * @variable: the name of an environment variable
 * @error: place for an error
 *
 * Only `*_API_KEY` and `*_TOKEN` may be named, so that a file from elsewhere cannot send
 * another variable's content to its author.
 *
 * Returns: whether a key may be read from @variable
 */
gboolean
mer_key_check_name (const char *variable, GError **error)
{
  gsize plain = strspn (variable, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

  if (plain == strlen (variable) && plain > 0 && !g_ascii_isdigit (variable[0])
      && (g_str_has_suffix (variable, "_API_KEY") || g_str_has_suffix (variable, "_TOKEN")))
    return TRUE;

  /* somebody who put the key itself there must not read it in a log */
  gboolean is_name = plain == strlen (variable) && plain < 40;
  g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
               "api-key-env: “%s” is not the name of a key's environment variable; give "
               "one that ends in _API_KEY or _TOKEN, such as OPENAI_API_KEY, not the key",
               is_name ? variable : BLOT);
  return FALSE;
}

/**
 * mer_key_uri_is_loopback:
 * @uri: an address
 *
 * Returns: whether it leads to this machine
 */
gboolean
mer_key_uri_is_loopback (const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  const char *host = parsed != NULL ? g_uri_get_host (parsed) : NULL;

  if (host == NULL)
    return FALSE;
  if (g_ascii_strcasecmp (host, "localhost") == 0)
    return TRUE;

  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

/**
 * mer_key_read:
 * @variable: the name of an environment variable
 * @uri: where the key will be sent
 * @allow_plain_http: whether it may go there without TLS
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the key; %NULL with an error where the variable may
 *   not be read, is not set, is not fit for a header, or @uri is neither TLS nor loopback
 */
char *
mer_key_read (const char *variable, const char *uri, gboolean allow_plain_http,
              GError **error)
{
  if (!mer_key_check_name (variable, error))
    return NULL;
  if (g_ascii_strncasecmp (uri, "https://", 8) != 0 && !allow_plain_http
      && !mer_key_uri_is_loopback (uri))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                   "the key in %s would go to %s without TLS; use https, or set "
                   "allow-plain-http if you trust the way there",
                   variable, uri);
      return NULL;
    }

  g_autofree char *key = g_strdup (g_getenv (variable));
  if (key == NULL || *g_strstrip (key) == '\0')
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "api-key-env: the environment variable %s is not set; export it, or "
                   "leave api-key-env out where the server asks for no key",
                   variable);
      return NULL;
    }
  for (const char *at = key; *at != '\0'; at++)
    if ((guchar) *at <= 0x20 || (guchar) *at >= 0x7f)
      {
        g_set_error (error, MER_ERROR, MER_ERROR_INVALID_ARGUMENT,
                     "the key in %s holds spaces or characters that no key has; check "
                     "how the variable was set",
                     variable);
        return NULL;
      }
  return g_steal_pointer (&key);
}

/**
 * mer_key_blot_out:
 * @text: (transfer full): what a server sent
 * @key: (nullable): what must not be in it
 *
 * Some servers quote the key in their errors, and what they say is logged and stored.
 *
 * Returns: (transfer full): @text without @key
 */
GBytes *
mer_key_blot_out (GBytes *text, const char *key)
{
  gsize length = 0;
  const char *data = g_bytes_get_data (text, &length);
  gsize key_length = key != NULL ? strlen (key) : 0;

  if (key_length < MIN_BLOT_LENGTH || length == 0
      || memmem (data, length, key, key_length) == NULL)
    return text;

  GByteArray *clean = g_byte_array_sized_new ((guint) length);
  const char *end = data + length;
  const char *hit;

  while ((hit = memmem (data, (gsize) (end - data), key, key_length)) != NULL)
    {
      g_byte_array_append (clean, (const guint8 *) data, (guint) (hit - data));
      g_byte_array_append (clean, (const guint8 *) BLOT, strlen (BLOT));
      data = hit + key_length;
    }
  g_byte_array_append (clean, (const guint8 *) data, (guint) (end - data));
  g_bytes_unref (text);
  return g_byte_array_free_to_bytes (clean);
}

/**
 * mer_key_blot_out_text:
 * @text: what a server sent
 * @key: (nullable): what must not be in it
 *
 * Returns: (transfer full): @text without @key
 */
char *
mer_key_blot_out_text (const char *text, const char *key)
{
  g_autoptr (GBytes) clean = mer_key_blot_out (g_bytes_new (text, strlen (text)), key);
  gsize length = 0;
  const char *data = g_bytes_get_data (clean, &length);

  return g_strndup (length > 0 ? data : "", length);
}
