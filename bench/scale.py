#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Cost against count: what a switch, a timer and a choice cost with 2, 4, 8 and 16 VMs on one core.

Writes build/bench-scale.json and build/bench-scale.svg, shows a table, and fails when a cost grows with the count.
"""
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import figures
import plot
import qemu

COUNTS = [2, 4, 8, 16]
GROWTH = 1.10       # of a mean, from the fewest VMs to the most

JSON = qemu.BUILD / "bench-scale.json"
PICTURE = qemu.BUILD / "bench-scale.svg"


def vm(name, priority, cmdline):
    return {"name": name, "elf": str(qemu.BENCH_ELF), "cmdline": cmdline, "memory": "2M", "cpus": [0], "priority": priority}


def yielding(count):
    """All of one priority, in a ring: each yields to the next."""
    return [vm("bench", 100, "rows=vcpu_switch delay=10"),
            *(vm(f"other-{n}", 100, "role=partner") for n in range(1, count))]


def spinning(count):
    """One with a timer, and others that share what it leaves."""
    return [vm("bench", 200, "rows=timer_contended_8 delay=10"),
            *(vm(f"other-{n}", 10, "role=spin") for n in range(1, count))]


def waking(count):
    """One with a timer, and others that each wake each 110 us, each at a priority of its own."""
    return [vm("bench", 200, "rows=timer_contended_8 delay=10"),
            *(vm(f"other-{n}", 10 + n, "role=noise") for n in range(1, count))]


def per_yield(lines, count):
    calls, with_call, empty = figures.loop(lines, "vcpu_switch")
    return (with_call - count * empty) / calls / count


def mean_timer(lines, _):
    return figures.distribution(figures.samples(lines, "timer_contended_8"))["mean"]


def least_timer(lines, _):
    """The others' own interrupts and switches may be in its way: what is left is what the choice takes."""
    return figures.distribution(figures.samples(lines, "timer_contended_8"))["min"]


# key: (the machine's VMs, the figure, what it is)
SERIES = {
    "switch": (yielding, per_yield, "directed yield to the next of so many VMs"),
    "timer": (spinning, mean_timer, "timer of one VM, the others spinning: mean"),
    "choice": (waking, least_timer, "timer of one VM, the others waking at priorities of their own: least"),
}


def measure(job):
    key, count = job
    make, figure, _ = SERIES[key]
    name = f"scale-{key}-{count}"
    config = qemu.OUT / f"{name}.yaml"
    config.write_text(json.dumps({"board": "qemu-virt", "vms": make(count)}), encoding="utf-8")
    lines = qemu.run(name, qemu.belay(config), "bench: done", 600, True)
    print(f"bench: {name} done", file=sys.stderr, flush=True)
    return round(figure(lines, count), 1)


def main():
    qemu.OUT.mkdir(parents=True, exist_ok=True)
    jobs = [(key, count) for key in SERIES for count in reversed(COUNTS)]
    print(f"bench: runs {len(jobs)} machines, two at a time: some minutes", file=sys.stderr, flush=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        found = dict(zip(jobs, pool.map(measure, jobs)))
    rows = {key: [found[key, count] for count in COUNTS] for key in SERIES}
    JSON.write_text(json.dumps({"vms": COUNTS, **rows}, indent=1) + "\n", encoding="utf-8")
    PICTURE.write_text(plot.lines("Cost against the number of VMs on one core", COUNTS,
                                  {SERIES[key][2]: rows[key] for key in rows}), encoding="utf-8")
    print(f"{'instructions, with so many VMs on one core':70}" + "".join(f"{count:>9}" for count in COUNTS))
    for key, costs in rows.items():
        flat = costs[-1] <= costs[0] * GROWTH
        print(f"{SERIES[key][2]:70}" + "".join(f"{cost:>9,.1f}" for cost in costs) + ("" if flat else "  it grows"))
    return 0 if all(costs[-1] <= costs[0] * GROWTH for costs in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
