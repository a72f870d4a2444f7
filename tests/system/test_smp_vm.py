# SPDX-License-Identifier: Apache-2.0
"""A VM whose vCPUs are on several CPUs."""
from machine import ALL_OFF, PROMPT, Machine, hostile, linux, radio
from testing import check, for_each

WORK = "for i in $(seq 0 {last}); do taskset -c $i seq 5000 | taskset -c $i md5sum & done; wait; nproc"


def at_work(m, cpus):
    """All vCPUs have done some work, and there are so many."""
    m.type(WORK.format(last=cpus - 1) + "\r")
    for _ in range(cpus):
        m.expect(r"[0-9a-f]{32}  -$")
    m.expect(rf"^\[phone\] {cpus}$")


@for_each(*[(cpus, clock) for clock in ("--icount", "--wall-clock") for cpus in (2, 4, 8)])
def test_linux_has_a_vcpu_on_each_cpu(machine):
    cpus, clock = machine
    with Machine(linux(cpus=list(range(cpus))), cpus=cpus, options=[clock]) as m:
        m.expect(PROMPT)
        at_work(m, cpus)
        m.type("poweroff\r")
        m.expect_all(r"reboot: Power down", r"^\[belay\] phone: turned itself off$")
        check(m.expect(ALL_OFF).group(1) == "0", "one failed")
        m.ends(0)


def test_linux_has_several_vcpus_on_each_of_several_cpus():
    with Machine(linux(cpus=[0, 1, 0, 1]), radio(cpus=[1]), cpus=2, cpu="max") as m:
        m.expect(r"^\[radio\] radio: 1 s")
        m.type("\x1d1")
        m.expect(PROMPT)
        at_work(m, 4)
        m.type("poweroff\r")
        m.expect(r"^\[belay\] phone: turned itself off$")


def test_linux_on_several_cpus_reboots():
    with Machine(linux(cpus=[1, 0]), cpus=2) as m:
        for _ in range(2):
            m.expect(PROMPT)
            at_work(m, 2)
            m.type("reboot\r")
            m.expect(r"^\[belay\] phone: started again$")


def test_linux_turns_cpus_off_and_on():
    with Machine(linux(cpus=[0, 1, 2]), cpus=3) as m:
        m.expect(PROMPT)
        for cpu in (1, 2, 1, 0):
            online = f"/sys/devices/system/cpu/cpu{cpu}/online"
            m.type(f"echo 0 > {online}; nproc; echo 1 > {online}; nproc\r")
            m.expect(r"^\[phone\] 2\n\[phone\] 3$")
        at_work(m, 3)


def uart_interrupts(m):
    m.type("grep uart /proc/interrupts\r")
    return [int(n) for n in m.expect(r"^\[phone\] +\d+: +(\d+) +(\d+) +GICv3 +33 ").groups()]


def test_linux_has_an_interrupt_on_the_cpu_that_it_wants():
    with Machine(linux(cpus=[0, 1]), cpus=2) as m:
        m.expect(PROMPT)
        before = uart_interrupts(m)
        for cpu in (1, 0, 1):
            m.type(f"echo {cpu} > /proc/irq/$(grep uart /proc/interrupts | cut -d: -f1 | tr -d ' ')/smp_affinity_list\r")
            for _ in range(3):
                last = uart_interrupts(m)
            after = uart_interrupts(m)
            check(after[cpu] > last[cpu] and after[1 - cpu] == last[1 - cpu], f"{before}, {last} and then {after}")


def test_linux_computes_right_on_several_cpus_that_share_much():
    """Threads that hand each other a token, memory that is mapped and not, and processes that come and go."""
    work = "stress-ng --switch 2 --mmap 2 --mmap-bytes 8M --fork 2 --vm 1 --vm-bytes 16M --verify --timeout 3s; uname -m"
    # Under icount, QEMU gives other CPUs hardly a turn beside one that is busy.
    with Machine(linux(cpus=[0, 1, 1], run=work), cpus=2, options=["--wall-clock"]) as m:
        m.expect(r"stress-ng: info: .* successful run completed")
        m.expect(r"^\[phone\] aarch64$")
        m.ends(0)


def test_sixteen_vms_of_eight_vcpus_that_may_all_be_debugged_and_watched_start():
    vms = [hostile("wait rounds=1", name=f"vm-{n}", cpus=list(range(8)), debug="yes", watchdog="60s") for n in range(16)]
    with Machine(*vms, cpus=8, options=["--wall-clock"]) as m:
        m.expect_all(*(rf"^\[belay\] vm-{n}: turned itself off$" for n in range(16)))
        check(m.expect(ALL_OFF).group(1) == "0", "one failed")
        m.ends(0)
