# SPDX-License-Identifier: Apache-2.0
"""VMs on CPUs of their own. (QEMU gives its CPUs turns of many instructions here, so no test looks at how late a frame is.)"""
import tempfile

from debugger import Debugger, kill_service
from machine import ALL_OFF, PROMPT, Machine, hostile, linux, radio
from testing import check, for_each


# QEMU's CPUs by turns in one thread, and in a thread each.
MACHINES = [(cpus, clock) for clock in ("--icount", "--wall-clock") for cpus in (1, 2, 4, 8)]


@for_each(*MACHINES)
def test_each_cpu_runs_a_vm(machine):
    cpus, clock = machine
    vms = [radio(f"radio-{n}", cpus=[n], cmdline="seconds=1") for n in range(cpus)]
    with Machine(*vms, cpus=cpus, options=[clock]) as m:
        m.expect_all(*(rf"^\[radio-{n}\] radio: 1 s, frames {'216' if clock == '--icount' else ''}" for n in range(cpus)))
        check(m.expect(ALL_OFF).group(1) == "0", "one failed")
        m.ends(0)


@for_each("cortex-a53", "cortex-a76", "max")
def test_linux_boots_on_another_cpu_than_the_services(cpu):
    with Machine(radio(), linux(cpus=[1]), cpus=2, cpu=cpu) as m:
        m.expect(r"^\[radio\] radio: 1 s")
        m.type("\x1d2")
        m.expect(PROMPT)
        m.type("echo $((6 * 7)) on $(uname -m)\r")
        m.expect(r"^\[phone\] 42 on aarch64$")
        m.type("reboot\r")
        m.expect(r"reboot: Restarting system")
        m.expect(PROMPT)
        m.type("poweroff\r")
        m.expect(r"^\[belay\] phone: turned itself off$")


def test_two_linuxes_each_have_a_cpu():
    with Machine(linux("one"), linux("two", cpus=[1], run="seq 20000 | md5sum"), cpus=2) as m:
        m.expect(r"^\[two\] [0-9a-f]{32}  -$")
        m.expect(PROMPT)
        m.type("seq 20000 | md5sum; poweroff\r")
        m.expect(r"^\[one\] [0-9a-f]{32}  -$")
        m.ends(0)


def test_a_vm_that_dies_on_another_cpu_is_restarted():
    with Machine(radio(cpus=[1], cmdline="crash=1", **{"on-failure": "restart"}), radio("other"), cpus=2) as m:
        for _ in range(3):
            m.expect_all(r"^\[radio\] radio: crashes, as it was told$", r"^\[belay\] radio: +x0\.\.x5( [0-9a-f]{16}){6}$",
                         r"^\[belay\] radio: started again$")


@for_each("reset", "die")
def test_a_vm_that_ends_itself_again_and_again_on_another_cpu_is_started_again_and_again(attack):
    restarts = {"on-reset": "restart", "on-failure": "restart"}
    with Machine(hostile(attack, cpus=[1], **restarts), radio(), cpus=2) as m:
        m.expect(r"^\[radio\] radio: 3 s, frames \d+")
        m.expect(rf"^\[hostile\] hostile: {attack} begins$")


def test_a_console_that_dies_is_restarted_for_the_vms_of_all_cpus():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        debugger = Debugger(folder)
        with Machine(linux(), radio(cpus=[1]), linux("tablet", cpus=[1]), cpus=2, qemu=debugger.qemu,
                     options=["--wall-clock"]) as m:     # under icount, QEMU gives the other CPU no turn beside that load
            m.expect(PROMPT)
            m.type("while true; do echo load; done &\r")
            m.expect(r"^\[phone\] load$")
            kill_service(debugger, "console")
            m.expect(r"console.*restart")
            m.expect(r"^\[radio\] radio: \d+ s, frames \d+")
            m.expect(r"^\[phone\] load$")
            m.type("kill $!\r")
            m.type("echo alive $((40 + 2))\r")
            m.expect(r"^\[phone\] alive 42$")


@for_each("--icount", "--wall-clock")
def test_all_attacks_are_survived_of_a_guest_on_two_cpus(clock):
    with Machine(hostile("all", cpus=[0, 1, 1]), radio(cpus=[1]), cpus=2, options=[clock], limit=400) as m:
        m.expect(r"^\[hostile\] hostile: all done$")
        m.expect(r"^\[radio\] radio: \d+ s, frames \d+")


@for_each("cortex-a57", "max")
def test_all_attacks_are_survived_on_another_cpu(cpu):
    with Machine(hostile("all", cpus=[1]), radio(cpus=[1]), radio("other"), cpus=2, cpu=cpu, limit=400) as m:
        m.expect(r"^\[hostile\] hostile: all done$")
        m.expect(r"^\[radio\] radio: \d+ s, frames \d+")
        m.expect(r"^\[other\] radio: \d+ s, frames \d+")
