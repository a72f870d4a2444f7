/* SPDX-License-Identifier: Apache-2.0 */
/* EL2's configuration of this CPU (Arm ARM, D17.2 and D17.3; GICv3 by gic/). */
#include "arm64/hcr.h"
#include "boot/boot.h"
#include "core/cpu.h"
#include "core/sched.h"
#include "entry/interrupts.h"
#include "virt/idregs.h"
#include "virt/vcpu.h"

/* Stage 2: 39-bit addresses from level 1, 4 KiB granule, write-back walks, inner shareable (D17.2.157). */
#define VTCR_VALUE ((UINT64_C(1) << 31) | 3u << 12 | 1u << 10 | 1u << 8 | 1u << 6 | (64 - BELAY_IPA_BITS))

extern char vectors[];

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
    isb();
    cpu->mpidr = sysreg_read(mpidr_el1);
    sched_init_cpu(cpu);
    if (!gic_init_cpu(cpu->index))
        boot_fail("host device tree", "the interrupt controller", "has no redistributor for the boot CPU");
    ich_init_cpu();
    idregs_init();
    interrupts_init();
}
