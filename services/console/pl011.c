/* SPDX-License-Identifier: Apache-2.0 */
#include "pl011.h"

#include "pl011_regs.h"

/*
 * UARTPeriphID and UARTPCellID (DDI 0183, 3.3.15 to 3.3.22): part 0x011,
 * designer 0x41, revision 3 (r1p5, the one with FIFOs of 32), and the PrimeCell class.
 */
static const uint8_t identification[8] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

/* Transmitter and receiver enabled; both trigger levels at 1/2. */
#define CR_RESET    (PL011_CR_TXE | PL011_CR_RXE)
#define IFLS_RESET  0x12u

static bool fifos_enabled(const struct pl011 *u)
{
    return (atomic_load_explicit(&u->lcr_h, memory_order_relaxed) & PL011_LCR_H_FEN) != 0;
}

/* 1/8, 1/4, 1/2, 3/4 and 7/8 of the depth; the rest is reserved (DDI 0183, 3.3.9). */
static uint32_t trigger_level(uint32_t select)
{
    static const uint8_t level[8] = { 4, 8, 16, 24, 28, 28, 28, 28 };

    return level[select & 7];
}

static uint32_t tx_level(const struct pl011 *u)
{
    uint32_t depth = fifos_enabled(u) ? PL011_FIFO_DEPTH : 1;
    uint32_t fill = ring_fill(&u->tx);

    return fill > RING_SIZE - depth ? fill - (RING_SIZE - depth) : 0;
}

static uint32_t tx_trigger(const struct pl011 *u)
{
    return fifos_enabled(u) ? trigger_level(u->ifls ^ IFLS_RESET) : 0;
}

/*
 * The interrupts (DDI 0183, 2.7). TX follows the transmit FIFO falling to its
 * trigger level; since the wire takes what it has room for at once, a written byte has fallen through.
 * RT is due as soon as a byte is there: the time that a few more may take is not worth the wait.
 * QEMU's virt raises RX with the first byte, and images rely on it: so does this one for a guest that masks RT.
 */
uint32_t pl011_ris(const struct pl011 *u)
{
    uint32_t ris = 0, arrived = u->rx.head, waiting = ring_fill(&u->rx);
    bool timeout = waiting != 0 && arrived != u->rt_cleared;
    bool rx_at_first = !fifos_enabled(u) || (u->imsc & PL011_INT_RT) == 0;

    if (u->tx_armed && tx_level(u) <= tx_trigger(u))
        ris |= PL011_INT_TX;
    if (timeout && fifos_enabled(u))
        ris |= PL011_INT_RT;
    if (waiting >= (rx_at_first ? 1 : trigger_level((u->ifls ^ IFLS_RESET) >> 3)) && arrived != u->rx_cleared)
        ris |= PL011_INT_RX;
    return ris;
}

static inline __attribute__((always_inline)) uint32_t flags(const struct pl011 *u)
{
    uint32_t depth = fifos_enabled(u) ? PL011_FIFO_DEPTH : 1;
    uint32_t waiting = ring_count(&u->rx), fill = ring_count(&u->tx);
    uint32_t rx = waiting == 0 ? PL011_FR_RXFE : waiting >= depth ? PL011_FR_RXFF : 0;
    uint32_t tx = fill > RING_SIZE - depth ? PL011_FR_BUSY : PL011_FR_TXFE;

    return rx | tx | (fill >= RING_SIZE ? PL011_FR_TXFF : 0);
}

static uint32_t receive(struct pl011 *u)
{
    uint8_t byte = 0;

    (void)ring_pop(&u->rx, &byte);  /* an empty FIFO reads as 0 */
    return byte;
}

/*
 * Sends whether or not UARTEN and TXE are set, because real images rely on it.
 * A byte that finds the FIFO full is lost, as on the real part; in loopback mode it never reaches the wire.
 */
static void transmit(struct pl011 *u, uint8_t byte)
{
    if ((u->cr & PL011_CR_LBE) == 0)
        (void)ring_push(&u->tx, byte);
    u->tx_armed = 1;
}

/* An interrupt that is not raised can't be cleared: the fall to the trigger level is still to come. */
static void clear_interrupts(struct pl011 *u, uint32_t which)
{
    uint32_t arrived = u->rx.head;

    if ((which & PL011_INT_TX) && tx_level(u) <= tx_trigger(u))
        u->tx_armed = 0;
    if (which & PL011_INT_RX)
        u->rx_cleared = arrived;
    if (which & PL011_INT_RT)
        u->rt_cleared = arrived;
}

