/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "child/mer-child-settings.h"

G_BEGIN_DECLS

/**
 * MerChild:
 *
 * One running program that reads lines and writes lines. Nothing here waits for it: it may
 * never read, never write, write for ever, or die at any time. All calls come from one
 * thread, in whose default context everything happens.
 */
#define MER_TYPE_CHILD (mer_child_get_type ())
G_DECLARE_FINAL_TYPE (MerChild, mer_child, MER, CHILD, GObject)

/* the longest line that is read */
#define MER_CHILD_MAX_LINE (32u * 1024 * 1024)

/**
 * MerChildWatcher:
 * @line: it wrote a line; not zero-terminated, any bytes
 * @dead: it and all that it started are gone; comes once, and is the last. @reason is part
 *   of a sentence: “it …”
 *
 * Who owns a child.
 */
typedef struct
{
  void (*line) (const char *text, gsize length, gpointer data);
  void (*dead) (const char *reason, gpointer data);
} MerChildWatcher;

MerChild *mer_child_start (MerChildSettings *settings, const MerChildWatcher *watcher,
                           gpointer data, GError **error);
void mer_child_send (MerChild *self, GInputStream *line);
void mer_child_end (MerChild *self, const char *reason);
char *mer_child_dup_last_words (MerChild *self);

G_END_DECLS
