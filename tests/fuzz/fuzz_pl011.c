/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that does anything to its PL011, the worker beside it, and resets and
 * restarts between. Whatever comes: counters make sense, flags agree with each
 * other, what goes in comes out in order, and the line is as the registers say.
 */
#include <stdlib.h>
#include <string.h>

#include "console/client.c"
#include "console/pl011_regs.h"

#define VM 0
#define CHECK(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t line_level;
static uint8_t sent, taken, given, read;        /* running numbers stand for the bytes themselves */

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    (void)a2, (void)a3, (void)a4, (void)a5;
    CHECK(number == BELAY_HC_LINE_SET || number == BELAY_HC_NOTIFY);    /* it never has to yield */
    if (number == BELAY_HC_LINE_SET) {
        CHECK(a0 == CONSOLE_H_LINE + VM && a1 <= 1);
        line_level = (uint32_t)a1;
    }
    return (struct hypercall_result){ 0, { 0 } };
}

static bool sends(uint64_t offset, uint64_t access)
{
    uint64_t size = BELAY_ACCESS_SIZE(access);

    return offset == PL011_DR && (size == 1 || size == 2 || size == 4 || size == 8);
}

static void access_register(uint64_t offset, uint64_t access, uint64_t value)
{
    bool data = sends(offset, access), write = (access & BELAY_ACCESS_WRITE) != 0;
    bool empty = ring_fill(&uarts[VM].rx) == 0;
    uint32_t fill = client_waiting(VM);
    uint64_t result = client_access(VM, offset, access, data && write ? sent : value);
    unsigned bits = (unsigned)BELAY_ACCESS_SIZE(access) * 8;

    sent += client_waiting(VM) != fill;
    if (data && !write)
        CHECK((uint8_t)result == (empty ? 0 : read++));
    CHECK(bits >= 64 || result >> bits == 0 || offset == PL011_FR);
}

static void check(void)
{
    const struct pl011 *u = &uarts[VM];
    uint32_t fr = (uint32_t)client_access(VM, PL011_FR, 4, 0);

    CHECK(ring_sane(&u->tx) && ring_sane(&u->rx));
    CHECK(((fr & PL011_FR_BUSY) != 0) != ((fr & PL011_FR_TXFE) != 0));
    CHECK((fr & PL011_FR_TXFF) == 0 || (fr & PL011_FR_BUSY));
    CHECK((fr & (PL011_FR_RXFE | PL011_FR_RXFF)) != (PL011_FR_RXFE | PL011_FR_RXFF));
    CHECK(client_waiting(VM) != RING_SIZE || (fr & PL011_FR_TXFF));
    CHECK(line_level == pl011_interrupt(u));
}

static void work(uint8_t count)
{
    uint8_t byte;

    for (; count && client_take(VM, &byte); count--)
        CHECK(byte == taken++);
}

/* All that was sent is there, and then at most the end of a line. */
static void reset(void)
{
    uint8_t byte;

    while (client_waiting(VM) != 0)
        work(255);
    client_reset(VM);
    while (client_take(VM, &byte))
        CHECK(byte == '\n');
    read = given;
}

static void fill(void)
{
    bool loopback = (client_access(VM, PL011_CR, 4, 0) & PL011_CR_LBE) != 0;

    while (!loopback && (client_access(VM, PL011_FR, 4, 0) & PL011_FR_TXFF) == 0)
        access_register(PL011_DR, 1 | BELAY_ACCESS_WRITE, 0);
}

static void step(const uint8_t op[8])
{
    switch (op[0] & 7) {
    case 0: work(op[1]); CHECK(!client_update_line(VM)); break;
    case 1: given += client_give(VM, given); CHECK(!client_update_line(VM)); break;
    case 2: client_rest((enum client_rest)(op[1] % 3)); break;
    case 3: fill(); break;
    case 4:
        if (op[1] == 0) {
            reset();
        } else if (op[1] == 1) {
            memset(live, 0, sizeof(live));
            client_start_worker();
            CHECK(!client_update_line(VM));
        }
        break;
    default:
        access_register((uint64_t)(op[1] | op[2] << 8) % 0x1010, op[3] | (op[4] & 1 ? BELAY_ACCESS_WRITE : 0),
                        (uint64_t)op[5] << 32 | op[6] << 8 | op[7]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(uarts, 0, sizeof(uarts));
    memset(live, 0, sizeof(live));
    sent = taken = given = read = 0;
    line_level = 0;
    client_reset(VM);
    for (; size >= 8; data += 8, size -= 8) {
        step(data);
        check();
    }
    return 0;
}
