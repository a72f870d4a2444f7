/* SPDX-License-Identifier: Apache-2.0 */
/* The host: its UART for the words that nobody else can say, its power, and the end of everything. */
#ifndef NUCLEUS_CORE_MACHINE_H
#define NUCLEUS_CORE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

struct machine {
    uintptr_t uart;         /* a PL011, 0 when the host has none */
    bool psci, psci_smc;    /* PSCI, and whether its conduit is SMC */
};

extern struct machine machine;

/* Writes to the host UART by polling, for a bounded time each character. */
void machine_putc(char c);
void machine_puts(const char *s);
void machine_hex(uint64_t value);

/* Calls the host's PSCI, which is there: its answer (DEN0022, 5.2.2). */
int64_t machine_psci(uint32_t function, uint64_t a, uint64_t b, uint64_t c);

/* PSCI SYSTEM_OFF or SYSTEM_RESET; where the host has none, stops this CPU. */
_Noreturn void machine_off(bool reset);
_Noreturn void machine_halt(void);

/* The nucleus can't go on: one line that says what and where, and the machine stops. */
_Noreturn void panic(const char *what, const char *where, uint64_t value);
_Noreturn void panic_exception(uint64_t which, uint64_t esr, uint64_t elr, uint64_t far);
#endif
