/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "openai.h"

#include <stdarg.h>

void
exchange_init (Exchange *x, const Protocol *protocol, Connection *connection,
               Request *request)
{
  *x = (Exchange){ .protocol = protocol,
                   .connection = connection,
                   .request = request,
                   .log = json_object_new (),
                   .text = g_string_new (NULL) };
}

void
exchange_clear (Exchange *x)
{
  g_clear_pointer (&x->log, json_object_unref);
  g_clear_pointer (&x->root, json_node_unref);
  if (x->text != NULL)
    g_string_free (g_steal_pointer (&x->text), TRUE);
  g_clear_pointer (&x->answer.text, g_free);
  g_clear_pointer (&x->answer.literal, g_free);
  g_clear_pointer (&x->answer.reasoning, g_free);
  g_clear_pointer (&x->problem.message, g_free);
  g_clear_pointer (&x->problem.headers, g_free);
}

gboolean
exchange_parse (Exchange *x, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  const char *body = (const char *) x->request->body->data;

  if (!json_parser_load_from_data (parser, body != NULL ? body : "",
                                   (gssize) x->request->body->len, error))
    return FALSE;
  x->root = json_parser_steal_root (parser);
  return TRUE;
}

gboolean
refuse (Exchange *x, const char *format, ...)
{
  va_list list;

  va_start (list, format);
  g_free (x->problem.message);
  x->problem
      = (Problem){ .kind = PROBLEM_INVALID, .message = g_strdup_vprintf (format, list) };
  va_end (list);
  return FALSE;
}

gboolean
refuse_param (Exchange *x, const char *code, const char *param, const char *format, ...)
{
  va_list list;

  va_start (list, format);
  g_free (x->problem.message);
  x->problem = (Problem){ .kind = PROBLEM_INVALID,
                          .code = code,
                          .param = param,
                          .message = g_strdup_vprintf (format, list) };
  va_end (list);
  return FALSE;
}

gboolean
refuse_as (Exchange *x, const Problem *problem, const char *format, ...)
{
  va_list list;

  va_start (list, format);
  g_free (x->problem.message);
  x->problem = *problem;
  x->problem.message = format != NULL ? g_strdup_vprintf (format, list) : NULL;
  va_end (list);
  return FALSE;
}

/* strings stay their owners' */
void
problem_complete (const Exchange *x, const Problem *from, Problem *to)
{
  const ErrorText *own = &x->protocol->errors[from->kind];
  const ErrorText *first = x->protocol->has_dialects ? openai_get_error (from->kind) : own;

  *to = *from;
  if (to->status == 0)
    to->status = first->status != 0 ? first->status : MAX (400, own->status);
  if (to->type == NULL)
    to->type = first->type != NULL ? first->type : own->type;
  if (to->code == NULL)
    to->code = first->code != NULL ? first->code : own->code;
  if (to->message == NULL)
    to->message = (char *) (first->message != NULL ? first->message : own->message);
}

static const char *
get_asked_model (const Exchange *x)
{
  JsonNode *node = json_object_get_member (x->log, "model");

  return text_of (node) != NULL ? text_of (node) : "x";
}

void
exchange_write_problem (const Exchange *x, Reply *reply)
{
  g_autoptr (GString) message = NULL;
  Problem whole;

  problem_complete (x, &x->problem, &whole);
  message = g_string_new (whole.message);
  g_string_replace (message, "{model}", get_asked_model (x), 0);
  g_string_replace (message, "{path}", x->request->path, 0);
  g_string_replace (message, "{method}", x->request->method, 0);
  whole.message = message->str;
  reply->status = whole.status;
  reply->type = "application/json";
  reply->headers = g_strdup (whole.headers);
  reply->length = -1;
  x->protocol->error (x, &whole, reply);
}

void
exchange_fail (Exchange *x, ProblemKind kind, Reply *reply)
{
  refuse_as (x, &(Problem){ .kind = kind }, NULL);
  exchange_write_problem (x, reply);
}

void
exchange_finish (Exchange *x, gboolean as_json)
{
  x->answer.text_tokens += (gint64) x->text->len / 4;
  if (x->answer.text == NULL)
    answer_make (x, as_json);
  json_object_set_string_member (x->log, "text", x->text->str);
  json_object_set_string_member (x->log, "answer", x->answer.text);
}

/* any name will do unless --model was given */
gboolean
check_model (Exchange *x, const char *model)
{
  json_object_set_string_member (x->log, "model", model);
  if (!settings.model_given || g_strcmp0 (model, settings.model) == 0)
    return TRUE;
  return refuse_as (x, &(Problem){ .kind = PROBLEM_MODEL }, NULL);
}

/* a member that the real server passes over in silence: told in the log, so that a test can
 * hold against it */
void
note_ignored (Exchange *x, const char *name)
{
  if (!json_object_has_member (x->log, "ignored"))
    json_object_set_array_member (x->log, "ignored", json_array_new ());
  json_array_add_string_element (json_object_get_array_member (x->log, "ignored"), name);
}

void
reply_json (Reply *reply, guint status, char *body)
{
  *reply
      = (Reply){ .status = status, .type = "application/json", .body = body, .length = -1 };
}

void
reply_clear (Reply *reply)
{
  g_clear_pointer (&reply->headers, g_free);
  g_clear_pointer (&reply->body, g_free);
}
