/* SPDX-License-Identifier: Apache-2.0 */
/* The life of each vCPU, and what is counted. */
#include <string.h>

#include "arm64.h"
#include "guest.h"
#include "siege.h"

#define YIELD          0xc6000006u          /* Belay's hypercall, by SMCCC */
#define WATCHDOG_WRR   0x1000ul             /* sbsa-gwdt: any write feeds it */
#define MILLION        1000000u
#define SETTLE_EVERY   4096u
#define LOOK_EVERY     1024u
#define LOST_AFTER     400u                 /* so many looks at another vCPU which is on and does nothing */
#define COPY           (*(struct record *)(RECORDS + 0x100000))
#define CHOICES        4096u

unsigned actors;
static uint8_t choice[CHOICES];             /* a kind for each of these numbers, as often as its weight says */
static uint64_t wanted;
static volatile uint32_t hold;              /* somebody prints: nobody else does anything */
static volatile uint32_t over;

extern const uint8_t actor_entry[];
_Noreturn void actor_life(struct actor *);

static uint64_t sum_of(const struct record *r)
{
    uint64_t sum = 1;
    for (const uint64_t *word = (const uint64_t *)r; word != &r->sum; word++) {
        sum = (sum ^ *word) * 0x100000001b3ull;
    }
    return sum;
}

static bool whole(const struct record *r)
{
    for (unsigned n = 0; n < ACTORS_MAX; n++) {
        if (r->done[n].number != ~r->done[n].inverse) {
            return false;
        }
    }
    return true;
}

static void begin_record(uint64_t seed)
{
    if (COPY.sum == sum_of(&COPY) && COPY.starts && COPY.seed == seed) {    /* not the first start */
        if (!whole(RECORD) || RECORD->seed != seed || RECORD->starts != COPY.starts) {
            print("siege: it spoiled its record: some actions are not counted\n");
            *RECORD = COPY;
        }
    } else {
        memset(RECORD, 0, sizeof *RECORD);
        RECORD->seed = seed;
        for (unsigned n = 0; n < ACTORS_MAX; n++) {
            RECORD->done[n].inverse = ~0ull;
        }
    }
    RECORD->starts++;
    COPY = *RECORD;
    COPY.sum = sum_of(&COPY);
}

static uint64_t total(void)
{
    uint64_t sum = 0;
    for (unsigned n = 0; n < ACTORS_MAX; n++) {
        sum += RECORD->done[n].number;
    }
    return sum;
}

/* Others stop after what they are doing: on one CPU each has a turn meanwhile. */
static void hold_others(struct actor *a)
{
    hold = 1;
    for (unsigned n = 0; n < 4 * actors; n++) {
        hvc(YIELD, 0, 0, 0);
    }
    settle(a);
}

static void tell_end(void)
{
    uint64_t exceptions = 0, interrupts = 0, found = 0, wrong = 0;
    for (unsigned n = 0; n < ACTORS_MAX; n++) {
        exceptions += RECORD->done[n].exceptions;
        interrupts += RECORD->done[n].interrupts;
        found += RECORD->done[n].found;
        wrong += RECORD->done[n].wrong;
    }
    print("\n");
    for (unsigned n = 0; n < actors; n++) {
        print("siege: vcpu %u: %lu actions\n", n, RECORD->done[n].number);
    }
    for (unsigned kind = 0; kind < KINDS; kind++) {
        uint64_t count = 0;
        for (unsigned n = 0; n < ACTORS_MAX; n++) {
            count += RECORD->done[n].kinds[kind];
        }
        print("siege: kind %s: %lu\n", kind_names[kind], count);
    }
    print("siege: seed %lu, %u vcpus, %lu starts, %lu lost, %lu exceptions, %lu interrupts, %lu found, %lu wrong\n",
          RECORD->seed, actors, RECORD->starts, RECORD->lost, exceptions, interrupts, found, wrong);
    print("siege: all done, %lu actions\n", total());
}

