/* SPDX-License-Identifier: Apache-2.0 */
/* A VM's debug service, as a debugger at the other end of its stream finds it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gdb/breakpoints.h"
#include "gdb_world.h"

enum { HARDWARE = 0x30, STEP = 0x32, WATCH = 0x34, BRK = 0x3c };

static const uint8_t brk[4] = { 0x20, 0x7c, 0x21, 0xd4 };
static uint8_t *const code = world_ram + 0x1000;        /* where vCPU 0 is */

static int begin(void **state)
{
    (void)state;
    world_begin();
    for (unsigned i = 0; i < WORLD_BYTES; i++)
        world_ram[i] = (uint8_t)(i * 7 + 1);
    return 0;
}

static int begin_attached(void **state)
{
    begin(state);
    assert_string_equal(world_ask("qSupported:swbreak+;hwbreak+;vContSupported+"),
                        "PacketSize=1000;QStartNoAckMode+;qXfer:features:read+;vContSupported+;swbreak+;hwbreak+");
    return 0;
}

static int begin_with_two(void **state)
{
    begin_attached(state);
    world.regs[1][BELAY_REG_ON] = 1;
    return 0;
}

static void assert_is_gone(void)
{
    assert_false(world.debugged);
    assert_false(world.held);
    assert_int_equal(world.state, BELAY_STATE_RUNNING);
}

static void the_vm_stands_still_from_the_first_command_on(void **state)
{
    (void)state;
    assert_int_equal(world.state, BELAY_STATE_RUNNING);
    (void)world_bytes("+\x03", 2);
    assert_int_equal(world.state, BELAY_STATE_RUNNING);
    assert_string_equal(world_ask("?"), "T05thread:1;");
    assert_int_equal(world.state, BELAY_STATE_PAUSED);
    assert_true(world.debugged);
}

static void a_vm_whose_state_changes_is_waited_for(void **state)
{
    (void)state;
    world.busy = 5;
    assert_string_equal(world_ask("?"), "T05thread:1;");
    assert_int_equal(world.waits, 5);
}

static void a_vm_that_never_settles_is_an_error_and_no_hang(void **state)
{
    (void)state;
    world.busy = 100000;
    assert_string_equal(world_ask("?"), "E01");
    world.busy = 0;
    assert_string_equal(world_ask("?"), "T05thread:1;");
}

static void registers_are_read_as_they_are(void **state)
{
    (void)state;
    for (unsigned n = 0; n < BELAY_REG_COUNT; n++)
        if (n < 31 || n >= BELAY_REG_V0)
            world.regs[0][n] = 0x0101010101010101 * n;
    world.regs[0][BELAY_REG_SP_EL1] = 0x40008000;
    world.regs[0][BELAY_REG_FPCR] = 0xc00000;
    const char *all = world_ask("g");
    assert_int_equal(strlen(all), 2 * (33 * 8 + 4 + 32 * 16 + 2 * 4));
    assert_memory_equal(all + 16 * 30, "1e1e1e1e1e1e1e1e" "0080004000000000" "0010004000000000" "05000000", 56);
    assert_string_equal(world_ask("p1f"), "0080004000000000");
    assert_string_equal(world_ask("p21"), "05000000");
    assert_string_equal(world_ask("p43"), "0000c000");
    world.regs[0][BELAY_REG_SP_EL0] = 0x77;
    world.regs[0][BELAY_REG_PSTATE] = 0;
    assert_string_equal(world_ask("p1f"), "7700000000000000");
    assert_string_equal(world_ask("p51"), "E16");
    assert_string_equal(world_ask("p"), "E16");
    assert_string_equal(world_ask("pffffffffffffffffff"), "E16");
}

static void registers_are_written_one_by_one_and_all(void **state)
{
    char all[4096] = "G";

    (void)state;
    assert_string_equal(world_ask("P5=efcdab8967452301"), "OK");
    assert_int_equal(world.regs[0][BELAY_REG_X0 + 5], 0x0123456789abcdef);
    assert_string_equal(world_ask("P22=0100000000000000" "0200000000000000"), "OK");
    assert_int_equal(world.regs[0][BELAY_REG_V0 + 1], 2);
    assert_string_equal(world_ask("P1f=1000000000000000"), "OK");
    assert_int_equal(world.regs[0][BELAY_REG_SP_EL1], 0x10);
    assert_string_equal(world_ask("P5=01"), "E16");
    assert_string_equal(world_ask("P5"), "E16");
    strcat(all, world_ask("g"));
    memcpy(all + 1 + 16 * 7, "ffeeddccbbaa9988", 16);
    assert_string_equal(world_ask(all), "OK");
    assert_int_equal(world.regs[0][BELAY_REG_X0 + 7], 0x8899aabbccddeeff);
    all[strlen(all) - 1] = 0;
    assert_string_equal(world_ask(all), "E16");
}

