/* SPDX-License-Identifier: Apache-2.0 */
/* Synchronous exceptions (Arm ARM, D1.3 and D17.2.37): their class, what is told of them, where they go on. */
#include "conform.h"
#include "registers.h"
#include "trap.h"

#define WNR            (1u << 6)
#define FNV            (1u << 10)
#define ADDRESS_SIZE(l) (0x00u + (l))
#define TRANSLATION(l) (0x04u + (l))
#define ACCESS_FLAG(l) (0x08u + (l))
#define PERMISSION(l)  (0x0cu + (l))
#define EXTERNAL       0x10u
#define ALIGNMENT      0x21u
#define UNMAPPED       0x200000000ul        /* an entry of the first level that is not valid */
#define SCTLR_A        (1ul << 1)

static uint8_t memory[2 * PAGE] __attribute__((aligned(PAGE)));

static uint64_t load(uint64_t address)
{
    uint64_t value = 0;
    __asm__ volatile("ldr %w0, [%1]" : "+r"(value) : "r"(address) : "memory");
    return value;
}

static void store(uint64_t address) { __asm__ volatile("str wzr, [%0]" : : "r"(address) : "memory"); }

/* An access at EL1 failed so; whether it wrote is told too. */
static void expect_abort(uint64_t address, uint32_t iss)
{
    struct trap t = trap_one(EC_DABT);
    SAME(t.far, address);
    SAME(ISS_OF(t.esr) & (WNR | FNV | 0x3f), iss);
    SAME(t.esr & ESR_IL, ESR_IL);
}

static void svc_goes_on_behind_it_with_its_number(void)
{
    __asm__ volatile("svc #0x123");
    struct trap t = trap_one(EC_SVC);
    SAME(ISS_OF(t.esr), 0x123);
    SAME(t.vector, VECTOR_SYNC);
    SAME(t.pstate & 0x3cf, 0x3c5);
}

static void an_undefined_instruction_is_told_of_where_it_is(void)
{
    uint64_t at;
    __asm__ volatile("adr %0, 1f\n1:\tudf #0" : "=r"(at));
    struct trap t = trap_one(EC_UNKNOWN);
    SAME(t.esr, ESR_IL);
    SAME(t.pc, at);
}

static void pstate_before_is_kept_in_spsr(void)
{
    __asm__ volatile("msr nzcv, %0\n\tudf #0" : : "r"(0x50000000ul) : "cc");
    struct trap t = trap_one(EC_UNKNOWN);
    SAME(t.pstate >> 28, 5);
    irq_enable();
    __asm__ volatile("udf #0");
    t = trap_one(EC_UNKNOWN);
    irq_disable();
    SAME(t.pstate & 0x3c0, 0x340);
}

static void with_sp_el0_it_takes_the_other_vector(void)
{
    uint64_t sp = (uintptr_t)memory + PAGE;
    sysreg_write(sp_el0, sp);
    __asm__ volatile("msr spsel, #0\n\tudf #0\n\tmsr spsel, #1");
    struct trap t = trap_one(EC_UNKNOWN);
    SAME(t.vector, 0);
    SAME(t.pstate & 0xf, 4);
}

static void what_is_not_mapped_is_a_translation_fault_of_its_level(void)
{
    load(UNMAPPED);
    expect_abort(UNMAPPED, TRANSLATION(1));
    store(UNMAPPED + 8);
    expect_abort(UNMAPPED + 8, TRANSLATION(1) | WNR);
    window_map(3, 0);
    load(window(3) + 0x124);
    expect_abort(window(3) + 0x124, TRANSLATION(3));
    store(window(3));
    expect_abort(window(3), TRANSLATION(3) | WNR);
    load(window(0) + (1ul << 21));
    expect_abort(window(0) + (1ul << 21), TRANSLATION(2));
}

static void an_address_beyond_the_tables_is_a_translation_fault_of_level_0(void)
{
    load(1ul << 40);
    expect_abort(1ul << 40, TRANSLATION(0));
    load(0xffffffc000000000);                       /* TTBR1 is not walked: EPD1 */
    expect_abort(0xffffffc000000000, TRANSLATION(0));
}

