/* SPDX-License-Identifier: Apache-2.0 */
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "units.h"

#define ARGUMENTS_MAX 128
#define END_TIMEOUT_MS 2000

struct arguments {
    char *list[ARGUMENTS_MAX];
    unsigned count;
};

static void argument(struct arguments *a, char *text)
{
    if (a->count == ARGUMENTS_MAX - 1)
        die("too many arguments for QEMU");
    a->list[a->count++] = text;
}

static void arguments(struct arguments *a, const char *const *texts)
{
    for (; *texts; texts++)
        argument(a, text_format("%s", *texts));
}

/*
 * With icount an instruction takes one nanosecond, and with this counter one
 * tick: a busy host makes nothing late, and every run is the same.
 */
static void make_arguments(struct arguments *a, const struct qemu_options *o, const struct machine *m,
                           const char *nucleus, int bundle, int manage)
{
    static const char *const always[] = {
        "-nodefaults", "-no-user-config", "-display", "none",
        "-chardev", "stdio,id=uart,signal=off", "-serial", "chardev:uart", NULL
    };
    static const char *const icount[] = { "-icount", "shift=0,sleep=off", "-accel", "tcg,thread=single", NULL };
    static const char *const gdb[] = { "-s", "-S", NULL };
    argument(a, text_format("%s", o->program));
    argument(a, text_format("-M"));
    argument(a, text_format("virt,gic-version=%u,virtualization=on", o->gic));
    arguments(a, always);
    argument(a, text_format("-cpu"));
    argument(a, text_format("%s%s", o->cpu, o->wall_clock ? "" : ",cntfrq=1000000000"));
    argument(a, text_format("-smp"));
    argument(a, text_format("%u", m->board_cpus));
    argument(a, text_format("-m"));
    argument(a, text_format("%lluK", (unsigned long long)(m->memory / KIB)));
    argument(a, text_format("-kernel"));
    argument(a, text_format("%s", nucleus));
    argument(a, text_format("-initrd"));
    argument(a, text_format("/proc/self/fd/%d", bundle));
    if (!o->wall_clock)
        arguments(a, icount);
    if (o->gdb)
        arguments(a, gdb);
    if (manage >= 0) {
        argument(a, text_format("-chardev"));
        argument(a, text_format("socket,id=manage,fd=%d", manage));
        argument(a, text_format("-device"));
        argument(a, text_format("pci-serial,chardev=manage"));
    }
    arguments(a, (const char *const *)o->extra);
}

/* In the child: a group of its own, so that Ctrl-C reaches this program only; gone when this program is. */
__attribute__((noreturn))
static void become_qemu(struct arguments *a, pid_t parent, const int *standard, int bundle, int manage, int failure)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool good = getppid() == parent && fcntl(bundle, F_SETFD, 0) == 0 &&
                (manage < 0 || fcntl(manage, F_SETFD, 0) == 0);
    for (int fd = 0; fd < 3; fd++)
        good = good && dup2(standard[fd], fd) >= 0;
    if (good)
        execvp(a->list[0], a->list);
    int error = errno;
    _exit(write(failure, &error, sizeof(error)) == sizeof(error) ? 127 : 126);
}

static void make_pipe(int *ends)
{
    if (pipe2(ends, O_CLOEXEC) < 0)
        die("cannot make a pipe: %s", strerror(errno));
}

static void make_sockets(int *ends)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        die("cannot make a socket: %s", strerror(errno));
}

void qemu_start(struct qemu *q, const struct qemu_options *o, const struct machine *m, const char *nucleus, int bundle)
{
    struct arguments a = { .count = 0 };
    int in[2], out[2], errors[2], failure[2], manage[2] = { -1, -1 };
    if (o->managed)
        make_sockets(manage);
    make_arguments(&a, o, m, nucleus, bundle, manage[1]);
    make_pipe(in);
    make_pipe(out);
    make_pipe(errors);
    make_pipe(failure);
    pid_t parent = getpid();
    q->pid = fork();
    if (q->pid < 0)
        die("cannot start QEMU: %s", strerror(errno));
    if (q->pid == 0)
        become_qemu(&a, parent, (const int[]){ in[0], out[1], errors[1] }, bundle, manage[1], failure[1]);
    close(in[0]);
    close(out[1]);
    close(errors[1]);
    close(failure[1]);
    if (o->managed)
        close(manage[1]);
    int error;
    if (read(failure[0], &error, sizeof(error)) == sizeof(error)) {
        waitpid(q->pid, NULL, 0);
        die("cannot start %s: %s; install qemu-system-arm, or write --qemu PATH", o->program, strerror(error));
    }
    close(failure[0]);
    q->in = in[1];
    q->out = out[0];
    q->errors = errors[0];
    q->manage = manage[0];
    for (unsigned i = 0; i < a.count; i++)
        free(a.list[i]);
}

/* QEMU flushes what it has on SIGTERM; SIGKILL is for one that hangs. */
int qemu_end(struct qemu *q)
{
    int status;
    pid_t done = waitpid(q->pid, &status, WNOHANG);
    if (done == 0)
        kill(q->pid, SIGTERM);
    for (int waited = 0; done == 0 && waited < END_TIMEOUT_MS; waited += 10) {
        poll(NULL, 0, 10);
        done = waitpid(q->pid, &status, WNOHANG);
    }
    if (done == 0) {
        kill(q->pid, SIGKILL);
        done = waitpid(q->pid, &status, 0);
    }
    close(q->in);
    close(q->out);
    close(q->errors);
    if (q->manage >= 0)
        close(q->manage);
    return done > 0 ? status : 0;
}
