/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory: all that two domains can come to by the hypercalls on memory, in any order. A manager has an extent and
 * the other domain; that one has itself. After each call all translation tables are read as the hardware
 * reads them (Arm ARM, D8.2), and
 * - lead only to memory whose handle, with the rights, the caller who mapped it had, where it asked for, as it asked;
 * - are as the records of mappings say, and each extent's counts as the handles and records are;
 * - lead to no pool, so to nothing that the nucleus keeps;
 * - and a right on memory came to nobody but from who had it and might give it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/domain.h"
#include "core/mem.h"
#include "core_world.h"
#include "entry/hypercall.h"
#include "explore.h"
#include "virt/vcpu.h"

#define KIB        UINT64_C(1024)
#define MIB        (KIB * KIB)
#define GIB        (KIB * MIB)
#define POOL_PAGES 5
#define SLOTS      5
#define LEAVES     128
#define PIECES     16
#define SOME       8        /* values of one argument, at most */

/* What is tried. Values are bytes; a 0 ends what has no 0 in it. */
struct world {
    const char *name;
    uint64_t base, size;            /* the extent; base 0: where `ram` is, so that it can be a pool */
    unsigned tables, records;       /* that each pool has room for: pages, the root too; mappings and extents */
    unsigned grants;                /* slots that handles are given into */
    uint64_t splits[SOME], offsets[SOME], ipas[SOME], sizes[SOME];
    unsigned offset_count, ipa_count;
    enum belay_mem kind;
    uint32_t flags[SOME];
};

enum { MANAGER, OTHER, MADE, DOMAINS, NOBODY };
enum kind { MAP, UNMAP, SPLIT, MERGE, GRANT, CLOSE, CREATE };
static const char *const names[] = { "MAP", "UNMAP", "SPLIT", "MERGE", "GRANT", "CLOSE", "CREATE" };

static struct action { enum kind kind; unsigned by; uint64_t x[6]; } action[20000];
static unsigned actions;

static struct saved {
    struct domain domain[MADE];
    struct handle slot[MADE][SLOTS];
    struct mem whole;
    _Alignas(4096) uint8_t pool[MADE][POOL_PAGES][4096];
} it;
static _Alignas(2 * 1024 * 1024) uint8_t ram[4][4096];

static const struct world *world;
static struct context caller[MADE];

/* The one that DOMAIN_CREATE made lies in its pool, and has the first VMID. */
static struct domain *domain(unsigned n) { return n == MADE ? domains[1] : &it.domain[n]; }

static unsigned number(const struct domain *d)
{
    for (unsigned n = 0; n < DOMAINS; n++)
        if (domain(n) == d)
            return n;
    return NOBODY;
}

static uint64_t end_of_pool(const struct domain *d)
{
    return d->pool_mem ? d->pool_mem->base.v + d->pool_mem->size : (uint64_t)it.pool[number(d)] + sizeof it.pool[0];
}

/* Only services are made. */
struct vm *vm_create(struct mem *pool, bool clock_stands, uint32_t handles, uint64_t tag)
{
    (void)pool, (void)clock_stands, (void)handles, (void)tag;
    return NULL;
}

/* What a domain's tables hold, read word by word. */
struct leaf { uint64_t at, to, size; unsigned attr; };
struct view {
    struct leaf leaf[LEAVES];
    unsigned leaves, tables;
    uint8_t rights[PIECES];         /* on each piece of the extent, by any of its handles */
    uint8_t given[PIECES];          /* those of handles that it may give */
};
static struct view was[DOMAINS], is[DOMAINS];

static void read_table(struct view *v, const struct domain *d, uint64_t table, unsigned level, uint64_t at)
{
    const uint64_t *entry = (const uint64_t *)table;

    v->tables++;
    EXPECT(table >= (uint64_t)d->pool.top && table < end_of_pool(d));
    for (uint64_t i = 0; i < 512; i++, at += UINT64_C(1) << (39 - 9 * level)) {
        if (i % 8 == 0 && (entry[i] | entry[i + 1] | entry[i + 2] | entry[i + 3] | entry[i + 4] | entry[i + 5] |
                           entry[i + 6] | entry[i + 7]) == 0) {     /* most are: faster */
            at += UINT64_C(7) << (39 - 9 * level);
            i += 7;
            continue;
        }
        uint64_t address = entry[i] & UINT64_C(0xfffffffff000);
        if ((entry[i] & 1) == 0)
            continue;
        if (level < 3 && entry[i] & 2) {
            read_table(v, d, address, level + 1, at);
            continue;
        }
        EXPECT(level == 2 || (level == 3 && entry[i] & 2));
        EXPECT(level == 3 || (address & (2 * MIB - 1)) == 0);
        EXPECT(v->leaves < LEAVES);
        unsigned attr = (entry[i] & 0x40 ? BELAY_MAP_READ : 0) | (entry[i] & 0x80 ? BELAY_MAP_WRITE : 0) |
                        (entry[i] & UINT64_C(1) << 54 ? 0 : BELAY_MAP_EXEC) |
                        ((entry[i] & 0x3c) == 0x3c ? 0 : STAGE2_DEVICE);
        v->leaf[v->leaves++] = (struct leaf){ at, address, UINT64_C(1) << (39 - 9 * level), attr };
    }
}

