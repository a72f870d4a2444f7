/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the steward and the manager agree on: the page that the manager finds at
 * BELAY_BOOT_INFO, its handles, the slots of requests, and where its streams are.
 */
#ifndef BELAY_MANAGER_H
#define BELAY_MANAGER_H

#include <stdatomic.h>
#include <stdint.h>

#include "belay/manage.h"
#include "belay/service.h"
#include "belay/stream.h"

#define MANAGER_PORTS_IPA     0x202000u     /* a page of the host's I/O ports */
#define MANAGER_SLOTS_IPA     0x204000u
#define MANAGER_STREAMS_IPA   0x280000u     /* by number, STREAM_BYTES each */
#define MANAGER_TRACES_IPA    0x500000u     /* rings of belay/trace.h by CPU, MANAGER_TRACE_BYTES each, read only */

enum manager_handle {
    MANAGER_H_WAKE = SERVICE_H_WAKE,
    MANAGER_H_IRQ = 3,          /* the UART's interrupt, bound to MANAGER_BIT_UART */
    MANAGER_H_STEWARD = 4,      /* to notify: a slot has a request */
    MANAGER_H_STREAM = 8,       /* + a stream's number: to notify the service at its other end */
};

#define MANAGER_BIT_UART    1u
#define MANAGER_BIT_ANSWER  2u  /* a slot has an answer */
/* and STREAM_BIT: a stream has moved */

#define MANAGER_BIT_REQUEST (UINT64_C(1) << 62)     /* of the steward's notification */

/* A stream's number: those that clients open, and the UART of the VM that manages. In a frame it is one more. */
#define MANAGER_STREAM(kind, vm)  ((kind) * BELAY_VMS_MAX + (vm))
#define MANAGER_STREAM_VM         (MANAGE_STREAMS * BELAY_VMS_MAX)
#define MANAGER_STREAMS           (MANAGER_STREAM_VM + 1)

/* Where clients come from. */
enum manager_link { MANAGER_LINK_UART, MANAGER_LINK_VM, MANAGER_LINKS };

struct manager_config {
    uint32_t version;           /* 1 */
    uint32_t has_uart;
    uint32_t rights[MANAGER_LINKS];
    uint32_t cpus;              /* that can be traced */
    uint64_t counter_hz;
    uint8_t stream[MANAGER_STREAMS];    /* 1 where there is one */
};

/*
 * A request on its way to the steward and its answer on the way back, in the
 * same place. Who may write a slot is told by its state: the manager while it
 * is free or answered, the steward while it is asked. The steward copies what
 * it is asked before it looks at it.
 */
enum manager_slot_state { SLOT_FREE = 0, SLOT_ASKED = 1, SLOT_ANSWERED = 2 };

#define MANAGER_SLOTS 16u       /* clients at a time, on all links: each has one */

struct manager_slot {
    _Atomic uint32_t state;
    _Atomic uint32_t type;      /* enum manage_type */
    _Atomic uint32_t length;
    uint32_t reserved;
    uint8_t payload[MANAGE_PAYLOAD];
};

/*
 * The trace of a CPU. The manager says what it wants and tells the steward (MANAGER_BIT_REQUEST) till there is that.
 * The steward's `got` is what there is, and then the ring is in its place; what has failed is not tried again before
 * nothing was wanted.
 */
struct manager_trace {
    _Atomic uint32_t wanted;    /* a BELAY_TRACE_BIT for each kind; 0: none */
    _Atomic uint32_t got;       /* likewise, or MANAGER_TRACE_FAILED: the steward has said why */
};

#define MANAGER_TRACE_BYTES  0x20000u
#define MANAGER_TRACE_FAILED UINT32_MAX
#define MANAGER_TRACES       8u     /* CPUs */

/* At MANAGER_SLOTS_IPA. */
struct manager_page {
    struct manager_slot slot[MANAGER_SLOTS];
    struct manager_trace trace[MANAGER_TRACES];
};

#define MANAGER_SLOTS_BYTES 8192u

_Static_assert(sizeof(struct manager_page) <= MANAGER_SLOTS_BYTES, "the slots fit their pages");
_Static_assert(MANAGER_TRACES <= BELAY_VMS_MAX, "a CPU's trace has a stream's number");
#endif
