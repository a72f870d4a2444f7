/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host's firmware has for guests: workarounds of this CPU's speculation (DEN0070), and entropy (DEN0098). Where
 * it has no SMCCC 1.1 there is neither.
 */
#include "base/string.h"
#include "boot/boot.h"
#include "core/cpu.h"
#include "core/machine.h"

static int32_t ask(uint32_t function, uint64_t about)
{
    return (int32_t)machine_psci(function, about, 0, 0);
}

/* PSCI tells whether SMCCC_VERSION may be called at all (DEN0028, 7.2). */
static bool speaks_smccc_1_1(void)
{
    return machine.psci && ask(PSCI_FEATURES, SMCCC_VERSION) >= 0 && ask(SMCCC_VERSION, 0) >= SMCCC_1_1;
}

/*
 * Workaround 2 is a state of the CPU, which would have to follow what runs there: where a call could turn it on and off, it
 * is on for good, so that nobody needs to.
 */
static int32_t settle_workaround_2(int32_t said)
{
    if (said == SMCCC_SUCCESS)
        (void)ask(SMCCC_WORKAROUND_2, 1);
    return said >= 0 ? SMCCC_NOT_REQUIRED : said;
}

static void read_workaround(struct cpu *cpu, uint32_t id)
{
    int32_t said = ask(SMCCC_ARCH_FEATURES, id);

    cpu->workaround[WORKAROUND_INDEX(id)] = (int8_t)(id == SMCCC_WORKAROUND_2 ? settle_workaround_2(said) : said);
}

void boot_read_firmware(struct cpu *cpu)
{
    machine.trng = false;
    memset(cpu->workaround, SMCCC_NOT_SUPPORTED, sizeof cpu->workaround);
    if (!speaks_smccc_1_1())
        return;
    read_workaround(cpu, SMCCC_WORKAROUND_1);
    read_workaround(cpu, SMCCC_WORKAROUND_2);
    read_workaround(cpu, SMCCC_WORKAROUND_3);
    machine.trng = ask(TRNG_VERSION, 0) >= TRNG_1_0 && ask(TRNG_FEATURES, TRNG_RND) >= 0 &&
                   ask(TRNG_FEATURES, TRNG_RND | SMCCC_SMC64) >= 0;
}
