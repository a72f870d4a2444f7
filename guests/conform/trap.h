/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions that a case asks for, and code at EL0. */
#ifndef CONFORM_TRAP_H
#define CONFORM_TRAP_H

#include <stdint.h>

#include "guest.h"

/* ESR_EL1.EC (Arm ARM, D17.2.37), but for those of what guests/lib has. */
enum { EC_UNKNOWN = 0x00, EC_WFX = 0x01, EC_FP = 0x07, EC_ILLEGAL = 0x0e, EC_SVC = 0x15, EC_SYSREG = 0x18,
       EC_IABT_EL0 = 0x20, EC_IABT = 0x21, EC_PC = 0x22, EC_DABT_EL0 = 0x24, EC_DABT = 0x25, EC_SP = 0x26,
       EC_STEP_EL0 = 0x32, EC_STEP = 0x33, EC_BRK = 0x3c };

#define EC_OF(esr)   ((unsigned)((esr) >> 26))
#define ISS_OF(esr)  ((uint32_t)(esr) & 0x1ffffff)
#define FSC_OF(esr)  ((uint32_t)(esr) & 0x3f)
#define ESR_IL       (1u << 25)

struct trap {
    unsigned count;             /* synchronous exceptions since the last look, of which this is the last */
    unsigned vector;
    uint64_t esr, far, pc, pstate;
    uint64_t x0;                /* as it was, of code at EL0 */
};

/* What came since the last look. After an exception at EL1 goes on what is behind the instruction that caused it. */
struct trap trap_take(void);

/* Breaks the promise at hand where one came that nobody took. */
void trap_none(void);

/* One came, of that class; what it was. */
struct trap trap_one(unsigned ec);

/* Did it come, and was it of an instruction that there is not? One that did not is fine. */
bool trap_undefined(void);

/* Calls what is at an address: for instruction aborts, after which it returns too. */
void call_at(uint64_t address);

/* Code at EL0 till its first exception, with x0 and all else 0. `pstate` has flags beyond EL0t with interrupts masked. */
struct trap run_at_el0(uint64_t pc, uint64_t x0, uint64_t pstate);

/* Code at EL0, with interrupts let in, till one comes: it is handled first. */
void run_until_interrupt(uint64_t pc);

/* Called for IRQ and FIQ, which come only where a case unmasks them; NULL: they are taken, ended and counted. */
extern void (*on_interrupt)(unsigned vector);
extern unsigned interrupts_taken;

/*
 * WINDOW_PAGES pages of addresses of their own, which the cases map as they like (level 3 descriptors). All of them are
 * for one case: window_map takes care of the TLB, and a case leaves nothing behind that the next relies on.
 */
#define WINDOW        0x100000000ul
#define WINDOW_PAGES  512
#define PAGE          4096ul
void window_map(unsigned page, uint64_t descriptor);
extern uint64_t window_leaves[WINDOW_PAGES];    /* for cases that do the maintenance themselves */
static inline uint64_t window(unsigned page) { return WINDOW + page * PAGE; }

#define MAP_PAGE      0x403ul               /* valid, accessed */
#define MAP_NORMAL    (MAP_PAGE | 3ul << 8) /* MAIR attribute 0, inner shareable */
#define MAP_DEVICE    (MAP_PAGE | 1ul << 2 | MAP_NOEXEC)
#define MAP_EL0       (1ul << 6)
#define MAP_READ      (1ul << 7)
#define MAP_PXN       (1ul << 53)
#define MAP_UXN       (1ul << 54)
#define MAP_NOEXEC    (MAP_PXN | MAP_UXN)
#endif
