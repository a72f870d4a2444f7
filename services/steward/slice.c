/* SPDX-License-Identifier: Apache-2.0 */
#include "slice.h"

/*
 * Without a budget vCPUs of one priority take turns, or one that spins would wait for another for ever. The longest turn
 * is the heaviest's. Where a VM has several there, turns are short: each of its vCPUs may spin on a lock whose holder
 * waits for its turn. None is so short that the switches would take a part of it that counts.
 */
#define SLICE_NS          5000000u
#define SLICE_SHARED_NS    100000u
#define SLICE_LEAST_NS      20000u

/* Those that take turns with one another. */
struct circle {
    uint32_t cpu, priority;
    uint32_t heaviest, lightest;
    bool shared;                /* a VM has several of them */
};

static uint32_t members(const struct circle *o, const struct vm_config *vm)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < vm->vcpus && vm->timing.budget_ns == 0 && vm->timing.priority == o->priority; i++)
        n += vm->cpu[i] == o->cpu;
    return n;
}

static void look_around(const struct config *c, struct circle *o)
{
    o->heaviest = 0;
    o->lightest = UINT32_MAX;
    for (uint32_t i = 0; i < c->vms; i++) {
        uint32_t n = members(o, &c->vm[i]), weight = c->vm[i].weight;
        if (n == 0)
            continue;
        o->shared |= n > 1;
        o->heaviest = weight > o->heaviest ? weight : o->heaviest;
        o->lightest = weight < o->lightest ? weight : o->lightest;
    }
}

/* Weights are at most BELAY_WEIGHT_MAX, so nothing overflows. */
static uint64_t slice(const struct circle *o, uint32_t weight)
{
    uint64_t longest = o->shared ? SLICE_SHARED_NS : SLICE_NS;

    if (longest * o->lightest < (uint64_t)SLICE_LEAST_NS * o->heaviest)
        return (uint64_t)SLICE_LEAST_NS * weight / o->lightest;
    return longest * weight / o->heaviest;
}

void slices_share_out(struct config *c)
{
    for (uint32_t i = 0; i < c->vms; i++) {
        struct vm_config *vm = &c->vm[i];
        for (uint32_t n = 0; n < vm->vcpus && vm->timing.budget_ns == 0; n++) {
            struct circle o = { .cpu = vm->cpu[n], .priority = vm->timing.priority };
            look_around(c, &o);
            vm->slice_ns[n] = slice(&o, vm->weight);
        }
    }
}
