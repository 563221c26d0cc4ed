/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* merexec with programs that do what programs do: tests/support/hostile_child.py */
#include "support/mer-test.h"

#include <gst/check/gstharness.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "support/mer-test-folder.h"
#include "support/mer-test-sample.h"

#define KEY "sk-of-this-test-alone"

/* a merexec with a bus of its own */
typedef struct
{
  GstElement *element;
  GstHarness *harness;
  GstBus *bus;
  char *state_file;
} Bench;

static void
set_properties (GstElement *element, const char *properties)
{
  g_auto (GStrv) parts = NULL;

  if (properties == NULL || !g_shell_parse_argv (properties, NULL, &parts, NULL))
    return;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *equals = strchr (parts[i], '=');

      *equals = '\0';
      gst_util_set_object_arg (G_OBJECT (element), parts[i], equals + 1);
    }
}

static void
bench_init_command (Bench *bench, const char *command, const char *properties)
{
  bench->element = gst_object_ref_sink (gst_element_factory_make ("merexec", "ask"));
  assert_non_null (bench->element);
  g_object_set (bench->element, "command", command, "timeout", 60., "linger", 0., "grace",
                1., NULL);
  set_properties (bench->element, properties);
  bench->bus = gst_bus_new ();
  gst_element_set_bus (bench->element, bench->bus);
  bench->harness = gst_harness_new_with_element (bench->element, "sink", "src");
  gst_harness_set_src_caps_str (bench->harness, MER_SAMPLE_CAPS);
}

/* the one of the system, which starts faster than what stands before it in some PATHs */
static char *
dup_command (const char *how, const char *state_file)
{
  const char *python = "/usr/bin/python3";

  return g_strdup_printf ("%s %s/tests/support/hostile_child.py %s %s",
                          g_file_test (python, G_FILE_TEST_IS_EXECUTABLE) ? python
                                                                          : "python3",
                          g_getenv ("MER_SOURCE_ROOT"), how, state_file);
}

static void
bench_init (Bench *bench, const char *how, const char *properties)
{
  static guint n = 0;
  g_autofree char *name = g_strdup_printf ("mer-exec-%d-%u", (int) getpid (), n++);
  g_autofree char *command = NULL;

  bench->state_file = g_build_filename (g_get_tmp_dir (), name, NULL);
  command = dup_command (how, bench->state_file);
  bench_init_command (bench, command, properties);
}

static void
bench_clear (Bench *bench)
{
  gst_harness_teardown (bench->harness);
  gst_element_set_bus (bench->element, NULL);
  gst_object_unref (bench->bus);
  gst_object_unref (bench->element);
  remove (bench->state_file);
  g_free (bench->state_file);
}

static char *
pop_error (Bench *bench)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bench->bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    return NULL;
  gst_message_parse_error (message, &error, NULL);
  return g_strdup (error->message);
}

static void
push (Bench *bench, guint64 seq, guint n_frames, double audio, const char *subtitle)
{
  gst_harness_push (bench->harness, mer_buffer_new_sample (
                                        mer_test_sample (seq, n_frames, audio, subtitle)));
}

/* transfer full; NULL where the graph was stopped first */
static MerResult *
pull (Bench *bench)
{
  g_autoptr (GstBuffer) out = gst_harness_pull (bench->harness);

  return out != NULL
             ? mer_result_ref (mer_sample_find_result (mer_buffer_get_sample (out), "ask"))
             : NULL;
}

static MerResult *
ask (Bench *bench, const char *subtitle)
{
  push (bench, 0, 0, 0, subtitle);
  return pull (bench);
}

#define GOOD MER_OUTCOME_ANSWERED
#define BAD MER_OUTCOME_API_FAILED

typedef struct
{
  const char *how;
  MerOutcome outcome;
  const char *text;   /* NULL: any */
  const char *detail; /* is part of the detail, or of the ERROR where `fatal` */
  guint attempts;     /* 0: any */
  gboolean fatal;
  const char *properties;
  MerReason reason;
} Case;

