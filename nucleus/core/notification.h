/* SPDX-License-Identifier: Apache-2.0 */
/* A notification: 64 bits that anyone with the right sets, and that one worker waits for. */
#ifndef NUCLEUS_CORE_NOTIFICATION_H
#define NUCLEUS_CORE_NOTIFICATION_H

#include <stdint.h>

#include "core/message.h"
#include "core/timerq.h"

struct context;
struct domain;

struct notification {
    uint64_t bits;              /* any CPU's to set; the rest is the waiter's CPU's */
    uint32_t home;              /* that CPU's index plus 1, from the first wait on */
    struct context *waiter;
    struct event timeout;
    struct message arrived;     /* bits were set on another CPU, or it is gone */
    struct notification *next;  /* of its domain's */
    bool gone;                  /* its domain is being destroyed */
};

void notification_init(struct notification *n);

/* Makes one in the domain's pool; NULL when that is used up. */
struct notification *notification_create(struct domain *d);

/* Its domain is being destroyed, and nobody can name it any more: who waits for it goes on, with EHANDLE. */
void notification_close(struct notification *n);

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
