/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* What VMs, the worker, the steward and a restart of the service do to a VM's small devices (services/handset/devices.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "hook.h"
#include "handset/devices.c"

#define VM       3
#define HZ       UINT64_C(1000)
#define BOTH(n)  ((uint32_t)(n) << 16 | (n))
#define WRITE(n) ((n) | BELAY_ACCESS_WRITE)
#define RTC(offset) (HANDSET_RTC - HANDSET_DEVICES + (offset))
#define GPIO(offset) (HANDSET_GPIO - HANDSET_DEVICES + (offset))
#define PINS     GPIO(PL061_DATA + (KEY << 2))

static const struct handset_config config = { .clock = { .seconds = 1000000, .ticks = 5000 }, .vcpus = { 4, 5, 6, 7 } };
static uint64_t counter;
static unsigned woken, yielded, lines_set;
static uint32_t level[HANDSET_LINES];
static void (*in_line_set)(void), (*in_yield)(void);

uint64_t counter_now(void)
{
    return counter;
}

uint64_t counter_hz(void)
{
    return HZ;
}

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    (void)a2, (void)a3, (void)a4, (void)a5;
    switch (number) {
    case BELAY_HC_LINE_SET:
        if (a0 < CONSOLE_H_DEVICES + VM * HANDSET_LINES || a0 >= CONSOLE_H_DEVICES + (VM + 1) * HANDSET_LINES)
            break;
        once(&in_line_set);     /* what another party does between this one's looking and setting */
        level[a0 - CONSOLE_H_DEVICES - VM * HANDSET_LINES] = (uint32_t)a1;
        lines_set++;
        break;
    case BELAY_HC_NOTIFY:
        assert_int_equal(a0, SERVICE_H_WAKE);
        assert_int_equal(a1, CONSOLE_BIT_DEVICES);
        woken++;
        break;
    case BELAY_HC_YIELD:
        yielded++;
        once(&in_yield);
        break;
    default:
        fail_msg("hypercall %u", number);
    }
    return (struct hypercall_result){ 0, { 0 } };
}

/* The service starts: anew, or after a fault with what is kept. */
static void restart(void)
{
    memset(live, 0, sizeof live);
    due = 0;
    devices_look();
}

static int setup(void **state)
{
    (void)state;
    memset(states, 0, sizeof states);
    counter = config.clock.ticks;
    in_line_set = in_yield = NULL;
    restart();
    woken = yielded = lines_set = 0;
    return 0;
}

static uint64_t get(uint64_t offset)
{
    struct portal_reply r = devices_access(VM, &config, offset, 4, 0);

    assert_int_equal(r.x1, 0);
    return r.x0;
}

static void set(uint64_t offset, uint32_t value)
{
    assert_int_equal(devices_access(VM, &config, offset, WRITE(4), value).x1, 0);
}

static void set_alarm(uint32_t seconds)
{
    set(RTC(PL031_IMSC), 1);
    set(RTC(PL031_MR), (uint32_t)get(RTC(PL031_DR)) + seconds);
}

static void the_clock_is_the_hosts_counted_on_by_the_counter(void **state)
{
    (void)state;
    assert_int_equal(get(RTC(PL031_DR)), config.clock.seconds);
    counter += 90 * HZ - 1;
    assert_int_equal(get(RTC(PL031_DR)), config.clock.seconds + 89);
    counter++;
    assert_int_equal(get(RTC(PL031_DR)), config.clock.seconds + 90);
}

static void each_vm_sets_its_own(void **state)
{
    (void)state;
    set(RTC(PL031_LR), 77);
    assert_int_equal(get(RTC(PL031_DR)), 77);
    assert_int_equal(devices_access(VM + 1, &config, RTC(PL031_DR), 4, 0).x0, config.clock.seconds);
    devices_reset(VM);
    assert_int_equal(get(RTC(PL031_DR)), config.clock.seconds);
}

