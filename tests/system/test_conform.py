# SPDX-License-Identifier: Apache-2.0
"""A guest finds what the architecture, the interrupt controller and PSCI promise on Belay as on the bare board."""
from conform import CPUS, EXCUSED, GICS, GICV, SUM, board, broken, check_all_kept, conform
from machine import Machine, linux
from testing import check, for_each, takes

EACH = [(cpu, gic) for cpu in CPUS for gic in GICS]


@for_each(*EACH)
def test_the_bare_board_keeps_the_promises_with(which):
    cpu, gic = which
    check_all_kept(cpu, "bare", gic)


@for_each((1, 3), (1, 2), (4, 3), (4, 2))
def test_the_bare_board_keeps_the_promises_with_cpus_and_gic(both):
    with board("cortex-a57", *both) as m:
        m.expect(SUM)
        check(not broken(m.text), "".join(broken(m.text)))


@for_each(*EACH)
def test_belay_keeps_the_promises_on(which):
    cpu, gic = which
    check_all_kept(cpu, "one vCPU", gic)


@for_each(*EACH)
def test_belay_keeps_the_promises_to_a_vm_of_two_vcpus_on(which):
    cpu, gic = which
    check_all_kept(cpu, "two on a CPU", gic)


@for_each(*EACH)
def test_belay_keeps_the_promises_to_a_vm_of_vcpus_on_several_cpus_on(which):
    cpu, gic = which
    check_all_kept(cpu, "two on two", gic)


@takes(1)
def test_a_case_is_excused_by_what_qemus_gicv_does_without_belay():
    with board("cortex-a57", 1, 2, GICV, ",virtualization=on") as m:
        text = m.ends()
    for case, words in EXCUSED.items():
        for said in words:
            check(said in text, f"{': '.join(case)}: is excused by '{said}', and it was:\n{text}")


@takes(60)
def test_belay_keeps_the_promises_beside_linux():
    work = "for i in 1 2 3 4 5 6 7 8; do seq 20000 | md5sum; done | sort -u"
    with Machine(linux(run=work), conform(0, 0)) as m:
        m.expect_all(r"^\[conform\] conform: (\d+) kept, 0 broken$", r"^\[phone\] linux: command ended with 0$")
        m.ends(0)
