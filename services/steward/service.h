/* SPDX-License-Identifier: Apache-2.0 */
/* A service: made from its flat image, filled, run, and run again after a fault. */
#ifndef STEWARD_SERVICE_H
#define STEWARD_SERVICE_H

#include "config.h"
#include "memory.h"
#include "problem.h"

struct service {
    const char *name;
    const struct image *image;
    struct belay_service_header header;
    struct extent memory;           /* image, bss and persist; then its stack, its page, the handlers' stacks */
    handle_t domain, worker;
    uint32_t handlers, handlers_max;
};

struct service_size { uint32_t handlers, portals, handles, mappings; };

/* Makes the domain and its worker, and maps its memory; nothing is in it yet. */
bool service_make(struct service *s, const char *name, const struct image *image, const struct service_size *size,
                  struct problem *why);

/* Puts image and zeros in. `page`, of at most a page, is what it finds at BELAY_BOOT_INFO. `again`: persist stays. */
bool service_fill(struct service *s, const void *page, uint32_t page_bytes, bool again, struct problem *why);

/* From its entry on. The domain is stopped and filled, and the worker has a scheduling context. */
int service_run(const struct service *s);

/* A portal, and a thread for calls through portals, with a stack of its own. */
int service_portal(const struct service *s, uint64_t badge, handle_t *portal);
int service_handler(struct service *s, handle_t *thread);
#endif
