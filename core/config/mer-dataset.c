/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-dataset.h"

#include "config/mer-dataset-private.h"
#include "config/mer-lookup.h"
#include "mer-error.h"
#include "tables/mer-json.h"

#include <stdlib.h>
#include <string.h>

struct _MerDataset
{
  gatomicrefcount refs;
  char *name;
  char *note;
  MerDataset *whole; /* of which this is a part, and which owns the entries */
  GPtrArray *entries;
};

G_DEFINE_BOXED_TYPE (MerDataset, mer_dataset, mer_dataset_ref, mer_dataset_unref)

MerDatasetEntry *
mer_dataset_entry_new (const char *id)
{
  MerDatasetEntry *entry = g_new0 (MerDatasetEntry, 1);

  entry->id = g_strdup (id);
  return entry;
}

void
mer_dataset_entry_free (MerDatasetEntry *entry)
{
  g_free (entry->id);
  g_free (entry->group);
  g_free (entry->split);
  g_free (entry->subtitle);
  g_clear_pointer (&entry->clip, mer_clip_unref);
  g_clear_pointer (&entry->truth, mer_truth_unref);
  g_free (entry);
}

MerDataset *
mer_dataset_new (const char *name)
{
  MerDataset *self = g_new0 (MerDataset, 1);

  g_atomic_ref_count_init (&self->refs);
  self->name = g_strdup (name);
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_dataset_entry_free);
  return self;
}

MerDataset *
mer_dataset_ref (MerDataset *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_dataset_unref (MerDataset *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->name);
  g_free (self->note);
  g_ptr_array_unref (self->entries);
  g_clear_pointer (&self->whole, mer_dataset_unref);
  g_free (self);
}

void
mer_dataset_take_entry (MerDataset *self, MerDatasetEntry *entry)
{
  g_ptr_array_add (self->entries, entry);
}

static int
compare_paths (const void *a, const void *b)
{
  const MerDatasetEntry *const *x = a, *const *y = b;

  return strcmp (mer_clip_get_video ((*x)->clip), mer_clip_get_video ((*y)->clip));
}

/* bytewise, the entries after the first @from, which all have a video path */
void
mer_dataset_sort_by_path (MerDataset *self, guint from)
{
  if (from < self->entries->len)
    qsort (self->entries->pdata + from, self->entries->len - from, sizeof (gpointer),
           compare_paths);
}

MerDatasetEntry *
mer_dataset_get_entry (MerDataset *self, guint index)
{
  return g_ptr_array_index (self->entries, index);
}

void
mer_dataset_take_note (MerDataset *self, char *note)
{
  g_free (self->note);
  self->note = note;
}

/**
 * mer_dataset_open:
 * @name: a dataset's name or path, as [func@lookup_file] reads it
 * @relative_to: (nullable): the file that names it
 * @root: (nullable): the folder that holds tables and clips, instead of the file's own
 *   `root`
 * @error: return location for an error that names file, line and JSON pointer, or the
 *   table's line
 *
 * Reads a `mer-dataset/1` file with all its tables.
 *
 * Returns: (transfer full) (nullable): the dataset
 */
MerDataset *
mer_dataset_open (const char *name, const char *relative_to, const char *root,
                  GError **error)
{
  static const char *const extensions[] = { ".json", NULL };
  g_autofree char *path
      = mer_lookup_file ("datasets", name, extensions, relative_to, error);

  return path != NULL ? mer_dataset_load (path, root, error) : NULL;
}

const char *
mer_dataset_get_name (MerDataset *self)
{
  return self->name;
}

guint
mer_dataset_get_n_samples (MerDataset *self)
{
  return self->entries->len;
}

const char *
mer_dataset_get_id (MerDataset *self, guint index)
{
  return mer_dataset_get_entry (self, index)->id;
}

/**
 * mer_dataset_get_note:
 * @self: a dataset
 *
 * Returns: (nullable): something odd that the person should know, not an error
 */
const char *
mer_dataset_get_note (MerDataset *self)
{
  return self->note;
}