static void memory_is_read_as_far_as_there_is_any(void **state)
{
    (void)state;
    assert_string_equal(world_ask("m40000000,4"), "01080f16");
    assert_string_equal(world_ask("m4001fffe,8"), "f3fa");
    assert_string_equal(world_ask("m40020000,1"), "E0e");
    assert_string_equal(world_ask("m0,4"), "E0e");
    assert_string_equal(world_ask("mffffffffffffffff,ffffffffffffffff"), "E0e");
    assert_string_equal(world_ask("m40000000"), "E16");
    assert_in_range(strlen(world_ask("m40000000,ffffffff")), 4000, PACKET_MAX - 4);
}

static void memory_is_written_in_both_ways(void **state)
{
    (void)state;
    assert_string_equal(world_ask("M40001000,2:a55a"), "OK");
    assert_memory_equal(code, "\xa5\x5a", 2);
    assert_string_equal(world_ask("X40001002,3:a}\x03" "b"), "OK");
    assert_memory_equal(code, "\xa5\x5a" "a#b", 5);
    assert_string_equal(world_ask("X40001000,0:"), "OK");
    assert_string_equal(world_ask("M40001000,2:a5"), "E16");
    assert_string_equal(world_ask("M40001000,1:a5a5"), "E16");
    assert_string_equal(world_ask("M40001000,1:xx"), "E16");
    assert_string_equal(world_ask("M4001ffff,2:a5a5"), "E0e");
}

/* Two pages that are apart in memory, next to each other by their addresses. */
static void memory_is_that_of_the_guests_virtual_addresses(void **state)
{
    uint64_t *tables = (uint64_t *)(void *)(world_ram + 0x10000);

    (void)state;
    memset(tables, 0, 0x3000);
    tables[0] = (WORLD_RAM + 0x11000) | 3;
    tables[0x200] = (WORLD_RAM + 0x12000) | 3;
    tables[0x400] = (WORLD_RAM + 0x5000) | 3;
    tables[0x401] = (WORLD_RAM + 0x3000) | 3;
    world.regs[0][BELAY_REG_SCTLR_EL1] = 1;
    world.regs[0][BELAY_REG_TCR_EL1] = 25 | 25 << 16 | UINT64_C(2) << 30;
    world.regs[0][BELAY_REG_TTBR0_EL1] = WORLD_RAM + 0x10000;
    assert_string_equal(world_ask("Mffe,4:11223344"), "OK");
    assert_memory_equal(world_ram + 0x5ffe, "\x11\x22", 2);
    assert_memory_equal(world_ram + 0x3000, "\x33\x44", 2);
    assert_string_equal(world_ask("mffe,4"), "11223344");
    assert_string_equal(world_ask("m1ffe,4"), "f3fa");
    assert_string_equal(world_ask("m2000,4"), "E0e");
    assert_string_equal(world_ask("qRcmd,7472616e736c617465203078313030"), "307834303030353130300a");
}

static void a_breakpoint_is_in_memory_and_is_not_seen(void **state)
{
    uint8_t was[8];

    (void)state;
    memcpy(was, code, 8);
    assert_string_equal(world_ask("Z0,40001000,4"), "OK");
    assert_memory_equal(code, brk, 4);
    assert_string_equal(world_ask("m40001000,8"), "01080f161d242b32");
    assert_string_equal(world_ask("M40001002,4:aabbccdd"), "OK");
    assert_memory_equal(code, brk, 4);
    assert_string_equal(world_ask("m40001000,8"), "0108aabbccdd2b32");
    assert_string_equal(world_ask("z0,40001000,4"), "OK");
    assert_memory_equal(code, "\x01\x08\xaa\xbb\xcc\xdd", 6);
    assert_string_equal(world_ask("z0,40001000,4"), "E1c");
    assert_memory_equal(code + 6, was + 6, 2);
}

