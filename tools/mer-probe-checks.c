/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* what a probe looks at, one after the other */
#include "mer-probe-private.h"

#include <math.h>
#include <string.h>

#include "tables/mer-json.h"

#define DEFAULT_IMAGES 16u
#define SOME_PICTURES 4u
/* a picture or a second of sound of which fewer tokens are read was most likely left out */
#define FEW_TOKENS 4
/* for the estimate: a prompt, a picture of 64 pixels, an answer */
#define PROMPT_TOKENS 250.
#define PICTURE_TOKENS 250.

static void
finding_free (gpointer data)
{
  MerProbeFinding *finding = data;

  g_free (finding->what);
  g_free (finding);
}

void
mer_probe_find (MerProbe *self, const char *check, MerProbeVerdict verdict,
                const char *format, ...)
{
  MerProbeFinding *finding = g_new0 (MerProbeFinding, 1);
  va_list args;

  va_start (args, format);
  finding->what = g_strdup_vprintf (format, args);
  va_end (args);
  finding->check = check;
  finding->verdict = verdict;
  g_ptr_array_add (self->findings, finding);
}

static MerModality
read_claims (JsonNode *entry)
{
  static const struct
  {
    const char *name;
    MerModality modality;
  } names[] = { { "audio", MER_MODALITY_AUDIO },
                { "video", MER_MODALITY_VIDEO },
                { "text", MER_MODALITY_TEXT } };
  JsonNode *list = mer_json_node_member (entry, "modalities");
  g_autofree char *text = list != NULL ? mer_json_canonical (list) : NULL;
  MerModality claims = MER_MODALITY_NONE;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (text == NULL || strstr (text, names[i].name) != NULL)
      claims |= names[i].modality;
  return claims;
}

double
mer_probe_number (MerProbe *self, const char *member, const char *name)
{
  return mer_json_node_number (mer_json_node_member (self->entry, member), name, NAN);
}

/* what thinks first has to be given room for it */
static gboolean
thinks (MerProbe *self)
{
  const char *style = mer_json_node_string (self->entry, "thinking");

  return style != NULL && !g_str_equal (style, "none");
}

/**
 * mer_probe_new:
 * @models: models
 * @file: (nullable): the models file that they come from first
 * @model: one of them
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): a probe
 */
MerProbe *
mer_probe_new (MerModels *models, const char *file, const char *model, GError **error)
{
  JsonNode *entry = mer_models_get_entry (models, model, error);
  MerProbe *self = NULL;

  if (entry == NULL)
    return NULL;
  self = g_new0 (MerProbe, 1);
  self->models = mer_models_ref (models);
  self->file = file;
  self->model = model;
  self->entry = entry;
  self->claims = read_claims (entry);
  self->findings = g_ptr_array_new_with_free_func (finding_free);
  self->changes = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (self->changes, json_object_new ());
  self->read_tokens = -1;
  self->cost = 0;
  self->max_tokens = thinks (self) ? 0 : MER_PROBE_SHORT_ANSWER;
  return self;
}

void
mer_probe_free (MerProbe *self)
{
  mer_models_unref (self->models);
  g_ptr_array_unref (self->findings);
  json_node_unref (self->changes);
  g_free (self);
}

static guint
limit_of_images (MerProbe *self)
{
  const double limit = mer_probe_number (self, "limits", "frames");

  return MIN (isnan (limit) || limit < 1 ? DEFAULT_IMAGES : (guint) limit,
              self->max_images);
}

/**
 * mer_probe_describe_cost:
 * @self: a probe
 *
 * Returns: (transfer full): what it will take, at most
 */
