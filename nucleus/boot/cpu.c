/* SPDX-License-Identifier: Apache-2.0 */
/* EL2's configuration of this CPU (Arm ARM, D17.2 and D17.3; the GIC by gic/). */
#include "arm64/el1.h"
#include "arm64/hcr.h"
#include "boot/boot.h"
#include "core/cpu.h"
#include "core/sched.h"
#include "entry/interrupts.h"
#include "virt/idregs.h"
#include "virt/vcpu.h"

/* Stage 2: 39-bit addresses from level 1, 4 KiB granule, write-back walks, inner shareable (D17.2.157). */
#define VTCR_VALUE ((UINT64_C(1) << 31) | 3u << 12 | 1u << 10 | 1u << 8 | 1u << 6 | (64 - BELAY_IPA_BITS))

#define HCRX_EL2        S3_4_C1_C2_2
#define HFGRTR_EL2      S3_4_C1_C1_4
#define HFGWTR_EL2      S3_4_C1_C1_5
#define HFGITR_EL2      S3_4_C1_C1_6
#define HDFGRTR_EL2     S3_4_C3_C1_4
#define HDFGWTR_EL2     S3_4_C3_C1_5
#define MPAM0_EL1       S3_0_C10_C5_1
#define MPAM2_EL2       S3_4_C10_C5_0
#define MPAM2_TRAP_EL1  (UINT64_C(3) << 48)     /* TRAPMPAM0EL1, TRAPMPAM1EL1 */
#define FIELD(v, low)   ((v) >> (low) & 0xf)

extern char vectors[];

/*
 * What later extensions add, which is UNKNOWN after reset: off for guests, and trapped where it can be. In the
 * fine-grained traps 0 is that for all that they know with a name that begins with n, and no trap for the rest.
 */
static void set_extensions(void)
{
    uint64_t pfr0 = sysreg_read(id_aa64pfr0_el1), pfr1 = sysreg_read(id_aa64pfr1_el1);

    if (FIELD(sysreg_read(id_aa64mmfr1_el1), 40))       /* FEAT_HCX */
        sysreg_write(HCRX_EL2, 0);
    if (FIELD(sysreg_read(id_aa64mmfr0_el1), 56)) {     /* FEAT_FGT */
        sysreg_write(HFGRTR_EL2, 0);
        sysreg_write(HFGWTR_EL2, 0);
        sysreg_write(HFGITR_EL2, 0);
        sysreg_write(HDFGRTR_EL2, 0);
        sysreg_write(HDFGWTR_EL2, 0);
    }
    if (FIELD(pfr0, 40) || FIELD(pfr1, 16)) {           /* FEAT_MPAM */
        sysreg_write(MPAM0_EL1, 0);
        sysreg_write(MPAM2_EL2, MPAM2_TRAP_EL1);
    }
    el1_find_rare();
}

void boot_init_cpu(void)
{
    struct cpu *cpu = this_cpu();
    uint64_t pa_range = sysreg_read(id_aa64mmfr0_el1) & 0xf;

    sysreg_write(vbar_el2, (uintptr_t)vectors);
    sysreg_write(vtcr_el2, VTCR_VALUE | (pa_range > 5 ? 5 : pa_range) << 16);
    sysreg_write(hcr_el2, HCR_SERVICE);
    sysreg_write(cptr_el2, CPTR_FP_TRAP);
    sysreg_write(mdcr_el2, (sysreg_read(mdcr_el2) & 0x1f) | MDCR_GUEST);
    sysreg_write(hstr_el2, 0);
    sysreg_write(mdscr_el1, 0);
    sysreg_write(osdlr_el1, 0);
    sysreg_write(oslar_el1, 0);     /* or a guest's single step would never come */
    sysreg_write(cnthctl_el2, CNTHCTL_EL1PCTEN);
    sysreg_write(cntvoff_el2, 0);
    sysreg_write(cntv_ctl_el0, 0);
    sysreg_write(cntp_ctl_el0, 0);
    sysreg_write(vpidr_el2, sysreg_read(midr_el1));
    set_extensions();
    isb();
    cpu->mpidr = sysreg_read(mpidr_el1);
    sched_init_cpu(cpu);
    trace_init_cpu(cpu);
    if (!gic_init_cpu(cpu->index))
        boot_fail("host device tree", "the interrupt controller", "has no redistributor for one of the CPUs");
    ich_init_cpu();
    idregs_init();
    interrupts_init();
}
