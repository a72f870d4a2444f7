/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other CPUs want of a vCPU. Its registers and timers, its SGIs and PPIs
 * and its list registers are touched on its own CPU only; who wants something
 * of it there sets a bit here, and the vCPU sees to that when it comes into the
 * hardware, or at once if it runs or waits.
 *
 * So what is asked of a vCPU is done on its own time, and its CPU is interrupted
 * once for it, whatever is asked again before the vCPU has run: a guest with
 * vCPUs on many CPUs can't take more of one of them than its vCPU there may have.
 * What goes at once costs others as little: it can be asked again only after the vCPU has run.
 */
#ifndef NUCLEUS_VIRT_MAIL_H
#define NUCLEUS_VIRT_MAIL_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* On its own time. SGIs by number, those sent for Group 1 and those for Group 0. */
#define MAIL_SGI(intid, group1) (UINT64_C(1) << ((intid) | (group1 ? 0u : 16u)))
#define MAIL_SGIS    UINT64_C(0xffffffff)
#define MAIL_LOOK    (UINT64_C(1) << 32)    /* SPIs may be for it */
#define MAIL_ERRAND  (UINT64_C(1) << 33)    /* another vCPU's access to its redistributor */
#define MAIL_SENDERS (UINT64_C(1) << 34)    /* SGIs of a GICv2: struct vgic_cpu says which, and whose */
/* At once. */
#define MAIL_GIVE    (UINT64_C(1) << 35)    /* another CPU needs SPIs that are in its list registers */
#define MAIL_WAKE    (UINT64_C(1) << 36)    /* what it waits for has come */
/* Of its own CPU: to be done before it runs. */
#define MAIL_CHOOSE  (UINT64_C(1) << 37)    /* what is in its list registers is to be chosen */
#define MAIL_TLB     (UINT64_C(1) << 38)    /* the TLB may have another vCPU's stage 1 */

void mail_init(struct vcpu *v);

/* One kind of these, but of the last two, to a vCPU on any CPU. */
void mail_send(struct vcpu *v, uint64_t what);

/* One SGI: the short path of the same. */
void mail_send_sgi(struct vcpu *v, uint32_t intid, bool group1);

/* A note to the vCPU itself, on its CPU: one of the last two. */
void mail_note(struct vcpu *v, uint64_t what);

/* Sees to all of it but MAIL_CHOOSE, which it may leave. The vCPU is loaded. */
void mail_read(struct vcpu *v);

/* Nobody wants that of it any more. */
void mail_forget(struct vcpu *v, uint64_t what);

/* SGIs that wait here are made pending. With the VM's lock; the vCPU is within this CPU's reach. */
void mail_take_sgis(struct vcpu *v);
#endif
