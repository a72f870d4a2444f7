/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: who owns it, where domains find it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core_world.h"

#define RAM   UINT64_C(0x40000000)
#define AT    UINT64_C(0x80000000)      /* in the domain */
#define PIECE (STAGE2_PIECE * PAGE_SIZE)
#define RWX   (BELAY_MAP_READ | BELAY_MAP_WRITE | BELAY_MAP_EXEC)

static struct domain *const d = &world_domain[0];
static _Alignas(4096) uint8_t pool[64][4096];
static struct mem ram;
static uint64_t done;

static int begin(void **state)
{
    world_begin(state);
    memset(pool, 0xa5, sizeof pool);
    pool_init(&d->pool, pool, sizeof pool);
    assert_true(stage2_init(&d->space, &d->pool));
    ram = (struct mem){ .base = pa(RAM), .size = 64 * BLOCK_SIZE };
    return 0;
}

static int map(uint64_t offset, uint64_t at, uint64_t size)
{
    return mem_map(d, &ram, offset, ipa(at), size, RWX, &done);
}

/* Piece by piece, as the ABI has it. */
static int map_all(uint64_t offset, uint64_t at, uint64_t size)
{
    int error;

    for (; (error = map(offset, at, size)) == BELAY_EAGAIN; offset += done, at += done, size -= done)
        assert_in_range(done, PAGE_SIZE, STAGE2_PIECE * BLOCK_SIZE);
    return error;
}

static int unmap_all(uint64_t at, uint64_t size)
{
    int error;

    for (; (error = mem_unmap(d, ipa(at), size, &done)) == BELAY_EAGAIN; at += done, size -= done)
        assert_in_range(done, PAGE_SIZE, STAGE2_PIECE * BLOCK_SIZE);
    return error;
}

/* The physical address, 0 when there is none. */
static uint64_t leads_to(uint64_t at)
{
    unsigned attr;
    pa_t to;

    return stage2_translate(&d->space, ipa(at), &to, &attr) ? to.v : 0;
}

static void what_is_mapped_is_found_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(map(2 * PAGE_SIZE, AT, 3 * PAGE_SIZE), BELAY_OK);
    assert_int_equal(done, 3 * PAGE_SIZE);
    assert_int_equal(leads_to(AT), RAM + 2 * PAGE_SIZE);
    assert_int_equal(leads_to(AT + 3 * PAGE_SIZE - 1), RAM + 5 * PAGE_SIZE - 1);
    assert_int_equal(leads_to(AT - 1), 0);
    assert_int_equal(leads_to(AT + 3 * PAGE_SIZE), 0);
    assert_int_equal(leads_to(AT | UINT64_C(1) << BELAY_IPA_BITS), 0);
}

static void blocks_are_used_where_both_addresses_allow_and_pages_elsewhere(void **state)
{
    (void)state;
    assert_int_equal(map(0, AT, 64 * BLOCK_SIZE), BELAY_EAGAIN);
    assert_int_equal(done, STAGE2_PIECE * BLOCK_SIZE);
    assert_int_equal(leads_to(AT + 5 * BLOCK_SIZE + 0x12345), RAM + 5 * BLOCK_SIZE + 0x12345);
    assert_int_equal(map(PAGE_SIZE, 2 * AT, BLOCK_SIZE), BELAY_EAGAIN);
    assert_int_equal(done, PIECE);
    assert_int_equal(map(0, 2 * AT + BLOCK_SIZE + PAGE_SIZE, BLOCK_SIZE), BELAY_EAGAIN);
    assert_int_equal(done, PIECE);
    assert_int_equal(map(BLOCK_SIZE, 2 * AT + 4 * BLOCK_SIZE, BLOCK_SIZE - PAGE_SIZE), BELAY_EAGAIN);
    assert_int_equal(done, PIECE);
}

static void a_range_goes_on_in_pieces_as_one_mapping(void **state)
{
    (void)state;
    assert_int_equal(map_all(PAGE_SIZE, AT, 40 * PAGE_SIZE), BELAY_OK);
    assert_int_equal(ram.mappings, 1);
    assert_int_equal(leads_to(AT + 39 * PAGE_SIZE), RAM + 40 * PAGE_SIZE);
    assert_int_equal(mem_unmap(d, ipa(AT), 40 * PAGE_SIZE, &done), BELAY_EAGAIN);
    assert_int_equal(done, PIECE);
    assert_int_equal(leads_to(AT + PIECE - 1), 0);
    assert_int_equal(leads_to(AT + PIECE), RAM + PAGE_SIZE + PIECE);
    assert_int_equal(unmap_all(AT + done, 40 * PAGE_SIZE - done), BELAY_OK);
    assert_int_equal(ram.mappings, 0);
    assert_int_equal(leads_to(AT + 39 * PAGE_SIZE), 0);
}

