/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what may stand in a file of models */
#include "config/mer-models-private.h"

#include "config/mer-lookup.h"
#include "config/mer-prices.h"

#include <glib/gstdio.h>
#include <string.h>

typedef gboolean (*Check) (const MerModelsFile *self, const char *place, GError **error);

static const char *const modalities[] = { "audio", "video", "text", NULL };
static const char *const groups[]
    = { "server", "general", "modality-specialised", "reasoning-enhanced", NULL };
static const char *const thinking[] = { "none", "always", "switchable", "hidden", NULL };
static const char *const limits[] = { "frames",
                                      "audio-seconds",
                                      "payload",
                                      "context",
                                      "max-in-flight",
                                      "endpoint-limit",
                                      "deadline",
                                      "timeout",
                                      "patience",
                                      "requests-per-minute",
                                      "tokens-per-minute",
                                      "cost-per-minute",
                                      "max-cost",
                                      NULL };

/* what people paste: keys of OpenAI, Anthropic, OpenRouter and their like, of Google and of
 * Hugging Face */
static const char *const key_beginnings[] = { "sk-", "AIza", "hf_", "Bearer ", NULL };
#define SHORTEST_KEY 20

/* a person writes less; more would only take time, since each entry is looked through */
#define MAX_BYTES (1024 * 1024)
#define MAX_MODELS 1000u

/**
 * mer_models_file_place:
 * @model: an entry's name
 * @member: (nullable): one of its members
 *
 * Returns: (transfer full): the JSON pointer
 */
char *
mer_models_file_place (const char *model, const char *member)
{
  g_autofree char *entry = mer_json_pointer ("/models", model);

  return member != NULL ? mer_json_pointer (entry, member) : g_steal_pointer (&entry);
}

static gboolean
refuse (const MerModelsFile *self, const char *place, GError **error, const char *what)
{
  mer_json_set_error (self->json, place, error, MER_ERROR_INVALID_FILE, "%s", what);
  return FALSE;
}

static gboolean
check_string (const MerModelsFile *self, const char *place, GError **error)
{
  const char *text = NULL;

  return mer_json_get_optional_string (self->json, place, &text, error);
}

static gboolean
check_strings (const MerModelsFile *self, const char *place, GError **error)
{
  g_auto (GStrv) texts = NULL;
  JsonNode *node = mer_json_lookup (self->json, place);

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    return mer_json_get_strings (self->json, place, &texts, error);
  return check_string (self, place, error);
}

static gboolean
check_name (const MerModelsFile *self, const char *place, const char *const *known,
            const char *name, GError **error)
{
  g_autofree char *all = NULL;
  g_autofree char *what = NULL;

  if (g_strv_contains (known, name))
    return TRUE;
  all = g_strjoinv (", ", (char **) known);
  what = g_strdup_printf ("“%s” cannot stand here; there are %s", name, all);
  return refuse (self, place, error, what);
}

static gboolean
check_one_of (const MerModelsFile *self, const char *place, const char *const *known,
              GError **error)
{
  const char *text = NULL;

  return mer_json_get_optional_string (self->json, place, &text, error)
         && (text == NULL || check_name (self, place, known, text, error));
}

static gboolean
check_group (const MerModelsFile *self, const char *place, GError **error)
{
  return check_one_of (self, place, groups, error);
}

static gboolean
check_thinking (const MerModelsFile *self, const char *place, GError **error)
{
  return check_one_of (self, place, thinking, error);
}

/* 2026-08 or 2026-08-21 */
static gboolean
check_date (const MerModelsFile *self, const char *place, GError **error)
{
  const char *text = NULL;

  if (!mer_json_get_optional_string (self->json, place, &text, error))
    return FALSE;
  if (text == NULL
      || g_regex_match_simple ("^20[0-9]{2}-(0[1-9]|1[0-2])(-[0-3][0-9])?$", text,
                               G_REGEX_DOLLAR_ENDONLY, 0))
    return TRUE;
  return refuse (self, place, error,
                 "a date such as 2026-08 or 2026-08-21 must stand here");
}

