/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-reply.h"

#include <string.h>

#include "mer-error.h"
#include "tables/mer-json.h"

G_DEFINE_BOXED_TYPE (MerReply, mer_reply, mer_reply_ref, mer_reply_unref)

/**
 * mer_reply_new:
 * @status: the HTTP status
 * @headers: (transfer full) (nullable): lower-case name → value
 * @body: (transfer full): the body
 *
 * Returns: (transfer full): a reply
 */
MerReply *
mer_reply_new (guint status, GHashTable *headers, GBytes *body)
{
  MerReply *self = g_new0 (MerReply, 1);

  g_atomic_ref_count_init (&self->refs);
  self->status = status;
  self->headers = headers != NULL
                      ? headers
                      : g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->body = body;
  return self;
}

/**
 * mer_reply_ref:
 * @self: a reply
 *
 * Returns: (transfer full): @self
 */
MerReply *
mer_reply_ref (MerReply *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * mer_reply_unref:
 * @self: (transfer full): a reply
 */
void
mer_reply_unref (MerReply *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_hash_table_unref (self->headers);
  g_bytes_unref (self->body);
  g_free (self);
}

/**
 * mer_reply_get_header:
 * @self: a reply
 * @lower_case_name: a header's name
 *
 * Returns: (transfer none) (nullable): its value
 */
const char *
mer_reply_get_header (MerReply *self, const char *lower_case_name)
{
  return g_hash_table_lookup (self->headers, lower_case_name);
}

/**
 * mer_reply_is_type:
 * @self: a reply
 * @media_type: such as `text/event-stream`
 *
 * Returns: whether the server calls its answer that, parameters aside
 */
gboolean
mer_reply_is_type (MerReply *self, const char *media_type)
{
  const char *type = mer_reply_get_header (self, "content-type");
  gsize length = strlen (media_type);

  return type != NULL && g_ascii_strncasecmp (type, media_type, length) == 0
         && (type[length] == '\0' || strchr ("; \t", type[length]) != NULL);
}

/**
 * mer_reply_parse_text:
 * @text: JSON that a server wrote
 * @length: of @text
 * @error: place for an error
 *
 * Reads a server's JSON as hostile input: bounded nesting, invalid UTF-8 and lone
 * surrogates mended.
 *
 * Returns: (transfer full) (nullable): the document
 */
JsonNode *
mer_reply_parse_text (const char *text, gsize length, GError **error)
{
  while (length > 0 && strchr (" \t\r\n", text[0]) != NULL && text[0] != '\0')
    {
      text++;
      length--;
    }
  if (length == 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_API, "the server's answer is empty");
      return NULL;
    }

  g_autofree char *valid = g_utf8_make_valid (text, (gssize) length);
  g_autoptr (MerJson) json = mer_json_parse ("the server's answer", valid, -1, error);
  JsonNode *root = json != NULL ? mer_json_get_root (json) : NULL;

  if (json != NULL && root == NULL)
    g_set_error (error, MER_ERROR, MER_ERROR_API, "the server's answer is empty");
  return root != NULL ? json_node_ref (root) : NULL;
}

/**
 * mer_reply_parse_json:
 * @self: a reply
 * @error: place for an error
 *
 * Returns: (transfer full) (nullable): the body as JSON
 */
JsonNode *
mer_reply_parse_json (MerReply *self, GError **error)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (self->body, &length);

  return mer_reply_parse_text (text, length, error);
}

static void
blot_out_controls (char *text)
{
  for (char *at = text; *at != '\0'; at++)
    if ((guchar) *at < 0x20 || *at == 0x7f)
      *at = ' ';
}

/* servers that cannot read a request quote from it: what is shown of a person has no place
 * in a message. Longer than any word, shorter than any media */
static void
cut_base64 (char *text)
{
  static const char base64[]
      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  const gsize longest = 100, kept = 24;
  char *to = text;

  for (const char *at = text; *at != '\0';)
    {
      gsize run = strspn (at, base64);
      gsize copied = run > longest ? kept : MAX (run, 1);

      memmove (to, at, copied);
      to += copied;
      at += MAX (run, 1);
      if (run <= longest)
        continue;
      memcpy (to, "...", 3);
      to += 3;
    }
  *to = '\0';
}

/* in place: what may stand in a message or a log */
static void
make_line (char *text)
{
  blot_out_controls (text);
  cut_base64 (text);
}

/**
 * mer_reply_dup_excerpt:
 * @self: a reply
 * @max_length: bytes
 *
 * Returns: (transfer full): the start of the body as one line that may stand in a message
 */
char *
mer_reply_dup_excerpt (MerReply *self, gsize max_length)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (self->body, &length);
  g_autofree char *valid
      = g_utf8_make_valid (length > 0 ? text : "", (gssize) MIN (length, max_length));

  make_line (valid);
  g_strstrip (valid);
  return g_steal_pointer (&valid);
}

static char *
dup_line (const char *text)
{
  if (text == NULL)
    return NULL;

  char *line = g_strndup (text, 1000);
  char *valid = g_utf8_make_valid (line, -1);

  g_free (line);
  make_line (valid);
  return valid;
}

