/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "mer-error.h"

G_BEGIN_DECLS

/**
 * MerJson:
 *
 * A JSON document that somebody else wrote: a file of ours edited by a person, a model's
 * answer, a server's reply. Reading is strict and bounded (size, nesting, one document, no
 * comments, UTF-8, lone surrogates mended), and each value is reached with its JSON
 * pointer, so that an error can say `FILE:LINE: /parameters/frames/default: …`.
 *
 * Immutable once made; may be read from any thread.
 */
typedef struct _MerJson MerJson;

#define MER_TYPE_JSON (mer_json_get_type ())
GType mer_json_get_type (void);

/* the largest file of ours that is read, and the deepest nesting */
#define MER_JSON_MAX_BYTES (64u * 1024 * 1024)
#define MER_JSON_MAX_DEPTH 64u

MerJson *mer_json_load (const char *path, GError **error);
MerJson *mer_json_parse (const char *name, const char *text, gssize length, GError **error);
JsonNode *mer_json_parse_object (const char *name, const char *text, GError **error);
MerJson *mer_json_ref (MerJson *self);
void mer_json_unref (MerJson *self);

const char *mer_json_get_name (MerJson *self);
JsonNode *mer_json_get_root (MerJson *self);

/* what may stand at a place; every function below sets an error that names the place */
JsonNode *mer_json_lookup (MerJson *self, const char *pointer);
guint mer_json_get_line (MerJson *self, const char *pointer);
void mer_json_set_error (MerJson *self, const char *pointer, GError **error, int code,
                         const char *format, ...) G_GNUC_PRINTF (5, 6);

gboolean mer_json_check_format (MerJson *self, const char *format, GError **error);
gboolean mer_json_check_members (MerJson *self, const char *pointer,
                                 const char *const *allowed, GError **error);
gboolean mer_json_get_string (MerJson *self, const char *pointer, const char **value,
                              GError **error);
gboolean mer_json_get_optional_string (MerJson *self, const char *pointer,
                                       const char **value, GError **error);
gboolean mer_json_get_integer (MerJson *self, const char *pointer, gint64 minimum,
                               gint64 maximum, gint64 *value, GError **error);
gboolean mer_json_get_number (MerJson *self, const char *pointer, double minimum,
                              double maximum, double *value, GError **error);
gboolean mer_json_get_boolean (MerJson *self, const char *pointer, gboolean *value,
                               GError **error);
gboolean mer_json_get_strings (MerJson *self, const char *pointer, char ***value,
                               GError **error);
gboolean mer_json_has (MerJson *self, const char *pointer);
char *mer_json_pointer (const char *parent, const char *member);

/* tolerant access to a node of a server's reply: no criticals, %NULL or the fallback where
 * the member is missing, null or of another type */
JsonNode *mer_json_node_member (JsonNode *node, const char *member);
JsonNode *mer_json_node_path (JsonNode *node, const char *first,
                              ...) G_GNUC_NULL_TERMINATED;
const char *mer_json_node_string (JsonNode *node, const char *member);
double mer_json_node_number (JsonNode *node, const char *member, double fallback);
gboolean mer_json_node_boolean (JsonNode *node, const char *member, gboolean fallback);
gint64 mer_json_node_count (JsonNode *node, const char *member);
void mer_json_node_patch (JsonNode *node, JsonNode *patch);

/* the one canonical form that is hashed: members sorted, no white space, numbers shortest
 */
char *mer_json_canonical (JsonNode *node);
char *mer_json_pretty (JsonNode *node);
char *mer_json_line (JsonNode *node);

/* "did you mean": the candidate at the smallest edit distance, %NULL if none is near */
const char *mer_nearest_name (const char *word, const char *const *candidates);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerJson, mer_json_unref)

G_END_DECLS
