/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle.h"

#include <stddef.h>

#define BIT(life)  (1u << LIFE_##life)

/* Where one can get to from each state. */
static const uint8_t ways[LIFE_STATES] = {
    [LIFE_ABSENT] = BIT(STOPPED),
    [LIFE_STOPPED] = BIT(RUNNING) | BIT(ABSENT),
    [LIFE_RUNNING] = BIT(PAUSED) | BIT(STOPPED) | BIT(ENDED) | BIT(WAITING),
    [LIFE_PAUSED] = BIT(RUNNING) | BIT(STOPPED) | BIT(ENDED) | BIT(WAITING),
    [LIFE_ENDED] = BIT(STOPPED),
    [LIFE_WAITING] = BIT(STOPPED),
};

/* In which states an operation is allowed. */
static const uint8_t allowed[OPERATIONS] = {
    [OPERATION_CREATE] = BIT(ABSENT),
    [OPERATION_START] = BIT(ABSENT) | BIT(STOPPED) | BIT(ENDED) | BIT(WAITING),
    [OPERATION_STOP] = BIT(RUNNING) | BIT(PAUSED) | BIT(WAITING),
    [OPERATION_SHUT_DOWN] = BIT(RUNNING),
    [OPERATION_RESET] = BIT(RUNNING) | BIT(PAUSED),
    [OPERATION_PAUSE] = BIT(RUNNING),
    [OPERATION_RESUME] = BIT(PAUSED),
    [OPERATION_DESTROY] = BIT(STOPPED) | BIT(ENDED),
};

const char *lifecycle_refuses(const struct lifecycle *l, enum operation what)
{
    if (allowed[what] >> l->life & 1)
        return NULL;
    switch (what) {
    case OPERATION_CREATE: return "it is there already";
    case OPERATION_START:  return l->life == LIFE_PAUSED ? "it is paused" : "it runs already";
    case OPERATION_PAUSE:  return l->life == LIFE_PAUSED ? "it is paused already" : "it does not run";
    case OPERATION_RESUME: return "it is not paused";
    case OPERATION_SHUT_DOWN: return l->life == LIFE_PAUSED ? "it is paused" : "it does not run";
    case OPERATION_DESTROY: return l->life == LIFE_ABSENT ? "it is not there" : "it is not stopped";
    default:               return "it does not run";
    }
}

bool lifecycle_is_up(const struct lifecycle *l)
{
    return (BIT(RUNNING) | BIT(PAUSED) | BIT(WAITING)) >> l->life & 1;
}

bool lifecycle_is_off(const struct lifecycle *l)
{
    return ((BIT(ABSENT) | BIT(STOPPED)) >> l->life & 1) && !l->failed;
}

void lifecycle_move(struct lifecycle *l, enum life to)
{
    if (!(ways[l->life] >> to & 1))
        __builtin_trap();
    l->life = to;
}

void lifecycle_started(struct lifecycle *l, uint64_t now, bool by_manager)
{
    lifecycle_move(l, LIFE_RUNNING);
    l->restarts += l->ran;
    l->ran = true;
    l->failed = false;
    l->since = now;
    if (by_manager)
        l->pace_s = RESTART_LEAST_S;
}

void lifecycle_stopped(struct lifecycle *l)
{
    if (l->life != LIFE_STOPPED)
        lifecycle_move(l, LIFE_STOPPED);
    l->failed = false;
    l->stop_by = 0;
}

void lifecycle_told_to_stop(struct lifecycle *l, uint64_t by)
{
    if (l->stop_by == 0)
        l->stop_by = by;
}

bool lifecycle_has_not_stopped(const struct lifecycle *l, uint64_t now)
{
    return l->stop_by != 0 && l->stop_by <= now;
}

void lifecycle_failed(struct lifecycle *l)
{
    l->failed = true;
}

void lifecycle_ended(struct lifecycle *l, bool failure, bool again, uint64_t now, uint64_t hz)
{
    if (l->stop_by != 0) {
        lifecycle_stopped(l);
        return;
    }
    l->failed = failure;
    lifecycle_move(l, again ? LIFE_WAITING : LIFE_ENDED);
    if (!again)
        return;
    if (l->pace_s == 0 || now - l->since >= RESTART_MOST_S * hz)
        l->pace_s = RESTART_LEAST_S;
    l->at = l->since + l->pace_s * hz;
    if (l->at < now)
        l->at = now;
    l->pace_s = 2 * l->pace_s < RESTART_MOST_S ? 2 * l->pace_s : RESTART_MOST_S;
}

bool lifecycle_is_due(const struct lifecycle *l, uint64_t now)
{
    return l->life == LIFE_WAITING && l->at <= now;
}
