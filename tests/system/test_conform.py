# SPDX-License-Identifier: Apache-2.0
"""A guest finds the interrupt controller and the timers on Belay as it finds them on the bare machine."""
from machine import ALL_OFF, Machine, Terminal, linux
from testing import OBJ, check, for_each, takes

CONFORM = OBJ / "guests" / "conform" / "conform.elf"
ALL_KEPT = r"conform: (\d+) kept, 0 broken$"


def conform(*cpus, **more):
    vm = {"name": "conform", "elf": str(CONFORM), "memory": "2M", "cpus": cpus, "priority": 20}
    return {**vm, **more}


@for_each(1, 2)
def test_the_bare_machine_keeps_the_promises(cpus):
    with Terminal(["qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a57", "-smp", str(cpus),
                   "-m", "512M", "-nodefaults", "-display", "none", "-serial", "stdio", "-kernel", CONFORM], 60) as m:
        m.expect(ALL_KEPT)


@for_each("cortex-a53", "cortex-a57", "cortex-a76", "max")
def test_belay_keeps_the_promises_on(cpu):
    with Machine(conform(0), cpu=cpu) as m:
        m.expect(ALL_KEPT)
        check(m.expect(ALL_OFF).group(1) == "0", "it failed")


@for_each("cortex-a57", "max")
def test_belay_keeps_the_promises_to_a_vm_of_two_vcpus_on(cpu):
    with Machine(conform(0, 0), cpu=cpu) as m:
        m.expect(ALL_KEPT)


@for_each("cortex-a57", "max")
def test_belay_keeps_the_promises_to_a_vm_of_vcpus_on_several_cpus_on(cpu):
    with Machine(conform(0, 1), cpus=2, cpu=cpu) as m:
        m.expect(ALL_KEPT)


@takes(60)
def test_belay_keeps_the_promises_beside_linux():
    work = "for i in 1 2 3 4 5 6 7 8; do seq 20000 | md5sum; done | sort -u"
    with Machine(linux(run=work), conform(0, 0)) as m:
        m.expect_all(r"^\[conform\] " + ALL_KEPT, r"^\[phone\] linux: command ended with 0$")
        m.ends(0)
