/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* a model's server for tests: as strict as the real ones, with faults to order. Plain
 * sockets and a thread a connection, so that each fault is exactly what it says and nothing
 * of the client's HTTP library stands on both sides. */

typedef struct
{
  int fd;
  GByteArray *buffer; /* read but not used yet */
  guint served;
  gboolean close;
} Connection;

typedef struct
{
  char *method;
  char *path;
  GHashTable *headers; /* lower-case name → value */
  GByteArray *body;
} Request;

typedef struct
{
  guint latency_ms;
  char *answer;
  char *key;
  char *model;
  char *location; /* where redirects lead */
  gboolean check;
  GPtrArray *faults; /* FaultOrder */
} Settings;

typedef struct
{
  char *name;
  int left; /* requests it still applies to; -1: all */
  int skip; /* requests before the first */
} FaultOrder;

/* http.c */
gboolean http_read_head (Connection *connection, Request *request);
gboolean http_read_body (Connection *connection, Request *request);
void http_request_clear (Request *request);
const char *http_get_header (Request *request, const char *name);
gboolean http_write (Connection *connection, const char *bytes, gssize length);
void http_reply (Connection *connection, guint status, const char *headers,
                 const char *type, const char *body, gssize length);
void http_reset (Connection *connection);

/* media.c: what a picture or a sound holds; NULL with an error where a real server would
 * refuse it */
GBytes *media_decode_base64 (const char *text, GError **error);
JsonObject *media_describe_jpeg (GBytes *jpeg, GError **error);
JsonObject *media_describe_wav (GBytes *wav, GError **error);

/* openai.c */
typedef struct
{
  JsonObject *log; /* what was found in the request */
  char *text;      /* the answer */
  gboolean stream;
  gboolean usage_in_stream;
  gint64 prompt_tokens;
} Answer;

gboolean openai_check (const Settings *settings, Request *request, Answer *answer,
                       GError **error);
char *openai_completion (const Settings *settings, const Answer *answer);
char *openai_stream (const Settings *settings, const Answer *answer);
char *openai_error (guint status, const char *type, const char *code, const char *message);
void answer_clear (Answer *answer);

/* generate.c */
gboolean generate_check (Request *request, JsonObject *log, GError **error);

/* faults.c */
gboolean fault_is_known (const char *name);
char *fault_list_names (void);
/* before the body is read: TRUE where the fault needs nothing of it */
gboolean fault_before_body (Connection *connection, const char *name);
/* TRUE where the fault was played; FALSE where the request is to be answered all the same
 */
gboolean fault_play (Connection *connection, const char *name, const Settings *settings,
                     Request *request, const Answer *answer);

G_END_DECLS
