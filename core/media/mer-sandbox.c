/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decoders are large, old and written in C, and clips come from strangers. A clip that
 * takes its decoder over finds a process that cannot talk to anybody, start or trace
 * another, gain privileges, write files or eat the machine. */
#include "media/mer-sandbox.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#define MAX_ADDRESS_SPACE (G_GUINT64_CONSTANT (4) * 1024 * 1024 * 1024)
#define MAX_OPEN_FILES 256

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#else
#define THIS_ARCH 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define HAS_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SHADOW_MEMORY 1
#endif
#endif

/**
 * mer_sandbox_die_with_parent:
 * @parent: who started this process
 *
 * Returns: %FALSE if it is gone already
 */
gboolean
mer_sandbox_die_with_parent (pid_t parent)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  return getppid () == parent;
}

/**
 * mer_sandbox_leave_network:
 *
 * Moves into a network namespace of its own, which has no device, where the kernel lets it.
 * Call before there are threads: a user namespace needs that.
 */
void
mer_sandbox_leave_network (void)
{
  if (unshare (CLONE_NEWNET) != 0 && geteuid () != 0)
    (void) !unshare (CLONE_NEWUSER | CLONE_NEWNET);
}

static void
set_limit (int resource, rlim_t most)
{
  struct rlimit limit;

  if (getrlimit (resource, &limit) != 0)
    return;
  limit.rlim_max = MIN (limit.rlim_max, most);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (resource, &limit);
}

/**
 * mer_sandbox_limit:
 *
 * Bounds the address space (an allocation beyond it ends the process), forbids core files
 * and writing to files.
 */
void
mer_sandbox_limit (void)
{
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  set_limit (RLIMIT_CORE, 0);
  set_limit (RLIMIT_NOFILE, MAX_OPEN_FILES);
  /* run-time compilers of pixel code try a file first and take it well if they get none */
  signal (SIGXFSZ, SIG_IGN);
  set_limit (RLIMIT_FSIZE, 0);
#ifndef HAS_SHADOW_MEMORY
  set_limit (RLIMIT_AS, MAX_ADDRESS_SPACE);
#endif
}

/**
 * mer_sandbox_limit_cpu:
 * @seconds: of processor time from now, 0 for any
 *
 * The last resort if nobody is there to keep the deadline.
 */
void
mer_sandbox_limit_cpu (double seconds)
{
  struct rlimit limit;
  struct rusage used;

  if (seconds <= 0 || getrlimit (RLIMIT_CPU, &limit) != 0
      || getrusage (RUSAGE_SELF, &used) != 0)
    return;

  rlim_t wanted = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (rlim_t) seconds + 2;
  limit.rlim_cur = MIN (wanted, limit.rlim_max);
  setrlimit (RLIMIT_CPU, &limit);
}

#define DENY(call)                                                                         \
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1),                                      \
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA))

/**
 * mer_sandbox_filter_calls:
 *
 * Makes the kernel refuse sockets, new programs and tracing. Needs
 * [func@sandbox_limit] first.
 *
 * Returns: whether the kernel can do that
 */
gboolean
mer_sandbox_filter_calls (void)
{
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, arch)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
#ifdef __x86_64__
    /* the x32 calls are the same under other numbers */
    BPF_JUMP (BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
#endif
    DENY (SYS_socket),
    DENY (SYS_connect),
    DENY (SYS_bind),
    DENY (SYS_listen),
    DENY (SYS_execve),
    DENY (SYS_execveat),
    DENY (SYS_ptrace),
    DENY (SYS_process_vm_readv),
    DENY (SYS_process_vm_writev),
    DENY (SYS_bpf),
    DENY (SYS_keyctl),
#ifdef SYS_io_uring_setup
    DENY (SYS_io_uring_setup),
#endif
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (filter), filter };

  if (THIS_ARCH == 0)
    return FALSE;
  return prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
