/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store.h"

G_BEGIN_DECLS

/* what becomes of a request of a batch */
typedef enum
{
  FATE_ANSWERED,
  FATE_ERRED,
  FATE_EXPIRED,
  FATE_CANCELLED,
} Fate;

typedef struct
{
  char *id;
  JsonNode *body;
} BatchItem;

typedef struct
{
  char *id;
  const char *fault; /* a batch-… fault; nullable */
  char *input;       /* the file it came in; nullable */
  char *name;        /* model, endpoint: the protocol's business */
  char *metadata;    /* JSON; nullable */
  GPtrArray *items;
  guint polls;   /* until it is done */
  gboolean done; /* the results are made */
  gboolean cancelling;
  char *code, *problem; /* why it failed as a whole; nullable */
  guint line;
  char *output, *errors; /* ids of files; nullable */
  GString *results;      /* where they come in no file */
  guint counts[FATE_CANCELLED + 1];
} Batch;

/* takes the fault that was ordered for the next batch */
Batch *batch_new (const char *prefix);
/* the copy of @body is the batch's */
void batch_add (Batch *self, const char *id, JsonNode *body);
gboolean batch_has (Batch *self, const char *id);
Batch *batch_find (const char *id);
/* the newest first, each as @describe has it, with commas between */
char *batch_list (char *(*describe) (const Batch *) );
gboolean batch_is_fault (const Batch *self, const char *name);

/* for each result, in the order in which they come, once more where one comes twice; @reply
 * is what a single call would have got */
typedef void (*BatchWriter) (Batch *self, const BatchItem *item, Fate fate,
                             const Reply *reply, gpointer data);
void batch_finish (Batch *self, const Protocol *call, const char *path, BatchWriter write,
                   gpointer data);
/* cuts the text where a half line was ordered */
void batch_spoil (const Batch *self, GString *text);

G_END_DECLS
