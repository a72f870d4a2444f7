# SPDX-License-Identifier: Apache-2.0
"""Debian's own kernel and programs, unmodified, in a VM."""
import re

from conform import board
from machine import ALL_OFF, KERNEL_RT, PROMPT, Machine, linux, linux_armhf, radio
from testing import OBJ, check, for_each

SPSR = OBJ / "tests" / "el2" / "spsr.elf"


@for_each("cortex-a53", "cortex-a57", "cortex-a76", "max")
def test_linux_boots_to_a_shell(cpu):
    with Machine(linux(), cpu=cpu) as m:
        m.expect(PROMPT)
        m.type("echo $((6 * 7)) on $(uname -m)\r")
        m.expect(r"^\[phone\] 42 on aarch64$")


def test_poweroff_turns_the_vm_off_and_the_machine_with_its_last_vm():
    with Machine(linux()) as m:
        m.expect(PROMPT)
        m.type("poweroff\r")
        m.expect_all(r"reboot: Power down", r"^\[belay\] phone: turned itself off$")
        check(m.expect(ALL_OFF).group(1) == "0", "one failed")
        m.ends(0)


def test_reboot_starts_the_vm_again():
    with Machine(linux(**{"on-reset": "restart"})) as m:
        m.expect(PROMPT)
        m.type("touch /tmp/before; reboot\r")
        m.expect(r"reboot: Restarting system")
        m.expect(PROMPT)
        m.type("ls -A /tmp | wc -l; poweroff\r")
        m.expect(r"^\[phone\] 0$")
        m.ends(0)


def test_reboot_may_be_an_end():
    with Machine(linux(run="true", after="reboot", **{"on-reset": "stop"})) as m:
        m.expect(r"reboot: Restarting system")
        m.ends(0)


def test_linux_sees_the_memory_and_the_cpu_that_it_was_given():
    with Machine(linux(run="nproc; grep MemTotal /proc/meminfo; cat /proc/interrupts", memory="128M")) as m:
        m.expect(r"^\[phone\] 1$")
        total = int(m.expect(r"MemTotal: +(\d+) kB").group(1))
        check(64 << 10 < total < 128 << 10, f"{total} kB")
        m.expect(r"GICv3 +27 Level +arch_timer")
        m.expect(r"GICv3 +33 Level +uart-pl011")
        m.ends(0)


def test_linux_has_two_vcpus_on_one_cpu():
    with Machine(linux(cpus=[0, 0])) as m:
        m.expect(PROMPT)
        m.type("nproc; seq 1 2000 | tail -1; poweroff\r")
        m.expect(r"^\[phone\] 2\n\[phone\] 2000$")
        m.ends(0)


def test_ctrl_c_typed_in_a_vm_ends_its_program():
    with Machine(linux()) as m:
        m.expect(PROMPT)
        m.type("echo cat; cat\r")
        m.expect(r"^\[phone\] cat$")
        m.type("alive\r")
        m.expect(r"^\[phone\] alive\n\[phone\] alive$")
        m.type("\x03")
        m.expect(PROMPT)
        m.type("echo ended with $?\r")
        m.expect(r"^\[phone\] ended with 130$")


def test_preempt_rt_linux_runs_beside_linux_and_cyclictest_in_it():
    real_time = linux("rt", kernel=KERNEL_RT, run="cyclictest -q -m -p 80 -i 1000 -l 500; poweroff", memory="160M",
                      priority=150, budget="800us", period="1ms")
    with Machine(linux(), real_time, limit=400) as m:
        worst = m.expect(r"^\[rt\] T: 0 .* C: +500 Min: +\d+ Act: +\d+ Avg: +\d+ Max: +(\d+)").group(1)
        check(int(worst) < 1000, f"the worst release was {worst} us late")
        m.expect(r"^\[rt\] .*reboot: Power down")
        m.type("\x1d1poweroff\r")
        m.ends(0)


@for_each("cortex-a53", "cortex-a57", "max")
def test_armhf_linux_boots_to_a_shell_beside_the_radio(cpu):
    with Machine(linux_armhf(), radio(), cpu=cpu) as m:
        m.expect(PROMPT)
        m.type("echo $((6 * 7)) on $(uname -m)\r")
        m.expect(r"^\[phone\] 42 on armv7l$")
        m.expect(r"radio: \d+ s, frames \d+, missed 0, ")


def test_armhf_linux_has_two_vcpus_and_turns_itself_off():
    """On two CPUs it does not boot in the machine's own time, nor does it on the bare board (docs/faults.md)."""
    with Machine(linux_armhf(cpus=[0, 1]), cpus=2, options=["--wall-clock"]) as m:
        m.expect(PROMPT)
        m.type("nproc; seq 1 2000 | tail -1; poweroff\r")
        m.expect(r"^\[phone\] 2\n\[phone\] 2000$")
        m.expect_all(r"reboot: Power down", r"^\[belay\] phone: turned itself off$")
        m.ends(0)


def test_a_cpu_of_qemus_keeps_the_spsr_of_a_mode_in_aarch32_from_el2_without_belay():
    """Why a CPU may have one vCPU in AArch32 alone. Where this fails, board.one_aarch32 can go."""
    with board("cortex-a57", 1, 3, SPSR, ",virtualization=on") as m:
        said = re.findall(r"^spsr: (\w+) (?:mode )?wrote (\w+), (\w+) (?:mode )?reads (\w+)$", m.ends(), re.M)
    ways = [("Supervisor", "EL2"), ("EL2", "Supervisor"), ("Undefined", "EL2"), ("EL2", "Undefined")]
    check([line[::2] for line in said] == ways, f"it does not tell all: {said}")
    check(all(read != wrote for _, wrote, _, read in said), f"what is written is what is read: {said}")


def test_a_cpu_without_aarch32_at_el1_is_said_so():
    with Machine(linux_armhf(), cpu="cortex-a76") as m:
        m.expect(r"^phone: is not started: mode aarch32: a CPU of this host has no AArch32 at EL1; write 'mode: aarch64'")
        m.ends(1)
