/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest, its devices and the host do anything with the virtual GIC: a GICv3, or a GICv2 where FUZZ_GICV2 is defined.
 *
 * A well-behaved guest ends the interrupts that it takes in order: then each
 * register that it reads and each interrupt that it takes is what a GIC without
 * list registers would give it. A hostile one does as it likes: then the
 * nucleus's invariants hold all the same.
 */
#include <stdlib.h>

#include "gic_model.h"
#include "vgic_world.h"

#define CHECK(x) do { if (!(x)) abort(); } while (0)
#define STACK 64

#ifdef FUZZ_GICV2
#define V2 true
#else
#define V2 false
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *in, *in_end;
static struct model model;
static unsigned cpus, current;
static bool hostile, separate, stop;
static uint32_t stack[MODEL_CPUS][STACK], late[MODEL_CPUS][STACK];
static unsigned depth[MODEL_CPUS], lates[MODEL_CPUS];
static uint8_t pmr[MODEL_CPUS];

static const struct { uint32_t intid, pintid; } links[] = { { 33, 100 }, { 64, 101 }, { 200, 102 } };

static uint32_t take(unsigned bytes)
{
    uint32_t value = 0;

    while (bytes-- && in < in_end)
        value = value << 8 | *in++;
    return value;
}

/* Few interrupts, so that they meet. */
static uint32_t pick_intid(void)
{
    static const uint16_t some[16] = { 0, 1, 15, 16, 27, 30, 31, 32, 33, 34, 63, 64, 65, 200, 286, 287 };

    return some[take(1) & 15];
}

static uint32_t pick_offset_v2(void)
{
    static const uint16_t blocks[] = { 0x80, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0x400, 0x800, 0xc00, 0xf00, 0xf10,
                                       0xf20 };
    uint32_t how = take(1), intid = pick_intid(), block = blocks[how % 13];

    if ((how & 0x70) == 0x70)
        return take(2) & 0xfff;
    if (block >= 0xf00)
        return block == 0xf00 ? block : block + intid % 16;
    return block + (block == 0x400 || block == 0x800 ? intid : block == 0xc00 ? intid / 16 * 4 : intid / 32 * 4);
}

static uint32_t pick_offset(bool *redist)
{
    if (V2) {
        *redist = false;
        return pick_offset_v2();
    }
    static const uint16_t blocks[] = { 0x80, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0x400, 0xc00, 0x6000 };
    uint32_t how = take(1), intid = pick_intid(), block = blocks[how % 10];

    *redist = how & 0x80 ? intid < 32 : take(1) & 1;
    if ((how & 0x70) == 0x70)
        return take(3) & (*redist ? 0x1ffff : 0xffff);
    uint32_t in_block = block == 0x6000 ? intid * 8 : block == 0x400 ? intid : block == 0xc00 ? intid / 16 * 4 : intid / 32 * 4;
    return block + in_block + (*redist ? 0x10000 : 0);
}

static void compare_host(void)
{
    for (unsigned i = 0; i < 3; i++)
        CHECK(host_active[links[i].pintid] == model.spi[links[i].intid].owed);
    CHECK(host_active[27] == model.private[current][27].owed);
}

static void access_register(bool write)
{
    bool redist;
    uint32_t offset = pick_offset(&redist), cpu = take(1) % cpus, size = 1u << take(1) % 4;
    uint64_t address = (redist ? GICR(cpu) : GICD) + offset, value;
    int frame = redist ? (int)cpu : -1;

    if (V2)
        cpu = current;

    if (size != 1 && take(1) & 7)
        offset &= ~(size - 1), address &= ~(uint64_t)(size - 1);
    if (!write) {
        value = guest_read(address, size);
        if (!hostile)
            CHECK(value == (V2 ? model_v2_read(&model, cpu, offset, size) : model_read(&model, frame, offset, size)));
        return;
    }
    value = take(4) * UINT64_C(0x100000001);
    if (take(1) & 1)
        value = 1u << value % 32;
    guest_write(address, size, value);
    if (hostile)
        return;
    if (V2)
        model_v2_write(&model, cpu, offset, size, value);
    else
        model_write(&model, frame, offset, size, value);
}

/*
 * Which interrupt an EOI ends that is active in no list register, the nucleus
 * can tell by priority only: is it another one's turn?
 */