static void a_place_with_two_addresses_has_one_breakpoint_till_both_are_gone(void **state)
{
    (void)state;
    assert_true(soft_set(0x1000, WORLD_RAM + 0x1000));
    assert_true(soft_set(0xffff000000001000, WORLD_RAM + 0x1000));
    assert_true(soft_set(0x1000, WORLD_RAM + 0x1000));
    assert_true(soft_clear(0x1000));
    assert_memory_equal(code, brk, 4);
    assert_true(soft_clear(0xffff000000001000));
    assert_memory_equal(code, "\x01\x08\x0f\x16", 4);
}

static void a_breakpoint_that_the_guest_has_overwritten_is_left_alone(void **state)
{
    (void)state;
    assert_string_equal(world_ask("Z0,40001000,4"), "OK");
    memcpy(code, "new!", 4);
    assert_string_equal(world_ask("z0,40001000,4"), "OK");
    assert_memory_equal(code, "new!", 4);
}

static void there_is_room_for_many_breakpoints_and_an_end_to_them(void **state)
{
    char command[32];

    (void)state;
    for (unsigned i = 0; i <= SOFT_MAX; i++) {
        snprintf(command, sizeof command, "Z0,%x,4", 0x40001000 + 4 * i);
        assert_string_equal(world_ask(command), i < SOFT_MAX ? "OK" : "E1c");
    }
    assert_string_equal(world_ask("Z0,40001002,4"), "E1c");
    assert_string_equal(world_ask("Z0,0,4"), "E1c");
    assert_string_equal(world_ask("Z0,40001000,2"), "E16");
    assert_string_equal(world_ask("Z5,40001000,4"), "");
    assert_string_equal(world_ask("D"), "OK");
    assert_memory_equal(code, "\x01\x08\x0f\x16", 4);
}

static void the_cpus_points_are_set_as_far_as_it_has_them(void **state)
{
    (void)state;
    assert_string_equal(world_ask("Z1,40001000,4"), "OK");
    assert_string_equal(world_ask("Z1,40001004,4"), "OK");
    assert_string_equal(world_ask("Z1,40001008,4"), "E1c");
    assert_int_equal(world.breaks[1].address, 0x40001004);
    assert_string_equal(world_ask("z1,40001000,4"), "OK");
    assert_int_equal(world.breaks[0].control, 0);
    assert_string_equal(world_ask("Z2,40002004,4"), "OK");
    assert_int_equal(world.watches[0].control, 2u << 3 | 0xf0u << 5);
    assert_string_equal(world_ask("Z3,40003000,8"), "OK");
    assert_int_equal(world.watches[1].control, 1u << 3 | 0xffu << 5);
    assert_string_equal(world_ask("Z4,40004000,1"), "E1c");
    assert_string_equal(world_ask("z3,40003000,8"), "OK");
    assert_string_equal(world_ask("Z4,40004000,40"), "OK");
    assert_int_equal(world.watches[1].control, 3u << 3 | 0xffu << 5 | 6u << 24);
    assert_string_equal(world_ask("Z4,40004002,40"), "E1c");
    assert_string_equal(world_ask("Z2,40002006,4"), "E1c");
    assert_string_equal(world_ask("Z2,40002000,0"), "E1c");
    assert_string_equal(world_ask("Z2,40002001,ffffffffffffffff"), "E1c");
}

static void a_stop_is_told_with_its_reason(void **state)
{
    (void)state;
    assert_string_equal(world_ask("Z0,40001000,4"), "OK");
    assert_string_equal(world_ask("Z2,40002000,4"), "OK");
    assert_string_equal(world_ask("vCont;c"), "nothing");
    assert_int_equal(world.state, BELAY_STATE_RUNNING);
    assert_string_equal(world_stops(0, BRK, 0), "T05swbreak:;thread:1;");
    assert_string_equal(world_ask("?"), "T05swbreak:;thread:1;");
    assert_string_equal(world_ask("c"), "nothing");
    assert_int_equal(world.regs[0][BELAY_REG_STOP_ESR], 0);
    assert_string_equal(world_stops(0, HARDWARE, 0), "T05hwbreak:;thread:1;");
    assert_string_equal(world_ask("s"), "nothing");
    assert_int_equal(world.regs[0][BELAY_REG_STEP], 1);
    assert_string_equal(world_stops(0, STEP, 0), "T05thread:1;");
    assert_string_equal(world_ask("c"), "nothing");
    assert_string_equal(world_stops(0, WATCH, 0x40001ffc), "T05watch:40002000;thread:1;");      /* a pair that reaches in */
}

