# SPDX-License-Identifier: Apache-2.0
"""Who fails is named, harms nobody, and is restarted."""
import tempfile

import clients
import faults
from debugger import Debugger, kill_service
from machine import ALL_OFF, PROMPT, Machine, linux, radio
from testing import check, takes


def test_a_vm_that_dies_is_reported_with_its_name_its_reason_and_its_registers():
    with Machine(linux(), radio(cmdline="crash=1", **{"on-failure": "stop"})) as m:
        m.expect_all(r"^\[radio\] radio: crashes, as it was told$",
                     r"^\[belay\] radio: died of an instruction abort .*at PC 0xf0000200.*ESR 0x86000010$",
                     r"^\[belay\] radio: +x0\.\.x5( [0-9a-f]{16}){6}$", r"SP_EL0 [0-9a-f]{16} PC 00000000f0000200 PSTATE")
        m.expect(PROMPT)
        m.type("poweroff\r")
        check(m.expect(ALL_OFF).group(1) == "1", "not counted")
        m.ends(1)


def test_a_vm_that_dies_is_restarted_if_its_configuration_says_so():
    with Machine(radio(cmdline="crash=2", **{"on-failure": "restart"})) as m:
        for _ in range(3):
            m.expect(r"^\[radio\] radio: 2 s, frames \d+, missed 0")
            m.expect_all(r"^\[radio\] radio: crashes, as it was told$", r"^\[belay\] radio: started again$")


def test_a_vm_that_dies_again_and_again_is_restarted_ever_more_seldom():
    crashing = radio("crash", cmdline="crash=1", priority=100, **{"on-failure": "restart"})
    with Machine(crashing, radio()) as m:       # starts after 1, 3, 7 and 15 seconds
        for _ in range(3):
            m.expect(r"^\[belay\] crash: started again$")
        before = m.mark
        m.expect(r"^\[radio\] radio: 14 s, frames \d+, missed 0")
        check("started again" not in m.text[before:m.mark], "it was started again before its time")
        m.expect(r"^\[belay\] crash: started again$")
        m.expect(r"^\[radio\] radio: 16 s, frames \d+, missed 0")


def test_a_vm_that_does_not_start_by_itself_takes_neither_time_nor_memory():
    with Machine(radio("later", memory="900M", autostart="no"), linux(run="echo alive"), memory="2G",
                 management={"uart": []}) as m:     # with a manager the machine would go on: it could be started
        text = m.ends()
    check("[later]" not in text and "started later" not in text, "it was started")


def test_a_vm_that_dies_takes_no_time_from_another():
    with Machine(radio("crash", cmdline="crash=1", priority=100, **{"on-failure": "restart"}), radio()) as m:
        m.expect(r"^\[radio\] radio: 5 s, frames \d+, missed 0, voice \d+, bad 0")


def test_a_console_that_dies_under_load_is_restarted_and_the_vms_go_on():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        debugger = Debugger(folder)
        with Machine(linux(), radio(), qemu=debugger.qemu) as m:
            m.expect(PROMPT)
            m.type("while true; do echo load; done &\r")
            m.expect(r"^\[phone\] load$")
            kill_service(debugger, "console")
            m.expect(r"console.*restart")
            m.expect(r"radio: \d+ s, frames \d+, missed 0, voice \d+, bad 0")
            m.expect(r"^\[phone\] load$")
            m.type("kill $!\r")
            m.type("echo alive $((40 + 2))\r")
            m.expect(r"^\[phone\] alive 42$")


@takes(60)
def test_vms_that_end_at_random_instructions_are_started_again_and_their_neighbours_miss_nothing():
    faults.crash_vms(36)


@takes(120)
def test_each_service_is_restarted_whichever_way_it_fails_and_the_vms_go_on():
    faults.fail_services(1)


@takes(40)
def test_clients_that_are_pulled_away_in_mid_command_leave_the_next_one_all_that_there_is():
    clients.pull_clients(22)


@takes(40)
def test_a_trace_that_nobody_reads_is_overwritten_and_its_numbers_tell_how_much():
    clients.fill_traces(2)


@takes(40)
def test_a_debugger_that_goes_away_wherever_it_is_leaves_its_vm_as_it_was():
    clients.leave_debuggers(8)
