/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercalls of belay/abi.h, one typed function each. Errors are 0 or a negative BELAY_E*. */
#ifndef SERVICE_HYPERCALL_H
#define SERVICE_HYPERCALL_H

#include <stdint.h>

#include "belay/abi.h"

typedef uint32_t handle_t;

struct hypercall_result {
    int error;
    uint64_t v[6];      /* x1..x6 */
};

#ifdef BELAY_HOST_TEST
/* A unit test plays the nucleus. */
struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5);
#else
/* `number` is a constant: it is the instruction's immediate. */
static inline __attribute__((always_inline)) struct hypercall_result
hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
    register uint64_t x0 __asm__("x0") = a0;
    register uint64_t x1 __asm__("x1") = a1;
    register uint64_t x2 __asm__("x2") = a2;
    register uint64_t x3 __asm__("x3") = a3;
    register uint64_t x4 __asm__("x4") = a4;
    register uint64_t x5 __asm__("x5") = a5;
    register uint64_t x6 __asm__("x6");

    __asm__ volatile("svc %[number]"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "=r"(x6)
                     : [number] "i"(number) : "memory");
    return (struct hypercall_result){ (int)x0, { x1, x2, x3, x4, x5, x6 } };
}
#endif

#define HC_(name, a0, a1, a2, a3, a4, a5) hypercall(BELAY_HC_##name, (a0), (a1), (a2), (a3), (a4), (a5))

/* A call that makes something: its handle by *made, 0 (which is none) after an error. */
static inline int hc_made_(struct hypercall_result r, handle_t *made)
{
    *made = r.error == BELAY_OK ? (handle_t)r.v[0] : 0;
    return r.error;
}

/* Portals and notifications */
static inline int hc_call(handle_t portal, const uint64_t words[4], uint64_t replies[4])
{
    struct hypercall_result r = HC_(CALL, portal, words[0], words[1], words[2], words[3], 0);

    for (unsigned i = 0; i < 4; i++)
        replies[i] = r.v[i];
    return r.error;
}

static inline int hc_wait(handle_t notification, uint64_t deadline, uint64_t *bits)
{
    struct hypercall_result r = HC_(WAIT, notification, deadline, 0, 0, 0, 0);

    *bits = r.error == BELAY_OK ? r.v[0] : 0;
    return r.error;
}

static inline int hc_notify(handle_t notification, uint64_t bits)
{
    return HC_(NOTIFY, notification, bits, 0, 0, 0, 0).error;
}

static inline int hc_line_set(handle_t line, unsigned level)
{
    return HC_(LINE_SET, line, level, 0, 0, 0, 0).error;
}

static inline int hc_irq_ack(handle_t irq)
{
    return HC_(IRQ_ACK, irq, 0, 0, 0, 0, 0).error;
}

static inline int hc_yield(void)
{
    return HC_(YIELD, 0, 0, 0, 0, 0, 0).error;
}

static inline int hc_portal_create(handle_t domain, uint64_t entry, uint64_t badge, handle_t *portal)
{
    return hc_made_(HC_(PORTAL_CREATE, domain, entry, badge, 0, 0, 0), portal);
}

static inline int hc_portal_bind(handle_t portal, unsigned client, handle_t thread)
{
    return HC_(PORTAL_BIND, portal, client, thread, 0, 0, 0).error;
}

static inline int hc_trap(handle_t vm, uint64_t ipa, uint64_t bytes, handle_t portal)
{
    return HC_(TRAP, vm, ipa, bytes, portal, 0, 0).error;
}

static inline int hc_notification_create(handle_t domain, handle_t *notification)
{
    return hc_made_(HC_(NOTIFICATION_CREATE, domain, 0, 0, 0, 0, 0), notification);
}

/* Handles */
static inline int hc_handle_close(handle_t handle)
{
    return HC_(HANDLE_CLOSE, handle, 0, 0, 0, 0, 0).error;
}

static inline int hc_grant(handle_t domain, handle_t handle, unsigned rights, uint32_t slot)
{
    return HC_(GRANT, domain, handle, rights, slot, 0, 0).error;
}

/* Memory */
static inline int hc_mem_split(handle_t mem, uint64_t offset, handle_t *upper)
{
    return hc_made_(HC_(MEM_SPLIT, mem, offset, 0, 0, 0, 0), upper);
}

/* `upper` is closed. */
static inline int hc_mem_merge(handle_t lower, handle_t upper)
{
    return HC_(MEM_MERGE, lower, upper, 0, 0, 0, 0).error;
}

struct mem_info {
    uint64_t pa, bytes;
    enum belay_mem kind;
};

