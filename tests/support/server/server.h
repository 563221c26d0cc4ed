/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include <stdio.h>

G_BEGIN_DECLS

/* a model's server for tests: as strict as the real ones, with faults to order. Plain
 * sockets and a thread a connection, so that each fault is exactly what it says and nothing
 * of the client's HTTP library stands on both sides.
 *
 * A request becomes an Exchange. Its path leads to a Route; a route that calls a model
 * names the Protocol whose check () reads the request into an Answer, and whose completion
 * () or stream () writes that answer in the protocol's own shape. Faults change the Answer,
 * make a Problem that the protocol's error () writes, or spoil the connection. */

typedef struct _Protocol Protocol;
typedef struct _Dialect Dialect;

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
  char *path;          /* without the query */
  char *query;         /* nullable */
  GHashTable *headers; /* lower-case name → value */
  GByteArray *body;
} Request;

typedef struct
{
  guint status;
  char *headers; /* nullable, each line with its CRLF */
  const char *type;
  char *body;
  gssize length; /* -1: a string */
} Reply;

typedef struct
{
  const Protocol *protocol;
  const Dialect *dialect;
  guint latency_ms;
  char *answer;
  char *key;
  char *model;
  gboolean model_given; /* then other names are refused */
  char *location;       /* where redirects lead */
  char *origin;         /* http://HOST:PORT */
  gboolean check;
  gboolean reasoning; /* the model reasons, and refuses what such models refuse */
  gboolean lacks_image, lacks_audio, lacks_video, lacks_thinking;
  guint64 max_request; /* bytes of a body; 0: the protocol's own limit */
  guint capacity;      /* calls at a time; 0: any number */
  guint rpm;           /* calls a minute; 0: any number */
  guint batch_polls;   /* polls until a batch is done */
  guint file_polls;    /* polls until an uploaded file is ACTIVE */
  FILE *log;
} Settings;

extern Settings settings;

/* what is wrong, in no protocol's words */
typedef enum
{
  PROBLEM_NONE,
  PROBLEM_INVALID,
  PROBLEM_KEY,
  PROBLEM_NO_KEY,
  PROBLEM_PAYMENT,
  PROBLEM_FORBIDDEN,
  PROBLEM_PATH,
  PROBLEM_MODEL,
  PROBLEM_MISSING, /* no such file or batch */
  PROBLEM_TOO_LARGE,
  PROBLEM_CONTEXT,
  PROBLEM_FILTER,
  PROBLEM_RATE,
  PROBLEM_QUOTA, /* the money is gone */
  PROBLEM_SERVER,
  PROBLEM_UNSUPPORTED,
  PROBLEM_LOADING,
  PROBLEM_OVERLOADED,
  PROBLEM_TIMEOUT,
  N_PROBLEMS
} ProblemKind;

/* how a protocol says it */
typedef struct
{
  guint status;
  const char *type;
  const char *code;
  const char *message;
} ErrorText;

typedef struct
{
  ProblemKind kind;
  guint status; /* this and the three below: 0 or NULL for the protocol's own */
  const char *type;
  const char *code;
  const char *param;
  char *message;
  char *headers;
} Problem;

typedef enum
{
  FINISH_STOP,
  FINISH_LENGTH,
  FINISH_FILTER,  /* the server's filter took the answer */
  FINISH_REFUSAL, /* the model declines */
  FINISH_ERROR,
  FINISH_NONE, /* the member is null */
} Finish;

typedef enum
{
  USAGE_PLAIN,
  USAGE_NULL,
  USAGE_NONE,
  USAGE_FULL, /* 1200 in: 1000 cached, 40 sound, 100 pictures; 70 out: 50 reasoning */
} UsageKind;

typedef struct
{
  char *text;    /* NULL: the answer has none */
  char *literal; /* nullable: JSON that stands for the text as it is, right or wrong */
  char *reasoning;
  Finish finish;
  UsageKind usage;
  gboolean stream;
  gboolean usage_in_stream;
  gint64 image_tokens, audio_tokens, text_tokens;
  double seconds; /* of sound */
} Answer;

typedef struct
{
  const Protocol *protocol;
  Connection *connection; /* NULL for a request of a batch */
  Request *request;
  const char *fault;
  JsonNode *root;  /* of the request's body; NULL where it is not JSON */
  JsonObject *log; /* what was found in the request */
  GString *text;   /* all of it that the model reads */
  char place[64];  /* of the part that is looked at */
  Answer answer;
  Problem problem;
} Exchange;

