/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM's interrupt lines and assigned host interrupts, as they arrive: on any
 * CPU, and at any time. The virtual GIC of a VM is its CPU's, or everybody's under the lock where it is spread over
 * several, and is reset while the VM is stopped; what arrives elsewhere or meanwhile waits here.
 */
#ifndef NUCLEUS_VIRT_LINE_H
#define NUCLEUS_VIRT_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/message.h"
#include "virt/vgic.h"

struct vm;

/* A bit for each SPI. */
struct lines {
    uint32_t level[VGIC_WORDS - 1];     /* as last driven */
    uint32_t driven[VGIC_WORDS - 1];    /* and the virtual GIC does not know it yet */
    uint32_t fired[VGIC_WORDS - 1];     /* host interrupts that wait: they stay active till then */
    struct message message;
};

void lines_init(struct vm *vm);

/* Drives the line of an SPI, as a device does. */
void line_set(struct vm *vm, uint32_t intid, bool level);

/* The host interrupt that vgic_assign linked to an SPI fired, on the VM's CPU, or any where it is spread. */
void line_fired(struct vm *vm, uint32_t intid);

/* What waited is brought to the virtual GIC, if this is the VM's CPU and it runs. */
void lines_bring(struct vm *vm);
#endif
