/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads and stores of all kinds to devices: of the interrupt controller, which a hypervisor may emulate itself, and of
 * the UART, which it may leave to somebody else.
 */
#include "conform.h"
#include "gicv3.h"
#include "registers.h"
#include "trap.h"

#define PRIORITIES   (GICD_BASE + IPRIORITYR + SPI_FIRST)       /* bytes, or words */
#define ROUTERS      (GICD_BASE + GICD_IROUTER + 8 * SPI_FIRST)      /* words, or doublewords: of a GICv3 */
#define UART_FBRD    (GUEST_UART + 0x28)                        /* 6 bits that it keeps, and no more */
#define UART_IFLS    (GUEST_UART + 0x34)                        /* the same */
#define UART_IMSC    (GUEST_UART + 0x38)                        /* 11 bits */
#define UART_ID      (GUEST_UART + 0xfe0)                       /* PeriphID0 to 3: 0x11, 0x10, 0x.4, 0 */
#define SCTLR_EE     (1ul << 25)
#define SCTLR_MMU    (1ul << 0)
#define EXTERNAL     0x10u
#define ALIGNMENT    0x21u
#define EXCLUSIVE    0x35u

/* `text` has %0 to load to, %1 the address; the base register is given back. */
#define LOAD(text, to, base)   __asm__ volatile(text : "+r"(to), "+r"(base) : : "memory")
#define STORE(text, from, base) __asm__ volatile(text : "+r"(base) : "r"(from) : "memory")

static void set_priorities(void)
{
    write32(PRIORITIES, 0x98b0c8f0);
    write32(PRIORITIES + 4, 0x10203040);
}

static void loads_of_a_byte_and_a_word_are_extended(void)
{
    uint64_t base = PRIORITIES, value = ~0ul;
    set_priorities();
    LOAD("ldrb %w0, [%1]", value, base);
    SAME(value, 0xf0);
    LOAD("ldrsb %0, [%1]", value, base);
    SAME(value, 0xfffffffffffffff0);
    LOAD("ldrsb %w0, [%1]", value, base);
    SAME(value, 0xfffffff0);
    value = ~0ul;
    LOAD("ldr %w0, [%1]", value, base);
    SAME(value, 0x98b0c8f0);
    LOAD("ldrsw %0, [%1]", value, base);
    SAME(value, 0xffffffff98b0c8f0);
}

static void addresses_are_formed_in_each_way(void)
{
    uint64_t base = PRIORITIES - 4, value = 0, index = 2;
    set_priorities();
    LOAD("ldr %w0, [%1, #4]", value, base);
    SAME(value, 0x98b0c8f0);
    LOAD("ldur %w0, [%1, #8]", value, base);
    SAME(value, 0x10203040);
    __asm__ volatile("ldr %w0, [%1, %2, lsl #2]" : "=r"(value) : "r"(base), "r"(index) : "memory");
    SAME(value, 0x10203040);
    __asm__ volatile("ldr %w0, [%1, %w2, sxtw]" : "=r"(value) : "r"(base + 8), "r"(-4l) : "memory");
    SAME(value, 0x98b0c8f0);
}

static void a_base_is_written_back(void)
{
    uint64_t base = PRIORITIES, value = 0;
    set_priorities();
    LOAD("ldr %w0, [%1], #4", value, base);
    SAME(value, 0x98b0c8f0);
    SAME(base, PRIORITIES + 4);
    LOAD("ldr %w0, [%1, #-4]!", value, base);
    SAME(value, 0x98b0c8f0);
    SAME(base, PRIORITIES);
    STORE("str %w1, [%0], #4", 0x50607080ul, base);
    SAME(base, PRIORITIES + 4);
    SAME(read32(PRIORITIES), 0x50607080);
    STORE("strb %w1, [%0, #1]!", 0x88ul, base);
    SAME(base, PRIORITIES + 5);
    SAME(read32(PRIORITIES + 4), 0x10208840);
}

static void pairs_are_two_registers(void)
{
    uint64_t base = PRIORITIES, first = 0, second = 0;
    set_priorities();
    __asm__ volatile("ldp %w0, %w1, [%2]" : "=r"(first), "=r"(second) : "r"(base) : "memory");
    SAME(first, 0x98b0c8f0);
    SAME(second, 0x10203040);
    __asm__ volatile("ldpsw %0, %1, [%2]" : "=r"(first), "=r"(second) : "r"(base) : "memory");
    SAME(first, 0xffffffff98b0c8f0);
    __asm__ volatile("stp %w1, wzr, [%0], #8" : "+r"(base) : "r"(0x08101820ul) : "memory");
    SAME(base, PRIORITIES + 8);
    SAME(read32(PRIORITIES), 0x08101820);
    SAME(read32(PRIORITIES + 4), 0);
}

