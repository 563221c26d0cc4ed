/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample/mer-record.h"

#include "mer-error.h"
#include "tables/mer-json.h"

#define RECORD_FORMAT "mer-record/1"

static void
set_text_or_null (JsonObject *object, const char *member, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, member, value);
  else
    json_object_set_null_member (object, member);
}

/**
 * mer_record_from_sample:
 * @sample: a sample
 *
 * Returns: (transfer full): the `mer-record/1` object: all of the sample but its bytes
 */
JsonNode *
mer_record_from_sample (MerSample *sample)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);
  JsonArray *results = json_array_new ();
  MerTruth *truth = mer_sample_get_truth (sample);
  MerMedia *media = mer_sample_get_media (sample);

  json_object_unref (object);
  json_object_set_string_member (object, "format", RECORD_FORMAT);
  json_object_set_string_member (object, "id", mer_sample_get_id (sample));
  json_object_set_int_member (object, "seq", (gint64) mer_sample_get_seq (sample));
  set_text_or_null (object, "group", mer_sample_get_group (sample));
  set_text_or_null (object, "split", mer_sample_get_split (sample));
  set_text_or_null (object, "subtitle", mer_sample_get_subtitle (sample));
  json_object_set_member (object, "truth",
                          truth != NULL ? mer_truth_to_json (truth)
                                        : json_node_new (JSON_NODE_NULL));
  json_object_set_member (object, "media",
                          media != NULL ? json_node_copy (mer_media_get_manifest (media))
                                        : json_node_new (JSON_NODE_NULL));
  for (guint i = 0; i < mer_sample_get_n_results (sample); i++)
    json_array_add_element (results,
                            mer_result_to_json (mer_sample_get_result (sample, i)));
  json_object_set_array_member (object, "results", results);
  return node;
}

/**
 * mer_record_to_line:
 * @sample: a sample
 *
 * Returns: (transfer full): its record as one line of JSON without the newline
 */
char *
mer_record_to_line (MerSample *sample)
{
  g_autoptr (JsonNode) node = mer_record_from_sample (sample);

  return mer_json_line (node);
}

static gboolean
record_read_results (MerSample *sample, JsonNode *record, GError **error)
{
  JsonNode *results = mer_json_node_member (record, "results");

  if (results == NULL || !JSON_NODE_HOLDS_ARRAY (results))
    return TRUE;

  JsonArray *array = json_node_get_array (results);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      MerResult *result
          = mer_result_new_from_json (json_array_get_element (array, i), error);

      if (result == NULL)
        {
          g_prefix_error (error, "/results/%u: ", i);
          return FALSE;
        }
      mer_sample_take_result (sample, result);
    }
  return TRUE;
}

/**
 * mer_record_to_sample:
 * @record: a `mer-record/1` object
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the sample; its media holds no bytes
 */
MerSample *
mer_record_to_sample (JsonNode *record, GError **error)
{
  const char *id = mer_json_node_string (record, "id");
  JsonNode *truth = mer_json_node_member (record, "truth");
  JsonNode *manifest = mer_json_node_member (record, "media");

  if (g_strcmp0 (mer_json_node_string (record, "format"), RECORD_FORMAT) != 0 || id == NULL)
    {
      g_set_error_literal (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                           "not a record: it needs format “" RECORD_FORMAT "” and an id");
      return NULL;
    }

  g_autoptr (MerSample) sample
      = mer_sample_new (id, (guint64) mer_json_node_number (record, "seq", 0));

  mer_sample_set_group (sample, mer_json_node_string (record, "group"));
  mer_sample_set_split (sample, mer_json_node_string (record, "split"));
  mer_sample_set_subtitle (sample, mer_json_node_string (record, "subtitle"));
  if (truth != NULL && JSON_NODE_HOLDS_OBJECT (truth))
    {
      g_autoptr (MerTruth) read = mer_truth_new_from_json (truth, error);

      if (read == NULL)
        return NULL;
      mer_sample_set_truth (sample, read);
    }
  if (manifest != NULL && JSON_NODE_HOLDS_OBJECT (manifest))
    {
      g_autoptr (MerMedia) media = mer_media_new (json_node_copy (manifest), NULL, error);

      if (media == NULL)
        return NULL;
      mer_sample_set_media (sample, media);
    }
  if (!record_read_results (sample, record, error))
    return NULL;
  return g_steal_pointer (&sample);
}

/**
 * mer_record_parse_line:
 * @name: where the line is from, for errors
 * @line_number: from 1
 * @line: one JSON document
 * @length: its bytes, -1 if it ends with NUL
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the sample
 */
MerSample *
mer_record_parse_line (const char *name, guint line_number, const char *line, gssize length,
                       GError **error)
{
  g_autofree char *place = g_strdup_printf ("%s:%u", name, line_number);
  g_autoptr (MerJson) json = mer_json_parse (place, line, length, error);
  MerSample *sample = NULL;

  if (json == NULL)
    return NULL;
  sample = mer_record_to_sample (mer_json_get_root (json), error);
  if (sample == NULL)
    g_prefix_error (error, "%s: ", place);
  return sample;
}