static gboolean
check_backend (const MerModelsFile *self, const char *place, GError **error)
{
  g_autofree char *what = NULL;
  const char *backend = NULL;

  if (!mer_json_get_optional_string (self->json, place, &backend, error))
    return FALSE;
  if (backend == NULL
      || (g_str_has_prefix (backend, "mer") && !g_str_equal (backend, "mermodel")))
    return TRUE;
  what = g_strdup_printf (
      "“%s” cannot ask a model; it must be an element such as meropenai", backend);
  return refuse (self, place, error, what);
}

static gboolean
check_modalities (const MerModelsFile *self, const char *place, GError **error)
{
  g_auto (GStrv) names = NULL;

  if (!mer_json_has (self->json, place))
    return TRUE;
  if (!mer_json_get_strings (self->json, place, &names, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!check_name (self, place, modalities, names[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
check_numbers (const MerModelsFile *self, const char *place, const char *const *names,
               double maximum, GError **error)
{
  if (!mer_json_has (self->json, place))
    return TRUE;
  if (!mer_json_check_members (self->json, place, names, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *one = mer_json_pointer (place, names[i]);
      double number = 0;

      if (mer_json_has (self->json, one)
          && !mer_json_get_number (self->json, one, 0, maximum, &number, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_limits (const MerModelsFile *self, const char *place, GError **error)
{
  return check_numbers (self, place, limits, 1e10, error);
}

static gboolean
check_prices (const MerModelsFile *self, const char *place, GError **error)
{
  g_autoptr (MerPrices) prices = mer_prices_new_from_json (self->json, place, error);

  return prices != NULL;
}

static gboolean
is_key (const char *text)
{
  for (guint i = 0; key_beginnings[i] != NULL; i++)
    if (g_str_has_prefix (text, key_beginnings[i]) && strlen (text) >= SHORTEST_KEY
        && strpbrk (text, "/.") == NULL)
      return TRUE;
  return FALSE;
}

/* a file is shown, copied and committed; what is secret stays in the environment */
static gboolean
check_secret (const MerModelsFile *self, const char *place, const char *name,
              JsonNode *value, GError **error)
{
  static const char *const not_here[] = { "api-key", "key", "token", "password", NULL };
  const gboolean is_text = value != NULL && JSON_NODE_HOLDS_VALUE (value)
                           && json_node_get_value_type (value) == G_TYPE_STRING;
  const char *text = is_text ? json_node_get_string (value) : "";

  if (g_str_equal (name, "api-key-env") && self->found && *text != '\0')
    return refuse (self, place, error,
                   "a file that merely lies in the working folder does not say where keys "
                   "go: name it with --models, or put the entry into your own file");
  if (g_str_equal (name, "api-key-env"))
    return *text == '\0'
           || g_regex_match_simple ("^[A-Za-z_][A-Za-z0-9_]*_(API_KEY|TOKEN)$", text,
                                    G_REGEX_DOLLAR_ENDONLY, 0)
           || refuse (self, place, error,
                      "the name of an environment variable must stand here, *_API_KEY or "
                      "*_TOKEN; a key itself never stands in a file");
  if (g_strv_contains (not_here, name) || is_key (text))
    return refuse (self, place, error,
                   "a key never stands in a file: put it into an environment variable and "
                   "name that with api-key-env");
  if (g_str_equal (name, "uri") && strchr (text, '@') != NULL)
    return refuse (self, place, error,
                   "an address without a password must stand here; keys are named with "
                   "api-key-env");
  return TRUE;
}

static gboolean
check_properties (const MerModelsFile *self, const char *place, GError **error)
{
  JsonNode *node = mer_json_lookup (self->json, place);
  g_autoptr (GList) names = NULL;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse (self, place, error, "an object must stand here");
  names = json_object_get_members (json_node_get_object (node));
  for (GList *name = names; name != NULL; name = name->next)
    {
      g_autofree char *one = mer_json_pointer (place, name->data);

      if (!check_secret (self, one, name->data,
                         json_object_get_member (json_node_get_object (node), name->data),
                         error))
        return FALSE;
    }
  return TRUE;
}

static const struct
{
  const char *member;
  Check check;
} members[] = {
  { "summary", check_string },
  { "extends", check_string },
  { "backend", check_backend },
  { "properties", check_properties },
  { "modalities", check_modalities },
  { "limits", check_limits },
  { "prices", check_prices },
  { "group", check_group },
  { "thinking", check_thinking },
  { "thinking-by", check_string },
  { "licence", check_string },
  { "source", check_strings },
  { "as-of", check_date },
  { "start", check_string },
  { "tested", check_string },
  { "notes", check_strings },
};

/**
 * mer_models_file_check_entry:
 * @self: a file
 * @model: one of its entries
 * @error: return location for an error that names the place
 *
 * Returns: whether all that stands in the entry may stand there
 */
gboolean
mer_models_file_check_entry (const MerModelsFile *self, const char *model, GError **error)
{
  const char *names[G_N_ELEMENTS (members) + 1] = { NULL };
  g_autofree char *place = mer_models_file_place (model, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    names[i] = members[i].member;
  if (!mer_json_check_members (self->json, place, names, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autofree char *one = mer_json_pointer (place, members[i].member);

      if (!members[i].check (self, one, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_entries (const MerModelsFile *self, gboolean all, GError **error)
{
  JsonNode *node = mer_json_lookup (self->json, "/models");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GList) names = NULL;
  g_auto (GStrv) known = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (self, "/models", error, "an object of models by name must stand here");
  names = json_object_get_members (json_node_get_object (node));
  for (GList *name = names; name != NULL; name = name->next)
    g_strv_builder_add (builder, name->data);
  known = g_strv_builder_end (builder);
  if (g_strv_length (known) > MAX_MODELS)
    return refuse (self, "/models", error,
                   "there are more than 1000 models; use several files");
  /* for what stands twice; any name is a good one */
  if (!mer_json_check_members (self->json, "/models", (const char *const *) known, error))
    return FALSE;
  for (guint i = 0; all && known[i] != NULL; i++)
    if (!mer_models_file_check_entry (self, known[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
is_trusted (const char *path)
{
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "gst-mer", "", NULL);
  g_autofree char *shipped = g_build_filename (mer_lookup_get_own_folder (), "", NULL);
  g_autofree char *full = g_canonicalize_filename (path, NULL);

  return g_str_has_prefix (full, own) || g_str_has_prefix (full, shipped);
}

static gboolean
check_size (const char *path, GError **error)
{
  GStatBuf about;

  if (g_stat (path, &about) != 0 || about.st_size <= MAX_BYTES)
    return TRUE;
  g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
               "%s: a file of models has up to 1 MiB; use several", path);
  return FALSE;
}

/**
 * mer_models_file_open:
 * @path: a `mer-models/1` file
 * @shipped: whether it came with the program: then an entry is checked when it is asked for
 * @found: whether nobody named it: it lies in the working folder
 * @error: return location for an error that names file, line and JSON pointer
 *
 * Returns: (transfer full) (nullable): the file
 */
MerModelsFile *
mer_models_file_open (const char *path, gboolean shipped, gboolean found, GError **error)
{
  static const char *const top[] = { "format", "summary", "models", NULL };
  g_autoptr (MerModelsFile) self = g_new0 (MerModelsFile, 1);
  const char *ignored = NULL;

  self->path = g_strdup (path);
  self->trusted = is_trusted (path);
  self->found = found && !self->trusted;
  self->checked = !shipped;
  self->json = check_size (path, error) ? mer_json_load (path, error) : NULL;
  if (self->json == NULL || !mer_json_check_format (self->json, MER_MODELS_FORMAT, error)
      || !mer_json_check_members (self->json, "", top, error)
      || !mer_json_get_optional_string (self->json, "/summary", &ignored, error)
      || !check_entries (self, self->checked, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
mer_models_file_free (MerModelsFile *self)
{
  g_clear_pointer (&self->json, mer_json_unref);
  g_free (self->path);
  g_free (self);
}