/* Pieces of the extent, from one place where it can be cut to the next. */
static uint64_t piece(unsigned n) { return n == 0 ? 0 : world->splits[n - 1] ? world->splits[n - 1] : world->size; }

static void look(struct view *v, const struct domain *d)
{
    memset(v, 0, sizeof *v);
    if (d == NULL)
        return;
    read_table(v, d, (uint64_t)d->space.root, 1, 0);
    for (unsigned h = 1; h < d->handles.slots; h++) {
        const struct handle *slot = &d->handles.slot[h];
        if (handle_type(slot->tag) != OBJECT_MEM)
            continue;
        const struct mem *m = slot->object;
        for (unsigned n = 0; piece(n) < world->size; n++)
            if (it.whole.base.v + piece(n) >= m->base.v && it.whole.base.v + piece(n) < m->base.v + m->size) {
                v->rights[n] |= handle_rights(slot->tag);
                v->given[n] |= handle_rights(slot->tag) & BELAY_RIGHT_GRANT ? handle_rights(slot->tag) : 0;
            }
    }
}

static void look_at_both(struct view v[DOMAINS])
{
    for (unsigned i = 0; i < DOMAINS; i++)
        look(&v[i], domain(i));
    EXPECT(domains[2] == NULL);
}

static void before(void) { look_at_both(was); }

/* Which VMIDs are in use is the nucleus's own. */
static void put_back(void)
{
    if (domains[1] == NULL)
        domain_free_vmid(1);
}

/* What has just been done, and whether its caller may do that. */
static const struct action *done;
static int result;
static unsigned target;             /* of MAP, UNMAP and GRANT; NOBODY: the caller may not */
static struct mem source;           /* of MAP, as it was; size 0: the caller may not */

static const struct handle *own(unsigned by, uint64_t h, unsigned type, uint32_t rights)
{
    const struct handle *slot = &it.slot[by][h % SLOTS];

    return h && h < SLOTS && handle_type(slot->tag) == type && (handle_rights(slot->tag) & rights) == rights ? slot : NULL;
}

static void note_what_it_may(const struct action *a)
{
    uint32_t needs = BELAY_RIGHT_USE | (a->x[5] & BELAY_MAP_WRITE ? BELAY_RIGHT_WRITE : 0) |
                     (a->x[5] & BELAY_MAP_EXEC ? BELAY_RIGHT_EXEC : 0);
    const struct handle *d = own(a->by, a->x[0], OBJECT_DOMAIN, BELAY_RIGHT_MANAGE);
    const struct handle *m = own(a->by, a->x[1], OBJECT_MEM, needs);

    target = d ? number(d->object) : NOBODY;
    source = a->kind == MAP && d && m ? *(struct mem *)m->object : (struct mem){ .size = 0 };
}

static bool act(unsigned n)
{
    static const hypercall_fn calls[] = {
        call_map, call_unmap, call_mem_split, call_mem_merge, call_grant, call_handle_close, call_domain_create,
    };
    const struct action *a = &action[n];
    uint64_t x[31] = { 0 };

    if (a->kind == CREATE && domains[1])
        return false;               /* one is enough */
    memcpy(x, a->x, sizeof a->x);
    done = a;
    note_what_it_may(a);
    result = calls[a->kind](&caller[a->by], x);
    return true;
}

static bool has(const struct view *v, const struct leaf *leaf)
{
    for (unsigned i = 0; i < v->leaves; i++)
        if (memcmp(&v->leaf[i], leaf, sizeof *leaf) == 0)
            return true;
    return false;
}

