/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/mer-models.h"

G_BEGIN_DECLS

/* one file of models, as it stands */
typedef struct
{
  MerJson *json;
  char *path;
  gboolean trusted; /* the user's own or the installed one: may start programs */
  gboolean found;   /* in the working folder, unasked */
  gboolean checked; /* every entry was; else each when it is asked for */
} MerModelsFile;

/* where a value of an entry was written */
typedef struct
{
  const MerModelsFile *file;
  char *pointer;
} MerModelsOrigin;

/* an entry with what it extends and what lies over it */
typedef struct
{
  JsonNode *node;      /* an object */
  GHashTable *origins; /* pointer within the entry, such as /properties/uri → origin */
} MerModelsEntry;

MerModelsFile *mer_models_file_open (const char *path, gboolean shipped, gboolean found,
                                     GError **error);
void mer_models_file_free (MerModelsFile *self);
gboolean mer_models_file_check_entry (const MerModelsFile *self, const char *model,
                                      GError **error);
char *mer_models_file_place (const char *model, const char *member);

/* the files that count, the one that overrides the others first */
GPtrArray *mer_models_list_files (const char *name, const char *relative_to,
                                  GError **error);
MerModelsEntry *mer_models_resolve (GPtrArray *files, const char *model, GError **error);
void mer_models_entry_free (MerModelsEntry *self);
const MerModelsOrigin *mer_models_entry_get_origin (const MerModelsEntry *self,
                                                    const char *pointer);
void mer_models_entry_set_error (const MerModelsEntry *self, const char *pointer,
                                 GError **error, int code, const char *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerModelsFile, mer_models_file_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MerModelsEntry, mer_models_entry_free)

G_END_DECLS