static const Case cases[] = {
  { "good", GOOD, "happy", NULL, 1 },
  /* what it may do */
  { "unknown-members", GOOD, "happy", NULL, 1 },
  { "noise-at-start", GOOD, "happy", NULL, 1 },
  { "keep-alive", GOOD, "happy", NULL, 1 },
  { "print-between", GOOD, "happy", NULL, 1 },
  { "answer-twice", GOOD, "happy", NULL, 1 },
  { "unknown-id", GOOD, "happy", NULL, 1 },
  { "not-utf-8", GOOD, "h\357\277\275ppy \357\277\275", NULL, 1 },
  { "lone-surrogate", GOOD, "happy \357\277\275", NULL, 1 },
  { "deep", GOOD, "happy", NULL, 1 },
  { "no-line-end", GOOD, "happy", NULL, 1 },
  { "close-stdin", GOOD, "happy", NULL, 1 },
  { "labels", GOOD, "{\"labels\":[\"happy\",\"proud\"]}", NULL, 1 },
  { "thinking", GOOD, "happy", NULL, 1 },
  { "detail", GOOD, "happy", "looks like FastAPI", 1 },
  { "helper", GOOD, "helper 1", NULL, 1 },
  { "refused", MER_OUTCOME_REFUSED, "I cannot.", "no faces", 1 },
  { "truncated", MER_OUTCOME_TRUNCATED, "hap", "max-tokens", 1 },
  { "flood-stderr", GOOD, "happy", NULL, 1 },
  { "stderr-without-end", GOOD, "happy", NULL, 1 },
  /* what is tried again */
  { "error-then-good", GOOD, "happy", NULL, 2 },
  { "die-once", GOOD, "happy", NULL, 2 },
  { "exit-at-first-start", GOOD, "happy", NULL, 1 },
  { "error-always", BAD, NULL, "3 attempts failed, the last: ", 3 },
  { "die", BAD, NULL, "2 attempts failed, the last: ", 2, FALSE, NULL, MER_REASON_CHILD },
  { "die", BAD, NULL, "signal 11 (Segmentation fault); its last words: Traceback", 2 },
  { "half-a-line", BAD, NULL, "ended with exit code 0", 2 },
  { "fork-and-die", BAD, NULL, "ended with exit code 1", 2 },
  { "daemon-and-die", BAD, NULL, "ended with exit code 1", 2 },
  { "close-stdout", BAD, NULL, "closed its output", 2 },
  { "endless-line", BAD, NULL, "a line of more than 32 MiB", 2 },
  { "flood-stdout", BAD, NULL, "16 MiB to its output that answer nothing", 2 },
  { "never-answer", BAD, NULL, "no answer within 0.3 s", 2, FALSE, "timeout=0.3" },
  { "stop-reading", BAD, NULL, "no answer within 0.3 s", 2, FALSE, "timeout=0.3" },
  { "half-a-line-and-wait", BAD, NULL, "no answer within 0.3 s", 2, FALSE, "timeout=0.3" },
  { "ignore-sigterm", BAD, NULL, "no answer within 0.3 s", 2, FALSE,
    "timeout=0.3 grace=0.1" },
  { "burn", BAD, NULL, "the processor time that cpu-limit gives it", 2, FALSE,
    "cpu-limit=1" },
#ifndef __SANITIZE_ADDRESS__
  { "too-much-memory", BAD, NULL, "MemoryError", 2, FALSE, "memory-limit=512" },
#endif
  /* what is not */
  { "error", BAD, NULL, "no face in it", 1, FALSE, NULL, MER_REASON_CHILD },
  { "error-text", BAD, NULL, "plain words", 1 },
  { "no-text", BAD, NULL, "neither “text” nor", 0, FALSE, "timeout=0.5" },
  { "failed-outcome", BAD, NULL, "outcome “api-failed”", 1 },
  /* what ends the run */
  { "exit-at-start", BAD, NULL, "3 starts failed, the last: ", 0, TRUE },
  { "exit-at-start", BAD, NULL, "exit code 3; its last words: weights.pt: no such file", 0,
    TRUE, "max-starts=1" },
  { "no-hello", BAD, NULL, "did not introduce itself within 0.3 s", 0, TRUE,
    "max-starts=1 patience=0.3" },
  { "flood-at-start", BAD, NULL, "16 MiB to its output", 0, TRUE, "max-starts=1" },
  { "version-2", BAD, NULL, "it speaks version 2 of mer-exec", 0, TRUE },
  { "strange-media", BAD, NULL, "“telepathy”", 0, TRUE },
  { "audio-only", BAD, NULL, "takes no text, only audio", 0, TRUE, "modalities=text" },
  { "audio-only", BAD, NULL, "set model-modalities=audio", 0, TRUE,
    "modalities=text model=m" },
};

