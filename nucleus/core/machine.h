/* SPDX-License-Identifier: Apache-2.0 */
/* The host: its UART for the words that nobody else can say, its power, and the end of everything. */
#ifndef NUCLEUS_CORE_MACHINE_H
#define NUCLEUS_CORE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

struct machine {
    uintptr_t uart;         /* a PL011, 0 when the host has none */
    bool psci, psci_smc;    /* PSCI, and whether its conduit is SMC */
    bool trng;              /* its firmware has entropy (DEN0098) */
};

extern struct machine machine;

/* Writes to the host UART by polling, for a bounded time each character. */
void machine_putc(char c);
void machine_puts(const char *s);
void machine_hex(uint64_t value);

/* Calls the host's firmware, which has PSCI, with the function in x[0]: its answer is in x (DEN0028, 2.6; DEN0022, 5.2.2). */
void machine_call(uint64_t x[4]);

static inline int64_t machine_psci(uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t x[4] = { function, a, b, c };

    machine_call(x);
    return (int64_t)x[0];
}

/* PSCI SYSTEM_OFF or SYSTEM_RESET; where the host has none, stops this CPU. */
_Noreturn void machine_off(bool reset);
_Noreturn void machine_halt(void);

/* The nucleus can't go on: one line that says what and where, and the machine stops. */
_Noreturn void panic(const char *what, const char *where, uint64_t value);
_Noreturn void panic_exception(uint64_t which, uint64_t esr, uint64_t elr, uint64_t far);
#endif
