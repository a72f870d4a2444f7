/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a domain that ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "steward/report.h"

#define DOMAIN 7
#define VCPU_0 11
#define VCPU_1 12

static struct domain_status status;
static char said[4096];

/* The nucleus: REGS gives each register 0x100 times its number. */
struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    struct hypercall_result r = { BELAY_OK, { 0 } };

    (void)a2, (void)a3, (void)a4, (void)a5;
    if (number == BELAY_HC_DOMAIN_STATUS && a0 == DOMAIN) {
        const uint64_t v[6] = { status.state, status.reason, status.context, status.pc, status.esr, status.far };
        memcpy(r.v, v, sizeof v);
    } else if (number == BELAY_HC_REGS && (a0 == VCPU_0 || a0 == VCPU_1)) {
        for (unsigned i = 0; i < 6; i++)
            r.v[i] = (a1 + i) * 0x100 + (a0 == VCPU_1);
    } else {
        r.error = BELAY_EHANDLE;
    }
    return r;
}

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    size_t n = strlen(said);
    va_list args;

    va_start(args, format);
    vsnprintf(said + n, sizeof said - n, format, args);
    va_end(args);
    strcat(said, "\n");
}

static void report(enum belay_reason reason, uint32_t context, uint64_t esr)
{
    const handle_t vcpu[] = { VCPU_0, VCPU_1 };

    status = (struct domain_status){ BELAY_STATE_ENDED, reason, context, 0x40080000, esr, 0xdead000 };
    said[0] = '\0';
    report_end("radio", DOMAIN, vcpu, 2, note);
}

static void an_orderly_end_is_one_line(void **state)
{
    (void)state;
    report(BELAY_REASON_OFF, 0, 0);
    assert_string_equal(said, "radio: turned itself off\n");
    report(BELAY_REASON_RESET, 0, 0);
    assert_string_equal(said, "radio: reset itself\n");
}

static void a_fault_is_told_with_the_registers_of_its_context(void **state)
{
    (void)state;
    report(BELAY_REASON_FAULT, 1, 0x92000046);
    assert_non_null(strstr(said, "radio: died of a data abort (write to 0xdead000: nothing is mapped there) "
                                 "on context 1 at PC 0x40080000, ESR 0x92000046\n"));
    assert_non_null(strstr(said, "radio:   x24..x29 0000000000001801 0000000000001901"));
    assert_non_null(strstr(said, "x30 0000000000001e01 SP_EL0 0000000000001f01 PC 0000000000002001 PSTATE 00002101"));
    assert_non_null(strstr(said, "ESR_EL1 00002501 FAR_EL1 0000000000002601"));
}

static void a_fault_of_a_context_without_a_handle_has_no_registers(void **state)
{
    (void)state;
    report(BELAY_REASON_FAULT, 9, 0xf2000001);
    assert_string_equal(said, "radio: died of BRK on context 9 at PC 0x40080000, ESR 0xf2000001\n");
}

static void a_domain_that_has_not_ended_is_not_reported(void **state)
{
    const handle_t vcpu = VCPU_0;

    (void)state;
    said[0] = '\0';
    status = (struct domain_status){ BELAY_STATE_RUNNING, BELAY_REASON_NONE, 0, 0, 0, 0 };
    report_end("radio", DOMAIN, &vcpu, 1, note);
    report_end("radio", DOMAIN + 1, &vcpu, 1, note);
    assert_string_equal(said, "");
}

static void syndromes_are_told_in_words(void **state)
{
    static const struct { uint64_t esr; const char *words; } table[] = {
        { 0x02000000, "an undefined instruction" },
        { 0x82000005, "an instruction abort (0xabc: nothing is mapped there)" },
        { 0x92000007, "a data abort (read of 0xabc: nothing is mapped there)" },
        { 0x9200004f, "a data abort (write to 0xabc: not permitted)" },
        { 0x92000050, "a data abort (write to 0xabc: external abort)" },
        { 0x92000021, "a data abort (read of 0xabc: misaligned)" },
        { 0xbe000000, "an SError" },
        { 0xf2000001, "BRK" },
        { 0xe6000000, "exception class 0x39" },
    };
    char words[96];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        report_syndrome(words, sizeof words, table[i].esr, 0xabc);
        assert_string_equal(words, table[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_orderly_end_is_one_line),
        cmocka_unit_test(a_fault_is_told_with_the_registers_of_its_context),
        cmocka_unit_test(a_fault_of_a_context_without_a_handle_has_no_registers),
        cmocka_unit_test(a_domain_that_has_not_ended_is_not_reported),
        cmocka_unit_test(syndromes_are_told_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
