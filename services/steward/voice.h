/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the steward says, and what else it asks of the console. While the
 * console is down or hangs, a call to it waits, so calls are made by a thread
 * of their own: the steward itself is never held up by what it has to restart.
 */
#ifndef STEWARD_VOICE_H
#define STEWARD_VOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/hypercall.h"

/* One line, a line feed is added. By the host's UART until voice_start, then by the console. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line by the host's UART, whoever has it: the console is down. */
void say_directly(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The bundle or the host is not as it has to be: one line, and the machine stops. */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct voice_timing { unsigned cpu, priority; uint64_t budget, period; };

/* From here on by the portals of the console. Makes the thread. */
int voice_start(handle_t log, handle_t control, const struct voice_timing *timing);

/* The thread. */
handle_t voice_thread(void);

/* Asks the console's control portal and waits for the answer, for a second at most: false, and it may still come. */
bool voice_control(uint64_t what, uint64_t client, uint64_t *answer);

/* All that was said is on the terminal, or did not get there in a few seconds. */
void voice_flush(void);
#endif