static void a_write_to_what_can_be_read_is_a_permission_fault(void)
{
    window_map(0, (uintptr_t)memory | MAP_NORMAL | MAP_READ);
    load(window(0));
    trap_none();
    store(window(0) + 4);
    expect_abort(window(0) + 4, PERMISSION(3) | WNR);
}

static void a_page_without_its_access_flag_is_told_of(void)
{
    window_map(0, ((uintptr_t)memory | MAP_NORMAL) & ~0x400ul);
    load(window(0));
    expect_abort(window(0), ACCESS_FLAG(3));
}

/* TCR_EL1.IPS: 40 bits. */
static void an_output_beyond_the_physical_size_is_an_address_size_fault(void)
{
    window_map(0, 1ul << 41 | MAP_NORMAL);
    load(window(0) + 8);
    expect_abort(window(0) + 8, ADDRESS_SIZE(3));
    window_map(0, 1ul << 41 | MAP_NORMAL);
    store(window(0));
    expect_abort(window(0), ADDRESS_SIZE(3) | WNR);
}

static void expect_fetch_abort(uint64_t address, unsigned fsc)
{
    call_at(address);
    struct trap t = trap_one(EC_IABT);
    SAME(t.far, address);
    SAME(t.pc, address);
    SAME(FSC_OF(t.esr), fsc);
}

static void code_that_is_not_mapped_is_a_prefetch_abort(void)
{
    expect_fetch_abort(UNMAPPED, TRANSLATION(1));
    window_map(0, 0);
    expect_fetch_abort(window(0) + 0x80, TRANSLATION(3));
}

static void code_that_may_not_be_executed_is_a_prefetch_abort(void)
{
    window_map(0, (uintptr_t)memory | MAP_NORMAL | MAP_PXN);
    expect_fetch_abort(window(0), PERMISSION(3));
    window_map(0, (uintptr_t)memory | MAP_NORMAL | MAP_EL0);    /* writable at EL0 */
    expect_fetch_abort(window(0), PERMISSION(3));
}

static void a_jump_to_an_odd_address_is_told_of(void)
{
    call_at((uintptr_t)memory + 2);
    struct trap t = trap_one(EC_PC);
    SAME(t.pc, (uintptr_t)memory + 2);
    SAME(t.far, (uintptr_t)memory + 2);
}

static void an_illegal_return_is_told_of(void)
{
    __asm__ volatile("adr x1, 1f\n\tmsr elr_el1, x1\n\tmov x1, #0x3c9\n\tmsr spsr_el1, x1\n\tisb\n\teret\n1:\tnop\n\tnop"
                     : : : "x1", "memory");         /* to EL2 */
    struct trap t = trap_one(EC_ILLEGAL);
    SAME(t.pstate >> 20 & 1, 1);                    /* IL */
    SAME(t.pstate & 0xf, 5);
}

static void what_no_memory_is_at_is_an_external_abort(void)
{
    load(GUEST_HOLE + 0x128);
    expect_abort(GUEST_HOLE + 0x128, EXTERNAL);
    store(GUEST_HOLE + 0x120);
    expect_abort(GUEST_HOLE + 0x120, EXTERNAL | WNR);
}

static void code_where_no_memory_is_is_an_external_abort(void)
{
    expect_fetch_abort(GUEST_HOLE + 0x40, EXTERNAL);
}

static void an_abort_changes_no_register_of_the_instruction(void)
{
    uint64_t base = GUEST_HOLE, value = 0x1234;
    __asm__ volatile("ldr %1, [%0], #8" : "+r"(base), "+r"(value) : : "memory");
    trap_one(EC_DABT);
    SAME(base, GUEST_HOLE);
    SAME(value, 0x1234);
    uint64_t first = 1, second = 2;
    __asm__ volatile("ldp %1, %2, [%0, #16]!" : "+r"(base), "+r"(first), "+r"(second) : : "memory");
    trap_one(EC_DABT);
    SAME(base, GUEST_HOLE);
    SAME(first, 1);
    SAME(second, 2);
}

