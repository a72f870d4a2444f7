/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock between CPUs, in turns: nobody waits for longer than each other CPU
 * holds it once. Who waits, waits for an event: letting go writes the word that
 * its exclusive monitor watches, which is one (Arm ARM, D1.6.2).
 */
#ifndef NUCLEUS_ARM64_LOCK_H
#define NUCLEUS_ARM64_LOCK_H

#include <stdint.h>

struct lock {
    uint16_t next;      /* the turn that the next one draws */
    uint16_t turn;      /* whose it is */
};

/* Bound: the other CPUs, once each. */
void lock_take(struct lock *l);

static inline void lock_free(struct lock *l)
{
    __atomic_store_n(&l->turn, (uint16_t)(l->turn + 1), __ATOMIC_RELEASE);
}
#endif
