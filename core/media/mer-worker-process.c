/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-worker-process.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mer-error.h"
#include "mer-program.h"

#define PROGRAM "mer-decode-worker"
#define CHILD_FD 3

struct _MerWorkerProcess
{
  GObject parent_instance;

  GSubprocess *process;
  GSocketConnection *connection;
  GBytes *request; /* while it is written */
  guint n_asked;
  gboolean killed;
  guint8 header[MER_WIRE_HEADER_SIZE];
  MerWireType type;
  guint8 *payload;
  gsize length;
};

G_DEFINE_TYPE (MerWorkerProcess, mer_worker_process, G_TYPE_OBJECT)

static void
mer_worker_process_finalize (GObject *object)
{
  MerWorkerProcess *self = MER_WORKER_PROCESS (object);

  g_clear_object (&self->connection);
  if (self->process != NULL)
    g_subprocess_force_exit (self->process);
  g_clear_object (&self->process);
  g_clear_pointer (&self->request, g_bytes_unref);
  g_free (self->payload);
  G_OBJECT_CLASS (mer_worker_process_parent_class)->finalize (object);
}

static void
mer_worker_process_class_init (MerWorkerProcessClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mer_worker_process_finalize;
}

static void
mer_worker_process_init (G_GNUC_UNUSED MerWorkerProcess *self)
{
}

/**
 * mer_worker_process_find:
 * @error: return location for an error
 *
 * `$MER_DECODE_WORKER` if set, else the one of this build.
 *
 * Returns: (transfer full) (nullable) (type filename): the worker's program; %NULL with
 *   `NOT_FOUND`
 */
char *
mer_worker_process_find (GError **error)
{
  return mer_program_find (PROGRAM, "MER_DECODE_WORKER", "core", error);
}

static GSocketConnection *
make_connection (int fd, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);

  if (socket == NULL)
    {
      close (fd);
      return NULL;
    }
  return g_socket_connection_factory_create_connection (socket);
}

/* a clip that takes its decoder over finds no keys there */
static void
hide_keys (GSubprocessLauncher *launcher)
{
  g_auto (GStrv) names = g_listenv ();

  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_has_suffix (names[i], "_API_KEY") || g_str_has_suffix (names[i], "_TOKEN"))
      g_subprocess_launcher_unsetenv (launcher, names[i]);
}

/**
 * mer_worker_process_start:
 * @error: return location for an error
 *
 * The child dies with the calling thread.
 *
 * Returns: (transfer full) (nullable): a worker
 */
MerWorkerProcess *
mer_worker_process_start (GError **error)
{
  g_autofree char *path = mer_worker_process_find (error);
  g_autofree char *parent = g_strdup_printf ("%d", (int) getpid ());
  int fds[2];

  if (path == NULL)
    return NULL;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_FAILED, "no socket for a decode worker: %s",
                   g_strerror (errno));
      return NULL;
    }

  g_autoptr (MerWorkerProcess) self = g_object_new (MER_TYPE_WORKER_PROCESS, NULL);
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_subprocess_launcher_take_fd (launcher, fds[1], CHILD_FD);
  hide_keys (launcher);
  self->connection = make_connection (fds[0], error);
  if (self->connection == NULL)
    return NULL;
  self->process = g_subprocess_launcher_spawn (launcher, error, path, parent, NULL);
  g_subprocess_launcher_close (launcher);
  return self->process != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * mer_worker_process_kill:
 * @self: a worker
 *
 * Ends it at once; a question under way ends as a death.
 */
void
mer_worker_process_kill (MerWorkerProcess *self)
{
  self->killed = TRUE;
  g_subprocess_force_exit (self->process);
}

/**
 * mer_worker_process_is_spent:
 * @self: a worker
 *
 * Returns: whether it has done its share, or was told to end: it must not be asked again,
 *   though its process may still be seen for a while
 */
gboolean
mer_worker_process_is_spent (MerWorkerProcess *self)
{
  return self->killed || self->n_asked >= MER_WIRE_MAX_CLIPS;
}