static void pairs_of_doublewords_are_two_registers(void)
{
    uint64_t first = 0, second = 0;
    write64(ROUTERS, 1);
    write64(ROUTERS + 8, 2);
    __asm__ volatile("ldp %0, %1, [%2]" : "=r"(first), "=r"(second) : "r"(ROUTERS) : "memory");
    SAME(first, 1);
    SAME(second, 2);
    __asm__ volatile("stp xzr, xzr, [%0]" : : "r"(ROUTERS) : "memory");
    SAME(read64(ROUTERS) | read64(ROUTERS + 8), 0);
}

static void non_temporal_pairs_are_two_registers(void)
{
    uint64_t first = 0, second = 0;
    set_priorities();
    __asm__ volatile("ldnp %w0, %w1, [%2]" : "=r"(first), "=r"(second) : "r"(PRIORITIES) : "memory");
    SAME(first, 0x98b0c8f0);
    SAME(second, 0x10203040);
    __asm__ volatile("stnp %w1, wzr, [%0]" : : "r"(PRIORITIES), "r"(0x08101820) : "memory");
    SAME(read32(PRIORITIES), 0x08101820);
    SAME(read32(PRIORITIES + 4), 0);
}

/* As EL0 has it. */
static void unprivileged_ones_are_ordinary(void)
{
    uint64_t at = window(5) + IPRIORITYR + SPI_FIRST, value = 0;
    set_priorities();
    window_map(5, GICD_BASE | MAP_DEVICE | MAP_EL0);
    LOAD("ldtr %w0, [%1]", value, at);
    SAME(value, 0x98b0c8f0);
    LOAD("ldtrsb %0, [%1, #3]", value, at);
    SAME(value, 0xffffffffffffff98);
    STORE("sttrb %w1, [%0]", 0x50ul, at);
    SAME(read32(PRIORITIES), 0x98b0c850);
    window_map(5, GICD_BASE | MAP_DEVICE);
    LOAD("ldtr %w0, [%1]", value, at);
    SAME(FSC_OF(trap_one(EC_DABT).esr), 0x0f);
    SAME(value, 0xffffffffffffff98);
}

static void the_zero_register_is_stored_and_loaded_to(void)
{
    set_priorities();
    __asm__ volatile("ldr wzr, [%0]\n\tstr wzr, [%0]" : : "r"(PRIORITIES) : "memory");
    SAME(read32(PRIORITIES), 0);
}

static void acquire_and_release_are_ordinary(void)
{
    uint64_t value = 0;
    set_priorities();
    __asm__ volatile("ldar %w0, [%1]" : "=r"(value) : "r"(PRIORITIES) : "memory");
    SAME(value, 0x98b0c8f0);
    __asm__ volatile("stlr %w1, [%0]" : : "r"(PRIORITIES), "r"(0x40506070) : "memory");
    SAME(read32(PRIORITIES), 0x40506070);
    __asm__ volatile("ldarb %w0, [%1]" : "=r"(value) : "r"(PRIORITIES) : "memory");
    SAME(value, 0x70);
}

static void stack_pointers_are_bases_too(void)
{
    uint64_t value = 0;
    set_priorities();
    __asm__ volatile("msr spsel, #0\n\tmov sp, %1\n\tldr %w0, [sp]\n\tmsr spsel, #1"
                     : "=r"(value) : "r"(PRIORITIES) : "memory");
    SAME(value, 0x98b0c8f0);
    __asm__ volatile("msr spsel, #0\n\tldr %w0, [sp], #16\n\tmsr spsel, #1" : "=r"(value) : : "memory");
    SAME(value, 0x98b0c8f0);
    SAME(sysreg_read(sp_el0), PRIORITIES + 16);
}

/* A device of a service's: each way that ends elsewhere than above. */
static void the_uart_is_reached_in_each_way(void)
{
    uint64_t base = UART_ID, value = 0, second = 0;
    LOAD("ldrb %w0, [%1]", value, base);
    SAME(value, 0x11);
    LOAD("ldrh %w0, [%1, #4]", value, base);
    SAME(value, 0x10);
    LOAD("ldr %w0, [%1], #4", value, base);
    SAME(value, 0x11);
    SAME(base, UART_ID + 4);
    __asm__ volatile("ldp %w0, %w1, [%2]" : "=r"(value), "=r"(second) : "r"(UART_ID) : "memory");
    SAME(value, 0x11);
    SAME(second, 0x10);
    base = UART_IFLS;
    uint32_t was = read32(UART_IFLS);
    STORE("str %w1, [%0], #4", 0x1bul, base);
    SAME(base, UART_IFLS + 4);
    SAME(read32(UART_IFLS), 0x1b);
    __asm__ volatile("stp %w1, wzr, [%0]" : : "r"(UART_IFLS), "r"(0x12) : "memory");        /* UARTIMSC behind it */
    SAME(read32(UART_IFLS), 0x12);
    SAME(read32(UART_IMSC), 0);
    write32(UART_IFLS, was);
}

