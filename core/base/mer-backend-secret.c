/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server says goes into stores, logs and reports, and some servers quote the key.
 * Replies are cleaned as bytes when they come in; here what was made of them is looked at
 * again, for keys that came escaped or in pieces of a stream. */
#include "base/mer-backend-work.h"

#include "net/mer-key.h"

static char *
clean (MerBackend *self, const char *text)
{
  return text != NULL ? mer_key_blot_out_text (text, mer_backend_get_private (self)->key)
                      : NULL;
}

static void
clean_data (MerBackend *self, MerResult *result)
{
  JsonNode *data = mer_result_get_data (result);

  if (data == NULL)
    return;

  /* a key holds no character that JSON escapes, but for the slash, which is not escaped */
  g_autofree char *text = json_to_string (data, FALSE);
  g_autofree char *safe = clean (self, text);

  if (!g_str_equal (text, safe))
    mer_result_take_data (result, json_from_string (safe, NULL));
}

/**
 * mer_backend_hide_key:
 * @self: a backend that is open
 * @result: what a reply became, not sealed yet
 *
 * Takes the key out of all that the server said.
 */
void
mer_backend_hide_key (MerBackend *self, MerResult *result)
{
  g_autofree char *text = clean (self, mer_result_get_text (result));
  g_autofree char *reasoning = clean (self, mer_result_get_reasoning (result));
  g_autofree char *detail = clean (self, mer_result_get_detail (result));

  if (mer_backend_get_private (self)->key == NULL)
    return;
  mer_result_set_text (result, text);
  mer_result_set_reasoning (result, reasoning);
  mer_result_set_detail (result, detail);
  clean_data (self, result);
}

/**
 * mer_backend_hide_key_in_error:
 * @self: a backend that is open
 * @error: what a server said
 */
void
mer_backend_hide_key_in_error (MerBackend *self, GError *error)
{
  char *safe = clean (self, error->message);

  g_free (error->message);
  error->message = safe;
}
