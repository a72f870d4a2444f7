/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest in AArch32 that tries what a VM in that mode is promised, and then does what no guest should: every register of
 * CP14 and CP15, and random A32 instructions. A word of /chosen/bootargs: seed=N others than with another number.
 */
#include <stdbool.h>
#include <stdint.h>

#define UARTDR     0x09000000u
#define UART_ID    0x09000fe0u          /* UARTPeriphID0, then 1: each of 8 bits */
#define HOLE       0x0b000000u
#define DTB_BYTES  0x10000u
#define SCRATCH    0x20000u
#define RAM_BIT    0x40000000u          /* what is not in an address of RAM */

enum vector { UNDEFINED = 1, PREFETCH = 3, DATA = 4 };

void run(uint32_t r0, uint32_t others);       /* start.S */
extern uint32_t slot[];
extern const uint8_t run_back[];
void accesses_a32(uintptr_t registers, uint32_t *to), accesses_t32(uintptr_t registers, uint32_t *to);
void guest_main(const char *dtb);
uintptr_t guest_exception(uintptr_t pc, unsigned vector, uint32_t spsr);

static uint8_t scratch[SCRATCH] __attribute__((aligned(4096)));
static uint32_t exceptions, wrong, done, last_vector;
static bool foreign;
static uint32_t random_state = 2463534242u;

