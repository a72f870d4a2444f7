/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/sysreg_trap.h"

#include "arm64/sysreg.h"
#include "base/assert.h"
#include "virt/idregs.h"
#include "virt/inject.h"
#include "virt/pstate.h"
#include "virt/vcpu.h"

#define XZR         31

#define ICC_ASGI1R  SYSREG_ENC(3, 0, 12, 11, 6)
#define ICC_SGI0R   SYSREG_ENC(3, 0, 12, 11, 7)
#define ICC_DIR     SYSREG_ENC(3, 0, 12, 11, 1)
#define DC_ISW      SYSREG_ENC(1, 0, 7, 6, 2)
#define DC_CSW      SYSREG_ENC(1, 0, 7, 10, 2)
#define DC_CISW     SYSREG_ENC(1, 0, 7, 14, 2)
#define DC_CISW_INSN  S1_0_C7_C14_2     /* an instruction that is written like a register */

/* CRm 1 to 7; the registers of CRm 0 (MIDR_EL1 and others) do not trap. */
static inline bool is_id_register(uint32_t encoding)
{
    return (encoding & ~SYSREG_ENC(0, 0, 0, 7, 7)) == SYSREG_ENC(3, 0, 0, 0, 0) && (encoding & SYSREG_ENC(0, 0, 0, 7, 0));
}

/*
 * Registers that read a constant and ignore writes: ACTLR_EL1, and of the debug
 * architecture what Armv8.0 demands of every CPU (Arm ARM, D19.3) for an
 * external debugger, which is not attached.
 */
enum access_allowed { RO = 1, WO = 2, RW = 3 };

static const struct constant {
    uint32_t encoding : 22, allowed : 2, value : 8;
} constants[] = {
    { SYSREG_ENC(3, 0, 1, 0, 1), RW, 0 },       /* ACTLR_EL1 */
    { SYSREG_ENC(2, 0, 1, 3, 4), RW, 0 },       /* OSDLR_EL1 */
    { SYSREG_ENC(2, 0, 1, 4, 4), RW, 0 },       /* DBGPRCR_EL1 */
    { SYSREG_ENC(3, 0, 12, 12, 5), RW, 7 },     /* ICC_SRE_EL1: there is no other interface */
    { SYSREG_ENC(2, 0, 0, 0, 2), RW, 0 },       /* OSDTRRX_EL1 */
    { SYSREG_ENC(2, 0, 0, 3, 2), RW, 0 },       /* OSDTRTX_EL1 */
    { SYSREG_ENC(2, 0, 0, 6, 2), RW, 0 },       /* OSECCR_EL1 */
    { SYSREG_ENC(2, 0, 0, 2, 0), RW, 0 },       /* MDCCINT_EL1 */
    { SYSREG_ENC(2, 3, 0, 1, 0), RO, 0 },       /* MDCCSR_EL0 */
    { SYSREG_ENC(2, 3, 0, 4, 0), RW, 0 },       /* DBGDTR_EL0 */
    { SYSREG_ENC(2, 3, 0, 5, 0), RW, 0 },       /* DBGDTRRX_EL0, DBGDTRTX_EL0 */
    { SYSREG_ENC(2, 0, 1, 0, 0), RO, 0 },       /* MDRAR_EL1: no ROM table */
    { SYSREG_ENC(2, 0, 7, 8, 6), RW, 0xff },    /* DBGCLAIMSET_EL1: eight tags, none claimed */
    { SYSREG_ENC(2, 0, 7, 9, 6), RW, 0 },       /* DBGCLAIMCLR_EL1 */
    { SYSREG_ENC(2, 0, 7, 14, 6), RO, 0 },      /* DBGAUTHSTATUS_EL1 */
    { SYSREG_ENC(2, 4, 0, 7, 0), RW, 0 },       /* DBGVCR32_EL2: what AArch32 has as DBGVCR; nothing is caught */
};

