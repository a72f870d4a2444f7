/* SPDX-License-Identifier: Apache-2.0 */
/* What a service is to the runtime: a worker's main function, and perhaps a function behind its portals. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <stdatomic.h>
#include <stdint.h>

#include "belay/service.h"
#include "lib/hypercall.h"

/* The first worker begins here, with bss zeroed and data as in the image. It never returns. */
_Noreturn void service_main(void);

/*
 * The first worker says that it is well, wherever it has come round: a worker
 * that has had the time for it and does not is run anew, with its service.
 */
extern _Atomic uint32_t service_beats;

static inline void service_beat(void)
{
    uint32_t beats = atomic_load_explicit(&service_beats, memory_order_relaxed);

    atomic_store_explicit(&service_beats, beats + 1, memory_order_relaxed);     /* nobody else writes it */
}

/* hc_wait on SERVICE_H_WAKE: returns early, without bits, when the steward asks whether the worker is well. */
static inline int service_wait(uint64_t deadline, uint64_t *bits)
{
    int error = hc_wait(SERVICE_H_WAKE, deadline, bits);

    service_beat();
    *bits &= ~SERVICE_BIT_BEAT;
    return error;
}

struct portal_reply { uint64_t x0, x1; };

/*
 * Every call of any of the service's portals, told apart by the badge. It runs
 * on the caller's time, on a handler thread that belongs to the client: it
 * keeps its state per client, waits for nothing and answers at once.
 */
struct portal_reply portal_main(uint64_t badge, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4, uint64_t client);

/* Data that a restart of the service keeps: zero at the first start. */
#define PERSIST __attribute__((section(".persist")))
#endif
