/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sysreg.h"
#include "guest_world.h"

#include "core/portal.h"
#include "virt/fetch.h"

struct vm world_vm;
struct vcpu world_vcpu[2];
struct world_log world_log;
uint64_t world_gic_reads;
int world_portal_result;
uint64_t world_translates;
bool world_fetches;
enum vcpu_power world_race;
uint32_t world_insn;
static struct sched scheds[2];

int world_begin(void **state)
{
    (void)state;
    fake_sysreg_reset();
    memset(&world_vm, 0, sizeof world_vm);
    memset(world_vcpu, 0, sizeof world_vcpu);
    world_log = (struct world_log){ 0 };
    world_gic_reads = 0;
    world_portal_result = BELAY_OK;
    world_fetches = true;
    world_translates = 0;
    world_vm.vcpus = 2;
    for (unsigned i = 0; i < 2; i++) {
        struct vcpu *v = world_vm.vcpu[i] = &world_vcpu[i];
        v->context.domain = &world_vm.domain;
        v->context.index = (uint8_t)i;
        v->context.sched = &scheds[i];
        v->context.frame.pc = GUEST_PC;
        v->context.frame.pstate = EL1H;
        for (unsigned n = 0; n < 31; n++)
            v->context.frame.x[n] = UINT64_C(0x1111111111111111) * (n % 16);
        v->el1.vmpidr = UINT64_C(0x80000000) | i;
        v->el1.vbar = GUEST_VBAR;
        v->el1.el0.sctlr = UINT64_C(1) << 23;
    }
    world_vcpu[0].context.state = CONTEXT_READY;
    world_vcpu[0].power = VCPU_ON;
    world_race = VCPU_OFF;
    world_vcpu[1].context.state = CONTEXT_DORMANT;
    return 0;
}

void assert_exception(const struct vcpu *v, uint64_t offset, uint32_t esr)
{
    assert_int_equal(v->context.frame.pc, GUEST_VBAR + offset);
    assert_int_equal(v->el1.esr, esr);
    assert_int_equal(v->el1.elr, GUEST_PC);
}

void assert_advanced(const struct vcpu *v)
{
    assert_int_equal(v->context.frame.pc, GUEST_PC + 4);
}

void vcpu_evict(struct vcpu *v)
{
    (void)v;
    world_log.evictions++;
}

void vcpu_wait(struct vcpu *v)
{
    (void)v;
    world_log.waits++;
}

enum vcpu_power vcpu_turn_on(struct vcpu *v, const struct vcpu_entry *entry)
{
    enum vcpu_power was = world_race ? world_race : vcpu_power(v);

    if (was != VCPU_OFF)
        return was;
    v->power = VCPU_ON;
    v->context.state = CONTEXT_READY;
    world_log.starts++;
    world_log.start = *entry;
    return was;
}

void vcpu_off(struct vcpu *v)
{
    v->context.state = CONTEXT_DORMANT;
    v->power = VCPU_OFF;
    world_log.offs++;
}

void domain_end(struct domain *d, struct context *culprit, enum belay_reason reason, uint64_t esr, uint64_t far)
{
    (void)esr, (void)far;
    assert_ptr_equal(d, &world_vm.domain);
    assert_ptr_equal(culprit->domain, d);
    world_log.ended = reason;
}

void domain_break(struct domain *d, struct context *culprit)
{
    assert_ptr_equal(culprit->domain, d);
    world_log.breaks++;
}

bool stage2_translate(const struct stage2 *s, ipa_t at, pa_t *to, unsigned *attr)
{
    (void)s;
    *to = pa(at.v);
    *attr = BELAY_MAP_READ | BELAY_MAP_WRITE | (at.v >> 28 == GUEST_RAM >> 28 ? BELAY_MAP_EXEC : 0);
    return at.v >> 28 == GUEST_RAM >> 28 || at.v >> 28 == GUEST_ROM >> 28;
}

void vgic_sgi(struct vcpu *from, uint64_t value, bool group1)
{
    (void)from;
    world_log.sgis++;
    world_log.sgi = value;
    world_log.sgi_group1 = group1;
}

void vgic_deactivate(struct vcpu *v, uint64_t intid)
{
    (void)v;
    world_log.deactivations++;
    world_log.deactivated = intid;
}

bool vgic_mmio(struct vcpu *v, const struct access *access, uint64_t *value)
{
    (void)v;
    if (access->ipa - VGIC_DIST_BASE >= VGIC_DIST_SIZE)
        return false;
    world_log.gic = *access;
    world_log.gic_value = *value;
    world_log.gic_accesses++;
    if (!access->write)
        *value = world_gic_reads << (64 - 8 * access->size) >> (64 - 8 * access->size);
    return true;
}

bool vtimer_sysreg(struct vcpu *v, uint32_t encoding, bool read, uint64_t *value)
{
    if (encoding != SYSREG_ENC(3, 3, 14, 2, 2))
        return false;
    if (read)
        *value = v->timer.cntp_cval;
    else
        v->timer.cntp_cval = *value;
    return true;
}

bool vcpu_loaded(const struct vcpu *v)
{
    return v == &world_vcpu[0];
}

int portal_call(struct portal *p, struct context *caller, unsigned client,
                uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
    const uint64_t words[4] = { w0, w1, w2, w3 };


    assert_non_null(p);
    assert_int_equal(client, caller->index);
    memcpy(world_log.words, words, sizeof world_log.words);
    world_log.portal_calls++;
    return world_portal_result;
}

bool guest_translate(const struct vcpu *v, uint64_t address, uint64_t *ipa)
{
    (void)v;
    *ipa = world_translates | (address & (PAGE_SIZE - 1));
    return world_translates != 0;
}

bool guest_fetch(struct vcpu *v, uint32_t *insn)
{
    (void)v;
    *insn = world_insn;
    return world_fetches;
}