static void a_break_of_the_guests_own_is_the_guests_when_it_goes_on(void **state)
{
    (void)state;
    assert_string_equal(world_ask("c"), "nothing");
    assert_string_equal(world_stops(0, BRK, 0), "T05thread:1;");
    assert_string_equal(world_ask("c"), "nothing");
    assert_int_equal(world.passed[0], 1);
    assert_string_equal(world_stops(0, BRK, 0), "T05thread:1;");
    assert_string_equal(world_ask("P20=0020004000000000"), "OK");       /* the debugger goes past it */
    assert_string_equal(world_ask("c"), "nothing");
    assert_int_equal(world.passed[0], 1);
    assert_int_equal(world.regs[0][BELAY_REG_STOP_ESR], 0);
}

static void an_interrupt_stops_it(void **state)
{
    (void)state;
    assert_string_equal(world_ask("c"), "nothing");
    assert_string_equal(world_ask("g"), "nothing");
    assert_string_equal(world_bytes("\x03", 1), "$T02thread:1;#d4");
    assert_int_equal(world.state, BELAY_STATE_PAUSED);
    assert_string_equal(world_bytes("\x03", 1), "");
}

static void vcpus_are_threads(void **state)
{
    (void)state;
    assert_string_equal(world_ask("qfThreadInfo"), "m1,2");
    assert_string_equal(world_ask("qsThreadInfo"), "l");
    assert_string_equal(world_ask("qThreadExtraInfo,2"), "764350552031");
    assert_string_equal(world_ask("T2"), "OK");
    assert_string_equal(world_ask("T3"), "E16");
    assert_string_equal(world_ask("Hg2"), "OK");
    assert_string_equal(world_ask("qC"), "QC2");
    assert_string_equal(world_ask("p20"), "0020004000000000");
    assert_string_equal(world_ask("Hg3"), "E16");
    assert_string_equal(world_ask("Hx1"), "E16");
    world.regs[1][BELAY_REG_ON] = 0;
    assert_string_equal(world_ask("qfThreadInfo"), "m1");
    assert_string_equal(world_ask("T2"), "E16");
}

static void each_vcpu_goes_on_as_it_is_told(void **state)
{
    (void)state;
    assert_string_equal(world_ask("vCont?"), "vCont;c;C;s;S");
    assert_string_equal(world_ask("vCont;s:2"), "nothing");
    assert_int_equal(world.regs[0][BELAY_REG_HELD], 1);
    assert_int_equal(world.regs[1][BELAY_REG_HELD], 0);
    assert_int_equal(world.regs[1][BELAY_REG_STEP], 1);
    assert_string_equal(world_stops(1, STEP, 0), "T05thread:2;");
    assert_string_equal(world_ask("vCont;s:1;c"), "nothing");
    assert_int_equal(world.regs[0][BELAY_REG_STEP], 1);
    assert_int_equal(world.regs[1][BELAY_REG_HELD] | world.regs[1][BELAY_REG_STEP], 0);
    assert_string_equal(world_stops(0, STEP, 0), "T05thread:1;");
    assert_string_equal(world_ask("vCont;C05:-1"), "nothing");
    assert_int_equal(world.regs[0][BELAY_REG_HELD] | world.regs[1][BELAY_REG_HELD], 0);
    world_bytes("\x03", 1);
    assert_string_equal(world_ask("vCont"), "E16");
    assert_string_equal(world_ask("vCont;"), "E16");
    assert_string_equal(world_ask("vCont;t"), "E16");
    assert_string_equal(world_ask("vCont;c:3"), "E16");
    assert_string_equal(world_ask("Hc2"), "OK");
    assert_string_equal(world_ask("s40002000"), "nothing");
    assert_int_equal(world.regs[1][BELAY_REG_PC], 0x40002000);
    assert_int_equal(world.regs[1][BELAY_REG_STEP], 1);
}

