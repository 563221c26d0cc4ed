/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* how a model answers: JSON, the same twice, in a stream, how fast */
#include <math.h>

#include "mer-probe-private.h"
#include "tables/mer-json.h"

static void
check_format (MerProbe *self, const char *format)
{
  MerProbeQuestion question = mer_probe_question (self, self->basic, self->few_images);
  g_autoptr (MerProbeAnswer) answer = NULL;
  g_autoptr (MerJson) json = NULL;

  question.answer_format = format;
  /* an object that is cut off is none */
  question.max_tokens = self->max_tokens > 0 ? 4 * MER_PROBE_SHORT_ANSWER : 0;
  answer = mer_probe_ask_next (self, &question);
  if (!mer_probe_answered (answer))
    {
      mer_probe_find (self, format,
                      mer_probe_was_refused (answer) ? MER_PROBE_NOTE : MER_PROBE_FAILED,
                      "%s", answer->problem);
      return;
    }
  if (mer_result_get_text (answer->result) != NULL)
    json = mer_json_parse ("answer", mer_result_get_text (answer->result), -1, NULL);
  if (json != NULL && JSON_NODE_HOLDS_OBJECT (mer_json_get_root (json)))
    mer_probe_find (self, format, MER_PROBE_WELL, "the answer is an object");
  else
    mer_probe_find (self, format, MER_PROBE_NOTE,
                    "the answer is not held to it; merlabels reads it all the same, or set "
                    "answer-format=text");
}

static void
check_seed (MerProbe *self)
{
  MerProbeQuestion question = mer_probe_question (self, self->basic, self->few_images);
  g_autoptr (MerProbeAnswer) first = NULL;
  g_autoptr (MerProbeAnswer) second = NULL;

  if (mer_probe_number (self, "properties", "temperature") < 0)
    return;
  question.seed = 7;
  question.temperature = 1;
  first = mer_probe_ask_next (self, &question);
  if (!mer_probe_answered (first))
    {
      mer_probe_find (self, "seed", MER_PROBE_NOTE, "%s", first->problem);
      return;
    }
  second = mer_probe_ask_next (self, &question);
  if (!mer_probe_answered (second))
    mer_probe_find (self, "seed", MER_PROBE_FAILED, "%s", second->problem);
  else if (g_strcmp0 (mer_result_get_text (first->result),
                      mer_result_get_text (second->result))
           == 0)
    mer_probe_find (self, "seed", MER_PROBE_WELL,
                    "the same answer twice, at temperature 1");
  else
    mer_probe_find (self, "seed", MER_PROBE_NOTE,
                    "two answers to one question, at temperature 1");
}

static void
check_stream (MerProbe *self)
{
  const char *backend = mer_models_get_backend (self->models, self->model);
  g_autoptr (GstElement) element = gst_element_factory_make (backend, NULL);
  MerProbeQuestion question = mer_probe_question (self, self->basic, self->few_images);
  g_autoptr (MerProbeAnswer) answer = NULL;

  if (element == NULL)
    return;
  gst_object_ref_sink (element);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), "stream") == NULL)
    return;
  question.options = "options,stream=(string)true";
  answer = mer_probe_ask_next (self, &question);
  if (mer_probe_answered (answer))
    mer_probe_find (self, "stream", MER_PROBE_WELL, "taken, after %.2f s",
                    mer_result_get_seconds (answer->result));
  else
    mer_probe_find (self, "stream", MER_PROBE_NOTE, "%s", answer->problem);
}

static void
tell_speed (MerProbe *self)
{
  g_autoptr (GString) what = g_string_new (NULL);

  if (self->seconds <= 0)
    return;
  g_string_append_printf (what, "%.2f s a call", self->seconds / self->n_calls);
  if (self->output > 0)
    g_string_append_printf (what, ", %.0f tokens a second",
                            (double) self->output / self->seconds);
  g_string_append_printf (what, "; %u calls in all", self->n_calls);
  if (self->input > 0)
    g_string_append_printf (
        what, ", %" G_GINT64_FORMAT " tokens read, %" G_GINT64_FORMAT " written",
        self->input, self->output);
  if (self->cost > 0)
    g_string_append_printf (what, ", $%.5f", self->cost);
  mer_probe_find (self, "speed", MER_PROBE_WELL, "%s", what->str);
}

void
mer_probe_check_manner (MerProbe *self)
{
  /* what only listens is asked nothing, and writes as it likes */
  if ((self->claims & MER_MODALITY_TEXT) != 0)
    {
      check_format (self, "json-object");
      check_format (self, "json-schema");
      check_seed (self);
    }
  check_stream (self);
  tell_speed (self);
}
