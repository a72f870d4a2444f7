/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "broker.h"
#include "terminal.h"
#include "units.h"
#include "watch.h"

#define BUFFER          4096
#define OFF_TIMEOUT     (5 * SEC)       /* from the last line till QEMU is off */
#define SILENCE_TIMEOUT (5 * SEC)       /* till we say that nothing is heard */
#define WRITE_MAX       100000          /* microseconds */
#define OWN_FILES       5               /* that a turn waits for */

struct session {
    struct qemu qemu;
    int signals, log;
    struct watch watch;
    struct broker *broker;              /* NULL: nobody manages */
    char keys[BUFFER + 1];              /* on their way to the guests */
    size_t keys_length, keys_sent;
    bool keys_end, out_end, errors_end, child_ended, heard, silence_said;
    int interrupted;                    /* the signal */
    uint64_t timeout_at, silence_at, off_at;
};

static uint64_t clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SEC + (uint64_t)t.tv_nsec;
}

/* Signals come by a file descriptor, so that one loop sees all there is. */
static int take_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    static const int all[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        sigaddset(&set, all[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void read_signals(struct session *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            s->child_ended = true;
        else
            s->interrupted = (int)info.ssi_signo;
    }
}

static void wake(int number)
{
    (void)number;
}

/*
 * While it is on, no write blocks for longer than this: the signals that we
 * take only by their file descriptor would not end it.
 */
static void wake_each(long microseconds)
{
    const struct itimerval often = { { 0, microseconds }, { 0, microseconds } };
    sigaction(SIGALRM, &(struct sigaction){ .sa_handler = wake }, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

static bool given_up(struct session *s)
{
    read_signals(s);
    return s->interrupted || clock_now() >= s->timeout_at;
}

/* False: nobody reads it any more. Who does not read for now is waited for, till we are to end. */
static bool write_all(struct session *s, int fd, const char *bytes, size_t length)
{
    bool good = true;
    wake_each(WRITE_MAX);
    while (length > 0 && good) {
        ssize_t done = write(fd, bytes, length);
        if (done > 0) {
            bytes += done;
            length -= (size_t)done;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
        } else {
            good = errno == EINTR;
        }
        if (length > 0 && given_up(s))
            break;
    }
    wake_each(0);
    return good;
}

static void read_console(struct session *s)
{
    char bytes[BUFFER];
    ssize_t length = read(s->qemu.out, bytes, sizeof(bytes));
    if (length <= 0) {
        s->out_end = length == 0 || errno != EINTR;
        return;
    }
    s->heard = true;
    watch_bytes(&s->watch, bytes, (size_t)length);
    if (!write_all(s, STDOUT_FILENO, bytes, (size_t)length))
        s->interrupted = SIGPIPE;
    if (s->log >= 0 && !write_all(s, s->log, bytes, (size_t)length)) {
        say("cannot write the log: %s; it ends here", strerror(errno));
        s->log = -1;
    }
}

/* What QEMU says while it is ended is not of interest: it is not read any more. */
static void read_errors(struct session *s)
{
    char bytes[BUFFER];
    ssize_t length = read(s->qemu.errors, bytes, sizeof(bytes));
    if (length <= 0)
        s->errors_end = length == 0 || errno != EINTR;
    else
        write_all(s, STDERR_FILENO, bytes, (size_t)length);
}

static void read_keys(struct session *s)
{
    char bytes[BUFFER];
    ssize_t length = read(STDIN_FILENO, bytes, BUFFER);
    if (length <= 0) {
        s->keys_end = length == 0 || (errno != EINTR && errno != EAGAIN);
        return;
    }
    s->keys_length = terminal_keys(bytes, (size_t)length, s->keys);
    s->keys_sent = 0;
}

static void send_keys(struct session *s)
{
    ssize_t done = write(s->qemu.in, s->keys + s->keys_sent, s->keys_length - s->keys_sent);
    if (done < 0 && errno != EINTR)
        s->keys_end = true, s->keys_length = s->keys_sent;
    else if (done > 0)
        s->keys_sent += (size_t)done;
}

static void say_silence(struct session *s, uint64_t now)
{
    if (s->heard || s->silence_said || now < s->silence_at)
        return;
    s->silence_said = true;
    say("QEMU runs, but nothing has come on the console yet");
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int wait_ms(const struct session *s)
{
    uint64_t next = earliest(s->timeout_at, s->off_at), now = clock_now();
    if (!s->heard && !s->silence_said)
        next = earliest(next, s->silence_at);
    if (next == UINT64_MAX)
        return -1;
    return next <= now ? 0 : (int)earliest((next - now) / MSEC + 1, 1000 * 1000);
}

/* Waits for any of it and passes it on. */
static void turn(struct session *s)
{
    bool keys_wait = s->keys_sent < s->keys_length;
    struct pollfd fds[OWN_FILES + BROKER_FILES] = {
        { .fd = s->signals, .events = POLLIN },
        { .fd = s->out_end ? -1 : s->qemu.out, .events = POLLIN },
        { .fd = s->keys_end || keys_wait ? -1 : STDIN_FILENO, .events = POLLIN },
        { .fd = keys_wait ? s->qemu.in : -1, .events = POLLOUT },
        { .fd = s->errors_end ? -1 : s->qemu.errors, .events = POLLIN },
    };
    if (s->broker)
        broker_wants(s->broker, fds + OWN_FILES);
    if (poll(fds, s->broker ? OWN_FILES + BROKER_FILES : OWN_FILES, wait_ms(s)) < 0)
        return;
    if (fds[0].revents)
        read_signals(s);
    if (fds[1].revents)
        read_console(s);
    if (fds[2].revents)
        read_keys(s);
    if (fds[3].revents)
        send_keys(s);
    if (fds[4].revents)
        read_errors(s);
    if (s->broker)
        broker_turn(s->broker, fds + OWN_FILES);
}

static bool over(struct session *s)
{
    uint64_t now = clock_now();
    say_silence(s, now);
    if (s->watch.verdict == VERDICT_ENDED && s->off_at == UINT64_MAX)
        s->off_at = now + OFF_TIMEOUT;
    return s->interrupted || s->watch.verdict == VERDICT_HALTED || (s->child_ended && s->out_end && s->errors_end)
        || now >= s->timeout_at || now >= s->off_at;
}

static int verdict(const struct session *s, int status)
{
    if (s->interrupted)
        return s->interrupted == SIGINT ? EXIT_INTERRUPTED : 128 + s->interrupted;
    if (s->watch.verdict == VERDICT_ENDED) {
        if (s->watch.failed)
            say("%u of the VMs failed", s->watch.failed);
        return s->watch.failed ? EXIT_FAILED : EXIT_ALL_WELL;
    }
    if (s->watch.verdict == VERDICT_HALTED)
        say("the machine has halted; its last line says why");
    else if (clock_now() >= s->timeout_at)
        say("the time is up and VMs still run");
    else if (WIFSIGNALED(status))
        say("QEMU was ended by signal %d before all VMs were off", WTERMSIG(status));
    else
        say("QEMU ended with status %d before all VMs were off", WEXITSTATUS(status));
    return EXIT_FAILED;
}

int run(const struct qemu_options *o, const struct machine *m, const char *nucleus, int bundle, int log,
        uint64_t timeout, int listener)
{
    uint64_t now = clock_now();
    struct session s = { .log = log, .off_at = UINT64_MAX, .silence_at = now + SILENCE_TIMEOUT,
                         .timeout_at = timeout && timeout < UINT64_MAX - now ? now + timeout : UINT64_MAX };
    s.signals = take_signals();
    if (s.signals < 0)
        die("cannot take signals: %s", strerror(errno));
    qemu_start(&s.qemu, o, m, nucleus, bundle);
    if (s.qemu.manage >= 0)
        s.broker = broker_begin(s.qemu.manage, listener);
    terminal_take(false);
    while (!over(&s))
        turn(&s);
    if (s.broker)
        broker_end(s.broker);
    int status = qemu_end(&s.qemu);
    wake_each(WRITE_MAX);           /* to the end: our last words are not waited for either */
    terminal_give_back();
    if (s.watch.length)
        fputc('\n', stderr);       /* the guests left a line open */
    return verdict(&s, status);
}
