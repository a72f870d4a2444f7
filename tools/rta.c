/* SPDX-License-Identifier: Apache-2.0 */
#include "rta.h"

int rta_interferes(const struct task *task, const struct task *other)
{
    return other != task && other->cpu == task->cpu && other->priority >= task->priority;
}

/*
 * The time that those before `which` use in a window. A closed window counts
 * what is released at its last instant too, which matters to who starts then.
 * A budget may be used at the very end of one period and the very start of the next. Each may run over its budget by
 * what the nucleus is not preempted for; that comes off its next one, so it counts once. Each release takes its VM's lock.
 */
static uint64_t interference(const struct task *tasks, size_t count, size_t which, const struct rta_costs *costs,
                             uint64_t window, int closed)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        const struct task *t = &tasks[i];
        if (!rta_interferes(&tasks[which], t))
            continue;
        if (!t->budget)
            return RTA_UNBOUNDED;
        uint64_t reach = window + (t->period - t->budget);
        uint64_t times = closed ? reach / t->period + 1 : (reach + t->period - 1) / t->period;
        uint64_t used;
        if (__builtin_mul_overflow(times, t->budget + costs->switch_ns + t->lock, &used)
            || __builtin_add_overflow(used, costs->blocking_ns + t->lock, &used) || __builtin_add_overflow(sum, used, &sum))
            return RTA_UNBOUNDED;
    }
    return sum;
}

/* The least window that holds `own` and all the interference in it: the first fixed point from below. */
static uint64_t least_window(const struct task *tasks, size_t count, size_t which, const struct rta_costs *costs,
                             uint64_t own, int closed)
{
    uint64_t window = own;
    while (window <= RTA_LIMIT) {
        uint64_t others = interference(tasks, count, which, costs, window, closed);
        if (others > RTA_LIMIT)
            return RTA_UNBOUNDED;
        if (own + others == window)
            return window;
        window = own + others;
    }
    return RTA_UNBOUNDED;
}

/* Before anyone is chosen: the nucleus is busy for somebody, who may be of any priority; then `which` takes its own lock. */
static uint64_t start(const struct task *tasks, size_t count, size_t which, const struct rta_costs *costs)
{
    uint64_t lock = 0;
    for (size_t i = 0; i < count; i++) {
        if (i != which && tasks[i].cpu == tasks[which].cpu && tasks[i].lock > lock)
            lock = tasks[i].lock;
    }
    return costs->blocking_ns + lock + costs->switch_ns + tasks[which].lock;
}

uint64_t rta_latency(const struct task *tasks, size_t count, size_t which, const struct rta_costs *costs)
{
    return least_window(tasks, count, which, costs, start(tasks, count, which, costs), 1);
}

uint64_t rta_completion(const struct task *tasks, size_t count, size_t which, const struct rta_costs *costs)
{
    return least_window(tasks, count, which, costs, start(tasks, count, which, costs) + tasks[which].budget, 0);
}
