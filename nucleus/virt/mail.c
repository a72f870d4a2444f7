/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/mail.h"

#include "base/assert.h"
#include "base/list.h"
#include "core/cpu.h"
#include "virt/vcpu.h"

#define MAIL_OWN_TIME (MAIL_SGIS | MAIL_LOOK | MAIL_ERRAND | MAIL_SENDERS)
#define MAIL_AT_ONCE  (MAIL_GIVE | MAIL_WAKE)

/* `like`: where some of that is there already, its CPU has been told. */
static inline __attribute__((always_inline)) void send(struct vcpu *v, uint64_t what, uint64_t like)
{
    if ((__atomic_fetch_or(&v->mail, what, __ATOMIC_SEQ_CST) & like) == 0)
        message_send(v->context.own_sched.cpu, &v->message);
}

void mail_send(struct vcpu *v, uint64_t what)
{
    send(v, what, what & MAIL_OWN_TIME ? MAIL_OWN_TIME : what);
}

void mail_send_sgi(struct vcpu *v, uint32_t intid, bool group1)
{
    send(v, MAIL_SGI(intid, group1), MAIL_OWN_TIME);
}

void mail_note(struct vcpu *v, uint64_t what)
{
    (void)__atomic_fetch_or(&v->mail, what, __ATOMIC_RELAXED);
}

static uint64_t take(struct vcpu *v, uint64_t what)
{
    return __atomic_fetch_and(&v->mail, ~what, __ATOMIC_SEQ_CST) & what;
}

void mail_forget(struct vcpu *v, uint64_t what)
{
    (void)take(v, what);
}

/* Of the SGIs in its mail those that were sent for the group that they are in; on a GICv2 there is no such thing. */
static uint32_t sgis_of(const struct vcpu *v, uint64_t mail)
{
    uint32_t group1 = v->gic.word.group;
    uint32_t sent = ((uint32_t)mail & group1 & 0xffff) | ((uint32_t)mail >> 16 & ~group1);

    return mail & MAIL_SENDERS ? sent | vgic_sgis_sent(v) : sent;
}

void mail_take_sgis(struct vcpu *v)
{
    uint32_t sgis = sgis_of(v, take(v, MAIL_SGIS | MAIL_SENDERS));

    if (sgis)
        vgic_latch_sgis(v, sgis);
}

static __attribute__((noinline)) void read_all(struct vcpu *v, uint64_t mail)
{
    uint32_t sgis = sgis_of(v, mail);

    mail_note(v, mail & MAIL_CHOOSE);
    if (sgis)
        vgic_latch_sgis(v, sgis);
    if (unlikely(mail & MAIL_ERRAND))
        vgic_do_errand(v);
    if (unlikely(mail & (MAIL_LOOK | MAIL_GIVE)))
        vgic_attend(v);
}

void mail_read(struct vcpu *v)
{
    uint64_t mail = __atomic_exchange_n(&v->mail, 0, __ATOMIC_SEQ_CST);
    uint64_t others = mail & (mail - 1);
    assert(vcpu_loaded(v));

    if (likely(others == 0 && mail & v->gic.word.group & 0xffff))
        vgic_latch_sgi(v, (uint32_t)__builtin_ctzll(mail));
    else
        read_all(v, mail);
}

/*
 * It runs or waits in the hardware: then it reads its mail now. If it is there while something else runs, it leaves,
 * and reads when it comes back.
 */
static __attribute__((noinline)) void look(struct vcpu *v)
{
    bool waits = v->context.state == CONTEXT_WAITING;

    if (v->context.state == CONTEXT_DORMANT) {
        vcpu_come(v);
        return;
    }
    if (waits)
        context_release(&v->context);
    if (vcpu_loaded(v) && (waits || this_cpu()->current == &v->context)) {
        mail_read(v);
        return;
    }
    vcpu_evict(v);
    if (take(v, MAIL_AT_ONCE) & MAIL_GIVE)
        vgic_attend(v);
}

static void arrived(struct message *m)
{
    struct vcpu *v = container_of(m, struct vcpu, message);
    const struct cpu *cpu = this_cpu();

    if (likely(v->context.state == CONTEXT_READY && cpu->current == &v->context && cpu->loaded == &v->context))
        mail_read(v);
    else
        look(v);
}

void mail_init(struct vcpu *v)
{
    v->message.deliver = arrived;
    v->mail = MAIL_TLB;
}
