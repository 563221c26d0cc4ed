/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 in, out, cached, text, image, audio, reasoning;
} Tokens;

typedef gboolean (*PartTaker) (Exchange *x, JsonNode *part);

/* a kind of content part, and who reads it */
typedef struct
{
  const char *type;
  PartTaker take;
} PartKind;

/* how one of those who speak as OpenAI does differs from the others. In messages, {name} is
 * the member or part, {found} what stands there. */
struct _Dialect
{
  const char *name;
  const char *blurb;
  const char *base;
  const PartKind *parts;      /* up to a NULL type; text is known to all */
  const char *const *members; /* beside those that all know; nullable */
  gboolean ignores;           /* unknown members are passed over */
  const char *unknown_member;
  const char *unknown_part;
  const char *wrong_type;
  const char *out_of_range;
  const char *bad_json;
  double max_temperature;
  gboolean (*check) (Exchange *x);       /* what no other refuses; nullable */
  gboolean (*check_whole) (Exchange *x); /* … in place of what all others check; nullable */
  gboolean has_codes;                    /* errors of the request have OpenAI's codes */
  const char *lacking;                   /* where the model lacks the modality {name} */
  guint lacking_status;
  const ErrorText *errors; /* before openai_errors; nullable */
  void (*error) (const Exchange *x, const Problem *problem, Reply *reply);
  const char *reasoning;                 /* the member that holds it */
  char *(*count) (const Tokens *tokens); /* the usage's details; nullable */
  char *(*dup_model) (void);             /* what the list of models tells; nullable */
  const char *prefix;                    /* before every answer; nullable */
  const char *comment;                   /* before every event of a stream; nullable */
};

extern const Dialect openai_any, openai_strict, openai_vllm, openai_sglang, openai_lmdeploy,
    openai_llamacpp, openai_lmstudio, openai_dashscope, openai_zhipu, openai_moonshot,
    openai_stepfun, openai_deepseek, openai_openrouter;
extern const Dialect *const openai_dialects[];

/* what the protocols of this family have in common */
#define OPENAI_FAMILY                                                                      \
  .base = "/v1", .has_dialects = TRUE, .errors = openai_errors,                            \
  .stream_type = "text/event-stream", .line_end = "\n", .key_header = "authorization",     \
  .key_prefix = "Bearer ", .error = openai_write_error

/* openai.c: what chat completions, responses, transcriptions and batches have in common */
extern const ErrorText openai_errors[N_PROBLEMS];
const ErrorText *openai_get_error (ProblemKind kind);
char *openai_count_usual (const Tokens *tokens);
void openai_list_models (Exchange *x, Reply *reply);
void openai_tell_health (Exchange *x, Reply *reply);
gboolean openai_check_schema (Exchange *x, JsonNode *wrapper, const char *place);

/* openai-errors.c: the shapes */
void openai_write_error (const Exchange *x, const Problem *problem, Reply *reply);
void openai_error_usual (const Exchange *x, const Problem *problem, Reply *reply);
void openai_error_vllm (const Exchange *x, const Problem *problem, Reply *reply);
void openai_error_flat (const Exchange *x, const Problem *problem, Reply *reply);
void openai_error_llamacpp (const Exchange *x, const Problem *problem, Reply *reply);
void openai_error_string (const Exchange *x, const Problem *problem, Reply *reply);
void openai_error_dashscope (const Exchange *x, const Problem *problem, Reply *reply);
void openai_error_zhipu (const Exchange *x, const Problem *problem, Reply *reply);
void openai_error_moonshot (const Exchange *x, const Problem *problem, Reply *reply);
void openai_error_openrouter (const Exchange *x, const Problem *problem, Reply *reply);

/* openai-parts.c: readers of content parts that several share */
const char *openai_get_url (JsonNode *part, const char *type);
gboolean openai_take_image (Exchange *x, JsonNode *part);
gboolean openai_take_image_url (Exchange *x, JsonNode *part);
gboolean openai_take_audio_url (Exchange *x, JsonNode *part);
gboolean openai_take_video_url (Exchange *x, JsonNode *part);
gboolean openai_take_video_list (Exchange *x, JsonNode *part);
gboolean openai_take_audio (Exchange *x, JsonNode *part);
gboolean openai_take_audio_data_url (Exchange *x, JsonNode *part);

/* openai-batch.c */
void openai_upload_file (Exchange *x, Reply *reply);
void openai_get_file (Exchange *x, Reply *reply);
void openai_delete_file (Exchange *x, Reply *reply);
void openai_read_file (Exchange *x, Reply *reply);
void openai_create_batch (Exchange *x, Reply *reply);
void openai_get_batch (Exchange *x, Reply *reply);
void openai_cancel_batch (Exchange *x, Reply *reply);
void openai_list_batches (Exchange *x, Reply *reply);

/* openai-check.c */
gboolean openai_check (Exchange *x);
gboolean openai_is_reasoning (const char *model);
gboolean openai_check_names (Exchange *x);
gboolean openai_check_lacking (Exchange *x);
/* FALSE always: a template's {name} and {found} filled in */
gboolean openai_refuse (Exchange *x, const char *code, const char *param,
                        const char *template, const char *name, const char *found);

G_END_DECLS
