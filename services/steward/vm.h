/* SPDX-License-Identifier: Apache-2.0 */
/* A VM: made, started any number of times, unmade, and made again. */
#ifndef STEWARD_VM_H
#define STEWARD_VM_H

#include "config.h"
#include "devicetree.h"
#include "memory.h"
#include "problem.h"

struct vm {
    const struct vm_config *config;
    uint32_t client;                /* of the console: its place in the bundle */
    handle_t domain;                /* 0: it is not made */
    uint32_t vmid;                  /* what the trace calls it by */
    handle_t vcpu[BELAY_VCPUS_MAX];
    struct extent ram;
    const void *host;               /* the host's device tree */
    uint32_t gic;                   /* the version of the host's GIC, and so of its own */
    uint32_t devices;
    struct host_device device[DEVICES_MAX];
    bool rtc, gpio;                 /* its own, in whose place no device of the host's is */
    handle_t registers[DEVICES_MAX][HOST_REGS_MAX];
    bool ran;                       /* it was started before, perhaps before it was unmade */
    uint64_t clean;                 /* bytes from the start of its RAM on that are zeros, since it does not run */
    uint64_t started, copying;      /* the counter then, and ticks that all copying of images had taken */
};

/* `bits` of `watcher` tell when it ends. What can't be made whole leaves nothing behind. */
bool vm_make(struct vm *vm, const struct vm_config *config, uint32_t client, const void *host,
             const struct belay_boot_info *info, handle_t watcher, uint64_t bits, struct problem *why);

/* From its images and reset, whatever it did before. */
bool vm_start(struct vm *vm, struct problem *why);

/* Has its power key pressed. */
bool vm_press_power_key(const struct vm *vm, struct problem *why);

/* Stops it, wherever it is. */
bool vm_stop(const struct vm *vm, struct problem *why);

/* Zeroes a piece of the RAM of one that does not run, so that its next start need not; false when there is nothing to do. */
bool vm_clean(struct vm *vm);

/* Stops it; all that it had is free again. */
bool vm_unmake(struct vm *vm, struct problem *why);
#endif
