/* SPDX-License-Identifier: Apache-2.0 */
/* A domain: a stage-2 address space and a handle table, and the pool that all of its objects come from. */
#ifndef NUCLEUS_CORE_DOMAIN_H
#define NUCLEUS_CORE_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/cpu_index.h"
#include "arm64/stage2.h"
#include "base/list.h"
#include "base/pool.h"
#include "belay/abi.h"
#include "core/handle.h"
#include "core/notification.h"

struct domain;
struct context;

/* What becomes of a domain's wish to end: it waits for a change that goes on. */
enum domain_end { END_NOT, END_CLAIMED, END_WANTED, END_BEGUN };

/* This CPU sees that it runs, or is paused and nothing of it is in the hardware; all CPUs have seen that; it is resumed. */
enum domain_news { NEWS_RUNS, NEWS_PAUSES, NEWS_PAUSED, NEWS_RESUMES };

struct domain_class {
    void (*reset)(struct domain *);    /* everything that its kind has, as after reset */
    void (*hears)(struct domain *, enum domain_news);
    void (*forget)(struct domain *);   /* it is no more: nothing of its kind points to others any more */
};

struct domain {
    const struct domain_class *class;
    enum belay_domain kind;
    enum belay_state state;
    enum belay_reason reason;
    struct context *culprit;            /* what ended it, with the syndrome below */
    uint64_t esr, far;
    union {
        char tag[9];
        uint64_t trace_tag;             /* its first 8 characters, in traces */
    };
    struct pool pool;
    struct stage2 space;
    struct handle_table handles;
    struct list contexts;
    uint32_t context_count;
    struct list mappings, spare_mappings;
    uint32_t mapping_count;
    struct list callers[CPUS_MAX];      /* contexts of each CPU that wait for this service to be up */
    struct notification *watcher;       /* told when it ends */
    uint64_t watcher_bits;
    struct mem *pool_mem;
    uint32_t changing;                  /* CPUs that have not seen the newest state yet */
    struct message news[CPUS_MAX];      /* to each of them */
    uint32_t end;                       /* enum domain_end */
    struct context *stopper;            /* wants it stopped, paused or destroyed, and perhaps waits */
    uint32_t hold;                      /* that it wants then: BELAY_HOLD_*; 0: a stop */
    uint32_t holds;                     /* who keeps it paused: BELAY_HOLD_* */
    bool breaking;                      /* it wants to pause for its debugger */
    struct notification *debugger;      /* told when it runs no more; NULL: it is not debugged */
    uint64_t debugger_bits;
    struct message news_to_stopper;
    struct notification *notifications; /* all that its pool holds */
    struct mem *spare_mems;             /* structures of extents that it may use again */
    bool has_mems;                      /* its pool holds structures of extents: those live on */
    uint8_t pool_rights;                /* that its creator had on the pool */
    uint32_t users;                     /* ranges of VMs whose accesses are calls of its portals */
    struct removal {                    /* it is being destroyed: core/destroy.c */
        uint8_t round;                  /* 0: it is not */
        uint8_t home;                   /* the CPU of who waits for `visits` */
        uint8_t visits;                 /* that its message has still to make */
        uint16_t next;                  /* VMID of the next whose handles are looked at */
        uint32_t grants;                /* that the machine had seen when it looked at the first */
        struct message message;
    } removal;
};

/* All domains but those that are being destroyed, by VMID. These are 8 bits wide on every CPU (Arm ARM, D8.9.2). */
#define VMIDS 256
extern struct domain *domains[VMIDS];

static inline unsigned domain_vmid(const struct domain *d) { return d->space.vttbr >> 48; }

/* Its VMID, which no TLB knows any more, may be another's. */
void domain_free_vmid(unsigned vmid);

/* GRANTs of the whole machine. */
extern uint32_t grants_begun, grants_done;

/* The lists and messages of a domain that is all zeros otherwise. */
void domain_init(struct domain *d);

/* Makes a domain in a pool that nothing else uses; NULL when that is too small. */
/* `bytes` is the size of the object that the struct domain is the first member of. */
struct domain *domain_create(struct mem *pool, size_t bytes, enum belay_domain kind, uint32_t handles, uint64_t tag);

/*
 * A domain may have contexts on several CPUs, each of which hears of a new state
 * by a message. A start returns at once, EAGAIN while the last change is still
 * on its way to some. A stop is complete when it returns OK; EAGAIN: `c` waits,
 * and its x0 is BELAY_OK once it is. EBUSY: somebody else waits for that.
 */
int domain_start(struct domain *d);
int domain_stop(struct domain *d, struct context *c);

/*
 * A VM is paused for `hold`, or that hold of it ends: it goes on when nobody holds
 * it. A pause is complete as a stop is; ESTATE when it is down. A resume is as a start.
 */
int domain_pause(struct domain *d, struct context *c, uint32_t hold);
int domain_resume(struct domain *d, uint32_t hold);

/* A debug exception of `culprit`, which runs here: the domain is held for its debugger, which is told. */
void domain_break(struct domain *d, struct context *culprit);

/*
 * For what must find it in one of those states, 1 << enum belay_state, RUNNING not among them: false when it is in none,
 * or changes; true: it stays so till it is thawed.
 */
bool domain_freeze(struct domain *d, unsigned states);
void domain_thaw(struct domain *d);

/* Nobody else wants it stopped, paused or destroyed: `c` does, till it says that it has not to any more. */
bool domain_claim(struct domain *d, struct context *c);

/* The domain ends, by itself or by a fault of `culprit`: its watcher is told. */
void domain_end(struct domain *d, struct context *culprit, enum belay_reason reason, uint64_t esr, uint64_t far);
#endif
