/* SPDX-License-Identifier: Apache-2.0 */
/* What the nucleus asks of the host's firmware while it boots, for its guests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "boot/boot.h"
#include "core/cpu.h"
#include "core/machine.h"
#include "virt/psci.h"

static struct cpu cpu;
struct cpu *fake_cpu = &cpu;
struct machine machine;

/* A firmware: its answers, and what is called of it. */
static struct {
    int32_t features, version, workaround[3], trng, trng_features;
    unsigned calls, turned_on;
} firmware;

static int32_t arch_features(uint64_t id)
{
    return id == 0x80008000 ? firmware.workaround[0] : id == 0x80007fff ? firmware.workaround[1] :
           id == 0x80003fff ? firmware.workaround[2] : -1;
}

void machine_call(uint64_t x[4])
{
    firmware.calls++;
    switch (x[0]) {
    case 0x8400000a: assert_int_equal(x[1], 0x80000000); x[0] = (uint64_t)firmware.features; break;
    case 0x80000000: assert_true(firmware.features >= 0); x[0] = (uint64_t)firmware.version; break;
    case 0x80000001: assert_true(firmware.version >= 0x10001); x[0] = (uint32_t)arch_features(x[1]); break;
    case 0x80007fff: assert_int_equal(x[1], 1); firmware.turned_on++; break;
    case 0x84000050: assert_true(firmware.version >= 0x10001); x[0] = (uint32_t)firmware.trng; break;
    case 0x84000051: x[0] = (uint64_t)firmware.trng_features; break;
    default: fail();
    }
}

static int begin(void **state)
{
    (void)state;
    firmware = (__typeof__(firmware)){ .version = 0x10002, .workaround = { -1, -1, -1 }, .trng = -1 };
    machine = (struct machine){ .psci = true };
    memset(&cpu, 0x55, sizeof cpu);
    return 0;
}

static void has(int one, int two, int three, bool trng)
{
    boot_read_firmware(&cpu);
    assert_int_equal(cpu.workaround[WORKAROUND_INDEX(SMCCC_WORKAROUND_1)], one);
    assert_int_equal(cpu.workaround[WORKAROUND_INDEX(SMCCC_WORKAROUND_2)], two);
    assert_int_equal(cpu.workaround[WORKAROUND_INDEX(SMCCC_WORKAROUND_3)], three);
    assert_int_equal(cpu.workaround[WORKAROUND_INDEX(0x80004000)], -1);
    assert_int_equal(machine.trng, trng);
}

static void a_host_without_psci_is_not_called(void **state)
{
    (void)state;
    machine.psci = false;
    has(-1, -1, -1, false);
    assert_int_equal(firmware.calls, 0);
}

static void firmware_before_smccc_1_1_is_asked_for_nothing(void **state)
{
    (void)state;
    firmware.features = -1;
    has(-1, -1, -1, false);
    assert_int_equal(firmware.calls, 1);
    firmware.features = 0;
    firmware.version = 0x10000;
    has(-1, -1, -1, false);
    firmware.version = -1;
    has(-1, -1, -1, false);
}

static void what_it_says_of_workarounds_is_kept(void **state)
{
    (void)state;
    has(-1, -1, -1, false);
    firmware.workaround[0] = 0;
    firmware.workaround[2] = 1;
    has(0, -1, 1, false);
    firmware.workaround[1] = -2;
    has(0, -2, 1, false);
    assert_int_equal(firmware.turned_on, 0);
}

static void workaround_2_is_on_for_good_where_it_could_be_turned_off(void **state)
{
    (void)state;
    firmware.workaround[1] = 0;
    has(-1, -2, -1, false);
    assert_int_equal(firmware.turned_on, 1);
    firmware.workaround[1] = 1;
    has(-1, -2, -1, false);
    assert_int_equal(firmware.turned_on, 1);
}

static void its_entropy_is_taken_where_it_is_whole(void **state)
{
    (void)state;
    firmware.trng = 0x10000;
    has(-1, -1, -1, true);
    firmware.trng_features = -1;
    has(-1, -1, -1, false);
    firmware.trng_features = 0;
    firmware.trng = 0xffff;
    has(-1, -1, -1, false);
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        PROMISE(a_host_without_psci_is_not_called),
        PROMISE(firmware_before_smccc_1_1_is_asked_for_nothing),
        PROMISE(what_it_says_of_workarounds_is_kept),
        PROMISE(workaround_2_is_on_for_good_where_it_could_be_turned_off),
        PROMISE(its_entropy_is_taken_where_it_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
