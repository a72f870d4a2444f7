/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/line.h"

#include "base/assert.h"
#include "base/list.h"
#include "core/cpu.h"
#include "virt/vcpu.h"

static uint32_t *word_of(uint32_t *words, uint32_t intid)
{
    return &words[intid / 32 - 1];
}

static bool runs_here(const struct vm *vm)
{
    return (vm->spread || vm_cpu(vm) == this_cpu()->index) &&
           __atomic_load_n(&vm->domain.state, __ATOMIC_ACQUIRE) == BELAY_STATE_RUNNING;
}

static uint32_t take(uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED) ? __atomic_exchange_n(word, 0, __ATOMIC_ACQUIRE) : 0;
}

/* With the lock. What a vCPU on another CPU has in its hands is brought by that CPU: it waits, and that one is asked. */
static bool is_within_reach(struct vm *vm, uint32_t intid, uint32_t *waiting)
{
    struct vcpu *holder = vgic_holder(vm, intid);

    if (likely(holder == NULL))
        return true;
    (void)__atomic_fetch_or(waiting, 1u << intid % 32, __ATOMIC_RELEASE);
    mail_send(holder, MAIL_GIVE);
    return false;
}

/* As it is by now: who drove it before or since says so too. */
static void drive(struct vm *vm, uint32_t intid)
{
    struct lines *l = &vm->lines;

    vm_lock(vm);
    if (is_within_reach(vm, intid, word_of(l->driven, intid)))
        vgic_set_level(vm, NULL, intid, __atomic_load_n(word_of(l->level, intid), __ATOMIC_RELAXED) >> intid % 32 & 1);
    vm_unlock(vm);
}

static void fire(struct vm *vm, uint32_t intid)
{
    vm_lock(vm);
    if (is_within_reach(vm, intid, word_of(vm->lines.fired, intid)))
        vgic_inject_spi(vm, intid);
    vm_unlock(vm);
}

void lines_bring(struct vm *vm)
{
    struct lines *l = &vm->lines;

    if (!runs_here(vm))
        return;
    for (unsigned w = 0; w < VGIC_WORDS - 1; w++) {           /* bound: VGIC_SPIS */
        uint32_t base = (w + 1) * 32, bits;
        for (bits = take(&l->driven[w]); bits; bits &= bits - 1)
            drive(vm, base + (uint32_t)__builtin_ctz(bits));
        for (bits = take(&l->fired[w]); bits; bits &= bits - 1)
            fire(vm, base + (uint32_t)__builtin_ctz(bits));
    }
}

static void arrived(struct message *m)
{
    lines_bring(container_of(m, struct vm, lines.message));
}

void lines_init(struct vm *vm)
{
    vm->lines.message.deliver = arrived;
}

__attribute__((noinline)) void line_set(struct vm *vm, uint32_t intid, bool level)
{
    uint32_t bit = 1u << intid % 32, *levels = word_of(vm->lines.level, intid);

    if (level)
        (void)__atomic_fetch_or(levels, bit, __ATOMIC_RELAXED);
    else
        (void)__atomic_fetch_and(levels, ~bit, __ATOMIC_RELAXED);
    if (likely(runs_here(vm))) {
        drive(vm, intid);
        return;
    }
    (void)__atomic_fetch_or(word_of(vm->lines.driven, intid), bit, __ATOMIC_RELEASE);
    if (!vm->spread && vm_cpu(vm) != this_cpu()->index)
        message_send(vm_cpu(vm), &vm->lines.message);
}

void line_fired(struct vm *vm, uint32_t intid)
{
    if (runs_here(vm))
        fire(vm, intid);
    else
        (void)__atomic_fetch_or(word_of(vm->lines.fired, intid), 1u << intid % 32, __ATOMIC_RELEASE);
}
