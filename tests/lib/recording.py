# SPDX-License-Identifier: Apache-2.0
"""Recordings of the nucleus's trace (include/belay/trace.h), written and read."""
import collections
import pathlib
import re
import struct

from testing import ROOT

MAGIC, HZ = 0x3145434152544c42, 1_000_000_000
HEAD, NAME, PIECE = 0x80, 0x81, 0x82
DOMAIN = 0xff
FORMAT = struct.Struct("<QBBHIQQ")
KINDS = {name: int(number) for number, name in
         re.findall(r"^X\( *(\d+), (\w+),", pathlib.Path(ROOT / "include/belay/trace.h").read_text(encoding="utf-8"), re.M)}

Record = collections.namedtuple("Record", "ticks kind context domain sequence a b")


def head(cpus, hz=HZ):
    return FORMAT.pack(0, HEAD, cpus, 0, 0, MAGIC, hz)


def name(domain, text, vcpus=1):
    whole = text.encode().ljust(24, b"\0")
    ticks, a, b = struct.unpack("<QQQ", whole)
    return FORMAT.pack(ticks, NAME, vcpus, domain, 0, a, b)


def record(ticks, kind, who=(0, DOMAIN), sequence=0, a=0, b=0):
    """`who`: domain and context."""
    return FORMAT.pack(ticks, KINDS[kind], who[1], who[0], sequence, a, b)


def piece(cpu, records):
    """From (ticks, kind, who, a, b), as far as they are there; numbered from 0."""
    made = [record(r[0], r[1], r[2] if len(r) > 2 else (0, DOMAIN), n, *r[3:]) for n, r in enumerate(records)]
    return FORMAT.pack(0, PIECE, cpu, 0, len(made), 0, 0) + b"".join(made)


def read(data):
    """The records of each CPU."""
    cpus, place = collections.defaultdict(list), 0
    while place < len(data):
        r = Record(*FORMAT.unpack_from(data, place))
        place += FORMAT.size
        if r.kind == PIECE:
            for _ in range(r.sequence):
                cpus[r.context].append(Record(*FORMAT.unpack_from(data, place)))
                place += FORMAT.size
    return cpus


def number(data):
    """The number that they begin with, 7 bits a byte (services/lib/pack.h), and the rest."""
    size = next(i for i, byte in enumerate(data, 1) if byte < 0x80)
    return sum((byte & 0x7f) << 7 * i for i, byte in enumerate(data[:size])), data[size:]


def packed(data):
    """The numbers of the first record of a pack and of the one after its last."""
    first, data, count = int.from_bytes(data[:4], "little"), data[4:], 0
    while data:
        flags, count = data[0], count + 1
        data = number(data[1:])[1][3 if flags & 0x20 else 0:]
        for flag in (0x40, 0x80):
            data = number(data)[1] if flags & flag else data
    return first, first + count
