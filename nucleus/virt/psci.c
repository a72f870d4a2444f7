/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/psci.h"

#include "arm64/sysreg.h"
#include "base/assert.h"
#include "base/string.h"
#include "core/cpu.h"
#include "core/machine.h"
#include "virt/aarch32.h"
#include "virt/pstate.h"
#include "virt/trng.h"
#include "virt/vcpu.h"

/* Function identifiers (DEN0028, 2.5): fast calls, SMC64 or SMC32, the owning service, a number. */
#define ID_PSCI             PSCI_VERSION    /* standard service calls, numbers from 0 */
#define ID_VENDOR_UID       0x8600ff01u     /* vendor specific hypervisor service (DEN0028, 6.2) */
#define ID_VENDOR_REVISION  0x8600ff03u
#define ID_OWNER            0xffff0000u

/* Both conventions' NOT_SUPPORTED is -1. */
enum { SUCCESS = 0, NOT_SUPPORTED = -1, INVALID_PARAMETERS = -2, ALREADY_ON = -4, ON_PENDING = -5, INTERNAL_FAILURE = -6,
       INVALID_ADDRESS = -9 };

enum { AFFINITY_ON = 0, AFFINITY_OFF = 1, AFFINITY_ON_PENDING = 2 };

#define MPIDR_AFFINITY     UINT64_C(0xff00ffffff)
#define SUSPEND_RESERVED   0xfcfe0000u      /* power_state in the original format (DEN0022, 5.4.2) */
#define SUSPEND_POWERDOWN  (1u << 16)
#define NO_TRUSTED_OS      2                /* MIGRATE_INFO_TYPE: nothing has to be migrated */

/* 03392f7c-b266-4e7f-84d7-0a48c65acb36, its bytes in w0 to w3 from the lowest on (DEN0028, 6.2). */
static const uint64_t belay_uid[4] = { 0x7c2f3903, 0x7f4e66b2, 0x480ad784, 0x36cb5ac6 };

static uint64_t affinity(const struct vcpu *v)
{
    return v->el1.vmpidr & MPIDR_AFFINITY;
}

static bool entry_ok(const struct vcpu *v, uint64_t pc)
{
    pa_t to;
    unsigned attr;

    uint64_t below = v->el1.aarch32.on && pc & 1 ? 0 : 3;       /* T32 code: at any halfword */

    return (pc & below) == 0 && stage2_translate(&v->context.domain->space, ipa(pc), &to, &attr) && (attr & BELAY_MAP_EXEC);
}

static int64_t cpu_suspend(struct vcpu *v, const uint64_t a[3])
{
    if (a[0] & SUSPEND_RESERVED)
        return INVALID_PARAMETERS;
    if ((a[0] & SUSPEND_POWERDOWN) && !entry_ok(v, a[1]))
        return INVALID_ADDRESS;
    vcpu_wait(v);           /* a powerdown may be answered as a standby, which returns at its end */
    return SUCCESS;
}

static bool is_on(const struct vcpu *v)
{
    enum vcpu_power power = vcpu_power(v);

    return power == VCPU_ON || power == VCPU_COMING;
}

/*
 * The last vCPU that goes off takes its VM with it: none is left that could turn one on. Of two that go at once, each
 * says so before it looks at the other, so that one of them at least is the last.
 */
static int64_t cpu_off(struct vcpu *v, const uint64_t a[3])
{
    const struct vm *vm = vcpu_vm(v);

    (void)a;
    __atomic_store_n(&v->power, VCPU_LEAVING, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < vm->vcpus; i++)        /* bound: BELAY_VCPUS_MAX */
        if (is_on(vm->vcpu[i])) {
            vcpu_off(v);
            return SUCCESS;
        }
    domain_end(v->context.domain, &v->context, BELAY_REASON_OFF, 0, 0);
    return SUCCESS;
}

static struct vcpu *find(const struct vm *vm, uint64_t target)
{
    for (unsigned i = 0; i < vm->vcpus; i++)        /* bound: BELAY_VCPUS_MAX */
        if (affinity(vm->vcpu[i]) == target)
            return vm->vcpu[i];
    return NULL;
}