/* A leaf that was not there before. */
static void check_mapped(unsigned d, const struct leaf *leaf)
{
    EXPECT(done->kind == MAP && d == target && source.size);
    EXPECT(source.pool_of == NULL);
    uint64_t offset = done->x[2], at = done->x[3], size = done->x[4];
    EXPECT(leaf->at >= at && leaf->at + leaf->size <= at + size);
    EXPECT(leaf->to == source.base.v + offset + (leaf->at - at));
    EXPECT(leaf->to >= source.base.v && leaf->to + leaf->size <= source.base.v + source.size);
    EXPECT(leaf->attr == (done->x[5] | (world->kind == BELAY_MEM_DEVICE ? STAGE2_DEVICE : 0)));
}

static void check_change(unsigned d)
{
    for (unsigned i = 0; i < is[d].leaves; i++)
        if (!has(&was[d], &is[d].leaf[i]))
            check_mapped(d, &is[d].leaf[i]);
    for (unsigned i = 0; i < was[d].leaves; i++) {
        const struct leaf *leaf = &was[d].leaf[i];
        if (has(&is[d], leaf))
            continue;
        EXPECT(done->kind == UNMAP && d == target);
        EXPECT(leaf->at >= done->x[1] && leaf->at + leaf->size <= done->x[1] + done->x[2]);
    }
    for (unsigned n = 0; n < PIECES; n++)
        if (is[d].rights[n] & ~was[d].rights[n])
            EXPECT(done->kind == GRANT && d == target && (is[d].rights[n] & ~(was[d].rights[n] | was[done->by].given[n])) == 0);
}

/* Each leaf is in one record, and each record's is as long as it says. */
static void check_records(unsigned d)
{
    uint64_t mapped = 0, recorded = 0;
    const struct list *all = &domain(d)->mappings;

    for (unsigned i = 0; i < is[d].leaves; i++) {
        const struct leaf *leaf = &is[d].leaf[i];
        const struct mapping *found = NULL;
        mapped += leaf->size;
        for (const struct list *l = all->next; l != all; l = l->next) {
            const struct mapping *r = container_of(l, struct mapping, link);
            if (leaf->at < r->ipa || leaf->at + leaf->size > r->ipa + r->done)
                continue;
            EXPECT(found == NULL);
            found = r;
        }
        EXPECT(found && leaf->to == found->mem->base.v + found->offset + (leaf->at - found->ipa));
        EXPECT(found->mem->pool_of == NULL);
        EXPECT(leaf->to >= it.whole.base.v && leaf->to + leaf->size <= it.whole.base.v + world->size);
    }
    for (const struct list *l = all->next; l != all; l = l->next) {
        const struct mapping *r = container_of(l, struct mapping, link);
        recorded += r->done;
        EXPECT(r->done <= r->size && r->offset + r->size <= r->mem->size && r->done);
    }
    EXPECT(mapped == recorded);
}

/* The extents that any handle or record names. */
#define EXTENTS (DOMAINS * (SLOTS + LEAVES))
static const struct mem *extent[EXTENTS];
static unsigned extents;

static unsigned extent_number(const struct mem *m)
{
    unsigned n = 0;

    while (n < extents && extent[n] != m)
        n++;
    if (n == extents)
        extent[extents++] = m;
    return n;
}

static void check_extents(void)
{
    uint32_t handles[EXTENTS] = { 0 }, mappings[EXTENTS] = { 0 };

    extents = 0;
    for (unsigned d = 0; d < DOMAINS && domain(d); d++) {
        const struct domain *of = domain(d);
        for (unsigned h = 1; h < of->handles.slots; h++)
            if (handle_type(of->handles.slot[h].tag) == OBJECT_MEM)
                handles[extent_number(of->handles.slot[h].object)]++;
        for (const struct list *l = of->mappings.next; l != &of->mappings; l = l->next)
            mappings[extent_number(container_of(l, struct mapping, link)->mem)]++;
    }
    for (unsigned i = 0; i < extents; i++) {
        const struct mem *m = extent[i];
        EXPECT(m->handles == handles[i] && m->mappings == mappings[i]);
        EXPECT(m->size && m->base.v >= it.whole.base.v && m->base.v + m->size <= it.whole.base.v + world->size);
        for (unsigned j = 0; j < i; j++)
            EXPECT(m->base.v + m->size <= extent[j]->base.v || extent[j]->base.v + extent[j]->size <= m->base.v);
    }
}

static void check(void)
{
    look_at_both(is);
    if (done)
        for (unsigned d = 0; d < DOMAINS; d++)
            check_change(d);
    for (unsigned d = 0; d < DOMAINS && domain(d); d++)
        check_records(d);
    check_extents();
}

