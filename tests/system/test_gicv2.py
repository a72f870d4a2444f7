# SPDX-License-Identifier: Apache-2.0
"""On a board with a GICv2, all is as on one with a GICv3, and a VM has a GICv2 too."""
import tempfile

from machine import ALL_OFF, PROMPT, Board, Machine, hostile, linux, pack, radio
from testing import check, for_each

GICV2 = "qemu-virt-gicv2"
WORK = "for i in $(seq 0 {last}); do taskset -c $i seq 5000 | taskset -c $i md5sum & done; wait; nproc"
ATTACKS = ["access", "jump", "gic-sweep", "gic-random", "storm", "swamp", "wait", "sysreg", "poison", "secrets"]


WORST_NS = 2000     # of a release: what the tool reckons with for a switch and back (tools/board_qemu_virt.c)


def check_radio(m, seconds, worst=WORST_NS):
    report = m.expect(rf"^\[radio\] radio: {seconds} s, frames (\d+), missed (\d+), voice \d+, bad (\d+), worst (\d+) ns")
    frames, missed, bad, latest = map(int, report.groups())
    check(frames >= seconds * 13 * 50 // 3 - 1 and missed == 0 and bad == 0, report.group())
    check(latest <= worst, report.group())


def test_the_radio_misses_nothing_while_linux_boots_beside_it():
    with Machine(linux(), radio(), board=GICV2) as m:
        m.expect(PROMPT)
        check_radio(m, 5)       # before anything is typed: for an idle machine many seconds are soon over
        m.type("cat /proc/interrupts\r")
        m.expect(r"GIC-0 +27 Level +arch_timer")
        m.expect(r"GIC-0 +33 Level +uart-pl011")
        m.type("poweroff\r")
        m.expect(r"^\[belay\] phone: turned itself off$")


def at_work(m, vcpus):
    m.expect(PROMPT)
    m.type(WORK.format(last=vcpus - 1) + "\r")
    for _ in range(vcpus):
        m.expect(r"[0-9a-f]{32}  -$")
    m.expect(rf"^\[phone\] {vcpus}$")


@for_each([0, 1], [0, 1, 0, 1], [0, 1, 2, 3])
def test_the_vcpus_of_a_linux_all_work_on_several_cpus(cpus):
    with Machine(linux(cpus=cpus), cpus=max(cpus) + 1, board=GICV2) as m:
        at_work(m, len(cpus))
        m.type("poweroff\r")
        m.expect(r"^\[belay\] phone: turned itself off$")
        m.ends(0)


@for_each([0, 0], [0, 0, 0, 0])
def test_the_radio_misses_nothing_beside_a_linux_of_several_vcpus(cpus):
    with Machine(linux(cpus=cpus), radio(), board=GICV2) as m:
        at_work(m, len(cpus))
        m.expect(r"^\[radio\] radio: \d+ s, frames \d+, missed 0, voice \d+, bad 0")


@for_each("cortex-a53", "max")
def test_linux_runs_on(cpu):
    with Machine(linux(run="dmesg | grep -c GICv2; nproc", cpus=[0, 0]), cpu=cpu, board=GICV2) as m:
        m.expect(r"^\[phone\] 2$")
        m.ends(0)


@for_each(*ATTACKS)
def test_the_radio_misses_nothing_beside_a_guest_that_attacks(attack):
    with Machine(hostile(attack), radio(), board=GICV2, limit=240) as m:
        m.expect_all(rf"^\[hostile\] hostile: {attack}: \d+ done", r"^\[hostile\] hostile: all done$",
                     r"^\[belay\] hostile: turned itself off$")
        m.expect(r"^\[radio\] radio: \d+ s, frames \d+, missed 0, voice \d+, bad 0")


def test_the_radio_misses_nothing_beside_a_guest_that_attacks_from_another_cpu_too():
    with Machine(hostile("crowd", cpus=[0, 1]), radio(), cpus=2, board=GICV2, limit=200) as m:
        m.expect_all(r"^\[hostile\] hostile: crowd: \d+ done", r"^\[hostile\] hostile: all done$")
        m.expect(r"^\[radio\] radio: \d+ s, frames \d+, missed 0, voice \d+, bad 0")


def test_eight_cpus_are_driven():
    vms = [hostile("wait", name=f"vm-{n}", memory="2M", cpus=[n]) for n in range(8)]
    with Machine(*vms, cpus=8, board=GICV2) as m:
        m.expect_all(*(rf"^\[belay\] vm-{n}: turned itself off$" for n in range(8)))
        check(m.expect(ALL_OFF).group(1) == "0", "one failed")
        m.ends(0)


def test_a_vm_of_another_version_is_refused_with_the_remedy():
    refusal = r"^radio: is not started: gic is v2, and this host has a GICv3; write 'gic: v3' or leave it out$"
    with tempfile.TemporaryDirectory() as folder:
        bundle = pack(folder, radio(gic="v2"), radio("other"), board=GICV2)
        with Board(bundle) as m:
            m.expect(refusal)
            m.expect(r"^\[other\] radio: 1 s, frames \d+, missed 0")


def test_a_vm_of_this_version_runs():
    with Machine(radio(gic="v2", cmdline="seconds=1"), board=GICV2) as m:
        check(m.expect(ALL_OFF).group(1) == "0", "it failed")