static uint32_t random32(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void put(char c)
{
    *(volatile uint32_t *)UARTDR = (uint8_t)c;
}

static void say(const char *text)
{
    for (; *text; text++)
        put(*text);
}

static void say_number(uint32_t n)
{
    if (n >= 10)
        say_number(n / 10);
    put((char)('0' + n % 10));
}

uintptr_t guest_exception(uintptr_t pc, unsigned vector, uint32_t spsr)
{
    exceptions++;
    last_vector = vector;
    (void)spsr;
    return foreign ? (uintptr_t)run_back : pc + 4;
}

static void check(const char *what, uint32_t is, uint32_t should_be)
{
    if (is == should_be)
        return;
    wrong++;
    say("aarch32: wrong: ");
    say(what);
    say(" is ");
    say_number(is);
    say(", not ");
    say_number(should_be);
    say("\n");
}

static uint32_t read32(uintptr_t at)
{
    return *(volatile uint32_t *)at;
}

static void try_accesses(void (*accesses)(uintptr_t, uint32_t *), const char *state)
{
    uint32_t at[12];

    accesses(UART_ID, at);
    for (unsigned i = 0; i < 12; i++)
        check(state, at[i], read32(UART_ID + i % 2 * 4));
}

static void try_exceptions(void)
{
    uint32_t value, before = exceptions;

    __asm__ volatile("mrc p15, 0, %0, c9, c12, 0" : "=r"(value));      /* PMCR: there is none */
    check("vector", last_vector, UNDEFINED);
    (void)read32(HOLE);
    check("vector", last_vector, DATA);
    __asm__ volatile("mrc p15, 0, %0, c5, c0, 0" : "=r"(value));
    check("DFSR", value, 0x008);
    __asm__ volatile("mrc p15, 0, %0, c6, c0, 0" : "=r"(value));
    check("DFAR", value, HOLE);
    check("exceptions", exceptions - before, 2);
    __asm__ volatile("mrc p15, 0, %0, c0, c1, 0" : "=r"(value));
    check("ID_PFR0.State0", value & 0xf, 1);
    __asm__ volatile("mrc p15, 0, %0, c0, c1, 1" : "=r"(value));
    check("ID_PFR1.GIC", value >> 28, 1);
    register uint32_t r0 __asm__("r0") = 0x84000000;                    /* PSCI_VERSION by SMC, whose condition holds or not */
    __asm__ volatile(".arch_extension sec\n\tcmp %0, %0\n\tsmcne #0\n\tmov r4, %0\n\tsmceq #0" : "+r"(r0) : : "r4", "cc");
    check("PSCI_VERSION", r0, 0x10001);
}

static void run_one(uint32_t instruction, uint32_t r0)
{
    *(volatile uint32_t *)slot = instruction;
    slot[1] = 0xea000000 | (((uintptr_t)run_back - (uintptr_t)&slot[1] - 8) >> 2 & 0xffffff);  /* b run_back */
    __asm__ volatile("mcr p15, 0, %0, c7, c11, 1\n\tdsb sy\n\tmcr p15, 0, %1, c7, c5, 0\n\tdsb sy\n\tisb"
                     : : "r"(slot), "r"(0) : "memory");                 /* DCCMVAU, ICIALLU */
    foreign = true;
    run(r0, (uintptr_t)scratch + SCRATCH / 2);
    foreign = false;
    done++;
}

#define COPROCESSOR(l, cp, op1, crn, crm, op2) \
    (0xee000010u | (op1) << 21 | (l) << 20 | (crn) << 16 | (cp) << 8 | (op2) << 5 | (crm))

/* SCTLR and VBAR, without which this guest can't go on; RMR; the old WFI. */
static bool vital(unsigned cp, unsigned crn, unsigned crm, unsigned op2)
{
    return cp == 15 && ((crn == 1 && crm == 0 && op2 == 0) || (crn == 12 && crm == 0) || (crn == 7 && crm == 0));
}

/* QEMU 7.2 stops with an assertion of its own when a bit above the field of ICC_BPR<n> is set. */
static uint32_t value_for(unsigned crn, unsigned op2)
{
    uint32_t value = random32() >> random32() % 32;

    return crn == 12 && op2 == 3 ? value & 7 : value;
}

static void attack_registers(unsigned cp)
{
    for (unsigned n = 0; n < 1u << 14; n++) {
        unsigned op1 = n >> 11, crn = n >> 7 & 15, crm = n >> 3 & 15, op2 = n & 7;
        run_one(COPROCESSOR(1, cp, op1, crn, crm, op2), 0);
        if (!vital(cp, crn, crm, op2))
            run_one(COPROCESSOR(0, cp, op1, crn, crm, op2), value_for(crn, op2));
    }
    for (unsigned n = 0; n < 1u << 9; n++)      /* MCRR, MRRC */
        run_one(0xec410000 | (n & 1) << 20 | cp << 8 | (n >> 1 & 15) << 4 | n >> 5, value_for(0, 0));
}

/* What changes the flow or the mode, waits, or is another attack's. */
static bool too_dangerous(uint32_t w)
{
    unsigned kind = w >> 25 & 7, rd = w >> 12 & 15, rn = w >> 16 & 15;

    if (w >> 28 == 0xf || kind == 5 || rd == 15 || rn == 15)
        return true;
    if (kind == 0 && (w & 0x01900000) == 0x01000000)            /* MSR, BX, HVC, SMC, BKPT and their like */
        return true;
    if (kind == 1 && (w & 0x01b00000) == 0x01200000)            /* MSR, hints */
        return true;
    if (!(w & 1u << 20) && ((kind == 0 && (w & 0x00400090) == 0x90) || (kind == 3 && !(w & 16))))
        return true;                                            /* a store to a sum of registers: it might hit this guest */
    if (kind == 4)                                              /* LDM of PC, or of another mode's */
        return w & 0x00408000;
    return kind == 7 || (kind == 6 && (w >> 8 & 15) >= 14);     /* coprocessors */
}

static void attack_garbage(void)
{
    for (unsigned n = 0; n < 60000; n++) {
        uint32_t word = random32();
        if (!too_dangerous(word))
            run_one(n & 1 ? (word & 0x0fffffff) | 0xe0000000 : word, random32() & ~RAM_BIT);
    }
}

static void attack_calls(void)
{
    for (unsigned n = 0; n < 2000; n++) {
        uint32_t id = 0x84000000 | (random32() & 0x4300003f);
        if ((id & 0xbfffffff) != 0x84000008 && (id & 0xbfffffff) != 0x84000009 && (id & 0xbfffffff) != 0x84000002 &&
            (id & 0xbfffffff) != 0x84000001)
            run_one(n & 1 ? 0xe1400070 : 0xe1600070, id);       /* HVC, SMC; not off, reset or suspend */
    }
}

static void seed_by(const char *dtb)
{
    for (const char *s = dtb; s < dtb + DTB_BYTES - 8; s++)
        if (s[0] == 's' && s[1] == 'e' && s[2] == 'e' && s[3] == 'd' && s[4] == '=')
            random_state ^= (uint32_t)(s[5] - '0' + 1) * 0x9e3779b9u;
}

void guest_main(const char *dtb)
{
    seed_by(dtb);
    say("aarch32: accesses and exceptions\n");
    try_accesses(accesses_a32, "A32 access");
    try_accesses(accesses_t32, "T32 access");
    try_exceptions();
    say("aarch32: instructions\n");
    attack_garbage();
    say("aarch32: calls\n");
    attack_calls();
    say("aarch32: CP14\n");
    attack_registers(14);
    say("aarch32: CP15\n");
    attack_registers(15);
    say("aarch32: ");
    say_number(done);
    say(" done, ");
    say_number(exceptions);
    say(" exceptions, ");
    say_number(wrong);
    say(" wrong answers\n");
}