/* The same but for where structures lie is the same state. */
static void state(void)
{
    for (unsigned d = 0; d < DOMAINS && domain(d); d++) {
        const struct domain *of = domain(d);
        for (unsigned h = 1; h < of->handles.slots; h++) {
            const struct handle *slot = &of->handles.slot[h];
            explore_word((uint64_t)handle_type(slot->tag) << 8 | handle_rights(slot->tag));
            if (handle_type(slot->tag) == OBJECT_MEM)
                explore_word(((struct mem *)slot->object)->base.v), explore_word(((struct mem *)slot->object)->size);
            else if (handle_type(slot->tag) == OBJECT_DOMAIN)
                explore_word(number(slot->object));
        }
        for (const struct list *l = of->mappings.next; l != &of->mappings; l = l->next) {
            const struct mapping *r = container_of(l, struct mapping, link);
            explore_word(r->mem->base.v), explore_word(r->mem->size);
            explore_word(r->offset), explore_word(r->ipa), explore_word(r->size), explore_word(r->done);
        }
        for (unsigned i = 0; i < is[d].leaves; i++)
            explore_word(is[d].leaf[i].at | is[d].leaf[i].attr), explore_word(is[d].leaf[i].size);
        explore_word(is[d].tables);
        explore_word((uint64_t)(of->pool.top - of->pool.bottom));
        unsigned spare = 0;
        for (const struct mem *m = of->spare_mems; m; m = m->next_spare)
            spare++;
        explore_word(spare);
        spare = 0;
        for (const struct list *l = of->spare_mappings.next; l != &of->spare_mappings; l = l->next)
            spare++;
        explore_word(spare);
    }
    for (unsigned i = 0; i < extents; i++)
        if (extent[i]->pool_of)
            explore_word(extent[i]->base.v), explore_word(number(extent[i]->pool_of));
    explore_word(domains[1] != NULL);
}

static void tell(unsigned n)
{
    const struct action *a = &action[n];

    printf("    %s %s", a->by == MANAGER ? "manager" : "other", names[a->kind]);
    for (unsigned i = 0; i < 6; i++)
        printf(" %lx", (unsigned long)a->x[i]);
    printf("\n");
}

#define ADD(...) (action[actions++] = (struct action){ __VA_ARGS__ })

static void add_maps(unsigned by, uint64_t domain, uint64_t mem)
{
    for (unsigned o = 0; o < world->offset_count; o++)
        for (unsigned i = 0; i < world->ipa_count; i++)
            for (unsigned s = 0; world->sizes[s]; s++)
                for (unsigned f = 0; world->flags[f]; f++)
                    ADD(MAP, by, { domain, mem, world->offsets[o], world->ipas[i], world->sizes[s], world->flags[f] });
}

static void add_actions(unsigned by)
{
    for (uint64_t h = 1; h < SLOTS; h++) {
        for (uint64_t m = 1; m < SLOTS; m++) {
            if (h <= 2 && m > 2 - by)
                add_maps(by, h, m);
            else
                ADD(MAP, by, { h, m, 0, world->ipas[0], world->sizes[0], BELAY_MAP_READ });
            if (h != m)
                ADD(MERGE, by, { h, m });
        }
        for (unsigned i = 0; h <= 2 && i < world->ipa_count; i++)
            for (unsigned s = 0; world->sizes[s]; s++)
                ADD(UNMAP, by, { h, world->ipas[i], world->sizes[s] });
        for (unsigned s = 0; world->splits[s]; s++)
            ADD(SPLIT, by, { h, world->splits[s] });
        for (uint64_t at = SLOTS - world->grants; h > 2 - by && at < SLOTS; at++) {
            ADD(GRANT, by, { 2 - by, h, BELAY_RIGHT_ALL, at });
            ADD(GRANT, by, { 2 - by, h, BELAY_RIGHT_USE | BELAY_RIGHT_MANAGE | BELAY_RIGHT_GRANT, at });
        }
        if (h > 2 - by)
            ADD(CLOSE, by, { h });
        if (world->base == 0 && by == MANAGER)
            ADD(CREATE, by, { h, BELAY_DOMAIN_SERVICE, 2, 0 });
    }
}