char *
mer_probe_describe_cost (MerProbe *self)
{
  const guint n_images = 2 * limit_of_images (self) + 8;
  const guint n_calls = 10 + (guint) ceil (log2 (MAX (limit_of_images (self), 1)));
  const double input = n_calls * PROMPT_TOKENS + n_images * PICTURE_TOKENS;
  const double longest = mer_probe_number (self, "properties", "max-tokens");
  const double output = n_calls
                        * (self->max_tokens > 0 ? self->max_tokens
                           : isnan (longest)    ? 1024
                                                : longest / 4);
  const double cost = (input * mer_probe_number (self, "prices", "input")
                       + output * mer_probe_number (self, "prices", "output"))
                      / 1e6;

  if (isnan (cost))
    return g_strdup_printf ("up to %u calls, about %.0f tokens read and %.0f written; the "
                            "entry has no prices",
                            n_calls, input, output);
  return g_strdup_printf ("up to %u calls, about %.0f tokens read and %.0f written, $%.4f",
                          n_calls, input, output, cost);
}

MerProbeQuestion
mer_probe_question (MerProbe *self, MerModality shown, guint n_frames)
{
  return (MerProbeQuestion){
    .models = self->file,
    .model = self->model,
    .shown = shown,
    .n_frames = n_frames,
    .seed = -2,
    .temperature = -2,
    .max_tokens = self->max_tokens,
    .timeout = self->timeout,
  };
}

gint64
mer_probe_tokens_read (const MerProbeAnswer *answer)
{
  MerUsage usage = mer_result_get_usage (answer->result);

  return usage.input < 0
             ? -1
             : usage.input + MAX (usage.input_cached, 0) + MAX (usage.cache_write, 0);
}

MerProbeAnswer *
mer_probe_ask_next (MerProbe *self, const MerProbeQuestion *question)
{
  MerProbeAnswer *answer = mer_probe_ask (question);

  self->n_calls++;
  if (mer_probe_answered (answer))
    {
      self->seconds += mer_result_get_seconds (answer->result);
      self->input += MAX (mer_probe_tokens_read (answer), 0);
      self->output += MAX (mer_result_get_usage (answer->result).output, 0);
      self->cost += mer_result_get_cost (answer->result);
    }
  return answer;
}

/* the server understood and said no, unlike one that is not there or has no time */
gboolean
mer_probe_was_refused (const MerProbeAnswer *answer)
{
  return answer->unfit
         || (answer->status >= 400 && answer->status <= 500 && answer->status != 408
             && answer->status != 429)
         || (answer->result != NULL
             && mer_result_get_outcome (answer->result) == MER_OUTCOME_SKIPPED);
}

static void
change (MerProbe *self, const char *parent, const char *name, JsonNode *value)
{
  JsonObject *object = json_node_get_object (self->changes);

  if (parent == NULL)
    {
      json_object_set_member (object, name, value);
      return;
    }
  if (!json_object_has_member (object, parent))
    json_object_set_object_member (object, parent, json_object_new ());
  json_object_set_member (json_object_get_object_member (object, parent), name, value);
}

/* --- who answers --- */

static gboolean
check_key_is_there (MerProbe *self)
{
  const char *variable = mer_json_node_string (
      mer_json_node_member (self->entry, "properties"), "api-key-env");

  if (variable == NULL || *variable == '\0' || g_getenv (variable) != NULL)
    return TRUE;
  mer_probe_find (self, "key", MER_PROBE_FAILED, "the environment variable %s is not set",
                  variable);
  return FALSE;
}

static gboolean
is_named (const char *listed, const char *wanted)
{
  const char *slash = strrchr (listed, '/');

  return g_str_equal (listed, wanted) || (slash != NULL && g_str_equal (slash + 1, wanted));
}

