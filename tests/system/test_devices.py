# SPDX-License-Identifier: Apache-2.0
"""The handset's small devices, driven by Linux's own drivers."""
from machine import PROMPT, Machine, linux
from testing import check

THEN = ("-rtc", "base=2020-02-02T03:04:05,clock=vm")


def test_linux_starts_with_the_date_of_the_host():
    with Machine(linux(), qemu=THEN) as m:
        m.expect(PROMPT)
        m.type("dmesg | grep rtc-pl031; date -u +%F; poweroff\r")
        m.expect(r"rtc-pl031 9010000\.pl031: setting system clock to 2020-02-02T03:04:0\d UTC")
        m.expect(r"^\[phone\] 2020-02-02$")
        m.ends(0)


def test_linux_sets_its_clock_and_its_alarm():
    run = "date -u -s '2001-02-03 04:05:06'; hwclock -w -u; cat /sys/class/rtc/rtc0/date; " \
          "echo +3 >/sys/class/rtc/rtc0/wakealarm; sleep 2; cat /proc/interrupts; sleep 3; cat /proc/interrupts"
    with Machine(linux(run=run), qemu=THEN) as m:
        m.expect(r"^\[phone\] 2001-02-03$")
        before = int(m.expect(r"(\d+) +GICv3 +34 Level +rtc-pl031").group(1))
        after = int(m.expect(r"(\d+) +GICv3 +34 Level +rtc-pl031").group(1))
        check(after == before + 1, f"{before} interrupts, then {after}")
        m.ends(0)
