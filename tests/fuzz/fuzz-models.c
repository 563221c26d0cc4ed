/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files of models: whatever stands in one, each of its entries is whole or an error */
#include <stdint.h>

#include <mer.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *
file_of (const uint8_t *data, size_t size)
{
  static char *path = NULL;

  if (path == NULL)
    {
      g_autofree char *folder = g_dir_make_tmp ("mer-fuzz-models-XXXXXX", NULL);

      path = g_build_filename (folder, "models.json", NULL);
    }
  g_assert_true (g_file_set_contents (path, (const char *) data, (gssize) size, NULL));
  return path;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerModels) models = mer_models_open (file_of (data, size), NULL, &error);
  g_auto (GStrv) names = NULL;

  g_assert_true ((models == NULL) == (error != NULL));
  if (models == NULL)
    return 0;
  names = mer_models_dup_own_names (models);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GError) problem = NULL;
      g_autofree char *start = mer_models_dup_start (models, names[i]);
      g_autoptr (JsonNode) identity = mer_models_get_identity (models, names[i]);
      JsonNode *entry = mer_models_get_entry (models, names[i], &problem);

      g_assert_true ((entry == NULL) == (problem != NULL));
      g_assert_true (entry != NULL || start == NULL);
      if (entry != NULL)
        mer_models_get_origin (models, names[i], "/properties/uri");
    }
  return 0;
}
