# SPDX-License-Identifier: Apache-2.0
"""From what the guests print to figures."""
import re
import subprocess

from qemu import Failure

PERIOD = 1_000_000  # of the timer rows, in ticks: 1 ms
BUDGET = 300_000    # of the budget rows, in each such period


def _fields(lines, program, row):
    """What follows `PROGRAM: ROW ` in each line that has it. A VM's lines may have its name in front."""
    pattern = re.compile(rf"\b{program}: {row} (.*)")
    return [found.group(1) for found in map(pattern.search, lines) if found]


def _one(lines, program, row, pattern):
    for text in _fields(lines, program, row):
        found = re.fullmatch(pattern, text.strip())
        if found:
            return [int(number) for number in found.groups()]
    raise Failure(f"no figure of {row}")


def ticks(lines, row):
    return _one(lines, "bench", row, r"ticks (\d+)")[0]


def nanoseconds(lines, work):
    return _one(lines, "tax", work, r"ns (\d+)")[0]


def copying(lines, vm):
    """Ticks in which images were copied before the VM's start, as the steward says."""
    return _one(lines, "belay", f"started {vm}", r"at \d+ ticks, (\d+) of them copying images")[0]


def ram(lines):
    """Bytes that the nucleus keeps: in all, for a VM, for each vCPU, as it says itself."""
    return _one(lines, "belay", "the nucleus keeps", r"(\d+) bytes, (\d+) for a VM, (\d+) for each vCPU")


def per_call(lines, row):
    calls, with_call, empty = _one(lines, "bench", row, r"calls (\d+) ticks (\d+) empty (\d+)")
    return (with_call - empty) / calls


def loop(lines, row):
    """(calls, ticks with them, ticks of the same loop without)"""
    return _one(lines, "bench", row, r"calls (\d+) ticks (\d+) empty (\d+)")


def per_switch(lines, row):
    """A round is a switch there and one back, each with the loop that its guest calls from."""
    calls, with_call, empty = loop(lines, row)
    return (with_call - 2 * empty) / calls / 2


def samples(lines, row):
    """{value: count} of all samples of a row."""
    counts = {}
    for text in _fields(lines, "bench", row):
        if text.startswith("samples "):
            for value, count in re.findall(r"(\d+):(\d+)", text):
                counts[int(value)] = counts.get(int(value), 0) + int(count)
    total = _one(lines, "bench", row, r"total (\d+)")[0]
    if sum(counts.values()) != total:
        raise Failure(f"{row}: {total} samples were taken, {sum(counts.values())} are printed")
    return counts


def mean(counts):
    return sum(value * count for value, count in counts.items()) / sum(counts.values())


def percentile(counts, share):
    """The smallest sample that at least `share` of all are not above."""
    need, seen = share * sum(counts.values()), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= need:
            return value
    raise ValueError("no samples")


def distribution(counts):
    return {"min": min(counts), "mean": round(mean(counts), 2), "p999": percentile(counts, 0.999), "max": max(counts),
            "missed": sum(count for value, count in counts.items() if value >= PERIOD)}


def budget_error(counts):
    """How far from its budget the guest's use of each period was. All periods are missed if it had more in all of them."""
    errors = {}
    for used, count in counts.items():
        errors[abs(used - BUDGET)] = errors.get(abs(used - BUDGET), 0) + count
    favoured = sum(used * count for used, count in counts.items()) > BUDGET * sum(counts.values())
    return {**distribution(errors), "missed": sum(counts.values()) if favoured else 0}


def sizes(elf):
    """Bytes of the nucleus that stay after boot: what is in no section called .boot* and is loaded. Constants are text,
    though the ELF file marks them as writable: addresses in them are relocated before they become read-only."""
    listing = subprocess.run(["aarch64-linux-gnu-objdump", "-h", "-w", str(elf)],
                             capture_output=True, text=True, check=False)
    if listing.returncode:
        raise Failure(listing.stderr.strip())
    total = {"text": 0, "data": 0, "bss": 0}
    for line in listing.stdout.splitlines():
        found = re.match(r"\s*\d+ (\S+)\s+([0-9a-f]+)\s.*\bALLOC\b(.*)", line)
        if found and not re.match(r"\.(boot|rela|dyn|hash|gnu|interp)", found.group(1)):
            flags = found.group(3)
            constant = "READONLY" in flags or found.group(1) == ".rodata"
            kind = "bss" if "LOAD" not in flags else "text" if constant else "data"
            total[kind] += int(found.group(2), 16)
    return total
