/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trace: what happened on each CPU, in records of 32 bytes.
 *
 * The nucleus writes a CPU's records into the extent that TRACE_START gave it: a
 * ring, with a header before it. It never reads them back, and reads of the header
 * nothing. Who reads the ring maps it read only:
 *
 *     n = header->written (acquire);  copy records that are not read yet;
 *     load barrier;  w = header->written;
 *     of the copies, those from number w - capacity + 1 on are whole: the others were, or are being, overwritten.
 *
 * Record number n is at place n % capacity. A recording is a sequence of such
 * records too: those of the CPUs in pieces, and between them records of the
 * recording itself (from BELAY_TRACE_HEAD on). All of it is little-endian.
 */
#ifndef BELAY_TRACE_H
#define BELAY_TRACE_H

#include <stdint.h>

struct belay_trace_record {
    uint64_t ticks;             /* the system counter */
    union {
        struct {
            uint8_t kind;       /* BELAY_TRACE_* */
            uint8_t context;    /* index of the vCPU or thread in its domain; BELAY_TRACE_DOMAIN: the whole of it */
            uint16_t domain;    /* its VMID; 0: none, the CPU itself */
            uint32_t sequence;  /* the record's number on its CPU, modulo 2^32 */
        };
        uint64_t what;          /* all of these */
    };
    uint64_t a, b;              /* what the kind says */
};

#define BELAY_TRACE_DOMAIN 0xff

/* X(number, NAME, "name", "what happened", "a", "b"): the kinds that the nucleus writes. */
#define BELAY_TRACE_KINDS(X) \
X( 1, SWITCH, "switch", "the context runs from now on; domain 0: the CPU is idle", "priority", "the domain's tag") \
X( 2, EXIT, "exit", "the context comes into the nucleus by an exception", "ESR_EL2", "FAR_EL2 of an abort; else x0") \
X( 3, INTERRUPT, "interrupt", "a physical interrupt is taken, while the context ran", "INTID", "-") \
X( 4, ENTRY, "entry", "the context is resumed", "PC", "-") \
X( 5, INJECT, "inject", "a virtual interrupt is made pending for the vCPU", "INTID", "-") \
X( 6, TIMER, "timer", "a timer of the vCPU fired", "its deadline", "INTID") \
X( 7, HYPERCALL, "hypercall", "the context makes a hypercall", "its number, or its SMCCC function", "an argument") \
X( 8, CALL, "call", "the handler begins to serve a portal call", "of that domain", "of that context") \
X( 9, REPLY, "reply", "the context's portal call is answered", "-", "-") \
X(10, WAKE, "wake", "the context waits no longer", "-", "-") \
X(11, DEPLETED, "depleted", "the context has used its budget up", "ticks that it ran so far", "when it has more") \
X(12, REPLENISHED, "replenished", "the context has budget again", "ticks", "-") \
X(13, SEND, "send", "this CPU sends another a message", "CPU", "-") \
X(14, MESSAGES, "messages", "this CPU takes the messages that it was sent", "-", "-") \
X(15, START, "start", "the domain runs", "-", "-") \
X(16, STOP, "stop", "the domain is stopped", "-", "-") \
X(17, END, "end", "the domain ended by itself or by a fault of the context", "enum belay_reason", "ESR_EL2") \
X(18, PAUSE, "pause", "the domain stands still", "who holds it, a BELAY_HOLD_*", "-") \
X(19, RESUME, "resume", "the domain goes on", "-", "-")

enum belay_trace_kind {
#define BELAY_X(number, name, word, text, a, b) BELAY_TRACE_##name = number,
    BELAY_TRACE_KINDS(BELAY_X)
#undef BELAY_X
    BELAY_TRACE_KINDS_END,
    /* Of a recording: */
    BELAY_TRACE_HEAD = 0x80,    /* the first record. context: CPUs; a: BELAY_TRACE_MAGIC; b: ticks a second */
    BELAY_TRACE_NAME = 0x81,    /* a domain's name, 24 characters at most, in ticks, a and b; context: vCPUs, 0: a service */
    BELAY_TRACE_PIECE = 0x82,   /* the next `sequence` records are those of CPU `context` */
};

/* TRACE_START's mask has a bit for each kind. */
#define BELAY_TRACE_BIT(kind)  (UINT32_C(1) << (kind))
#define BELAY_TRACE_ALL        (BELAY_TRACE_BIT(BELAY_TRACE_KINDS_END) - 2)

#define BELAY_TRACE_MAGIC      UINT64_C(0x3145434152544c42)     /* "BLTRACE1" */
#define BELAY_TRACE_MIN_BYTES  4096

/* At the start of a CPU's extent; the records follow it, to the extent's end. */
struct belay_trace_ring {
    uint64_t written;           /* records so far */
    uint64_t magic;             /* BELAY_TRACE_MAGIC */
    uint32_t cpu;
    uint32_t capacity;          /* in records */
    uint64_t hz;                /* ticks a second */
    uint64_t reserved[4];
    struct belay_trace_record record[];
};
#endif