static void
check_case (Bench *bench, const Case *one)
{
  g_autoptr (MerResult) result = pull (bench);
  g_autofree char *fatal = pop_error (bench);
  const char *detail = NULL;

  if (one->fatal != (fatal != NULL))
    fail_msg ("%s: ERROR is %s", one->how, fatal);
  detail = one->fatal ? fatal : mer_result_get_detail (result);
  if (one->detail != NULL && (detail == NULL || strstr (detail, one->detail) == NULL))
    fail_msg ("%s: “%s” is not in “%s”", one->how, one->detail, detail);
  if (result == NULL)
    return;
  if (mer_result_get_outcome (result) != one->outcome)
    fail_msg ("%s: %s: %s", one->how,
              mer_outcome_to_string (mer_result_get_outcome (result)),
              mer_result_get_detail (result));
  if (one->text != NULL)
    assert_string_equal (mer_result_get_text (result), one->text);
  if (one->reason != MER_REASON_NONE)
    assert_int_equal (mer_result_get_reason (result), one->reason);
  if (one->attempts > 0)
    assert_int_equal (mer_result_get_attempts (result), one->attempts);
}

/* most of the time is spent waiting: many wait together */
#define AT_ONCE 12

static void
test_cases (void **state)
{
  const char *only = g_getenv ("MER_TEST_CASE");
  Bench benches[AT_ONCE];

  for (gsize first = 0; first < G_N_ELEMENTS (cases); first += AT_ONCE)
    {
      gsize n = MIN (AT_ONCE, G_N_ELEMENTS (cases) - first);

      for (gsize i = 0; i < n; i++)
        if (only == NULL || g_str_equal (only, cases[first + i].how))
          {
            bench_init (&benches[i], cases[first + i].how, cases[first + i].properties);
            push (&benches[i], 0, 0, 0, "hi");
          }
      for (gsize i = 0; i < n; i++)
        if (only == NULL || g_str_equal (only, cases[first + i].how))
          {
            check_case (&benches[i], &cases[first + i]);
            bench_clear (&benches[i]);
          }
    }
}

static void
check_text (const char *how, const char *properties, guint n_frames, double audio,
            const char *expected)
{
  Bench bench;
  g_autoptr (MerResult) result = NULL;

  bench_init (&bench, how, properties);
  push (&bench, 0, n_frames, audio, "hi");
  result = pull (&bench);
  assert_non_null (result);
  assert_string_equal (mer_result_get_text (result), expected);
  bench_clear (&bench);
}

static guint
count_spools (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/dev/shm", 0, NULL);
  guint n = 0;
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    n += g_str_has_prefix (name, "gst-mer-exec-");
  return n;
}

static void
test_media (void **state)
{
  check_text ("media", NULL, 3, 1, "4 ['.jpg', '.wav'] ['0o700'] True");
  check_text ("media", "modalities=audio", 3, 1, "1 ['.wav'] ['0o700'] True");
  check_text ("base64", NULL, 3, 1, "4 [b'RIFF', b'\\xff\\xd8\\xff\\xe0']");
}

/* files are private and gone when the element is; those of the dead are cleaned away */
static void
test_media_folder (void **state)
{
  g_autofree char *dead = mer_test_folder_file (*state, "gst-mer-exec-dead01");
  g_autofree char *lock = g_build_filename (dead, "lock", NULL);
  g_autofree char *properties = g_strdup_printf ("media-folder=%s", (char *) *state);
  g_autoptr (GDir) folder = NULL;

  assert_int_equal (g_mkdir_with_parents (dead, 0700), 0);
  assert_true (g_file_set_contents (lock, "", 0, NULL));
  check_text ("media", properties, 2, 0, "2 ['.jpg'] ['0o700'] True");
  folder = g_dir_open (*state, 0, NULL);
  assert_null (g_dir_read_name (folder));
}

static void
test_limits (void **state)
{
  check_text ("limits", "memory-limit=2000 cpu-limit=77 file-limit=123", 0, 0,
              "2097152000 77 123 0");
}

