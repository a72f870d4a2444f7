/* SPDX-License-Identifier: Apache-2.0 */
#include "core/machine.h"

#include "arm64/mmio.h"
#include "arm64/sysreg.h"
#include "base/assert.h"
#include "core/cpu.h"
#include "core/domain.h"

/* PL011 (DDI 0183, 3.2) */
#define UARTDR      0x00
#define UARTFR      0x18
#define FR_TXFF     (1u << 5)
#define UART_POLLS  10000       /* a character's longest wait: a UART that never drains loses it */

#define PSCI_SYSTEM_OFF    0x84000008u
#define PSCI_SYSTEM_RESET  0x84000009u

struct machine machine;

void machine_putc(char c)
{
    if (machine.uart == 0)
        return;
    for (unsigned n = 0; n < UART_POLLS && (mmio_read32(machine.uart + UARTFR) & FR_TXFF); n++)
        ;
    mmio_write32(machine.uart + UARTDR, (uint8_t)c);
}

void machine_puts(const char *s)
{
    for (; *s; s++) {
        if (*s == '\n')
            machine_putc('\r');
        machine_putc(*s);
    }
}

void machine_hex(uint64_t value)
{
    machine_puts("0x");
    for (int shift = 60; shift >= 0; shift -= 4)
        if (value >> shift || shift == 0)
            machine_putc("0123456789abcdef"[value >> shift & 15]);
}

_Noreturn void machine_halt(void)
{
    for (;;)
        __asm__ volatile("msr daifset, #15\n wfi" ::: "memory");
}

void machine_call(uint64_t x[4])
{
    const uint64_t in0 = x[0], in1 = x[1], in2 = x[2], in3 = x[3];
    register uint64_t x0 __asm__("x0") = in0;
    register uint64_t x1 __asm__("x1") = in1;
    register uint64_t x2 __asm__("x2") = in2;
    register uint64_t x3 __asm__("x3") = in3;

    /* Before SMCCC 1.1 firmware may use x4 to x17 for itself. */
#define CALL(conduit)                                                                                           \
    __asm__ volatile(conduit " #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "x4", "x5", "x6", "x7", "x8", "x9", \
                     "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory")
    if (machine.psci_smc)
        CALL("smc");
    else
        CALL("hvc");
#undef CALL
    x[0] = x0;
    x[1] = x1;
    x[2] = x2;
    x[3] = x3;
}

_Noreturn void machine_off(bool reset)
{
    if (machine.psci)
        (void)machine_psci(reset ? PSCI_SYSTEM_RESET : PSCI_SYSTEM_OFF, 0, 0, 0);
    machine_halt();
}

_Noreturn void panic(const char *what, const char *where, uint64_t value)
{
    machine_puts("\nbelay: panic: ");
    machine_puts(what);
    machine_puts(": ");
    machine_puts(where);
    machine_puts(": ");
    machine_hex(value);
    machine_puts("\n");
    machine_halt();
}

_Noreturn void panic_assert(const char *file, int line)
{
    panic("assertion", file, (uint64_t)line);
}

_Noreturn void panic_exception(uint64_t which, uint64_t esr, uint64_t elr, uint64_t far)
{
    const struct cpu *cpu = this_cpu();

    machine_puts("\nbelay: panic: exception in the nucleus: vector ");
    machine_hex(which);
    machine_puts(" ESR ");
    machine_hex(esr);
    machine_puts(" ELR ");
    machine_hex(elr);
    machine_puts(" FAR ");
    machine_hex(far);
    machine_puts(" domain ");
    machine_puts(cpu->current ? cpu->current->domain->tag : "none");
    machine_puts("\n");
    machine_halt();
}
