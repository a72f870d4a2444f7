/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercalls (belay/abi.h): each is decoded here, every argument checked, before anything acts. */
#ifndef NUCLEUS_ENTRY_HYPERCALL_H
#define NUCLEUS_ENTRY_HYPERCALL_H

#include <stdint.h>

#include "core/context.h"
#include "core/domain.h"
#include "core/handle.h"

/* A service's SVC, a guest's HVC or SMC of the vendor-specific range. */
void hypercall_service(struct context *c, uint64_t esr);
void hypercall_guest(struct context *c, unsigned number);

/*
 * One hypercall: x[0..5] are its arguments, x[1..6] its results. Returns x0, or
 * CALL_SWITCHED when x0 to x6 stay as they are, because the caller goes on later.
 */
typedef int (*hypercall_fn)(struct context *c, uint64_t *x);
#define CALL_SWITCHED 1

/* The object that a handle of the caller's names with that type and those rights, or NULL: the answer is EHANDLE. */
static inline void *object(const struct context *c, uint64_t handle, enum object_type type, uint32_t rights)
{
    return handle_object(&c->domain->handles, handle, type, rights);
}

/* Gives the caller a handle with all rights: 0 and the handle in *out, or ENOMEM. */
int new_handle(struct context *c, enum object_type type, void *obj, uint32_t value, uint64_t *out);

#define DECLARE_CALL(name) int call_##name(struct context *c, uint64_t *x)

/* calls_ipc.c */
DECLARE_CALL(reply); DECLARE_CALL(call); DECLARE_CALL(wait); DECLARE_CALL(notify); DECLARE_CALL(yield);
DECLARE_CALL(portal_create); DECLARE_CALL(portal_bind); DECLARE_CALL(notification_create);
/* calls_mem.c */
DECLARE_CALL(handle_close); DECLARE_CALL(grant); DECLARE_CALL(mem_split); DECLARE_CALL(mem_merge); DECLARE_CALL(mem_info);
DECLARE_CALL(map); DECLARE_CALL(unmap);
/* calls_domain.c */
DECLARE_CALL(domain_create); DECLARE_CALL(domain_watch); DECLARE_CALL(domain_start); DECLARE_CALL(domain_stop);
DECLARE_CALL(domain_status); DECLARE_CALL(domain_destroy); DECLARE_CALL(vcpu_create);
DECLARE_CALL(thread_create); DECLARE_CALL(sched); DECLARE_CALL(start); DECLARE_CALL(stats);
DECLARE_CALL(exits); DECLARE_CALL(lateness); DECLARE_CALL(activity);
/* calls_debug.c */
DECLARE_CALL(domain_pause); DECLARE_CALL(domain_resume); DECLARE_CALL(debug); DECLARE_CALL(point);
DECLARE_CALL(regs); DECLARE_CALL(regs_write); DECLARE_CALL(debug_pass);
/* calls_machine.c */
DECLARE_CALL(line_set); DECLARE_CALL(line_create); DECLARE_CALL(irq_ack); DECLARE_CALL(irq_create);
DECLARE_CALL(irq_bind); DECLARE_CALL(irq_assign); DECLARE_CALL(trap); DECLARE_CALL(machine_putc);
DECLARE_CALL(machine_off); DECLARE_CALL(trace_start); DECLARE_CALL(trace_stop);
#endif