static void between_the_devices_there_is_nothing(void **state)
{
    static const uint64_t holes[] = { 0x1000, 0x1018, 0xffff, 0x11000, 0x20000 - 4, 0x21000, HANDSET_DEVICES_BYTES,
                                      UINT64_MAX };

    (void)state;
    for (unsigned i = 0; i < sizeof holes / sizeof holes[0]; i++) {
        assert_int_equal(devices_access(VM, &config, holes[i], 4, 0).x1, BELAY_ACCESS_ABORT);
        assert_int_equal(devices_access(VM, &config, holes[i], WRITE(4), 1).x1, BELAY_ACCESS_ABORT);
    }
}

static void the_firmware_configuration_is_of_this_vm(void **state)
{
    uint64_t base = HANDSET_FW_CFG - HANDSET_DEVICES;

    (void)state;
    devices_access(VM, &config, base + FW_CFG_SELECTOR, WRITE(2), __builtin_bswap16(FW_CFG_NB_CPUS));
    assert_int_equal(devices_access(VM, &config, base, 2, 0).x0, 7);
    assert_int_equal(devices_access(VM - 1, &config, base, 4, 0).x0, 0x554d4551);
    devices_reset(VM);
    assert_int_equal(devices_access(VM, &config, base, 4, 0).x0, 0x554d4551);
}

