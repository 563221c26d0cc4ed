/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a request as a form with files in it: multipart/form-data (RFC 7578) */
#include "net/mer-payload.h"

#include <string.h>

#include "net/mer-payload-stream.h"
#include "tables/mer-json.h"

#define MARK '\001'
#define HASH_LENGTH 64

typedef struct
{
  MerPayload *payload;
  char *boundary;
  GString *text; /* until the next media */
} Form;

static void
flush (Form *self)
{
  if (self->text->len > 0)
    mer_payload_append_text (self->payload, self->text->str, self->text->len);
  g_string_truncate (self->text, 0);
}

/* what would end a header's quoted string early; RFC 7578 has percent signs for them */
static void
append_quoted (GString *text, const char *name, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (strchr ("\"\r\n", name[i]) != NULL)
      g_string_append_printf (text, "%%%02X", (guint) (guchar) name[i]);
    else
      g_string_append_c (text, name[i]);
}

static void
begin_part (Form *self, const char *name)
{
  g_string_append_printf (self->text, "--%s\r\nContent-Disposition: form-data; name=\"",
                          self->boundary);
  append_quoted (self->text, name, strlen (name));
  g_string_append_c (self->text, '"');
}

static void
add_field (Form *self, const char *name, const char *value)
{
  begin_part (self, name);
  g_string_append_printf (self->text, "\r\n\r\n%s\r\n", value);
}

/* FILENAME;TYPE, and then the placeholder */
static void
add_file (Form *self, const char *name, const char *value, const char *mark)
{
  gsize file = strcspn (value, ";,\001");
  const char *type = value[file] == ';' ? value + file + 1 : "";
  gsize type_length = strcspn (type, ",\001");
  g_autofree char *sha256 = g_strndup (mark + 1, HASH_LENGTH);

  begin_part (self, name);
  g_string_append (self->text, "; filename=\"");
  append_quoted (self->text, value, file);
  g_string_append (self->text, "\"\r\nContent-Type: ");
  if (type_length > 0)
    append_quoted (self->text, type, type_length);
  else
    g_string_append (self->text, "application/octet-stream");
  g_string_append (self->text, "\r\n\r\n");
  flush (self);
  mer_payload_append_raw (self->payload, sha256);
  g_string_append (self->text, "\r\n");
}

static gboolean
is_placeholder (const char *mark)
{
  return mark != NULL && strspn (mark + 1, "0123456789abcdef") == HASH_LENGTH
         && mark[1 + HASH_LENGTH] == MARK;
}

/* lists become one part for each element: `name[]` is what the member is called then */
static void
add_member (Form *self, const char *name, JsonNode *node)
{
  g_autofree char *value = NULL;

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        add_member (self, name, json_array_get_element (array, i));
      return;
    }
  if (JSON_NODE_HOLDS_NULL (node))
    return;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    value = json_node_dup_string (node);
  else
    value = mer_json_canonical (node);

  const char *mark = strchr (value, MARK);
  if (is_placeholder (mark))
    add_file (self, name, value, mark);
  else
    add_field (self, name, value);
}

/**
 * mer_payload_new_form:
 * @request: an object with placeholders. The prefix of a placeholder is the file's name and
 *   type, such as `clip.wav;audio/wav,`
 *
 * The request as multipart/form-data, a part for each member, files as raw bytes. What
 * identifies the call is the canonical JSON of @request, as for other bodies.
 *
 * Returns: (transfer full): a body without the media's bytes
 */
MerPayload *
mer_payload_new_form (JsonNode *request)
{
  char *canonical = mer_json_canonical (request);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, canonical, -1);
  g_autofree char *boundary = g_strdup_printf ("gst-mer-%.32s", hash);
  g_autofree char *type = g_strdup_printf ("multipart/form-data; boundary=%s", boundary);
  g_autoptr (GString) text = g_string_new (NULL);
  Form self = { mer_payload_new_empty (type, canonical), boundary, text };
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&iter, json_node_get_object (request));
  while (json_object_iter_next_ordered (&iter, &name, &node))
    add_member (&self, name, node);
  g_string_append_printf (text, "--%s--\r\n", boundary);
  flush (&self);
  return self.payload;
}