static bool ambiguous(uint32_t intid)
{
    struct vcpu *v = &world_vcpu[current];

    if (vgic_word(&world_vm, v, intid)->in_lr & intid_bit(intid) && model_irq(&model, current, intid)->active)
        return false;
    for (uint32_t i = 0; i < VGIC_INTIDS; i++)
        if (vgic_word(&world_vm, v, i)->active & intid_bit(i) && vgic_home(&world_vm, v, i) == v && i != intid &&
            (*vgic_priority(&world_vm, v, i) <= *vgic_priority(&world_vm, v, intid) ||
             !model_irq(&model, current, intid)->active))
            return true;
    return false;
}

static unsigned running(void)
{
    uint32_t active = (uint32_t)(FAKE_SYSREG(S3_4_C12_C8_0)->value | FAKE_SYSREG(S3_4_C12_C9_0)->value);

    return active ? (unsigned)__builtin_ctz(active) * 8 : 256;
}

static bool signalled(uint32_t intid, unsigned below)
{
    unsigned priority = model_irq(&model, current, intid)->priority & 0xf8u;

    return model_forwarded(&model, current, intid) && priority < below && priority < pmr[current];
}

static void ack(void)
{
    unsigned was = running(), best = model_highest(&model, current);

    if (depth[current] == STACK)
        return;
    if (best >= was || best >= pmr[current])
        best = 256;
    world_waits = 0;
    world_settle();
    bool lax = hostile || !world_settled();     /* another vCPU lost its CPU before it was known what it had ended */
    CHECK(lax || best == 256 || vgic_pending(&world_vcpu[current]));
    uint32_t taken = guest_ack(), intid = taken & 0x3ff, sender = taken >> 10;
    if (intid == NO_INTERRUPT) {
        CHECK(lax || best == 256);
        return;
    }
    stack[current][depth[current]++] = taken;
    if (hostile)
        return;
    CHECK(signalled(intid, was) && (lax || (model_irq(&model, current, intid)->priority & 0xf8u) == best));
    if (V2 && intid < 16) {
        CHECK(model_irq(&model, current, intid)->senders >> sender & 1);
        model_v2_ack_sgi(&model, current, intid, sender);
    } else {
        model_ack(&model, current, intid);
    }
}

static void eoi(void)
{
    if (hostile) {
        guest_eoi(take(1) & 1 ? pick_intid() : take(2));
        return;
    }
    if (depth[current] == 0)
        return;
    uint32_t intid = stack[current][--depth[current]];
    if (!separate && ambiguous(intid & 0x3ff)) {
        stop = true;
        return;
    }
    guest_eoi(intid);
    if (!separate)
        model_deactivate(&model, current, intid & 0x3ff);
    else if (lates[current] < STACK)
        late[current][lates[current]++] = intid;
}

static void dir(void)
{
    if (hostile) {
        guest_dir(take(1) & 1 ? pick_intid() : take(3));
        return;
    }
    if (lates[current] == 0)
        return;
    unsigned n = take(1) % lates[current];
    uint32_t intid = late[current][n];
    late[current][n] = late[current][--lates[current]];
    guest_dir(intid);
    model_deactivate(&model, current, intid & 0x3ff);
}

static void fire(void)
{
    uint32_t n = take(1) % 4;

    if (n < 3 && !host_active[links[n].pintid]) {
        host_fires(links[n].intid, links[n].pintid);
        model_host_fires(&model, 0, links[n].intid);
    }
    if (n == 3 && !host_active[27]) {
        host_fires(27, 27);
        model_host_fires(&model, current, 27);
    }
}

static void line(void)
{
    uint32_t intid = pick_intid() | 16, cpu = take(1);
    bool level = cpu & 0x80;

    cpu %= cpus;
    world_line(&world_vcpu[cpu], intid, level);
    model_line(&model, cpu, intid, level);
    world_settle();
}

static void write_both(bool redist, uint32_t offset, unsigned size, uint64_t value)
{
    if (V2) {
        guest_write(GICD + (offset & 0xfff), size, value);
        model_v2_write(&model, current, offset & 0xfff, size, value);
        return;
    }
    guest_write((redist ? GICR(current) : GICD) + offset, size, value);
    model_write(&model, redist ? (int)current : -1, offset, size, value);
}

