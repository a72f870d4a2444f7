#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures one core: the same guests on the bare machine and on Belay. `./belay bench` builds first, then runs this.

Writes build/bench.json and build/bench-timer.svg, shows the table, and fails when a row is missing or over its limit.
"""
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import figures
import qemu
import picture
import traced
from rows import ROWS, problem, row, table

ALONE = ["boot", "hypercall", "gicd_ctlr_read", "gicd_typer_read", "gicd_isenabler_read", "portal_read",
         "sgi_self", "sgi_self_eoi", "timer_running", "timer_wfi"]
CALLS = ["hypercall", "gicd_ctlr_read", "gicd_typer_read", "gicd_isenabler_read", "portal_read"]
NOT_ON_BARE = ["hypercall"]
BUDGETS = {"budget_idle": "budget-idle", "budget_busy": "budget-busy", "budget_portal": "budget-busy"}
WORKS = ["compute", "syscall", "forkexec", "pipe", "fault"]
TAX_CMDLINE = "console=ttyAMA0 nokaslr norandmaps"

HERE = qemu.ROOT / "bench"
JSON = qemu.BUILD / "bench.json"
BASELINE = HERE / "baseline.json"
PICTURE = qemu.BUILD / "bench-timer.svg"

# name: (command, what its last line has, seconds of CPU time that it may take, does it go on after that line?)
RUNS = {
    "bare-alone": (lambda: qemu.bare(qemu.BENCH_ELF, "rows=" + ",".join(ALONE + ["timer_contended"]), "2M"),
                   "bench: done", 60, False),
    "bare-tax": (lambda: qemu.bare(qemu.BUILD / "guests/linux/Image", TAX_CMDLINE, "512M", qemu.GUESTS / "tax.cpio"),
                 "tax: done", 200, False),
    "alone": (lambda: qemu.belay(HERE / "alone.yaml"), "bench: done", 100, False),
    "bare-cross": (lambda: qemu.bare(qemu.BENCH_ELF, "rows=sgi_cross", "2M", cpus=2), "bench: done", 60, False),
    "cross": (lambda: qemu.belay(HERE / "cross.yaml", cpus=2), "bench: done", 100, False),
    "switch": (lambda: qemu.belay(HERE / "switch.yaml"), "bench: done", 100, True),
    "tax": (lambda: qemu.belay(HERE / "tax.yaml"), "tax: done", 200, False),
    "contended": (lambda: qemu.belay(HERE / "contended.yaml"), "bench: done", 900, True),
    "contended-8": (lambda: qemu.belay(HERE / "contended-8.yaml"), "bench: done", 900, True),
    "budget-idle": (lambda: qemu.belay(HERE / "budget-idle.yaml"), "bench: done", 100, False),
    "budget-busy": (lambda: qemu.belay(HERE / "budget-busy.yaml"), "bench: done", 100, True),
}


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def measure(name):
    """The lines of a run; none where it fails, which leaves its rows missing."""
    make, until, seconds, goes_on = RUNS[name]
    start = time.monotonic()
    try:
        lines = qemu.run(name, make(), until, seconds, goes_on)
        say(f"{name:12} done in {time.monotonic() - start:.0f} s")
        return lines
    except (qemu.Failure, OSError) as failure:
        say(f"{name}: {failure}")
        return []


def measure_all():
    """The longest first, two at a time: a run's figures do not depend on what else this computer does."""
    order = ["contended-8", "contended", "tax", "bare-tax", "bare-alone", "alone", "budget-idle", "budget-busy", "switch",
             "cross", "bare-cross"]
    say(f"runs {len(order)} machines, two at a time: some minutes")
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(order, pool.map(measure, order)))


def collect(rows, key, bare, now):
    """Adds a row, from functions that give its two figures; a failure leaves that figure out."""
    values = []
    for figure in (bare, now):
        try:
            values.append(figure())
        except (qemu.Failure, OSError) as failure:
            say(str(failure))
            values.append(None)
    rows[key] = row(key, *values)


