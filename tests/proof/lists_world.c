/* SPDX-License-Identifier: Apache-2.0 */
#include "lists.h"

#include "../unit/fake_sysreg.c"
#include "../unit/vgic_world.c"

void world_registers(uint64_t value[WORLD_REGISTERS], bool out)
{
    for (unsigned i = 0; i < count; i++)
        if (out)
            value[i] = table[i].value;
        else
            table[i].value = value[i];
}

struct region world_cpu_region(void)
{
    return (struct region){ world_cpu, sizeof world_cpu[0] / 8 * 8 };
}

void world_state_of_word(const struct vgic_word *w)
{
    explore_word((uint64_t)w->enabled << 32 | w->group);
    explore_word((uint64_t)w->latch << 32 | w->level);
    explore_word((uint64_t)w->active << 32 | w->edge);
    explore_word((uint64_t)w->in_lr << 32 | w->hw);
}

void world_state_of_vcpu(const struct vcpu *v, unsigned list_registers)
{
    uint32_t in_use = v->ich.used | v->ich.ended;
    bool in_hw = is_loaded(v);

    explore_word(in_hw);
    explore_word((uint64_t)v->ich.used << 32 | v->ich.ended);
    explore_word((uint64_t)v->ich.ppis << 32 | (v->gic.lr_latched & in_use));
    explore_word(v->mail);
    explore_word(v->context.state);
    explore_word(v->ich.hcr);
    explore_word(in_hw ? FAKE_SYSREG(ICH_HCR_EL2)->value : 0);
    explore_word(in_hw ? ap(false)->value << 32 | ap(true)->value : (uint64_t)v->ich.ap0r[0] << 32 | v->ich.ap1r[0]);
    for (unsigned n = 0; n < list_registers; n++) {
        explore_word(in_use >> n & 1 ? v->ich.lr[n] : 0);
        explore_word(in_hw && v->ich.used >> n & 1 ? lr_register(n)->value : 0);
    }
    world_state_of_word(&v->gic.word);
}
