/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A steward, services and guests that make any hypercall with any arguments, and leave in all other ways that there
 * are, while time passes and interrupts come. The nucleus's own assertions are on, and it looks at no memory but its
 * own (ASan). Whatever comes: what runs is what may, answers are those of the ABI, extents do not overlap, what counts
 * their handles is right, and no translation table leads to a domain's pool or to what is nobody's.
 */
#include <stdlib.h>
#include <string.h>

#include "arm64/syndrome.h"
#include "core/mem.h"
#include "nucleus_world.h"
#include "virt/vcpu.h"

#define CHECK(x) do { if (!(x)) abort(); } while (0)
#define DEVICES  UINT64_C(0x0a000000)     /* that a service may have */
#define MEMS     1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *in, *in_end;
static bool destroyed;                  /* a domain, perhaps by half: what it had is in no table */

static uint64_t take(unsigned bytes)
{
    uint64_t value = 0;

    while (bytes-- && in < in_end)
        value = value << 8 | *in++;
    return value;
}

/*
 * What each hypercall is given, so that most get past the first check. Capitals are handles: Domain, Mem, Context,
 * Portal, Notification, Irq, Line, machine (X), H any. p pages, a an address, f flags or rights, n a small number, i an
 * INTID, s SCHED's word, t a time, r a register, w anything.
 */
static const char *const arguments[BELAY_HC_COUNT] = {
    [BELAY_HC_REPLY] = "wwww", [BELAY_HC_CALL] = "Pwwww", [BELAY_HC_WAIT] = "Nt", [BELAY_HC_NOTIFY] = "Nw",
    [BELAY_HC_LINE_SET] = "Ln", [BELAY_HC_IRQ_ACK] = "I", [BELAY_HC_YIELD] = "", [BELAY_HC_HANDLE_CLOSE] = "H",
    [BELAY_HC_GRANT] = "DHfn", [BELAY_HC_MEM_SPLIT] = "Mp", [BELAY_HC_MEM_INFO] = "M", [BELAY_HC_MAP] = "DMpapf",
    [BELAY_HC_UNMAP] = "Dap", [BELAY_HC_DOMAIN_CREATE] = "Mnfw", [BELAY_HC_DOMAIN_WATCH] = "DNw",
    [BELAY_HC_DOMAIN_START] = "D", [BELAY_HC_DOMAIN_STOP] = "D", [BELAY_HC_DOMAIN_STATUS] = "D",
    [BELAY_HC_VCPU_CREATE] = "D", [BELAY_HC_THREAD_CREATE] = "Da", [BELAY_HC_SCHED] = "Cstt", [BELAY_HC_START] = "Caww",
    [BELAY_HC_REGS] = "Cr", [BELAY_HC_PORTAL_CREATE] = "Daw", [BELAY_HC_PORTAL_BIND] = "PnC", [BELAY_HC_TRAP] = "DapP",
    [BELAY_HC_NOTIFICATION_CREATE] = "D", [BELAY_HC_IRQ_CREATE] = "Xin", [BELAY_HC_IRQ_BIND] = "INw",
    [BELAY_HC_IRQ_ASSIGN] = "IDi", [BELAY_HC_LINE_CREATE] = "Di", [BELAY_HC_MACHINE_PUTC] = "Xw",
    [BELAY_HC_MACHINE_OFF] = "Xw", [BELAY_HC_TRACE_START] = "XnMw", [BELAY_HC_STATS] = "C",
    [BELAY_HC_DOMAIN_DESTROY] = "D", [BELAY_HC_MEM_MERGE] = "MM", [BELAY_HC_DOMAIN_PAUSE] = "Dn",
    [BELAY_HC_DOMAIN_RESUME] = "Dn", [BELAY_HC_DEBUG] = "DNw", [BELAY_HC_POINT] = "Dnwf", [BELAY_HC_REGS_WRITE] = "Crw",
    [BELAY_HC_DEBUG_PASS] = "C", [BELAY_HC_EXITS] = "Cn", [BELAY_HC_TRACE_STOP] = "Xn", [BELAY_HC_LATENESS] = "C",
    [BELAY_HC_ACTIVITY] = "C",
};

