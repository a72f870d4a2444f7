/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a mode's SPSR, of EL1 in AArch32, what EL2 in AArch64 has as SPSR_EL1, SPSR_und and so on (Arm ARM, D1.20.1)? At EL2
 * of the bare machine: in two modes A32 code writes its SPSR, which EL2 reads; then EL2 writes it, and A32 code reads it.
 */
#include "arm64.h"
#include "el2.h"

#define MSR_SPSR_R2     0xe16ff002u     /* msr spsr_fsxc, r2 */
#define MRS_R2_SPSR     0xe14f2000u     /* mrs r2, spsr */
#define HVC             0xe1400070u     /* hvc #0 */
#define EC_HVC32        0x12u
#define ESR_EC(esr)     ((esr) >> 26)

#define WRITTEN_BY_IT   0x20000110u     /* any values that an SPSR may have: User mode with C, with N */
#define WRITTEN_BY_EL2  0x80000110u

enum mode { SUPERVISOR, UNDEFINED, MODES };
static const char *const names[] = { "Supervisor", "Undefined" };
static const uint64_t psr[] = { 0x1d3, 0x1db };         /* with A, I and F masked */

static const uint32_t code[] = { MSR_SPSR_R2, HVC, MRS_R2_SPSR, HVC };

/* A32 code from `pc` on runs until its HVC. */
static _Noreturn void run(const uint32_t *pc, uint64_t psr_of_it, uint64_t r2)
{
    sysreg_write(elr_el2, (uint64_t)pc);
    sysreg_write(spsr_el2, psr_of_it);
    __asm__ volatile("mov x2, %0\n\teret" : : "r"(r2) : "x2", "memory");
    __builtin_unreachable();
}

static uint64_t spsr(enum mode mode)
{
    return mode == SUPERVISOR ? sysreg_read(spsr_el1) : sysreg_read(spsr_und);
}

static void set_spsr(enum mode mode, uint64_t value)
{
    if (mode == SUPERVISOR)
        sysreg_write(spsr_el1, value);
    else
        sysreg_write(spsr_und, value);
}

/* Each mode calls twice: it has written its SPSR, and it has read it. */
_Noreturn void surprise(uint64_t esr, uint64_t pc, uint64_t x2)
{
    static unsigned calls;
    enum mode mode = calls / 2;

    if (ESR_EC(esr) != EC_HVC32) {
        print("spsr: an exception, esr %lx, pc %lx\n", esr, pc);
        off();
    }
    if (calls++ % 2 == 0) {
        print("spsr: %s mode wrote %x, EL2 reads %lx\n", names[mode], WRITTEN_BY_IT, spsr(mode));
        set_spsr(mode, WRITTEN_BY_EL2);
        run(code + 2, psr[mode], 0);
    }
    print("spsr: EL2 wrote %x, %s mode reads %lx\n", WRITTEN_BY_EL2, names[mode], x2);
    if (mode + 1 == MODES)
        off();
    run(code, psr[mode + 1], WRITTEN_BY_IT);
}

void guest_main(const void *dtb)
{
    (void)dtb;
    sysreg_write(hcr_el2, 0);           /* EL1 is in AArch32; no stage 2 */
    run(code, psr[SUPERVISOR], WRITTEN_BY_IT);
}
