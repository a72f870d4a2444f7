# SPDX-License-Identifier: Apache-2.0
"""What a record of the trace costs: a stay in the nucleus with one record more is longer by it."""
import collections
import pathlib
import struct
import subprocess
import tempfile

import qemu

RECORD = struct.Struct("<QBBHIQQ")
EXIT, ENTRY, HVC = 2, 4, 0x16
PIECE = 0x82
BEGUN = b"hostile: hypercall begins"
LIMIT = 120     # seconds


def records(data):
    """(ticks, kind, a, b) of CPU 0, in their order."""
    place = 0
    while place < len(data):
        ticks, kind, _, _, count, a, b = RECORD.unpack_from(data, place)
        place += RECORD.size
        if kind == PIECE:
            for _ in range(count):
                ticks, kind, _, _, _, a, b = RECORD.unpack_from(data, place)
                place += RECORD.size
                yield ticks, kind, a, b


def stays(data):
    """{function: the shortest stay}: from a guest's hypercall of that SMCCC function to its next instruction."""
    shortest, begun = {}, None
    for ticks, kind, a, b in records(data):
        if kind == EXIT:
            begun = (ticks, b) if a >> 26 & 0x3f == HVC else None
        elif kind == ENTRY and begun:
            length, function = ticks - begun[0], begun[1]
            shortest[function] = min(length, shortest.get(function, length))
            begun = None
    return shortest


def difference(without, with_one):
    """Of all functions that are in both recordings, which has to be the same."""
    one, other = stays(without), stays(with_one)
    found = collections.Counter(other[function] - one[function] for function in one.keys() & other.keys())
    if not found:
        raise qemu.Failure("no hypercall is in both recordings")
    return found.most_common(1)[0][0]


def record(folder, name, kinds):
    done = subprocess.run([qemu.TOOL, "trace", "--socket", folder / "socket", "--for", "30ms", "--kinds", kinds,
                           "--save", folder / name], capture_output=True, text=True, timeout=LIMIT, check=False)
    if done.returncode:
        raise qemu.Failure(f"belay trace: {done.stderr.strip()}")
    return (folder / name).read_bytes()


def record_cost():
    with tempfile.TemporaryDirectory(prefix="belay-bench-") as name:
        folder = pathlib.Path(name)
        command = [qemu.TOOL, "run", "--timeout", f"{LIMIT}s", "--socket", folder / "socket", qemu.ROOT / "bench/traced.yaml"]
        with subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as machine:
            try:
                if not any(BEGUN in line for line in machine.stdout):
                    raise qemu.Failure("the traced machine ended before its guest began")
                return difference(record(folder, "without", "exit,entry"), record(folder, "with", "exit,hypercall,entry"))
            finally:
                machine.terminate()