static void
test_environment (void **state)
{
  g_setenv ("MER_TEST_API_KEY", KEY, TRUE);
  g_setenv ("MER_TEST_PLAIN", "plain", TRUE);
  check_text ("environment", NULL, 0, 0,
              "MER_TEST_API_KEY=None MER_TEST_PLAIN=None MER_EXEC=1");
  check_text ("environment", "environment=MER_TEST_PLAIN", 0, 0,
              "MER_TEST_API_KEY=None MER_TEST_PLAIN=plain MER_EXEC=1");
  check_text ("environment", "'environment=MER_TEST_PLAIN=a MER_EXEC=2'", 0, 0,
              "MER_TEST_API_KEY=None MER_TEST_PLAIN=a MER_EXEC=1");
  /* given where it is listed, and blotted out where it comes back */
  check_text ("leak-key", "environment=MER_TEST_API_KEY", 0, 0, "key ***");
  check_text ("folder", "working-directory=/", 0, 0, "/");
}

static void
test_key_in_last_words (void **state)
{
  Bench bench;
  g_autoptr (MerResult) result = NULL;
  g_autofree char *error = NULL;

  g_setenv ("MER_TEST_API_KEY", KEY, TRUE);
  bench_init (&bench, "secret-to-stderr", "environment=MER_TEST_API_KEY max-starts=1");
  result = ask (&bench, "hi");
  assert_int_not_equal (mer_result_get_outcome (result), MER_OUTCOME_ANSWERED);
  error = pop_error (&bench);
  assert_non_null (strstr (error, "its last words: the key is ***"));
  assert_null (strstr (error, KEY));
  bench_clear (&bench);
}

/* answers find their questions in whatever order they come */
static void
test_two_at_once (void **state)
{
  Bench bench;

  bench_init (&bench, "two-at-once", NULL);
  push (&bench, 0, 0, 0, "hi");
  push (&bench, 1, 0, 0, "ho");
  g_autoptr (MerResult) first = pull (&bench);
  g_autoptr (MerResult) second = pull (&bench);
  assert_string_equal (mer_result_get_text (first), "first");
  assert_string_equal (mer_result_get_text (second), "second");
  bench_clear (&bench);
}

/* one of two kills the program twice: it fails, and the other does not */
static void
test_killer_is_found (void **state)
{
  static const char *const hows[] = { "die-on-poison", "killed-by-one-of-two" };

  for (gsize i = 0; i < G_N_ELEMENTS (hows); i++)
    {
      Bench bench;

      bench_init (&bench, hows[i], NULL);
      push (&bench, 0, 0, 0, "hi");
      push (&bench, 1, 0, 0, "poison");
      push (&bench, 2, 0, 0, "ho");
      for (guint k = 0; k < 3; k++)
        {
          g_autoptr (MerResult) result = pull (&bench);

          assert_int_equal (mer_result_get_outcome (result), k == 1 ? BAD : GOOD);
        }
      bench_clear (&bench);
    }
}

static gboolean
is_alive (pid_t pid)
{
  for (guint i = 0; i < 500 && kill (pid, 0) == 0; i++)
    g_usleep (20000);
  return kill (pid, 0) == 0 || errno != ESRCH;
}

/* what it forked, in its session or in another, goes with it */
static void
test_nothing_is_left (void **state)
{
  static const char *const hows[] = { "fork-and-die", "daemon-and-die" };

  for (gsize i = 0; i < G_N_ELEMENTS (hows); i++)
    {
      Bench bench;
      g_autoptr (MerResult) result = NULL;
      g_autofree char *pid = NULL;

      bench_init (&bench, hows[i], NULL);
      result = ask (&bench, "hi");
      assert_int_equal (mer_result_get_outcome (result), MER_OUTCOME_API_FAILED);
      assert_true (g_file_get_contents (bench.state_file, &pid, NULL, NULL));
      assert_false (is_alive ((pid_t) g_ascii_strtoll (pid, NULL, 10)));
      bench_clear (&bench);
    }
}

/* one that is loaded serves the next graph too, and ends when nobody has use for it */
static void
test_linger (void **state)
{
  g_autofree char *before = NULL;

  for (guint i = 0; i < 3; i++)
    {
      Bench bench;
      g_autoptr (MerResult) result = NULL;
      g_autofree char *command = dup_command ("pid", "");

      bench.state_file = g_strdup ("");
      bench_init_command (&bench, command, "linger=0.5");
      result = ask (&bench, "hi");
      if (before != NULL)
        assert_string_equal (mer_result_get_text (result), before);
      g_free (before);
      before = g_strdup (mer_result_get_text (result));
      bench_clear (&bench);
    }
  assert_false (is_alive ((pid_t) g_ascii_strtoll (before, NULL, 10)));
}

