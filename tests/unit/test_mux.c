/* SPDX-License-Identifier: Apache-2.0 */
/* Many clients on one terminal (services/console/mux.c): what a person sees and types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "console/mux.h"

enum { PHONE, RADIO, BLIND };

static struct mux mux;
static char seen[8192];

/* All that reached the terminal since the last time. */
static const char *terminal(void)
{
    uint8_t byte;
    size_t n = 0;

    while (n < sizeof(seen) - 1 && ring_pop(&mux.out, &byte))
        seen[n++] = (char)byte;
    seen[n] = 0;
    return seen;
}

static void write_to(uint32_t client, const char *text)
{
    while (*text)
        mux_output(&mux, client, (uint8_t)*text++);
}

static uint32_t type(const char *keys)
{
    uint32_t vm = MUX_NOBODY;

    while (*keys)
        vm = mux_input(&mux, (uint8_t)*keys++);
    return vm;
}

/* The phone has the keyboard. */
static int setup(void **state)
{
    (void)state;
    mux_init(&mux);
    mux_add(&mux, "phone", true);
    mux_add(&mux, "radio", true);
    mux_add(&mux, "blind", false);
    mux_focus(&mux, PHONE);
    terminal();
    return 0;
}

static void each_line_begins_with_its_clients_name(void **state)
{
    (void)state;
    write_to(PHONE, "one\r\ntwo\n");
    write_to(RADIO, "three\n");
    write_to(MUX_LOG, "four\n");
    assert_string_equal(terminal(), "[phone] one\r\n[phone] two\r\n[radio] three\r\n[belay] four\r\n");
}

static void lines_of_two_clients_do_not_mix(void **state)
{
    (void)state;
    write_to(PHONE, "hel");
    write_to(RADIO, "frames ");
    write_to(PHONE, "lo\n");
    write_to(RADIO, "217\n");
    assert_string_equal(terminal(), "[phone] hello\r\n[radio] frames 217\r\n");
}

static void a_prompt_is_shown_once_the_client_is_quiet(void **state)
{
    (void)state;
    write_to(PHONE, "~ # ");
    assert_string_equal(terminal(), "");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "[phone] ~ # ");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "");
}

static void an_echo_follows_the_prompt(void **state)
{
    (void)state;
    write_to(PHONE, "~ # ");
    mux_quiet(&mux);
    write_to(PHONE, "l");
    mux_quiet(&mux);
    write_to(PHONE, "s");
    mux_quiet(&mux);
    write_to(PHONE, "\r\nbin\r\n");
    assert_string_equal(terminal(), "[phone] ~ # ls\r\n[phone] bin\r\n");
}

static void only_the_one_with_the_keyboard_shows_a_begun_line(void **state)
{
    (void)state;
    write_to(RADIO, "> ");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "");
}

static void a_begun_line_is_shown_again_after_anothers(void **state)
{
    (void)state;
    write_to(PHONE, "~ # l");
    mux_quiet(&mux);
    write_to(RADIO, "one\ntwo\n");
    mux_quiet(&mux);
    write_to(PHONE, "s");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "[phone] ~ # l\r\n[radio] one\r\n[radio] two\r\n[phone] ~ # ls");
}

static void empty_lines_and_bare_line_feeds_are_lines(void **state)
{
    (void)state;
    write_to(PHONE, "\n\r\n\n\ra\r\r\n");
    assert_string_equal(terminal(), "[phone] \r\n[phone] \r\n[phone] \r\n[phone] a\r\n");
}

static void a_carriage_return_goes_back_to_behind_the_name(void **state)
{
    (void)state;
    write_to(PHONE, "10%\r20%");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "[phone] 10%\r[phone] 20%");
    write_to(RADIO, "x\n");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "\r\n[radio] x\r\n[phone] 20%");
}

static void a_carriage_return_without_the_keyboard_begins_a_line(void **state)
{
    (void)state;
    write_to(RADIO, "10%\r20%\n");
    assert_string_equal(terminal(), "[radio] 10%\r\n[radio] 20%\r\n");
}

/* busybox's shell asks where the cursor is after each prompt: an answer that nobody waits for would be typed input. */
static void a_question_to_the_terminal_is_put_once(void **state)
{
    (void)state;
    write_to(PHONE, "~ # \033[6n");
    assert_string_equal(terminal(), "[phone] ~ # \033[6n");
    write_to(RADIO, "x\n");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "\033(B\033[m\r\n[radio] x\r\n[phone] ~ # ");
}

static void an_overlong_line_is_broken_and_each_part_named(void **state)
{
    const char *out;

    (void)state;
    for (unsigned i = 0; i < MUX_LINE + 1; i++)
        write_to(RADIO, "x");
    out = terminal();
    assert_int_equal(strlen(out), strlen("[radio] ") + MUX_LINE + 2);
    assert_string_equal(out + strlen("[radio] ") + MUX_LINE, "\r\n");
    write_to(RADIO, "\n");
    assert_string_equal(terminal(), "[radio] x\r\n");
}

