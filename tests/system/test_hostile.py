# SPDX-License-Identifier: Apache-2.0
"""A guest that does what no guest should harms itself alone."""
from machine import ALL_OFF, Machine, aarch32, hostile, linux, radio
from testing import check, for_each, takes

ATTACKS = ["map", "access", "jump", "gic-sweep", "gic-random", "storm", "swamp", "wait", "garbage", "sysreg", "illegal-return",
           "psci", "smccc", "hypercall", "poison", "tables", "secrets", "flood"]
STORMS = ["gic-random", "storm", "swamp"]


@for_each(*ATTACKS)
def test_the_radio_misses_nothing_beside_a_guest_that_attacks(attack):
    with Machine(hostile(attack), radio(), limit=240) as m:
        m.expect_all(rf"^\[hostile\] hostile: {attack}: \d+ done", r"^\[hostile\] hostile: all done$",
                     r"^\[belay\] hostile: turned itself off$")
        report = m.expect(r"^\[radio\] radio: \d+ s, frames (\d+), missed (\d+), voice \d+, bad (\d+)")
        check(report.group(2) == "0" and report.group(3) == "0", report.group())


@for_each(*(f"{storm} seed={seed}" for storm in STORMS for seed in (0, 1, 2)))
def test_an_interrupt_storm_of_another_vm_makes_no_release_later_than_2_us(storm):
    with Machine(hostile(f"{storm} rounds=4"), radio()) as m:
        m.expect(r"^\[hostile\] hostile: all done$")
        report = m.expect(r"^\[radio\] radio: \d+ s, .* worst (\d+) ns")
        check(int(report.group(1)) <= 2000, report.group())


@for_each("cortex-a57", "max")
def test_the_radio_misses_nothing_beside_a_guest_that_attacks_from_another_cpu_too(cpu):
    with Machine(hostile("crowd", cpus=[0, 1]), radio(), cpus=2, cpu=cpu, limit=200) as m:
        m.expect_all(r"^\[hostile\] hostile: crowd: \d+ done", r"^\[hostile\] hostile: all done$")
        report = m.expect(r"^\[radio\] radio: \d+ s, frames (\d+), missed (\d+), voice \d+, bad (\d+)")
        check(report.group(2) == "0" and report.group(3) == "0", report.group())


@for_each("cortex-a53", "cortex-a76", "max")
def test_all_attacks_are_survived_on(cpu):
    with Machine(hostile("all"), radio(cmdline="seconds=8"), cpu=cpu, limit=400) as m:
        m.expect(r"^\[hostile\] hostile: all done$")
        m.expect(r"^\[radio\] radio: 8 s, frames \d+, missed 0, voice \d+, bad 0")
        check(m.expect(ALL_OFF).group(1) == "0", "one failed")
        m.ends(0)


@for_each(1, 2, 3)
def test_attacks_from_another_seed_are_survived(seed):
    with Machine(hostile(f"all seed={seed}"), radio(), limit=400) as m:
        m.expect(r"^\[hostile\] hostile: all done$")
        m.expect(r"^\[radio\] radio: \d+ s, frames \d+, missed 0, voice \d+, bad 0")


@takes(100)
def test_linux_goes_on_beside_a_guest_that_attacks():
    work = "for i in 1 2 3 4 5 6 7 8; do seq 20000 | md5sum; done | sort -u"
    with Machine(linux(run=work), hostile("all"), limit=400) as m:
        m.expect(r"^\[phone\] [0-9a-f]{32}  -$")
        m.expect(r"^\[phone\] linux: command ended with 0$")
        m.ends(0)


@for_each("cortex-a57", "cortex-a76", "max")
def test_a_guest_finds_nothing_of_another_in_the_registers_that_they_share(cpu):
    with Machine(hostile("secrets", "one"), hostile("secrets seed=7", "two"), cpu=cpu) as m:
        m.expect_all(r"^\[one\] hostile: all done$", r"^\[two\] hostile: all done$")


def test_the_timers_of_as_many_vcpus_as_there_can_be_all_have_a_place():
    vms = [hostile("timers", f"vm-{n}", memory="2M", cpus=[0] * 8) for n in range(15)]
    with Machine(*vms, radio(cpus=[0] * 8)) as m:
        m.expect_all(*(rf"^\[vm-{n}\] hostile: timers of 8 vcpus are set$" for n in range(15)))
        m.expect(r"^\[radio\] radio: 2 s, frames \d+, missed 0, voice \d+, bad 0")


@for_each("spin", "sleep")
def test_a_guest_that_never_gives_the_cpu_back_takes_nothing_from_the_radio(attack):
    with Machine(hostile(attack), radio(), limit=240) as m:
        m.expect(r"^\[radio\] radio: 3 s, frames \d+, missed 0, voice \d+, bad 0")


@for_each("reset", "cpu-off", "die")
def test_a_guest_that_ends_itself_again_and_again_takes_nothing_from_the_radio(attack):
    restarts = {"on-reset": "restart", "on-failure": "restart"}
    with Machine(hostile(attack, **restarts), radio()) as m:
        m.expect(r"^\[radio\] radio: 3 s, frames \d+, missed 0, voice \d+, bad 0")


@for_each(*((cpu, seed) for cpu in ("cortex-a53", "cortex-a57", "max") for seed in (0, 1)))
def test_the_radio_misses_nothing_beside_a_guest_in_aarch32_that_attacks(run):
    cpu, seed = run
    with Machine(aarch32(f"seed={seed}"), radio(), cpu=cpu, limit=400) as m:
        m.expect(r"^\[aarch32\] aarch32: \d+ done, \d+ exceptions, 0 wrong answers$")
        m.expect(r"^\[belay\] aarch32: turned itself off$")
        m.expect(r"^\[radio\] radio: \d+ s, frames \d+, missed 0, voice \d+, bad 0")
