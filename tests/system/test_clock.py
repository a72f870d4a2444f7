# SPDX-License-Identifier: Apache-2.0
"""The clock of a VM that was paused: a Linux's uptime beside its PL031, which goes by the host's time."""
import re

from gdb import Gdb
from machine import KERNEL, PROMPT, Machine, linux, radio
from testing import check, for_each

LONG = {"cmdline": "seconds=100000"}
PAUSE = 10

# Uptime, the clock's second, and uptime as each CPU has it.
ASK = ("clocks() { read u x </proc/uptime; echo $1: $u $(cat /sys/class/rtc/rtc0/since_epoch) "
       "$(for c in 0 1; do taskset -c $c cut -d' ' -f1 /proc/uptime; done); }\r")


def clocks(m, name):
    m.type(f"clocks {name}\r")
    return [float(word) for word in m.expect(rf"^\[phone\] {name}: (.*)\n").group(1).split()]


def seconds(m):
    return int(m.expect(r"^\[radio\] radio: (\d+) s, frames").group(1))


def wait(m):
    begin = seconds(m)
    while seconds(m) < begin + PAUSE:
        pass


def check_clock(before, after, stood):
    uptime, clock = after[0] - before[0], after[1] - before[1]
    check(clock >= PAUSE, f"the pause took {clock} s")
    lost = clock - uptime
    check(PAUSE - 2 < lost if stood else abs(lost) < 2, f"of {clock} s the guest's clock went {uptime}")
    check(after[0] <= after[2] <= after[3] < after[0] + 1, f"the CPUs have several times: {after}")


@for_each("runs", "stands")
def test_a_pause_is_time_that_a_linux_of_two_vcpus_sees_or_not(how):
    with Machine(linux(cpus=[0, 0], **{"paused-clock": how}), radio(**LONG)) as m:
        m.expect(PROMPT)
        m.type(ASK)
        before = clocks(m, "before")
        m.belay("pause", "phone")
        wait(m)
        m.belay("resume", "phone")
        between = clocks(m, "between")
        check_clock(before, between, how == "stands")
        m.belay("pause", "phone")
        wait(m)
        m.belay("resume", "phone")
        check_clock(between, clocks(m, "after"), how == "stands")
        check(not re.search(r"missed [1-9]|bad [1-9]", m.text), "the radio has missed something")


def test_a_clock_that_stands_in_pauses_stands_at_breakpoints_too():
    with Machine(linux(cpus=[0, 0], debug="yes", **{"paused-clock": "stands"}), radio(**LONG)) as m:
        m.expect(PROMPT)
        m.type(ASK)
        before = clocks(m, "before")
        with Gdb(m, "phone", KERNEL) as g:
            wait(m)
            g.ask("detach")
        check_clock(before, clocks(m, "after"), True)


def test_a_vm_of_vcpus_on_several_cpus_has_one_clock():
    with Machine(linux(cpus=[0, 1], **{"paused-clock": "stands"}), radio(**LONG), cpus=2) as m:
        m.expect(PROMPT)
        m.type(ASK)
        before = clocks(m, "before")
        m.belay("pause", "phone")
        wait(m)
        m.belay("resume", "phone")
        check_clock(before, clocks(m, "after"), True)
