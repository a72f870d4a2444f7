/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What does the board's virtual CPU interface of a GICv2 (IHI 0048B, 5) do otherwise than its physical one? At EL2 of
 * the bare machine, on one CPU: the virtual timer's interrupt, whose line stays high, is ended in each of the ways that
 * there are, and each time it is told what became of it; then the least values of the binary points.
 */
#include "el2.h"
#include "gic.h"

#define GICD(offset)   (GICD_BASE + (offset))
#define GICD_CTLR      GICD(0x000)
#define GICD_ISENABLER GICD(0x100)
#define GICD_ISPENDR   GICD(0x200)
#define GICD_ISACTIVER GICD(0x300)

/* A CPU interface, physical (GICC) or virtual (GICV): its registers are in the same places. */
#define GICH           0x08030000ul
#define GICV           0x08040000ul
#define CTLR           0x00
#define PMR            0x04
#define BPR            0x08
#define IAR            0x0c
#define EOIR           0x10
#define ABPR           0x1c
#define DIR            0x1000
#define CTLR_ENABLE    (1u << 0)        /* Group 0, in which all is without the Security Extensions */
#define CTLR_EOIMODE   (1u << 9)        /* EOIR drops the priority, DIR deactivates */

#define GICH_HCR       (GICH + 0x00)
#define GICH_VMCR      (GICH + 0x08)
#define GICH_LR0       (GICH + 0x100)
#define HCR_EN         1u
#define VMCR_VMABP(n)  ((n) << 18)
#define LR_PENDING     (1u << 28)
#define LR_HW          (1u << 31)       /* ended by the guest, the interrupt that it is linked to is deactivated */
#define LR_PINTID(i)   ((uint32_t)(i) << 10)

#define TIMER_BIT      (1u << TIMER_PPI)
#define ISR_I          (1u << 7)
#define LOOKS          100000u          /* at ISR_EL1, one after another */

static uint32_t read32(uintptr_t at) { return *(volatile uint32_t *)at; }
static void write32(uintptr_t at, uint32_t value) { *(volatile uint32_t *)at = value; }

_Noreturn void surprise(uint64_t esr, uint64_t pc, uint64_t x2)
{
    (void)x2;
    print("gicv: an exception, esr %lx, pc %lx\n", esr, pc);
    off();
}

/* Is an IRQ signalled to this CPU? */
static bool signalled(void)
{
    dsb();
    isb();
    return sysreg_read(isr_el1) & ISR_I;
}

static bool signalled_soon(void)
{
    for (unsigned looks = 0; looks < LOOKS; looks++) {
        if (signalled()) {
            return true;
        }
    }
    return false;
}

/* As a hypervisor does it: the interrupt is acknowledged, its priority is dropped, and it stays active. */
static void take(void)
{
    if (!signalled_soon() || read32(GICC_IAR) != TIMER_PPI) {
        print("gicv: the timer's interrupt is not there\n");
        off();
    }
    write32(GICC_EOIR, TIMER_PPI);
}

/* As its guest does: it has it from a list register. */
static void take_linked(uint32_t eoimode)
{
    take();
    write32(GICV + CTLR, CTLR_ENABLE | eoimode);
    write32(GICH_LR0, LR_HW | LR_PENDING | LR_PINTID(TIMER_PPI) | TIMER_PPI);
    if (read32(GICV + IAR) != TIMER_PPI) {
        print("gicv: the list register's interrupt is not there\n");
        off();
    }
    write32(GICV + EOIR, TIMER_PPI);
}

/* After it was ended; then after a write to the physical CPU interface that changes nothing there. */
static void tell(const char *how)
{
    bool by_itself = signalled_soon();
    bool active = read32(GICD_ISACTIVER) & TIMER_BIT, pending = read32(GICD_ISPENDR) & TIMER_BIT;
    write32(GICC_BASE + PMR, 0xff);
    print("gicv: ended by %s: %s, %s, %s by itself, %s after a write of GICC_PMR\n", how, active ? "active" : "inactive",
          pending ? "pending" : "not pending", by_itself ? "signalled" : "not signalled",
          signalled_soon() ? "signalled" : "not signalled");
}

static uint32_t least(uintptr_t interface, unsigned binary_point)
{
    write32(interface + binary_point, 0);
    return read32(interface + binary_point);
}

void guest_main(const void *dtb)
{
    (void)dtb;
    write32(GICD_ISENABLER, TIMER_BIT);             /* PPIs have priority 0, and the timers' are of level */
    write32(GICD_CTLR, CTLR_ENABLE);
    write32(GICC_BASE + PMR, 0xff);
    write32(GICC_BASE + CTLR, CTLR_ENABLE | CTLR_EOIMODE);
    write32(GICH_HCR, HCR_EN);
    write32(GICV + PMR, 0xff);
    timer_set(0);                                   /* its line is high from now on */

    take();
    write32(GICC_BASE + DIR, TIMER_PPI);
    tell("GICC_DIR");
    take_linked(0);
    tell("GICV_EOIR");
    take_linked(CTLR_EOIMODE);
    write32(GICV + DIR, TIMER_PPI);
    tell("GICV_DIR");

    print("gicv: the least of GICC_BPR %u, GICC_ABPR %u, GICV_BPR %u, GICV_ABPR %u, ", least(GICC_BASE, BPR),
          least(GICC_BASE, ABPR), least(GICV, BPR), least(GICV, ABPR));
    write32(GICH_VMCR, VMCR_VMABP(0));
    print("and by GICH_VMCR %u\n", read32(GICV + ABPR));
    off();
}
