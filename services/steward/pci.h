/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A serial port on the host's PCI Express bus. The host bridge is found in the
 * host's device tree, the port by looking at what is plugged in. Nothing that is found is allowed to reach memory.
 */
#ifndef STEWARD_PCI_H
#define STEWARD_PCI_H

#include "host.h"

struct pci_serial {
    uint64_t ports;             /* physical address of a page of I/O ports: its eight at the start, and no other's */
    struct host_irq irq;
};

/* Finds the first one, gives it its ports and turns it on. False and why when there is none. */
bool pci_find_serial(const void *fdt, struct pci_serial *serial, struct problem *why);
#endif
