/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of devices, each access done before what follows; and system registers that take effect at once. */
#ifndef CONFORM_REGISTERS_H
#define CONFORM_REGISTERS_H

#include "arm64.h"
#include "controller.h"

#define sysreg_set(reg, value) do { sysreg_write(reg, value); isb(); } while (0)

static inline void device_done(void)
{
    dsb();
    isb();
}

static inline uint8_t read8(uintptr_t address) { return *(volatile uint8_t *)address; }
static inline uint32_t read32(uintptr_t address) { return *(volatile uint32_t *)address; }
static inline uint64_t read64(uintptr_t address) { return *(volatile uint64_t *)address; }

static inline void write8(uintptr_t address, uint8_t value)
{
    *(volatile uint8_t *)address = value;
    device_done();
}

static inline void write32(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
    device_done();
}

static inline void write64(uintptr_t address, uint64_t value)
{
    *(volatile uint64_t *)address = value;
    device_done();
}
#endif
