/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System registers, by name. On a host build (unit tests) each register is an
 * entry of a table that the test reads and sets: see tests/unit/fake_sysreg.h.
 */
#ifndef NUCLEUS_ARM64_SYSREG_H
#define NUCLEUS_ARM64_SYSREG_H

#include <stdint.h>

/* Registers that GNU as 2.40 knows by encoding only, or by a later -march. */
#define ICC_SRE_EL2       S3_4_C12_C9_5
#define ICH_HCR_EL2       S3_4_C12_C11_0
#define ICH_VTR_EL2       S3_4_C12_C11_1
#define ICH_MISR_EL2      S3_4_C12_C11_2
#define ICH_EISR_EL2      S3_4_C12_C11_3
#define ICH_ELRSR_EL2     S3_4_C12_C11_5
#define ICH_VMCR_EL2      S3_4_C12_C11_7
#define ICC_SRE_EL1       S3_0_C12_C12_5
#define ICC_PMR_EL1       S3_0_C4_C6_0
#define ICC_IAR1_EL1      S3_0_C12_C12_0
#define ICC_EOIR1_EL1     S3_0_C12_C12_1
#define ICC_BPR1_EL1      S3_0_C12_C12_3
#define ICC_CTLR_EL1      S3_0_C12_C12_4
#define ICC_IGRPEN1_EL1   S3_0_C12_C12_7
#define ICC_HPPIR1_EL1    S3_0_C12_C12_2
#define ICC_DIR_EL1       S3_0_C12_C11_1
#define ICC_SGI1R_EL1     S3_0_C12_C11_5

#ifdef BELAY_HOST_TEST
#include "fake_sysreg.h"
#else

#define SYSREG_STR_(r) #r
#define SYSREG_STR(r)  SYSREG_STR_(r)

#define sysreg_read(reg)                                                     \
    ({ uint64_t v_; __asm__ volatile("mrs %0, " SYSREG_STR(reg) : "=r"(v_)); v_; })
#define sysreg_write(reg, value)                                             \
    do { uint64_t v_ = (value);                                              \
         __asm__ volatile("msr " SYSREG_STR(reg) ", %x0" : : "rZ"(v_) : "memory"); } while (0)

static inline void isb(void) { __asm__ volatile("isb" ::: "memory"); }
static inline void dsb_ish(void) { __asm__ volatile("dsb ish" ::: "memory"); }
static inline void dsb_ishst(void) { __asm__ volatile("dsb ishst" ::: "memory"); }
static inline void dmb_ishst(void) { __asm__ volatile("dmb ishst" ::: "memory"); }
static inline void dsb_sy(void) { __asm__ volatile("dsb sy" ::: "memory"); }
static inline void wfi(void) { __asm__ volatile("wfi" ::: "memory"); }
#endif

/* Of two that are next to each other in memory: one instruction moves both there, or from there. */
#define sysreg_read_pair(to, reg, next_to, next_reg)                         \
    do { uint64_t r_ = sysreg_read(reg), next_r_ = sysreg_read(next_reg);    \
         (to) = r_; (next_to) = next_r_; } while (0)
#define sysreg_write_pair(reg, value, next_reg, next_value)                  \
    do { uint64_t w_ = (value), next_w_ = (next_value);                      \
         sysreg_write(reg, w_); sysreg_write(next_reg, next_w_); } while (0)
#endif