static void a_range_that_is_taken_is_refused(void **state)
{
    (void)state;
    assert_int_equal(map(0, AT + 2 * PAGE_SIZE, 2 * PAGE_SIZE), BELAY_OK);
    assert_int_equal(map(0, AT + 3 * PAGE_SIZE, PAGE_SIZE), BELAY_EEXIST);
    assert_int_equal(done, 0);
    assert_int_equal(ram.mappings, 1);
    assert_int_equal(map(0, AT, 4 * PAGE_SIZE), BELAY_EEXIST);
    assert_int_equal(done, 2 * PAGE_SIZE);
    assert_int_equal(unmap_all(AT, 4 * PAGE_SIZE), BELAY_OK);       /* what it came to, and nothing else */
    assert_int_equal(leads_to(AT), 0);
    assert_int_equal(leads_to(AT + 2 * PAGE_SIZE), RAM);
    assert_int_equal(map_all(0, AT + BLOCK_SIZE, BLOCK_SIZE), BELAY_OK);
    assert_int_equal(map(0, AT + BLOCK_SIZE + 7 * PAGE_SIZE, PAGE_SIZE), BELAY_EEXIST);
    assert_int_equal(map(0, AT + BLOCK_SIZE, BLOCK_SIZE), BELAY_EEXIST);
    assert_int_equal(leads_to(AT + BLOCK_SIZE + 7 * PAGE_SIZE), RAM + 7 * PAGE_SIZE);
}

static void only_whole_mappings_are_taken_away(void **state)
{
    (void)state;
    assert_int_equal(map(0, AT, 4 * PAGE_SIZE), BELAY_OK);
    assert_int_equal(unmap_all(AT, 3 * PAGE_SIZE), BELAY_EINVAL);
    assert_int_equal(unmap_all(AT, 5 * PAGE_SIZE), BELAY_EINVAL);
    assert_int_equal(unmap_all(AT + PAGE_SIZE, 3 * PAGE_SIZE), BELAY_EINVAL);
    assert_int_equal(leads_to(AT + 3 * PAGE_SIZE), RAM + 3 * PAGE_SIZE);
    assert_int_equal(unmap_all(AT, 4 * PAGE_SIZE), BELAY_OK);
    assert_int_equal(unmap_all(AT, 4 * PAGE_SIZE), BELAY_EINVAL);
}

