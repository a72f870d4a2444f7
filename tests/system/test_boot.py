# SPDX-License-Identifier: Apache-2.0
"""How the machine starts, and what it says when it can't."""
import contextlib
import pathlib
import random
import struct
import subprocess
import tempfile

from debugger import Debugger
from machine import ALL_OFF, NUCLEUS, Board, Machine, host_tree, pack, radio
from siege import symbols
from testing import OBJ, check, for_each

SHORT = radio(cmdline="seconds=1")
HALT = r"^belay: (bundle|host device tree): \S.*: .+; halted$"


def board(folder, bundle, tree, address=0x40200000, more=()):
    """
    Nucleus, bundle and device tree in memory as a boot loader leaves them, untouched by QEMU, and a boot loader of three
    instructions: ldr x0, tree; ldr x4, nucleus; br x4.
    """
    stub, at, initrd = 0x47000000, 0x48000000, 0x50000000
    for name, value in ("linux,initrd-start", initrd), ("linux,initrd-end", initrd + bundle.stat().st_size):
        subprocess.run(["fdtput", "-t", "x", tree, "/chosen", name, f"{value:x}"], capture_output=True)
    loader = folder / "loader"
    loader.write_bytes(struct.pack("<3I4xQQ", 0x58000080, 0x580000a4, 0xd61f0080, at, address))
    load = [f"file={loader},addr={stub:#x},cpu-num=0", f"file={NUCLEUS},addr={address:#x}", f"file={tree},addr={at:#x}",
            f"file={bundle},addr={initrd:#x}"]
    return Board(None, *more, *(word for part in load for word in ("-device", f"loader,{part},force-raw=on")), nucleus=None)


