/* SPDX-License-Identifier: Apache-2.0 */
/* How `belay run` learns from the console that the machine has ended (tools/watch.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "watch.h"

static struct watch after(const char *console)
{
    struct watch w = { .length = 0 };
    watch_bytes(&w, console, strlen(console));
    return w;
}

static void the_last_line_says_how_many_failed(void **state)
{
    (void)state;
    assert_int_equal(after("[phone] bye\r\nbelay: all VMs are off, 0 failed\r\n").verdict, VERDICT_ENDED);
    assert_int_equal(after("belay: all VMs are off, 0 failed\n").failed, 0);
    assert_int_equal(after("belay: all VMs are off, 12 failed\r\n").failed, 12);
}

static void it_may_come_in_pieces(void **state)
{
    static const char line[] = "belay: all VMs are off, 3 failed\r\n";
    struct watch w = { .length = 0 };
    (void)state;
    for (size_t i = 0; i < sizeof(line) - 1; i++) {
        assert_int_equal(w.verdict, VERDICT_NONE);
        watch_bytes(&w, &line[i], 1);
    }
    assert_int_equal(w.verdict, VERDICT_ENDED);
    assert_int_equal(w.failed, 3);
}

static void a_vm_cannot_say_it(void **state)
{
    (void)state;
    assert_int_equal(after("[phone] belay: all VMs are off, 0 failed\r\n").verdict, VERDICT_NONE);
    assert_int_equal(after("[phone] \rbelay: all VMs are off, 0 failed\r\n").verdict, VERDICT_NONE);
    assert_int_equal(after("[phone] belay: panic: no\r\n").verdict, VERDICT_NONE);
    assert_int_equal(after(" belay: all VMs are off, 0 failed\r\n").verdict, VERDICT_NONE);
}

static void what_is_nearly_it_is_not_it(void **state)
{
    (void)state;
    assert_int_equal(after("belay: all VMs are off, 0 failed").verdict, VERDICT_NONE);
    assert_int_equal(after("belay: all VMs are off, 0 failed again\n").verdict, VERDICT_NONE);
    assert_int_equal(after("belay: all VMs are off, x failed\n").verdict, VERDICT_NONE);
    assert_int_equal(after("belay: radio is started again\n").verdict, VERDICT_NONE);
}

static void a_halt_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(after("\nbelay: panic: out of memory: the pool: 0x1000\n").verdict, VERDICT_HALTED);
    assert_int_equal(after("belay: bundle: /images/steward: there is no such node; halted\n").verdict, VERDICT_HALTED);
}

static void a_long_line_does_no_harm(void **state)
{
    struct watch w = { .length = 0 };
    (void)state;
    for (int i = 0; i < 10000; i++)
        watch_bytes(&w, "belay: ; halted", 15);
    watch_bytes(&w, "\n", 1);
    assert_int_equal(w.verdict, VERDICT_NONE);
    watch_bytes(&w, "belay: all VMs are off, 0 failed\n", 33);
    assert_int_equal(w.verdict, VERDICT_ENDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_line_says_how_many_failed),
        cmocka_unit_test(it_may_come_in_pieces),
        cmocka_unit_test(a_vm_cannot_say_it),
        cmocka_unit_test(what_is_nearly_it_is_not_it),
        cmocka_unit_test(a_halt_is_noticed),
        cmocka_unit_test(a_long_line_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
