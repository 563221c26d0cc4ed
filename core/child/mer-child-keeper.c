/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mer-child-keeper LIFE-FD GRACE-MS MEMORY-MB CPU-S FILES PROGRAM [ARGUMENT…]
 *
 * Stands between gst-mer and a program of the user's, so that nothing of that program stays
 * when gst-mer goes, however it goes. It holds one end of a pipe whose other end only
 * gst-mer has: when that closes (kill -9 closes it too), or on SIGTERM, the program is
 * asked to end and, after the grace, killed with everything it started. Programs that it
 * started and left (daemons, other sessions) come to the keeper, which is their subreaper,
 * and are killed with it. Input, output and errors pass by the keeper, which holds none of
 * them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define N_OWN_ARGUMENTS 6
#define EXIT_CANNOT_START 127

typedef struct
{
  int life;
  int signals;
  long grace_ms;
  pid_t child;
  int status;
  int is_over;
  long kill_at; /* 0: nobody has asked it to end */
} Keeper;

static long
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static void
set_limit (int resource, rlim_t most)
{
  struct rlimit limit;

  if (getrlimit (resource, &limit) != 0)
    return;
  if (limit.rlim_max == RLIM_INFINITY || most < limit.rlim_max)
    limit.rlim_max = most;
  limit.rlim_cur = limit.rlim_max;
  /* the signal that tells of the limit comes at the soft one, SIGKILL at the hard one */
  if (resource == RLIMIT_CPU)
    limit.rlim_max += 1;
  setrlimit (resource, &limit);
}

/* 0 leaves a limit as it is */
static void
set_limits (char **argv)
{
  rlim_t memory = strtoul (argv[3], NULL, 10);
  rlim_t cpu = strtoul (argv[4], NULL, 10);
  rlim_t files = strtoul (argv[5], NULL, 10);

  set_limit (RLIMIT_CORE, 0);
  if (memory > 0)
    set_limit (RLIMIT_AS, memory << 20);
  if (cpu > 0)
    set_limit (RLIMIT_CPU, cpu);
  if (files > 0)
    set_limit (RLIMIT_NOFILE, files);
}

/* where memory runs out, the model goes before the run that asks it */
static void
offer_to_oom_killer (void)
{
  int fd = open ("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

  if (fd < 0)
    return;
  (void) !write (fd, "500", 3);
  close (fd);
}

static void
become_program (pid_t keeper, const sigset_t *mask, char **argv)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != keeper)
    _exit (EXIT_CANNOT_START);
  setpgid (0, 0);
  sigprocmask (SIG_SETMASK, mask, NULL);
  set_limits (argv);
  offer_to_oom_killer ();
  execvp (argv[N_OWN_ARGUMENTS], argv + N_OWN_ARGUMENTS);
  fprintf (stderr, "cannot start %s: %s\n", argv[N_OWN_ARGUMENTS], strerror (errno));
  _exit (EXIT_CANNOT_START);
}

static pid_t
parent_of (const char *process)
{
  char path[64];
  char text[512];
  int fd;
  ssize_t length;
  const char *after_name;

  snprintf (path, sizeof path, "/proc/%.20s/stat", process);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  length = read (fd, text, sizeof text - 1);
  close (fd);
  if (length <= 0)
    return -1;
  text[length] = '\0';
  /* PID (NAME) STATE PARENT …; the name may hold anything */
  after_name = strrchr (text, ')');
  return after_name != NULL && strlen (after_name) > 4
             ? (pid_t) strtol (after_name + 4, NULL, 10)
             : -1;
}

/* ours alone, so that no process id can have gone to a stranger */
static void
kill_children (void)
{
  DIR *processes = opendir ("/proc");
  struct dirent *entry;
  pid_t self = getpid ();

  while (processes != NULL && (entry = readdir (processes)) != NULL)
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9'
        && parent_of (entry->d_name) == self)
      kill ((pid_t) strtol (entry->d_name, NULL, 10), SIGKILL);
  if (processes != NULL)
    closedir (processes);
}