@contextlib.contextmanager
def parts():
    """A folder, with a bundle and a host's device tree in it."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as name:
        folder = pathlib.Path(name)
        yield folder, pack(folder, SHORT), host_tree(folder)


@for_each("0x40200000", "0x4f000000", "0x7f800000")
def test_the_nucleus_starts_at_any_address_of_2_mib(address):
    with parts() as (folder, bundle, tree), board(folder, bundle, tree, int(address, 16)) as m:
        m.expect(ALL_OFF)
        m.ends(0)


def halts_or_runs(m):
    """A damaged machine says in one line what is wrong, or the damage did no harm."""
    m.expect(f"{HALT}|{ALL_OFF}|radio: 3 s")
    check(m.text.count("; halted") <= 1, f"more than one line: {m.text}")


def halts(m, pattern):
    line = m.expect(HALT).group()
    check(pattern in line, f"{line!r} does not name {pattern!r}")


@for_each(*range(24))
def test_a_bundle_with_a_flipped_bit_is_named_or_harmless(seed):
    choose = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        bundle = pack(folder, SHORT)
        data = bytearray(bundle.read_bytes())
        tree = struct.unpack(">I", data[4:8])[0]
        at = choose.randrange(tree if seed % 4 else len(data))  # most of them in the tree, some in the images
        data[at] ^= 1 << choose.randrange(8)
        bundle.write_bytes(data)
        with Board(bundle) as m:
            halts_or_runs(m)


@for_each(1, 40, 1000, 4096, 20000, -8192)
def test_a_bundle_that_is_cut_off_halts_with_one_line(length):
    with tempfile.TemporaryDirectory() as folder:
        bundle = pack(folder, SHORT)
        data = bundle.read_bytes()
        bundle.write_bytes(data[:length])
        with Board(bundle) as m:
            halts(m, "bundle: /")


STEWARD = "/images/steward"
WRONG = {       # fdtput's options and arguments, and what the line says
    "no steward": ("-r", [STEWARD], "there is no such node"),
    "a size of two cells": ("-tx", [STEWARD, "data-size", "0", "1000"], "must be one cell each"),
    "a steward beside a page": ("-tx", [STEWARD, "data-position", "1001"], "do not lie in the bundle, on a page"),
    "a steward that is something else": ("-tx", [STEWARD, "data-position", "0"], "is no service image"),
    "a steward of priority 0":
        ("-tx", ["/configurations/belay/services/steward", "priority", "0"], "priority must be 1 to 255"),
}


@for_each(*WRONG)
def test_a_bundle_with_a_mistake_is_named(what):
    option, arguments, says = WRONG[what]
    with tempfile.TemporaryDirectory(prefix="belay-test-") as name:
        bundle, tree = pack(name, SHORT), pathlib.Path(name) / "tree"
        data = bytearray(bundle.read_bytes())
        tree.write_bytes(data[:struct.unpack(">I", data[4:8])[0]])
        subprocess.run(["fdtput", option, tree, *arguments], check=True)
        changed = tree.read_bytes()
        data[:len(changed)] = changed       # what it grew by was before the next page
        bundle.write_bytes(data)
        with Board(bundle) as m:
            halts(m, says)


def test_an_initrd_that_is_no_bundle_halts_with_one_line():
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(range(256)) * 64)
        file.flush()
        with Board(file.name) as m:
            halts(m, "bundle: /")


def test_a_machine_without_a_bundle_says_so():
    with Board(None, "-kernel", NUCLEUS, nucleus=None) as m:
        halts(m, "host device tree: /chosen")


GIC = "/intc@8000000"
MEMORY = "/memory@40000000"
DAMAGE = {      # fdtput's options and arguments, and what the line names
    "no interrupt controller": ("-r", [GIC], "arm,gic-v3"),
    "an interrupt controller without registers": ("-d", [GIC, "reg"], "intc@8000000"),
    "an interrupt controller with half of a range": ("-tx", [GIC, "reg", "0", "8000000", "0"], "intc@8000000"),
    "an interrupt controller at the end of the address space":
        ("-tx", [GIC, "reg", "ffffffff", "ffff0000", "0", "20000", "0", "80a0000", "0", "f60000"], "intc@8000000"),
    "a GICv2 without what a hypervisor needs": ("-ts", [GIC, "compatible", "arm,gic-400"], "GICD, GICC, GICH and GICV"),
    "no memory": ("-r", [MEMORY], "/memory"),
    "memory without an address": ("-ti", [MEMORY, "reg", "0"], "memory@40000000"),
    "memory beyond what is mapped": ("-tx", [MEMORY, "reg", *"0 40000000 0 40000000 80 0 0 1000".split()], "512 GiB"),
    "memory in too many places":
        ("-tx", [MEMORY, "reg", *"0 40000000 0 40000000 2 0 0 1000 3 0 0 1000".split()], "more translation tables"),
    "memory that ends before the bundle": ("-tx", [MEMORY, "reg", *"0 40000000 0 10000000".split()], "where no memory is"),
    "all memory reserved":
        ("-ptx", ["/reserved-memory/all@40000000", "reg", *"0 40000000 40000000".split()], "too little for the steward"),
    "a CPU that there is not": ("-ptx", ["/cpus/cpu@7", "reg", "7"], "cpu@7: PSCI does not turn it on"),
    "a PSCI by no known call": ("-ts", ["/psci", "method", "sms"], "/psci"),
}


@for_each(*DAMAGE)
def test_a_host_device_tree_with_a_mistake_is_named(what):
    option, arguments, names = DAMAGE[what]
    with parts() as (folder, bundle, tree):
        subprocess.run(["fdtput", option, tree, *arguments], check=True)
        with board(folder, bundle, tree) as m:
            halts(m, names)


def change(tree, node, name, cells):
    subprocess.run(["fdtput", "-ptx", tree, node, name, *cells.split()], check=True)


def leave(tree, size, bundle):
    """Of all memory so much, and where the bundle is."""
    change(tree, MEMORY, "reg", f"0 40000000 0 {size:x} 0 50000000 0 {bundle.stat().st_size + 0xfff & ~0xfff:x}")


@for_each(0x2000, 0xd000)
def test_too_little_memory_for_the_steward_is_said(size):
    with parts() as (folder, bundle, tree):
        leave(tree, size, bundle)
        with board(folder, bundle, tree) as m:
            halts(m, "/memory: too little for the steward")


def test_nothing_of_booting_is_left_for_those_who_are_given_its_memory():
    boot = NUCLEUS.read_bytes()[:symbols(OBJ / "nucleus" / "nucleus.elf")["boot_end"]]
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        debugger = Debugger(folder)
        with Machine(radio(), qemu=debugger.qemu) as m:
            m.expect(r"radio: 1 s, frames \d+, missed 0")
            with debugger.ram.open("rb") as file:
                file.seek(0x40200000 - Debugger.RAM)
                now = file.read(len(boot))
    left = [hex(at) for at in range(0, len(boot), 32) if boot[at:at + 32] == now[at:at + 32] != bytes(32)]
    check(len(boot) > 0x7000 and not left, f"is as it was: {left}")


def test_memory_that_is_reserved_is_given_to_nobody():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as name:
        folder = pathlib.Path(name)
        bundle, tree = pack(folder, SHORT, radio("big", memory="512M")), host_tree(folder)
        change(tree, "/reserved-memory/modem@60000000", "reg", "0 60000000 20000000")     # the upper half of all
        with board(folder, bundle, tree) as m:
            m.expect(r"^\[belay\] big: is not started: there is no memory of 524288 KiB in one piece left$")
            m.expect(r"radio: 1 s, frames \d+, missed 0")


def test_a_cpu_for_which_there_is_too_little_memory_is_named():
    with parts() as (folder, bundle, tree):
        leave(tree, 0x1000, bundle)
        change(tree, "/cpus/cpu@1", "reg", "1")
        with board(folder, bundle, tree, more=["-smp", "2"]) as m:
            halts(m, "/memory: too little for each CPU's stack")


def test_a_cpu_without_a_redistributor_says_so_and_the_first_that_it_does_not_come():
    with parts() as (folder, bundle, tree):
        change(tree, GIC, "reg", "0 8000000 0 10000 0 80a0000 0 20000")
        change(tree, "/cpus/cpu@1", "reg", "1")
        with board(folder, bundle, tree, more=["-smp", "2", "-icount", "shift=10"]) as m:    # so that a second is short
            halts(m, "the interrupt controller: has no redistributor for one of the CPUs")
            halts(m, "cpu@1: it was turned on, and does not come in a second")


def can_speak(tree):
    """Does it still say where the console is?"""
    def get(*what):
        return subprocess.run(["fdtget", *what], capture_output=True, text=True, errors="replace").stdout.split()
    return get("-tx", tree, "/pl011@9000000", "reg") == ["0", "9000000", "0", "1000"] and \
        get(tree, "/chosen", "stdout-path") == ["/pl011@9000000"] and "arm,pl011" in get(tree, "/pl011@9000000", "compatible")


@for_each(*range(16))
def test_a_host_device_tree_with_a_flipped_bit_is_named_or_harmless(seed):
    choose = random.Random(seed)
    with parts() as (folder, bundle, tree):
        whole = tree.read_bytes()
        start, size = struct.unpack(">I", whole[8:12])[0], struct.unpack(">I", whole[36:40])[0]
        for _ in range(100):
            data = bytearray(whole)
            data[start + choose.randrange(size)] ^= 1 << choose.randrange(8)
            tree.write_bytes(data)
            if can_speak(tree):
                break
        with board(folder, bundle, tree) as m:
            halts_or_runs(m)
