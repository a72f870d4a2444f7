/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a VM: which ways there are, and how soon one that fails again and again is started again. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "steward/lifecycle.h"

#define HZ UINT64_C(1000)

/* By state and operation, as docs/configuration.md and lifecycle.h tell it. */
static void each_operation_is_allowed_where_it_makes_sense(void **state)
{
    static const char *const may[OPERATIONS] = {        /* absent, stopped, running, paused, ended, waiting */
        [OPERATION_CREATE]  = "y.....",
        [OPERATION_START]   = "yy..yy",
        [OPERATION_STOP]    = "..yy.y",
        [OPERATION_SHUT_DOWN] = "..y...",
        [OPERATION_RESET]   = "..yy..",
        [OPERATION_PAUSE]   = "..y...",
        [OPERATION_RESUME]  = "...y..",
        [OPERATION_DESTROY] = ".y..y.",
    };

    (void)state;
    for (enum operation what = 0; what < OPERATIONS; what++)
        for (enum life life = 0; life < LIFE_STATES; life++) {
            const struct lifecycle l = { .life = life };
            assert_int_equal(lifecycle_refuses(&l, what) == NULL, may[what][life] == 'y');
        }
}

static bool moves(enum life from, enum life to)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        struct lifecycle l = { .life = from };
        signal(SIGILL, SIG_DFL);
        signal(SIGTRAP, SIG_DFL);
        lifecycle_move(&l, to);
        _exit(l.life == to ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void a_way_that_is_not_there_is_not_gone(void **state)
{
    static const char *const ways[LIFE_STATES] = {      /* from, to */
        [LIFE_ABSENT]  = ".y....",
        [LIFE_STOPPED] = "y.y...",
        [LIFE_RUNNING] = ".y.yyy",
        [LIFE_PAUSED]  = ".yy.yy",
        [LIFE_ENDED]   = ".y....",
        [LIFE_WAITING] = ".y....",
    };

    (void)state;
    for (enum life from = 0; from < LIFE_STATES; from++)
        for (enum life to = 0; to < LIFE_STATES; to++)
            assert_int_equal(moves(from, to), ways[from][to] == 'y');
}

static struct lifecycle running_since(uint64_t since)
{
    struct lifecycle l = { .life = LIFE_STOPPED };

    lifecycle_started(&l, since, true);
    return l;
}

/* It fails at that time; how long after that it is started again. */
static uint64_t waits(struct lifecycle *l, uint64_t now)
{
    lifecycle_ended(l, true, true, now, HZ);
    assert_false(lifecycle_is_due(l, l->at - 1));
    assert_true(lifecycle_is_due(l, l->at));
    uint64_t at = l->at;
    lifecycle_move(l, LIFE_STOPPED);
    lifecycle_started(l, at, false);
    return at - now;
}

static void one_that_fails_at_once_waits_twice_as_long_each_time(void **state)
{
    static const uint64_t seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
    struct lifecycle l = running_since(5 * HZ);

    (void)state;
    for (unsigned i = 0; i < sizeof seconds / sizeof seconds[0]; i++)
        assert_int_equal(waits(&l, l.since), seconds[i] * HZ);
}

static void the_wait_is_from_start_to_start(void **state)
{
    struct lifecycle l = running_since(0);

    (void)state;
    assert_int_equal(waits(&l, 3 * HZ), 0);             /* it ran for longer than it would have to wait */
    assert_int_equal(waits(&l, l.since + HZ / 2), 2 * HZ - HZ / 2);
}

static void a_long_run_is_a_new_beginning(void **state)
{
    struct lifecycle l = running_since(0);

    (void)state;
    for (unsigned i = 0; i < 5; i++)
        waits(&l, l.since);
    assert_int_equal(waits(&l, l.since + 60 * HZ), 0);
    assert_int_equal(waits(&l, l.since), 2 * HZ);
}

static void what_a_manager_starts_is_a_new_beginning(void **state)
{
    struct lifecycle l = running_since(0);

    (void)state;
    for (unsigned i = 0; i < 5; i++)
        waits(&l, l.since);
    lifecycle_move(&l, LIFE_STOPPED);
    lifecycle_started(&l, 1000 * HZ, true);
    assert_int_equal(waits(&l, l.since), HZ);
}

static void one_that_is_not_restarted_stays_ended_and_is_not_up(void **state)
{
    struct lifecycle l = running_since(0);

    (void)state;
    assert_true(lifecycle_is_up(&l));
    lifecycle_ended(&l, true, false, HZ, HZ);
    assert_int_equal(l.life, LIFE_ENDED);
    assert_true(l.failed);
    assert_false(lifecycle_is_up(&l));
    assert_false(lifecycle_is_due(&l, UINT64_MAX));
    lifecycle_stopped(&l);
    assert_false(l.failed);
    lifecycle_stopped(&l);
    assert_int_equal(l.life, LIFE_STOPPED);
}

static void one_that_a_manager_stopped_or_has_not_asked_for_is_off_unless_it_failed(void **state)
{
    static const char off[LIFE_STATES] = "yy....";      /* absent, stopped, running, paused, ended, waiting */

    (void)state;
    for (enum life life = 0; life < LIFE_STATES; life++) {
        struct lifecycle l = { .life = life };
        assert_int_equal(lifecycle_is_off(&l), off[life] == 'y');
        lifecycle_failed(&l);
        assert_false(lifecycle_is_off(&l));
    }
}

static void restarts_are_the_starts_after_the_first(void **state)
{
    struct lifecycle l = running_since(0);

    (void)state;
    assert_int_equal(l.restarts, 0);
    lifecycle_stopped(&l);
    lifecycle_move(&l, LIFE_ABSENT);
    lifecycle_move(&l, LIFE_STOPPED);
    lifecycle_started(&l, 0, true);
    assert_int_equal(l.restarts, 1);
    waits(&l, l.since);
    assert_int_equal(l.restarts, 2);
}

static void one_that_was_told_to_stop_is_stopped_however_it_ends(void **state)
{
    (void)state;
    for (unsigned failed = 0; failed < 2; failed++) {
        struct lifecycle l = { .life = LIFE_STOPPED };
        lifecycle_started(&l, 0, true);
        lifecycle_told_to_stop(&l, 60 * HZ);
        lifecycle_ended(&l, failed, true, HZ, HZ);
        assert_int_equal(l.life, LIFE_STOPPED);
        assert_true(lifecycle_is_off(&l));
        assert_int_equal(l.stop_by, 0);
    }
}

static void one_that_was_told_to_stop_has_its_time_and_no_more_for_being_told_again(void **state)
{
    struct lifecycle l = { .life = LIFE_STOPPED };

    (void)state;
    lifecycle_started(&l, 0, true);
    assert_false(lifecycle_has_not_stopped(&l, UINT64_MAX));
    lifecycle_told_to_stop(&l, 60 * HZ);
    lifecycle_told_to_stop(&l, 90 * HZ);
    assert_false(lifecycle_has_not_stopped(&l, 60 * HZ - 1));
    assert_true(lifecycle_has_not_stopped(&l, 60 * HZ));
    lifecycle_stopped(&l);
    lifecycle_started(&l, 70 * HZ, true);
    assert_false(lifecycle_has_not_stopped(&l, 80 * HZ));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operation_is_allowed_where_it_makes_sense),
        cmocka_unit_test(a_way_that_is_not_there_is_not_gone),
        cmocka_unit_test(one_that_fails_at_once_waits_twice_as_long_each_time),
        cmocka_unit_test(the_wait_is_from_start_to_start),
        cmocka_unit_test(a_long_run_is_a_new_beginning),
        cmocka_unit_test(what_a_manager_starts_is_a_new_beginning),
        cmocka_unit_test(one_that_is_not_restarted_stays_ended_and_is_not_up),
        cmocka_unit_test(one_that_a_manager_stopped_or_has_not_asked_for_is_off_unless_it_failed),
        cmocka_unit_test(one_that_was_told_to_stop_is_stopped_however_it_ends),
        cmocka_unit_test(one_that_was_told_to_stop_has_its_time_and_no_more_for_being_told_again),
        cmocka_unit_test(restarts_are_the_starts_after_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
