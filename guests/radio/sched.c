/* SPDX-License-Identifier: Apache-2.0 */
#include "sched.h"

static unsigned highest(uint32_t tasks) { return 31 - (unsigned)__builtin_clz(tasks); }

void sched_init(struct sched *s) { *s = (struct sched){ .ready = 1u << IDLE }; }

void sched_add(struct sched *s, unsigned task) { s->ready |= 1u << task; }

unsigned sched_first(const struct sched *s) { return highest(s->ready); }

void sched_sleep(struct sched *s, unsigned task, uint64_t until)
{
    s->ready &= ~(1u << task);
    s->sleeping |= 1u << task;
    s->wake[task] = until;
}

uint32_t sched_wake(struct sched *s, uint64_t now)
{
    uint32_t woken = 0;
    for (uint32_t left = s->sleeping; left; left &= left - 1) {
        unsigned task = (unsigned)__builtin_ctz(left);
        if (s->wake[task] <= now) {
            woken |= 1u << task;
        }
    }
    s->sleeping &= ~woken;
    s->ready |= woken;
    return woken;
}

uint64_t sched_next_wake(const struct sched *s)
{
    uint64_t next = UINT64_MAX;
    for (uint32_t left = s->sleeping; left; left &= left - 1) {
        uint64_t wake = s->wake[__builtin_ctz(left)];
        next = wake < next ? wake : next;
    }
    return next;
}

bool sched_take(struct sched *s, struct semaphore *semaphore, unsigned task)
{
    if (semaphore->count) {
        semaphore->count--;
        return true;
    }
    semaphore->waiting |= 1u << task;
    s->ready &= ~(1u << task);
    return false;
}

void sched_give(struct sched *s, struct semaphore *semaphore)
{
    if (!semaphore->waiting) {
        semaphore->count++;
        return;
    }
    unsigned task = highest(semaphore->waiting);
    semaphore->waiting &= ~(1u << task);
    s->ready |= 1u << task;
}
