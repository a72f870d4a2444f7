# SPDX-License-Identifier: Apache-2.0
"""Who gets how much of a CPU, as the guests see it."""
from machine import BENCH, Machine
from testing import check, takes

FROM_MS, TO_MS = 100, 300
BUDGET_NS, ERROR_NS = 300_000, 5_000


def spinner(name, weight, **more):
    """Says how much of that time it got."""
    return {"name": name, "elf": str(BENCH), "cmdline": f"role=share from={FROM_MS} to={TO_MS}", "memory": "2M",
            "cpus": [0], "priority": 10, "weight": weight, **more}


def shares(*vms, **config):
    """The share of each, of what all of them got."""
    with Machine(*vms, **config) as m:
        found = m.expect_all(*(rf"^\[{vm['name']}\] bench: share ticks (\d+)\s*\n" for vm in vms))   # whole lines
    ticks = [int(match.group(1)) for match in found]
    check(sum(ticks) > 0.97 * (TO_MS - FROM_MS) * 1_000_000, f"{sum(ticks)} ns of {TO_MS - FROM_MS} ms were to be had")
    return [each / sum(ticks) for each in ticks]


def test_vms_of_one_priority_share_it_by_their_weights():
    weights = [100, 200, 500]
    got = shares(*(spinner(f"vm-{weight}", weight) for weight in weights))
    for share, weight in zip(got, weights):
        due = weight / sum(weights)
        check(abs(share / due - 1) < 0.02, f"weight {weight} of {sum(weights)} got {share:.4f}, and {due:.4f} was due")


def test_a_vm_without_a_weight_counts_as_100():
    plain = spinner("plain", 100)
    del plain["weight"]
    got = shares(plain, spinner("half", 50))
    check(abs(got[0] / got[1] - 2) < 0.04, f"it got {got[0] / got[1]:.3f} times as much as one of 50")


@takes(60)
def test_a_budget_is_held_to_5_us_in_each_of_1000_periods_and_never_exceeded_over_time():
    vm = {"name": "bench", "elf": str(BENCH), "cmdline": "rows=budget_busy", "memory": "2M", "cpus": [0],
          "priority": 110, "budget": "300us", "period": "1ms"}
    noise = {"name": "noise", "elf": str(BENCH), "cmdline": "role=noise", "memory": "2M", "cpus": [0], "priority": 200}
    busy = {"name": "busy", "elf": str(BENCH), "cmdline": "role=spin", "memory": "2M", "cpus": [0], "priority": 10}
    with Machine(vm, noise, busy) as m:
        m.expect(r"bench: budget_busy total 1000$")
        used = [(int(value), int(count)) for line in m.text.splitlines() if "budget_busy samples" in line
                for value, count in (pair.split(":") for pair in line.split("samples ")[1].split())]
    check(sum(count for _, count in used) == 1000, f"{sum(count for _, count in used)} samples are shown")
    for value, _ in used:
        check(abs(value - BUDGET_NS) <= ERROR_NS, f"it had {value} ns of {BUDGET_NS} in a period")
    check(sum(value * count for value, count in used) <= 1000 * BUDGET_NS, "it had more than its budgets in all")