static void an_exclusive_that_is_not_aligned_is_told_of(void)
{
    uint64_t value;
    __asm__ volatile("ldxr %w0, [%1]" : "=r"(value) : "r"(memory + 1) : "memory");
    expect_abort((uintptr_t)memory + 1, ALIGNMENT);
}

static void with_alignment_checked_what_is_not_aligned_is_told_of(void)
{
    load((uintptr_t)memory + 1);
    trap_none();
    sysreg_set(sctlr_el1, sysreg_read(sctlr_el1) | SCTLR_A);
    load((uintptr_t)memory + 1);
    sysreg_set(sctlr_el1, sysreg_read(sctlr_el1) & ~SCTLR_A);
    expect_abort((uintptr_t)memory + 1, ALIGNMENT);
}

static void pan_keeps_el1_from_pages_of_el0(void)
{
    if ((sysreg_read(id_aa64mmfr1_el1) >> 20 & 0xf) == 0) {
        return;
    }
    window_map(0, (uintptr_t)memory | MAP_NORMAL | MAP_EL0 | MAP_NOEXEC);
    load(window(0));
    trap_none();
    sysreg_set(S3_0_C4_C2_3, 1u << 22);
    load(window(0));
    sysreg_set(S3_0_C4_C2_3, 0);
    expect_abort(window(0), PERMISSION(3));
}

static void at_translates_as_the_tables_do(void)
{
    window_map(0, (uintptr_t)memory | MAP_NORMAL | MAP_READ);
    __asm__ volatile("at s1e1r, %0\n\tisb" : : "r"(window(0) + 0x10) : "memory");
    SAME(sysreg_read(par_el1) & 0xfffffffff001, (uintptr_t)memory);
    __asm__ volatile("at s1e1w, %0\n\tisb" : : "r"(window(0)) : "memory");
    SAME(sysreg_read(par_el1) & 0x7f, PERMISSION(3) << 1 | 1);
    __asm__ volatile("at s1e0r, %0\n\tisb" : : "r"(window(0)) : "memory");
    SAME(sysreg_read(par_el1) & 1, 1);
    __asm__ volatile("at s1e1r, %0\n\tisb" : : "r"(UNMAPPED) : "memory");
    SAME(sysreg_read(par_el1) & 0x7f, TRANSLATION(1) << 1 | 1);
    trap_none();
}

const struct promise exceptions[] = {
    PROMISE(svc_goes_on_behind_it_with_its_number),
    PROMISE(an_undefined_instruction_is_told_of_where_it_is),
    PROMISE(pstate_before_is_kept_in_spsr),
    PROMISE(with_sp_el0_it_takes_the_other_vector),
    PROMISE(what_is_not_mapped_is_a_translation_fault_of_its_level),
    PROMISE(an_address_beyond_the_tables_is_a_translation_fault_of_level_0),
    PROMISE(a_write_to_what_can_be_read_is_a_permission_fault),
    PROMISE(a_page_without_its_access_flag_is_told_of),
    PROMISE(an_output_beyond_the_physical_size_is_an_address_size_fault),
    PROMISE(code_that_is_not_mapped_is_a_prefetch_abort),
    PROMISE(code_that_may_not_be_executed_is_a_prefetch_abort),
    PROMISE(a_jump_to_an_odd_address_is_told_of),
    PROMISE(an_illegal_return_is_told_of),
    PROMISE(what_no_memory_is_at_is_an_external_abort),
    PROMISE(code_where_no_memory_is_is_an_external_abort),
    PROMISE(an_abort_changes_no_register_of_the_instruction),
    PROMISE(an_exclusive_that_is_not_aligned_is_told_of),
    PROMISE(with_alignment_checked_what_is_not_aligned_is_told_of),
    PROMISE(pan_keeps_el1_from_pages_of_el0),
    PROMISE(at_translates_as_the_tables_do),
    { 0 },
};
