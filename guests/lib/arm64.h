/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU as the guests see it: system registers, barriers, the counter and the virtual timer. */
#ifndef GUEST_ARM64_H
#define GUEST_ARM64_H

#include <stdint.h>

#define SYSREG_STR_(r) #r
#define SYSREG_STR(r)  SYSREG_STR_(r)
#define sysreg_read(reg) \
    ({ uint64_t v_; __asm__ volatile("mrs %0, " SYSREG_STR(reg) : "=r"(v_) : : "memory"); v_; })
#define sysreg_write(reg, value) \
    do { uint64_t v_ = (value); __asm__ volatile("msr " SYSREG_STR(reg) ", %x0" : : "rZ"(v_) : "memory"); } while (0)

static inline void isb(void) { __asm__ volatile("isb" : : : "memory"); }
static inline void dsb(void) { __asm__ volatile("dsb sy" : : : "memory"); }
static inline void wfi(void) { __asm__ volatile("dsb sy\n\twfi" : : : "memory"); }
static inline void irq_enable(void) { __asm__ volatile("msr daifclr, #2" : : : "memory"); }
static inline void irq_disable(void) { __asm__ volatile("msr daifset, #2" : : : "memory"); }

static inline uint64_t irq_save(void)
{
    uint64_t daif = sysreg_read(daif);
    irq_disable();
    return daif;
}

static inline void irq_restore(uint64_t daif) { sysreg_write(daif, daif); }

/* The virtual counter; the ISB keeps the read from being done early (Arm ARM, D11.2.1). */
static inline uint64_t counter(void)
{
    isb();
    return sysreg_read(cntvct_el0);
}

static inline uint64_t counter_hz(void) { return sysreg_read(cntfrq_el0); }

#define TIMER_PPI 27    /* the virtual timer's interrupt */

/* Fires when the counter reaches `ticks`. */
static inline void timer_set(uint64_t ticks)
{
    sysreg_write(cntv_cval_el0, ticks);
    sysreg_write(cntv_ctl_el0, 1);
    isb();
}

static inline void timer_stop(void)
{
    sysreg_write(cntv_ctl_el0, 0);
    isb();
}
#endif