typedef struct
{
  const char *method;
  const char *pattern;                 /* of the path after the base; * matches anything */
  const Protocol *call;                /* calls a model in this protocol */
  void (*serve) (Exchange *, Reply *); /* … or this answers */
  gboolean absolute;                   /* the pattern is of the whole path */
  gboolean open;                       /* needs no key */
} Route;

/* a reply that stands in full; before a fault that all protocols know by the same name */
typedef struct
{
  const char *name;
  guint status;
  const char *headers;
  const char *type;
  const char *body;
} CannedFault;

/* a fault of servers that take a request only after it was changed */
typedef struct
{
  const char *name;
  const char *member; /* refused where the body has it … */
  gboolean wanted;    /* … or where it has it not */
  const char *code;   /* nullable; param is the member */
  const char *message;
} MemberFault;

/* one event of a stream */
typedef enum
{
  EVENT_OPEN,
  EVENT_PIECE,
  EVENT_FINISH, /* tells why the answer ends */
  EVENT_USAGE,
  EVENT_END,
} EventRole;

typedef struct
{
  EventRole role;
  char *name; /* the event: line; nullable */
  char *data;
} Event;

struct _Protocol
{
  const char *name;
  const char *blurb;
  const char *base; /* of every path, with / before and none behind; may be empty */
  const Route *routes;
  const ErrorText *errors;   /* N_PROBLEMS of them */
  const CannedFault *faults; /* its own, up to a NULL name; nullable */
  const MemberFault *member_faults;
  const char *stream_type; /* MIME */
  const char *line_end;    /* of the stream's lines */
  const char *key_header;  /* lower-case; nullable */
  const char *key_prefix;  /* nullable */
  const char *key_query;   /* the key may stand in the query as well; nullable */
  guint64 max_request;     /* bytes of a body; 0: any number */
  gboolean has_dialects;
  gboolean has_batches;
  gboolean has_files; /* that are processed before they can be used */
  gboolean (*check) (Exchange *);
  char *(*completion) (const Exchange *);
  void (*stream) (const Exchange *, GPtrArray *events);
  /* what comes in a stream when the server fails in the midst of it */
  void (*stream_error) (const Exchange *, GPtrArray *events);
  void (*error) (const Exchange *, const Problem *, Reply *);
};

extern const Protocol openai_protocol, gemini_protocol, anthropic_protocol, ollama_protocol,
    whisper_protocol, responses_protocol;
extern const Protocol *const protocols[];

/* http.c */
gboolean http_read_head (Connection *connection, Request *request);
gboolean http_read_body (Connection *connection, Request *request);
void http_request_clear (Request *request);
const char *http_get_header (Request *request, const char *name);
char *http_dup_query (Request *request, const char *name);
gboolean http_write (Connection *connection, const char *bytes, gssize length);
void http_reply (Connection *connection, guint status, const char *headers,
                 const char *type, const char *body, gssize length);
void http_begin_chunks (Connection *connection, const char *type);
gboolean http_write_chunk (Connection *connection, const char *bytes);
void http_reset (Connection *connection);

/* json.c: readers that take NULL and any type, as a request may hold anything */
JsonNode *member (JsonNode *node, const char *name);
JsonNode *either (JsonNode *node, const char *name, const char *other);
const char *text_of (JsonNode *node);
JsonArray *array_of (JsonNode *node);
gboolean is_object (JsonNode *node);
gboolean is_true (JsonNode *node);
gboolean is_number (JsonNode *node);
double number_of (JsonNode *node);
char *quote (const char *text); /* NULL becomes null */
char *to_text (JsonNode *node);
/* a member that is not in `known`; NULL where all are */
const char *find_unknown (JsonNode *node, const char *const *known);

/* exchange.c */
void exchange_init (Exchange *x, const Protocol *protocol, Connection *connection,
                    Request *request);