static uint64_t anything(void)
{
    uint64_t how = take(1);

    switch (how & 7) {
    case 0:  return how >> 3;
    case 1:  return UINT64_C(1) << (how >> 3) * 2;
    case 2:  return ~UINT64_C(0) << (how >> 3) * 2;
    case 3:  return take(8);
    default: return take(2);
    }
}

static bool is_of(const struct handle *h, enum object_type type)
{
    return handle_type(h->tag) == type || (type == OBJECT_DOMAIN && handle_type(h->tag) == OBJECT_LEAVING);
}

/* One of the caller's of that type, if it has one; for D also what is being destroyed. */
static uint64_t handle(const struct handle_table *t, enum object_type type)
{
    unsigned how = (unsigned)take(1), skip = how & 15;
    uint32_t found = 0;

    if (how >= 0xf0)
        return take(1);
    for (uint32_t turn = 0; turn < 2 && (turn == 0 || found); turn++)
        for (uint32_t h = 1; h < t->slots; h++)
            if (is_of(&t->slot[h], type)) {
                found = h;
                if (skip-- == 0)
                    return h;
            }
    return found;
}

static uint64_t address(void)
{
    static const uint64_t some[] = {
        0, 0x400000, 0x08000000, 0x080a0000, DEVICES, 0x40000000, 0x401ff000, 0x7fffe00000,
    };
    uint64_t how = take(1);

    return how >= 0xf8 ? anything() : some[how & 7] + (how >> 3) * PAGE_SIZE;
}

static uint64_t argument(char kind, const struct handle_table *t)
{
    static const struct { char kind; enum object_type type; } types[] = {
        { 'D', OBJECT_DOMAIN }, { 'M', OBJECT_MEM }, { 'C', OBJECT_CONTEXT }, { 'P', OBJECT_PORTAL },
        { 'N', OBJECT_NOTIFICATION }, { 'I', OBJECT_IRQ }, { 'L', OBJECT_LINE }, { 'X', OBJECT_MACHINE },
    };

    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].kind == kind)
            return handle(t, types[i].type);
    switch (kind) {
    case 'a': return address();
    case 'p': return (take(1) & 31) * PAGE_SIZE;
    case 'f': return take(1) & 63;
    case 'n': return take(1) & 15;
    case 'H': return take(1) % (t->slots + 1);
    case 'i': return 30 + (take(1) & 15);
    case 'r': return take(1) % (BELAY_REG_COUNT + 4);
    case 't': return (take(1) & 1) * world_clock + take(1) * 64;
    case 's': return BELAY_SCHED(take(1) / 255, 100 + take(1) % 50, take(1) / 100);
    default:  return anything();
    }
}

/* Memory that a call may make the nucleus's own. */
static void lend(const struct context *c, const char *kinds, const uint64_t *x)
{
    const char *m = strchr(kinds, 'M');
    struct mem *lent = m ? handle_object(&c->domain->handles, x[m - kinds], OBJECT_MEM, 0) : NULL;

    if (lent && lent->pool_of == NULL)
        world_lend(lent);
}

static bool service_calls(struct context *c)
{
    unsigned number = (unsigned)take(1) % (BELAY_HC_COUNT + 1);
    const char *kinds = number < BELAY_HC_COUNT && arguments[number] ? arguments[number] : "";
    uint64_t *x = c->frame.x;

    if (number == BELAY_HC_MACHINE_OFF && take(1) < 250)
        return true;
    for (unsigned i = 0; kinds[i]; i++)
        x[i] = argument(kinds[i], &c->domain->handles);
    if (number == BELAY_HC_DOMAIN_CREATE || number == BELAY_HC_TRACE_START)
        lend(c, kinds, x);
    destroyed |= number == BELAY_HC_DOMAIN_DESTROY;
    uint64_t place = x[0];
    bool goes_on = world_exit(c, (uint64_t)EC_SVC << 26 | ESR_IL | number);
    if (goes_on && number == BELAY_HC_DOMAIN_DESTROY && world_cpu.current == c && x[0] == BELAY_OK && x[1] == place) {
        struct mem *pool = handle_object(&c->domain->handles, place, OBJECT_MEM, 0);
        CHECK(pool && pool->pool_of == NULL);
        world_take_back(pool);
    }
    if (goes_on && number != BELAY_HC_CALL && number != BELAY_HC_REPLY && world_cpu.current == c)
        CHECK((int64_t)x[0] <= 0 && (int64_t)x[0] >= BELAY_EEXIST);
    return goes_on;
}