static void ranges_outside_an_extent_or_a_space_are_refused(void **state)
{
    static const struct { uint64_t offset, at, size; } bad[] = {
        { 0, AT, 0 }, { 1, AT, PAGE_SIZE }, { 0, AT + 8, PAGE_SIZE }, { 0, AT, PAGE_SIZE + 1 },
        { 0, AT, 64 * BLOCK_SIZE + PAGE_SIZE }, { PAGE_SIZE, AT, 64 * BLOCK_SIZE },
        { 64 * BLOCK_SIZE, AT, PAGE_SIZE }, { -PAGE_SIZE, AT, 2 * PAGE_SIZE }, { 0, AT, -PAGE_SIZE },
        { 0, (UINT64_C(1) << BELAY_IPA_BITS) - PAGE_SIZE, 2 * PAGE_SIZE }, { 0, -PAGE_SIZE, 2 * PAGE_SIZE },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(map(bad[i].offset, bad[i].at, bad[i].size), BELAY_EINVAL);
    assert_int_equal(ram.mappings, 0);
}

static void a_mapping_has_the_rights_that_were_asked_for(void **state)
{
    struct mem device = { .base = pa(0x9000000), .size = PAGE_SIZE, .kind = BELAY_MEM_DEVICE };
    unsigned attr;
    pa_t to;

    (void)state;
    for (unsigned flags = 1; flags <= RWX; flags++) {
        ipa_t at = ipa(AT + flags * PAGE_SIZE);
        assert_int_equal(mem_map(d, &ram, 0, at, PAGE_SIZE, flags, &done), BELAY_OK);
        assert_true(stage2_translate(&d->space, at, &to, &attr));
        assert_int_equal(attr, flags);
    }
    assert_int_equal(mem_map(d, &device, 0, ipa(AT), PAGE_SIZE, BELAY_MAP_READ, &done), BELAY_OK);
    assert_true(stage2_translate(&d->space, ipa(AT), &to, &attr));
    assert_int_equal(attr, BELAY_MAP_READ | STAGE2_DEVICE);
}

static void an_extent_is_split_only_while_nothing_uses_it(void **state)
{
    struct mem *upper;

    (void)state;
    assert_int_equal(map(0, AT, PAGE_SIZE), BELAY_OK);
    assert_int_equal(mem_may_split(&ram, BLOCK_SIZE), BELAY_EBUSY);
    assert_int_equal(unmap_all(AT, PAGE_SIZE), BELAY_OK);
    assert_int_equal(mem_may_split(&ram, 0), BELAY_EINVAL);
    assert_int_equal(mem_may_split(&ram, 64 * BLOCK_SIZE), BELAY_EINVAL);
    assert_int_equal(mem_may_split(&ram, BLOCK_SIZE + 1), BELAY_EINVAL);
    assert_int_equal(mem_may_split(&ram, BLOCK_SIZE), BELAY_OK);
    upper = mem_split(d, &ram, BLOCK_SIZE);
    assert_non_null(upper);
    assert_int_equal(ram.size, BLOCK_SIZE);
    assert_int_equal(upper->base.v, RAM + BLOCK_SIZE);
    assert_int_equal(upper->size, 63 * BLOCK_SIZE);
    assert_int_equal(map(0, AT, 2 * BLOCK_SIZE), BELAY_EINVAL);
}

static void neighbours_that_nobody_else_knows_become_one(void **state)
{
    struct mem *upper = mem_split(d, &ram, BLOCK_SIZE), *last = mem_split(d, upper, BLOCK_SIZE);

    (void)state;
    assert_int_equal(mem_may_merge(&ram, last), BELAY_EINVAL);
    assert_int_equal(mem_may_merge(upper, &ram), BELAY_EINVAL);
    assert_int_equal(mem_may_merge(&ram, &ram), BELAY_EINVAL);
    last->kind = BELAY_MEM_DEVICE;
    assert_int_equal(mem_may_merge(upper, last), BELAY_EINVAL);
    assert_int_equal(mem_may_merge(&ram, upper), BELAY_OK);
    mem_merge(d, &ram, upper);
    assert_int_equal(ram.size, 2 * BLOCK_SIZE);
    assert_int_equal(ram.base.v + ram.size, last->base.v);
}

static void what_somebody_uses_or_knows_stays_apart(void **state)
{
    struct mem *upper = mem_split(d, &ram, BLOCK_SIZE), *parts[] = { &ram, upper };

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        parts[i]->handles = 2;
        assert_int_equal(mem_may_merge(&ram, upper), BELAY_EBUSY);
        parts[i]->handles = 1;
        parts[i]->mappings = 1;
        assert_int_equal(mem_may_merge(&ram, upper), BELAY_EBUSY);
        parts[i]->mappings = 0;
        parts[i]->pool_of = d;
        assert_int_equal(mem_may_merge(&ram, upper), BELAY_EBUSY);
        parts[i]->pool_of = NULL;
        assert_int_equal(mem_may_merge(&ram, upper), BELAY_OK);
    }
}

static void cutting_and_merging_for_ever_uses_no_memory(void **state)
{
    (void)state;
    mem_merge(d, &ram, mem_split(d, &ram, BLOCK_SIZE));
    uint8_t *bottom = d->pool.bottom;
    for (unsigned n = 0; n < 1000; n++) {
        struct mem *a = mem_split(d, &ram, 2 * BLOCK_SIZE);
        mem_merge(d, &ram, a);
        assert_int_equal(ram.size, 64 * BLOCK_SIZE);
    }
    assert_ptr_equal(d->pool.bottom, bottom);
}

static void a_pool_is_neither_mapped_nor_split(void **state)
{

    (void)state;
    ram.pool_of = d;
    assert_int_equal(map(0, AT, PAGE_SIZE), BELAY_EBUSY);
    assert_int_equal(mem_may_split(&ram, BLOCK_SIZE), BELAY_EBUSY);
}

static void a_pool_that_is_used_up_maps_nothing_more(void **state)
{
    (void)state;
    d->pool.bottom = d->pool.top - PAGE_SIZE - 64;      /* a table of level 2, none of level 3, and records */
    assert_int_equal(map(0, AT, PAGE_SIZE), BELAY_ENOMEM);
    assert_int_equal(done, 0);
    assert_int_equal(ram.mappings, 0);
    assert_int_equal(map(0, AT, BLOCK_SIZE), BELAY_OK); /* a block needs no more */
}

