/* SPDX-License-Identifier: Apache-2.0 */
/* Pausing a VM, and what its debugger does then. */
#include "core/domain.h"
#include "core/thread.h"
#include "entry/hypercall.h"
#include "virt/debug.h"
#include "virt/vcpu.h"

#define PAUSED      (1u << BELAY_STATE_PAUSED)
#define NOT_RUNNING (PAUSED | 1u << BELAY_STATE_STOPPED | 1u << BELAY_STATE_ENDED)

/* Its manager or its debugger, for a hold of that name. */
static struct domain *held_by(const struct context *c, const uint64_t *x)
{
    uint32_t right = x[1] == BELAY_HOLD_MANAGER ? BELAY_RIGHT_MANAGE : BELAY_RIGHT_DEBUG;

    return object(c, x[0], OBJECT_DOMAIN, right);
}

static bool may_hold(const struct domain *d, uint64_t hold)
{
    return d->kind == BELAY_DOMAIN_VM && (hold == BELAY_HOLD_MANAGER || hold == BELAY_HOLD_DEBUGGER);
}

int call_domain_pause(struct context *c, uint64_t *x)
{
    struct domain *d = held_by(c, x);
    if (d == NULL)
        return BELAY_EHANDLE;
    if (!may_hold(d, x[1]) || d == c->domain || c->caller)      /* a handler can't wait */
        return BELAY_EINVAL;
    int result = domain_pause(d, c, (uint32_t)x[1]);
    return result == BELAY_EAGAIN ? CALL_SWITCHED : result;
}

int call_domain_resume(struct context *c, uint64_t *x)
{
    struct domain *d = held_by(c, x);
    if (d == NULL)
        return BELAY_EHANDLE;
    return may_hold(d, x[1]) ? domain_resume(d, (uint32_t)x[1]) : BELAY_EINVAL;
}

static struct domain *debugged(const struct context *c, uint64_t handle)
{
    struct domain *d = object(c, handle, OBJECT_DOMAIN, BELAY_RIGHT_DEBUG);

    return d && d->kind == BELAY_DOMAIN_VM ? d : NULL;
}

static struct context *debugged_context(const struct context *c, uint64_t handle)
{
    return object(c, handle, OBJECT_CONTEXT, BELAY_RIGHT_DEBUG);
}

int call_debug(struct context *c, uint64_t *x)
{
    struct domain *d = debugged(c, x[0]);
    struct notification *n = x[1] ? object(c, x[1], OBJECT_NOTIFICATION, BELAY_RIGHT_USE) : NULL;
    if (d == NULL || (n == NULL && x[1]))
        return BELAY_EHANDLE;
    if (!domain_freeze(d, NOT_RUNNING))
        return BELAY_ESTATE;
    debug_set((struct vm *)d, n, x[2]);
    domain_thaw(d);
    return BELAY_OK;
}

int call_point(struct context *c, uint64_t *x)
{
    struct domain *d = debugged(c, x[0]);
    if (d == NULL)
        return BELAY_EHANDLE;
    if (!domain_freeze(d, NOT_RUNNING))
        return BELAY_ESTATE;
    int result = d->debugger ? debug_point((struct vm *)d, x[1], x[2], x[3]) : BELAY_ESTATE;
    domain_thaw(d);
    return result;
}

/* What is paused is out of the hardware, and stays as it is; what waits on this CPU does for the time of a call. */
static bool is_still(const struct context *of, const struct context *c)
{
    bool elsewhere = of->own_sched.priority && of->own_sched.cpu != c->sched->cpu;

    if (of->domain->changing == 0 && of->domain->state == BELAY_STATE_PAUSED)
        return true;
    return of != c && of->state != CONTEXT_READY && of->state != CONTEXT_CALLING &&
           !(elsewhere && (of->domain->state == BELAY_STATE_RUNNING || of->domain->changing));
}

static uint64_t thread_register(struct context *of, unsigned reg)
{
    switch (reg) {
    case BELAY_REG_SP_EL0: return context_thread(of)->sp_el0;
    case BELAY_REG_PC:     return of->frame.pc;
    case BELAY_REG_PSTATE: return of->frame.pstate;
    default:               return reg < 31 ? of->frame.x[reg] : 0;
    }
}

int call_regs(struct context *c, uint64_t *x)
{
    struct context *of = debugged_context(c, x[0]);
    if (of == NULL)
        return BELAY_EHANDLE;
    if (x[1] >= BELAY_REG_COUNT)
        return BELAY_EINVAL;
    if (!is_still(of, c))
        return BELAY_ESTATE;
    bool vcpu = context_is_vcpu(of);
    if (vcpu)
        vcpu_evict(context_vcpu(of));
    unsigned first = (unsigned)x[1];
    for (unsigned i = 0; i < 6; i++)                    /* bound: six registers */
        x[1 + i] = vcpu ? debug_read(context_vcpu(of), first + i) : thread_register(of, first + i);
    return BELAY_OK;
}

int call_regs_write(struct context *c, uint64_t *x)
{
    struct context *of = debugged_context(c, x[0]);
    if (of == NULL || !context_is_vcpu(of))
        return BELAY_EHANDLE;
    if (x[1] >= BELAY_REG_COUNT)
        return BELAY_EINVAL;
    if (!domain_freeze(of->domain, PAUSED))
        return BELAY_ESTATE;
    bool in_call = of->state == CONTEXT_CALLING || of->state == CONTEXT_DOWN;
    int result = in_call && x[1] != BELAY_REG_STEP && x[1] != BELAY_REG_HELD
        ? BELAY_EBUSY : debug_write(context_vcpu(of), (unsigned)x[1], x[2]);
    domain_thaw(of->domain);
    return result;
}

int call_debug_pass(struct context *c, uint64_t *x)
{
    struct context *of = debugged_context(c, x[0]);
    if (of == NULL || !context_is_vcpu(of))
        return BELAY_EHANDLE;
    if (!domain_freeze(of->domain, PAUSED))
        return BELAY_ESTATE;
    int result = debug_pass(context_vcpu(of));
    domain_thaw(of->domain);
    return result;
}