static bool guest_calls(struct context *c, unsigned class)
{
    uint64_t how = take(1), *x = c->frame.x;

    uint64_t psci = (how & 0x20 ? 0xc4000000 : 0x84000000) | (how & 15);
    x[0] = how & 0x80 ? BELAY_SMCCC(how & 0x7f) : how & 0x40 ? anything() : psci;
    x[1] = how & 0x80 ? take(1) : address();
    for (unsigned i = 2; i < 5; i++)
        x[i] = how & 0x10 ? address() : anything();
    return world_exit(c, (uint64_t)class << 26 | ESR_IL | (how == 0xff));
}

static bool guest_accesses(struct context *c, unsigned class)
{
    static const uint8_t codes[] = { 4, 5, 6, 7, 7, 7, 7, 0xf, 0xd, 0x10, 0x21, 0x35 };
    uint64_t how = take(4), at = address() + (take(1) << 2) + (how >> 30);      /* mostly plain ones of four bytes */
    if (how & 0x4000000)
        how = (how & 0x1f0040) | 0x1800000;

    FAKE_SYSREG(far_el2)->value = at | (how & 0x20 ? UINT64_C(1) << 63 : 0);
    FAKE_SYSREG(hpfar_el2)->value = at >> 12 << 4 & UINT64_C(0xfffffffffff0);
    world_insn = how & 0x40 ? (uint32_t)take(4) : 0;
    c->frame.x[how >> 16 & 15] = anything();
    return world_exit(c, (uint64_t)class << 26 | ESR_IL | (how & 0x1ffffc0) | codes[take(1) % sizeof codes]);
}

static bool guest_traps(struct context *c)
{
    static const uint32_t some[] = {
        SYSREG_ENC(3, 0, 12, 11, 5), SYSREG_ENC(3, 0, 12, 11, 5), SYSREG_ENC(3, 0, 12, 11, 7),      /* ICC_SGI1R, SGI0R */
        SYSREG_ENC(3, 0, 12, 11, 1), SYSREG_ENC(3, 3, 14, 0, 1), SYSREG_ENC(3, 3, 14, 2, 0),        /* DIR, CNTPCT, CNTP */
        SYSREG_ENC(3, 3, 14, 2, 1), SYSREG_ENC(3, 3, 14, 2, 2), SYSREG_ENC(3, 0, 0, 4, 0),          /* CNTP, ID */
        SYSREG_ENC(2, 0, 1, 0, 4), SYSREG_ENC(2, 0, 0, 0, 4), SYSREG_ENC(2, 0, 0, 0, 5),            /* OSLAR, DBGBVR, BCR */
        SYSREG_ENC(2, 0, 0, 1, 6), SYSREG_ENC(2, 0, 0, 1, 7), SYSREG_ENC(2, 0, 0, 2, 2),            /* DBGWVR, WCR, MDSCR */
        SYSREG_ENC(1, 0, 7, 14, 2), SYSREG_ENC(3, 3, 9, 12, 0),                                     /* DC CISW, PMCR */
    };
    uint64_t how = take(1);
    uint32_t known = some[(how >> 1) % (sizeof some / sizeof some[0])] | 2 << 5 | (how & 1);
    uint32_t iss = how & 0x80 ? (uint32_t)take(4) & 0x3fffff : known;

    c->frame.x[(iss >> 5 & 31) % 31] = anything();
    return world_exit(c, (uint64_t)EC_SYSREG << 26 | ESR_IL | iss);
}