/**
 * mer_dataset_make_sample:
 * @self: a dataset
 * @index: which sample; its sequence number too
 *
 * Returns: (transfer full): the sample, without media
 */
MerSample *
mer_dataset_make_sample (MerDataset *self, guint index)
{
  const MerDatasetEntry *entry = mer_dataset_get_entry (self, index);
  MerSample *sample = mer_sample_new (entry->id, index);

  mer_sample_set_group (sample, entry->group);
  mer_sample_set_split (sample, entry->split);
  mer_sample_set_subtitle (sample, entry->subtitle);
  if (entry->truth != NULL)
    mer_sample_set_truth (sample, entry->truth);
  if (entry->clip != NULL)
    mer_sample_set_clip (sample, entry->clip);
  return sample;
}

guint
mer_dataset_count_truths (MerDataset *self)
{
  guint count = 0;

  for (guint i = 0; i < self->entries->len; i++)
    count += mer_dataset_get_entry (self, i)->truth != NULL;
  return count;
}

/**
 * mer_dataset_has_truth_kind:
 * @self: a dataset
 * @kind: a kind of truth
 *
 * Returns: whether any sample has such a truth
 */
gboolean
mer_dataset_has_truth_kind (MerDataset *self, MerTruthKind kind)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      MerTruth *truth = mer_dataset_get_entry (self, i)->truth;

      if (truth != NULL && mer_truth_get_kind (truth) == kind)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_there (const char *path)
{
  return path != NULL && g_file_test (path, G_FILE_TEST_EXISTS);
}

/**
 * mer_dataset_count_clips:
 * @self: a dataset
 * @first_missing: (out) (optional) (nullable) (transfer none): a file that is not there
 *
 * Returns: how many samples have a video or audio file that exists
 */
guint
mer_dataset_count_clips (MerDataset *self, const char **first_missing)
{
  const char *missing = NULL;
  guint count = 0;

  for (guint i = 0; i < self->entries->len; i++)
    {
      MerClip *clip = mer_dataset_get_entry (self, i)->clip;
      const char *video = clip != NULL ? mer_clip_get_video (clip) : NULL;
      const char *audio = clip != NULL ? mer_clip_get_audio (clip) : NULL;

      if (is_there (video) || is_there (audio))
        count++;
      else if (missing == NULL)
        missing = video != NULL ? video : audio;
    }
  if (first_missing != NULL)
    *first_missing = missing;
  return count;
}

static char **
list_splits (MerDataset *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->entries->len; i++)
    {
      char *split = mer_dataset_get_entry (self, i)->split;

      if (split != NULL && g_hash_table_add (seen, split))
        g_strv_builder_add (builder, split);
    }
  return g_strv_builder_end (builder);
}

static gboolean
narrow_to_split (MerDataset *self, const char *split, GError **error)
{
  g_auto (GStrv) splits = list_splits (self);
  g_autofree char *all = g_strjoinv (", ", splits);

  if (!g_strv_contains ((const char *const *) splits, split))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_NOT_FOUND,
                   "dataset “%s” has no split “%s”; %s%s", self->name, split,
                   splits[0] != NULL ? "there are: " : "its samples have none", all);
      return FALSE;
    }

  g_autoptr (GPtrArray) before = g_steal_pointer (&self->entries);
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_dataset_entry_free);
  g_ptr_array_set_free_func (before, NULL);
  for (guint i = 0; i < before->len; i++)
    if (g_strcmp0 (((MerDatasetEntry *) before->pdata[i])->split, split) == 0)
      g_ptr_array_add (self->entries, before->pdata[i]);
    else
      mer_dataset_entry_free (before->pdata[i]);
  return TRUE;
}

/**
 * mer_dataset_narrow:
 * @self: a dataset that nothing else uses yet
 * @split: (nullable): keep the samples of this split
 * @limit: keep the first so many; 0: all
 * @error: return location for an error
 *
 * Returns: whether there is such a split
 */
