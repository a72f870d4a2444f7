/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PL011 (DDI 0183, r1p5) as a guest sees it: registers, and two rings that
 * stand for its wires. Pure state: no hypercall, no device.
 *
 * The transmit FIFO is the last FIFO-depth bytes of the ring `tx`: what fits
 * before them has left on the wire already. So a guest is never held up while
 * the ring has room, and sees TXFF, and waits, on its own time, when it has none.
 * The receive FIFO is the front of the ring `rx`.
 *
 * Three parties: `pl011_write` and the reads of DR belong to the guest, one at a
 * time; the worker consumes `tx` and produces `rx`; anyone may do the rest.
 */
#ifndef CONSOLE_PL011_H
#define CONSOLE_PL011_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "belay/ring.h"

#define PL011_FIFO_DEPTH 32u

struct pl011 {
    _Atomic uint32_t imsc, lcr_h;
    _Atomic uint32_t ifls, cr;      /* but for the bits that a reset sets: zeroed memory is a PL011 after reset */
    _Atomic uint32_t ilpr, ibrd, fbrd, dmacr;
    _Atomic uint32_t tx_armed;      /* written to since the transmit interrupt was cleared */
    _Atomic uint32_t rx_cleared;    /* rx.head when the receive interrupt was cleared: the next byte raises it anew */
    _Atomic uint32_t rt_cleared;    /* likewise of the receive timeout interrupt */
    struct ring tx, rx;
};

/* As after reset. What was sent stays sent: only the guest's side of the rings is emptied. */
void pl011_reset(struct pl011 *u);

/*
 * An access of any size at any offset. One that lies within one register is
 * that register's byte lanes (a write reaches it by lane 0 only, zero-extended);
 * eight bytes are two registers; all others are RAZ/WI.
 */
uint64_t pl011_read(struct pl011 *u, uint64_t offset, unsigned size);
void pl011_write(struct pl011 *u, uint64_t offset, unsigned size, uint64_t value);

/* Does this read change nothing? Such reads need not be one at a time. */
static inline bool pl011_read_is_pure(uint64_t offset)
{
    return offset >= 4;
}

uint32_t pl011_ris(const struct pl011 *u);

/* The combined interrupt line, UARTINTR. */
static inline bool pl011_interrupt(const struct pl011 *u)
{
    return (pl011_ris(u) & u->imsc) != 0;
}
#endif