/* codes come as text or as a number */
static char *
dup_scalar (JsonNode *node, const char *member)
{
  const char *text = mer_json_node_string (node, member);
  double number = mer_json_node_number (node, member, G_MAXDOUBLE);

  if (text != NULL)
    return dup_line (text);
  return number < 1e15 && number > -1e15 ? g_strdup_printf ("%.0f", number) : NULL;
}

/* Google says the rest in a list: what @member of any of them holds, or of the first
 * element of a list @list in it */
static const char *
find_detail (JsonNode *node, const char *list, const char *member)
{
  JsonNode *details = mer_json_node_member (node, "details");
  JsonArray *array = details != NULL && JSON_NODE_HOLDS_ARRAY (details)
                         ? json_node_get_array (details)
                         : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *detail = json_array_get_element (array, i);

      if (list != NULL)
        detail = mer_json_node_path (detail, list, "0", NULL);
      if (mer_json_node_string (detail, member) != NULL)
        return mer_json_node_string (detail, member);
    }
  return NULL;
}

/* its number is only the status again */
static void
take_google_details (MerReplyError *error, JsonNode *node)
{
  const char *delay = find_detail (node, NULL, "retryDelay");
  const char *field = find_detail (node, "fieldViolations", "field");
  const char *code = find_detail (node, "violations", "quotaId");

  if (code == NULL)
    code = find_detail (node, NULL, "reason");
  if (delay != NULL)
    error->retry_delay = g_ascii_strtod (delay, NULL);
  if (field != NULL && error->param == NULL)
    error->param = dup_line (field);
  if (code == NULL)
    return;
  g_free (error->code);
  error->code = dup_line (code);
}

static MerReplyError *
error_from_object (JsonNode *node)
{
  MerReplyError *error = g_new0 (MerReplyError, 1);

  error->message = dup_line (mer_json_node_string (node, "message"));
  error->code = dup_scalar (node, "code");
  error->type = dup_line (mer_json_node_string (node, "type"));
  if (error->type == NULL)
    error->type = dup_line (mer_json_node_string (node, "status"));
  error->param = dup_line (mer_json_node_string (node, "param"));
  error->retry_delay = -1;
  take_google_details (error, node);
  return error;
}

static MerReplyError *
error_from_text (char *message)
{
  MerReplyError *error = g_new0 (MerReplyError, 1);

  error->message = message;
  error->retry_delay = -1;
  return error;
}

/* ["body", "temperature"] → "body.temperature" */
static char *
dup_location (JsonNode *node)
{
  JsonNode *loc = mer_json_node_member (node, "loc");
  JsonArray *array
      = loc != NULL && JSON_NODE_HOLDS_ARRAY (loc) ? json_node_get_array (loc) : NULL;
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint i = 0; array != NULL && i < MIN (json_array_get_length (array), 16u); i++)
    {
      JsonNode *step = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (step) && json_node_get_value_type (step) == G_TYPE_STRING)
        g_string_append_printf (path, "%s%s", path->len > 0 ? "." : "",
                                json_node_get_string (step));
    }
  return path->len > 0 ? dup_line (path->str) : NULL;
}

/* FastAPI: {"detail": "Not Found"} or {"detail": [{"loc", "msg", "type"}]} */
static MerReplyError *
error_from_detail (JsonNode *root)
{
  JsonNode *first = mer_json_node_path (root, "detail", "0", NULL);
  const char *text = mer_json_node_string (root, "detail");
  MerReplyError *error = NULL;

  if (text == NULL)
    text = mer_json_node_string (first, "msg");
  if (text == NULL || mer_json_node_member (root, "choices") != NULL)
    return NULL;
  error = error_from_text (dup_line (text));
  error->type = dup_line (mer_json_node_string (first, "type"));
  error->param = dup_location (first);
  return error;
}

/* LMDeploy, SGLang, older vLLM and DashScope put the error's members at the top; the
 * members of an answer must not be there with them */
static gboolean
is_flat_error (JsonNode *root)
{
  const char *object = mer_json_node_string (root, "object");

  if (mer_json_node_string (root, "message") == NULL)
    return FALSE;
  return g_strcmp0 (object, "error") == 0
         || (mer_json_node_member (root, "code") != NULL
             && mer_json_node_member (root, "choices") == NULL);
}

/**
 * mer_reply_error_new:
 * @root: (nullable): a reply's document
 *
 * Finds the error in a reply, in any shape that servers give it: an object, a text or a
 * list under `error`, members at the top, FastAPI's `detail`, Google's one-element list.
 *
 * Returns: (transfer full) (nullable): the error, %NULL where there is none
 */
MerReplyError *
mer_reply_error_new (JsonNode *root)
{
  if (root != NULL && JSON_NODE_HOLDS_ARRAY (root))
    root = mer_json_node_path (root, "0", NULL);

  JsonNode *node = mer_json_node_member (root, "error");

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    node = mer_json_node_path (node, "0", NULL);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return error_from_object (node);
  if (node != NULL && mer_json_node_string (root, "error") != NULL)
    return error_from_text (dup_line (mer_json_node_string (root, "error")));
  if (is_flat_error (root))
    return error_from_object (root);

  return error_from_detail (root);
}

/**
 * mer_reply_error_free:
 * @error: (transfer full): an error
 */
void
mer_reply_error_free (MerReplyError *error)
{
  g_free (error->message);
  g_free (error->code);
  g_free (error->type);
  g_free (error->param);
  g_free (error);
}