static bool constant(uint32_t encoding, bool read, uint64_t *value)
{
    for (unsigned i = 0; i < sizeof constants / sizeof constants[0]; i++)       /* bound: the table */
        if (constants[i].encoding == encoding) {
            *value = constants[i].value;
            return constants[i].allowed & (read ? RO : WO);
        }
    return false;
}

/* The geometry of a data or unified cache (Arm ARM, CCSIDR_EL1), by the guest's own selector, which gets its value back. */
static uint64_t read_ccsidr(unsigned level)
{
    uint64_t own = sysreg_read(csselr_el1);

    sysreg_write(csselr_el1, level << 1);
    isb();
    uint64_t ccsidr = sysreg_read(ccsidr_el1);
    sysreg_write(csselr_el1, own);
    return ccsidr;
}

/* The operand has the way in its top bits, as few as ways need, and the set above what a line needs. */
static bool has_set_and_way(unsigned level, uint32_t operand)
{
    uint64_t ccsidr = read_ccsidr(level);
    bool wide = sysreg_read(id_aa64mmfr2_el1) >> 20 & 0xf;      /* FEAT_CCIDX */
    uint32_t last_way = ccsidr >> 3 & (wide ? 0x1fffff : 0x3ff);
    uint32_t last_set = wide ? ccsidr >> 32 & 0xffffff : ccsidr >> 13 & 0x7fff;
    unsigned way_bits = last_way ? 32 - (unsigned)__builtin_clz(last_way) : 0;
    uint32_t way = way_bits ? operand >> (32 - way_bits) : 0;
    uint32_t set = (way_bits ? operand << way_bits >> way_bits : operand) >> ((ccsidr & 7) + 4);

    return way <= last_way && set <= last_set;
}

/*
 * Set/way maintenance is for this CPU's own caches, and a vCPU stays on its CPU:
 * what was asked for is done, but nothing is ever thrown away that another
 * domain wrote (as HCR_EL2.SWIO has it). A cache, set or way that is not there is left
 * alone, since what happens then is not defined, and may be an exception (Arm ARM, K1.2.7).
 */
static void set_way(uint64_t operand)
{
    unsigned level = operand >> 1 & 7;

    if (level < 7 && (sysreg_read(clidr_el1) >> 3 * level & 7) >= 2 && has_set_and_way(level, (uint32_t)operand))
        sysreg_write(DC_CISW_INSN, operand);
}

bool sysreg_access(struct vcpu *v, uint32_t encoding, bool read, uint64_t *value)
{
    if (is_id_register(encoding) && read) {
        *value = idreg_read(encoding);
        return true;
    }
    switch (encoding) {
    case SYSREG_ICC_SGI1R:
    case ICC_SGI0R:
    case ICC_ASGI1R:        /* of a single Security state it sends those of Group 0 (IHI 0069, 12.2.2) */
        if (!read)
            vgic_sgi(v, *value, encoding == SYSREG_ICC_SGI1R);
        return !read;
    case ICC_DIR:           /* traps while interrupts are active outside of the list registers */
        if (!read)
            vgic_deactivate(v, *value);
        return !read;
    case DC_ISW:
    case DC_CSW:
    case DC_CISW:
        if (!read)
            set_way(*value);
        return !read;
    }
    return vtimer_sysreg(v, encoding, read, value) || own_debug_sysreg(v, encoding, read, value) ||
           constant(encoding, read, value);
}

__attribute__((noinline)) bool sysreg_trap_any(struct vcpu *v, uint32_t iss)
{
    struct frame *f = &v->context.frame;
    uint32_t encoding = SYSREG_ISS_ENC(iss);
    unsigned rt = SYSREG_ISS_RT(iss);
    bool read = SYSREG_ISS_READ(iss);
    uint64_t value = read || rt == XZR ? 0 : f->x[rt];

    if (!sysreg_access(v, encoding, read, &value)) {
        inject_undefined(v);
        return false;
    }
    if (unlikely(v->context.state != CONTEXT_READY))
        return true;                        /* it waits for another CPU, and does it anew */
    if (read && rt != XZR)
        f->x[rt] = value;
    frame_advance(f);
    return true;
}