static void
check_listed (MerProbe *self, gboolean answers)
{
  const char *wanted
      = mer_json_node_string (mer_json_node_member (self->entry, "properties"), "model");
  MerProbeQuestion question = mer_probe_question (self, self->basic, 1);
  g_autoptr (MerProbeAnswer) answer = NULL;
  const char *nearest = NULL;

  if (wanted == NULL || *wanted == '\0')
    return;
  question.options = "options,model=(string)\"\"";
  answer = mer_probe_ask_next (self, &question);
  for (guint i = 0; answer->listed != NULL && answer->listed[i] != NULL; i++)
    if (is_named (answer->listed[i], wanted))
      {
        mer_probe_find (self, "model", MER_PROBE_WELL,
                        "%s is one of %u that the server lists", wanted,
                        g_strv_length (answer->listed));
        return;
      }
  if (answer->listed == NULL || answer->listed[0] == NULL)
    {
      mer_probe_find (self, "model", answers ? MER_PROBE_WELL : MER_PROBE_FAILED,
                      "the server does not tell what it serves%s",
                      answers ? ", but answers" : "");
      return;
    }
  nearest = answer->listed[1] == NULL
                ? answer->listed[0]
                : mer_nearest_name (wanted, (const char *const *) answer->listed);
  mer_probe_find (self, "model", answers ? MER_PROBE_NOTE : MER_PROBE_WRONG,
                  "the entry says %s, the server lists %s%s%s", wanted,
                  nearest != NULL ? nearest : answer->listed[0],
                  answer->listed[1] != NULL ? ", …" : "",
                  answers ? "; it answers all the same" : "");
  if (!answers && nearest != NULL)
    {
      JsonNode *value = json_node_new (JSON_NODE_VALUE);

      json_node_set_string (value, nearest);
      change (self, "properties", "model", value);
    }
}

static void
tell_usage (MerProbe *self, const MerProbeAnswer *answer)
{
  const char *served = mer_result_get_model (answer->result);
  const MerUsage usage = mer_result_get_usage (answer->result);
  const MerOutcome outcome = mer_result_get_outcome (answer->result);

  mer_probe_find (self, "reach", MER_PROBE_WELL, "%s%s after %.2f s",
                  served != NULL ? served : "",
                  outcome == MER_OUTCOME_ANSWERED    ? " answers"
                  : outcome == MER_OUTCOME_TRUNCATED ? " answers, up to the token limit"
                                                     : " declines",
                  mer_result_get_seconds (answer->result));
  if (usage.input < 0 || usage.output < 0 || usage.estimated)
    mer_probe_find (self, "usage", MER_PROBE_NOTE,
                    "the server does not count tokens: no cost is known");
  else
    mer_probe_find (self, "usage", MER_PROBE_WELL,
                    "%" G_GINT64_FORMAT " tokens read, %" G_GINT64_FORMAT " written",
                    mer_probe_tokens_read (answer), usage.output);
}

static void
tell_unreachable (MerProbe *self, const MerProbeAnswer *answer)
{
  g_autofree char *start = mer_models_dup_start (self->models, self->model);

  mer_probe_find (self, "reach", MER_PROBE_FAILED, "%s%s%s", answer->problem,
                  start != NULL && answer->status == 0 ? "; its server is started by: "
                                                       : "",
                  start != NULL && answer->status == 0 ? start : "");
}

/* FALSE: there is nothing more to find out */
static gboolean
check_reach (MerProbe *self)
{
  const MerModality shown
      = (self->claims & MER_MODALITY_TEXT) != 0 ? MER_MODALITY_TEXT : self->claims;
  const MerProbeQuestion question = mer_probe_question (self, shown, 1);
  g_autoptr (MerProbeAnswer) answer = mer_probe_ask_next (self, &question);

  self->basic = shown;
  if (mer_probe_answered (answer))
    {
      tell_usage (self, answer);
      if (shown == MER_MODALITY_TEXT)
        self->read_tokens = mer_probe_tokens_read (answer);
      check_listed (self, TRUE);
      return TRUE;
    }
  if (answer->unfit)
    {
      mer_probe_find (self, "entry", MER_PROBE_FAILED, "%s", answer->problem);
      return FALSE;
    }
  if (answer->status == 401 || answer->status == 403
      || strstr (answer->problem, "API_KEY_INVALID") != NULL)
    mer_probe_find (self, "key", MER_PROBE_FAILED, "%s", answer->problem);
  else if (answer->status == 404)
    {
      mer_probe_find (self, "reach", MER_PROBE_FAILED, "%s", answer->problem);
      check_listed (self, FALSE);
    }
  else if (mer_probe_was_refused (answer))
    {
      mer_probe_find (self, "text", MER_PROBE_NOTE, "text alone is refused: %s",
                      answer->problem);
      self->basic = self->claims;
      return TRUE;
    }
  else
    tell_unreachable (self, answer);
  return FALSE;
}

