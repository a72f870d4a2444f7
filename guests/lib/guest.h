/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the small guests share: they start here, print here, and end here.
 *
 * A guest is linked at GUEST_LINK in the virtual handset's memory and fits
 * into 1 MiB from there, so that a machine of 2 MiB is enough and the first
 * MiB stays free for the device tree. It is entered at EL1 with the MMU off,
 * as an ELF file (by QEMU's -kernel, or by Belay), or as a raw image at any
 * other address, from where it moves itself to GUEST_LINK. guest_main is
 * called with the MMU and caches on (everything mapped 1:1), FP on,
 * interrupts masked, the vectors set and bss cleared.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stdint.h>

#define GUEST_RAM   0x40000000ul
#define GUEST_LINK  0x40100000ul
#define GUEST_UART  0x09000000ul
#define GUEST_WATCHDOG 0x09100000ul
#define GUEST_HOLE  0xf0000000ul    /* mapped by the guest's own tables; a machine of less than 2816 MiB has nothing there */

/* The guest's own. `dtb` is NULL when there is no device tree. */
void guest_main(const void *dtb);

/* What the vectors of lib store (a guest may have its own `vectors` in their place). */
struct exception {
    uint64_t x[31];
    uint64_t pc;        /* ELR_EL1: change it to return elsewhere */
    uint64_t pstate;    /* SPSR_EL1 */
    uint64_t esr, far;
    uint64_t reserved;
};

/* Which of the sixteen vectors (Arm ARM, D1.4.1.3). */
enum vector {
    VECTOR_SYNC = 4, VECTOR_IRQ, VECTOR_FIQ, VECTOR_SERROR,             /* from EL1 with SP_EL1 */
    VECTOR_EL0_SYNC = 8, VECTOR_EL0_IRQ, VECTOR_EL0_FIQ, VECTOR_EL0_SERROR,
};

/* Called by the vectors of lib. Weak: the one in lib prints the exception and turns the machine off. */
void guest_exception(struct exception *e, unsigned vector);

/* Output by polling; `\n` is sent as `\r\n`. print knows %d %u %x %s %c %%, the length l, a width and leading 0. */
void uart_putc(char c);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_to(char *to, unsigned size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* One PSCI or other SMCCC call by HVC (DEN0022, DEN0028). */
int64_t hvc(uint64_t function, uint64_t a, uint64_t b, uint64_t c);

#define PSCI_VERSION       0x84000000u
#define PSCI_CPU_OFF       0x84000002u
#define PSCI_CPU_ON        0xc4000003u
#define PSCI_AFFINITY_INFO 0xc4000004u
#define PSCI_SYSTEM_OFF    0x84000008u
#define PSCI_SYSTEM_RESET  0x84000009u

_Noreturn void system_off(void);

/* Ends as a guest does that can't take its own exceptions: in memory that is not there, its vectors too. */
_Noreturn void crash(void);

/* /chosen/bootargs, "" when there is none; and its words `name=value`. */
const char *bootargs(const void *dtb);
bool option_number(const char *args, const char *name, uint64_t *value);        /* decimal, or hexadecimal after 0x */
bool option_word(const char *args, const char *name, char *word, unsigned size);

/* The first range of the device tree's memory; what QEMU's default is when there is no tree. */
void memory_range(const void *dtb, uint64_t *start, uint64_t *size);
#endif
