/* SPDX-License-Identifier: Apache-2.0 */
/* What a vCPU stands on, for tests of the vCPU itself: no hardware, no virtual interrupts. */
#include "arm64/el1.h"
#include "gic/ich.h"
#include "virt/debug.h"
#include "virt/line.h"
#include "virt/mail.h"
#include "virt/mmio.h"
#include "virt/vcpu.h"
#include "virt/vgic.h"

bool el1_rare;

void vgic_choose_now(struct vcpu *of) { (void)of; }
bool vgic_pending(struct vcpu *of) { (void)of; return false; }
void vgic_leave(struct vcpu *of) { (void)of; }
void vgic_reset(struct vm *m) { (void)m; }
void lines_init(struct vm *m) { (void)m; }
void lines_bring(struct vm *m) { (void)m; }
void mail_init(struct vcpu *of) { (void)of; }
void mail_note(struct vcpu *of, uint64_t what) { of->mail |= what; }
void mail_read(struct vcpu *of) { of->mail = 0; }
void mmio_finish(struct vcpu *of, uint64_t value, uint64_t flags) { (void)of, (void)value, (void)flags; }
void debug_reset(struct vcpu *of) { (void)of; }
void el1_reset(struct el1_state *s, uint64_t vmpidr) { *s = (struct el1_state){ .vmpidr = vmpidr, .aarch32 = s->aarch32 }; }
void el1_save(struct el1_state *s) { (void)s; }
void el1_restore(const struct el1_state *s) { (void)s; }
void el1_save_rare(struct el1_state *s) { (void)s; }
void el1_restore_rare(const struct el1_state *s) { (void)s; }
void el1_use_aarch32(struct el1_state *s) { s->aarch32.on = true; }
void ich_reset(struct ich_state *s) { (void)s; }
void ich_reset_interface(struct ich_state *s) { (void)s; }
void ich_save(struct ich_state *s) { (void)s; }
void ich_restore(const struct ich_state *s) { (void)s; }