gboolean
mer_dataset_narrow (MerDataset *self, const char *split, guint64 limit, GError **error)
{
  if (split != NULL && *split != '\0' && !narrow_to_split (self, split, error))
    return FALSE;
  if (limit > 0 && limit < self->entries->len)
    g_ptr_array_remove_range (self->entries, (guint) limit,
                              self->entries->len - (guint) limit);
  return TRUE;
}

/**
 * mer_dataset_dup_spread:
 * @self: a dataset that is not changed any more
 * @n: how many samples
 *
 * Returns: (transfer full): a dataset of @n of its samples, evenly spread over all; of all
 *   where there are no more
 */
MerDataset *
mer_dataset_dup_spread (MerDataset *self, guint n)
{
  MerDataset *part = mer_dataset_new (self->name);
  guint all = self->entries->len;

  n = MIN (n, all);
  part->whole = mer_dataset_ref (self);
  g_ptr_array_unref (part->entries);
  part->entries = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (part->entries,
                     self->entries->pdata[(guint64) (2 * i + 1) * all / (2 * n)]);
  return part;
}

MerTruth *
mer_dataset_parse_truth (MerTruthKind kind, const char *cell, GError **error)
{
  g_autofree char *text = g_strstrip (g_strdup (cell != NULL ? cell : ""));

  if (*text == '\0')
    return NULL;
  if (kind == MER_TRUTH_LABELS)
    {
      g_autoptr (MerLabels) labels = mer_labels_new_parsed (text);

      return mer_truth_new_labels (labels);
    }
  if (kind == MER_TRUTH_CLASS)
    return mer_truth_new_class (text);
  if (kind == MER_TRUTH_PREFERENCE)
    return mer_truth_new_preference (text);

  char *end = NULL;
  double value = g_ascii_strtod (text, &end);

  if (*end != '\0' || !(value >= -G_MAXDOUBLE && value <= G_MAXDOUBLE))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE, "“%s” is not a number", text);
      return NULL;
    }
  return mer_truth_new_value (value);
}

static void
add_text (JsonArray *row, const char *text)
{
  if (text != NULL)
    json_array_add_string_element (row, text);
  else
    json_array_add_null_element (row);
}

/* where a sample's media lies, without the folders above, so that a moved set is the same
 */
static void
add_base_name (JsonArray *row, const char *path)
{
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;
  g_autofree char *valid = name != NULL ? g_utf8_make_valid (name, -1) : NULL;

  add_text (row, valid);
}

/**
 * mer_dataset_to_json:
 * @self: a dataset
 *
 * Returns: (transfer full): what a run's identity holds of it: its name, how many samples,
 *   and the sha256 over all that is known of them (clips by file name, not by content)
 */
JsonNode *
mer_dataset_to_json (MerDataset *self)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const MerDatasetEntry *entry = mer_dataset_get_entry (self, i);
      g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
      JsonArray *row = json_array_new ();

      json_node_take_array (node, row);
      add_text (row, entry->id);
      add_text (row, entry->group);
      add_text (row, entry->split);
      add_text (row, entry->subtitle);
      json_array_add_element (row, entry->truth != NULL ? mer_truth_to_json (entry->truth)
                                                        : json_node_new (JSON_NODE_NULL));
      add_base_name (row, entry->clip != NULL ? mer_clip_get_video (entry->clip) : NULL);
      add_base_name (row, entry->clip != NULL ? mer_clip_get_audio (entry->clip) : NULL);
      add_base_name (row, entry->clip != NULL ? mer_clip_get_subtitle (entry->clip) : NULL);

      g_autofree char *text = mer_json_canonical (node);

      g_checksum_update (sum, (const guchar *) text, -1);
      g_checksum_update (sum, (const guchar *) "\n", 1);
    }

  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  json_object_set_string_member (object, "name", self->name);
  json_object_set_int_member (object, "samples", self->entries->len);
  json_object_set_string_member (object, "sha256", g_checksum_get_string (sum));
  return node;
}