/**
 * mer_worker_process_get_pid:
 * @self: a worker
 *
 * Returns: (nullable): its process id, %NULL once it has ended
 */
const char *
mer_worker_process_get_pid (MerWorkerProcess *self)
{
  return g_subprocess_get_identifier (self->process);
}

/* the answer: header, payload */

static void
return_death (GTask *task, GError *cause)
{
  g_task_return_new_error (task, MER_ERROR, MER_ERROR_STOPPED, "the decode worker died%s%s",
                           cause != NULL ? ": " : "", cause != NULL ? cause->message : "");
}

static void
return_answer (GTask *task, MerWorkerProcess *self)
{
  g_autoptr (GBytes) payload
      = g_bytes_new_take (g_steal_pointer (&self->payload), self->length);
  GError *error = NULL;
  MerDecoded *decoded = NULL;

  if (self->type == MER_WIRE_REPLY)
    decoded = mer_wire_unpack_reply (payload, &error);
  else
    mer_wire_unpack_failure (payload, &error);
  if (decoded != NULL)
    g_task_return_pointer (task, decoded, (GDestroyNotify) mer_decoded_free);
  else
    g_task_return_error (task, error);
}

static void
payload_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  MerWorkerProcess *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  gsize n = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, &error)
      || n != self->length)
    return_death (task, error);
  else
    return_answer (task, self);
}

static void
header_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  MerWorkerProcess *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  gsize n = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, &error)
      || n != sizeof self->header
      || !mer_wire_read_header (self->header, &self->type, &self->length, &error))
    {
      return_death (task, error);
      return;
    }
  self->payload = g_try_malloc (MAX (self->length, 1));
  if (self->payload == NULL)
    {
      return_death (task, NULL);
      return;
    }
  g_input_stream_read_all_async (G_INPUT_STREAM (source), self->payload, self->length,
                                 G_PRIORITY_DEFAULT, NULL, payload_read,
                                 g_object_ref (task));
}

static void
request_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  MerWorkerProcess *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      return_death (task, error);
      return;
    }
  g_clear_pointer (&self->request, g_bytes_unref);
  g_input_stream_read_all_async (
      g_io_stream_get_input_stream (G_IO_STREAM (self->connection)), self->header,
      sizeof self->header, G_PRIORITY_DEFAULT, NULL, header_read, g_object_ref (task));
}

/**
 * mer_worker_process_ask_async:
 * @self: a worker that is not busy
 * @request: what [func@wire_pack_request] gave
 * @callback: (scope async): called in the caller's thread-default context
 * @user_data: for @callback
 */
void
mer_worker_process_ask_async (MerWorkerProcess *self, GBytes *request,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (request, &size);
  guint8 *frame = g_malloc (MER_WIRE_HEADER_SIZE + size);

  self->n_asked++;
  mer_wire_write_header (frame, MER_WIRE_REQUEST, size);
  memcpy (frame + MER_WIRE_HEADER_SIZE, data, size);
  g_clear_pointer (&self->request, g_bytes_unref);
  self->request = g_bytes_new_take (frame, MER_WIRE_HEADER_SIZE + size);
  g_output_stream_write_all_async (
      g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), frame,
      MER_WIRE_HEADER_SIZE + size, G_PRIORITY_DEFAULT, NULL, request_written,
      g_object_ref (task));
}

/**
 * mer_worker_process_ask_finish:
 * @self: a worker
 * @result: what the callback got
 * @died: (out): whether the worker is gone; the clip may be at fault or not
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the answer
 */
MerDecoded *
mer_worker_process_ask_finish (G_GNUC_UNUSED MerWorkerProcess *self, GAsyncResult *result,
                               gboolean *died, GError **error)
{
  GError *local = NULL;
  MerDecoded *decoded = g_task_propagate_pointer (G_TASK (result), &local);

  *died = g_error_matches (local, MER_ERROR, MER_ERROR_STOPPED);
  if (local != NULL)
    g_propagate_error (error, local);
  return decoded;
}