static int64_t cpu_on(struct vcpu *v, const uint64_t a[3])
{
    struct vcpu *target = find(vcpu_vm(v), a[0]);

    if (target == NULL)
        return INVALID_PARAMETERS;
    enum vcpu_power power = vcpu_power(target);
    if (power == VCPU_OFF) {
        if (!entry_ok(v, a[1]))
            return INVALID_ADDRESS;
        if (target->context.sched == NULL)          /* its manager gave it no time to run on */
            return INTERNAL_FAILURE;
        /* Endianness is the caller's (DEN0022, 6.4.3). */
        const struct vcpu_entry entry = { a[1], a[2], sysreg_read(sctlr_el1) & SCTLR_EE };
        power = vcpu_turn_on(target, &entry);       /* what it was by then: another one may have been first */
    }
    return power == VCPU_OFF ? SUCCESS : power == VCPU_COMING ? ON_PENDING : ALREADY_ON;
}

static int64_t affinity_info(struct vcpu *v, const uint64_t a[3])
{
    const struct vm *vm = vcpu_vm(v);
    int64_t result = INVALID_PARAMETERS;        /* of several the one that is most on */

    if (a[1] > 3)
        return INVALID_PARAMETERS;
    uint64_t mask = MPIDR_AFFINITY & ~(a[1] == 3 ? UINT64_C(0xffffffff) : (UINT64_C(1) << 8 * a[1]) - 1);
    for (unsigned i = 0; i < vm->vcpus; i++)        /* bound: BELAY_VCPUS_MAX */
        if (((affinity(vm->vcpu[i]) ^ a[0]) & (mask | ~MPIDR_AFFINITY)) == 0) {
            enum vcpu_power power = vcpu_power(vm->vcpu[i]);
            if (power == VCPU_ON || power == VCPU_LEAVING)
                return AFFINITY_ON;
            if (power == VCPU_COMING || result != AFFINITY_ON_PENDING)
                result = power == VCPU_COMING ? AFFINITY_ON_PENDING : AFFINITY_OFF;
        }
    return result;
}

static int64_t migrate_info_type(struct vcpu *v, const uint64_t a[3])
{
    (void)v, (void)a;
    return NO_TRUSTED_OS;
}

static int64_t system_off(struct vcpu *v, const uint64_t a[3])
{
    (void)a;
    domain_end(v->context.domain, &v->context, BELAY_REASON_OFF, 0, 0);
    return SUCCESS;
}

static int64_t system_reset(struct vcpu *v, const uint64_t a[3])
{
    (void)a;
    domain_end(v->context.domain, &v->context, BELAY_REASON_RESET, 0, 0);
    return SUCCESS;
}

static int64_t psci_version(struct vcpu *v, const uint64_t a[3])
{
    (void)v, (void)a;
    return PSCI_1_1;
}

static int64_t psci_features(struct vcpu *v, const uint64_t a[3]);

static int64_t trng_version(struct vcpu *v, const uint64_t a[3])
{
    (void)v, (void)a;
    return TRNG_1_0;
}

static int64_t trng_features(struct vcpu *v, const uint64_t a[3]);

/* Who calls for entropy, and whose it is does not matter to it. */
static int64_t trng_uuid(struct vcpu *v, const uint64_t a[3])
{
    (void)a;
    memcpy(v->context.frame.x, belay_uid, sizeof belay_uid);
    return (int64_t)belay_uid[0];
}

typedef int64_t (*function)(struct vcpu *v, const uint64_t a[3]);

/* Standard service calls: PSCI's by number (DEN0022, 5.1), then those for entropy (DEN0098, 2). */
static const function functions[] = {
    [0x0] = psci_version, [0x1] = cpu_suspend, [0x2] = cpu_off, [0x3] = cpu_on, [0x4] = affinity_info,
    [0x6] = migrate_info_type, [0x8] = system_off, [0x9] = system_reset, [0xa] = psci_features,
#define TRNG_FIRST 0xb
    [0xb] = trng_version, [0xc] = trng_features, [0xd] = trng_uuid, [0xe] = trng_random,
};
#define HAS_SMC64 (1u << 0x1 | 1u << 0x3 | 1u << 0x4 | 1u << 0xe)   /* these have a 64-bit form too */