static bool guest_leaves(struct context *c)
{
    static const uint8_t other[] = { EC_BREAK_LOWER, EC_STEP_LOWER, EC_WATCHPOINT_LOWER, EC_BRK, EC_SVE, 0 };
    static const uint16_t pstates[] = { 0x3c5, 0x5, 0x0, 0x4, 0x1d0, 0x10 };
    uint64_t how = take(1);

    c->frame.pc = 0x40000000 | (c->frame.pc + 4) % WORLD_EXTENT_BYTES;      /* its handlers get somewhere */
    if (how >= 0xf0)
        c->frame.pstate = pstates[how % (sizeof pstates / sizeof pstates[0])];
    switch (how & 15) {
    case 0: case 1:                  return world_exit(c, (uint64_t)EC_WFX << 26 | ESR_IL | (how >> 4 & 1));
    case 2: case 3: case 4: case 5:  return guest_calls(c, how & 0x10 ? EC_SMC : EC_HVC);
    case 6: case 7: case 8:          return guest_traps(c);
    case 9: case 10: case 11:        return guest_accesses(c, EC_DABT_LOWER);
    case 12:                         return guest_accesses(c, EC_IABT_LOWER);
    case 13:                         return world_exit(c, (uint64_t)other[how / 16 % sizeof other] << 26 | ESR_IL);
    case 14:                         return guest_accesses(c, EC_DABT_LOWER);
    default:                         return c == world_cpu.fp_owner || world_exit(c, (uint64_t)EC_FP << 26);
    }
}

static bool step(void)
{
    struct context *c = world_cpu.current;
    uint64_t how = take(1);

    CHECK(c->state == CONTEXT_READY && c->domain->state == BELAY_STATE_RUNNING);
    if (how >= 0xf0) {
        world_pass(how & 8 ? UINT64_C(1) << take(1) % 40 : take(1));
        return world_interrupt(0);
    }
    if (how >= 0xe0)
        return world_interrupt(32 + (how & 15));
    if (context_is_vcpu(c))
        return guest_leaves(c);
    if (how == 0xdf)
        return c == world_cpu.fp_owner || world_exit(c, (uint64_t)EC_FP << 26);
    if (how == 0xde && c->domain != domains[1])
        return world_exit(c, (uint64_t)EC_DABT_LOWER << 26);
    return service_calls(c);
}

/* A machine, made by the steward as ours does it: else it would take an input long to come so far. */

static uint64_t ask(unsigned number, const uint64_t x[6])
{
    struct context *c = world_cpu.current;

    memcpy(c->frame.x, x, 6 * sizeof *x);
    if (number == BELAY_HC_DOMAIN_CREATE)
        lend(c, arguments[number], x);
    CHECK(world_exit(c, (uint64_t)EC_SVC << 26 | ESR_IL | number) && c->frame.x[0] == BELAY_OK);
    return c->frame.x[1];
}

#define ASK(name, ...) ask(BELAY_HC_##name, (const uint64_t[6]){ __VA_ARGS__ })

static uint64_t make_service(uint64_t vm)
{
    uint64_t service = ASK(DOMAIN_CREATE, BELAY_H_MEM + 2, BELAY_DOMAIN_SERVICE, 16, 0x76);
    uint64_t portal = ASK(PORTAL_CREATE, service, 0x400000, 7);

    for (unsigned i = 0; i < 2; i++)
        ASK(PORTAL_BIND, portal, i, ASK(THREAD_CREATE, service, 0x500000));
    ASK(TRAP, vm, DEVICES, 0x10000, portal);
    ASK(GRANT, vm, portal, BELAY_RIGHT_ALL, 1);
    return service;
}