static void the_uart_keeps_its_registers_width(void)
{
    uint32_t was = read32(UART_FBRD);
    write32(UART_FBRD, 0x2a);
    SAME(read32(UART_FBRD), 0x2a);
    write32(UART_FBRD, was);
    write32(UART_IMSC, 0x50);
    SAME(read32(UART_IMSC), 0x50);
    write32(UART_IMSC, 0);
}

static void between_devices_is_nothing(void)
{
    (void)read32(GUEST_UART + 0x1000);
    struct trap t = trap_one(EC_DABT);
    SAME(FSC_OF(t.esr), EXTERNAL);
    SAME(t.far, GUEST_UART + 0x1000);
    write32(GUEST_UART + 0xa0000, 0);
    trap_one(EC_DABT);
}

/* Not aligned: the architecture has an alignment fault, and nothing is done. QEMU's board puts the bytes together. */
static bool aborts(uint64_t address)
{
    struct trap t = trap_take();
    if (t.count) {
        SAME(EC_OF(t.esr), EC_DABT);
        SAME(FSC_OF(t.esr) == ALIGNMENT || FSC_OF(t.esr) == EXTERNAL, true);
        SAME(t.far, address);
    }
    return t.count;
}

static void what_is_not_aligned_aborts_or_is_put_together(void)
{
    uint64_t value = 0x77, address = PRIORITIES + 1;
    set_priorities();
    LOAD("ldr %w0, [%1]", value, address);
    SAME(value, aborts(PRIORITIES + 1) ? 0x77 : 0x4098b0c8);
    STORE("str %w1, [%0]", 0ul, address);
    bool none = aborts(PRIORITIES + 1);
    SAME(read32(PRIORITIES), none ? 0x98b0c8f0 : 0xf0);
    SAME(read32(PRIORITIES + 4), none ? 0x10203040 : 0x10203000);
    address = UART_ID + 2;
    LOAD("ldr %w0, [%1]", value, address);
    (void)aborts(UART_ID + 2);                      /* what it answers otherwise is its own affair */
}

/* Whether a device has exclusives and atomics is its own affair: they work, or abort and do nothing. */
static bool aborted(uint64_t address)
{
    struct trap t = trap_take();
    if (t.count) {
        SAME(EC_OF(t.esr), EC_DABT);
        SAME(FSC_OF(t.esr) == EXCLUSIVE || FSC_OF(t.esr) == EXTERNAL, true);
        SAME(t.far, address);
    }
    return t.count;
}

static void an_exclusive_works_or_aborts(void)
{
    uint64_t value = 0x77;
    set_priorities();
    __asm__ volatile("ldxr %w0, [%1]" : "+r"(value) : "r"(PRIORITIES) : "memory");
    SAME(value, aborted(PRIORITIES) ? 0x77 : 0x98b0c8f0);
    __asm__ volatile("clrex");
}

static void an_atomic_works_or_aborts(void)
{
    if ((sysreg_read(id_aa64isar0_el1) >> 20 & 0xf) < 2) {
        return;
    }
    register uint64_t base __asm__("x3") = PRIORITIES;
    register uint64_t add __asm__("x4") = 8, value __asm__("x5") = 0x77;
    set_priorities();
    __asm__ volatile(".inst 0xb8240065" : "+r"(value) : "r"(base), "r"(add) : "memory");     /* LDADD w4, w5, [x3] */
    bool none = aborted(PRIORITIES);
    SAME(value, none ? 0x77 : 0x98b0c8f0);
    SAME(read32(PRIORITIES), none ? 0x98b0c8f0 : 0x98b0c8f8);
}

void fp_load_word(uint64_t address);            /* fp_registers.S */
void fp_load_quad(uint64_t address);

static void fp_works_or_aborts(void)
{
    set_priorities();
    fp_load_word(PRIORITIES);
    (void)aborted(PRIORITIES);
    fp_load_quad(ROUTERS);
    (void)aborted(ROUTERS);
}

