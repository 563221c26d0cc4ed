/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a model sees and hears: asked once, before the first call that shows it media. A
 * model that does not ignores what it is shown, in some versions without a word. */
#include "mer-ollama.h"

/* what the server says about a model: templates and licences among it */
static void
read_capabilities (MerOllamaAbility *ability, MerReply *reply)
{
  g_autoptr (JsonNode) root = mer_reply_parse_json (reply, NULL);
  JsonNode *list = mer_json_node_member (root, "capabilities");
  JsonArray *array
      = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;

  /* older servers do not tell */
  ability->known = array != NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *entry = json_array_get_element (array, i);
      const char *name = json_node_get_value_type (entry) == G_TYPE_STRING
                             ? json_node_get_string (entry)
                             : NULL;

      ability->sees |= g_strcmp0 (name, "vision") == 0;
      ability->hears |= g_strcmp0 (name, "audio") == 0;
    }
}

/* takes the task */
static void
decide (GTask *task, MerOllamaAbility *ability)
{
  MerBackend *backend = g_task_get_source_object (task);
  MerModality shown = GPOINTER_TO_UINT (g_task_get_task_data (task));
  MerModality lacking = MER_MODALITY_NONE;

  if (ability->known && !ability->sees)
    lacking |= shown & MER_MODALITY_VIDEO;
  if (ability->known && !ability->hears)
    lacking |= shown & MER_MODALITY_AUDIO;
  if (lacking == MER_MODALITY_NONE)
    g_task_return_boolean (task, TRUE);
  else
    {
      g_autofree char *names = mer_modality_to_string (lacking);

      g_task_return_new_error (
          task, MER_ERROR, MER_ERROR_UNSUPPORTED,
          "%s takes no %s, as the server tells; set modalities to what "
          "it takes, or check-model=false to try",
          mer_backend_get_model (backend), names);
    }
  g_object_unref (task);
}

static void
on_shown (GObject *object, GAsyncResult *result, gpointer data)
{
  MerOllamaAbility *ability = data;
  g_autoptr (MerBackend) backend = g_object_ref (MER_BACKEND (object));
  g_autoptr (GError) error = NULL;
  g_autoptr (MerReply) reply = mer_errand_run_finish (backend, result, &error);
  GTask *task;

  ability->asking = FALSE;
  /* what stands before the server may not know the question; the call itself will tell */
  ability->asked = !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (reply != NULL)
    read_capabilities (ability, reply);
  while ((task = g_queue_pop_head (&ability->waiting)) != NULL)
    decide (task, ability);
}

static MerPayload *
build_question (MerBackend *backend)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  MerPayload *payload;

  json_object_set_string_member (root, "model", mer_backend_get_model (backend));
  json_node_take_object (node, root);
  payload = mer_payload_new (node);
  mer_payload_fill (payload, NULL, NULL, NULL);
  return payload;
}

/**
 * mer_ollama_check_async:
 * @backend: a backend that is open
 * @ability: what is known; belongs to @backend
 * @shown: what the stage shows of a sample
 * @cancellable: (nullable): stops it
 * @callback: (scope async): called in the I/O thread
 * @user_data: for @callback
 *
 * Finds out whether the model takes @shown.
 */
void
mer_ollama_check_async (MerBackend *backend, MerOllamaAbility *ability, MerModality shown,
                        GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (backend, cancellable, callback, user_data);
  g_autoptr (MerPayload) payload = NULL;

  g_task_set_task_data (task, GUINT_TO_POINTER (shown), NULL);
  if (ability->asked || (shown & (MER_MODALITY_AUDIO | MER_MODALITY_VIDEO)) == 0)
    {
      decide (task, ability);
      return;
    }
  g_queue_push_tail (&ability->waiting, task);
  if (ability->asking)
    return;
  ability->asking = TRUE;
  payload = build_question (backend);
  mer_errand_run_async (backend, &(MerErrand){ .path = "api/show", .payload = payload },
                        cancellable, on_shown, ability);
}

/**
 * mer_ollama_check_finish:
 * @result: what the callback got
 * @error: place for an error
 *
 * Returns: whether the model takes what it is to be shown, as far as is known
 */
gboolean
mer_ollama_check_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
