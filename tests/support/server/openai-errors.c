/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "openai.h"

void
openai_write_error (const Exchange *x, const Problem *problem, Reply *reply)
{
  settings.dialect->error (x, problem, reply);
}

void
openai_error_usual (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *message = quote (problem->message);
  g_autofree char *type = quote (problem->type);
  g_autofree char *param = quote (problem->param);
  g_autofree char *code = quote (problem->code);

  reply->body = g_strdup_printf (
      "{\"error\":{\"message\":%s,\"type\":%s,\"param\":%s,\"code\":%s}}", message, type,
      param, code);
}

/* what the framework below vLLM and the like says has a shape of its own */
static gboolean
write_framework (const Problem *problem, Reply *reply)
{
  if (problem->kind == PROBLEM_KEY || problem->kind == PROBLEM_NO_KEY)
    reply->body = g_strdup ("{\"error\":\"Unauthorized\"}");
  else if (problem->kind == PROBLEM_PATH)
    reply->body = g_strdup ("{\"detail\":\"Not Found\"}");
  return reply->body != NULL;
}

/* the members of an error whose code is the status */
static char *
make_members (const Problem *problem)
{
  g_autofree char *message = quote (problem->message);
  g_autofree char *type = quote (problem->type);
  g_autofree char *param = quote (problem->param);

  return g_strdup_printf ("\"message\":%s,\"type\":%s,\"param\":%s,\"code\":%u", message,
                          type, param, problem->status);
}

void
openai_error_vllm (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *members = make_members (problem);

  if (!write_framework (problem, reply))
    reply->body = g_strdup_printf ("{\"error\":{%s}}", members);
}

void
openai_error_flat (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *members = make_members (problem);

  if (!write_framework (problem, reply))
    reply->body = g_strdup_printf ("{\"object\":\"error\",%s}", members);
}

/* what is said before the request is read has its members in another order */
void
openai_error_llamacpp (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *message = quote (problem->message);
  g_autofree char *type = quote (problem->type);
  gboolean early = problem->kind == PROBLEM_KEY || problem->kind == PROBLEM_NO_KEY
                   || problem->kind == PROBLEM_PATH || problem->kind == PROBLEM_LOADING;

  reply->type = "application/json; charset=utf-8";
  if (early)
    reply->body = g_strdup_printf ("{\"error\":{\"message\":%s,\"type\":%s,\"code\":%u}}",
                                   message, type, problem->status);
  else
    reply->body = g_strdup_printf (
        "{\"error\":{\"code\":%u,\"message\":%s,\"type\":%s%s}}", problem->status, message,
        type,
        problem->kind == PROBLEM_CONTEXT ? ",\"n_prompt_tokens\":2008,\"n_ctx\":512" : "");
}

void
openai_error_string (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *message = quote (problem->message);

  reply->body = g_strdup_printf ("{\"error\":%s}", message);
}

void
openai_error_dashscope (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *message = quote (problem->message);
  g_autofree char *code = quote (problem->code);
  g_autofree char *type = quote (problem->type);

  reply->body = g_strdup_printf (
      "{\"error\":{\"message\":%s,\"type\":%s,\"param\":null,\"code\":%s},\"request_id\":"
      "\"r-test\"}",
      message, type, code);
}

/* the code is a number in a string */
void
openai_error_zhipu (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *message = quote (problem->message);
  g_autofree char *code = quote (problem->code != NULL ? problem->code : "1210");

  reply->body = g_strdup_printf ("{\"error\":{\"code\":%s,\"message\":%s}}", code, message);
}

void
openai_error_moonshot (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *message = quote (problem->message);
  g_autofree char *type = quote (problem->type);

  reply->body = g_strdup_printf ("{\"error\":{\"message\":%s,\"type\":%s}}", message, type);
}

void
openai_error_openrouter (const Exchange *x, const Problem *problem, Reply *reply)
{
  g_autofree char *message = quote (problem->message);
  guint code = problem->status == 200 ? 502 : problem->status;

  reply->body = g_strdup_printf (
      "{\"error\":{\"message\":%s,\"code\":%u%s},\"user_id\":\"user_test\"}", message, code,
      problem->kind == PROBLEM_SERVER
          ? ",\"metadata\":{\"provider_name\":\"Test\",\"raw\":\"engine gone\"}"
          : "");
}
