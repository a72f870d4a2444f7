/* SPDX-License-Identifier: Apache-2.0 */
/* A second CPU that waits, and answers each SGI with another one. */
#include "cross.h"

#include "gic.h"
#include "guest.h"
#include "measure.h"

#define SGI 0u
#define SGI_TO(cpu) ((uint64_t)SGI << 24 | 1u << (cpu))

extern const uint8_t cross_start[];     /* entry.S, which calls */
_Noreturn void cross_answer(void);

/* Written by one whose MMU is off. */
static volatile uint64_t taken;
static volatile uint32_t listens;

/* As sample_sgi has it: the vector puts the time in x10 and goes on at x13. */
_Noreturn void cross_answer(void)
{
    gic_init_cpu();
    gic_enable(SGI, 0x80);
    listens = 1;
    __asm__ volatile(
        "0:\n"
        "adr x13, 2f\n"
        "msr daifclr, #2\n"
        "1: wfi\n"
        "b 1b\n"
        "2:\n"
        "mrs x11, S3_0_C12_C12_0\n"         /* ICC_IAR1_EL1 */
        "msr S3_0_C12_C12_1, x11\n"         /* ICC_EOIR1_EL1 */
        "str x10, [%0]\n"
        "msr S3_0_C12_C11_5, %1\n"          /* ICC_SGI1R_EL1 */
        "b 0b\n"
        : : "r"(&taken), "r"(SGI_TO(0)) : "memory", "x10", "x11", "x13");
    __builtin_unreachable();
}

bool cross_begin(void)
{
    if (hvc(PSCI_CPU_ON, 1, (uintptr_t)cross_start, 0) != 0) {
        return false;
    }
    while (!listens) {
        sample_timer(counter() + counter_hz() / 10000, true);
    }
    return true;
}

struct cross_sample sample_cross(void)
{
    uint64_t start, back;

    sample_timer(counter() + counter_hz() / 100000, true);      /* meanwhile the other one is in WFI again */
    __asm__ volatile(
        "adr x13, 2f\n"
        "msr daifclr, #2\n"
        "mrs x9, cntvct_el0\n"
        "msr S3_0_C12_C11_5, %2\n"          /* ICC_SGI1R_EL1 */
        "1: wfi\n"
        "b 1b\n"
        "2:\n"
        "mrs x11, S3_0_C12_C12_0\n"         /* ICC_IAR1_EL1 */
        "msr S3_0_C12_C12_1, x11\n"         /* ICC_EOIR1_EL1 */
        "mov %0, x9\n"
        "mov %1, x10\n"
        : "=&r"(start), "=&r"(back)
        : "r"(SGI_TO(1))
        : "memory", "x9", "x10", "x11", "x13");
    return (struct cross_sample){ (uint32_t)(taken - start), (uint32_t)(back - start) };
}
