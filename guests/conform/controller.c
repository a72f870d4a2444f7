/* SPDX-License-Identifier: Apache-2.0 */
#include "controller.h"

#include <libfdt.h>

#include "guest.h"
#include "registers.h"

const struct controller *gic = &gicv3;

void gic_find(const void *dtb)
{
    bool tree = dtb && fdt_check_header(dtb) == 0;
    bool is_v2 = tree ? fdt_node_offset_by_compatible(dtb, -1, "arm,cortex-a15-gic") >= 0
                      : (sysreg_read(id_aa64pfr0_el1) >> 24 & 0xf) == 0;
    gic = is_v2 ? &gicv2 : &gicv3;
    __asm__ volatile("dc civac, %0\n\tdsb sy" : : "r"(&gic) : "memory");    /* a second CPU has no MMU */
}

uint32_t intids(void) { return ((read32(GICD_BASE + GICD_TYPER) & 0x1f) + 1) * 32; }

static uintptr_t frame_of(uint32_t intid) { return intid < 32 ? gic->private_frame() : GICD_BASE; }

uintptr_t bits_of(uint32_t intid, uintptr_t reg) { return frame_of(intid) + reg + intid / 32 * 4; }
unsigned bit(uint32_t intid, uintptr_t reg) { return read32(bits_of(intid, reg)) >> intid % 32 & 1; }
void set(uint32_t intid, uintptr_t reg) { write32(bits_of(intid, reg), 1u << intid % 32); }

void set_group(uint32_t intid, unsigned group)
{
    uint32_t other = read32(bits_of(intid, IGROUPR)) & ~(1u << intid % 32);
    write32(bits_of(intid, IGROUPR), other | group << intid % 32);
}

void set_edge(uint32_t intid, bool edge)
{
    uintptr_t at = frame_of(intid) + ICFGR + intid / 16 * 4;
    uint32_t other = read32(at) & ~(2u << intid % 16 * 2);
    write32(at, other | (edge ? 2u : 0) << intid % 16 * 2);
}

void set_priority(uint32_t intid, uint8_t priority) { write8(frame_of(intid) + IPRIORITYR + intid, priority); }

void enable(uint32_t intid, uint8_t priority)
{
    set_priority(intid, priority);
    if (intid >= 32) {
        gic->route(intid, 0);
    }
    set(intid, ISENABLER);
}

void sgi_self(uint32_t sgi) { gic->send_sgi(sgi, TO_FIRST); }

uint32_t ack(void)
{
    for (int looks = 0; looks < 20; looks++) {
        uint32_t intid = gic->ack();
        if (intid != NONE) {
            return intid;
        }
    }
    return NONE;
}

uint32_t ack_soon(void)
{
    uint64_t end = counter() + counter_hz() / 10;
    uint32_t intid;
    while ((intid = gic->ack()) == NONE && counter() < end) {
    }
    return intid;
}
