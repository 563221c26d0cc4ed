/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-answer-format.h"
#include "base/mer-bulk-api.h"
#include "base/mer-ordered.h"
#include "base/mer-request.h"
#include "net/mer-caller.h"
#include "net/mer-lessons.h"

G_BEGIN_DECLS

#define MER_TYPE_BACKEND (mer_backend_get_type ())
G_DECLARE_DERIVABLE_TYPE (MerBackend, mer_backend, MER, BACKEND, MerOrdered)

/**
 * MerBackendClass:
 * @protocol: the protocol's name; part of what identifies a call
 * @path: what follows `uri` in a call's address, where that is always the same
 * @probe_path: (nullable): what follows `uri` where the server lists its models
 * @key_header: the header that carries the key; `Authorization` unless class_init says
 *   otherwise
 * @key_prefix: what stands before the key; `Bearer ` unless class_init says otherwise
 * @modalities: what the protocol can carry
 * @verbatim: whether replies are no answers of a model that may decline or say nothing,
 *   such as transcripts: their texts are taken as they are
 * @open_caller: (nullable): who carries the calls, from READY→PAUSED on; the server at
 *   `uri` unless overridden
 * @dup_path: (nullable): what follows `uri` where it depends on properties, such as the
 *   model; a copy of `path` unless overridden
 * @dup_headers: (nullable): headers besides the key's: name, value, …, %NULL
 * @decline: (nullable): why a sample needs no call (transfer full), which makes it
 *   `skipped`; %NULL where it needs one
 * @build_request: returns the request (transfer full), with `mer_request_place_frame ()`
 *   and `mer_request_place_audio ()` where media go. Must depend on nothing but the
 *   properties and the request: it is hashed
 * @prepare_async: (nullable): changes a request before its first attempt, when its media
 *   are there; for what needs errands (`mer-errand.h`), such as uploads. `payload` is the
 *   filled request, `shown` what the stage shows of the sample. What identifies the call
 *   stays what `build_request` returned
 * @prepare_finish: ends @prepare_async; an error makes the sample `api-failed`
 * @parse_reply: reads a good reply into @result, whose outcome is `answered` on entry: sets
 *   text, reasoning, usage and, where the model did not answer, the outcome. An error makes
 *   the sample `api-failed`
 * @decode_reply: (nullable): turns the reply's bytes into a document; JSON unless
 *   overridden. `UNSUPPORTED` says that it will never be readable; any other error is taken
 *   for an accident on the way and tried again
 * @adaptable: (nullable): what may be left out of a request, or renamed in it, when the
 *   server refuses it by name; what is learned so is shared by all stages that ask this
 *   model there
 * @probe: (nullable): takes what `probe_path` gave; calls `mer_backend_set_served_model ()`
 *   where no model was asked for
 * @classify: (nullable): what to do after an error; @fallback is what other servers'
 *   habits suggest
 * @dup_advice: (nullable): what a person can do about an error (transfer full) (nullable),
 *   put behind what the server says; %NULL for what is usual
 * @fill_sample: (nullable): what an answer adds to the sample besides the result, which
 *   stands in it already
 * @bulk_api: (nullable): how the protocol asks in batches, %NULL where it cannot
 * @takes_batches: (nullable): whether this server does, where the protocol can
 *
 * Asks a model's server. An author writes @build_request and @parse_reply; everything else
 * is done here: modalities, prompt, journal, media on demand, key, connections, deadline,
 * attempts, usage and cost. All vfuncs run in the I/O thread and must not block.
 *
 * Since: 0.1
 */
struct _MerBackendClass
{
  MerOrderedClass parent_class;

  const char *protocol;
  const char *path;
  const char *probe_path;
  const char *key_header;
  const char *key_prefix;
  MerModality modalities;
  gboolean verbatim;
  const MerAdaptable *adaptable;

