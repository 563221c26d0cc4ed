/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "child/mer-child.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>
#include <unistd.h>

#include "mer-error.h"
#include "mer-program.h"
#include "child/mer-child-reader.h"

GST_DEBUG_CATEGORY (mer_child_debug);
#define GST_CAT_DEFAULT mer_child_debug

#define KEEPER "mer-child-keeper"
#define LIFE_FD 3
#define CHUNK 65536
/* bytes in a tenth of a second */
#define OUTPUT_RATE (8u * 1024 * 1024)
#define ERRORS_RATE (128u * 1024)
#define MAX_ERROR_LINE 2000
/* of what it wrote to stderr, kept for the day it dies */
#define N_LAST_WORDS 3
#define MAX_LAST_WORDS 300
/* everything that could write is gone: what was written comes at once or never */
#define DRAIN_MS 1000
/* from the end of its output to its own */
#define CLOSING_MS 1000

struct _MerChild
{
  GObject parent_instance;

  MerChildSettings *settings;
  const MerChildWatcher *watcher; /* NULL once it was told of the death */
  gpointer data;
  char *name;
  GSubprocess *keeper;
  int life;
  GOutputStream *input;
  MerChildReader *output;
  MerChildReader *errors;
  GQueue lines; /* GInputStreams to be written */
  gboolean writing;
  GCancellable *stop_writing;
  guint8 *chunk;
  GQueue last_words;
  char *reason; /* why it was ended, where it was */
  gboolean exited;
  GSource *timer;
};

G_DEFINE_FINAL_TYPE (MerChild, mer_child, G_TYPE_OBJECT)

static void
close_life (MerChild *self)
{
  if (self->life >= 0)
    g_close (self->life, NULL);
  self->life = -1;
}

static void
mer_child_finalize (GObject *object)
{
  MerChild *self = MER_CHILD (object);

  close_life (self);
  g_clear_pointer (&self->output, mer_child_reader_free);
  g_clear_pointer (&self->errors, mer_child_reader_free);
  g_queue_clear_full (&self->lines, g_object_unref);
  g_queue_clear_full (&self->last_words, g_free);
  g_clear_object (&self->input);
  g_clear_object (&self->keeper);
  g_clear_object (&self->stop_writing);
  g_clear_pointer (&self->settings, mer_child_settings_unref);
  g_free (self->name);
  g_free (self->chunk);
  g_free (self->reason);
  G_OBJECT_CLASS (mer_child_parent_class)->finalize (object);
}

static void
mer_child_class_init (MerChildClass *klass)
{
  GST_DEBUG_CATEGORY_INIT (mer_child_debug, "merchild", 0, "programs that merexec runs");
  G_OBJECT_CLASS (klass)->finalize = mer_child_finalize;
}

static void
mer_child_init (MerChild *self)
{
  self->life = -1;
  self->chunk = g_malloc (CHUNK);
  self->stop_writing = g_cancellable_new ();
  g_queue_init (&self->lines);
  g_queue_init (&self->last_words);
}

static void
set_timer (MerChild *self, guint milliseconds, GSourceFunc function)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  if (function == NULL)
    return;
  self->timer = g_timeout_source_new (milliseconds);
  g_source_set_callback (self->timer, function, g_object_ref (self), g_object_unref);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static void
maybe_tell_death (MerChild *self)
{
  g_autofree char *reason = NULL;
  const MerChildWatcher *watcher = self->watcher;

  if (watcher == NULL || !self->exited || !mer_child_reader_is_over (self->output)
      || !mer_child_reader_is_over (self->errors))
    return;
  set_timer (self, 0, NULL);
  self->watcher = NULL;
  reason = g_strdup (self->reason);
  watcher->dead (reason, self->data);
}

static void
on_output_line (const char *text, gsize length, gpointer data)
{
  MerChild *self = data;

  if (self->watcher != NULL)
    self->watcher->line (text, length, self->data);
}

static void
on_output_too_long (gpointer data)
{
  mer_child_end (data, "wrote a line of more than 32 MiB");
}

static gboolean
on_mute (gpointer data)
{
  MerChild *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  mer_child_end (self, "closed its output");
  return G_SOURCE_REMOVE;
}

/* it is dying, most likely; one that only cannot answer any more is of no use either */
static void
on_output_end (gpointer data)
{
  MerChild *self = data;

  if (!self->exited)
    set_timer (self, CLOSING_MS, on_mute);
  maybe_tell_death (self);
}