static void make_domain(unsigned n)
{
    struct domain *d = &it.domain[n];

    domain_init(d);
    pool_init(&d->pool, it.pool[n], sizeof it.pool[n]);
    d->pool.top = d->pool.bottom + (1 + world->tables) * 4096;
    d->pool.bottom += 4096 - world->records * 64;     /* each is aligned to 16 */
    if (!stage2_init(&d->space, &d->pool))
        exit(2);
    d->handles = (struct handle_table){ it.slot[n], SLOTS };
    caller[n].domain = d;
}

static void give(unsigned to, unsigned slot, enum object_type type, void *object, uint32_t rights)
{
    const struct handle h = handle_of(type, object, rights, 0);

    (void)handle_put(&it.slot[to][slot], &h);
}

static void make(void)
{
    memset(&it, 0, sizeof it);
    memset(ram, 0, sizeof ram);
    memset(domains, 0, sizeof domains);
    domain_free_vmid(1);
    done = NULL;
    for (unsigned i = 0; i < MADE; i++)
        make_domain(i);
    it.whole = (struct mem){ .base = world->base ? pa(world->base) : ptr_to_pa(ram), .size = world->size, .kind = world->kind };
    give(MANAGER, 1, OBJECT_DOMAIN, &it.domain[MANAGER], BELAY_RIGHT_ALL);
    give(MANAGER, 2, OBJECT_DOMAIN, &it.domain[OTHER], BELAY_RIGHT_ALL);
    give(MANAGER, 3, OBJECT_MEM, &it.whole, BELAY_RIGHT_ALL);
    give(OTHER, 1, OBJECT_DOMAIN, &it.domain[OTHER], BELAY_RIGHT_MANAGE);
}

#define PAGES(n) ((n) * 4 * KIB)
#define WHOLE    (STAGE2_PIECE * 4 * KIB)       /* pages of one call */
#define READ_WRITE (BELAY_MAP_READ | BELAY_MAP_WRITE)

static const struct world worlds[] = {
    { "pages", .base = 4 * GIB, .size = PAGES(2), .tables = 4, .splits = { PAGES(1) }, .offset_count = 2,
      .offsets = { 0, PAGES(1) }, .ipa_count = 2, .ipas = { 2 * MIB - PAGES(1), 2 * MIB }, .sizes = { PAGES(1), PAGES(2) },
      .flags = { READ_WRITE }, .records = 2, .grants = 1 },
    { "pieces", .base = 4 * GIB, .size = WHOLE + PAGES(4), .tables = 4, .offset_count = 2,
      .offsets = { 0, WHOLE }, .ipa_count = 2, .ipas = { 2 * MIB - WHOLE, 2 * MIB }, .sizes = { WHOLE + PAGES(4), PAGES(4) },
      .flags = { READ_WRITE }, .records = 2, .grants = 1 },
    { "blocks", .base = 4 * GIB, .size = 4 * MIB, .tables = 4, .offset_count = 2,
      .offsets = { 0, 2 * MIB }, .ipa_count = 2, .ipas = { GIB - 2 * MIB, GIB }, .sizes = { 2 * MIB, PAGES(1) },
      .flags = { READ_WRITE }, .records = 2, .grants = 1, .kind = BELAY_MEM_DEVICE },
    { "pools", .base = 0, .size = PAGES(4), .tables = 3, .splits = { PAGES(2) }, .offset_count = 2,
      .offsets = { 0, PAGES(2) }, .ipa_count = 1, .ipas = { 0 }, .sizes = { PAGES(2), PAGES(4) },
      .flags = { READ_WRITE, BELAY_MAP_READ, BELAY_MAP_READ | BELAY_MAP_EXEC }, .records = 2, .grants = 1 },
};

/* memory [WORLD [DEPTH]]: that one, with so many actions in a row; or each, till there is nothing new. */
int main(int arguments, char **argument)
{
    const struct region regions[] = {
        { &it, sizeof it }, { ram, sizeof ram }, { domains, 8 * sizeof domains[0] }, { NULL, 0 },
    };
    struct exploration x = { .regions = regions, .before = before, .put_back = put_back, .act = act, .check = check,
                             .state = state, .tell = tell };

    x.depth = arguments > 2 ? (unsigned)atoi(argument[2]) : 0;
    for (world = worlds; world < worlds + sizeof worlds / sizeof worlds[0]; world++) {
        if (arguments > 1 && strcmp(argument[1], world->name) != 0)
            continue;
        actions = 0;
        for (unsigned by = 0; by < MADE; by++)
            add_actions(by);
        x.actions = actions;
        make();
        explore(&x, world->name);
    }
    return 0;
}
