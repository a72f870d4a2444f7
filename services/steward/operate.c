/* SPDX-License-Identifier: Apache-2.0 */
#include "operate.h"

#include "lib/cpu.h"
#include "supervise.h"
#include "ticks.h"
#include "watchdog.h"

static bool start_now(struct supervised *s, struct problem *why)
{
    return supervised_start(s, true, why);
}

static bool stop(struct supervised *s, struct problem *why)
{
    if (!vm_stop(&s->vm, why))
        return false;
    supervised_hold_watchdog(s);
    lifecycle_stopped(&s->life);
    return true;
}

static bool shut_down(struct supervised *s, struct problem *why)
{
    uint64_t hz = supervise_machine()->info->counter_hz;

    if (!vm_press_power_key(&s->vm, why))
        return false;
    lifecycle_told_to_stop(&s->life, counter_now() + ticks_up(s->vm.config->stop_ns, hz));
    return true;
}

/* Who has no power key, and who does not run yet, is not told but stopped. */
static enum operation can_be_done(const struct supervised *s, enum operation what)
{
    bool told = s->vm.config->stop_ns && s->vm.gpio && s->life.life != LIFE_WAITING;

    return what == OPERATION_SHUT_DOWN && !told ? OPERATION_STOP : what;
}

static bool reset(struct supervised *s, struct problem *why)
{
    return stop(s, why) && supervised_start(s, true, why);
}

/* The news that it has ended by itself may still be on its way here. */
static bool could_not(struct supervised *s, const char *what, int error, struct problem *why)
{
    supervised_ended(s);
    return supervised_runs(s) ? problem(why, "it could not be %s: error %d", what, error)
                              : problem(why, "it has just ended");
}

static bool pause(struct supervised *s, struct problem *why)
{
    int error = hc_domain_pause(s->vm.domain, BELAY_HOLD_MANAGER);

    if (error)
        return could_not(s, "paused", error, why);
    supervised_hold_watchdog(s);
    lifecycle_move(&s->life, LIFE_PAUSED);
    return true;
}

static bool resume(struct supervised *s, struct problem *why)
{
    int error = hc_domain_resume(s->vm.domain, BELAY_HOLD_MANAGER);

    if (error)
        return could_not(s, "resumed", error, why);
    if (s->vm.config->watchdog)
        watchdog_goes_on(s->vm.client);
    lifecycle_move(&s->life, LIFE_RUNNING);
    return true;
}

static bool destroy(struct supervised *s, struct problem *why)
{
    lifecycle_stopped(&s->life);
    if (!vm_unmake(&s->vm, why))
        return false;
    lifecycle_move(&s->life, LIFE_ABSENT);
    return true;
}

bool operate(struct supervised *s, enum operation what, struct problem *why)
{
    static bool (*const operations[OPERATIONS])(struct supervised *, struct problem *) = {
        [OPERATION_CREATE] = supervised_make, [OPERATION_START] = start_now, [OPERATION_STOP] = stop,
        [OPERATION_SHUT_DOWN] = shut_down, [OPERATION_RESET] = reset, [OPERATION_PAUSE] = pause,
        [OPERATION_RESUME] = resume, [OPERATION_DESTROY] = destroy,
    };

    what = can_be_done(s, what);
    const char *refusal = lifecycle_refuses(&s->life, what);

    return refusal ? problem(why, "%s", refusal) : operations[what](s, why);
}
