/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which GIC the host has. The image is made for a GICv3, whose CPU interface is
 * system registers; on a GICv2 it is memory. Where the two part ways there is
 * one instruction, of which the boot room makes a branch if the host has a
 * GICv2 (boot/gicv2.c): so a GICv3 pays nothing. Not for the boot room itself.
 */
#ifndef NUCLEUS_GIC_VERSION_H
#define NUCLEUS_GIC_VERSION_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/sysreg.h"

/* A place: both are relative to the member itself. */
struct gic_place {
    int32_t from, to;
};
extern const struct gic_place gic_places_start[], gic_places_end[];      /* nucleus.lds */

#ifdef BELAY_HOST_TEST
#define on_gicv2()                      (fake_gicv2)
#define has_gich()                      (fake_gicv2_interface)
#define gic_read(reg, otherwise)        (fake_gicv2_interface ? (otherwise) : sysreg_read(reg))
#define gic_write(reg, value, otherwise) \
    do { if (fake_gicv2_interface) (void)(otherwise); else sysreg_write(reg, value); } while (0)
#else

#define GIC_PLACE(instruction) \
    "1: " instruction "\n" \
    ".pushsection .gic_places, \"a\"\n .balign 4\n .long 1b - ., %l[v2_] - .\n .popsection\n"

#ifdef __clang__
#define GIC_ON_V2
#else
#define GIC_ON_V2 __attribute__((cold))
#endif

static inline __attribute__((always_inline)) bool on_gicv2(void)
{
    __asm__ goto inline(GIC_PLACE("nop") : : : : v2_);
    return false;
v2_: GIC_ON_V2;
    return true;
}

#define has_gich() on_gicv2()           /* its virtual interface is in memory: a test may play another */

/* A GICv3's register, or, of a GICv2, the value of an expression. */
#define gic_read(reg, otherwise)                                                        \
    ({ __label__ v2_; uint64_t v_;                                                      \
       __asm__ goto inline(GIC_PLACE("mrs %0, " SYSREG_STR(reg)) : "=r"(v_) : : : v2_);        \
       if (0) {                                                                         \
           v2_: GIC_ON_V2;                                                              \
           v_ = (otherwise);                                                            \
       }                                                                                \
       v_; })

/* A write of a GICv3's register, or, of a GICv2, an expression. */
#define gic_write(reg, value, otherwise)                                                \
    do { __label__ v2_; uint64_t w_ = (value);                                          \
         __asm__ goto inline(GIC_PLACE("msr " SYSREG_STR(reg) ", %x0") : : "rZ"(w_) : "memory" : v2_); \
         if (0) {                                                                       \
             v2_: GIC_ON_V2;                                                            \
             (void)(otherwise);                                                         \
         }                                                                              \
    } while (0)
#endif
#endif
