/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* failures that mean something else at one vendor than core/net takes them for */
#include "mer-openai-dialect.h"

#define ANY_DIALECT MER_OPENAI_N_DIALECTS

typedef struct
{
  MerOpenaiDialect dialect;
  guint status;        /* 0: any */
  const char *code;    /* code or type, whole; NULL: any */
  const char *message; /* a pattern; NULL: any */
  MerRetry retry;
} Sign;

static const Sign signs[] = {
  /* a router of llama-servers */
  { ANY_DIALECT, 400, "invalid_request_error", "*model '*' not found*", MER_RETRY_FATAL },
  { ANY_DIALECT, 400, NULL, "*model name is missing*", MER_RETRY_FATAL },
  /* the pictures that a request shows are its own */
  { MER_OPENAI_DIALECT_RESPONSES, 0, "invalid_image", NULL, MER_RETRY_PERMANENT },
  { MER_OPENAI_DIALECT_RESPONSES, 0, "invalid_image_format", NULL, MER_RETRY_PERMANENT },
  { MER_OPENAI_DIALECT_RESPONSES, 0, "invalid_base64_image", NULL, MER_RETRY_PERMANENT },
  { MER_OPENAI_DIALECT_RESPONSES, 0, "image_too_large", NULL, MER_RETRY_PERMANENT },
  { MER_OPENAI_DIALECT_RESPONSES, 0, "image_too_small", NULL, MER_RETRY_PERMANENT },
  { MER_OPENAI_DIALECT_RESPONSES, 0, "image_parse_error", NULL, MER_RETRY_PERMANENT },
  { MER_OPENAI_DIALECT_MOONSHOT, 503, NULL, NULL, MER_RETRY_RATE_LIMITED },
  /* moderation, which other services say with 400 */
  { MER_OPENAI_DIALECT_OPENROUTER, 403, NULL, "*moderation*", MER_RETRY_FILTERED },
  /* nobody takes all that is asked for; see require_parameters */
  { MER_OPENAI_DIALECT_OPENROUTER, 404, NULL, "*No endpoints found*", MER_RETRY_FATAL },
};

static gboolean
is_code (const MerReplyError *error, const char *code)
{
  return error != NULL
         && (g_strcmp0 (error->code, code) == 0 || g_strcmp0 (error->type, code) == 0);
}

static gboolean
says (const MerReplyError *error, const char *message)
{
  return error != NULL && error->message != NULL
         && g_pattern_match_simple (message, error->message);
}

/**
 * mer_openai_classify:
 * @dialect: whose habits the server has
 * @status: the HTTP status
 * @error: (nullable): the error in the body
 * @fallback: what other servers' habits suggest
 *
 * Returns: what to do
 */
MerRetry
mer_openai_classify (MerOpenaiDialect dialect, guint status, const MerReplyError *error,
                     MerRetry fallback)
{
  for (gsize i = 0; i < G_N_ELEMENTS (signs); i++)
    {
      const Sign *sign = &signs[i];

      if ((sign->dialect == ANY_DIALECT || sign->dialect == dialect)
          && (sign->status == 0 || sign->status == status)
          && (sign->code == NULL || is_code (error, sign->code))
          && (sign->message == NULL || says (error, sign->message)))
        return sign->retry;
    }
  return fallback;
}