/* Two vCPUs at breakpoints at the same time: the one that waits comes to its own again. */
static void of_two_that_stop_at_once_the_other_stops_when_it_goes_on(void **state)
{
    (void)state;
    assert_string_equal(world_ask("Z0,40001000,4"), "OK");
    assert_string_equal(world_ask("Z0,40002000,4"), "OK");
    assert_string_equal(world_ask("vCont;c"), "nothing");
    world.regs[0][BELAY_REG_STOP_ESR] = (uint64_t)BRK << 26;
    assert_string_equal(world_stops(1, BRK, 0), "T05swbreak:;thread:1;");
    assert_string_equal(world_ask("vCont;s:1"), "nothing");
    assert_int_equal(world.regs[1][BELAY_REG_STOP_ESR], 0);
    assert_string_equal(world_stops(0, STEP, 0), "T05thread:1;");
}

static void a_vm_that_ends_is_told_as_an_exit(void **state)
{
    (void)state;
    assert_string_equal(world_ask("c"), "nothing");
    world.state = BELAY_STATE_ENDED;
    world.regs[0][BELAY_REG_ON] = 0;
    assert_string_equal(world_looks(), "W00");
    assert_string_equal(world_looks(), "nothing");
    assert_string_equal(world_ask("?"), "W00");
}

static void a_vm_that_is_down_can_be_waited_for_with_a_breakpoint_of_the_cpu(void **state)
{
    (void)state;
    world.state = BELAY_STATE_STOPPED;
    world.regs[0][BELAY_REG_ON] = 0;
    assert_string_equal(world_ask("?"), "T05thread:1;");
    assert_string_equal(world_ask("qfThreadInfo"), "m1");
    assert_string_equal(world_ask("Z1,40001000,4"), "OK");
    assert_string_equal(world_ask("c"), "nothing");
    assert_string_equal(world_looks(), "nothing");
    world.state = BELAY_STATE_RUNNING;
    world.regs[0][BELAY_REG_ON] = 1;
    assert_string_equal(world_looks(), "nothing");
    assert_string_equal(world_stops(0, HARDWARE, 0), "T05thread:1;");
    assert_string_equal(world_ask("c"), "nothing");
    world.state = BELAY_STATE_STOPPED;
    world.regs[0][BELAY_REG_ON] = 0;
    assert_string_equal(world_looks(), "W00");
}

static void a_debugger_that_leaves_leaves_nothing(void **state)
{
    static const char *const ways[] = { "D", "k", "vKill;1", NULL };

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        begin(state);
        assert_string_equal(world_ask("Z0,40001000,4"), "OK");
        assert_string_equal(world_ask("Z1,40001000,4"), "OK");
        assert_string_equal(world_ask("Z4,40001000,4"), "OK");
        if (ways[i])
            assert_string_equal(world_ask(ways[i]), ways[i][0] == 'k' ? "nothing" : "OK");
        else
            session_end(&world_session);
        assert_is_gone();
        assert_memory_equal(code, "\x01\x08\x0f\x16", 4);
        assert_string_equal(world_ask("?"), "nothing");
        assert_is_gone();
    }
}

static void a_debugger_that_leaves_while_the_vm_runs_leaves_nothing(void **state)
{
    (void)state;
    assert_string_equal(world_ask("Z0,40001000,4"), "OK");
    assert_string_equal(world_ask("c"), "nothing");
    (void)world_bytes("$m400", 5);
    session_end(&world_session);
    assert_is_gone();
    assert_memory_equal(code, "\x01\x08\x0f\x16", 4);
}

static void a_service_that_dies_leaves_nothing_to_its_successor(void **state)
{
    (void)state;
    assert_string_equal(world_ask("Z0,40001000,4"), "OK");
    assert_string_equal(world_ask("c"), "nothing");
    world_session.attached = false;             /* as after a start */
    world_restart();
    assert_is_gone();
    assert_memory_equal(code, "\x01\x08\x0f\x16", 4);
}