/* The first vCPU tells of each million, and of the end. */
static void tell(struct actor *a)
{
    uint64_t now = total();
    if (now < wanted && now / MILLION == RECORD->said) {
        return;
    }
    hold_others(a);
    RECORD->said = now / MILLION;
    if (now >= wanted) {
        over = 1;
        tell_end();
        wake_in(a, counter_hz() / 10);      /* till then all of that has been shown */
        wfi();
        system_off();
    }
    print("\nsiege: %lu actions\n", now);
    COPY = *RECORD;
    COPY.sum = sum_of(&COPY);
    hold = 0;
}

/* One that is on, and has not moved for long, is lost, and all begin anew. */
static void look_after_others(struct actor *a)
{
    for (unsigned n = 0; n < actors; n++) {
        uint64_t number = RECORD->done[n].number;
        if (n == a->index || number != a->seen[n] || hvc(PSCI_AFFINITY_INFO, n, 0, 0) != 0) {
            a->still[n] = 0;
            a->seen[n] = number;
        } else if (++a->still[n] == LOST_AFTER) {
            lost();
        }
    }
    *(volatile uint32_t *)(GUEST_WATCHDOG + WATCHDOG_WRR) = 1;
}

static void one(struct actor *a)
{
    struct done *d = done_of(a);
    uint64_t n = d->number;

    a->state = (RECORD->seed * 8 + a->index) * 0xd1342543de82ef95ull + n * 0xaf251af3b0f025b5ull;
    unsigned kind = choice[random64(a) % CHOICES];
    d->number = n + 1;
    d->inverse = ~(n + 1);
    d->kinds[kind]++;
    a->taken = 0;
    kinds[kind](a);
}

_Noreturn void actor_life(struct actor *a)
{
    settle(a);
    for (;;) {
        uint64_t n = done_of(a)->number;
        while ((hold && a->index) || over) {
            hvc(YIELD, 0, 0, 0);
        }
        if (n % SETTLE_EVERY == 0) {
            settle(a);
        }
        if (n % LOOK_EVERY == 0) {
            look_after_others(a);
            if (a->index == 0) {
                tell(a);
            }
        }
        one(a);
    }
}

static unsigned weight(unsigned kind, const char *only)
{
    return *only == '\0' ? kind_weights[kind] : strcmp(only, kind_names[kind]) == 0;
}

static void make_choices(const char *only)
{
    unsigned all = 0, at = 0, sum = 0;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        all += weight(kind, only);
    }
    for (unsigned kind = 0; kind < KINDS; kind++) {
        sum += weight(kind, only);
        for (; at < (uint64_t)CHOICES * sum / all; at++) {
            choice[at] = (uint8_t)kind;
        }
    }
}

/* All that it has; its own words are at hand nowhere. */
static void search_all(void)
{
    for (uint64_t at = GUEST_RAM; at < GUEST_RAM + RAM_BYTES; at += 8) {
        look(actor(0), *(const volatile uint64_t *)at);
    }
}

void actor_reset(struct actor *);

void guest_main(const void *dtb)
{
    const char *args = bootargs(dtb);
    uint64_t seed = 0;
    char only[16] = "";

    wanted = MILLION;
    option_number(args, "seed", &seed);
    option_number(args, "actions", &wanted);
    begin_record(seed);
    while (actors < ACTORS_MAX && hvc(PSCI_AFFINITY_INFO, actors, 0, 0) >= 0) {
        actors++;
    }
    for (unsigned n = 0; n < ACTORS_MAX; n++) {
        actor_reset(actor(n));
    }
    *(volatile uint64_t *)SPARE = MARK;
    search_all();
    make_system_code();
    option_word(args, "kind", only, sizeof only);
    make_choices(only);
    print("\nsiege: start %lu, seed %lu, %u vcpus, %lu actions done of %lu\n", RECORD->starts, seed, actors, total(), wanted);
    ((void (*)(void))(uintptr_t)actor_entry)();
}
