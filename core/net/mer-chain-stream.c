/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-chain-stream.h"

#include <string.h>

struct _MerChainStream
{
  GInputStream parent_instance;
  GQueue streams;
};

G_DEFINE_FINAL_TYPE (MerChainStream, mer_chain_stream, G_TYPE_INPUT_STREAM)

static gssize
mer_chain_stream_read (GInputStream *stream, void *buffer, gsize count,
                       GCancellable *cancellable, GError **error)
{
  MerChainStream *self = MER_CHAIN_STREAM (stream);

  while (!g_queue_is_empty (&self->streams))
    {
      GInputStream *first = g_queue_peek_head (&self->streams);
      gssize n = g_input_stream_read (first, buffer, count, cancellable, error);

      if (n != 0)
        return n;
      g_object_unref (g_queue_pop_head (&self->streams));
    }
  return 0;
}

static void
mer_chain_stream_finalize (GObject *object)
{
  g_queue_clear_full (&MER_CHAIN_STREAM (object)->streams, g_object_unref);
  G_OBJECT_CLASS (mer_chain_stream_parent_class)->finalize (object);
}

static void
mer_chain_stream_class_init (MerChainStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_chain_stream_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = mer_chain_stream_read;
}

static void
mer_chain_stream_init (MerChainStream *self)
{
  g_queue_init (&self->streams);
}

MerChainStream *
mer_chain_stream_new (void)
{
  return g_object_new (MER_TYPE_CHAIN_STREAM, NULL);
}

void
mer_chain_stream_add (MerChainStream *self, GInputStream *stream)
{
  g_queue_push_tail (&self->streams, stream);
}

void
mer_chain_stream_add_text (MerChainStream *self, const char *text)
{
  mer_chain_stream_add (self, g_memory_input_stream_new_from_data (
                                  g_strdup (text), (gssize) strlen (text), g_free));
}
