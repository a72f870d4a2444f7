/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a VM: the states that it can be in, the ways between them, what a
 * manager may ask for in which, and when one that ended is started again. All
 * policy and no hypercalls: times are given, in ticks of the counter.
 */
#ifndef STEWARD_LIFECYCLE_H
#define STEWARD_LIFECYCLE_H

#include <stdbool.h>
#include <stdint.h>

enum life {
    LIFE_ABSENT,        /* not made, or destroyed: it has no memory */
    LIFE_STOPPED,       /* made, and never started, or stopped by its manager */
    LIFE_RUNNING,
    LIFE_PAUSED,        /* by its manager */
    LIFE_ENDED,         /* by itself, and stays so */
    LIFE_WAITING,       /* ended by itself, and is to be started again */
    LIFE_STATES
};

enum operation {
    OPERATION_CREATE,
    OPERATION_START,    /* where it is absent, it is created first */
    OPERATION_STOP,     /* as if its power was cut */
    OPERATION_SHUT_DOWN,    /* it is told to stop, and stopped if it has not by a time */
    OPERATION_RESET,    /* stopped, and started at once */
    OPERATION_PAUSE,
    OPERATION_RESUME,
    OPERATION_DESTROY,
    OPERATIONS
};

/* Between two starts without a manager: this long at least, twice as long after each, up to the most; in seconds. */
#define RESTART_LEAST_S 1u
#define RESTART_MOST_S  60u     /* a run that is this long was no failure to start: the next may be at once again */

struct lifecycle {
    enum life life;
    bool failed;                /* its last end, or its last start, was a failure */
    bool ran;                   /* it was started before */
    uint32_t restarts;          /* since then */
    uint64_t since;             /* when it was last started */
    uint64_t at;                /* while WAITING: when it is to be started */
    uint32_t pace_s;            /* at least so long from one start to the next; 0: as RESTART_LEAST_S */
    uint64_t stop_by;           /* it was told to stop, and has time till then; 0: it was not */
};

/* NULL when the operation is allowed in that state; otherwise why not, for "VM: ..." */
const char *lifecycle_refuses(const struct lifecycle *l, enum operation what);

/* Is it up, or to be? While one VM is, the machine stays on. */
bool lifecycle_is_up(const struct lifecycle *l);

/* Is it off because its manager wants that, or because nobody has asked for it yet? */
bool lifecycle_is_off(const struct lifecycle *l);

/* It goes to that state; a way that is not there is the steward's own fault, and traps. */
void lifecycle_move(struct lifecycle *l, enum life to);

/* It was started; `by_manager`: that is no sign of a failure, and the pace is the least again. */
void lifecycle_started(struct lifecycle *l, uint64_t now, bool by_manager);

/* Its manager wants it down, from wherever it is: what it ended of before is over. */
void lifecycle_stopped(struct lifecycle *l);

/* It was told to stop: however it ends from now on, it is down as its manager wants. Told again, it gets no more time. */
void lifecycle_told_to_stop(struct lifecycle *l, uint64_t by);

/* Is its time over? */
bool lifecycle_has_not_stopped(const struct lifecycle *l, uint64_t now);

/* A start or making it went wrong. */
void lifecycle_failed(struct lifecycle *l);

/* It ended by itself. `again`: it is to be started again, when its pace allows it. */
void lifecycle_ended(struct lifecycle *l, bool failure, bool again, uint64_t now, uint64_t hz);

/* Is it to be started again now? */
bool lifecycle_is_due(const struct lifecycle *l, uint64_t now);
#endif