static void one_step_adds_no_more_than_its_bound(void **state)
{
    (void)state;
    write_to(PHONE, "\033[31m$ ");
    mux_quiet(&mux);
    for (unsigned i = 0; i < MUX_LINE; i++)
        write_to(RADIO, "x");
    terminal();
    write_to(RADIO, "y");
    assert_in_range(strlen(terminal()), MUX_LINE, MUX_STEP);
}

static void escape_sequences_pass_for_the_one_with_the_keyboard(void **state)
{
    (void)state;
    write_to(PHONE, "\033[1;32mok\033[m\033[6n");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "[phone] \033[1;32mok\033[m\033[6n");
}

static void escape_sequences_of_others_are_left_out(void **state)
{
    (void)state;
    write_to(RADIO, "a\033[2J\033[1;1Hb\033(0c\0337d\033]0;title\007e\b\bf\a\n");
    assert_string_equal(terminal(), "[radio] abcf\r\n");
}

static void nobody_can_draw_over_a_name_without_the_keyboard(void **state)
{
    static const char *const attempts[] = {
        "\b\b\b\b\b\b\b\b[phone] x\n", "\r[phone] x\n", "\033[9D[phone] x\n", "\302\2339D[phone] x\n", "\v[phone] x\n",
        "\033[1\033[9D[phone] x\n", "\033\033[9D[phone] x\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
        const char *out;

        write_to(RADIO, attempts[i]);
        out = terminal();
        assert_memory_equal(out, "[radio] ", 8);
        assert_null(strpbrk(out, "\b\v\033"));
        assert_null(strstr(out, "\302\233"));
        assert_ptr_equal(strchr(out, '\r'), out + strlen(out) - 2);
    }
}

static void strings_that_reprogram_the_terminal_never_pass(void **state)
{
    (void)state;
    write_to(PHONE, "a\033]52;c;Zm9v\007b\033P+q\033\\c\033_x\n");
    assert_string_equal(terminal(), "[phone] abc\r\n");
}

static void half_an_escape_sequence_can_not_eat_anothers_line(void **state)
{
    (void)state;
    write_to(PHONE, "$ \033[3");
    mux_quiet(&mux);
    write_to(RADIO, "fine\n");
    write_to(PHONE, "1m");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "[phone] $ \r\n[radio] fine\r\n[phone] $ \033[31m");
}

static void colours_end_with_their_line(void **state)
{
    (void)state;
    write_to(PHONE, "\033[31mred\n");
    write_to(RADIO, "plain\n");
    assert_string_equal(terminal(), "[phone] \033[31mred\033(B\033[m\r\n[radio] plain\r\n");
}

static void an_endless_escape_sequence_is_dropped_at_its_end(void **state)
{
    (void)state;
    write_to(PHONE, "a\033[");
    for (unsigned i = 0; i < 1000; i++)
        write_to(PHONE, "1");
    write_to(PHONE, "mb\n");
    assert_string_equal(terminal(), "[phone] ab\r\n");
}

static void typed_characters_go_to_the_one_with_the_keyboard(void **state)
{
    (void)state;
    assert_int_equal(type("a"), PHONE);
    assert_int_equal(type("\0352"), MUX_NOBODY);
    assert_int_equal(type("a"), RADIO);
    assert_string_equal(terminal(), "[belay] keyboard: radio\r\n");
}

static void changing_focus_shows_where_the_other_is(void **state)
{
    (void)state;
    write_to(PHONE, "~ # ");
    mux_quiet(&mux);
    write_to(RADIO, "> ");
    type("\0352");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "[phone] ~ # \r\n[belay] keyboard: radio\r\n[radio] > ");
    type("\0351");
    mux_quiet(&mux);
    assert_string_equal(terminal(), "\r\n[belay] keyboard: phone\r\n[phone] ~ # ");
}

static void losing_the_keyboard_takes_the_escapes_out_of_a_begun_line(void **state)
{
    (void)state;
    write_to(PHONE, "\033[31m$ ls\b \b");
    mux_quiet(&mux);
    type("\0352");
    assert_string_equal(terminal(), "[phone] \033[31m$ ls\b \b\033(B\033[m\r\n"
                                    "[belay] keyboard: radio\033[!p\033(B\033[m\r\n");
    write_to(PHONE, "!\n");
    assert_string_equal(terminal(), "[phone] $ l!\r\n");
}

static void the_key_twice_sends_it_once(void **state)
{
    (void)state;
    assert_int_equal(mux_input(&mux, MUX_KEY), MUX_NOBODY);
    assert_int_equal(mux_input(&mux, MUX_KEY), PHONE);
    assert_int_equal(mux_input(&mux, 'a'), PHONE);
    assert_string_equal(terminal(), "");
}

static void help_lists_the_vms_and_who_has_the_keyboard(void **state)
{
    (void)state;
    assert_int_equal(type("\035?"), MUX_NOBODY);
    assert_string_equal(terminal(), "[belay] Ctrl-] 1  phone (keyboard)\r\n"
                                    "[belay] Ctrl-] 2  radio\r\n"
                                    "[belay] Ctrl-] 3  blind (no console)\r\n"
                                    "[belay] Ctrl-] Ctrl-]  sends Ctrl-]\r\n");
}

