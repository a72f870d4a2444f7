/* SPDX-License-Identifier: Apache-2.0 */
/* A service: made from its flat image, filled, run, and run again after a fault or a hang. */
#ifndef STEWARD_SERVICE_H
#define STEWARD_SERVICE_H

#include "config.h"
#include "memory.h"
#include "problem.h"
#include "report.h"

#define SERVICE_CLIENTS (BELAY_VMS_MAX + 2u)    /* VMs, and the link of one that manages */
#define SERVICE_PORTALS 3u                      /* of one client at most */

struct service {
    const char *name;
    const struct image *image;
    report_line report;             /* how it is said that it ended: the console can't say it of itself */
    struct belay_service_header header;
    struct extent memory;           /* image, bss and persist; then its stack, its page, the handlers' stacks */
    handle_t domain, worker;
    handle_t wake;                  /* what its worker waits on: its SERVICE_H_WAKE */
    uint32_t handlers, handlers_max;
    handle_t portal[SERVICE_CLIENTS][SERVICE_PORTALS];  /* of each that was attached once; 0: of none */
    const void *page;
    uint32_t page_bytes;
};

/* `tables`: what mappings outside its own two ranges take. */
struct service_size { uint32_t handlers, portals, handles, mappings; uint64_t tables; };

/* Makes the domain, its worker and what that waits on, and maps its memory; nothing is in it yet. */
bool service_make(struct service *s, const char *name, const struct image *image, const struct service_size *size,
                  struct problem *why);

/*
 * Fills and runs it on CPU 0: `hz` is of the counter. `page`, of at most a page, is what it finds at BELAY_BOOT_INFO,
 * at each start.
 */
bool service_begin(struct service *s, const void *page, uint32_t page_bytes, const struct timing *t, uint64_t hz,
                   struct problem *why);

/* Stops it, wherever it is, and runs it again. `keep`: what it holds in persist stays. */
bool service_restart(struct service *s, bool keep, struct problem *why);

/* How often its worker has said that it is well. False: it can't be seen. */
bool service_read_beats(const struct service *s, uint32_t *beats);

/* A portal, and a thread for calls through portals, with a stack of its own. */
int service_portal(const struct service *s, uint64_t badge, handle_t *portal);
int service_handler(struct service *s, handle_t *thread);

/* A range of a VM's whose accesses are calls with that badge. Those of one badge follow each other. */
struct service_range { uint64_t ipa, bytes, badge; };

/* Gives ranges to a VM that has not started, as that client: a portal for each badge, one handler for each vCPU. */
int service_attach(struct service *s, handle_t vm, uint32_t client, uint32_t vcpus, const struct service_range *r,
                   unsigned count);

/* An interrupt line of the VM's, as a handle of the service's. */
int service_line(const struct service *s, handle_t vm, uint32_t intid, handle_t slot);
#endif
