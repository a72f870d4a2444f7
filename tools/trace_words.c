/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "trace.h"

const char *trace_kind(unsigned kind)
{
    static const char *const names[] = {
#define BELAY_X(number, name, word, text, a, b) [number] = word,
        BELAY_TRACE_KINDS(BELAY_X)
#undef BELAY_X
    };
    return kind > 0 && kind < BELAY_TRACE_KINDS_END ? names[kind] : "unknown";
}

static unsigned class_of(uint64_t esr)
{
    return esr >> 26 & 0x3f;
}

enum { CLASS_SVC = 0x15, CLASS_IABT = 0x20, CLASS_DABT = 0x24 };

const char *trace_exception(uint64_t esr)
{
    static const char *const names[64] = {
        [0x00] = "unknown instruction", [0x01] = "WFI or WFE", [0x03] = "CP15 register", [0x04] = "CP15 registers",
        [0x05] = "CP14 register", [0x06] = "CP14 memory", [0x07] = "FP or SIMD", [0x08] = "VMRS",
        [0x09] = "pointer authentication", [0x0c] = "CP14 registers", [0x0e] = "illegal state",
        [0x11] = "SVC of AArch32", [0x12] = "HVC of AArch32", [0x13] = "SMC of AArch32", [CLASS_SVC] = "SVC",
        [0x16] = "HVC", [0x17] = "SMC", [0x18] = "system register", [0x19] = "SVE", [CLASS_IABT] = "instruction abort",
        [0x22] = "PC alignment", [CLASS_DABT] = "data abort", [0x26] = "SP alignment", [0x2c] = "FP exception",
        [0x2f] = "SError", [0x30] = "breakpoint", [0x32] = "software step", [0x34] = "watchpoint",
        [0x38] = "BKPT of AArch32", [0x3c] = "BRK",
    };
    const char *name = names[class_of(esr)];
    return name ? name : "reserved class";
}

static const char *reason(uint64_t r)
{
    static const char *const names[] = { "no reason", "off", "reset", "fault" };
    return r < sizeof names / sizeof names[0] ? names[r] : "another reason";
}

static struct trace_words exit_words(const char *who, uint64_t esr, uint64_t address)
{
    struct trace_words w;
    if (class_of(esr) == CLASS_IABT || class_of(esr) == CLASS_DABT)
        snprintf(w.text, sizeof w.text, "%s: %s at 0x%" PRIx64, who, trace_exception(esr), address);
    else
        snprintf(w.text, sizeof w.text, "%s: %s, syndrome 0x%" PRIx64, who, trace_exception(esr), esr & 0x1ffffff);
    return w;
}

static struct trace_words call_words(const struct recording *c, const char *who, const struct belay_trace_record *r)
{
    struct trace_words w;
    struct recording_label caller = recording_label(c, (uint8_t)r->a, (uint8_t)r->b);
    snprintf(w.text, sizeof w.text, "%s serves %s", who, caller.text);
    return w;
}

struct trace_words trace_words(const struct recording *c, const struct belay_trace_record *r)
{
    struct trace_words w;
    struct recording_label l = recording_label(c, r->domain, r->context);
    const char *who = l.text;
#define SAY(...) snprintf(w.text, sizeof w.text, __VA_ARGS__); break
    switch (r->kind) {
    case BELAY_TRACE_EXIT:        return exit_words(who, r->a, r->b);
    case BELAY_TRACE_CALL:        return call_words(c, who, r);
    case BELAY_TRACE_SWITCH:      SAY(r->domain ? "%s runs, priority %" PRIu64 : "%s", who, r->a);
    case BELAY_TRACE_INTERRUPT:   SAY("%s: interrupt %" PRIu64, who, r->a);
    case BELAY_TRACE_ENTRY:       SAY("%s goes on at 0x%" PRIx64, who, r->a);
    case BELAY_TRACE_INJECT:      SAY("%s is given interrupt %" PRIu64, who, r->a);
    case BELAY_TRACE_TIMER:       SAY("%s: its timer fired, interrupt %" PRIu64, who, r->b);
    case BELAY_TRACE_HYPERCALL:   SAY("%s calls 0x%" PRIx64 ", 0x%" PRIx64, who, r->a, r->b);
    case BELAY_TRACE_REPLY:       SAY("%s has its answer", who);
    case BELAY_TRACE_WAKE:        SAY("%s waits no longer", who);
    case BELAY_TRACE_DEPLETED:    SAY("%s has used its %s up", who, r->b ? "budget" : "slice");
    case BELAY_TRACE_REPLENISHED: SAY("%s has budget again: %" PRIu64 " ticks", who, r->a);
    case BELAY_TRACE_SEND:        SAY("a message to CPU %" PRIu64, r->a);
    case BELAY_TRACE_MESSAGES:    SAY("messages of other CPUs");
    case BELAY_TRACE_END:         SAY("%s ends its domain: %s", who, reason(r->a));
    default:                      SAY("%s: %s", who, trace_kind(r->kind));
    }
#undef SAY
    return w;
}