static void help_for_all_vms_stays_within_its_bound(void **state)
{
    (void)state;
    while (mux.vms < MUX_VMS)
        mux_add(&mux, "a-name-of-15-chr", false);
    write_to(PHONE, "\033[m$");
    mux_quiet(&mux);
    terminal();
    type("\035?");
    assert_in_range(strlen(terminal()), 1, MUX_WORDS);
}

static void the_keyboard_stays_when_there_is_no_such_vm(void **state)
{
    (void)state;
    type("\0353");
    type("\0354");
    assert_int_equal(type("a"), PHONE);
    assert_string_equal(terminal(), "[belay] blind has no console\r\n[belay] there is no such VM\r\n");
}

static void vms_beyond_nine_have_letters(void **state)
{
    (void)state;
    while (mux.vms < MUX_VMS)
        mux_add(&mux, "more", true);
    type("\035G");
    assert_int_equal(type("x"), 15);
    type("\035A");
    assert_int_equal(type("x"), 9);
}

static void ending_lines_shows_what_vms_have_begun(void **state)
{
    (void)state;
    write_to(PHONE, "~ # ");
    mux_quiet(&mux);
    write_to(RADIO, "last words");
    assert_true(mux_end_line(&mux));
    assert_true(mux_end_line(&mux));
    assert_false(mux_end_line(&mux));
    mux_quiet(&mux);
    assert_string_equal(terminal(), "[phone] ~ # \r\n[radio] last words\r\n");
}

static void lost_input_is_told_once(void **state)
{
    (void)state;
    mux_lost(&mux);
    mux_lost(&mux);
    assert_string_equal(terminal(), "[belay] phone does not read its keyboard: what is typed is lost\r\n");
}

static void with_no_console_at_all_input_goes_nowhere(void **state)
{
    (void)state;
    mux_init(&mux);
    mux_add(&mux, "blind", false);
    assert_int_equal(type("abc"), MUX_NOBODY);
    mux_quiet(&mux);
    mux_lost(&mux);
    assert_string_equal(terminal(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_line_begins_with_its_clients_name, setup),
        cmocka_unit_test_setup(lines_of_two_clients_do_not_mix, setup),
        cmocka_unit_test_setup(a_prompt_is_shown_once_the_client_is_quiet, setup),
        cmocka_unit_test_setup(an_echo_follows_the_prompt, setup),
        cmocka_unit_test_setup(only_the_one_with_the_keyboard_shows_a_begun_line, setup),
        cmocka_unit_test_setup(a_begun_line_is_shown_again_after_anothers, setup),
        cmocka_unit_test_setup(empty_lines_and_bare_line_feeds_are_lines, setup),
        cmocka_unit_test_setup(a_carriage_return_goes_back_to_behind_the_name, setup),
        cmocka_unit_test_setup(a_carriage_return_without_the_keyboard_begins_a_line, setup),
        cmocka_unit_test_setup(a_question_to_the_terminal_is_put_once, setup),
        cmocka_unit_test_setup(an_overlong_line_is_broken_and_each_part_named, setup),
        cmocka_unit_test_setup(one_step_adds_no_more_than_its_bound, setup),
        cmocka_unit_test_setup(escape_sequences_pass_for_the_one_with_the_keyboard, setup),
        cmocka_unit_test_setup(escape_sequences_of_others_are_left_out, setup),
        cmocka_unit_test_setup(nobody_can_draw_over_a_name_without_the_keyboard, setup),
        cmocka_unit_test_setup(strings_that_reprogram_the_terminal_never_pass, setup),
        cmocka_unit_test_setup(half_an_escape_sequence_can_not_eat_anothers_line, setup),
        cmocka_unit_test_setup(colours_end_with_their_line, setup),
        cmocka_unit_test_setup(an_endless_escape_sequence_is_dropped_at_its_end, setup),
        cmocka_unit_test_setup(typed_characters_go_to_the_one_with_the_keyboard, setup),
        cmocka_unit_test_setup(changing_focus_shows_where_the_other_is, setup),
        cmocka_unit_test_setup(losing_the_keyboard_takes_the_escapes_out_of_a_begun_line, setup),
        cmocka_unit_test_setup(the_key_twice_sends_it_once, setup),
        cmocka_unit_test_setup(help_lists_the_vms_and_who_has_the_keyboard, setup),
        cmocka_unit_test_setup(help_for_all_vms_stays_within_its_bound, setup),
        cmocka_unit_test_setup(the_keyboard_stays_when_there_is_no_such_vm, setup),
        cmocka_unit_test_setup(vms_beyond_nine_have_letters, setup),
        cmocka_unit_test_setup(ending_lines_shows_what_vms_have_begun, setup),
        cmocka_unit_test_setup(lost_input_is_told_once, setup),
        cmocka_unit_test_setup(with_no_console_at_all_input_goes_nowhere, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
