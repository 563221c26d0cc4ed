/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <string.h>

/* errors: each protocol has its own words, status and shape for each kind; what stands here
 * goes before them. A protocol's CannedFault of the same name goes before all. */
static const struct
{
  const char *name;
  ProblemKind kind;
  guint status;
  const char *headers;
  const char *type, *code, *message;
} errors[] = {
  { "429", PROBLEM_RATE, 0, NULL },
  { "429-after", PROBLEM_RATE, 0, "Retry-After: 1\r\n" },
  { "429-after-long", PROBLEM_RATE, 0, "Retry-After: 3600\r\n" },
  { "429-ms", PROBLEM_RATE, 0, "retry-after-ms: 50\r\nRetry-After: 90\r\n" },
  { "429-date", PROBLEM_RATE, 0,
    "Date: Wed, 21 Oct 2026 07:28:00 GMT\r\n"
    "Retry-After: Wed, 21 Oct 2026 07:28:01 GMT\r\n" },
  { "429-junk", PROBLEM_RATE, 0, "Retry-After: soon\r\n" },
  { "429-reset", PROBLEM_RATE, 0, "x-ratelimit-reset-tokens: 80ms\r\n" },
  { "429-reset-long", PROBLEM_RATE, 0, "x-ratelimit-reset-requests: 6m0s\r\n" },
  { "429-text", PROBLEM_RATE, 0, NULL, NULL, NULL,
    "Rate limit reached. Please try again in 60ms." },
  { "429-quota", PROBLEM_QUOTA, 0, NULL },
  { "400", PROBLEM_INVALID, 0, NULL },
  { "400-context", PROBLEM_CONTEXT, 0, NULL },
  { "400-filter", PROBLEM_FILTER, 0, NULL },
  { "401", PROBLEM_KEY, 0, NULL },
  { "401-challenge", PROBLEM_KEY, 401, "WWW-Authenticate: Bearer realm=\"api\"\r\n" },
  { "402", PROBLEM_PAYMENT, 0, NULL },
  { "403", PROBLEM_FORBIDDEN, 0, NULL },
  { "404", PROBLEM_PATH, 0, NULL },
  { "404-model", PROBLEM_MODEL, 0, NULL },
  { "413", PROBLEM_TOO_LARGE, 0, NULL },
  { "500", PROBLEM_SERVER, 0, NULL },
  { "501", PROBLEM_UNSUPPORTED, 501, NULL },
  { "503-loading", PROBLEM_LOADING, 0, NULL },
  { "504", PROBLEM_TIMEOUT, 0, NULL },
  { "overloaded", PROBLEM_OVERLOADED, 0, NULL },
  { "529", PROBLEM_OVERLOADED, 529, NULL },
  { "200-error", PROBLEM_SERVER, 200, NULL },
  { "200-error-401", PROBLEM_KEY, 200, NULL },
};

/* answers, as the protocol writes them; the text is JSON as it stands */
static const struct
{
  const char *name;
  const char *literal;
  const char *reasoning;
  Finish finish;
  UsageKind usage;
} outcomes[] = {
  { "refusal", "\"I can't help.\"", NULL, FINISH_REFUSAL },
  { "filtered", NULL, NULL, FINISH_FILTER },
  { "length", "\"{\\\"labels\\\": [\\\"hap\"", NULL, FINISH_LENGTH },
  { "length-empty", "\"\"", NULL, FINISH_LENGTH },
  { "content-null", NULL, NULL, FINISH_STOP },
  { "content-empty", "\"\"", NULL, FINISH_STOP },
  { "finish-error", "\"\"", NULL, FINISH_ERROR },
  { "usage-null", "\"[happy]\"", NULL, FINISH_STOP, USAGE_NULL },
  { "usage-none", "\"[happy]\"", NULL, FINISH_NONE, USAGE_NONE },
  { "usage-full", "\"[happy]\"", NULL, FINISH_STOP, USAGE_FULL },
  { "surrogate", "\"[happy] \\ud83d\"", NULL, FINISH_STOP },
  { "bad-utf8", "\"[happy] \xff\xfe\"", NULL, FINISH_STOP },
  { "nul", "\"[happy] \\u0000 more\"", NULL, FINISH_STOP },
  { "text-number", "123", NULL, FINISH_STOP },
  { "think", "\"<think>sad? no</think>\\n\\n[happy]\"", NULL, FINISH_STOP },
  { "think-no-open", "\"sad? no</think>[happy]\"", NULL, FINISH_STOP },
  { "think-unclosed", "\"<think>sad? or\"", NULL, FINISH_LENGTH },
  { "think-nested", "\"<think>sad <think>angry</think> no</think>[happy]\"", NULL,
    FINISH_STOP },
  { "reasoning-content", "\"[happy]\"", "sad? no", FINISH_STOP },
  { "reasoning-only", NULL, "it is [sad]", FINISH_LENGTH },
  { "blank-lines", "\"[happy]\"", NULL, FINISH_STOP },
  { "fenced", "\"```json\\n{\\\"labels\\\": [\\\"happy\\\"]}\\n```\"", NULL, FINISH_STOP },
  { "prose", "\"The person seems happy, I think.\"", NULL, FINISH_STOP },
  { "wrong-language", "\"这个人看起来很开心\"", NULL, FINISH_STOP },
  { "bad-json", "\"{\\\"labels\\\": [\\\"happy\\\",\"", NULL, FINISH_STOP },
};

