/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List registers: all that can become of a few interrupts, more than there are list registers, of every kind (an SGI,
 * the timer's PPI, an SPI with a line, one with a host interrupt behind it), in any order. In every state that a
 * guest comes to which ends what it takes in order, it takes the interrupt, and reads the registers, that
 * a GIC without list registers would give it (tests/fuzz/gic_model.c): none is lost, none comes twice, and
 * no host interrupt stays active. The invariants of tests/unit/vgic_world.c hold.
 */
#include <stdio.h>
#include <string.h>

#include "../fuzz/fuzz_vgic.c"
#include "explore.h"
#include "lists.h"

static const struct world {
    const char *name;
    unsigned lrs, vcpus, interrupts;    /* the first of `used` */
    bool separate;      /* priority drop and deactivation: EOImode 1 */
    bool late;          /* maintenance interrupts come later */
    bool registers;     /* the guest writes the registers, too */
} worlds[] = {
    { "one list register", 1, 1, 4, false, false, true },
    { "late maintenance", 1, 1, 4, false, true, true },
    { "two list registers", 2, 1, 5, false, false, false },
    { "EOImode 1", 2, 1, 4, true, false, true },
    { "two vCPUs", 1, 2, 3, false, false, true },
    { "late maintenance, two vCPUs", 1, 2, 4, true, true, false },
};
static const struct world *world;

/* All that a guest can see of the interrupts' state. Reading it takes them out of list registers, and puts them back. */
static void read_all(void)
{
    static const struct { bool redist; uint32_t word; } where[] = { { true, 0 }, { false, 1 }, { false, 8 } };

    for (unsigned i = 0; i < 3; i++)
        for (uint32_t block = 0x100; block < 0x400; block += 0x100) {
            uint32_t offset = (where[i].redist ? 0x10000 : 0) + block + where[i].word * 4;
            CHECK(guest_read((where[i].redist ? GICR(current) : GICD) + offset, 4) ==
                  model_read(&model, where[i].redist ? (int)current : -1, offset, 4));
        }
}

/* Bytes as fuzz_vgic.c takes them. */
static const struct action { const char *name; void (*act)(void); bool of_registers; uint8_t bytes[6]; } action[] = {
    { "acknowledge", ack, false, { 0 } },
    { "end", eoi, false, { 0 } },
    { "deactivate the first", dir, false, { 0 } },
    { "deactivate the second", dir, false, { 1 } },
    { "the timer fires", fire, false, { 3 } },
    { "a host SPI fires", fire, false, { 0 } },
    { "the line goes up", line, false, { 14, 0x80 } },
    { "the line goes down", line, false, { 14, 0 } },
    { "SGI 1 to vCPU 0", sgi, false, { 1, 1, 0, 0, 1 } },
    { "SGI 15 to vCPU 0", sgi, false, { 1, 15, 0, 0, 1 } },
    { "vCPU 0 is switched away from", load, false, { 0 } },
    { "vCPU 1 comes", load, false, { 1 } },
    { "maintenance", world_settle, false, { 0 } },
    { "SPI 33 is disabled", write_bit, true, { 8, 1 } },
    { "SPI 33 is enabled", write_bit, true, { 8, 0 } },
    { "SPI 33 is made pending", write_bit, true, { 8, 2 } },
    { "SPI 33 is made not pending", write_bit, true, { 8, 3 } },
    { "SPI 33 is made active", write_bit, true, { 8, 4 } },
    { "SPI 33 is routed to vCPU 1", route, true, { 8, 1 } },
    { "SPI 33 is routed to vCPU 0", route, true, { 8, 0 } },
    { "SPI 286 is made pending", write_bit, true, { 14, 2 } },
    { "SPI 286 is made active", write_bit, true, { 14, 4 } },
    { "registers are read", read_all, false, { 0 } },
};
#define ACTIONS (sizeof action / sizeof action[0])

/* Of fuzz_vgic.c's list. The last two are alike in priority. */
static const struct { uint32_t intid; uint8_t priority; } used[] = {
    { 27, 0x40 }, { 286, 0x60 }, { 33, 0xa0 }, { 1, 0x80 }, { 15, 0x80 },
};

/* What lies in no region by itself. */
static struct { uint64_t current, registers[WORLD_REGISTERS]; } also;

static void to_save(void)
{
    also.current = current;
    world_registers(also.registers, true);
}

static void put_back(void)
{
    current = (unsigned)also.current;
    world_registers(also.registers, false);
}

static bool applies(const struct action *a)
{
    if (a->of_registers && !world->registers)
        return false;
    if (a->act == dir)
        return lates[current] > a->bytes[0];
    if (a->act == eoi)
        return depth[current] && (separate || !ambiguous(stack[current][depth[current] - 1]));
    if (a->act == fire)
        return !host_active[a->bytes[0] == 3 ? 27 : 100];
    if (a->act == sgi)
        return world->interrupts > (a->bytes[1] == 1 ? 3 : 4);
    if (a->act == route || (a->act == load && a->bytes[0]))
        return world->vcpus > 1;
    return a->act != world_settle || world_lazy;
}

static bool act(unsigned n)
{
    const struct action *a = &action[n];

    if (!applies(a))
        return false;
    in = a->bytes;
    in_end = in + sizeof a->bytes;
    a->act();
    return true;
}

static void check(void)
{
    world_check();
    if (world_settled())
        compare_host();
}

static void state(void)
{
    explore_word(current);
    for (unsigned i = 0; i < world->vcpus; i++) {
        world_state_of_vcpu(&world_vcpu[i], world->lrs);
        for (unsigned n = 0; n < depth[i]; n++)
            explore_word(stack[i][n]);
        for (unsigned n = 0; n < lates[i]; n++)
            explore_word(1000 + late[i][n]);
        explore_word((uint64_t)depth[i] << 32 | lates[i]);
    }
    explore_word(world_vm.gic.counting);
    for (unsigned i = 0; i < world->interrupts; i++) {
        uint32_t intid = used[i].intid;
        for (unsigned cpu = 0; cpu < (intid < 32 ? world->vcpus : 1); cpu++) {
            const struct model_irq *q = model_irq(&model, cpu, intid);
            explore_word(q->enabled | q->latch << 1 | q->line << 2 | q->active << 3 | q->owed << 4);
            explore_word(q->router << 8 | (q->active ? q->owner : 0));
        }
        if (intid < 32)
            continue;
        const struct vgic_word *w = &world_vm.gic.word[intid / 32 - 1];
        world_state_of_word(w);
        for (unsigned cpu = 0; cpu < world->vcpus; cpu++) {
            const struct vgic_cpu *g = &world_vcpu[cpu].gic;
            bool owns = (w->in_lr | w->active) & g->owner[intid / 32] & intid_bit(intid);
            explore_word((g->target[intid / 32] & intid_bit(intid) ? 1 : 0) | (owns ? 2 : 0));
        }
        const struct lines *l = &world_vm.lines;
        explore_word((uint64_t)l->level[intid / 32 - 1] << 32 | l->driven[intid / 32 - 1]);
        explore_word(l->fired[intid / 32 - 1]);
    }
    explore_word(host_active[27] | host_active[100] << 1);
}

static void tell(unsigned n) { printf("    %s\n", action[n].name); }

static void make(void)
{
    hostile = stop = false;
    separate = world->separate;
    cpus = world->vcpus;
    current = 0;
    world_make_on(cpus, world->lrs, 1);
    world_lazy = world->late;
    model_reset(&model, cpus);
    world_open();
    model.ctlr = 3;
    for (unsigned i = 0; i < cpus; i++) {
        world_load(&world_vcpu[i]);
        guest_eoimode(separate);
        depth[i] = lates[i] = 0;
        pmr[i] = 0xf8;
        for (unsigned n = 0; n < world->interrupts; n++) {
            uint32_t intid = used[n].intid, frame = intid < 32 ? 0x10000 : 0;
            current = i;
            write_both(frame, frame + 0x400 + intid, 1, used[n].priority);
            write_both(frame, frame + 0x80 + intid / 32 * 4, 4, UINT32_MAX);
            write_both(frame, frame + 0x100 + intid / 32 * 4, 4, 1u << intid % 32);
        }
    }
    current = 0;
    world_load(NULL);
    world_load(&world_vcpu[0]);
    vgic_assign(&world_vm, 33, 100);
}

int main(int arguments, char **argument)
{
    const struct region regions[] = {
        { &world_vm, sizeof world_vm / 8 * 8 }, { world_vcpu, 2 * sizeof world_vcpu[0] }, world_cpu_region(),
        { host_active, sizeof host_active / 8 * 8 }, { &model, sizeof model / 8 * 8 },
        { stack, sizeof stack },
        { late, sizeof late }, { depth, sizeof depth }, { lates, sizeof lates }, { &also, sizeof also },
        { NULL, 0 },
    };
    struct exploration x = { .regions = regions, .actions = ACTIONS, .to_save = to_save, .put_back = put_back, .act = act,
                             .check = check, .state = state, .tell = tell };

    x.depth = arguments > 2 ? (unsigned)atoi(argument[2]) : 0;
    for (world = worlds; world < worlds + sizeof worlds / sizeof worlds[0]; world++) {
        if (arguments > 1 && strcmp(argument[1], world->name) != 0)
            continue;
        make();
        explore(&x, world->name);
    }
    return 0;
}