/* --- what it takes --- */

static const char *
modality_name (MerModality modality)
{
  return modality == MER_MODALITY_VIDEO ? "video" : "audio";
}

/* a server may drop what it does not know without a word */
static gboolean
was_read (MerProbe *self, const MerProbeAnswer *answer)
{
  return self->read_tokens < 0 || mer_probe_tokens_read (answer) < 0
         || mer_probe_tokens_read (answer) >= self->read_tokens + FEW_TOKENS;
}

static void
tell_taken (MerProbe *self, MerModality modality, const MerProbeAnswer *answer)
{
  const char *name = modality_name (modality);
  const gboolean claimed = (self->claims & modality) != 0;
  const gboolean read = was_read (self, answer);

  if (claimed && read)
    mer_probe_find (self, name, MER_PROBE_WELL, "taken, after %.2f s",
                    mer_result_get_seconds (answer->result));
  else if (claimed)
    mer_probe_find (
        self, name, MER_PROBE_NOTE,
        "an answer came, but no more tokens were read than without: it may have been "
        "left out");
  else if (read && self->read_tokens >= 0)
    mer_probe_find (self, name, MER_PROBE_WRONG,
                    "the entry does not say %s, and the server takes it", name);
  else
    mer_probe_find (self, name, MER_PROBE_NOTE,
                    "the entry does not say %s; the server does not refuse it", name);
}

/* a server may want a video to be of several pictures */
static MerProbeAnswer *
ask_about (MerProbe *self, MerModality modality)
{
  const MerModality shown = modality | (self->claims & MER_MODALITY_TEXT);
  const MerProbeQuestion one = mer_probe_question (self, shown, 1);
  const MerProbeQuestion some = mer_probe_question (self, shown, SOME_PICTURES);
  MerProbeAnswer *answer = mer_probe_ask_next (self, &one);

  self->few_images = 1;
  if (modality != MER_MODALITY_VIDEO || (self->claims & modality) == 0
      || mer_probe_answered (answer) || !mer_probe_was_refused (answer))
    return answer;
  mer_probe_answer_free (answer);
  answer = mer_probe_ask_next (self, &some);
  if (mer_probe_answered (answer))
    {
      self->few_images = SOME_PICTURES;
      mer_probe_find (self, "images", MER_PROBE_NOTE,
                      "one picture is refused, %u are taken: set frames of mermedia to no "
                      "fewer",
                      SOME_PICTURES);
    }
  return answer;
}

static gboolean
check_modality (MerProbe *self, MerModality modality)
{
  const char *name = modality_name (modality);
  const gboolean claimed = (self->claims & modality) != 0;
  g_autoptr (MerProbeAnswer) answer = ask_about (self, modality);

  if (mer_probe_answered (answer))
    {
      /* what the protocol cannot carry was not shown */
      if ((mer_result_get_shown (answer->result) & modality) != 0)
        tell_taken (self, modality, answer);
      else if (claimed)
        mer_probe_find (self, name, MER_PROBE_WRONG,
                        "the entry says %s, which %s cannot carry", name,
                        mer_json_node_string (self->entry, "backend"));
      return claimed && (mer_result_get_shown (answer->result) & modality) != 0;
    }
  if (!claimed)
    return FALSE;
  if (mer_probe_was_refused (answer))
    mer_probe_find (self, name, MER_PROBE_WRONG,
                    "the entry says %s, the server refuses it: %s", name, answer->problem);
  else
    mer_probe_find (self, name, MER_PROBE_FAILED, "%s", answer->problem);
  return FALSE;
}

