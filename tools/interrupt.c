/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "interrupt.h"

static volatile sig_atomic_t signal_number;
static int wakes[2];

static void note(int number)
{
    int error = errno;
    signal_number = number;
    if (write(wakes[1], "", 1) < 0)
        errno = error;
}

int interrupt_begin(bool by_key)
{
    const struct sigaction noted = { .sa_handler = note }, ignored = { .sa_handler = SIG_IGN };

    if (pipe2(wakes, O_CLOEXEC | O_NONBLOCK) < 0)
        die("cannot make a pipe: %s", strerror(errno));
    sigaction(SIGINT, by_key ? &noted : &ignored, NULL);
    sigaction(SIGTERM, &noted, NULL);
    sigaction(SIGHUP, &noted, NULL);
    sigaction(SIGPIPE, &ignored, NULL);
    return wakes[0];
}

int interrupted(void)
{
    return signal_number ? 128 + (int)signal_number : 0;
}
