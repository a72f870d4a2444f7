/* SPDX-License-Identifier: Apache-2.0 */
#include "gic/ich.h"

#include "arm64/sysreg.h"
#include "base/assert.h"
#include "base/section.h"
#include "gic/gic.h"

/* IHI 0069, 12.4: ICH_LR<n>, ICH_AP0R<n> and ICH_AP1R<n> by their encodings. */
#define LR_REGISTERS(X) \
    X(0, ICH_LR0_EL2) X(1, S3_4_C12_C12_1) X(2, S3_4_C12_C12_2) X(3, S3_4_C12_C12_3) \
    X(4, S3_4_C12_C12_4) X(5, S3_4_C12_C12_5) X(6, S3_4_C12_C12_6) X(7, S3_4_C12_C12_7) \
    X(8, S3_4_C12_C13_0) X(9, S3_4_C12_C13_1) X(10, S3_4_C12_C13_2) X(11, S3_4_C12_C13_3) \
    X(12, S3_4_C12_C13_4) X(13, S3_4_C12_C13_5) X(14, S3_4_C12_C13_6) X(15, S3_4_C12_C13_7)
#define AP_REGISTERS(X) \
    X(1, S3_4_C12_C8_1, S3_4_C12_C9_1) X(2, S3_4_C12_C8_2, S3_4_C12_C9_2) X(3, S3_4_C12_C8_3, S3_4_C12_C9_3)
#define ICH_AP0R0_EL2  S3_4_C12_C8_0
#define ICH_AP1R0_EL2  S3_4_C12_C9_0

/* IHI 0048B, 5.3: the same for a GICv2. VTR, VMCR and HCR are as of a GICv3, as far as they go. */
#define GICH_HCR       0x00
#define GICH_VTR       0x04
#define GICH_VMCR      0x08
#define GICH_APR       0xf0         /* of both groups */

#define VTR_LRS(vtr)       (((unsigned)(vtr) & 0x1f) + 1)
#define VTR_TDS(vtr)       ((vtr) >> 19 & 1)
#define VTR_PREBITS(vtr)   (((unsigned)((vtr) >> 26) & 7) + 1)
#define VTR_PRIBITS(vtr)   (((unsigned)((vtr) >> 29) & 7) + 1)
#define VMCR_VENG0     1u
#define VMCR_VENG1     2u
#define VMCR_VPMR(vmcr)    ((unsigned)((vmcr) >> 24) & 0xff)
#define LR_GET_PRIORITY(lr) ((unsigned)((lr) >> 48) & 0xff)

/* What all CPUs have: the least of each. */
static struct { unsigned lrs, priority_bits, ap_registers; bool traps_dir; } ich;
static bool more_active_priorities;     /* than the first register of each group holds */

/* The hardware as it is after reset: list registers are UNKNOWN. */
BOOT_ONLY static void clear(unsigned lrs)
{
    if (gicv2.hyp)
        mmio_write32(gicv2.hyp + GICH_HCR, 0);
    else
        sysreg_write(ICH_HCR_EL2, 0);
    for (unsigned n = 0; n < lrs; n++)          /* bound: ICH_LRS_MAX */
        ich_lr_write_any(n, 0);
}

BOOT_ONLY void ich_init_cpu(void)
{
    uint64_t vtr = gicv2.hyp ? mmio_read32(gicv2.hyp + GICH_VTR) : sysreg_read(ICH_VTR_EL2);
    unsigned lrs = VTR_LRS(vtr) < ICH_LRS_MAX ? VTR_LRS(vtr) : ICH_LRS_MAX;
    bool first = ich.lrs == 0;
    if (first || lrs < ich.lrs)
        ich.lrs = lrs;
    if (first || VTR_PRIBITS(vtr) < ich.priority_bits)
        ich.priority_bits = VTR_PRIBITS(vtr);
    unsigned ap_registers = VTR_PREBITS(vtr) <= 5 ? 1 : 1u << (VTR_PREBITS(vtr) - 5);   /* one of 32 bits each */
    if (first || ap_registers > ich.ap_registers)
        ich.ap_registers = ap_registers < 4 ? ap_registers : 4;
    more_active_priorities = ich.ap_registers > 1;
    ich.traps_dir = VTR_TDS(vtr) && (first || ich.traps_dir);
    clear(lrs);
}

unsigned ich_lrs(void) { return ich.lrs; }
unsigned ich_priority_bits(void) { return ich.priority_bits; }
bool ich_traps_dir(void) { return ich.traps_dir; }
uint64_t ich_hcr_read(void) { return gic_read(ICH_HCR_EL2, mmio_read32(gicv2_base(hyp) + GICH_HCR)); }
void ich_hcr_write(uint64_t hcr) { gic_write(ICH_HCR_EL2, hcr, mmio_write32(gicv2_base(hyp) + GICH_HCR, (uint32_t)hcr)); }
uint64_t ich_vmcr_read(void) { return gic_read(ICH_VMCR_EL2, mmio_read32(gicv2_base(hyp) + GICH_VMCR)); }

/* GICH_LR<n>: in bits 31 to 28 HW, Grp1 and the state; 27 to 23 the priority; 19 to 10 the link; 9 to 0 the INTID. */
static uint32_t to_gich_lr(uint64_t lr)
{
    uint32_t high = (uint32_t)(lr >> 32), first = high >> 28;

    return (uint32_t)lr | (high & 0x3ff) << 10 | (high & 0xf80000) << 4 | first >> 2 << 28 | first << 30;
}