static inline int hc_mem_info(handle_t mem, struct mem_info *info)
{
    struct hypercall_result r = HC_(MEM_INFO, mem, 0, 0, 0, 0, 0);

    if (r.error == BELAY_OK)
        *info = (struct mem_info){ r.v[0], r.v[1], (enum belay_mem)r.v[2] };
    return r.error;
}

/* All of the range: EAGAIN is answered here by going on. */
static inline int hc_map(handle_t domain, handle_t mem, uint64_t offset, uint64_t ipa, uint64_t bytes, unsigned flags)
{
    struct hypercall_result r;

    do {
        r = HC_(MAP, domain, mem, offset, ipa, bytes, flags);
        offset += r.v[0];
        ipa += r.v[0];
        bytes -= r.v[0];
    } while (r.error == BELAY_EAGAIN);
    return r.error;
}

static inline int hc_unmap(handle_t domain, uint64_t ipa, uint64_t bytes)
{
    struct hypercall_result r;

    do {
        r = HC_(UNMAP, domain, ipa, bytes, 0, 0, 0);
        ipa += r.v[0];
        bytes -= r.v[0];
    } while (r.error == BELAY_EAGAIN);
    return r.error;
}

/* Domains */
/* `vmid` is what records of the trace call it by. */
static inline int hc_domain_create(handle_t pool, uint32_t kind, uint32_t handles, uint64_t tag,
                                   handle_t *domain, uint32_t *vmid)
{
    struct hypercall_result r = HC_(DOMAIN_CREATE, pool, kind, handles, tag, 0, 0);

    *vmid = (uint32_t)r.v[1];
    return hc_made_(r, domain);
}

static inline int hc_domain_watch(handle_t domain, handle_t notification, uint64_t bits)
{
    return HC_(DOMAIN_WATCH, domain, notification, bits, 0, 0, 0).error;
}

static inline int hc_domain_start(handle_t domain)
{
    return HC_(DOMAIN_START, domain, 0, 0, 0, 0, 0).error;
}

static inline int hc_domain_stop(handle_t domain)
{
    return HC_(DOMAIN_STOP, domain, 0, 0, 0, 0, 0).error;
}

/* All of it: EAGAIN is answered here by going on. */
static inline int hc_domain_destroy(handle_t domain, handle_t *pool)
{
    struct hypercall_result r;

    do {
        r = HC_(DOMAIN_DESTROY, domain, 0, 0, 0, 0, 0);
    } while (r.error == BELAY_EAGAIN);
    return hc_made_(r, pool);
}

/* `hold` is BELAY_HOLD_*. */
static inline int hc_domain_pause(handle_t domain, unsigned hold)
{
    return HC_(DOMAIN_PAUSE, domain, hold, 0, 0, 0, 0).error;
}

static inline int hc_domain_resume(handle_t domain, unsigned hold)
{
    return HC_(DOMAIN_RESUME, domain, hold, 0, 0, 0, 0).error;
}

struct domain_status {
    enum belay_state state;
    enum belay_reason reason;
    uint32_t context;           /* index of the vCPU or thread */
    uint64_t pc, esr, far;
};

static inline int hc_domain_status(handle_t domain, struct domain_status *status)
{
    struct hypercall_result r = HC_(DOMAIN_STATUS, domain, 0, 0, 0, 0, 0);

    if (r.error == BELAY_OK)
        *status = (struct domain_status){ (enum belay_state)r.v[0], (enum belay_reason)r.v[1], (uint32_t)r.v[2],
                                          r.v[3], r.v[4], r.v[5] };
    return r.error;
}

/* Contexts */
static inline int hc_vcpu_create(handle_t vm, unsigned flags, handle_t *vcpu)
{
    return hc_made_(HC_(VCPU_CREATE, vm, flags, 0, 0, 0, 0), vcpu);
}

static inline int hc_thread_create(handle_t service, uint64_t stack_top, handle_t *thread)
{
    return hc_made_(HC_(THREAD_CREATE, service, stack_top, 0, 0, 0, 0), thread);
}

static inline int hc_sched(handle_t context, unsigned cpu, unsigned priority, unsigned flags, uint64_t budget,
                           uint64_t period)
{
    return HC_(SCHED, context, BELAY_SCHED(cpu, priority, flags), budget, period, 0, 0).error;
}

static inline int hc_start(handle_t context, uint64_t pc, uint64_t x0, uint64_t x1, uint64_t x2)
{
    return HC_(START, context, pc, x0, x1, x2, 0).error;
}

static inline int hc_regs(handle_t context, unsigned first, uint64_t regs[6])
{
    struct hypercall_result r = HC_(REGS, context, first, 0, 0, 0, 0);

    for (unsigned i = 0; i < 6; i++)
        regs[i] = r.error == BELAY_OK ? r.v[i] : 0;
    return r.error;
}

