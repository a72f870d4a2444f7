/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on services: they run at EL0 after this guest, whose EL1 registers EL0 obeys. */
#include "hostile.h"

#include "arm64.h"
#include "guest.h"

#define SCTLR_M    (1ull << 0)
#define SCTLR_A    (1ull << 1)
#define SCTLR_SA0  (1ull << 4)
#define SCTLR_E0E  (1ull << 24)
#define SCTLR_EE   (1ull << 25)

enum { SCTLR, TTBR0, TTBR1, TCR, MAIR, VBAR, CPACR, CNTKCTL, MDSCR, CONTEXTIDR, TPIDR, TPIDRRO, POISONS };

uint32_t poison(const uint64_t values[POISONS], uintptr_t uart);

static void one(uint64_t sctlr, bool all_random)
{
    uint64_t values[POISONS] = { [SCTLR] = sctlr & ~SCTLR_M };
    for (unsigned n = TTBR0; all_random && n < POISONS; n++) {
        values[n] = random64();
    }
    uint32_t id = poison(values, GUEST_UART);
    done++;
    uint32_t right = sctlr & SCTLR_EE ? 0x11000000 : 0x11;      /* the device is little-endian, whatever we are */
    if (id != right && wrong++ == 0) {
        print("\nhostile: with sctlr %lx UARTPeriphID0 reads %x, not %x\n", sctlr, id, right);
    }
}

static void spoil_fp(void)
{
    sysreg_write(fpcr, random64() & 0x07f79f00);
    for (unsigned n = 0; n < 32; n++) {
        run(0x9e670000 | n, random64());                    /* fmov dn, x0 */
    }
}

void attack_poison(void)
{
    uint64_t sctlr = sysreg_read(sctlr_el1);
    one(sctlr, false);
    one(sctlr | SCTLR_E0E, false);
    one(sctlr | SCTLR_EE, false);
    one(sctlr | SCTLR_EE | SCTLR_E0E | SCTLR_A | SCTLR_SA0, true);
    for (unsigned bit = 1; bit < 64; bit++) {
        one(sctlr ^ 1ull << bit, true);
    }
    for (unsigned n = 0; n < 500; n++) {
        spoil_fp();
        one(random64(), true);
        if (done % 64 == 0) {
            uart_putc('\n');
        }
    }
    sysreg_write(fpcr, 0);
    sysreg_write(tpidr_el0, 0);
    uart_putc('\n');
}
