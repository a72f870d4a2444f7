/* SPDX-License-Identifier: Apache-2.0 */
/* The host's device tree: the console's UART, and devices to pass through. */
#ifndef STEWARD_HOST_H
#define STEWARD_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "problem.h"

#define HOST_REGS_MAX  4
#define HOST_IRQS_MAX  8

struct host_range { uint64_t address, bytes; };
struct host_irq { uint32_t intid; bool edge; };

struct host_device {
    const char *name;           /* of its node, unit address included */
    int node;
    uint32_t regs, irqs;
    struct host_range reg[HOST_REGS_MAX];
    struct host_irq irq[HOST_IRQS_MAX];
};

struct host_uart {
    const char *name;
    uint64_t address;
    uint32_t clock_hz;
    struct host_irq irq;
};

/* The tree is one that fdt_check_header accepts. */
bool host_find_uart(const void *fdt, struct host_uart *uart, struct problem *why);
/* An interrupt's three cells, as of the GIC's device tree binding; false when it is no SPI. */
bool host_irq_of(const void *cells, struct host_irq *irq);

/* The first PL031. */
bool host_find_rtc(const void *fdt, struct host_range *registers);

bool host_find_device(const void *fdt, const char *path, struct host_device *device, struct problem *why);
#endif