/* a stop in the middle neither waits for the program nor leaves it */
static void
test_stop (void **state)
{
  static const char *const hows[] = { "never-answer", "no-hello", "stop-reading" };

  for (gsize i = 0; i < G_N_ELEMENTS (hows); i++)
    {
      Bench bench;

      bench_init (&bench, hows[i], NULL);
      push (&bench, 0, 2, 1, "hi");
      push (&bench, 1, 2, 1, "ho");
      bench_clear (&bench);
    }
  assert_int_equal (count_spools (), 0);
}

static void
test_instances (void **state)
{
  Bench bench;
  g_autoptr (GHashTable) pids
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  bench_init (&bench, "pid", "instances=2 max-in-flight=8");
  for (guint i = 0; i < 20; i++)
    push (&bench, i, 0, 0, "hi");
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (MerResult) result = pull (&bench);

      g_hash_table_add (pids, g_strdup (mer_result_get_text (result)));
    }
  assert_true (g_hash_table_size (pids) <= 2);
  bench_clear (&bench);
}

static const struct
{
  const char *command;
  const char *properties;
  const char *error;
} bad_settings[] = {
  { NULL, NULL, "command: which program?" },
  { "no-such-program-anywhere", NULL, "there is no program “no-such-program-anywhere”" },
  { "./nothing.py", NULL, "there is no program “./nothing.py” that may be started" },
  { "python3 'half", NULL, "command: Text ended before" },
  { "true", "working-directory=/nowhere", "there is no folder /nowhere" },
  { "true", "environment=MER_TEST_NOT_SET", "MER_TEST_NOT_SET is not set" },
  { "true", "environment=X_API_KEY=abc", "give the name alone" },
  { "true --key " KEY, NULL, "everybody on this machine can read a command line" },
  { "true", "api-key-env=MER_TEST_API_KEY", "a program is sent no key" },
  { "true", "uri=http://127.0.0.1:1", "a program has no address" },
  { "true", "extra=[1]", "extra:1: " },
};

static void
test_bad_settings (void **state)
{
  g_setenv ("MER_TEST_API_KEY", KEY, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_settings); i++)
    {
      GstElement *element
          = gst_object_ref_sink (gst_element_factory_make ("merexec", "ask"));
      g_autoptr (GstBus) bus = gst_bus_new ();
      Bench bench = { .bus = bus };
      g_autofree char *error = NULL;

      gst_element_set_bus (element, bus);
      g_object_set (element, "command", bad_settings[i].command, NULL);
      set_properties (element, bad_settings[i].properties);
      assert_int_equal (gst_element_set_state (element, GST_STATE_PAUSED),
                        GST_STATE_CHANGE_FAILURE);
      error = pop_error (&bench);
      if (error == NULL)
        fail_msg ("no error says “%s”", bad_settings[i].error);
      else if (strstr (error, bad_settings[i].error) == NULL)
        fail_msg ("“%s” is not in “%s”", bad_settings[i].error, error);
      assert_null (error != NULL ? strstr (error, KEY) : NULL);
      gst_element_set_state (element, GST_STATE_NULL);
      gst_element_set_bus (element, NULL);
      gst_object_unref (element);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_cases),
    cmocka_unit_test (test_media),
    cmocka_unit_test_setup_teardown (test_media_folder, mer_test_folder_setup,
                                     mer_test_folder_teardown),
    cmocka_unit_test (test_limits),
    cmocka_unit_test (test_environment),
    cmocka_unit_test (test_key_in_last_words),
    cmocka_unit_test (test_two_at_once),
    cmocka_unit_test (test_killer_is_found),
    cmocka_unit_test (test_nothing_is_left),
    cmocka_unit_test (test_linger),
    cmocka_unit_test (test_stop),
    cmocka_unit_test (test_instances),
    cmocka_unit_test (test_bad_settings),
  };

  gst_init (&argc, &argv);
  mer_retry_set_time_scale (0.01);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
