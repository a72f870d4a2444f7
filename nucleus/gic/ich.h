/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hardware's virtual CPU interface: list registers and their control
 * (ICH_*_EL2, IHI 0069, 12.4; of a GICv2 GICH_*, IHI 0048B, 5.3). One vCPU's is loaded at a time; that of the
 * others is in their struct ich_state. Values have the form of a GICv3's.
 */
#ifndef NUCLEUS_GIC_ICH_H
#define NUCLEUS_GIC_ICH_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/sysreg.h"
#include "gic/gic.h"

#define ICH_LRS_MAX 16
#define ICH_LR0_EL2 S3_4_C12_C12_0

#define GICH_ELRSR0   0x30
#define GICH_LR(n)    (0x100 + 4 * (n))

/* ICH_LR<n>_EL2 */
#define LR_STATE_MASK     (UINT64_C(3) << 62)
#define LR_PENDING        (UINT64_C(1) << 62)
#define LR_ACTIVE         (UINT64_C(1) << 63)
#define LR_HW             (UINT64_C(1) << 61)
#define LR_GROUP1         (UINT64_C(1) << 60)
#define LR_PRIORITY(p)    ((uint64_t)(p) << 48)
#define LR_PINTID(i)      ((uint64_t)(i) << 32)
#define LR_EOI            (UINT64_C(1) << 41)   /* with HW 0: maintenance interrupt at its EOI */
#define LR_LINK_MASK      (LR_HW | UINT64_C(0x1fff) << 32)  /* HW, and pINTID or EOI */
#define LR_VINTID(i)      ((uint64_t)(i))
#define LR_GET_VINTID(lr) ((uint32_t)(lr))
#define LR_GET_PINTID(lr) ((uint32_t)((lr) >> 32) & 0x1fff)
#define LR_SOURCE(cpu)    ((uint64_t)(cpu) << 32)       /* of a GICv2 only, with HW 0: the CPU that sent an SGI */
#define LR_GET_SOURCE(lr) ((unsigned)((lr) >> 32) & 7)

#define ICH_HCR_EN            1u
#define ICH_HCR_LRENPIE       4u           /* maintenance interrupt while EOIcount is not 0 */
#define ICH_HCR_NPIE          8u           /* maintenance interrupt while no list register is pending */
#define ICH_HCR_TDIR          (1u << 14)   /* writes to ICC_DIR_EL1 trap */
#define ICH_HCR_EOICOUNT(hcr) ((unsigned)((hcr) >> 27) & 0x1f)
#define ICH_HCR_NO_EOICOUNT(hcr) ((hcr) & 0x7ffffff)

struct ich_state {
    uint64_t lr[ICH_LRS_MAX];   /* as last written, while loaded */
    uint64_t vmcr;
    uint64_t hcr;               /* but for EOIcount, as the hardware has it while loaded */
    uint32_t ap0r[4], ap1r[4];
    uint32_t used;              /* list registers that may hold an interrupt, a bit each */
    uint32_t ended;             /* of the others, those whose interrupt the guest ended: nobody took note yet */
    uint32_t ppis;              /* host PPIs that are active on this vCPU's behalf */
};

/* Boot, each CPU, after gic_init_cpu: reads how many list registers and priority bits there are. */
void ich_init_cpu(void);
unsigned ich_lrs(void);
unsigned ich_priority_bits(void);
bool ich_traps_dir(void);       /* ICH_HCR_TDIR works */

/* The state of a vCPU's virtual interface after reset. */
void ich_reset(struct ich_state *s);
void ich_reset_interface(struct ich_state *s);  /* but for its list registers */

/*
 * The world switch. At most ich_lrs() registers move, only those in use.
 * Keeps the PPIs in `ppis` active at the host for the vCPU that is loaded and
 * for no other.
 */
void ich_save(struct ich_state *s);
void ich_restore(const struct ich_state *s);

/* Of the loaded vCPU: list registers that are empty by now go from `used` to `ended`. */
void ich_prune(struct ich_state *s);

/* Of the loaded vCPU, whose state is `s`: one list register, n < ich_lrs(), and the control registers. */
uint64_t ich_lr_read_any(const struct ich_state *s, unsigned n);
void ich_lr_write_any(unsigned n, uint64_t value);
uint64_t ich_hcr_read(void);
void ich_hcr_write(uint64_t hcr);
uint64_t ich_vmcr_read(void);

/* A GICv2's: the hardware changes the state alone. */
static inline uint64_t gich_lr_read(const struct ich_state *s, unsigned n)
{
    return (s->lr[n] & ~LR_STATE_MASK) | (uint64_t)(mmio_read32(gicv2_base(hyp) + GICH_LR(n)) >> 28 & 3) << 62;
}

/* As most often no other is in use. */
static inline uint64_t ich_lr_read(const struct ich_state *s, unsigned n)
{
    return n == 0 ? gic_read(ICH_LR0_EL2, gich_lr_read(s, 0)) : ich_lr_read_any(s, n);
}

static inline void ich_lr_write(unsigned n, uint64_t value)
{
    if (n == 0)
        gic_write(ICH_LR0_EL2, value, ich_lr_write_any(0, value));
    else
        ich_lr_write_any(n, value);
}

/* Which list registers of the loaded vCPU are empty, with what was written since the exit. */
static inline uint32_t ich_empty(void)
{
    isb();      /* ICH_ELRSR_EL2 follows a write of a list register only then */
    return (uint32_t)gic_read(ICH_ELRSR_EL2, mmio_read32(gicv2_base(hyp) + GICH_ELRSR0));
}

/* Does a virtual interface so configured signal this pending interrupt, when nothing is active? */
bool ich_signals(uint64_t vmcr, uint64_t lr);
#endif
