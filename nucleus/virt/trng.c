/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/trng.h"

#include "arm64/smccc.h"
#include "core/cpu.h"
#include "core/machine.h"
#include "virt/vcpu.h"

#define RNDR   S3_3_C2_C4_0
#define BURST  16               /* calls at once; on average one in a millisecond */

bool trng_is_there(void)
{
    return machine.trng || sysreg_read(id_aa64isar0_el1) >> 60;
}

/* What there is is everybody's, and the firmware takes its time: a vCPU has so much of it and no more. */
static bool may_draw(struct vcpu *v)
{
    uint64_t t = now(), millisecond = sysreg_read(cntfrq_el0) >> 10, paid = v->trng_paid < t ? t : v->trng_paid;

    if (paid - t >= BURST * millisecond)
        return false;
    v->trng_paid = paid + millisecond;
    return true;
}

/*
 * So many bits, the lowest in x3, with zeros above; zeros alone where there are none. RNDR that failed reads 0 (Arm ARM,
 * D17.2.121); a random 0 is taken for that: it comes once in 2^64 times.
 */
int64_t trng_random(struct vcpu *v, const uint64_t a[3])
{
    uint64_t *x = v->context.frame.x, width = x[0] & SMCCC_SMC64 ? 64 : 32, bits = a[0];

    x[1] = x[2] = x[3] = 0;
    if (bits - 1 >= 3 * width)
        return TRNG_INVALID_PARAMETERS;
    if (!may_draw(v))
        return TRNG_NO_ENTROPY;
    if (machine.trng) {
        x[0] = (uint32_t)x[0];
        x[1] = bits;
        machine_call(x);
        return (int32_t)x[0];
    }
    for (uint64_t *to = x + 3; bits; to--) {        /* bound: 3 */
        uint64_t n = bits < width ? bits : width, random = sysreg_read(RNDR);
        if (random == 0) {
            x[1] = x[2] = x[3] = 0;
            return TRNG_NO_ENTROPY;
        }
        *to = random >> (64 - n);
        bits -= n;
    }
    return SMCCC_SUCCESS;
}
