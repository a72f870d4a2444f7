/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hostile guest does all that a broken or evil guest may do, one attack
 * after another, and says before each what it does. It runs on SP_EL0 and
 * takes its exceptions on SP_EL1, so that a spoiled stack pointer is survived.
 *
 * Words of /chosen/bootargs: attack=NAME runs that one only (`all` is the
 * default), seed=N other random values, rounds=N the whole sequence N times.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stdint.h>

struct attack {
    const char *name;
    void (*run)(void);
    bool fatal;             /* the guest does not survive it: run by its name only */
};

extern uint64_t done;       /* of the present attack */
extern uint64_t exceptions;
extern uint64_t interrupts;
extern uint64_t wrong;      /* answers that differ from the architecture's */

extern bool bare;           /* there is no hypervisor: SMC is undefined. QEMU alone stands less than this guest does */

uint64_t random64(void);    /* seeded: the same in every run */
static inline uint64_t random_below(uint64_t limit) { return random64() % limit; }

/* Memory that an attack may spoil; registers point to its middle while a foreign instruction runs. */
#define SCRATCH_BYTES 0x20000ul
extern uint8_t scratch[SCRATCH_BYTES];

/*
 * Runs one instruction with that x0 and all other registers pointing into the
 * scratch memory; whatever it does, comes back. Gives x0 as it then is.
 */
uint64_t run(uint32_t instruction, uint64_t x0);

/* A value for `msr REGISTER, x0`: a random one, small ones as likely as large. */
uint64_t value_of_register(uint32_t instruction);

/* One access of a kind at an address: every load, store, exclusive, atomic and cache instruction (access.S). */
extern const uint8_t access_kinds[], access_kinds_end[];
#define ACCESS_KINDS ((unsigned)(access_kinds_end - access_kinds) / 16)
enum { ACCESS_PLAIN = 8 };  /* the first are loads and stores of 1, 2, 4 and 8 bytes */
void access(unsigned kind, uint64_t address, uint64_t value);

/* The interrupt controller and timers as after start, all interrupts masked. */
void settle(void);

/* Takes what interrupts are pending, one at least if there is any. */
void let_in(void);

/* Where guest_table's entry maps the 1 GiB from `address` as normal memory (see tables.c). Also flushes. */
uint64_t alias_normal(uint64_t address);
void tables_reset(void);

void attack_map(void);          /* memory.c */
void attack_access(void);
void attack_jump(void);
void attack_watchdog(void);
void attack_gic_sweep(void);    /* gic_attack.c */
void attack_gic_random(void);
void attack_storm(void);
void attack_swamp(void);
void attack_wait(void);
void attack_crowd(void);        /* crowd.c */
void attack_garbage(void);      /* instructions.c */
void attack_sysreg(void);
void attack_illegal_return(void);
void attack_psci(void);         /* calls.c */
void attack_smccc(void);
void attack_hypercall(void);
void attack_poison(void);       /* poison.c */
void attack_tables(void);       /* tables.c */
void attack_secrets(void);      /* secrets.c */
void attack_flood(void);        /* main.c */
#endif
