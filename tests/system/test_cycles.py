# SPDX-License-Identifier: Apache-2.0
"""VMs are made, started, stopped and destroyed as often as one likes, and nothing is left behind."""
import pathlib
import re
import tempfile

import cycles
from cycles import run_cycles, some_vms, stays
from machine import radio
from testing import check, takes


@takes(50)
def test_cycles_of_creating_starting_stopping_and_destroying_leave_nothing_behind():
    cycles.cycle_vms(400)


@takes(20)
def test_commands_that_race_each_other_are_answered_and_leave_nothing_behind():
    cycles.race_commands(3)


def test_a_vm_of_16_mib_starts_in_two_million_instructions():
    text, _ = run_cycles("cycles=3", radio(memory="16M"), stays())
    ticks = {k: int(v) for k, v in re.findall(r"(\w+) (\d+)", re.search(r"^cycles: most ticks: (.*)$", text, re.M)[1])}
    check(ticks["create"] + ticks["start"] <= 2_000_000, f"most ticks: {ticks}")


def test_operations_in_any_order_leave_nothing_behind():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        zeros = pathlib.Path(folder) / "zeros"
        zeros.write_bytes(bytes(4096))
        for cpus in (1, 4):
            dies = {"name": "dies", "raw": {"image": str(zeros)}, "memory": "2M", "cpus": [cpus - 1], "priority": 20,
                    "on-failure": "restart"}
            text, _ = run_cycles("any-order=500", *some_vms(cpus), dies, radio("stays", cpus=[0], priority=210), cpus=cpus)
            check("dies: started again" in text, "none was restarted")
            # What keeps a radio waiting beside other CPUs is QEMU: see the next test.
            check(cpus > 1 or not re.search(r"^\[stays\] .* missed (?!0,)", text, re.M), "the radio missed frames")


def test_beside_a_cpu_that_spins_another_stands_still_on_qemus_board_without_belay():
    """What a radio misses beside busy CPUs is thus not ours. Where this fails, look at the radio on several CPUs again."""
    most = cycles.stands_still()
    check(list(most) == ["alone", "beside a CPU in WFI", "beside a CPU that spins"], f"{most}")
    check(most["alone"] < 100 and most["beside a CPU in WFI"] < 100, f"without a CPU that spins: {most}")
    check(most["beside a CPU that spins"] > 5_000_000, f"with one it could keep deadlines: {most}")


def test_beside_a_cpu_that_spins_another_may_have_no_turn_at_all_on_qemus_board_without_belay():
    """Such is Debian's armhf with two CPUs, whatever it runs on. Where this fails, boot that in the machine's own time."""
    counts = cycles.counts_beside()
    check(list(counts) == ["spins without YIELD", "spins with YIELD"], f"{counts}")
    check(counts["spins without YIELD"] == 0, f"CPU 1 has turns: {counts}")
    check(counts["spins with YIELD"] > 10_000_000, f"CPU 1 has none with YIELD either: {counts}")
