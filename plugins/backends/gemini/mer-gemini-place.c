/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* where uploads begin, and where they may go */
#include "mer-gemini-files.h"

static gboolean
is_allowed_host (const char *hosts, const char *host)
{
  g_auto (GStrv) list = g_strsplit (hosts != NULL ? hosts : "", ",", -1);

  for (guint i = 0; list[i] != NULL; i++)
    if (g_ascii_strcasecmp (g_strstrip (list[i]), host) == 0)
      return TRUE;
  return FALSE;
}

static int
get_port (GUri *uri)
{
  int usual = g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80;

  return g_uri_get_port (uri) >= 0 ? g_uri_get_port (uri) : usual;
}

/**
 * mer_gemini_check_place:
 * @backend: a backend that is open
 * @files: which hosts are allowed
 * @place: (nullable): where the server wants an upload
 * @error: place for an error
 *
 * The place that a server names gets the clip, and the key only where it is the server
 * itself (`mer-caller.h`); anywhere else must have been allowed, over TLS.
 *
 * Returns: whether the clip may go there
 */
gboolean
mer_gemini_check_place (MerBackend *backend, const MerGeminiFiles *files, const char *place,
                        GError **error)
{
  const char *address = mer_caller_get_address (mer_backend_get_caller (backend));
  g_autoptr (GUri) own = g_uri_parse (address, G_URI_FLAGS_NONE, NULL);
  g_autoptr (GUri) other
      = place != NULL ? g_uri_parse (place, G_URI_FLAGS_NONE, NULL) : NULL;
  const char *host = other != NULL ? g_uri_get_host (other) : NULL;
  const char *scheme = other != NULL ? g_uri_get_scheme (other) : NULL;

  if (host == NULL || own == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API,
                   "the server names no place to upload to (X-Goog-Upload-URL)");
      return FALSE;
    }
  if (g_ascii_strcasecmp (host, g_uri_get_host (own)) == 0
      && g_strcmp0 (scheme, g_uri_get_scheme (own)) == 0
      && get_port (own) == get_port (other))
    return TRUE;
  if (g_strcmp0 (scheme, "https") == 0 && is_allowed_host (files->upload_hosts, host))
    return TRUE;

  g_autofree char *shown = mer_payload_clean_text (host);
  g_set_error (error, MER_ERROR, MER_ERROR_API,
               "the server wants the clip uploaded to %s://%.100s, another place than its "
               "own; allow its host with upload-hosts, if that is meant",
               scheme, shown);
  return FALSE;
}

/**
 * mer_gemini_dup_upload_address:
 * @backend: a backend that is open
 *
 * Beside the base address, not below it: `/upload/v1beta/files`.
 *
 * Returns: (transfer full): where an upload begins
 */
char *
mer_gemini_dup_upload_address (MerBackend *backend)
{
  const char *address = mer_caller_get_address (mer_backend_get_caller (backend));
  g_autoptr (GUri) own = g_uri_parse (address, G_URI_FLAGS_NONE, NULL);
  g_autofree char *path = g_strconcat ("/upload", g_uri_get_path (own), "/files", NULL);
  g_autoptr (GUri) whole
      = g_uri_build (G_URI_FLAGS_NONE, g_uri_get_scheme (own), NULL, g_uri_get_host (own),
                     g_uri_get_port (own), path, NULL, NULL);

  return g_uri_to_string (whole);
}
