/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IRQs are unmasked in two places only, inside the __asm__ of sample_sgi and
 * sample_timer: the vector puts the time in x10 and goes on at x13.
 */
#include "measure.h"

#include "gic.h"

#define SGI 0u

void measure_init(void)
{
    gic_init();
    gic_init_cpu();
    gic_enable(SGI, 0x80);
    gic_enable(TIMER_PPI, 0x80);
}

/* MANY times `body`; the instructions around it are the same whatever it is. */
#define TICKS_OF_LOOP(body, ...)                                        \
    ({                                                                  \
        uint64_t start_, end_, count_ = MANY;                           \
        __asm__ volatile("mrs %0, cntvct_el0\n"                         \
                         "1:\n" body                                    \
                         "subs %2, %2, #1\n"                            \
                         "b.ne 1b\n"                                    \
                         "mrs %1, cntvct_el0\n"                         \
                         : "=&r"(start_), "=&r"(end_), "+&r"(count_)    \
                         : __VA_ARGS__                                  \
                         : "memory", "cc", "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", \
                           "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17"); \
        end_ - start_;                                                  \
    })

uint64_t loop_empty(void)
{
    return TICKS_OF_LOOP("", "i"(0));
}

uint64_t loop_read(uintptr_t address)
{
    return TICKS_OF_LOOP("ldr w0, [%3]\n", "r"(address));
}

uint64_t loop_call_empty(uint32_t function)
{
    return TICKS_OF_LOOP("mov w0, %w3\n", "r"(function));
}

uint64_t loop_call(uint32_t function)
{
    return TICKS_OF_LOOP("mov w0, %w3\n hvc #0\n", "r"(function));
}

struct sgi_sample sample_sgi(void)
{
    uint64_t start, taken, ended;

    __asm__ volatile(
        "adr x13, 2f\n"
        "msr daifclr, #2\n"
        "mrs x9, cntvct_el0\n"
        "msr S3_0_C12_C11_5, %3\n"          /* ICC_SGI1R_EL1 */
        "1: b 1b\n"
        "2:\n"
        "mrs x11, S3_0_C12_C12_0\n"         /* ICC_IAR1_EL1 */
        "msr S3_0_C12_C12_1, x11\n"         /* ICC_EOIR1_EL1 */
        "mrs %2, cntvct_el0\n"
        "mov %0, x9\n"
        "mov %1, x10\n"
        : "=&r"(start), "=&r"(taken), "=&r"(ended)
        : "r"((uint64_t)SGI << 24 | 1)      /* to CPU 0 of cluster 0: this one */
        : "memory", "x9", "x10", "x11", "x13");
    return (struct sgi_sample){ (uint32_t)(taken - start), (uint32_t)(ended - start) };
}

/* Sixteen at a time: QEMU is much slower with a loop of one instruction. */
#define SPIN "nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n"

#define WAIT_FOR_TIMER(how, deadline)                                   \
    ({                                                                  \
        uint64_t taken_;                                                \
        __asm__ volatile("adr x13, 2f\n"                                \
                         "msr cntv_cval_el0, %1\n"                      \
                         "msr cntv_ctl_el0, %2\n"                       \
                         "isb\n"                                        \
                         "msr daifclr, #2\n"                            \
                         "1:\n" how "b 1b\n"                            \
                         "2:\n"                                         \
                         "msr cntv_ctl_el0, xzr\n"                      \
                         "isb\n"                                        \
                         "mrs x11, S3_0_C12_C12_0\n"                    \
                         "msr S3_0_C12_C12_1, x11\n"                    \
                         "mov %0, x10\n"                                \
                         : "=&r"(taken_)                                \
                         : "r"(deadline), "r"(1ul)                      \
                         : "memory", "x10", "x11", "x13");              \
        taken_ - (deadline);                                            \
    })

uint64_t sample_timer(uint64_t deadline, bool wfi)
{
    return wfi ? WAIT_FOR_TIMER("wfi\n", deadline) : WAIT_FOR_TIMER(SPIN, deadline);
}