/* takes in one that has ended; 0: there is none, or nobody left */
static int
reap (Keeper *self, int flags)
{
  int status = 0;
  pid_t pid = waitpid (-1, &status, flags);

  if (pid == self->child)
    {
      self->status = status;
      self->is_over = 1;
    }
  return pid > 0 || (pid < 0 && errno == EINTR);
}

/* the children of what was killed come to the keeper, and go the same way */
static void
kill_all (Keeper *self)
{
  if (!self->is_over)
    kill (-self->child, SIGKILL);
  do
    kill_children ();
  while (reap (self, 0));
}

static void
ask_to_end (Keeper *self)
{
  if (self->kill_at != 0)
    return;
  kill (-self->child, SIGTERM);
  kill (-self->child, SIGCONT);
  self->kill_at = now_ms () + self->grace_ms;
}

static void
on_signals (Keeper *self)
{
  struct signalfd_siginfo info;

  while (read (self->signals, &info, sizeof info) == (ssize_t) sizeof info)
    if (info.ssi_signo != SIGCHLD)
      ask_to_end (self);
  while (reap (self, WNOHANG))
    continue;
}

static void
watch (Keeper *self)
{
  struct pollfd fds[2] = { { .fd = self->signals, .events = POLLIN },
                           { .fd = self->life, .events = POLLIN } };

  while (!self->is_over)
    {
      long left = self->kill_at == 0 ? -1 : self->kill_at - now_ms ();

      if (self->kill_at != 0 && left <= 0)
        return;
      if (poll (fds, 2, (int) left) < 0 && errno != EINTR)
        return;
      if (fds[1].revents != 0)
        {
          ask_to_end (self);
          fds[1].fd = -1;
          fds[1].revents = 0;
        }
      on_signals (self);
    }
}

static void
leave_streams (void)
{
  int null = open ("/dev/null", O_RDWR);

  for (int fd = 0; null >= 0 && fd < 3; fd++)
    dup2 (null, fd);
  if (null > 2)
    close (null);
}

/* as the program ended, so that gst-mer sees its code or signal */
static int
end_alike (int status)
{
  if (!WIFSIGNALED (status))
    return WEXITSTATUS (status);

  sigset_t all;
  int number = WTERMSIG (status);
  sigfillset (&all);
  signal (number, SIG_DFL);
  sigprocmask (SIG_UNBLOCK, &all, NULL);
  raise (number);
  return 128 + number;
}

int
main (int argc, char **argv)
{
  Keeper self = { .status = 0 };
  sigset_t wanted, before;
  pid_t keeper = getpid ();

  if (argc <= N_OWN_ARGUMENTS)
    {
      fprintf (stderr, "mer-child-keeper is started by gst-mer alone\n");
      return 2;
    }
  self.life = (int) strtol (argv[1], NULL, 10);
  self.grace_ms = strtol (argv[2], NULL, 10);
  fcntl (self.life, F_SETFD, FD_CLOEXEC);
  /* Ctrl-C is gst-mer's business: it drains, and the program is still needed for that */
  setsid ();
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  set_limit (RLIMIT_CORE, 0);

  sigemptyset (&wanted);
  sigaddset (&wanted, SIGCHLD);
  sigaddset (&wanted, SIGTERM);
  sigaddset (&wanted, SIGINT);
  sigaddset (&wanted, SIGHUP);
  sigprocmask (SIG_BLOCK, &wanted, &before);
  self.signals = signalfd (-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  self.child = fork ();
  if (self.child == 0)
    become_program (keeper, &before, argv);
  if (self.child < 0 || self.signals < 0)
    {
      fprintf (stderr, "cannot start %s: %s\n", argv[N_OWN_ARGUMENTS], strerror (errno));
      return EXIT_CANNOT_START;
    }
  setpgid (self.child, self.child);
  leave_streams ();
  watch (&self);
  kill_all (&self);
  return end_alike (self.status);
}