/* Its index among them, or -1. SMC64 is for callers in AArch64 alone (DEN0028, 2.5). */
static int find_function(const struct vcpu *v, uint32_t id)
{
    unsigned i = (id & ~SMCCC_SMC64) - ID_PSCI;

    if (i >= TRNG_FIRST) {
        i -= TRNG_VERSION - ID_PSCI - TRNG_FIRST;
        if (i < TRNG_FIRST || !trng_is_there())
            return -1;
    }
    if (i >= sizeof functions / sizeof functions[0] || functions[i] == NULL)
        return -1;
    return id & SMCCC_SMC64 && (v->el1.aarch32.on || !(HAS_SMC64 >> i & 1)) ? -1 : (int)i;
}

/* No function has flags to tell: CPU_SUSPEND has the original format of power_state, and no OS initiated mode. */
static int64_t psci_features(struct vcpu *v, const uint64_t a[3])
{
    uint32_t id = (uint32_t)a[0];

    return id == SMCCC_VERSION || (unsigned)find_function(v, id) < TRNG_FIRST ? SUCCESS : NOT_SUPPORTED;
}

static int64_t trng_features(struct vcpu *v, const uint64_t a[3])
{
    return find_function(v, (uint32_t)a[0]) >= TRNG_FIRST ? SUCCESS : NOT_SUPPORTED;
}

/* What the host's firmware has by that identifier, on this CPU: what ARCH_FEATURES says of it. */
static int64_t workaround(uint32_t id)
{
    return WORKAROUND_HAS_INDEX(id) ? this_cpu()->workaround[WORKAROUND_INDEX(id)] : NOT_SUPPORTED;
}

/*
 * A guest does what it would do on the CPU itself: without such firmware what a board without EL3 has it do. There is no
 * SoC to name: a handset is the same on each.
 */
static int64_t arch_features(uint32_t id)
{
    return id == SMCCC_VERSION || id == SMCCC_ARCH_FEATURES ? SUCCESS : workaround(id);
}

static void answer_service(uint32_t id, uint64_t *x)
{
    switch (id) {
    case SMCCC_VERSION:
        x[0] = SMCCC_1_2;
        break;
    case SMCCC_ARCH_FEATURES:
        x[0] = (uint64_t)arch_features((uint32_t)x[1]);
        break;
    case ID_VENDOR_UID:
        memcpy(x, belay_uid, sizeof belay_uid);
        break;
    case ID_VENDOR_REVISION:
        x[0] = BELAY_ABI_VERSION;
        x[1] = 0;
        break;
    default:
        x[0] = (uint64_t)NOT_SUPPORTED;
        if (workaround(id) >= 0)                    /* what it does to the CPU nobody is worse off for */
            x[0] = (uint64_t)machine_psci(id, 0, 0, 0);
    }
}

static int answer(struct vcpu *v, uint32_t id)
{
    uint64_t *x = v->context.frame.x;
    int i = find_function(v, id);

    if ((id & ID_OWNER) == BELAY_SMCCC(0) && (id & ~ID_OWNER) < BELAY_HC_COUNT && !v->el1.aarch32.on)
        return (int)(id & ~ID_OWNER);
    if (i < 0) {
        answer_service(id, x);
        return SMCCC_ANSWERED;
    }
    uint64_t width = id & SMCCC_SMC64 ? UINT64_MAX : UINT32_MAX;
    const uint64_t a[3] = { x[1] & width, x[2] & width, x[3] & width };
    x[0] = (uint64_t)functions[i](v, a);
    return SMCCC_ANSWERED;
}

int smccc_answer(struct vcpu *v, uint64_t esr)
{
    struct frame *f = &v->context.frame;
    uint32_t id = (uint32_t)f->x[0];

    if (ESR_EC(esr) == EC_SMC32 && aarch32_skip(f, esr))
        return SMCCC_ANSWERED;
    if (ESR_EC(esr) == EC_SMC || ESR_EC(esr) == EC_SMC32)       /* it was not executed: the PC is at it */
        frame_advance_any(f, esr);
    if (ESR_ISS(esr) & 0xffff) {            /* other immediates are nobody's (DEN0028, 2.8) */
        f->x[0] = (uint64_t)NOT_SUPPORTED;
        return SMCCC_ANSWERED;
    }
    return answer(v, id);
}
