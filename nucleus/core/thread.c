/* SPDX-License-Identifier: Apache-2.0 */
#include "core/thread.h"

#include "arm64/hcr.h"
#include "base/assert.h"
#include "base/string.h"
#include "core/domain.h"

static void enter(struct cpu *cpu, struct context *c)
{
    struct thread *t = context_thread(c);

    if (cpu->el0_thread != t || t->stale) {
        thread_leave(cpu);
        cpu->el0_thread = t;
        t->stale = false;
        el0_view_service(t->sp_el0, t->tpidr_el0);
    }
    cpu_set_space(c->domain->space.vttbr, HCR_SERVICE);
}

static void reply(struct context *c, const uint64_t words[4])
{
    c->frame.pc += 4;               /* past the SVC */
    c->frame.x[0] = BELAY_OK;
    for (unsigned i = 0; i < 4; i++)
        c->frame.x[1 + i] = words[i];
}

const struct context_class thread_class = { .exits = thread_exits, .enter = enter, .reply = reply };

struct thread *thread_create(struct domain *service, uint64_t stack)
{
    assert(service->kind == BELAY_DOMAIN_SERVICE);

    struct thread *t = pool_object(&service->pool, sizeof *t);
    if (t == NULL || context_init(&t->context, &thread_class, service) != BELAY_OK)
        return NULL;
    t->stack = stack;
    return t;
}

void thread_begin(struct thread *t, uint64_t pc, uint64_t x0, uint64_t x1)
{
    t->context.frame = (struct frame){ .x = { x0, x1 } };
    t->tpidr_el0 = 0;
    thread_enter_at(t, pc);
}