static void make_machine(uint64_t how)
{
    uint64_t bell = ASK(NOTIFICATION_CREATE, BELAY_H_SELF), vcpu[2];
    uint64_t vm = ASK(DOMAIN_CREATE, BELAY_H_MEM, BELAY_DOMAIN_VM, 16, 0x6d76);
    uint64_t sched = BELAY_SCHED(0, how & 2 ? 140 : how & 4 ? 120 : 100, how >> 3 & 1);

    for (unsigned i = 0; i < 2; i++) {
        vcpu[i] = ASK(VCPU_CREATE, vm);
        ASK(SCHED, vcpu[i], sched, how & 0x10 ? 512 : 0, how & 0x20 && how & 0x10 ? 4096 : 0);
    }
    ASK(MAP, vm, BELAY_H_MEM + 1, 0, 0x40000000, WORLD_EXTENT_BYTES, BELAY_MAP_READ | BELAY_MAP_WRITE | BELAY_MAP_EXEC);
    uint64_t service = make_service(vm);
    ASK(GRANT, vm, bell, BELAY_RIGHT_ALL, 2);
    ASK(LINE_CREATE, vm, 33);
    ASK(IRQ_ASSIGN, ASK(IRQ_CREATE, BELAY_H_MACHINE, 34, 0), vm, 34);
    ASK(IRQ_BIND, ASK(IRQ_CREATE, BELAY_H_MACHINE, 35, 0), bell, 1);
    ASK(DOMAIN_WATCH, vm, bell, 2);
    if (how & 0x40)
        ASK(DEBUG, vm, bell, 4);
    ASK(DOMAIN_START, service);
    ASK(START, vcpu[0], 0x40000000);
    ASK(DOMAIN_START, vm);
}

/* What must be of memory. */

static struct { const struct mem *mem; uint32_t handles, mappings; } known[MEMS];
static unsigned knowns;

static unsigned number(const struct mem *m)
{
    unsigned n = 0;

    while (n < knowns && known[n].mem != m)
        n++;
    CHECK(n < MEMS);
    if (n == knowns) {
        known[n].mem = m;
        known[n].handles = known[n].mappings = 0;
        knowns++;
    }
    return n;
}

static bool overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
    return a < b + b_bytes && b < a + a_bytes;
}

static void check_leaf(uint64_t to, uint64_t bytes)
{
    uint64_t ram = ptr_to_pa(world_ram).v;

    CHECK(to >= ram ? to + bytes <= ram + sizeof world_ram
                    : to >= WORLD_DEVICE && to + bytes <= WORLD_DEVICE + WORLD_DEVICE_BYTES);
    for (unsigned i = 1; i < VMIDS; i++)
        if (domains[i])
            CHECK(!overlap(to, bytes, domains[i]->pool_mem->base.v, domains[i]->pool_mem->size));
}

static void check_table(const uint64_t *entry, unsigned level)
{
    for (unsigned i = 0; i < 512; i++) {
        uint64_t to = entry[i] & UINT64_C(0xfffffffff000);
        if ((entry[i] & 1) == 0)
            continue;
        if (level < 3 && entry[i] & 2)
            check_table(pa_to_ptr(pa(to)), level + 1);
        else
            check_leaf(to, UINT64_C(1) << (39 - 9 * level));
    }
}

static void check_domain(const struct domain *d)
{
    for (uint32_t h = 1; h < d->handles.slots; h++) {
        CHECK(handle_type(d->handles.slot[h].tag) <= OBJECT_LEAVING);
        if (handle_type(d->handles.slot[h].tag) == OBJECT_MEM)
            known[number(d->handles.slot[h].object)].handles++;
    }
    for (const struct list *l = d->mappings.next; l != &d->mappings; l = l->next)
        known[number(container_of(l, struct mapping, link)->mem)].mappings++;
    check_table(d->space.root, 1);
}

static void check_extents(void)
{
    for (unsigned i = 0; i < knowns; i++) {
        const struct mem *m = known[i].mem;
        CHECK(m->size && known[i].handles <= m->handles && known[i].mappings <= m->mappings);
        CHECK(destroyed || (known[i].handles == m->handles && known[i].mappings == m->mappings));
        for (unsigned j = 0; j < i; j++)
            CHECK(!overlap(m->base.v, m->size, known[j].mem->base.v, known[j].mem->size));
    }
}

static void check(void)
{
    knowns = 0;
    if (world_cpu.trace.state != TRACE_OFF)
        known[number(world_cpu.trace.mem)].mappings++;
    for (unsigned i = 1; i < VMIDS; i++)
        if (domains[i])
            check_domain(domains[i]);
    check_extents();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    in = data;
    in_end = data + size;
    destroyed = false;
    world_begin();
    uint64_t how = take(1);
    if (how & 1)
        make_machine(how);
    while (in < in_end && step()) {}
    check();
    return 0;
}
