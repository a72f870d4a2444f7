/* SPDX-License-Identifier: Apache-2.0 */
/* What a service is to the runtime: a worker's main function, and perhaps a function behind its portals. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <stdint.h>

/* The first worker begins here, with bss zeroed and data as in the image. It never returns. */
_Noreturn void service_main(void);

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
