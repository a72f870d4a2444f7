# SPDX-License-Identifier: Apache-2.0
"""The rows: their units, what Belay must reach, and how they are shown."""

INSTRUCTIONS, BYTES, RATIO, NANOSECONDS = "instructions", "bytes", "ratio", "nanoseconds"

# key: (unit, limit of the number or of the mean, limit of the worst, what it is)
ROWS = {
    "hypercall": (INSTRUCTIONS, 90, None, "HVC PSCI_VERSION and back"),
    "gicd_ctlr_read": (INSTRUCTIONS, 200, None, "read of GICD_CTLR"),
    "gicd_typer_read": (INSTRUCTIONS, None, None, "read of GICD_TYPER"),
    "gicd_isenabler_read": (INSTRUCTIONS, 260, None, "read of GICD_ISENABLER1"),
    "sgi_self": (INSTRUCTIONS, 250, None, "own SGI to handler"),
    "sgi_self_eoi": (INSTRUCTIONS, None, None, "own SGI to after EOI"),
    "sgi_cross_one_way": (INSTRUCTIONS, 350, None, "SGI to another CPU's vCPU in WFI"),
    "sgi_cross_round_trip": (INSTRUCTIONS, 750, None, "SGI there, and one back"),
    "timer_running": (INSTRUCTIONS, 150, None, "timer, guest running, to handler"),
    "timer_wfi": (INSTRUCTIONS, 400, None, "timer, guest in WFI, core idle"),
    "timer_contended": (INSTRUCTIONS, 600, 1000, "timer, contended by a busy Linux"),
    "timer_contended_8": (INSTRUCTIONS, 750, 1000, "timer, contended by seven VMs"),
    "portal_read": (INSTRUCTIONS, 450, None, "service register read by portal"),
    "vcpu_switch": (INSTRUCTIONS, 450, None, "directed yield to the next vCPU"),
    "budget_idle": (NANOSECONDS, None, 5000, "budget's error a period, core idle"),
    "budget_busy": (NANOSECONDS, None, 5000, "budget's error, among others"),
    "budget_portal": (NANOSECONDS, None, 5000, "budget's error, with portal calls"),
    "trace_record": (INSTRUCTIONS, 25, None, "one record of the trace"),
    "boot": (INSTRUCTIONS, 300_000, None, "reset to a guest's first instruction"),
    # Many cores, VMs that are managed, both GICs and AArch32 take more than the 40 KiB of one core and two systems.
    "size_text": (BYTES, 64 * 1024, None, "nucleus text and constants after boot"),
    "size_data": (BYTES, None, None, "nucleus data"),
    "size_bss": (BYTES, None, None, "nucleus bss"),
    "ram_total": (BYTES, 216 * 1024, None, "RAM that it keeps with two VMs"),
    "ram_per_vm": (BYTES, 16 * 1024, None, "of that, per VM"),
    "ram_per_vcpu": (BYTES, 8 * 1024, None, "of that, per vCPU"),
    "tax_compute": (RATIO, 1.01, None, "Linux: compute"),
    "tax_syscall": (RATIO, 1.01, None, "Linux: system calls"),
    "tax_forkexec": (RATIO, 1.01, None, "Linux: fork and exec"),
    "tax_pipe": (RATIO, 1.01, None, "Linux: pipe, to and fro"),
    "tax_fault": (RATIO, 1.01, None, "Linux: page faults"),
}


def row(key, bare, now):
    return {"bare": bare, "belay": now, "unit": ROWS[key][0]}


def _numbers(figure):
    """(number or mean, worst or None) of a figure; (None, None) where there is none."""
    if isinstance(figure, dict):
        return figure["mean"], figure["max"]
    return figure, None


def problem(key, rows):
    """Why a row is not as it must be, or None."""
    _, limit, limit_worst, _ = ROWS[key]
    number, worst = _numbers(rows.get(key, {}).get("belay"))
    if number is None:
        return "missing"
    if limit is not None and number > limit:
        return "over its limit"
    if limit_worst is not None and worst > limit_worst:
        return "worst over its limit"
    if worst is not None and rows[key]["belay"]["missed"]:
        return "missed a period"
    return None


def _show_number(number, unit):
    if number is None:
        return "-"
    if unit == RATIO:
        return f"{number:.4f}"
    return f"{number:,.0f}" if number >= 1000 or number == int(number) else f"{number:,.1f}"


def _show(number, worst, unit):
    return _show_number(number, unit) + (f" / {_show_number(worst, unit)}" if worst is not None else "")


def table(rows, before):
    """Lines: a head, and one for each row. A figure is `number` or `mean / worst`."""
    lines = [f"{'':38} {'bare':>9} {'Belay now':>17} {'before':>17} {'limit':>13}"]
    for key, (unit, limit, limit_worst, text) in ROWS.items():
        have = rows.get(key, {})
        shown = [_show(*_numbers(figure), unit) for figure in
                 (have.get("bare"), have.get("belay"), before.get(key, {}).get("belay"))]
        bound = _show(limit, limit_worst, unit)
        wrong = problem(key, rows)
        line = f"{text:38} {shown[0]:>9} {shown[1]:>17} {shown[2]:>17} {bound:>13}  {wrong or ''}"
        lines.append(line.rstrip())
    return lines
