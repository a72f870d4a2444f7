/* SPDX-License-Identifier: Apache-2.0 */
/* A VM: made once, started any number of times. */
#ifndef STEWARD_VM_H
#define STEWARD_VM_H

#include "config.h"
#include "devicetree.h"
#include "memory.h"
#include "problem.h"

struct vm {
    const struct vm_config *config;
    uint32_t client;                /* of the console: its place in the bundle */
    handle_t domain;
    uint32_t vmid;                  /* what the trace calls it by */
    handle_t vcpu[BELAY_VCPUS_MAX];
    struct extent ram;
    const void *host;               /* the host's device tree */
    uint32_t devices;
    struct host_device device[DEVICES_MAX];
    bool ran;                       /* it was started before */
    uint64_t started, copying;      /* the counter then, and ticks that all copying of images had taken */
};

/* `bits` of `watcher` tell when it ends. */
bool vm_make(struct vm *vm, const struct vm_config *config, uint32_t client, const void *host, uint64_t hz,
             handle_t watcher, uint64_t bits, struct problem *why);

/* From its images and reset, whatever it did before. */
bool vm_start(struct vm *vm, struct problem *why);
#endif
