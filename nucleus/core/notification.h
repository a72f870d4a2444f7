/* SPDX-License-Identifier: Apache-2.0 */
/* A notification: 64 bits that anyone with the right sets, and that one worker waits for. */
#ifndef NUCLEUS_CORE_NOTIFICATION_H
#define NUCLEUS_CORE_NOTIFICATION_H

#include <stdint.h>

#include "core/message.h"
#include "core/timerq.h"

struct context;

struct notification {
    uint64_t bits;              /* any CPU's to set; the rest is the waiter's CPU's */
    uint32_t home;              /* that CPU's index plus 1, from the first wait on */
    struct context *waiter;
    struct event timeout;
    struct message arrived;     /* bits were set on another CPU */
};

void notification_init(struct notification *n);

/* Sets bits; a waiter takes them and goes on. */
void notification_signal(struct notification *n, uint64_t bits);

/*
 * Takes the bits, or makes `c` wait for them until the deadline (ticks, 0: for
 * ever). Returns an error for x0 and the bits in *bits; when the context has to
 * wait, its x0 and x1 are set once it goes on.
 */
int notification_wait(struct notification *n, struct context *c, uint64_t deadline, uint64_t *bits);

/* The context no longer waits: it was stopped. */
void notification_abandon(struct context *c);
#endif
