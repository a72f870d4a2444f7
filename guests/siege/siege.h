/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The siege: all vCPUs of a hostile guest do whatever a guest can do, one action after the other, as a seed says, until
 * so many have been done. What action n of a vCPU tries depends on the seed, the vCPU and n alone. What goes wrong by the
 * guest's own mistakes is caught; where it is lost, it resets itself, or its watchdog does, and it goes on with the
 * next number: how far it is stands in memory that a restart leaves alone.
 *
 * Words of /chosen/bootargs: seed=N, actions=N; kind=NAME: actions of that kind alone.
 */
#ifndef SIEGE_H
#define SIEGE_H

#define ACTORS_MAX    4

/* Offsets in struct actor, for actor.S. An actor is as large as it is aligned: its stack for exceptions tells whose it is. */
#define ACTOR_SHIFT   20
#define ACTOR_TABLE   0
#define ACTOR_SAVED   0x2000
#define ACTOR_STACK   0x10000       /* its end */
#define ACTOR_HANDLER 0x14000       /* the end of the stack for exceptions, below which `run` leaves the registers */
#define ACTORS        0x40800000    /* the first of them, after the image */

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRATCH_BYTES 0x20000u
#define SLOTS         16u              /* in one page: QEMU looks at all code of a page that is written */

#define RAM_BYTES     0x1400000ull          /* of the VM: a restart zeroes 16 MiB at most */
#define SYSTEM_CODE   0x40c00000ull         /* each system instruction as a slot, for all: QEMU translates them once */
#define RECORDS       0x41000000ull
#define SPARE         0x41200000ull         /* memory that is for nothing but to be written and read */
#define SPARE_BYTES   0x200000ull
#define MARK          0x6765697320656874ull /* at the start of SPARE */

#define GIB           (1ull << 30)
#define WINDOW        4u                    /* the entry of an actor's table that actions change */
#define USER          3u                    /* the one by which EL0 reaches the guest's RAM, below 4 GiB for AArch32 */

struct actor {
    uint64_t table[512];                    /* stage 1, level 1 */
    uint64_t own_table[512];                /* what actions make of it */
    uint64_t saved[16];                     /* by `run` */
    bool foreign;                           /* `run` runs something */
    bool handles;                           /* an exception */
    unsigned taken;                         /* exceptions in this action */
    unsigned index;
    uint64_t state;                         /* of the random numbers of this action */
    unsigned next_slot;
    uint64_t seen[ACTORS_MAX];              /* how far the others were when it looked last */
    unsigned still[ACTORS_MAX];             /* and how often they had not moved */
    _Alignas(0x10000) uint8_t handler_stack[ACTOR_HANDLER - ACTOR_STACK - 31 * 8 - 8];
    uint64_t x[31], pad;                    /* as the last foreign instruction left them */
    _Alignas(0x20000) uint32_t slot[SLOTS][2];      /* an instruction, and a branch to run_back */
    _Alignas(0x20000) uint8_t scratch[SCRATCH_BYTES];
};

enum kind {
    SYSREG_READ, SYSREG_WRITE, CPU_INTERFACE, DEBUG_PMU, HYPERCALL, PSCI, SMCCC, GIC, DEVICE, ANYWHERE, MEMORY, JUMP,
    GARBAGE, USER_MODE, CODE, TABLES, MMU_OFF, TIMER, STORM, WAIT, EXCEPTION, FP, SEARCH, SCRIBBLE, KINDS
};

/* How far it is. There are two, written in turns, so that one at least is whole. */
struct record {
    uint64_t seed;
    uint64_t starts, lost, said;            /* `said`: millions that it has told of */
    struct done {
        uint64_t number, inverse;           /* of actions; and ~number */
        uint64_t kinds[KINDS];
        uint64_t exceptions, interrupts, found, wrong;
    } done[ACTORS_MAX];
    uint64_t sum;                           /* of all words before, of a copy */
};
#define RECORD ((struct record *)RECORDS)
static inline struct done *done_of(const struct actor *a) { return &RECORD->done[a->index]; }

static inline struct actor *actor(unsigned n) { return (struct actor *)(ACTORS + ((uintptr_t)n << ACTOR_SHIFT)); }

uint64_t random64(struct actor *);
static inline uint64_t below(struct actor *a, uint64_t limit)
{
    return (uint64_t)((unsigned __int128)random64(a) * limit >> 64);
}
/* A number of any size, small ones as likely as large. */
static inline uint64_t any(struct actor *a) { return random64(a) >> below(a, 64); }

/* Every value that comes from somewhere is looked at: a witness's words are its secret. */
void look_at(struct actor *, const uint64_t *values, unsigned count);
static inline void look(struct actor *a, uint64_t value) { look_at(a, &value, 1); }

/* Runs one instruction with that x0, all other registers being `others`, and comes back whatever it does. Gives x0. */
uint64_t run(struct actor *, uint32_t instruction, uint64_t x0);
uint64_t run_with(struct actor *, uint32_t instruction, uint64_t x0, uint64_t others);

/* The same with MRS or MSR, or SYSL or SYS, of an encoding, op0 to op2, and x0. */
uint64_t run_system(struct actor *, uint32_t encoding, bool read, uint64_t x0);
void make_system_code(void);

/* Writes an instruction where `run` would, as code that can be jumped to. */
uint32_t *write_slot(struct actor *, uint32_t instruction, bool maintained);

/* One access of a kind at an address (guests/hostile/access.S); what it read is looked at. */
void touch(struct actor *, unsigned kind, uint64_t address, uint64_t value);
unsigned any_access(struct actor *);

/* Takes what interrupt is pending, if one is. */
void let_in(void);

/* A WFI ends so many ticks from now at the latest. */
void wake_in(struct actor *, uint64_t ticks);

/* The guest does not find back: it begins anew. */
void lost(void);

/* Its own interrupt controller, timers and UART as after start. */
void settle(struct actor *);

extern void (*const kinds[KINDS])(struct actor *);
extern const char *const kind_names[KINDS];
extern const uint16_t kind_weights[KINDS];
extern unsigned actors;                     /* vCPUs that there are */

void kind_sysreg_read(struct actor *);      /* kinds_cpu.c */
void kind_sysreg_write(struct actor *);
void kind_cpu_interface(struct actor *);
void kind_debug_pmu(struct actor *);
void kind_garbage(struct actor *);
void kind_user_mode(struct actor *);
void kind_code(struct actor *);
void kind_exception(struct actor *);
void kind_fp(struct actor *);
void kind_hypercall(struct actor *);        /* kinds_calls.c */
void kind_psci(struct actor *);
void kind_smccc(struct actor *);
void kind_gic(struct actor *);              /* kinds_devices.c */
void kind_device(struct actor *);
void kind_timer(struct actor *);
void kind_storm(struct actor *);
void kind_wait(struct actor *);
void kind_anywhere(struct actor *);         /* kinds_memory.c */
void kind_memory(struct actor *);
void kind_jump(struct actor *);
void kind_tables(struct actor *);
void kind_mmu_off(struct actor *);
void kind_search(struct actor *);
void kind_scribble(struct actor *);
#endif
#endif
