/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long does one of several CPUs stand still? On the bare machine CPU 0 reads
 * the counter, again and again, with interrupts masked: between two readings
 * there are a few instructions, so what is more was the turn of other CPUs.
 * Where there are two CPUs, it tells how far the second comes meanwhile.
 */
#include "arm64.h"
#include "guest.h"

#define LOOK_HZ 5u          /* how much of a second it looks each time */
#define STILL   1000u       /* ticks between two readings in which it stood still */

extern const uint8_t sleeps[], spins[], counts[];
extern volatile uint64_t counted;

static void look(const char *beside)
{
    uint64_t begin = counter(), before = begin, now, most = 0, still = 0;

    while ((now = counter()) - begin < counter_hz() / LOOK_HZ) {
        if (now - before > most)
            most = now - before;
        if (now - before > STILL)
            still += now - before;
        before = now;
    }
    if (now - before > STILL)       /* the last time, too */
        still += now - before;
    if (now - before > most)
        most = now - before;
    print("turns: %s: stood still for %lu of %lu ticks, at most for %lu\n", beside, still, now - begin, most);
}

static void turn_on(uint64_t cpu, const uint8_t *does)
{
    if (hvc(PSCI_CPU_ON, cpu, (uintptr_t)does, 0) != 0)
        print("turns: there is no CPU %lu\n", cpu);
}

/* CPU 0 spins, with YIELD or without: how far does CPU 1 count meanwhile? */
static void let_count(bool yields)
{
    uint64_t begin = counter(), first = counted;

    while (counter() - begin < counter_hz() / LOOK_HZ) {
        if (yields)
            __asm__ volatile("yield");
    }
    print("turns: CPU 1 counts to %lu beside a CPU 0 that spins %s YIELD\n", counted - first, yields ? "with" : "without");
}

void guest_main(const void *dtb)
{
    (void)dtb;
    if (hvc(PSCI_AFFINITY_INFO, 2, 0, 0) < 0) {
        turn_on(1, counts);
        let_count(false);
        let_count(true);
        system_off();
    }
    look("alone");
    turn_on(1, sleeps);
    look("beside a CPU in WFI");
    turn_on(2, spins);
    look("beside a CPU that spins");
    system_off();
}
