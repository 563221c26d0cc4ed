/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MerChildReader:
 *
 * inner: takes a stream of any bytes apart into lines, at a bounded rate, so that a program
 * that writes without end waits, and not those who read it.
 */
typedef struct _MerChildReader MerChildReader;

/**
 * MerChildReaderClass:
 * @ends: the bytes that end a line
 * @max_line: longest line in bytes
 * @cuts: what is longer comes in pieces; else @too_long is called, and no more is read
 * @rate: bytes in a tenth of a second, beyond which the stream has to wait
 * @line: a line that is not empty
 * @too_long: (nullable): a line is longer than it may be
 * @end: nothing more will come
 */
typedef struct
{
  const char *ends;
  gsize max_line;
  gboolean cuts;
  gsize rate;
  void (*line) (const char *text, gsize length, gpointer data);
  void (*too_long) (gpointer data);
  void (*end) (gpointer data);
} MerChildReaderClass;

MerChildReader *mer_child_reader_new (GInputStream *stream,
                                      const MerChildReaderClass *klass, gpointer data);
void mer_child_reader_free (MerChildReader *self);
gboolean mer_child_reader_is_over (MerChildReader *self);

G_END_DECLS