void exchange_clear (Exchange *x);
gboolean exchange_parse (Exchange *x, GError **error);
/* FALSE always, so that a check can return it */
gboolean refuse (Exchange *x, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean refuse_param (Exchange *x, const char *code, const char *param, const char *format,
                       ...) G_GNUC_PRINTF (4, 5);
gboolean refuse_as (Exchange *x, const Problem *problem, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* the problem with what the protocol says where nothing else was said */
void problem_complete (const Exchange *x, const Problem *from, Problem *to);
void exchange_fail (Exchange *x, ProblemKind kind, Reply *reply);
void exchange_write_problem (const Exchange *x, Reply *reply);
/* after a check: what the log says of the request, and the answer */
void exchange_finish (Exchange *x, gboolean as_json);
gboolean check_model (Exchange *x, const char *model);
void note_ignored (Exchange *x, const char *name);
void reply_json (Reply *reply, guint status, char *body);
void reply_clear (Reply *reply);

/* answer.c */
void answer_make (Exchange *x, gboolean as_json);
void answer_seed (Exchange *x, gboolean as_json, const guint8 *bytes, gsize length);
char *answer_quote (const Exchange *x); /* the text as JSON */
gint64 answer_count_in (const Exchange *x);
gint64 answer_count_out (const Exchange *x);
/* the text in pieces of a few letters, each as JSON */
GPtrArray *answer_cut (const Exchange *x);
void event_add (GPtrArray *events, EventRole role, const char *name, const char *format,
                ...) G_GNUC_PRINTF (4, 5);
GPtrArray *events_new (void);

/* media.c: what a picture, a sound or a clip holds; NULL with an error where a real server
 * would refuse it */
GBytes *media_decode_base64 (const char *text, GError **error);
JsonObject *media_describe_jpeg (GBytes *jpeg, GError **error);
JsonObject *media_describe_wav (GBytes *wav, GError **error);
const char *media_sniff (GBytes *bytes); /* MIME type by the first bytes; nullable */

/* take.c: the media of a request, into the log and the counts; each refuses what it cannot
 * read */
typedef enum
{
  TAKE_IMAGE,
  TAKE_AUDIO,
  TAKE_VIDEO,
} TakeKind;
void log_media (Exchange *x);
/* @type: what the request calls it; nullable */
gboolean take_bytes (Exchange *x, TakeKind kind, GBytes *bytes, const char *type);
gboolean take_base64 (Exchange *x, TakeKind kind, const char *text, const char *type);
/* which of image, audio and video the request has and the model lacks; NULL if none */
const char *find_lacking (const Exchange *x);
/* data:TYPE;base64,DATA */
gboolean take_data_url (const char *url, char **type, const char **data);

/* generate.c */
void generate_serve (Exchange *x, Reply *reply);

/* limits.c */
typedef enum
{
  LIMIT_NONE,
  LIMIT_CAPACITY,
  LIMIT_RATE,
} Limit;
Limit limits_enter (double *wait); /* seconds until a call would be let in */
void limits_leave (Limit limit);
guint limits_get_active (void);
void limits_serve_stats (Exchange *x, Reply *reply);

/* serve.c */
gpointer serve (gpointer fd);
const char *serve_get_base (void);
/* a call that was checked: what is answered, if the fault leaves it to be answered in one
 * piece */
void serve_evaluate (Exchange *x, gboolean good, Reply *reply);
const char *serve_get_key (Exchange *x);

/* orders.c: which fault is whose */
gboolean orders_add (const char *text); /* NAME[:COUNT[:AFTER]] */
/* the fault that the next “call” meets, or the next “batch”, “file” or request “aside” */
const char *orders_take (const char *scope);
/* NULL where all orders name what the protocol knows, else the name that it does not */
const char *orders_find_unknown (const Protocol *protocol);
char *orders_list (const Protocol *protocol);

/* faults.c */
const char *
fault_get_name (guint i); /* of those that all protocols share; NULL at the end */
/* TRUE where `reply` is what the fault makes of it; may change the answer instead */
gboolean fault_reply (Exchange *x, Reply *reply);

/* plays.c: what is done with the connection instead of answering */
const char *play_get_name (guint i);
/* before the body is read: TRUE where the fault needs nothing of it */
gboolean play_before_body (Connection *connection, const char *name);
/* TRUE where it was played */
gboolean fault_play (Exchange *x);

/* streams.c */
const char *stream_get_fault (guint i);
gboolean stream_is_fault (const char *name);
void stream_send (Exchange *x);

G_END_DECLS