static char *
dup_clean_line (MerChild *self, const char *text, gsize length)
{
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) length);

  for (char *at = valid; *at != '\0'; at++)
    if ((guchar) *at < 0x20 || *at == 0x7f)
      *at = ' ';
  g_strchomp (valid);
  return mer_child_settings_blot_out (self->settings, valid);
}

static void
on_error_line (const char *text, gsize length, gpointer data)
{
  MerChild *self = data;
  g_autofree char *line = dup_clean_line (self, text, length);

  if (*line == '\0')
    return;
  GST_INFO ("%s: %s", self->name, line);
  g_queue_push_tail (&self->last_words, g_steal_pointer (&line));
  if (g_queue_get_length (&self->last_words) > N_LAST_WORDS)
    g_free (g_queue_pop_head (&self->last_words));
}

static void
on_errors_end (gpointer data)
{
  maybe_tell_death (data);
}

static const MerChildReaderClass output_class = { .ends = "\n",
                                                  .max_line = MER_CHILD_MAX_LINE,
                                                  .rate = OUTPUT_RATE,
                                                  .line = on_output_line,
                                                  .too_long = on_output_too_long,
                                                  .end = on_output_end };
static const MerChildReaderClass errors_class = { .ends = "\n\r",
                                                  .max_line = MAX_ERROR_LINE,
                                                  .cuts = TRUE,
                                                  .rate = ERRORS_RATE,
                                                  .line = on_error_line,
                                                  .end = on_errors_end };

static gboolean
on_drained (gpointer data)
{
  MerChild *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  g_clear_pointer (&self->output, mer_child_reader_free);
  g_clear_pointer (&self->errors, mer_child_reader_free);
  if (self->watcher != NULL)
    {
      const MerChildWatcher *watcher = self->watcher;

      self->watcher = NULL;
      watcher->dead (self->reason, self->data);
    }
  return G_SOURCE_REMOVE;
}

static char *
describe_exit (GSubprocess *keeper)
{
  if (g_subprocess_get_if_exited (keeper))
    return g_strdup_printf ("ended with exit code %d",
                            g_subprocess_get_exit_status (keeper));
  switch (g_subprocess_get_term_sig (keeper))
    {
    case SIGKILL:
      return g_strdup ("was killed (signal 9; perhaps there was not enough memory)");
    case SIGXCPU:
      return g_strdup ("used up the processor time that cpu-limit gives it");
    default:
      return g_strdup_printf ("died of signal %d (%s)", g_subprocess_get_term_sig (keeper),
                              g_strsignal (g_subprocess_get_term_sig (keeper)));
    }
}

static void
on_exited (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (MerChild) self = data;

  g_subprocess_wait_finish (G_SUBPROCESS (object), result, NULL);
  self->exited = TRUE;
  close_life (self);
  g_cancellable_cancel (self->stop_writing);
  if (self->reason == NULL)
    self->reason = describe_exit (G_SUBPROCESS (object));
  GST_INFO ("%s: it %s", self->name, self->reason);
  if (self->watcher == NULL)
    return;
  set_timer (self, DRAIN_MS, on_drained);
  maybe_tell_death (self);
}

static void write_on (MerChild *self);

static void
on_written (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (MerChild) self = data;
  g_autoptr (GError) error = NULL;

  self->writing = FALSE;
  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (object), result, NULL, &error))
    {
      write_on (self);
      return;
    }
  g_queue_clear_full (&self->lines, g_object_unref);
  /* a dying program closes everything: what it died of says more */
  if (!self->exited && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    mer_child_end (self, "could not be written to");
}

static void
write_on (MerChild *self)
{
  while (!self->writing && !g_queue_is_empty (&self->lines))
    {
      GInputStream *line = g_queue_peek_head (&self->lines);
      gssize n = g_input_stream_read (line, self->chunk, CHUNK, NULL, NULL);

      if (n <= 0)
        {
          g_object_unref (g_queue_pop_head (&self->lines));
          continue;
        }
      self->writing = TRUE;
      g_output_stream_write_all_async (self->input, self->chunk, (gsize) n,
                                       G_PRIORITY_DEFAULT, self->stop_writing, on_written,
                                       g_object_ref (self));
    }
}