static void mappings_have_a_bound_and_their_places_are_used_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MAPPINGS_MAX; i++)
        assert_int_equal(map(0, AT + i * PAGE_SIZE, PAGE_SIZE), BELAY_OK);
    assert_int_equal(map(0, AT + MAPPINGS_MAX * PAGE_SIZE, PAGE_SIZE), BELAY_ENOMEM);
    assert_int_equal(unmap_all(AT + 7 * PAGE_SIZE, PAGE_SIZE), BELAY_OK);
    assert_int_equal(map(0, AT + MAPPINGS_MAX * PAGE_SIZE, PAGE_SIZE), BELAY_OK);
}

/* A model of three blocks' worth of pages, each with what it leads to, against a fixed random sequence. */
#define MODEL_PAGES 1536
#define MODEL_RANGES 24

static uint64_t model[MODEL_PAGES];
static struct range { uint64_t first, pages; } range[MODEL_RANGES];
static uint32_t seed;

static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;         /* Numerical Recipes, 7.1 */
    return (uint32_t)((uint64_t)seed * limit >> 32);
}

static bool model_has(uint64_t first, uint64_t pages)
{
    for (uint64_t i = first; i < first + pages; i++)
        if (model[i])
            return true;
    return false;
}

static void model_set(uint64_t first, uint64_t pages, uint64_t to)
{
    for (uint64_t i = 0; i < pages; i++)
        model[first + i] = to ? to + i * PAGE_SIZE : 0;
}

static void model_map(unsigned slot)
{
    uint64_t pages = below(4) ? 1 + below(60) : 512 * (1 + below(2));
    uint64_t first = below(2) ? below((uint32_t)(MODEL_PAGES - pages + 1)) : pages < 512 ? 512 : 0;
    uint64_t offset = (below(2) ? below(2000) : 512) * PAGE_SIZE, at = AT + first * PAGE_SIZE;

    if (model_has(first, pages)) {
        assert_int_equal(map_all(offset, at, pages * PAGE_SIZE), BELAY_EEXIST);
        if (model[first] == 0)                  /* the part before what was in the way */
            assert_int_equal(unmap_all(at, pages * PAGE_SIZE), BELAY_OK);
        return;
    }
    assert_int_equal(map_all(offset, at, pages * PAGE_SIZE), BELAY_OK);
    model_set(first, pages, RAM + offset);
    range[slot] = (struct range){ first, pages };
}

static void any_sequence_of_mapping_and_unmapping_is_as_its_model(void **state)
{
    unsigned mapped = 0;

    (void)state;
    seed = 20;
    for (unsigned step = 0; step < 800; step++) {
        unsigned slot = below(MODEL_RANGES);
        if (range[slot].pages) {
            mapped++;
            assert_int_equal(unmap_all(AT + range[slot].first * PAGE_SIZE, range[slot].pages * PAGE_SIZE), BELAY_OK);
            model_set(range[slot].first, range[slot].pages, 0);
            range[slot].pages = 0;
        } else {
            model_map(slot);
        }
        for (unsigned i = 0; i < MODEL_PAGES; i++)
            assert_int_equal(leads_to(AT + i * PAGE_SIZE), model[i]);
    }
    assert_in_range(mapped, 100, 400);          /* it was no sequence of refusals */
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_mapped_is_found_and_nothing_else),
        T(blocks_are_used_where_both_addresses_allow_and_pages_elsewhere), T(a_range_goes_on_in_pieces_as_one_mapping),
        T(a_range_that_is_taken_is_refused), T(only_whole_mappings_are_taken_away),
        T(ranges_outside_an_extent_or_a_space_are_refused), T(a_mapping_has_the_rights_that_were_asked_for),
        T(an_extent_is_split_only_while_nothing_uses_it), T(neighbours_that_nobody_else_knows_become_one),
        T(what_somebody_uses_or_knows_stays_apart), T(cutting_and_merging_for_ever_uses_no_memory),
        T(a_pool_is_neither_mapped_nor_split),
        T(a_pool_that_is_used_up_maps_nothing_more), T(mappings_have_a_bound_and_their_places_are_used_again),
        T(any_sequence_of_mapping_and_unmapping_is_as_its_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
