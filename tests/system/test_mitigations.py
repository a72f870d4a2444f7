# SPDX-License-Identifier: Apache-2.0
"""What Linux does about the CPU's speculation: in a VM what it does on the CPU itself."""
import re

from machine import INITRD, KERNEL, Machine, Terminal, ended_after, linux
from testing import check, for_each

RUN = "cd /sys/devices/system/cpu/vulnerabilities; grep . *; echo all of them"
LIMIT = 240


def bare(cpu):
    """QEMU's board without Belay."""
    return Terminal([*ended_after(LIMIT), "qemu-system-aarch64", "-M", "virt,gic-version=3",
                     "-cpu", f"{cpu},cntfrq=1000000000", "-m", "256M", "-accel", "tcg,thread=single",
                     "-icount", "shift=0,sleep=off", "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot",
                     "-kernel", KERNEL, "-initrd", INITRD, "-append", f'console=ttyAMA0 quiet run="{RUN}"'], LIMIT)


def said(machine, prefix):
    machine.expect(rf"^{prefix}all of them$")
    return dict(re.findall(rf"^{prefix}(\w+):(\w.*)$", machine.text, re.M))


@for_each("cortex-a53", "cortex-a57", "cortex-a76", "max")
def test_linux_turns_on_the_mitigations_that_it_turns_on_on_the_bare_board(cpu):
    with bare(cpu) as board:
        expected = said(board, "")
    with Machine(linux(run=RUN), cpu=cpu, limit=LIMIT) as m:
        found = said(m, r"\[phone\] ")
    check(len(expected) > 8 and found == expected, f"the board: {expected}; the VM: {found}")