static void the_description_comes_in_pieces_and_names_all_registers(void **state)
{
    static char whole[16384];
    char command[64];
    size_t n = 0;

    (void)state;
    for (bool more = true; more; ) {
        snprintf(command, sizeof command, "qXfer:features:read:target.xml:%zx,fff", n);
        const char *piece = world_ask(command);
        more = piece[0] == 'm';
        assert_true(more || piece[0] == 'l');
        for (piece++; *piece; piece++)
            whole[n++] = *piece == '}' ? (char)(*++piece ^ 0x20) : *piece;
        assert_in_range(n, 1, sizeof whole - 1);
    }
    unsigned registers = 0;
    for (const char *at = whole; (at = strstr(at, "<reg ")) != NULL; at++)
        registers++;
    assert_int_equal(registers, 68 + 13);
    assert_non_null(strstr(whole, "org.gnu.gdb.aarch64.core"));
    assert_non_null(strstr(whole, "org.gnu.gdb.aarch64.fpu"));
    assert_string_equal(whole + n - 10, "</target>\n");
    assert_string_equal(world_ask("qXfer:features:read:target.xml:ffffffff,10"), "l");
    assert_string_equal(world_ask("qXfer:features:read:other.xml:0,10"), "E00");
}

static void physical_memory_is_shown_by_monitor(void **state)
{
    (void)state;
    /* "phys 40000000 2" and "0000000040000000: 01 08\n" */
    assert_string_equal(world_ask("qRcmd,70687973203430303030303030" "2032"),
                        "303030303030303034303030303030303a2030312030380a");
    assert_non_null(strstr(world_ask("qRcmd,7068797320307830"), "6e6f2052414d"));       /* phys 0x0: no RAM */
    assert_non_null(strstr(world_ask("qRcmd,68656c70"), "6d6f6e69746f72"));             /* help: monitor ... */
}

static void what_is_not_known_gets_an_empty_reply(void **state)
{
    (void)state;
    assert_string_equal(world_ask("vMustReplyEmpty"), "");
    assert_string_equal(world_ask("qOffsets"), "");
    assert_string_equal(world_ask("!"), "");
    assert_string_equal(world_ask(""), "");
    assert_string_equal(world_ask("qAttached"), "1");
}

static void acknowledgements_end_when_the_debugger_wants_that(void **state)
{
    (void)state;
    assert_string_equal(world_packet("QStartNoAckMode"), "+$OK#9a");
    assert_string_equal(world_packet("qAttached"), "$1#31");
}

#define T(name) cmocka_unit_test_setup(name, begin_attached)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_vm_stands_still_from_the_first_command_on, begin),
        cmocka_unit_test_setup(a_vm_whose_state_changes_is_waited_for, begin),
        cmocka_unit_test_setup(a_vm_that_never_settles_is_an_error_and_no_hang, begin),
        T(registers_are_read_as_they_are), T(registers_are_written_one_by_one_and_all),
        T(memory_is_read_as_far_as_there_is_any), T(memory_is_written_in_both_ways),
        T(memory_is_that_of_the_guests_virtual_addresses), T(a_breakpoint_is_in_memory_and_is_not_seen),
        T(a_place_with_two_addresses_has_one_breakpoint_till_both_are_gone),
        T(a_breakpoint_that_the_guest_has_overwritten_is_left_alone),
        T(there_is_room_for_many_breakpoints_and_an_end_to_them),
        T(the_cpus_points_are_set_as_far_as_it_has_them), T(a_stop_is_told_with_its_reason),
        T(a_break_of_the_guests_own_is_the_guests_when_it_goes_on), T(an_interrupt_stops_it),
        cmocka_unit_test_setup(vcpus_are_threads, begin_with_two),
        cmocka_unit_test_setup(each_vcpu_goes_on_as_it_is_told, begin_with_two),
        cmocka_unit_test_setup(of_two_that_stop_at_once_the_other_stops_when_it_goes_on, begin_with_two),
        T(a_vm_that_ends_is_told_as_an_exit),
        cmocka_unit_test_setup(a_vm_that_is_down_can_be_waited_for_with_a_breakpoint_of_the_cpu, begin),
        T(a_debugger_that_leaves_leaves_nothing), T(a_debugger_that_leaves_while_the_vm_runs_leaves_nothing),
        T(a_service_that_dies_leaves_nothing_to_its_successor),
        T(the_description_comes_in_pieces_and_names_all_registers), T(physical_memory_is_shown_by_monitor),
        T(what_is_not_known_gets_an_empty_reply), T(acknowledgements_end_when_the_debugger_wants_that),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
