/* SPDX-License-Identifier: Apache-2.0 */
#include "entry/hypercall.h"

#include "arm64/syndrome.h"
#include "base/assert.h"
#include "core/domain.h"
#include "core/portal.h"

/* Who looks through all tables has to know whether a handle moved meanwhile. */
static int grant(struct context *c, uint64_t *x)
{
    (void)__atomic_fetch_add(&grants_begun, 1, __ATOMIC_SEQ_CST);
    int result = call_grant(c, x);
    (void)__atomic_fetch_add(&grants_done, 1, __ATOMIC_SEQ_CST);
    return result;
}

static const hypercall_fn calls[BELAY_HC_COUNT] = {
    [BELAY_HC_REPLY] = call_reply,
    [BELAY_HC_CALL] = call_call,
    [BELAY_HC_WAIT] = call_wait,
    [BELAY_HC_NOTIFY] = call_notify,
    [BELAY_HC_LINE_SET] = call_line_set,
    [BELAY_HC_IRQ_ACK] = call_irq_ack,
    [BELAY_HC_YIELD] = call_yield,
    [BELAY_HC_HANDLE_CLOSE] = call_handle_close,
    [BELAY_HC_GRANT] = grant,
    [BELAY_HC_MEM_SPLIT] = call_mem_split,
    [BELAY_HC_MEM_INFO] = call_mem_info,
    [BELAY_HC_MAP] = call_map,
    [BELAY_HC_UNMAP] = call_unmap,
    [BELAY_HC_DOMAIN_CREATE] = call_domain_create,
    [BELAY_HC_DOMAIN_WATCH] = call_domain_watch,
    [BELAY_HC_DOMAIN_START] = call_domain_start,
    [BELAY_HC_DOMAIN_STOP] = call_domain_stop,
    [BELAY_HC_DOMAIN_STATUS] = call_domain_status,
    [BELAY_HC_VCPU_CREATE] = call_vcpu_create,
    [BELAY_HC_THREAD_CREATE] = call_thread_create,
    [BELAY_HC_SCHED] = call_sched,
    [BELAY_HC_START] = call_start,
    [BELAY_HC_REGS] = call_regs,
    [BELAY_HC_PORTAL_CREATE] = call_portal_create,
    [BELAY_HC_PORTAL_BIND] = call_portal_bind,
    [BELAY_HC_TRAP] = call_trap,
    [BELAY_HC_NOTIFICATION_CREATE] = call_notification_create,
    [BELAY_HC_IRQ_CREATE] = call_irq_create,
    [BELAY_HC_IRQ_BIND] = call_irq_bind,
    [BELAY_HC_IRQ_ASSIGN] = call_irq_assign,
    [BELAY_HC_LINE_CREATE] = call_line_create,
    [BELAY_HC_MACHINE_PUTC] = call_machine_putc,
    [BELAY_HC_MACHINE_OFF] = call_machine_off,
    [BELAY_HC_TRACE_START] = call_trace_start,
    [BELAY_HC_STATS] = call_stats,
    [BELAY_HC_DOMAIN_DESTROY] = call_domain_destroy,
    [BELAY_HC_MEM_MERGE] = call_mem_merge,
    [BELAY_HC_DOMAIN_PAUSE] = call_domain_pause,
    [BELAY_HC_DOMAIN_RESUME] = call_domain_resume,
    [BELAY_HC_DEBUG] = call_debug,
    [BELAY_HC_POINT] = call_point,
    [BELAY_HC_REGS_WRITE] = call_regs_write,
    [BELAY_HC_DEBUG_PASS] = call_debug_pass,
    [BELAY_HC_EXITS] = call_exits,
    [BELAY_HC_TRACE_STOP] = call_trace_stop,
    [BELAY_HC_LATENESS] = call_lateness,
    [BELAY_HC_ACTIVITY] = call_activity,
};

/* Those that a guest may make: the others are a manager's, or need what only a service has. */
#define BIT(call)   (UINT64_C(1) << BELAY_HC_##call)
#define GUEST_CALLS (BIT(CALL) | BIT(NOTIFY) | BIT(YIELD) | BIT(HANDLE_CLOSE))

int new_handle(struct context *c, enum object_type type, void *obj, uint32_t value, uint64_t *out)
{
    int64_t h = handle_add(&c->domain->handles, 1, type, obj, BELAY_RIGHT_ALL, value);

    if (h < 0)
        return BELAY_ENOMEM;
    *out = (uint64_t)h;
    return BELAY_OK;
}

void hypercall_service(struct context *c, uint64_t esr)
{
    unsigned number = esr & 0xffff;
    int result = BELAY_ENOSYS;

    if (number == BELAY_HC_REPLY && likely(c->caller != NULL)) {     /* the commonest by far: at once */
        portal_reply(c);
        return;
    }
    if (likely(number < BELAY_HC_COUNT && calls[number]))
        result = calls[number](c, c->frame.x);
    if (result != CALL_SWITCHED)
        c->frame.x[0] = (uint64_t)(int64_t)result;
}

void hypercall_guest(struct context *c, unsigned number)
{
    int result = BELAY_ENOSYS;

    if (number < BELAY_HC_COUNT && (GUEST_CALLS >> number & 1))
        result = calls[number](c, c->frame.x + 1);      /* x0 is the number */
    if (result != CALL_SWITCHED)
        c->frame.x[0] = (uint64_t)(int64_t)result;
}
