/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The victim does all kinds of work, with interrupts open, until a timer ends it at a random instruction: there it
 * crashes, or hangs. Another start is another instruction.
 *
 * Words of /chosen/bootargs: seed=N others than with another number; within=N at the latest after so many ns.
 */
#include "arm64.h"
#include "gic.h"
#include "guest.h"

#define END_PPI        30        /* the physical timer's interrupt */
#define WORK_SGI       1
#define UARTFR         0x18
#define WCS            0x1000
#define GICD_ISENABLER 0x100

/* victim.S */
extern const uint8_t second_main[];
uint64_t fp_double(uint64_t bits);
_Noreturn void crash_at(uint64_t pc), hang_at(uint64_t pc);

static uint64_t random_state;
static volatile uint64_t sum;

static uint64_t random64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static _Noreturn void end_at(uint64_t pc)
{
    if (random64() % 4)
        crash_at(pc);
    hang_at(pc);
}

/* What is not there or not known is passed over. */
void guest_exception(struct exception *e, unsigned vector)
{
    if (vector != VECTOR_IRQ) {
        e->pc += 4;
        return;
    }
    uint32_t ack = gic_ack(), intid = GIC_INTID(ack);
    if (intid == END_PPI)
        end_at(e->pc);
    if (intid == TIMER_PPI)
        timer_stop();
    if (intid < GIC_SPURIOUS)
        gic_eoi(ack);
}

static void compute(void)
{
    static char text[64];
    uint64_t v = fp_double(random_state);

    print_to(text, sizeof text, "%lx %5lu %016lx %c", v, v % 1000, random_state, 'a' + (char)(v % 26));
    for (unsigned i = 0; text[i]; i++)
        sum += sum * 31 + (uint64_t)text[i];
}

static void wait(void)
{
    timer_set(counter() + (random64() >> (50 + random64() % 14)));
    wfi();
}

/* One of what a guest does, the longer the less often. */
static void work(void)
{
    switch (random64() % 512) {
    case 0: print("victim: works\n"); return;
    case 1: wait(); return;
    }
    switch (random64() % 64) {
    case 0: gic_sgi_self(WORK_SGI); break;
    case 1: hvc(PSCI_VERSION, 0, 0, 0); break;
    case 2: hvc(random64(), 0, 0, 0); break;            /* hardly ever one that there is */
    case 3: sum += *(volatile uint32_t *)(GUEST_UART + UARTFR); break;
    case 4: *(volatile uint32_t *)GUEST_WATCHDOG = 1; break;
    case 5: sum += *(volatile uint32_t *)(GUEST_WATCHDOG + WCS); break;
    case 6: *(volatile uint32_t *)(GICD_BASE + GICD_ISENABLER + 4) = (uint32_t)random64() & ~2u; break;
    case 7: sum += *(volatile uint32_t *)GUEST_HOLE; break;
    default: compute();
    }
}

void guest_main(const void *dtb)
{
    const char *args = bootargs(dtb);
    uint64_t seed = 0, within = 2000000;

    option_number(args, "seed", &seed);
    option_number(args, "within", &within);
    random_state = counter() * 0x9e3779b97f4a7c15u + seed + 1;
    random64();
    gic_init();
    gic_init_cpu();
    gic_enable(END_PPI, 0);
    gic_enable(TIMER_PPI, 0x80);
    gic_enable(WORK_SGI, 0x80);
    for (uint64_t vcpu = 1; hvc(PSCI_CPU_ON, vcpu, (uintptr_t)second_main, 0) == 0; vcpu++) {
    }
    sysreg_write(cntp_cval_el0, counter() + random64() % (within * (counter_hz() / 1000000) / 1000));
    sysreg_write(cntp_ctl_el0, 1);
    irq_enable();
    for (;;)
        work();
}
