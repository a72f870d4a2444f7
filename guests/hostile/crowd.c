/* SPDX-License-Identifier: Apache-2.0 */
/* All vCPUs but the first, on whatever CPUs they are, ask all that they can of the first one's CPU. */
#include "hostile.h"

#include "arm64.h"
#include "gic.h"
#include "guest.h"

#define GICD_IROUTER  (GICD_BASE + 0x6000)
#define GICD_ITARGETSR (GICD_BASE + 0x800)
#define GICD_ISPENDR  (GICD_BASE + 0x200)
#define GICD_BYTES_USED 0xd00ul
#define SPIS          96u               /* those that the first one enables */
#define MEMBERS       8u
#define STACK         1024u
#define AFFINITY_OFF  1
#define SECONDS       2u

extern const uint8_t crowd_entry[];     /* run.S, which calls */
void crowd_member(uint64_t number);
uint8_t crowd_stacks[MEMBERS * STACK] __attribute__((aligned(16)));

static volatile uint32_t goes_on;

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* An SGI. */
static void send(uint64_t intid, uint64_t targets, bool others)
{
    if (gic_is_v2) {
        *(volatile uint32_t *)GICD_SGIR = (uint32_t)(others << 24 | targets << 16 | intid);
    } else {
        sysreg_write(S3_0_C12_C11_5, intid << 24 | (uint64_t)others << 40 | targets);          /* ICC_SGI1R_EL1 */
    }
}

static void route(uint64_t intid, uint64_t cpu)
{
    if (gic_is_v2) {
        *(volatile uint8_t *)(GICD_ITARGETSR + intid) = (uint8_t)(1u << cpu);
    } else {
        *(volatile uint64_t *)(GICD_IROUTER + 8 * intid) = cpu;
    }
}

/* One thing that makes another CPU work, if the nucleus lets it. */
static void ask(uint64_t r)
{
    volatile uint32_t *word = (volatile uint32_t *)(GICD_BASE + (r >> 8) % GICD_BYTES_USED / 4 * 4);
    const uintptr_t private = gic_is_v2 ? GICD_BASE : GICR_BASE + GICR_SGI;
    volatile uint32_t *firsts = (volatile uint32_t *)(private + (r >> 8) % GICD_BYTES_USED / 4 * 4);

    switch (r % 8) {
    case 0:
    case 1: send(r >> 8 & 15, 1, false); break;
    case 2: send(r >> 8 & 15, 0, true); break;
    case 3: *(volatile uint32_t *)(GICD_ISPENDR + 4 + (r >> 8) % 3 * 4) = (uint32_t)(r >> 16); break;
    case 4: route(32 + (r >> 8) % SPIS, r >> 16 & 1); break;
    case 5: (void)*word; break;
    case 6: if (r >> 40 & 1) { (void)*firsts; } else { *word = (uint32_t)(r >> 16); } break;
    case 7: hvc(r >> 8 & 1 ? PSCI_CPU_ON : PSCI_AFFINITY_INFO, r >> 9 & 7, (uintptr_t)crowd_entry, 0); break;
    }
}

/* Its MMU is off. It takes no interrupts, and ends what it may be asked to handle now and then. */
void crowd_member(uint64_t number)
{
    uint64_t state = 88172645463325252ul + number * 0x9e3779b97f4a7c15ul;

    gic_init_cpu();
    while (goes_on) {
        uint64_t r = next(&state);
        ask(r);
        if (r >> 56 < 16) {
            gic_eoi(gic_ack());
        }
        if (r >> 56 == 255) {
            hvc(PSCI_CPU_OFF, 0, 0, 0);
        }
    }
    hvc(PSCI_CPU_OFF, 0, 0, 0);
}

static void set_going(uint32_t on)
{
    goes_on = on;
    __asm__ volatile("dc civac, %0\n\tdsb sy" : : "r"(&goes_on) : "memory");
}

static bool others_are_off(void)
{
    for (uint64_t n = 1; n < MEMBERS; n++) {
        if (hvc(PSCI_AFFINITY_INFO, n, 0, 0) >= 0 && hvc(PSCI_AFFINITY_INFO, n, 0, 0) != AFFINITY_OFF) {
            return false;
        }
    }
    return true;
}

static void enable_all(void)
{
    for (uint32_t intid = 0; intid < 32 + SPIS; intid++) {
        if (intid < 16 || intid >= 32) {
            gic_enable(intid, (uint8_t)(random64() & 0xf0));
        }
    }
}

/* A tick that ends its waits. */
static void nap(void)
{
    gic_enable(TIMER_PPI, 0);
    timer_set(counter() + counter_hz() / 10000);
    wfi();
    timer_stop();
}

void attack_crowd(void)
{
    uint64_t end = counter() + counter_hz() * SECONDS;

    if (hvc(PSCI_AFFINITY_INFO, 1, 0, 0) < 0) {
        return;                     /* there are no others */
    }
    settle();
    enable_all();
    set_going(1);
    while (counter() < end) {
        for (uint64_t n = 1; n < MEMBERS; n++) {
            done += hvc(PSCI_CPU_ON, n, (uintptr_t)crowd_entry, n) == 0;
        }
        for (unsigned n = 0; n < 50; n++) {
            let_in();
        }
        if (random_below(4) == 0) {
            enable_all();
        }
        nap();
    }
    set_going(0);
    while (!others_are_off()) {
        let_in();
        nap();
    }
}
