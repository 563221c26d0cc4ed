/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* puts a streamed chat completion together */
#include "mer-openai-reply.h"

/* more than anybody asks for; an index beyond is an invention */
#define MAX_CHOICES 8

typedef struct
{
  GString *content;
  GString *transcript;
  GString *reasoning;
  GString *refusal;
  JsonArray *logprobs;
  char *finish;
} Choice;

typedef struct
{
  Choice choices[MAX_CHOICES];
  guint n_choices;
  JsonNode *usage;
  JsonNode *last;
  JsonNode *failure;
  gboolean done;
} Gathered;

static void
append (GString **to, const char *text)
{
  if (text == NULL || *text == '\0')
    return;
  if (*to == NULL)
    *to = g_string_new (NULL);
  g_string_append (*to, text);
}

static void
take_logprobs (Choice *self, JsonNode *choice)
{
  JsonNode *content = mer_json_node_path (choice, "logprobs", "content", NULL);
  JsonArray *tokens = content != NULL && JSON_NODE_HOLDS_ARRAY (content)
                          ? json_node_get_array (content)
                          : NULL;

  if (tokens == NULL)
    return;
  if (self->logprobs == NULL)
    self->logprobs = json_array_new ();
  for (guint i = 0; i < json_array_get_length (tokens); i++)
    json_array_add_element (self->logprobs,
                            json_node_copy (json_array_get_element (tokens, i)));
}

static void
take_delta (Choice *self, JsonNode *choice)
{
  JsonNode *delta = mer_json_node_member (choice, "delta");
  JsonNode *audio = mer_json_node_member (delta, "audio");
  const char *finish = mer_json_node_string (choice, "finish_reason");
  g_autofree char *content = mer_openai_dup_content (delta);
  g_autofree char *reasoning = mer_openai_dup_reasoning (delta);

  append (&self->content, content);
  append (&self->reasoning, reasoning);
  append (&self->transcript, mer_json_node_string (audio, "transcript"));
  append (&self->refusal, mer_json_node_string (delta, "refusal"));
  take_logprobs (self, choice);
  if (finish == NULL)
    return;
  g_free (self->finish);
  self->finish = g_strdup (finish);
}

static void
take_choices (Gathered *self, JsonNode *root)
{
  JsonNode *choices = mer_json_node_member (root, "choices");
  JsonArray *array = choices != NULL && JSON_NODE_HOLDS_ARRAY (choices)
                         ? json_node_get_array (choices)
                         : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *choice = json_array_get_element (array, i);
      gint64 index = MAX (0, mer_json_node_count (choice, "index"));

      /* the accident of a server behind the server */
      if (mer_json_node_member (choice, "error") != NULL && self->failure == NULL)
        self->failure = json_node_ref (choice);
      if (index >= MAX_CHOICES)
        continue;
      self->n_choices = MAX (self->n_choices, (guint) index + 1);
      take_delta (&self->choices[index], choice);
    }
}

static void
on_event (const char *event, const char *data, gsize length, gpointer user_data)
{
  Gathered *self = user_data;

  if (g_str_has_prefix (data, "[DONE]"))
    {
      self->done = TRUE;
      return;
    }

  g_autoptr (JsonNode) root = mer_reply_parse_text (data, length, NULL);
  JsonNode *usage = mer_json_node_member (root, "usage");
  if (root == NULL)
    return;
  if (mer_json_node_member (root, "error") != NULL && self->failure == NULL)
    self->failure = json_node_ref (root);
  take_choices (self, root);
  if (usage != NULL)
    {
      g_clear_pointer (&self->usage, json_node_unref);
      self->usage = json_node_ref (usage);
    }
  g_clear_pointer (&self->last, json_node_unref);
  self->last = g_steal_pointer (&root);
}

static void
choice_clear (Choice *self)
{
  GString **texts[]
      = { &self->content, &self->transcript, &self->reasoning, &self->refusal };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (*texts[i] != NULL)
      g_string_free (*texts[i], TRUE);
  g_clear_pointer (&self->logprobs, json_array_unref);
  g_free (self->finish);
}

static void
gathered_clear (Gathered *self)
{
  for (guint i = 0; i < MAX_CHOICES; i++)
    choice_clear (&self->choices[i]);
  g_clear_pointer (&self->usage, json_node_unref);
  g_clear_pointer (&self->last, json_node_unref);
  g_clear_pointer (&self->failure, json_node_unref);
}

static void
set_text (JsonObject *object, const char *name, const GString *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text->str);
}

static JsonObject *
choice_to_object (Choice *self)
{
  JsonObject *choice = json_object_new ();
  JsonObject *message = json_object_new ();

  json_object_set_string_member (message, "content",
                                 self->content != NULL ? self->content->str : "");
  set_text (message, "reasoning_content", self->reasoning);
  set_text (message, "refusal", self->refusal);
  if (self->transcript != NULL)
    {
      JsonObject *audio = json_object_new ();

      set_text (audio, "transcript", self->transcript);
      json_object_set_object_member (message, "audio", audio);
    }
  json_object_set_object_member (choice, "message", message);
  if (self->finish != NULL)
    json_object_set_string_member (choice, "finish_reason", self->finish);
  if (self->logprobs != NULL)
    {
      JsonObject *logprobs = json_object_new ();

      json_object_set_array_member (logprobs, "content", json_array_ref (self->logprobs));
      json_object_set_object_member (choice, "logprobs", logprobs);
    }
  return choice;
}

/* the same document that the server would have sent in one piece */
static JsonNode *
gathered_to_reply (Gathered *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  JsonArray *choices = json_array_new ();

  mer_answer_add_data (root, "id", self->last, "id");
  mer_answer_add_data (root, "model", self->last, "model");
  mer_answer_add_data (root, "provider", self->last, "provider");
  mer_answer_add_data (root, "system_fingerprint", self->last, "system_fingerprint");
  for (guint i = 0; i < MAX (1, self->n_choices); i++)
    json_array_add_object_element (choices, choice_to_object (&self->choices[i]));
  json_object_set_array_member (root, "choices", choices);
  if (self->usage != NULL)
    json_object_set_member (root, "usage", json_node_copy (self->usage));
  json_node_take_object (node, root);
  return node;
}

static gboolean
is_whole (const Gathered *self)
{
  gboolean finished = FALSE;

  for (guint i = 0; i < self->n_choices; i++)
    finished |= self->choices[i].finish != NULL;
  return self->done || finished;
}

/**
 * mer_openai_decode_stream:
 * @reply: a reply of server-sent events
 * @error: place for an error
 *
 * Puts a streamed answer together. Whether it is whole is told by `[DONE]` or a
 * `finish_reason` alone: libsoup reports no truncation of chunked bodies before 3.6.5.
 *
 * Returns: (transfer full) (nullable): the answer as one document; the error event where
 *   there was one
 */
JsonNode *
mer_openai_decode_stream (MerReply *reply, GError **error)
{
  Gathered gathered = { 0 };
  JsonNode *root = NULL;

  if (mer_stream_split (MER_STREAM_SSE, reply->body, on_event, &gathered, error))
    {
      if (gathered.failure != NULL)
        root = json_node_ref (gathered.failure);
      else if (!is_whole (&gathered))
        g_set_error (error, MER_ERROR, MER_ERROR_API,
                     "the stream broke off before the answer was whole");
      else
        root = gathered_to_reply (&gathered);
    }
  gathered_clear (&gathered);
  return root != NULL ? mer_openai_check_choices (root, error) : NULL;
}