/* replies that no protocol words */
static const CannedFault plain[] = {
  { "502-html", 502, NULL, "text/html",
    "<html><head><title>502 Bad Gateway</title></head></html>" },
  { "503-empty", 503, NULL, "text/plain", "" },
  { "302", 302, "Location: /elsewhere\r\n", "text/plain", "" },
  { "307", 307, "Location: /elsewhere\r\n", "text/plain", "" },
  { "200-empty", 200, NULL, "application/json", "" },
  { "200-spaces", 200, NULL, "application/json", " \n\n " },
  { "200-html", 200, NULL, "text/html", "<html>It works!</html>" },
  { NULL },
};

/* a good answer, spoilt */
static const char *const spoilt[] = { "200-half", "twice", "blank-lines", "key-echo" };

const char *
fault_get_name (guint i)
{
  if (i < G_N_ELEMENTS (errors))
    return errors[i].name;
  i -= G_N_ELEMENTS (errors);
  if (i < G_N_ELEMENTS (outcomes))
    return outcomes[i].name;
  i -= G_N_ELEMENTS (outcomes);
  if (i < G_N_ELEMENTS (plain) - 1)
    return plain[i].name;
  i -= G_N_ELEMENTS (plain) - 1;
  return i < G_N_ELEMENTS (spoilt) ? spoilt[i] : NULL;
}

static gboolean
reply_canned (const CannedFault *faults, const char *name, Reply *reply)
{
  for (; faults != NULL && faults->name != NULL; faults++)
    if (g_str_equal (faults->name, name))
      {
        gboolean elsewhere = faults->status / 100 == 3 && settings.location != NULL;

        *reply = (Reply){ .status = faults->status,
                          .type = faults->type != NULL ? faults->type : "application/json",
                          .headers = elsewhere ? g_strdup_printf ("Location: %s\r\n",
                                                                  settings.location)
                                               : g_strdup (faults->headers),
                          .body = g_strdup (faults->body),
                          .length = -1 };
        return TRUE;
      }
  return FALSE;
}

static gboolean
reply_error (Exchange *x, Reply *reply)
{
  for (gsize i = 0; i < G_N_ELEMENTS (errors); i++)
    if (g_str_equal (errors[i].name, x->fault))
      {
        Problem problem = { .kind = errors[i].kind,
                            .status = errors[i].status,
                            .type = errors[i].type,
                            .code = errors[i].code,
                            .headers = g_strdup (errors[i].headers) };

        if (errors[i].message != NULL)
          refuse_as (x, &problem, "%s", errors[i].message);
        else
          refuse_as (x, &problem, NULL);
        exchange_write_problem (x, reply);
        return TRUE;
      }
  return FALSE;
}

static gboolean
has_member (const Request *request, const char *name)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\":", name);

  return memmem (request->body->data, request->body->len, quoted, strlen (quoted)) != NULL;
}

static gboolean
reply_member (Exchange *x, Reply *reply)
{
  for (const MemberFault *fault = x->protocol->member_faults;
       fault != NULL && fault->name != NULL; fault++)
    if (g_str_equal (fault->name, x->fault)
        && has_member (x->request, fault->member) != fault->wanted)
      {
        refuse_as (x,
                   &(Problem){ .kind = PROBLEM_INVALID,
                               .code = fault->code,
                               .param = fault->wanted ? NULL : fault->member },
                   "%s", fault->message);
        exchange_write_problem (x, reply);
        return TRUE;
      }
  return FALSE;
}

static gboolean
reply_spoilt (Exchange *x, Reply *reply)
{
  g_autofree char *body = NULL;

  if (g_str_equal (x->fault, "key-echo"))
    {
      const char *header = x->protocol->key_header;
      const char *key = header != NULL ? http_get_header (x->request, header) : NULL;

      refuse_as (x, &(Problem){ .kind = PROBLEM_INVALID, .code = "bad_key" },
                 "Incorrect key provided: %s", key != NULL ? key : "none");
      exchange_write_problem (x, reply);
      return TRUE;
    }
  body = x->protocol->completion (x);
  if (g_str_equal (x->fault, "200-half"))
    reply_json (reply, 200, g_strndup (body, strlen (body) / 2));
  else if (g_str_equal (x->fault, "twice"))
    reply_json (reply, 200, g_strconcat (body, body, NULL));
  else if (g_str_equal (x->fault, "blank-lines"))
    reply_json (reply, 200, g_strconcat ("\n\n\n\n", body, NULL));
  else
    return FALSE;
  return TRUE;
}

static void
change_answer (Exchange *x)
{
  for (gsize i = 0; i < G_N_ELEMENTS (outcomes); i++)
    if (g_str_equal (outcomes[i].name, x->fault))
      {
        g_clear_pointer (&x->answer.text, g_free);
        if (outcomes[i].literal != NULL)
          x->answer.text = g_strdup (outcomes[i].literal);
        x->answer.literal = g_strdup (outcomes[i].literal);
        x->answer.reasoning = g_strdup (outcomes[i].reasoning);
        x->answer.finish = outcomes[i].finish;
        x->answer.usage = outcomes[i].usage;
      }
}

gboolean
fault_reply (Exchange *x, Reply *reply)
{
  change_answer (x);
  return reply_canned (x->protocol->faults, x->fault, reply) || reply_error (x, reply)
         || reply_canned (plain, x->fault, reply) || reply_member (x, reply)
         || reply_spoilt (x, reply);
}