def nothing():
    return None


def core_rows(rows, lines):
    bare, alone = lines["bare-alone"], lines["alone"]
    for key in CALLS:
        collect(rows, key, nothing if key in NOT_ON_BARE else lambda k=key: figures.per_call(bare, k),
                lambda k=key: figures.per_call(alone, k))
    for key in ("sgi_self", "sgi_self_eoi"):
        collect(rows, key, lambda k=key: figures.mean(figures.samples(bare, k)),
                lambda k=key: figures.mean(figures.samples(alone, k)))
    for key in ("sgi_cross_one_way", "sgi_cross_round_trip"):
        collect(rows, key, lambda k=key: figures.mean(figures.samples(lines["bare-cross"], k)),
                lambda k=key: figures.mean(figures.samples(lines["cross"], k)))
    for key, now in (("timer_running", alone), ("timer_wfi", alone), ("timer_contended", lines["contended"]),
                     ("timer_contended_8", lines["contended-8"])):
        on_bare = key.removesuffix("_8")        # where there are no others
        collect(rows, key, lambda k=on_bare: figures.distribution(figures.samples(bare, k)),
                lambda k=key, n=now: figures.distribution(figures.samples(n, k)))
    for key, run in BUDGETS.items():
        collect(rows, key, nothing, lambda k=key, r=run: figures.budget_error(figures.samples(lines[r], k)))
    collect(rows, "vcpu_switch", nothing, lambda: figures.per_switch(lines["switch"], "vcpu_switch"))
    collect(rows, "trace_record", nothing, traced.record_cost)
    collect(rows, "boot", lambda: figures.ticks(bare, "boot"),
            lambda: figures.ticks(alone, "boot") - figures.copying(alone, "bench"))


def check_contended(lines):
    """Linux must have been busy before the first period."""
    busy = next((n for n, line in enumerate(lines) if "tax: busy" in line), None)
    start = next((n for n, line in enumerate(lines) if "bench: timer_contended" in line), None)
    if start is not None and (busy is None or busy > start):
        raise qemu.Failure("Linux was not busy yet when the contended timer began: raise delay in contended.yaml")


def size_rows(rows):
    for kind in ("text", "data", "bss"):
        collect(rows, f"size_{kind}", nothing, lambda k=kind: figures.sizes(qemu.NUCLEUS_ELF)[k])


def ram_rows(rows, lines):
    for n, key in enumerate(("ram_total", "ram_per_vm", "ram_per_vcpu")):
        collect(rows, key, nothing, lambda n=n: figures.ram(lines["contended"])[n])


def tax_rows(rows, lines):
    for work in WORKS:
        collect(rows, f"tax_{work}", lambda: 1.0, lambda w=work: round(
            figures.nanoseconds(lines["tax"], w) / figures.nanoseconds(lines["bare-tax"], w), 5))


def draw(rows, lines):
    figure = rows["timer_contended"]
    if figure["belay"] and figure["bare"]:
        counts = figures.samples(lines["contended"], "timer_contended")
        limits = ROWS["timer_contended"][1:3]
        PICTURE.write_text(picture.histogram("Timer of a real-time guest, beside a busy Linux on the same core", counts,
                                             figure["bare"]["mean"], figure["belay"], limits), encoding="utf-8")


def load(path):
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def main():
    qemu.OUT.mkdir(parents=True, exist_ok=True)
    before = load(JSON) or load(BASELINE)
    lines = measure_all()
    rows = {}
    try:
        check_contended(lines["contended"])
    except qemu.Failure as failure:
        say(str(failure))
        lines["contended"] = []
    core_rows(rows, lines)
    size_rows(rows)
    ram_rows(rows, lines)
    tax_rows(rows, lines)
    draw(rows, lines)
    rows = {key: rows[key] for key in ROWS if key in rows}
    JSON.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print("\n".join(table(rows, before)))
    return 1 if any(problem(key, rows) for key in ROWS) else 0


if __name__ == "__main__":
    sys.exit(main())