/* One list register by its number: a row of them in the text, with a branch behind each. */
#ifdef BELAY_HOST_TEST
#define READ(number, name)  case number: value = sysreg_read(name); break;
#define WRITE(number, name) case number: sysreg_write(name, value); break;
#define BY_NUMBER(n, value, ROW) switch (n) { LR_REGISTERS(ROW) default: break; }
#else
#define READ(number, name)  "mrs %0, " SYSREG_STR(name) "\n b 2f\n"
#define WRITE(number, name) "msr " SYSREG_STR(name) ", %0\n b 2f\n"
#define BY_NUMBER(n, value, ROW) \
    do { uint64_t at_ = (n);                                                            \
         __asm__ volatile("adr x16, 1f\n add x16, x16, %1, lsl #3\n br x16\n 1:\n"      \
                          LR_REGISTERS(ROW) "2:\n" : "+r"(value) : "r"(at_) : "x16", "memory"); } while (0)
#endif

__attribute__((noinline)) uint64_t ich_lr_read_any(const struct ich_state *s, unsigned n)
{
    uint64_t value = 0;
    assert(n < ICH_LRS_MAX);

    if (has_gich())
        return gich_lr_read(s, n);
    BY_NUMBER(n, value, READ);
    return value;
}

__attribute__((noinline)) void ich_lr_write_any(unsigned n, uint64_t value)
{
    assert(n < ICH_LRS_MAX);

    if (has_gich())
        mmio_write32(gicv2_base(hyp) + GICH_LR(n), to_gich_lr(value));
    else
        BY_NUMBER(n, value, WRITE);
}

void ich_reset_interface(struct ich_state *s)
{
    s->vmcr = 0;
    for (unsigned i = 0; i < 4; i++)
        s->ap0r[i] = s->ap1r[i] = 0;
}

void ich_reset(struct ich_state *s)
{
    *s = (struct ich_state){ .hcr = ICH_HCR_EN };
}

bool ich_signals(uint64_t vmcr, uint64_t lr)
{
    return (lr & LR_STATE_MASK) == LR_PENDING && vmcr & (lr & LR_GROUP1 ? VMCR_VENG1 : VMCR_VENG0) &&
           LR_GET_PRIORITY(lr) < VMCR_VPMR(vmcr);
}

/* CPUs with more than 5 bits of preemption have more of them. */
static void more_active_priorities_save(struct ich_state *s)
{
#define SAVE(n, name0, name1) \
    if (n < ich.ap_registers) { \
        s->ap0r[n] = (uint32_t)sysreg_read(name0); \
        s->ap1r[n] = (uint32_t)sysreg_read(name1); \
    }
    AP_REGISTERS(SAVE)
}

static void more_active_priorities_restore(const struct ich_state *s)
{
#define RESTORE(n, name0, name1) \
    if (n < ich.ap_registers) { \
        sysreg_write(name0, s->ap0r[n]); \
        sysreg_write(name1, s->ap1r[n]); \
    }
    AP_REGISTERS(RESTORE)
}

void ich_prune(struct ich_state *s)
{
    if (s->used == 0)
        return;
    uint32_t empty = s->used & ich_empty();

    s->used &= ~empty;
    s->ended |= empty;
    if (likely(s->ppis == 0))
        return;
    for (; empty; empty &= empty - 1) {         /* bound: ICH_LRS_MAX */
        uint64_t lr = s->lr[__builtin_ctz(empty)];
        if (lr & LR_HW && LR_GET_PINTID(lr) < GIC_SPI_FIRST)
            s->ppis &= ~(1u << LR_GET_PINTID(lr));
    }
}

void ich_save(struct ich_state *s)
{
    assert((s->used & s->ended) == 0);

    ich_prune(s);
    s->vmcr = ich_vmcr_read();
    s->ap0r[0] = (uint32_t)gic_read(ICH_AP0R0_EL2, mmio_read32(gicv2_base(hyp) + GICH_APR));
    s->ap1r[0] = (uint32_t)gic_read(ICH_AP1R0_EL2, 0);
    if (unlikely(more_active_priorities))
        more_active_priorities_save(s);
    if (unlikely(s->hcr != ICH_HCR_EN)) {
        s->hcr = ich_hcr_read();                /* EOIcount */
        ich_hcr_write(0);                       /* no maintenance interrupts for nobody */
    }
    for (uint32_t used = s->used; used; used &= used - 1) {     /* bound: ICH_LRS_MAX */
        unsigned n = (unsigned)__builtin_ctz(used);
        s->lr[n] = ich_lr_read(s, n);
        ich_lr_write(n, 0);
    }
    if (unlikely(s->ppis))
        gic_set_ppis_active(s->ppis, false);
}

void ich_restore(const struct ich_state *s)
{
    assert((s->used & s->ended) == 0);

    gic_write(ICH_VMCR_EL2, s->vmcr, mmio_write32(gicv2_base(hyp) + GICH_VMCR, (uint32_t)s->vmcr));
    gic_write(ICH_AP0R0_EL2, s->ap0r[0], mmio_write32(gicv2_base(hyp) + GICH_APR, s->ap0r[0]));
    gic_write(ICH_AP1R0_EL2, s->ap1r[0], 0);
    if (unlikely(more_active_priorities))
        more_active_priorities_restore(s);
    for (uint32_t used = s->used; used; used &= used - 1) {     /* bound: ICH_LRS_MAX */
        unsigned n = (unsigned)__builtin_ctz(used);
        ich_lr_write(n, s->lr[n]);
    }
    ich_hcr_write(s->hcr);
    if (s->ppis)
        gic_set_ppis_active(s->ppis, true);
}
