/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VM that is debugged: what the nucleus does for a debugger, and the guest's
 * memory. All that a stop is looked at or changed by is for a VM that is stopped.
 */
#ifndef GDB_TARGET_H
#define GDB_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "belay/gdb.h"

void target_init(const struct gdb_config *config, uint8_t *ram);

/* Waits till something has happened, with the VM or else. */
void target_wait(void);
unsigned target_vcpus(void);
bool target_is_on(unsigned vcpu);

/* The VM has a debugger from here on, and stands still; false: that failed. */
bool target_attach(void);

/* It has none any more, and runs on as if there had never been one. */
void target_detach(void);

/* It is to stop now, and has when this returns. */
void target_stop(void);

enum stop_kind { STOP_NONE, STOP_BREAK, STOP_OWN_BREAK, STOP_HARDWARE, STOP_STEP, STOP_WATCH };

/* Why it stopped. NONE: for no reason of a vCPU's. */
struct stop {
    enum stop_kind kind;
    unsigned vcpu;
    uint64_t address;           /* that a watchpoint saw */
};

/* Has it stopped by itself? Then it stands still when this returns. */
bool target_stopped(struct stop *stop);

/* Is it down: off, or not started yet? */
bool target_is_down(void);

/* What each vCPU does when the VM goes on. */
enum action { ACTION_HOLD, ACTION_CONTINUE, ACTION_STEP };

/* It goes on; a vCPU that stopped at a BRK of the guest's own takes that as the exception that it is to the guest. */
bool target_go(const enum action action[BELAY_VCPUS_MAX]);

/* Registers by enum belay_reg, `n` from `first` on. */
bool target_regs(unsigned vcpu, unsigned first, unsigned n, uint64_t *values);
bool target_set_reg(unsigned vcpu, unsigned reg, uint64_t value);

/* Guest physical addresses: RAM is all that there is. Tells how many bytes there were, from the first on. */
size_t target_read_physical(uint64_t pa, void *to, size_t bytes);

/* Virtual addresses, as that vCPU sees them now. The debugger's own breakpoints are not seen. */
bool target_translate(unsigned vcpu, uint64_t va, uint64_t *pa, uint64_t *left);
size_t target_read(unsigned vcpu, uint64_t va, void *to, size_t bytes);
bool target_write(unsigned vcpu, uint64_t va, const void *from, size_t bytes);
#endif