/* The second bank is stored in the service's memory, and its first MiB alone. */
static void flash_of_a_vm_is_read_only_behind_its_image_and_kept_in_its_second_bank(void **state)
{
    static uint8_t *stored;
    struct handset_config c = config;
    uint64_t second = HANDSET_FLASH_BANK;

    (void)state;
    /* an address of 32 bits, as the service has them */
    stored = mmap(NULL, HANDSET_FLASH_STORED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    assert_true(stored != MAP_FAILED);
    c.flash[VM] = (uint32_t)(uintptr_t)stored;
    memset(stored, 0xff, HANDSET_FLASH_STORED);
    devices_flash(VM, &c, second, WRITE(4), BOTH(CFI_PROGRAM));
    devices_flash(VM, &c, second, WRITE(4), 0x12345678);
    assert_int_equal(devices_flash(VM, &c, second, 4, 0).x0, BOTH(CFI_READY));
    devices_reset(VM);                          /* its state, and not what it stores */
    assert_int_equal(devices_flash(VM, &c, second, 4, 0).x0, 0x12345678);
    assert_int_equal(devices_flash(VM - 1, &c, second, 4, 0).x0, UINT32_MAX);
    assert_int_equal(devices_flash(VM, &c, 2 * second - 4, 4, 0).x0, UINT32_MAX);
    devices_flash(VM, &c, 0x1000, WRITE(4), BOTH(CFI_QUERY));
    assert_int_equal(devices_flash(VM, &c, 0x40, 4, 0).x0, UINT32_MAX);
    munmap(stored, HANDSET_FLASH_STORED);
}

static void there_are_32_empty_slots_and_nothing_around_them(void **state)
{
    (void)state;
    for (uint64_t slot = 0; slot < 32; slot++) {
        assert_int_equal(get(HANDSET_SLOTS_OFFSET + 0x200 * slot), 0x74726976);
        assert_int_equal(get(HANDSET_SLOTS_OFFSET + 0x200 * slot + SLOT_DEVICE_ID), 0);
        set(HANDSET_SLOTS_OFFSET + 0x200 * slot, 0);
    }
    assert_int_equal(devices_access(VM, &config, HANDSET_SLOTS_OFFSET - 4, 4, 0).x1, BELAY_ACCESS_ABORT);
    assert_int_equal(devices_access(VM, &config, HANDSET_SLOTS_OFFSET + 0x4000, 4, 0).x1, BELAY_ACCESS_ABORT);
}

static void the_worker_raises_an_alarm_in_time_and_the_guest_clears_it(void **state)
{
    (void)state;
    set_alarm(10);
    assert_true(woken != 0);
    devices_look();
    assert_int_equal(devices_due(), config.clock.ticks + 10 * HZ);
    counter = config.clock.ticks + 10 * HZ - 1;
    devices_look();
    assert_int_equal(level[HANDSET_LINE_RTC], 0);
    counter++;
    devices_look();
    assert_int_equal(level[HANDSET_LINE_RTC], 1);
    assert_int_equal(devices_due(), NEVER);
    set(RTC(PL031_ICR), 1);
    assert_int_equal(level[HANDSET_LINE_RTC], 0);
}

static void only_what_is_due_earlier_wakes_the_worker(void **state)
{
    (void)state;
    set_alarm(10);
    woken = 0;
    devices_look();
    set_alarm(20);
    assert_int_equal(woken, 0);
    set_alarm(5);
    assert_int_equal(woken, 1);
    for (unsigned i = 0; i < 100; i++)
        (void)get(RTC(PL031_RIS));
    assert_int_equal(woken, 1);
}

static void an_alarm_for_now_needs_no_worker(void **state)
{
    (void)state;
    set_alarm(10);
    woken = 0;
    set_alarm(0);
    assert_int_equal(level[HANDSET_LINE_RTC], 1);
    assert_int_equal(woken, 0);
}

static void time_passes(void)
{
    counter += 100 * HZ;
}

static void an_alarm_that_falls_due_while_its_handler_sets_the_line_is_not_lost(void **state)
{
    (void)state;
    set_alarm(0);
    in_line_set = time_passes;
    set_alarm(10);
    if (level[HANDSET_LINE_RTC] == 0) {
        devices_look();
        assert_int_equal(level[HANDSET_LINE_RTC], 1);
    }
}

static void clear_alarm(void)
{
    set(RTC(PL031_ICR), 1);
}

static void a_clear_between_the_workers_look_and_its_setting_the_line_leaves_that_low(void **state)
{
    (void)state;
    set_alarm(10);
    counter = config.clock.ticks + 10 * HZ;
    in_line_set = clear_alarm;
    devices_look();
    assert_true(devices_due() <= counter + SOON);
    counter = devices_due();
    devices_look();
    assert_int_equal(level[HANDSET_LINE_RTC], 0);
}

/* As Linux's gpio-keys wants it: both edges. */
static void want_the_key(void)
{
    set(GPIO(PL061_IBE), KEY);
    set(GPIO(PL061_IE), KEY);
}

static void a_key_that_is_pressed_interrupts_and_is_released_once_it_was_noticed(void **state)
{
    (void)state;
    want_the_key();
    devices_press(VM);
    assert_true(woken != 0);
    devices_look();
    assert_int_equal(level[HANDSET_LINE_GPIO], 1);
    set(GPIO(PL061_IC), KEY);
    assert_int_equal(level[HANDSET_LINE_GPIO], 0);
    assert_int_equal(devices_due(), NEVER);     /* however long the guest takes */
    counter += 1000 * HZ;
    devices_look();
    assert_int_equal(get(PINS), KEY);
    assert_true(devices_due() <= counter);
    devices_look();
    assert_int_equal(get(PINS), 0);
    assert_int_equal(level[HANDSET_LINE_GPIO], 1);
    set(GPIO(PL061_IC), KEY);
    assert_int_equal(level[HANDSET_LINE_GPIO], 0);
}

static void a_key_that_is_noticed_at_once_stays_down_for_a_tenth_of_a_second(void **state)
{
    uint64_t pressed = counter | 1;

    (void)state;
    devices_press(VM);
    assert_int_equal(get(PINS), KEY);
    devices_look();
    assert_int_equal(devices_due(), pressed + HZ / 10);
    counter = pressed + HZ / 10 - 1;
    devices_look();
    assert_int_equal(get(PINS), KEY);
    counter++;
    devices_look();
    assert_int_equal(get(PINS), 0);
    devices_press(VM);                          /* and it can be pressed again */
    assert_int_equal(get(PINS), KEY);
}

static void a_key_that_is_down_can_not_be_pressed(void **state)
{
    (void)state;
    want_the_key();
    devices_press(VM);
    devices_look();
    set(GPIO(PL061_IC), KEY);
    devices_press(VM);
    devices_look();
    assert_int_equal(level[HANDSET_LINE_GPIO], 0);
}

static void a_key_is_one_vms_and_up_after_its_reset(void **state)
{
    (void)state;
    devices_press(VM);
    assert_int_equal(devices_access(VM - 1, &config, PINS, 4, 0).x0, 0);
    devices_reset(VM);
    assert_int_equal(get(PINS), 0);
    assert_int_equal(get(GPIO(PL061_RIS)), 0);
}

static void press(void)
{
    devices_press(VM);
}

static void a_press_while_a_handler_sets_the_line_is_not_lost(void **state)
{
    (void)state;
    set(GPIO(PL061_IEV), KEY);
    set(GPIO(PL061_IS), KEY);
    in_line_set = press;
    set_alarm(0);
    set(GPIO(PL061_IE), KEY);
    devices_look();
    assert_int_equal(level[HANDSET_LINE_GPIO], 1);
}

static void after_a_restart_of_the_service_alarms_are_kept(void **state)
{
    (void)state;
    set(RTC(PL031_LR), 500);
    set_alarm(10);
    restart();
    assert_int_equal(get(RTC(PL031_DR)), 500);
    counter = config.clock.ticks + 10 * HZ;
    devices_look();
    assert_int_equal(level[HANDSET_LINE_RTC], 1);
    level[HANDSET_LINE_RTC] = 2;
    restart();
    assert_int_equal(level[HANDSET_LINE_RTC], 1);
}

static void a_reset_in_the_middle_of_an_access_leaves_nothing(void **state)
{
    (void)state;
    set_alarm(0);
    live[VM].locked = 1;
    devices_reset(VM);
    devices_look();
    assert_int_equal(level[HANDSET_LINE_RTC], 0);
    assert_int_equal(get(RTC(PL031_IMSC)), 0);
    assert_int_equal(yielded, 0);
}

static void finish(void)
{
    live[VM].locked = 0;
}

static void vcpus_of_one_vm_wait_for_each_other_and_the_worker_for_none(void **state)
{
    (void)state;
    live[VM].locked = 1;
    due = NOW;
    devices_look();
    assert_int_equal(yielded, 0);
    in_yield = finish;
    set(RTC(PL031_LR), 5);
    assert_int_equal(yielded, 1);
}

static void what_a_restart_may_have_kept_ends_in_no_loop(void **state)
{
    (void)state;
    memset(states, 0xff, sizeof states);
    restart();
    set(RTC(PL031_ICR), 1);
    counter = NEVER - 1;
    devices_look();
    set(RTC(PL031_ICR), 1);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_clock_is_the_hosts_counted_on_by_the_counter), T(each_vm_sets_its_own), T(between_the_devices_there_is_nothing),
        T(flash_of_a_vm_is_read_only_behind_its_image_and_kept_in_its_second_bank),
        T(the_firmware_configuration_is_of_this_vm), T(there_are_32_empty_slots_and_nothing_around_them),
        T(the_worker_raises_an_alarm_in_time_and_the_guest_clears_it), T(only_what_is_due_earlier_wakes_the_worker),
        T(an_alarm_for_now_needs_no_worker), T(an_alarm_that_falls_due_while_its_handler_sets_the_line_is_not_lost),
        T(a_clear_between_the_workers_look_and_its_setting_the_line_leaves_that_low),
        T(a_key_that_is_pressed_interrupts_and_is_released_once_it_was_noticed),
        T(a_key_that_is_noticed_at_once_stays_down_for_a_tenth_of_a_second), T(a_key_that_is_down_can_not_be_pressed),
        T(a_key_is_one_vms_and_up_after_its_reset), T(a_press_while_a_handler_sets_the_line_is_not_lost),
        T(after_a_restart_of_the_service_alarms_are_kept), T(a_reset_in_the_middle_of_an_access_leaves_nothing),
        T(vcpus_of_one_vm_wait_for_each_other_and_the_worker_for_none), T(what_a_restart_may_have_kept_ends_in_no_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
