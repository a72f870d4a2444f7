# SPDX-License-Identifier: Apache-2.0
"""A VM that hangs is found by its watchdog, which Linux's own driver feeds, and ends as its configuration says."""
from machine import ALL_OFF, KERNEL_RT, PROMPT, Machine, hostile, linux, radio
from testing import check, for_each, takes

RADIO = r"radio: (\d+) s, frames \d+, missed 0, voice \d+, bad 0"
RESTARTED = {"on-hang": "restart"}
DRIVER = r"^\[phone\] .*sbsa-gwdt 9101000\.watchdog: Initialized with 10s timeout @ 1000000000 Hz"


def hangs_and_comes_back(m, milliseconds):
    """The phone is restarted, and the radio beside it has missed nothing."""
    m.expect(rf"^\[belay\] phone: hung: its watchdog was not fed for {milliseconds} ms$")
    m.expect(r"^\[belay\] phone: +context 0 was at PC [0-9a-f]{16} PSTATE [0-9a-f]{8} x30 [0-9a-f]{16}$")
    m.expect(r"^\[belay\] phone: started again$")
    m.expect(PROMPT)
    last = int(m.expect(RADIO).group(1))
    m.expect(rf"radio: {last + 1} s, frames \d+, missed 0, voice \d+, bad 0")


@takes(60)
@for_each("Image", "PREEMPT_RT")
def test_a_linux_whose_watchdog_is_not_fed_any_more_is_restarted(kernel):
    phone = linux(watchdog="yes", **RESTARTED, **({"kernel": KERNEL_RT} if kernel == "PREEMPT_RT" else {}))
    with Machine(phone, radio()) as m:
        m.expect(PROMPT)
        m.type("dmesg | grep sbsa\r")
        m.expect(DRIVER)
        m.type("killall -STOP watchdog\r")
        hangs_and_comes_back(m, 10000)


def test_a_linux_that_panics_is_restarted_by_its_watchdog():
    with Machine(linux(watchdog="2s", **RESTARTED), radio()) as m:
        m.expect(PROMPT)
        m.type("echo c >/proc/sysrq-trigger\r")
        m.expect(r"^\[phone\] .*Kernel panic - not syncing: sysrq triggered crash$")
        hangs_and_comes_back(m, 2000)


def test_linux_hears_of_the_end_of_half_its_time_by_an_interrupt():
    run = "killall watchdog; sleep 1; rmmod sbsa_gwdt; insmod /lib/modules/$(uname -r)/sbsa_gwdt.ko action=1 timeout=1; " \
          "echo >/dev/watchdog; sleep 5"
    with Machine(linux(run=run, watchdog="yes", **RESTARTED)) as m:
        m.expect(r"^\[phone\] .*Kernel panic - not syncing: SBSA Generic Watchdog timeout$")
        m.expect(r"^\[belay\] phone: hung: its watchdog was not fed for 2000 ms$")


def test_a_linux_that_is_fed_by_its_driver_goes_on_and_its_end_is_no_hang():
    with Machine(linux(run="sleep 8", watchdog="6s", **RESTARTED)) as m:
        m.expect(r"^\[phone\] linux: command ended with 0$")
        check(m.expect(ALL_OFF).group(1) == "0", "it failed")
        check("hung" not in m.ends(0), "it was said to hang")


def test_a_guest_that_never_feeds_its_watchdog_is_stopped_if_its_configuration_says_so():
    with Machine(hostile("spin", watchdog="300ms", **{"on-failure": "restart", "on-hang": "stop"}),
                 radio(cmdline="seconds=2")) as m:
        m.expect(r"^\[belay\] hostile: hung: its watchdog was not fed for 300 ms$")
        m.expect(r"^\[radio\] radio: 2 s, frames \d+, missed 0, voice \d+, bad 0")
        check(m.expect(ALL_OFF).group(1) == "1", "it did not fail")
        check("started again" not in m.ends(1), "it was restarted")


def test_on_hang_is_as_on_failure_where_nothing_is_said():
    with Machine(hostile("spin", watchdog="300ms", **{"on-failure": "restart"}), radio()) as m:
        for _ in range(3):
            m.expect(r"^\[belay\] hostile: hung: its watchdog was not fed for 300 ms$")
            m.expect(r"^\[belay\] hostile: started again$")
        m.expect(RADIO)


def test_a_guest_that_hangs_on_another_cpu_is_restarted():
    vm = hostile("spin", watchdog="300ms", cpus=[1, 1], **RESTARTED)
    with Machine(vm, radio(), cpus=2, options=["--wall-clock"]) as m:
        for _ in range(2):
            m.expect(r"^\[belay\] hostile: hung: its watchdog was not fed for \d+ ms$")
            m.expect(r"^\[belay\] hostile: started again$")


def test_a_guest_that_does_anything_to_its_watchdog_takes_nothing_from_the_radio():
    vm = hostile("watchdog rounds=1000", watchdog="yes", **{"on-failure": "restart", "on-hang": "restart"})
    with Machine(vm, radio()) as m:
        m.expect(r"^\[belay\] hostile: hung: its watchdog was not fed for \d+ ms$")
        m.expect(r"^\[belay\] hostile: started again$")
        m.expect(r"^\[radio\] radio: 3 s, frames \d+, missed 0, voice \d+, bad 0")
