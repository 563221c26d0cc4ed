/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/mer-caller.h"

G_DEFINE_INTERFACE (MerCaller, mer_caller, G_TYPE_OBJECT)

static void
mer_caller_default_init (MerCallerInterface *iface)
{
}

/**
 * mer_caller_get_address:
 * @self: a caller
 *
 * From any thread.
 *
 * Returns: (transfer none): what identifies whom is asked; holds no secret
 */
const char *
mer_caller_get_address (MerCaller *self)
{
  return MER_CALLER_GET_IFACE (self)->get_address (self);
}

/**
 * mer_caller_call_async:
 * @self: a caller
 * @call: what to ask; kept by the caller of this function until @callback
 * @cancellable: (nullable): stops it from any thread
 * @callback: (scope async): called in the thread-default context
 * @user_data: for @callback
 *
 * Sends a request as soon as limits allow, and again where its judge says so. I/O thread
 * only.
 */
void
mer_caller_call_async (MerCaller *self, MerCall *call, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  MER_CALLER_GET_IFACE (self)->call_async (self, call, cancellable, callback, user_data);
}

/**
 * mer_caller_call_finish:
 * @self: a caller
 * @result: what the callback got
 * @error: place for an error
 *
 * What the call's `retry` says tells failures apart.
 *
 * Returns: (transfer full) (nullable): the reply that was judged good, or filtered
 */
MerReply *
mer_caller_call_finish (MerCaller *self, GAsyncResult *result, GError **error)
{
  return MER_CALLER_GET_IFACE (self)->call_finish (self, result, error);
}
