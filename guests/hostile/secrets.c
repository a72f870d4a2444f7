/* SPDX-License-Identifier: Apache-2.0 */
/* An attack on another guest of the same priority: what does it leave in the registers of a CPU that both take turns on? */
#include "hostile.h"

#include "arm64.h"
#include "guest.h"

#define TURNS 300
#define YIELD 0xc6000006u           /* Belay's hypercall YIELD, by SMCCC */

/* `msr REGISTER, x0`; with bit 21 it is `mrs x0, REGISTER`. Some belong to extensions that this guest has not got. */
static const uint32_t registers[] = {
    0xd518c120,     /* DISR_EL1 */
    0xd51bd0a0,     /* TPIDR2_EL0 */
    0xd51bd040,     /* TPIDR_EL0 */
    0xd51bd060,     /* TPIDRRO_EL0 */
    0xd518d080,     /* TPIDR_EL1 */
    0xd518d020,     /* CONTEXTIDR_EL1 */
    0xd51bd0e0,     /* SCXTNUM_EL0 */
    0xd518d0e0,     /* SCXTNUM_EL1 */
    0xd5187400,     /* PAR_EL1 */
    0xd5186000,     /* FAR_EL1 */
    0xd518a300,     /* AMAIR_EL1 */
    0xd5182100,     /* APIAKeyLo_EL1 */
    0xd518a500,     /* MPAM1_EL1 */
    0xd518a520,     /* MPAM0_EL1 */
};
#define REGISTERS (sizeof registers / sizeof registers[0])

/* Own is what it holds of what was written; of an exception, nothing. */
static uint64_t write_and_read(uint32_t msr, uint64_t value)
{
    uint64_t before = exceptions;
    run(msr, value);
    uint64_t held = run(msr | 1u << 21, 0);
    return exceptions == before ? held : 0;
}

void attack_secrets(void)
{
    for (unsigned turn = 0; turn < TURNS; turn++) {
        uint64_t own[REGISTERS];
        for (unsigned n = 0; n < REGISTERS; n++) {
            own[n] = write_and_read(registers[n], random64() | 1);
        }
        hvc(YIELD, 0, 0, 0);
        for (unsigned n = 0; n < REGISTERS; n++) {
            uint64_t now = own[n] ? run(registers[n] | 1u << 21, 0) : 0;
            if (now != own[n] && now != 0 && wrong++ == 0) {
                print("\nhostile: register %x holds %lx, which is another's: mine is %lx\n", registers[n], now, own[n]);
            }
        }
    }
}
