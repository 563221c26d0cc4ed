/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* which frames and which voice the models were shown, and their bytes where they were kept
 */
#include "mer-export-rows.h"
#include "tables/mer-json.h"

const char *const mer_export_media_columns[]
    = { "id",    "item",   "outcome", "index", "time",   "pts",
        "width", "height", "seconds", "bytes", "sha256", NULL };

/* the name is the hash, which mer_store_load_blob() has compared */
static gboolean
extract_blob (MerExport *self, const char *item, const char *sha256, GError **error)
{
  g_autoptr (GBytes) bytes = mer_store_load_blob (self->store, sha256, error);

  if (bytes == NULL)
    return FALSE;

  g_autofree char *name
      = g_strconcat (sha256, g_str_equal (item, "frame") ? ".jpg" : ".wav", NULL);
  g_autofree char *path = g_build_filename (self->extract, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS)
         || g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                 (gssize) g_bytes_get_size (bytes), error);
}

static gboolean
add_media_item (MerExport *self, const char *id, const char *item, JsonNode *node,
                int index, GError **error)
{
  JsonObject *row = mer_export_row_new ("id", id);
  const char *sha256 = mer_json_node_string (node, "sha256");

  json_object_set_string_member (row, "item", item);
  if (index >= 0)
    json_object_set_int_member (row, "index", index);
  for (guint c = 2; mer_export_media_columns[c] != NULL; c++)
    mer_export_row_copy (row, mer_export_media_columns[c], node,
                         mer_export_media_columns[c]);
  mer_export_file_add (self->file, row);
  return self->extract == NULL || sha256 == NULL
         || extract_blob (self, item, sha256, error);
}

static gboolean
add_frames (MerExport *self, const char *id, JsonNode *frames, GError **error)
{
  JsonArray *array = frames != NULL && JSON_NODE_HOLDS_ARRAY (frames)
                         ? json_node_get_array (frames)
                         : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (!add_media_item (self, id, "frame", json_array_get_element (array, i), (int) i,
                         error))
      return FALSE;
  return TRUE;
}

static gboolean
add_media (MerExport *self, const char *id, JsonNode *record, GError **error)
{
  JsonNode *media = mer_json_node_member (record, "media");
  JsonNode *audio;

  if (media == NULL || !JSON_NODE_HOLDS_OBJECT (media))
    return TRUE;
  audio = mer_json_node_member (media, "audio");
  return add_media_item (self, id, "clip", media, -1, error)
         && add_frames (self, id, mer_json_node_member (media, "frames"), error)
         && (audio == NULL || !JSON_NODE_HOLDS_OBJECT (audio)
             || add_media_item (self, id, "audio", audio, -1, error));
}

gboolean
mer_export_write_media (MerExport *self, GError **error)
{
  return mer_export_foreach_record (self, add_media, error);
}
