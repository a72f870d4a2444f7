/* SPDX-License-Identifier: Apache-2.0 */
#include "arm64/lock.h"

#include "base/assert.h"

#ifdef BELAY_HOST_TEST
static void wait(const uint16_t *turn, uint16_t own)
{
    assert(*turn == own);
}
#else
static void wait(const uint16_t *turn, uint16_t own)
{
    unsigned seen;

    __asm__ volatile("sevl\n1: wfe\n ldaxrh %w0, %1\n cmp %w0, %w2\n b.ne 1b"
                     : "=&r"(seen) : "Q"(*turn), "r"(own) : "cc", "memory");
}
#endif

void lock_take(struct lock *l)
{
    uint16_t own = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);

    if (__atomic_load_n(&l->turn, __ATOMIC_ACQUIRE) != own)
        wait(&l->turn, own);
}
