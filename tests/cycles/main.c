/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A steward that makes, starts, stops and destroys its VMs again and again, and
 * tells whether anything is left behind: it is put into a bundle in place of
 * the steward, whose sources it is built from.
 *
 * The first VM's command line begins with `cycles=N`: so often, one like the
 * other, all but the last, which runs all the time;
 * or with `any-order=N`: that many operations as chance has it, with a fixed seed;
 * or with `managed=1`: what a manager asks for, and each time that all but the last
 * are gone it tells what there is.
 */
#include <string.h>

#include "lib/cpu.h"
#include "lib/hypercall.h"
#include "lib/service.h"
#include "steward/memory.h"
#include "steward/supervise.h"
#include "steward/voice.h"

#define SLOTS 255u          /* of the steward's handles, but one */

static const struct machine *machine;
static uint64_t most[OPERATIONS];       /* that one took */

/* What the first VM's command line begins with, `name` a number; 0 where it begins otherwise. */
static uint32_t number(const char *name)
{
    const char *s = machine->config->vm[0].cmdline;
    size_t length = strlen(name);
    uint32_t n = 0;

    if (strncmp(s, name, length) != 0)
        return 0;
    for (s += length; *s >= '0' && *s <= '9'; s++)
        n = n * 10 + (uint32_t)(*s - '0');
    return n;
}

static void operate(uint32_t vm, enum operation what)
{
    struct problem why;
    uint64_t since = counter_now();

    if (!supervise_operate(vm, what, &why))
        fatal("cycles: operation %u of VM %u: %s", what, vm, why.text);
    since = counter_now() - since;
    if (since > most[what])
        most[what] = since;
}

/* Slots of the steward's table that are in use: one that is free takes a copy of a handle. */
static uint32_t handles(void)
{
    uint32_t used = 0;

    for (uint32_t slot = 1; slot <= SLOTS; slot++)
        if (hc_grant(BELAY_H_SELF, BELAY_H_SELF, 0, slot) == BELAY_OK)
            hc_handle_close(slot);
        else
            used++;
    return used;
}

/* How many notifications still fit into the pools of the services, whose handles are among the steward's. Uses them up. */
static void say_room(void)
{
    handle_t made;

    for (handle_t h = 1; h <= SLOTS; h++) {
        uint32_t n = 0;
        for (; hc_notification_create(h, &made) == BELAY_OK; n++)
            hc_handle_close(made);
        if (n)
            say_directly("cycles: handle %u: a domain with room for %u", h, n);
    }
}

static void say_state(const char *when)
{
    while (memory_scrub()) {}
    struct memory_unowned u = memory_unowned();
    say_directly("cycles: %s: %lu bytes in %u pieces are unowned, %lu are pools, %u handles", when, (unsigned long)u.bytes,
                 u.pieces, (unsigned long)memory_of_pools(), handles());
}

/* They run for a while, and some end by themselves. */
static void wait(handle_t never, uint64_t us)
{
    uint64_t bits;

    (void)hc_wait(never, counter_now() + us * machine->info->counter_hz / 1000000, &bits);
}

static void cycle(handle_t never, uint32_t vms, uint32_t n)
{
    for (uint32_t i = 0; i < vms; i++) {
        if (n % 2)
            operate(i, OPERATION_CREATE);
        operate(i, OPERATION_START);
    }
    wait(never, 50 + n * 7 % 500);
    for (uint32_t i = vms; i-- > 0;) {
        if ((n + i) % 5 == 0)
            operate(i, OPERATION_RESET);
        operate(i, OPERATION_STOP);
    }
    for (uint32_t i = 0; i < vms; i++)
        operate((i + n) % vms, OPERATION_DESTROY);
    while (memory_scrub()) {}
}

static void all_cycles(handle_t never, uint32_t count)
{
    uint32_t vms = machine->config->vms - 1;

    operate(vms, OPERATION_START);
    say_state("start");
    memset(most, 0, sizeof most);
    for (uint32_t n = 0; n < count; n++)
        cycle(never, vms, n);
    say_state("end");
    say_directly("cycles: most ticks: create %lu, start %lu, stop %lu, destroy %lu", (unsigned long)most[OPERATION_CREATE],
                 (unsigned long)most[OPERATION_START], (unsigned long)most[OPERATION_STOP],
                 (unsigned long)most[OPERATION_DESTROY]);
    wait(never, 1100000);       /* till the last has said how it went */
    operate(vms, OPERATION_STOP);
}

static uint32_t random_below(uint32_t n)
{
    static uint64_t state = 3;

    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

static bool allows(uint32_t vm, enum operation what)
{
    struct supervised_vm v;

    return supervise_look(vm, &v) && lifecycle_refuses(v.life, what) == NULL;
}

static void supervise_for(uint64_t time)
{
    for (uint64_t until = counter_now() + time; counter_now() < until;)
        supervise_step(until);
}

/* Any operation on any VM but the last, which runs all the time, while others end and are restarted: allowed or refused. */
static void any_order(uint32_t count)
{
    uint32_t vms = machine->config->vms - 1, done[OPERATIONS] = { 0 }, refused = 0;
    uint64_t us = machine->info->counter_hz / 1000000;
    struct problem why;

    operate(vms, OPERATION_START);
    say_state("start");
    for (uint32_t n = 0; n < count; n++) {
        uint32_t vm = random_below(vms), what = random_below(OPERATIONS + 2);
        if (what >= OPERATIONS)
            supervise_for((1 + random_below(random_below(12) ? 1000 : 1500000)) * us);
        else if (supervise_operate(vm, what, &why))
            done[what]++;
        else if (allows(vm, what))
            fatal("cycles: operation %u of VM %u: %s", what, vm, why.text);
        else
            refused++;
    }
    for (uint32_t vm = 0; vm < vms; vm++)
        for (unsigned i = 0; i < 2; i++)
            if (allows(vm, i ? OPERATION_DESTROY : OPERATION_STOP))
                operate(vm, i ? OPERATION_DESTROY : OPERATION_STOP);
    say_state("end");
    say_directly("cycles: created %u, started %u, stopped %u, reset %u, paused %u, resumed %u, destroyed %u, refused %u",
                 done[OPERATION_CREATE], done[OPERATION_START], done[OPERATION_STOP], done[OPERATION_RESET],
                 done[OPERATION_PAUSE], done[OPERATION_RESUME], done[OPERATION_DESTROY], refused);
    operate(vms, OPERATION_STOP);
}

/* How many of the others than the last are there. */
static uint32_t others(void)
{
    uint32_t n = 0;

    for (uint32_t vm = 0; vm + 1 < machine->config->vms; vm++)
        n += !allows(vm, OPERATION_CREATE);
    return n;
}

static _Noreturn void obey(void)
{
    for (uint32_t before = 0, now = 0;; before = now) {
        supervise_step(0);
        now = others();
        if (before && now == 0)
            say_state("all gone");
    }
}

void service_main(void)
{
    handle_t never;

    machine = machine_read();
    supervise_begin(machine);
    if (hc_notification_create(BELAY_H_SELF, &never) != BELAY_OK)
        fatal("cycles: no notification");
    cycle(never, machine->config->vms, 1);  /* tables of the steward's views of memory, portals of the console: made once */
    cycle(never, machine->config->vms, 2);
    uint32_t count = number("cycles=");
    if (number("managed="))
        obey();
    if (count == 0)
        any_order(number("any-order="));
    else
        all_cycles(never, count);
    say_room();
    for (;;)
        supervise_step(0);      /* none is up: the machine goes off */
}
