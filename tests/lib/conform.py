# SPDX-License-Identifier: Apache-2.0
"""The conformance guest on the bare board and on Belay: each case that it names, and what became of it."""
import re

from machine import ALL_OFF, Machine, Terminal, ended_after
from testing import OBJ, Failed, check

CONFORM = OBJ / "guests" / "conform" / "conform.elf"
GICV = OBJ / "tests" / "el2" / "gicv.elf"
CPUS = ("cortex-a53", "cortex-a57", "cortex-a76", "max")
LIMIT = 60      # seconds
SUM = r"conform: (\d+) kept, (\d+) broken$"

# Where the guest runs: the bare board with so many CPUs, or a VM with its vCPUs on these CPUs.
PLACES = {"bare": 2, "one vCPU": (0,), "two on a CPU": (0, 0), "two on two": (0, 1)}

# Where it runs with each version of the interrupt controller.
GICS = {3: tuple(PLACES), 2: tuple(PLACES)}
BOARDS = {3: "qemu-virt", 2: "qemu-virt-gicv2"}

# The cases that are broken by QEMU's virtual CPU interface of a GICv2 (GICV), which a guest on Belay has, and not by Belay;
# and what tests/el2/gicv.c says of it on QEMU's board without Belay, for which each is excused, and for no longer than that.
EXCUSED = {
    # An interrupt of the host that is ended while its line is high is pending and should be signalled (IHI 0048B, 3.2.4).
    ("timers", "the_virtual_timer_comes_until_it_is_turned_off"):
        ("ended by GICC_DIR: inactive, pending, signalled by itself",
         "ended by GICV_EOIR: inactive, pending, not signalled by itself, signalled after a write of GICC_PMR",
         "ended by GICV_DIR: inactive, pending, not signalled by itself, signalled after a write of GICC_PMR"),
    # GICV_ABPR has the least value of GICC_ABPR, and not one more than that of GICV_BPR (DDI 0500, 9.2.6), as GICH_VMCR has.
    ("gicv2_cpuif", "the_aliased_binary_point_is_one_more_at_the_least"):
        ("GICC_BPR 0, GICC_ABPR 1, GICV_BPR 2, GICV_ABPR 1, and by GICH_VMCR 3",),
}


def is_excused(place, gic, case):
    return gic == 2 and place != "bare" and case in EXCUSED


def conform(*cpus, **more):
    vm = {"name": "conform", "elf": str(CONFORM), "memory": "2M", "cpus": cpus, "priority": 20}
    return {**vm, **more}


def board(cpu, cpus=2, gic=3, program=CONFORM, more=""):
    """QEMU's board without Belay: what the guest runs on by itself."""
    return Terminal([*ended_after(LIMIT), "qemu-system-aarch64", "-M", f"virt,gic-version={gic}{more}",
                     "-cpu", f"{cpu},cntfrq=1000000000", "-smp", str(cpus), "-m", "512M", "-accel", "tcg,thread=single",
                     "-icount", "shift=0,sleep=off", "-nodefaults", "-display", "none", "-serial", "stdio",
                     "-kernel", program], LIMIT)


def cases(text):
    """{(group, case): kept}, in the order that they ran; the last may have no end, and is not kept then."""
    found, now = {}, None
    for line in text.splitlines():
        if match := re.search(r"conform: case (\w+): (\w+)$", line):
            now = match.groups()
            found[now] = False
        elif now and re.search(r"conform: kept$", line):
            found[now] = True
    return found


def broken(text):
    """What is to be said of each case that is not kept: its lines."""
    shown = [line[line.index("conform:"):] for line in text.splitlines() if "conform: " in line]
    return re.findall(r"^conform: case (.*\n(?:conform:   .*\n)*)(?=conform: BROKEN|\Z)", "\n".join(shown) + "\n", re.M)


def wrong(text, place, gic):
    """The same of those that are not excused; an excused one that is kept is told of as well."""
    excused = {case: kept for case, kept in cases(text).items() if is_excused(place, gic, case)}
    return [f"{' '.join(case)}: is kept, and needs no excuse\n" for case, kept in excused.items() if kept] + \
           [words for words in broken(text) if tuple(words.split("\n")[0].split(": ")) not in excused]


def run(cpu, place, gic=3):
    """All that was said there; fails where it did not come to its end."""
    where = PLACES[place]
    machine = board(cpu, where, gic) if place == "bare" else Machine(conform(*where), cpus=max(where) + 1, cpu=cpu,
                                                                     board=BOARDS[gic], limit=LIMIT)
    with machine as m:
        m.expect(rf"conform: the interrupt controller is a GICv{gic}$")
        m.expect(SUM)
        if place != "bare":
            check(m.expect(ALL_OFF).group(1) == "0", "it failed")
        return m.text


def check_all_kept(cpu, place, gic=3):
    text = run(cpu, place, gic)
    if found := wrong(text, place, gic):
        raise Failed("".join(found))
    check(len(cases(text)) > 200, f"it has {len(cases(text))} cases")
