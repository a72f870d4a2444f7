/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual counter of a VM whose clock stands still while it is paused: it is behind the host's by what all of its pauses
 * took (CNTVOFF_EL2), for all of its vCPUs alike. Its virtual timers go by it. The physical counter and the physical timer are
 * the host's, and go on.
 */
#ifndef NUCLEUS_VIRT_CLOCK_H
#define NUCLEUS_VIRT_CLOCK_H

#include "core/domain.h"

struct vcpu;
struct vm;

/* Each vCPU follows the clock before it runs again. */
void clock_hears(struct vm *vm, enum domain_news news);

/* The vCPU, on its CPU and not in the hardware, is to follow the clock before it runs. */
void clock_note(struct vcpu *v);

/* A vCPU that has MAIL_CLOCK, and is in the hardware: it leaves that, and will come anew. */
void clock_follow(struct vcpu *v);
#endif
