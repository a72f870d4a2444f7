/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by loads, stores and jumps, wherever they may lead. */
#include "hostile.h"

#include "arm64.h"
#include "gic.h"
#include "guest.h"

#define PAGE        0x1000ul
#define READ_WORD   2u
#define WRITE_WORD  6u
#define DEVICES_END 0x10000000ul    /* of the handset's devices; to the RAM's start there is nothing more */

/* A character that does no harm on the terminal, wherever in the value a device looks. */
static uint64_t value_for(uint64_t address)
{
    return address % (1ull << 30) - GUEST_UART < PAGE ? 0x2e2e2e2e2e2e2e2eull : random64();
}

static void one(unsigned kind, uint64_t address)
{
    access(kind, address, value_for(address));
    done++;
}

/* What the attacks did to the UART. */
static void uart_reset(void)
{
    *(volatile uint32_t *)(GUEST_UART + 0x38) = 0;      /* UARTIMSC */
    *(volatile uint32_t *)(GUEST_UART + 0x2c) = 0x70;   /* UARTLCR_H: 8 bits, FIFOs */
    *(volatile uint32_t *)(GUEST_UART + 0x30) = 0x301;  /* UARTCR: on, no loop-back */
    uart_putc('\n');
}

void attack_map(void)
{
    for (uint64_t address = 0; address < DEVICES_END; address += PAGE) {
        one(READ_WORD, address);
        one(WRITE_WORD, address);
    }
    for (uint64_t address = DEVICES_END; address < GUEST_RAM; address += 0x200000) {
        one(READ_WORD, address);
        one(WRITE_WORD, address);
    }
    settle();
    uart_reset();
}

/* Registers of its two frames, by any access and with any value. It may say that this guest hangs. */
void attack_watchdog(void)
{
    static const uint64_t registers[] = { 0x0, 0x1000, 0x1008, 0x100c, 0x1010, 0x1014, 0xfcc, 0x1fcc };
    for (unsigned n = 0; n < 20000; n++) {
        uint64_t offset = registers[random_below(sizeof registers / sizeof registers[0])];
        unsigned kind = (unsigned)random_below(n % 4 ? ACCESS_PLAIN : ACCESS_KINDS);
        access(kind, GUEST_WATCHDOG + offset + (n % 16 ? 0 : random_below(8)), random64() >> random_below(64));
        done++;
    }
}

/* All kinds at a place and around it: misaligned, over a page's end, with two memory types. */
static void all_kinds(uint64_t address)
{
    static const int offsets[] = { 0, 1, 2, 4, 7, 8, 15 };
    for (unsigned n = 0; n < sizeof offsets / sizeof offsets[0]; n++) {
        for (unsigned kind = 0; kind < ACCESS_KINDS; kind++) {
            one(kind, address + (unsigned)offsets[n]);
            one(kind, alias_normal(address + (unsigned)offsets[n]));
        }
    }
}

void attack_access(void)
{
    static const uint64_t places[] = {
        0x00000000, 0x07fffff8,                             /* flash, or nothing */
        GICD_BASE, GICD_BASE + 0x100, GICD_BASE + 0x400, GICD_BASE + 0x6100, GICD_BASE + 0xfff8,
        0x08010000, 0x08020000, 0x08080000,                 /* GICv2's CPU interface, v2m, ITS: not there */
        GICR_BASE, GICR_BASE + 0x14, GICR_BASE + GICR_SGI + 0x100, GICR_BASE + GICR_FRAME - 8, GICR_BASE + GICR_FRAME,
        GUEST_UART, GUEST_UART + 0x18, GUEST_UART + 0x38, GUEST_UART + 0xff8,
        0x09010000, 0x09020000, 0x09030000, 0x0a000000, 0x0a003e00, 0x0c000000, 0x10000000, 0x3fffffe0,
        GUEST_HOLE, 0xfffffff0,
    };
    for (unsigned n = 0; n < sizeof places / sizeof places[0]; n++) {
        all_kinds(places[n]);
    }
    uint64_t address = (uintptr_t)scratch + PAGE - 8;
    all_kinds(address);
    tables_reset();
    settle();
    uart_reset();
}

void attack_jump(void)
{
    static const uint64_t targets[] = {
        0, 4, 1, 2, GICD_BASE, GICR_BASE, GUEST_UART, 0x0c000000, 0x3ffffffc, GUEST_HOLE, GUEST_HOLE + 2, 0xfffffffc,
        0x7fffffffff, 0x8000000000, 0xffffffffffff, 0xffff000000000000, 0xfffffffffffffffc,
    };
    for (unsigned n = 0; n < sizeof targets / sizeof targets[0]; n++) {
        run(0xd61f0000, targets[n]);        /* br x0 */
        run(0xd63f0000, targets[n]);        /* blr x0 */
        run(0xd65f0000, targets[n]);        /* ret x0 */
        if (!bare) {                        /* with -icount QEMU never comes back from a device's registers */
            run(0xd61f0000, alias_normal(targets[n]));
        }
    }
    for (unsigned n = 0; n < 1000; n++) {
        run(0xd61f0000, random64() | 0x100000000ull);
    }
    tables_reset();
}