struct context_stats { uint64_t ticks, exits, exhausted, interrupts, switches; };

static inline int hc_stats(handle_t context, struct context_stats *stats)
{
    struct hypercall_result r = HC_(STATS, context, 0, 0, 0, 0, 0);

    if (r.error == BELAY_OK)
        *stats = (struct context_stats){ r.v[0], r.v[1], r.v[2], r.v[3], r.v[4] };
    return r.error;
}

/* By BELAY_EXIT_CAUSE. */
static inline int hc_exits(handle_t context, uint32_t exits[BELAY_EXIT_CAUSES])
{
    int error = BELAY_OK;

    for (unsigned first = 0; error == BELAY_OK && first < BELAY_EXIT_CAUSES; first += 8) {
        struct hypercall_result r = HC_(EXITS, context, first, 0, 0, 0, 0);
        for (unsigned i = 0; i < 8; i++)
            exits[first + i] = r.error == BELAY_OK ? (uint32_t)(r.v[i / 2] >> i % 2 * 32) : 0;
        error = r.error;
    }
    return error;
}

struct context_lateness { uint64_t wakes, total, worst, due; };

/* The last time is one of them, unless it was not late at all. */
static inline int hc_lateness(handle_t context, struct context_lateness *late)
{
    struct hypercall_result r = HC_(LATENESS, context, 0, 0, 0, 0, 0);
    uint64_t last = (int64_t)r.v[3] > 0 ? r.v[3] : 0;

    if (r.error == BELAY_OK)
        *late = (struct context_lateness){ r.v[0] + (last != 0), r.v[1] + last, last > r.v[2] ? last : r.v[2], r.v[4] };
    return r.error;
}

struct activity { enum belay_activity what; uint64_t ticks, exits, tag; };

static inline int hc_activity(handle_t context, struct activity *activity)
{
    struct hypercall_result r = HC_(ACTIVITY, context, 0, 0, 0, 0, 0);

    if (r.error == BELAY_OK)
        *activity = (struct activity){ (enum belay_activity)r.v[0], r.v[1], r.v[2], r.v[3] };
    return r.error;
}

/* Debugging */
static inline int hc_debug(handle_t vm, handle_t notification, uint64_t bits)
{
    return HC_(DEBUG, vm, notification, bits, 0, 0, 0).error;
}

static inline int hc_point(handle_t vm, unsigned number, uint64_t address, uint64_t control)
{
    return HC_(POINT, vm, number, address, control, 0, 0).error;
}

static inline int hc_regs_write(handle_t vcpu, unsigned reg, uint64_t value)
{
    return HC_(REGS_WRITE, vcpu, reg, value, 0, 0, 0).error;
}

static inline int hc_debug_pass(handle_t vcpu)
{
    return HC_(DEBUG_PASS, vcpu, 0, 0, 0, 0, 0).error;
}

/* The machine and its interrupts */
static inline int hc_irq_create(handle_t machine, uint32_t intid, unsigned edge, handle_t *irq)
{
    return hc_made_(HC_(IRQ_CREATE, machine, intid, edge, 0, 0, 0), irq);
}

static inline int hc_irq_bind(handle_t irq, handle_t notification, uint64_t bits)
{
    return HC_(IRQ_BIND, irq, notification, bits, 0, 0, 0).error;
}

static inline int hc_irq_assign(handle_t irq, handle_t vm, uint32_t intid)
{
    return HC_(IRQ_ASSIGN, irq, vm, intid, 0, 0, 0).error;
}

static inline int hc_line_create(handle_t vm, uint32_t intid, handle_t *line)
{
    return hc_made_(HC_(LINE_CREATE, vm, intid, 0, 0, 0, 0), line);
}

static inline int hc_machine_putc(handle_t machine, char c)
{
    return HC_(MACHINE_PUTC, machine, (uint8_t)c, 0, 0, 0, 0).error;
}

enum machine_off { MACHINE_POWER_OFF = 0, MACHINE_RESET = 1, MACHINE_HALT = 2 };

static inline int hc_machine_off(handle_t machine, enum machine_off how)
{
    return HC_(MACHINE_OFF, machine, how, 0, 0, 0, 0).error;
}

/* `mem` is the ring of that CPU from here on (belay/trace.h). */
static inline int hc_trace_start(handle_t machine, unsigned cpu, handle_t mem, uint32_t kinds)
{
    return HC_(TRACE_START, machine, cpu, mem, kinds, 0, 0).error;
}

/* EAGAIN: that CPU does not know yet. */
static inline int hc_trace_stop(handle_t machine, unsigned cpu)
{
    return HC_(TRACE_STOP, machine, cpu, 0, 0, 0, 0).error;
}
#endif