static uint32_t register_read(struct pl011 *u, uint32_t offset)
{
    switch (offset) {
    case PL011_DR:    return receive(u);
    case PL011_FR:    return flags(u);
    case PL011_ILPR:  return u->ilpr;
    case PL011_IBRD:  return u->ibrd;
    case PL011_FBRD:  return u->fbrd;
    case PL011_LCR_H: return u->lcr_h;
    case PL011_CR:    return u->cr ^ CR_RESET;
    case PL011_IFLS:  return u->ifls ^ IFLS_RESET;
    case PL011_IMSC:  return u->imsc;
    case PL011_RIS:   return pl011_ris(u);
    case PL011_MIS:   return pl011_ris(u) & u->imsc;
    case PL011_DMACR: return u->dmacr;
    default:
        return offset >= PL011_PERIPH_ID0 ? identification[(offset - PL011_PERIPH_ID0) / 4] : 0;
    }
}

static void register_write(struct pl011 *u, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case PL011_DR:    transmit(u, (uint8_t)value); break;
    case PL011_ILPR:  u->ilpr = value & 0xff; break;
    case PL011_IBRD:  u->ibrd = value & 0xffff; break;
    case PL011_FBRD:  u->fbrd = value & 0x3f; break;
    case PL011_LCR_H: u->lcr_h = value & 0xff; break;
    case PL011_CR:    u->cr = (value & 0xff87) ^ CR_RESET; break;
    case PL011_IFLS:  u->ifls = (value & 0x3f) ^ IFLS_RESET; break;
    case PL011_IMSC:  u->imsc = value & PL011_INT_ALL; break;
    case PL011_ICR:   clear_interrupts(u, value); break;
    case PL011_DMACR: u->dmacr = value & 7; break;
    default:          break;    /* read-only, or nothing: no error is ever there for ECR to clear */
    }
}

void pl011_reset(struct pl011 *u)
{
    u->imsc = u->lcr_h = u->ifls = u->cr = 0;
    u->ilpr = u->ibrd = u->fbrd = u->dmacr = 0;
    u->tx_armed = 0;
    ring_clear(&u->rx);
    u->rx_cleared = u->rt_cleared = u->rx.head;
}

static uint64_t read_lanes(struct pl011 *u, uint64_t offset, unsigned size)
{
    unsigned lane = offset % 4;
    uint32_t mask = size < 4 ? (1u << size * 8) - 1 : UINT32_MAX;

    /* Lane 0 is the one that takes a byte out of the FIFO. */
    if (lane != 0 && offset < 4)
        return 0;
    return register_read(u, (uint32_t)(offset - lane)) >> lane * 8 & mask;
}

static bool one_register(uint64_t offset, unsigned size)
{
    return offset < 0x1000 && (size == 1 || size == 2 || size == 4) && offset % 4 + size <= 4;
}

static bool two_registers(uint64_t offset, unsigned size)
{
    return offset < 0x1000 && size == 8 && offset % 8 == 0;
}

static __attribute__((noinline)) uint64_t read_any(struct pl011 *u, uint64_t offset, unsigned size)
{
    if (one_register(offset, size))
        return read_lanes(u, offset, size);
    if (two_registers(offset, size)) {
        uint64_t low = register_read(u, (uint32_t)offset);

        return low | (uint64_t)register_read(u, (uint32_t)offset + 4) << 32;
    }
    return 0;
}

/* What guests poll takes the short way; all of it is in lane 0. */
uint64_t pl011_read(struct pl011 *u, uint64_t offset, unsigned size)
{
    if (offset == PL011_FR && size <= 4)
        return flags(u);
    return read_any(u, offset, size);
}

void pl011_write(struct pl011 *u, uint64_t offset, unsigned size, uint64_t value)
{
    uint64_t mask = size < 4 ? (1u << size * 8) - 1 : UINT32_MAX;

    if (one_register(offset, size) && offset % 4 == 0) {
        register_write(u, (uint32_t)offset, (uint32_t)(value & mask));
    } else if (two_registers(offset, size)) {
        register_write(u, (uint32_t)offset, (uint32_t)value);
        register_write(u, (uint32_t)offset + 4, (uint32_t)(value >> 32));
    }
}