static void hints_and_maintenance_do_nothing_to_a_device(void)
{
    set_priorities();
    __asm__ volatile("prfm pldl1keep, [%0]\n\tprfm pstl2keep, [%0]\n\tdc cvac, %0\n\tdc civac, %0\n\tdc cvau, %0"
                     : : "r"(PRIORITIES) : "memory");
    __asm__ volatile("prfm pldl1keep, [%0]\n\tdc cvac, %0\n\tdc civac, %0" : : "r"(UART_ID) : "memory");
    trap_none();
    SAME(read32(PRIORITIES), 0x98b0c8f0);
}

static void a_device_is_mapped_where_one_likes(void)
{
    window_map(5, (GUEST_UART & ~(PAGE - 1)) | MAP_DEVICE);
    SAME(read32(window(5) + 0xfe0), 0x11);
    window_map(5, GICD_BASE | MAP_DEVICE);
    SAME(read32(window(5) + GICD_TYPER), read32(GICD_BASE + GICD_TYPER));
}

static void a_device_that_may_only_be_read_is_not_written(void)
{
    set_priorities();
    window_map(5, GICD_BASE | MAP_DEVICE | MAP_READ);
    write32(window(5) + IPRIORITYR + SPI_FIRST, 0);
    struct trap t = trap_one(EC_DABT);
    SAME(FSC_OF(t.esr), 0x0f);
    SAME(read32(PRIORITIES), 0x98b0c8f0);
}

/* In between is nothing but the access. */
static uint64_t with_sctlr(uint64_t flip, uint64_t address)
{
    uint64_t was = sysreg_read(sctlr_el1), value = 0;
    dsb();
    __asm__ volatile("msr sctlr_el1, %2\n\tisb\n\tldr %w0, [%1]\n\tmsr sctlr_el1, %3\n\tisb"
                     : "+r"(value) : "r"(address), "r"(was ^ flip), "r"(was) : "memory");
    return value;
}

static void with_the_mmu_off_devices_are_the_same(void)
{
    set_priorities();
    SAME(with_sctlr(SCTLR_MMU, PRIORITIES), 0x98b0c8f0);
    SAME(with_sctlr(SCTLR_MMU, UART_ID), 0x11);
    SAME(trap_take().count, 0);
}

static void with_the_mmu_off_a_pair_is_the_same(void)
{
    uint64_t was = sysreg_read(sctlr_el1), first = 0, second = 0, base = PRIORITIES;
    set_priorities();
    dsb();
    __asm__ volatile("msr sctlr_el1, %3\n\tisb\n\tldp %w0, %w1, [%2], #8\n\tmsr sctlr_el1, %4\n\tisb"
                     : "=&r"(first), "=&r"(second), "+r"(base) : "r"(was & ~SCTLR_MMU), "r"(was) : "memory");
    SAME(first, 0x98b0c8f0);
    SAME(second, 0x10203040);
    SAME(base, PRIORITIES + 8);
}

/* With the MMU off, since its tables would be big-endian too. */
static void a_big_endian_load_turns_its_bytes(void)
{
    set_priorities();
    SAME(with_sctlr(SCTLR_EE | SCTLR_MMU, PRIORITIES), 0xf0c8b098);
    SAME(with_sctlr(SCTLR_EE | SCTLR_MMU, UART_ID), 0x11000000);
}

const struct promise access_to_devices[] = {
    PROMISE(loads_of_a_byte_and_a_word_are_extended),
    PROMISE(addresses_are_formed_in_each_way),
    PROMISE(a_base_is_written_back),
    PROMISE(pairs_are_two_registers),
    PROMISE_OF(3, pairs_of_doublewords_are_two_registers),
    PROMISE(non_temporal_pairs_are_two_registers),
    PROMISE(unprivileged_ones_are_ordinary),
    PROMISE(the_zero_register_is_stored_and_loaded_to),
    PROMISE(acquire_and_release_are_ordinary),
    PROMISE(stack_pointers_are_bases_too),
    PROMISE(the_uart_is_reached_in_each_way),
    PROMISE(the_uart_keeps_its_registers_width),
    PROMISE(between_devices_is_nothing),
    PROMISE(what_is_not_aligned_aborts_or_is_put_together),
    PROMISE(an_exclusive_works_or_aborts),
    PROMISE(an_atomic_works_or_aborts),
    PROMISE(fp_works_or_aborts),
    PROMISE(hints_and_maintenance_do_nothing_to_a_device),
    PROMISE(a_device_is_mapped_where_one_likes),
    PROMISE(a_device_that_may_only_be_read_is_not_written),
    PROMISE(with_the_mmu_off_devices_are_the_same),
    PROMISE(with_the_mmu_off_a_pair_is_the_same),
    PROMISE(a_big_endian_load_turns_its_bytes),
    { 0 },
};