static void sgi(void)
{
    if (V2) {
        write_both(false, 0xf00, 4, take(4) & 0x3ff000f);
        world_settle();
        return;
    }
    uint32_t how = take(1), low = take(4);
    uint64_t value = how & 8 ? low : (low & 0x0f0000ff);

    value |= how & 4 ? UINT64_C(1) << 40 : 0;
    value |= how & 0x80 ? (uint64_t)take(4) << 32 : 0;
    vgic_sgi(&world_vcpu[current], value, how & 1);
    model_sgi(&model, current, value, how & 1);
    world_deliver();
    world_settle();
}

static void load(void)
{
    bool other_cpu = world_vcpu[current].context.own_sched.cpu != 0;

    current = take(1) % cpus;
    if (!other_cpu)
        world_load(NULL);
    world_load(&world_vcpu[current]);
}

static void mask(void)
{
    pmr[current] = take(1) & 1 ? 0xf8 : take(1) & 0xf8;
    guest_set_pmr(pmr[current]);
}

/* One bit of one of the bitmap registers, of an interrupt that is like to matter. */
static void write_bit(void)
{
    uint32_t intid = pick_intid(), block = 0x100 + take(1) % 6 * 0x80;

    write_both(intid < 32, (intid < 32 ? 0x10000 : 0) + block + intid / 32 * 4, 4, 1u << intid % 32);
}

static void pend(void)
{
    uint32_t intid = pick_intid();

    write_both(intid < 32, (intid < 32 ? 0x10000 : 0) + 0x200 + intid / 32 * 4, 4, 1u << intid % 32);
}

static void prioritise(void)
{
    uint32_t intid = pick_intid();

    write_both(intid < 32, (intid < 32 ? 0x10000 : 0) + 0x400 + intid, 1, take(1));
}

static void route(void)
{
    uint32_t intid = pick_intid() | 32;

    if (V2)
        write_both(false, 0x800 + intid, 1, take(1));
    else
        write_both(false, 0x6000 + intid * 8, 4, take(1) % 4);
}

static void any_register(void) { access_register(take(1) & 1); }
static void any_read(void) { access_register(false); }

static void step(void)
{
    static void (*const acts[])(void) = {
        ack, ack, ack, eoi, eoi, dir, dir, fire, line, line, sgi, load, mask, write_bit, pend, pend, prioritise,
        route, any_register, any_read,
    };

    uint32_t how = take(1);

    world_waits = how >> 5;         /* a host interrupt comes in between */
    acts[(how & 31) % (sizeof acts / sizeof acts[0])]();
    world_waits = 0;
    world_check();
    if (!hostile && !stop && world_settled())     /* what the guest ended, the nucleus knows of */
        compare_host();
}

/* Everything is on, priorities as they come: there is much to do at once. */
static void enable_all(void)
{
    for (current = 0; current < cpus; current++) {
        world_load(&world_vcpu[current]);
        for (uint32_t word = 0; word < VGIC_WORDS; word++)
            write_both(word == 0, (word ? 0 : 0x10000) + 0x100 + word * 4, 4, ~0u);
    }
    current = 0;
    world_load(&world_vcpu[0]);
    for (unsigned i = 0; i < 16; i++)
        prioritise();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    in = data;
    in_end = data + size;
    uint32_t how = take(1);
    hostile = how & 1;
    separate = how & 2;
    stop = false;
    cpus = how & 4 ? 2 : how & 8 ? 3 : 1;
    current = 0;
    unsigned on = 1 + (how >> 2 & 3 ? take(1) % 3 : 0);
    (V2 ? world_make_v2 : world_make_on)(cpus, how & 16 ? 2 : how & 32 ? 16 : 4, on < cpus ? on : cpus);
    world_lazy = how & 64;
    (V2 ? model_v2_reset : model_reset)(&model, cpus);
    world_open();
    model.ctlr = 3;
    for (unsigned i = 0; i < cpus; i++) {
        world_load(&world_vcpu[i]);
        guest_eoimode(separate);
        depth[i] = lates[i] = 0;
        pmr[i] = 0xf8;
    }
    world_load(&world_vcpu[0]);
    for (unsigned i = 0; i < 3; i++)
        vgic_assign(&world_vm, links[i].intid, links[i].pintid);
    if (how & 128)
        enable_all();
    while (in < in_end && !stop)
        step();
    for (unsigned i = 0; i < cpus; i++) {
        world_load(&world_vcpu[i]);
        world_load(NULL);
    }
    world_check();
    vgic_reset(&world_vm);
    for (unsigned i = 0; i < 3; i++)
        CHECK(!host_active[links[i].pintid]);
    return 0;
}
