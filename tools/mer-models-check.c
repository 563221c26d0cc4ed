/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-models-check.h"

#include <gst/gst.h>

#include "config/mer-models.h"
#include "net/mer-key.h"

/* the key itself need not be there: it may be another machine's */
static gboolean
check_key_name (GstElement *backend, GError **error)
{
  g_autofree char *variable = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (backend), "api-key-env") == NULL)
    return TRUE;
  g_object_get (backend, "api-key-env", &variable, NULL);
  return variable == NULL || *variable == '\0' || mer_key_check_name (variable, error);
}

static gboolean
check_model (MerModels *models, const char *path, const char *name, GError **error)
{
  g_autoptr (GstElement) backend = mer_models_make_backend (models, name, NULL, error);

  if (backend == NULL)
    return FALSE;
  gst_object_ref_sink (backend);
  if (check_key_name (backend, error))
    return TRUE;
  g_prefix_error (error, "%s: model “%s”: ", path, name);
  return FALSE;
}

/**
 * mer_models_check_file:
 * @path: a file of models
 * @n_models: (out): how many stand in it
 * @error: return location for an error that names the place
 *
 * Returns: whether the file can be read and the element of each of its entries be made
 */
gboolean
mer_models_check_file (const char *path, guint *n_models, GError **error)
{
  g_autofree char *full = g_canonicalize_filename (path, NULL);
  g_autoptr (MerModels) models = mer_models_open (full, NULL, error);
  g_auto (GStrv) names = models != NULL ? mer_models_dup_own_names (models) : NULL;

  if (models == NULL)
    return FALSE;
  *n_models = g_strv_length (names);
  for (guint i = 0; names[i] != NULL; i++)
    if (!check_model (models, path, names[i], error))
      return FALSE;
  return TRUE;
}