  MerCaller *(*open_caller) (MerBackend *self, GError **error);
  char *(*dup_path) (MerBackend *self);
  char **(*dup_headers) (MerBackend *self);
  char *(*decline) (MerBackend *self, MerSample *sample);
  JsonNode *(*build_request) (MerBackend *self, MerRequest *request, GError **error);
  void (*prepare_async) (MerBackend *self, JsonNode *request, MerPayload *payload,
                         MerModality shown, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*prepare_finish) (MerBackend *self, GAsyncResult *result, GError **error);
  gboolean (*parse_reply) (MerBackend *self, JsonNode *reply, MerResult *result,
                           GError **error);
  JsonNode *(*decode_reply) (MerBackend *self, MerReply *reply, GError **error);
  gboolean (*probe) (MerBackend *self, JsonNode *reply, GError **error);
  MerRetry (*classify) (MerBackend *self, guint status, const MerReplyError *error,
                        MerRetry fallback);
  char *(*dup_advice) (MerBackend *self, guint status, const MerReplyError *error);
  void (*fill_sample) (MerBackend *self, MerSample *sample, MerResult *result);
  const MerBulkApi *bulk_api;
  gboolean (*takes_batches) (MerBackend *self);

  /*< private >*/
  gpointer padding[8];
};

/**
 * MerBackendBulk:
 * @MER_BACKEND_BULK_AUTO: where the server is known to take batches
 * @MER_BACKEND_BULK_ALWAYS: the server takes batches
 * @MER_BACKEND_BULK_NEVER: every call is made at once
 *
 * Whether calls may be asked in batches, where a run asks for that.
 */
typedef enum
{
  MER_BACKEND_BULK_AUTO,
  MER_BACKEND_BULK_ALWAYS,
  MER_BACKEND_BULK_NEVER,
} MerBackendBulk;

#define MER_TYPE_BACKEND_BULK (mer_backend_bulk_get_type ())
GType mer_backend_bulk_get_type (void);

/**
 * MER_DEFINE_BACKEND:
 * @TypeName: such as `MyModel`
 * @type_name: such as `my_model`
 *
 * Declares and defines the type of a backend that has no properties or data of its own,
 * all but `type_name_class_init ()`. One that has them uses %G_DECLARE_FINAL_TYPE and
 * %G_DEFINE_FINAL_TYPE.
 */
#define MER_DEFINE_BACKEND(TypeName, type_name)                                            \
  typedef struct                                                                           \
  {                                                                                        \
    MerBackend parent_instance;                                                            \
  } TypeName;                                                                              \
  typedef MerBackendClass TypeName##Class;                                                 \
  GType type_name##_get_type (void);                                                       \
  G_DEFINE_TYPE (TypeName, type_name, MER_TYPE_BACKEND)                                    \
  static void type_name##_init (G_GNUC_UNUSED TypeName *self)                              \
  {                                                                                        \
  }

void mer_backend_class_set_metadata (MerBackendClass *klass, const char *long_name,
                                     const char *description, const char *author);
const char *mer_backend_get_model (MerBackend *self);
double mer_backend_get_temperature (MerBackend *self);
guint mer_backend_get_max_tokens (MerBackend *self);
MerAnswerFormat mer_backend_get_answer_format (MerBackend *self);
JsonNode *mer_backend_get_schema (MerBackend *self);
gboolean mer_backend_get_seed (MerBackend *self, gint64 *seed);
MerModality mer_backend_get_abilities (MerBackend *self);
void mer_backend_set_carried (MerBackend *self, MerModality carried);
void mer_backend_set_form (MerBackend *self, gboolean form);
void mer_backend_set_usual_uri (MerBackend *self, const char *uri);
void mer_backend_set_key_header (MerBackend *self, const char *header, const char *prefix);
gboolean mer_backend_limit_abilities (MerBackend *self, MerModality able, GError **error);
MerCaller *mer_backend_get_caller (MerBackend *self);
void mer_backend_init_call (MerBackend *self, MerCall *call);
char **mer_backend_dup_listed_models (MerBackend *self);
gboolean mer_backend_choose_model (MerBackend *self, JsonNode *list, const char *member,
                                   GError **error);
void mer_backend_set_served_model (MerBackend *self, const char *model);

G_END_DECLS
