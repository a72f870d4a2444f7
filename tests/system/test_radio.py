# SPDX-License-Identifier: Apache-2.0
"""The radio keeps its deadlines, whatever is beside it."""
from machine import PROMPT, Machine, hostile, linux, radio
from testing import check, takes

WORST_NS = 2000     # of a release, beside a busy Linux: what the tool reckons with for a switch (tools/board_qemu_virt.c)
SECOND = r"^\[radio\] radio: (\d+) s, frames (\d+), missed (\d+), voice (\d+), bad (\d+), worst (\d+) ns"


def check_report(m, seconds, worst=WORST_NS):
    """Waits for the radio's report of that second, and checks it."""
    report = m.expect(SECOND.replace(r"(\d+) s", f"({seconds}) s"))
    frames, missed, voice, bad, latest = map(int, report.groups()[1:])
    check(frames >= seconds * 13 * 50 // 3 - 1, f"{frames} frames of 60/13 ms in {seconds} s")
    check(voice >= seconds * 50 - 2, f"{voice} voice frames of 20 ms in {seconds} s")
    check(missed == 0 and bad == 0, f"{missed} missed, {bad} bad: {report.group()}")
    check(latest <= worst, f"the worst release was {latest} ns late: {report.group()}")


def test_the_radio_alone_misses_nothing():
    with Machine(radio()) as m:
        check_report(m, 3)


def test_the_radio_misses_nothing_while_linux_boots_beside_it():
    with Machine(linux(), radio()) as m:
        m.expect(PROMPT)
        check_report(m, 5)


@takes(500)
def test_the_radio_misses_nothing_in_60_s_beside_a_linux_at_full_load():
    load = "stress-ng --cpu 2 --fork 1 --pipe 1 --vm 1 --vm-bytes 32M -t 62 & (yes console flood | head -c 100000000) & wait"
    with Machine(linux(run=load, memory="384M"), radio(), limit=600) as m:
        m.expect(r"^\[phone\] console flood$")
        check_report(m, 60)


def test_a_console_flood_of_one_vm_does_not_keep_anothers_lines_out():
    with Machine(linux(run="yes console flood"), radio()) as m:
        m.expect(r"^\[phone\] console flood$")
        first = int(m.expect(SECOND).group(1))
        second = int(m.expect(SECOND).group(1))
        check(second == first + 1, f"after second {first} came {second}")


def test_a_machine_of_two_radios_keeps_both():
    second = radio("second", priority=190)
    with Machine(radio(), second) as m:
        m.expect(r"^\[second\] radio: 2 s, frames \d+, missed 0")
        check_report(m, 3)      # its second 2 may have been reported before


def test_a_vm_above_the_radio_has_its_budget_and_no_more():
    greedy = hostile("spin", priority=250, budget="100us", period="1ms")
    with Machine(greedy, radio()) as m:
        check_report(m, 3, worst=100_000 + WORST_NS)


def test_sixteen_vms_share_the_core_and_the_radio_keeps_its_deadlines():
    others = [hostile("spin", name=f"other-{n}", memory="2M") for n in range(15)]
    with Machine(radio(), *others) as m:
        m.expect_all(*(rf"^\[other-{n}\] hostile: spin begins$" for n in range(15)))
        check_report(m, 3)