static gboolean
spawn (MerChild *self, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
      | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *path = mer_program_find (KEEPER, "MER_CHILD_KEEPER", "core", error);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  int ends[2];

  if (path == NULL || !g_unix_open_pipe (ends, FD_CLOEXEC, error))
    return FALSE;
  self->life = ends[1];
  g_subprocess_launcher_take_fd (launcher, ends[0], LIFE_FD);
  g_subprocess_launcher_set_environ (launcher, self->settings->environment);
  g_subprocess_launcher_set_cwd (launcher, self->settings->folder);
  g_ptr_array_add (argv, g_steal_pointer (&path));
  g_ptr_array_add (argv, g_strdup_printf ("%d", LIFE_FD));
  g_ptr_array_add (argv, g_strdup_printf ("%.0f", self->settings->grace * 1000));
  g_ptr_array_add (argv, g_strdup_printf ("%u", self->settings->memory_mb));
  g_ptr_array_add (argv, g_strdup_printf ("%u", self->settings->cpu_seconds));
  g_ptr_array_add (argv, g_strdup_printf ("%u", self->settings->max_files));
  for (guint i = 0; self->settings->argv[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (self->settings->argv[i]));
  g_ptr_array_add (argv, NULL);
  self->keeper
      = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, error);
  g_subprocess_launcher_close (launcher);
  return self->keeper != NULL;
}

/* a write to a pipe that blocks goes on until all is in, also when it was asked whether
 * there is room */
static gboolean
set_up_streams (MerChild *self, GError **error)
{
  GInputStream *output = g_subprocess_get_stdout_pipe (self->keeper);
  GInputStream *errors = g_subprocess_get_stderr_pipe (self->keeper);

  self->input = g_object_ref (g_subprocess_get_stdin_pipe (self->keeper));
  if (!g_unix_set_fd_nonblocking (
          g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (self->input)), TRUE, error))
    return FALSE;
  self->output = mer_child_reader_new (output, &output_class, self);
  self->errors = mer_child_reader_new (errors, &errors_class, self);
  return TRUE;
}

/**
 * mer_child_start:
 * @settings: what to start
 * @watcher: who owns it; static
 * @data: for @watcher
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): a program that may or may not work
 */
MerChild *
mer_child_start (MerChildSettings *settings, const MerChildWatcher *watcher, gpointer data,
                 GError **error)
{
  g_autoptr (MerChild) self = g_object_new (MER_TYPE_CHILD, NULL);

  /* GSocket has SIGPIPE ignored, which else ends the process when the program has closed
   * its input */
  g_type_class_unref (g_type_class_ref (G_TYPE_SOCKET));
  self->settings = mer_child_settings_ref (settings);
  self->name = g_path_get_basename (settings->argv[0]);
  if (!spawn (self, error) || !set_up_streams (self, error))
    return NULL;
  self->watcher = watcher;
  self->data = data;
  GST_INFO ("%s: started as process %s", self->name,
            g_subprocess_get_identifier (self->keeper));
  g_subprocess_wait_async (self->keeper, NULL, on_exited, g_object_ref (self));
  return g_steal_pointer (&self);
}

/**
 * mer_child_send:
 * @self: a child
 * @line: (transfer full): gives the line with its end, and never blocks
 *
 * Writes a line after those that are not through yet.
 */
void
mer_child_send (MerChild *self, GInputStream *line)
{
  g_queue_push_tail (&self->lines, line);
  if (!self->exited && self->reason == NULL)
    write_on (self);
}

/**
 * mer_child_end:
 * @self: a child
 * @reason: what `dead` is to say, as part of a sentence: “it …”
 *
 * Asks the program to end, and has it killed where it does not, with all that it started.
 */
void
mer_child_end (MerChild *self, const char *reason)
{
  if (self->reason == NULL)
    self->reason = g_strdup (reason);
  g_cancellable_cancel (self->stop_writing);
  close_life (self);
}

/**
 * mer_child_dup_last_words:
 * @self: a child
 *
 * Returns: (transfer full) (nullable): the last it wrote to its stderr, as one line
 */
char *
mer_child_dup_last_words (MerChild *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (GList *at = self->last_words.head; at != NULL; at = at->next)
    g_string_append_printf (text, "%s%.*s", text->len > 0 ? " | " : "", MAX_LAST_WORDS,
                            (const char *) at->data);
  if (text->len == 0)
    return NULL;
  return g_utf8_make_valid (text->str, (gssize) text->len);
}