static void
suggest_modalities (MerProbe *self)
{
  static const MerModality all[]
      = { MER_MODALITY_AUDIO, MER_MODALITY_VIDEO, MER_MODALITY_TEXT };
  static const char *const names[] = { "audio", "video", "text" };
  JsonArray *list = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  MerModality has = self->claims;

  for (guint i = 0; i < self->findings->len; i++)
    {
      const MerProbeFinding *finding = g_ptr_array_index (self->findings, i);

      for (guint m = 0; m < G_N_ELEMENTS (all); m++)
        if (finding->verdict == MER_PROBE_WRONG && g_str_equal (finding->check, names[m]))
          has ^= all[m];
    }
  for (guint m = 0; m < G_N_ELEMENTS (all); m++)
    if ((has & all[m]) != 0)
      json_array_add_string_element (list, names[m]);
  json_node_take_array (node, list);
  if (has != self->claims)
    change (self, NULL, "modalities", node);
  else
    json_node_unref (node);
}

/* 1, 8, 16, … up to what the entry says */
static void
check_images (MerProbe *self)
{
  const guint limit = limit_of_images (self);
  guint good = self->few_images;

  for (guint n = MIN (8, limit); n > good; n = MIN (2 * n, limit))
    {
      const MerProbeQuestion question = mer_probe_question (
          self, MER_MODALITY_VIDEO | (self->claims & MER_MODALITY_TEXT), n);
      g_autoptr (MerProbeAnswer) answer = mer_probe_ask_next (self, &question);
      JsonNode *value = NULL;

      if (mer_probe_answered (answer))
        {
          good = n;
          continue;
        }
      mer_probe_find (self, "images",
                      mer_probe_was_refused (answer) ? MER_PROBE_WRONG : MER_PROBE_FAILED,
                      "%u are taken, %u are not: %s", good, n, answer->problem);
      if (!mer_probe_was_refused (answer))
        return;
      value = json_node_new (JSON_NODE_VALUE);
      json_node_set_int (value, good);
      change (self, "limits", "frames", value);
      return;
    }
  mer_probe_find (self, "images", MER_PROBE_WELL, "%u are taken", good);
}

/**
 * mer_probe_run:
 * @self: a probe
 *
 * Looks at everything, one call after the other; stops where there is nothing more to find
 * out. Blocks.
 */
void
mer_probe_run (MerProbe *self)
{
  gboolean sees = FALSE;

  if (!check_key_is_there (self) || !check_reach (self))
    return;
  check_modality (self, MER_MODALITY_AUDIO);
  sees = check_modality (self, MER_MODALITY_VIDEO);
  suggest_modalities (self);
  if (sees)
    check_images (self);
  mer_probe_check_manner (self);
}

gboolean
mer_probe_is_well (MerProbe *self)
{
  for (guint i = 0; i < self->findings->len; i++)
    if (((MerProbeFinding *) g_ptr_array_index (self->findings, i))->verdict
        >= MER_PROBE_WRONG)
      return FALSE;
  return TRUE;
}

/**
 * mer_probe_dup_suggestion:
 * @self: a probe that has run
 *
 * Returns: (transfer full) (nullable): a `mer-models/1` document that changes what the
 * entry has wrong, %NULL where nothing is
 */
JsonNode *
mer_probe_dup_suggestion (MerProbe *self)
{
  JsonObject *root = NULL;
  JsonObject *models = NULL;
  JsonNode *node = NULL;

  if (json_object_get_size (json_node_get_object (self->changes)) == 0)
    return NULL;
  root = json_object_new ();
  models = json_object_new ();
  node = json_node_new (JSON_NODE_OBJECT);
  json_object_set_string_member (root, "format", MER_MODELS_FORMAT);
  json_object_set_object_member (root, "models", models);
  json_object_set_member (models, self->model, json_node_copy (self->changes));
  json_node_take_object (node, root);
  return node;
}
