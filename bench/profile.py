#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where the instructions of a row go: `bench/profile.py hypercall`, after `./belay bench` or `./belay build`.

Follows every instruction between the guest's one and its next, and shows the path taken most and the longest one:
instructions by function, and what costs most on silicon (system registers, barriers, TLB invalidations, ERETs).

`bench/profile.py timer_contended` shows the longest stays in the nucleus beside the busy Linux instead: the timer of
another guest waits while one lasts. It takes long.
"""
import bisect
import collections
import itertools
import os
import re
import subprocess
import sys
import threading

import qemu

GUEST = {"hypercall": "loop_call", "vcpu_switch": "loop_call", "sgi_self": "sample_sgi", "sgi_self_eoi": "sample_sgi",
         "timer_running": "sample_timer", "timer_wfi": "sample_timer"}      # the others: loop_read
NUCLEUS_BASE = 0x40200000       # where QEMU puts an arm64 Image
ENOUGH = {"timer_running": 5}   # windows; else 200. In this row a million instructions of the guest lie between two
STAYS = 20000                   # in the nucleus, to choose the longest from
BRANCH = re.compile(r"(b|bl|br|blr|ret|eret|svc|hvc|smc|brk)$|b\.|cb|tb")
COSTLY = ("mrs", "msr", "isb", "dsb", "tlbi", "eret", "svc", "dc", "ic")


class Program:
    """Functions and instructions of an ELF file that runs `base` above its link address."""
    def __init__(self, elf, base=0):
        self.starts, self.names, self.mnemonics = [], [], {}
        listing = subprocess.run(["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", str(elf)],
                                 capture_output=True, text=True, check=True).stdout
        for line in listing.splitlines():
            if found := re.match(r"([0-9a-f]+) <(.+)>:$", line):
                self.starts.append(int(found.group(1), 16) + base)
                self.names.append(found.group(2).replace("boot_end", "vectors"))    # the same address
            elif found := re.match(r"\s*([0-9a-f]+):\s+([a-z0-9.]+)", line):
                self.mnemonics[int(found.group(1), 16) + base] = found.group(2)

    def function(self, pc):
        return self.names[bisect.bisect_right(self.starts, pc) - 1]


def services():
    return [Program(qemu.BUILD / f"obj/services/{name}/{name}.elf") for name in ("console", "steward")]


def trace(command, options, words):
    """PCs, in order, from QEMU's log by way of a pipe: of each block that QEMU makes of the program, which is one
    instruction with -singlestep. From when the machine has said `words`."""
    read, write = os.pipe()
    process = subprocess.Popen(command + options + ["-d", "exec,nochain", "-D", f"/dev/fd/{write}"],
                               pass_fds=[write], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    os.close(write)
    begun = threading.Event()
    if not words:
        begun.set()
    threading.Thread(target=listen, args=(process.stdout, words.encode(), begun), daemon=True).start()
    try:
        with open(read, "rb", buffering=1 << 20) as log:
            for line in log:
                parts = line.split(b"/", 2)
                if begun.is_set() and len(parts) == 3:
                    yield int(parts[1], 16)
    finally:
        process.kill()
        process.wait()


def listen(stream, words, begun):
    for line in stream:
        if words in line:
            begun.set()


def windows(pcs, guest, function):
    """The PCs between an instruction of that function of the guest and the guest's next."""
    path, armed, last = [], False, 0
    for pc in pcs:
        if pc == last:          # QEMU looked at it, and took an interrupt or an exit first
            continue
        last = pc
        if pc in guest.mnemonics:
            if path and armed:
                yield tuple(path)
            path, armed = [], guest.function(pc) == function
        elif armed:
            path.append(pc)


def describe(path, programs):
    """By function: in the order of their first instructions, or those with the most where the path is long."""
    by_function, costly = collections.Counter(), collections.Counter()
    for pc in path:
        program = next((p for p in programs if pc in p.mnemonics), None)
        by_function[program.function(pc) if program else "?"] += 1
        mnemonic = program.mnemonics[pc] if program else ""
        if mnemonic in COSTLY:
            costly[mnemonic] += 1
    for name, count in by_function.items() if len(path) < 2000 else by_function.most_common(40):
        print(f"  {count:6}  {name}")
    print("  " + ", ".join(f"{count} {name}" for name, count in costly.most_common()))


def instructions(program, start, following):
    """The PCs of a block, which ends at a branch, or where the next one goes on inside it."""
    pcs = []
    pc = start
    while pc in program.mnemonics and (pc != following or pc == start):
        pcs.append(pc)
        if BRANCH.match(program.mnemonics[pc]):
            break
        pc += 4
    return pcs


def stays(starts, program):
    """The PCs from each entry of the nucleus to the next."""
    vectors = program.starts[program.names.index("vectors")]
    entries = range(vectors + 0x400, vectors + 0x800, 0x80)     # from a lower exception level
    path, last = [], None
    for start in starts:
        if last is not None:
            path += instructions(program, last, start)
        if start in entries:
            yield tuple(path)
            path = []
        last = start


def show_rows_path(row, nucleus):
    guest = Program(qemu.BENCH_ELF)
    paths = collections.Counter()
    pcs = trace(qemu.belay(configuration(row)), ["-singlestep"], "")
    for path in windows(pcs, guest, GUEST.get(row, "loop_read")):
        paths[path] += 1
        if sum(paths.values()) >= ENOUGH.get(row, 200):
            break
    if not paths:
        sys.exit(f"{row}: Belay was never entered")
    usual, times = paths.most_common(1)[0]
    print(f"{row}: {len(usual)} instructions, {times} of {sum(paths.values())} times")
    describe(usual, [nucleus] + services())
    longest = max(paths, key=len)
    if longest != usual:
        print(f"{row}: the longest, {len(longest)} instructions")
        describe(longest, [nucleus] + services())


def show_boot(nucleus):
    guest = Program(qemu.BENCH_ELF)
    pcs = trace(qemu.belay(configuration("boot")), ["-singlestep"], "")
    path = tuple(itertools.takewhile(lambda pc: pc not in guest.mnemonics, pcs))
    print(f"boot: {len(path)} instructions")
    describe(path, [nucleus] + services())


def show_longest_stays(nucleus):
    text = f"{min(nucleus.mnemonics):#x}..{max(nucleus.mnemonics):#x}"
    starts = trace(qemu.belay(qemu.ROOT / "bench/contended.yaml"), ["-dfilter", text], "bench: timer_contended")
    longest = {}                # of each length one
    for n, path in enumerate(stays(starts, nucleus)):
        longest[len(path)] = path
        if n >= STAYS:
            break
    for length in sorted(longest, reverse=True)[:5]:
        print(f"a stay of {length} instructions")
        describe(longest[length], [nucleus])


def configuration(row):
    """bench/alone.yaml (or switch.yaml) with this row alone."""
    source = qemu.ROOT / "bench" / ("switch.yaml" if row == "vcpu_switch" else "alone.yaml")
    out = qemu.OUT / f"profile-{row}.yaml"
    text = re.sub(r'"rows=.*"', f'"rows={row}"', source.read_text(encoding="utf-8"))
    out.write_text(text.replace("../build/", "../"), encoding="utf-8")
    return out


def main(row):
    qemu.OUT.mkdir(parents=True, exist_ok=True)
    nucleus = Program(qemu.NUCLEUS_ELF, NUCLEUS_BASE)
    if row == "timer_contended":
        show_longest_stays(nucleus)
    elif row == "boot":
        show_boot(nucleus)
    else:
        show_rows_path(row, nucleus)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
