/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <stdbool.h>
#include <stddef.h>

#include "lib/text.h"

/* Exception classes (Arm ARM, D17.2.37); the others are told by their number. */
static const char *const classes[64] = {
    [0x00] = "an undefined instruction", [0x01] = "WFI or WFE", [0x07] = "FP or SIMD", [0x0e] = "an illegal state",
    [0x15] = "SVC", [0x16] = "HVC", [0x17] = "SMC", [0x18] = "a system register",
    [0x20] = "an instruction abort", [0x21] = "an instruction abort", [0x22] = "a misaligned PC",
    [0x24] = "a data abort", [0x25] = "a data abort", [0x26] = "a misaligned SP",
    [0x2f] = "an SError", [0x3c] = "BRK",
};

static bool is_abort(unsigned class)
{
    return (class & 0x3a) == 0x20;      /* 0x20, 0x21, 0x24, 0x25 */
}

static bool is_data_abort(unsigned class)
{
    return (class & 0x3e) == 0x24;
}

/* Fault status codes: the last two bits are the level in the first three. */
static const char *fault(unsigned status)
{
    switch (status >> 2) {
    case 0:  return "address size";
    case 1:  return "nothing is mapped there";
    case 2:  return "access flag";
    case 3:  return "not permitted";
    default: return status == 0x10 ? "external abort" : status == 0x21 ? "misaligned" : "other";
    }
}

void report_syndrome(char *to, uint32_t size, uint64_t esr, uint64_t address)
{
    unsigned class = esr >> 26 & 0x3f;

    if (is_abort(class))
        text_format(to, size, "%s (%s0x%lx: %s)", classes[class],
                    is_data_abort(class) ? (esr >> 6 & 1 ? "write to " : "read of ") : "", (unsigned long)address,
                    fault(esr & 0x3f));
    else if (classes[class])
        text_format(to, size, "%s", classes[class]);
    else
        text_format(to, size, "exception class 0x%02x", class);
}

static void say_general(const char *name, handle_t context, report_line line)
{
    uint64_t r[6];

    for (unsigned first = 0; first < 30; first += 6) {
        if (hc_regs(context, first, r) != BELAY_OK)
            return;
        line("%s:   x%u..x%u %016lx %016lx %016lx %016lx %016lx %016lx", name, first, first + 5, (unsigned long)r[0],
             (unsigned long)r[1], (unsigned long)r[2], (unsigned long)r[3], (unsigned long)r[4], (unsigned long)r[5]);
    }
}

static void say_system(const char *name, handle_t context, report_line line)
{
    uint64_t r[6], s[6];

    if (hc_regs(context, 30, r) != BELAY_OK || hc_regs(context, BELAY_REG_SP_EL1, s) != BELAY_OK)
        return;
    line("%s:   x30 %016lx SP_EL0 %016lx PC %016lx PSTATE %08lx SP_EL1 %016lx", name, (unsigned long)r[0],
         (unsigned long)r[1], (unsigned long)r[2], (unsigned long)r[3], (unsigned long)r[4]);
    line("%s:   ELR_EL1 %016lx SPSR_EL1 %08lx ESR_EL1 %08lx FAR_EL1 %016lx SCTLR_EL1 %016lx", name,
         (unsigned long)s[1], (unsigned long)s[2], (unsigned long)s[3], (unsigned long)s[4], (unsigned long)s[5]);
}

void report_end(const char *name, handle_t domain, const handle_t *context, uint32_t contexts, report_line line)
{
    struct domain_status s;
    char what[96];

    if (hc_domain_status(domain, &s) != BELAY_OK || s.state != BELAY_STATE_ENDED)
        return;
    if (s.reason == BELAY_REASON_OFF) {
        line("%s: turned itself off", name);
    } else if (s.reason == BELAY_REASON_RESET) {
        line("%s: reset itself", name);
    } else {
        report_syndrome(what, sizeof what, s.esr, s.far);
        line("%s: died of %s on context %u at PC 0x%lx, ESR 0x%08lx", name, what, s.context, (unsigned long)s.pc,
             (unsigned long)s.esr);
        if (s.context < contexts) {
            say_general(name, context[s.context], line);
            say_system(name, context[s.context], line);
        }
    }
}

void report_place(const char *name, handle_t context, uint32_t index, report_line line)
{
    uint64_t r[6];

    if (hc_regs(context, BELAY_REG_X0 + 30, r) == BELAY_OK)
        line("%s:   context %u was at PC %016lx PSTATE %08lx x30 %016lx", name, index, (unsigned long)r[2],
             (unsigned long)r[3], (unsigned long)r[0]);
}
