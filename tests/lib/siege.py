# SPDX-License-Identifier: Apache-2.0
"""The siege: a hostile guest, a radio and a witness on one core, a nucleus that audits itself, and who looks from outside."""
import os
import re
import struct
import subprocess
import tempfile

from debugger import BUNDLE, Debugger
from machine import Machine, radio
from testing import BUILD, OBJ, Failed, check

AUDITED = BUILD / "assert"      # nucleus and services built with -Dassert=true
SIEGE = OBJ / "guests" / "siege" / "siege.elf"
WITNESS = OBJ / "guests" / "witness" / "witness.elf"
RADIO = OBJ / "guests" / "radio" / "radio.elf"
SERVICES = ["steward", "console", "watchdog", "manager", "gdb"]

PAGE, MIB = 4096, 1 << 20
LINKED = 0x40000000             # where a guest's RAM is for itself
SIEGE_RAM, SPARE, MARK = 20 * MIB, 0x1200000, b"the sieg"
SECRETS, SECRET_WORDS = 0x200000, 0x40000       # in the witness's RAM
VCPUS = {1: [0, 0, 0], 2: [0, 1, 1, 0]}         # where they are, by the number of CPUs


def siege(seed, actions, **more):
    vm = {"name": "siege", "elf": str(SIEGE), "cmdline": f"seed={seed} actions={actions}", "memory": "20M", "cpus": VCPUS[1],
          "priority": 10, "watchdog": "200ms", "on-hang": "restart", "on-failure": "restart", "on-reset": "restart"}
    return {**vm, **more}


def witness(**more):
    vm = {"name": "witness", "elf": str(WITNESS), "memory": "4M", "cpus": [0], "priority": 20, "budget": "50us",
          "period": "5ms"}
    return {**vm, **more}


def secret(n):
    return (0x5ec2e7b1a9 << 24 | n * 0x9e3779b1 & 0xffffff).to_bytes(8, "little")


def symbols(elf):
    listed = subprocess.run(["aarch64-linux-gnu-nm", elf], capture_output=True, text=True, check=True).stdout
    return {name: int(address, 16) for address, name in re.findall(r"^(\w+) \w (\w+)$", listed, re.M)}


def code_of(elf):
    """The bytes of an ELF file's first segment, and where in its RAM a guest has them."""
    shown = subprocess.run(["aarch64-linux-gnu-readelf", "-lW", elf], capture_output=True, text=True, check=True).stdout
    offset, address, size = (int(word, 16) for word in re.search(r"LOAD +(\w+) (\w+) \w+ (\w+) ", shown).groups())
    return elf.read_bytes()[offset:offset + size], address - LINKED


class Outside:
    """What nobody but its owner may write, read in the machine's memory itself: where it is, and what it was at first."""

    def __init__(self, debugger, build):
        self.debugger, self.build = debugger, build
        self.vms = []           # (address, bytes) of their RAM
        self.places = {}        # name: (address, bytes)
        self._find_nucleus()
        for name in SERVICES[:4]:
            self._find_service(name)
        self._find_vms()
        self.places["bundle"] = (BUNDLE, int.from_bytes(self.read(BUNDLE + 4, 4), "big"))
        self.first = {name: self.read(*place) for name, place in self.places.items()}
        self.free = self._free()

    def read(self, address, size):
        with open(self.debugger.ram, "rb") as file:
            file.seek(address - Debugger.RAM)
            return file.read(size)

    def extents(self):
        """(address, bytes) of the memory that was ever touched."""
        with open(self.debugger.ram, "rb") as file:
            end = 0
            while True:
                try:
                    start = os.lseek(file.fileno(), end, os.SEEK_DATA)
                except OSError:     # nothing but a hole follows
                    return
                end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
                file.seek(start)
                yield Debugger.RAM + start, file.read(end - start)

    def find(self, data, align):
        """The addresses of all copies of these bytes."""
        found = []
        for address, extent in self.extents():
            at = extent.find(data)
            while at >= 0:
                if (address + at) % align == 0:
                    found.append(address + at)
                at = extent.find(data, at + 1)
        return found

    def only(self, what, data, align):
        found = self.find(data, align)
        check(len(found) == 1, f"{what} is at {found}")
        return found[0]

    def _find_nucleus(self):
        names = symbols(self.build / "nucleus" / "nucleus.elf")
        image = (self.build / "nucleus" / "belay.img").read_bytes()
        start, end = names["text_start"], names["rodata_start"]
        self.nucleus = self.only("the nucleus", image[start:start + 2048], PAGE) - start
        self.places["nucleus"] = (self.nucleus + start, end - start)

    def _find_service(self, name):
        image = (self.build / "services" / name / f"{name}.svc").read_bytes()
        text = int.from_bytes(image[8:12], "little")
        copies = self.find(image[:64], PAGE)
        bundled = min(at for at in copies if at >= BUNDLE)
        copies.remove(bundled)
        check(len(copies) < 2, f"{name} is at {copies}, and in the bundle at {bundled}")
        self.places[name] = (copies[0] if copies else bundled, text)     # the nucleus starts the steward where it is

    def _find_vms(self):
        self.siege = self.only("the siege's memory", MARK, 2 * MIB) - SPARE
        self.witness = self.only("the witness's memory", secret(0) + secret(1) + secret(2), 2 * MIB) - SECRETS
        code, offset = code_of(RADIO)
        copies = [at - offset for at in self.find(code, 16)]
        self.radio = min(copies, key=lambda at: abs(at - self.witness))
        self.vms = [(self.siege, SIEGE_RAM), (self.witness, 4 * MIB), (self.radio, 2 * MIB)]
        self.places["radio"] = (self.radio + offset, len(code))
        self.places["witness"] = (self.witness + SECRETS, 8 * SECRET_WORDS)
        code, offset = code_of(WITNESS)
        self.places["witness's code"] = (self.witness + offset, len(code))

    def used(self):
        """Pages that hold anything but zeros."""
        zeros = bytes(PAGE)
        return {(address - Debugger.RAM) // PAGE + n for address, data in self.extents() for n in range(len(data) // PAGE)
                if data[n * PAGE:n * PAGE + PAGE] != zeros}

    def _free(self):
        """Pages that are of no one: in stretches of 1 MiB and more that hold zeros, and are in no VM's RAM."""
        used = self.used()
        for start, size in self.vms:
            used |= set(range((start - Debugger.RAM) // PAGE, (start - Debugger.RAM + size) // PAGE))
        free, last = set(), -1
        for page in [*sorted(used), (1 << 30) // PAGE]:
            if page - last > MIB // PAGE:
                free |= set(range(last + 1, page))
            last = page
        return free

    def changed(self):
        """{place: bytes that are not as they were}, and how many were looked at."""
        found = {}
        for name, place in self.places.items():
            now = self.read(*place)
            if now != self.first[name]:
                found[name] = sum(a != b for a, b in zip(self.first[name], now))
        if pages := self.free & self.used():
            found["nobody's memory"] = sum(PAGE - self.read(Debugger.RAM + page * PAGE, PAGE).count(0) for page in pages)
        return found, sum(size for _, size in self.places.values()) + PAGE * len(self.free)


class Result:
    """What a run came to; `problems` is what must not be."""

    def __init__(self, text, changed, looked_at, cpus=1):
        self.text, self.cpus = text, cpus
        self.kinds = {kind: int(count) for kind, count in re.findall(r"siege: kind ([a-z-]+): (\d+)$", text, re.M)}
        self.actions = int(re.findall(r"siege: all done, (\d+) actions$", text, re.M)[-1])
        numbers = re.findall(r"siege: seed (\d+), (\d+) vcpus, (\d+) starts, (\d+) lost, (\d+) exceptions, (\d+) interrupts, "
                             r"(\d+) found, (\d+) wrong$", text, re.M)[-1]
        (self.seed, self.vcpus, self.starts, self.lost, self.exceptions, self.interrupts, self.found,
         self.wrong) = map(int, numbers)
        self.hung = len(re.findall(r"^\[belay\] siege: hung", text, re.M))
        self.died = len(re.findall(r"^\[belay\] siege: died", text, re.M))
        self.spoiled = text.count("siege: it spoiled its record")
        reports = re.findall(r"^\[radio\] radio: (\d+) s, frames (\d+), missed (\d+), voice (\d+), bad (\d+), worst (\d+) ns",
                             text, re.M)
        self.seconds, self.frames, self.missed, self.voice, self.bad, self.worst = map(int, reports[-1])
        seen = re.findall(r"^\[witness\] witness: (\d+) rounds, (\d+) words and (\d+) registers changed", text, re.M)
        self.rounds, self.words, self.registers = map(int, seen[-1])
        self.changed, self.looked_at = changed, looked_at

    def said_of_others(self):
        """A service that QEMU lets wait beside another CPU that spins looks hung, and is started again (docs/faults.md)."""
        return [line for line in re.findall(r"^\[belay\] (?:radio|witness|console|watchdog|manager): .*", self.text, re.M)
                if self.cpus == 1 or not re.search(r": (hung: |restarted$)", line)]

    def problems(self):
        return [*(f"{count} bytes of {place} changed" for place, count in self.changed.items()),
                *([f"{self.missed} frames missed, {self.bad} voice blocks bad"]     # beside another CPU QEMU lets it wait
                  if self.cpus == 1 and (self.missed or self.bad) else []),
                *([f"the witness found {self.words} words and {self.registers} registers changed"]
                  if self.words or self.registers else []),
                *([f"{self.found} of the witness's words were found"] if self.found else []),
                *([f"{self.wrong} wrong answers"] if self.wrong else []),
                *self.said_of_others()]


def expect_end(m, say):
    """Whoever else runs goes on. A panic ends the machine, and a guest that turned itself off by a mistake is started again."""
    while True:
        found = m.expect(r"siege: (?:(\d+) actions|all done, \d+ actions)$|^\[belay\] siege: turned itself off$")
        if "all done" in found.group():
            break
        if found.group(1):
            say(found.group())
        else:
            m.belay("start", "siege")
    m.expect_all(r"^\[radio\] radio: \d+ s, frames \d+, missed .*$", r"^\[witness\] witness: \d+ rounds, .*$")


def besiege(seed, actions, limit, say=lambda _: None, plant=None, build=AUDITED, cpus=1):
    """`plant`: what is done to the machine, from outside, when it runs."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        debugger = Debugger(folder)
        vms = [siege(seed, actions, cpus=VCPUS[cpus]), witness(), radio()]
        with Machine(*vms, qemu=debugger.qemu, options=("--build", build), limit=limit, cpus=cpus) as m:
            m.expect_all(r"siege: start 1, seed", r"witness: \d+ words from", r"^\[radio\] radio: frames")
            with debugger:          # it stands still meanwhile
                outside = Outside(debugger, build)
            if plant:
                plant(debugger, outside)
            expect_end(m, lambda words: say(f"seed {seed}: {words}"))
            changed, looked_at = outside.changed()
            return Result(m.text, changed, looked_at, cpus)


def check_held(result):
    if problems := result.problems():
        raise Failed("\n".join(problems))


BLOCK_ADDRESS = 0x0000ffffffe00000      # in a descriptor of stage 2, level 2 (Arm ARM, D8.3.1)
BLOCK_VALID = 1
BLOCK_BYTES = 2 * MIB


def grant_secrets(debugger, outside):
    """The siege's spare memory becomes the witness's: its stage 2 leads there."""
    block, secrets = outside.siege + SPARE, outside.witness + SECRETS
    entry = 8 * ((LINKED + SPARE) // BLOCK_BYTES % 512)
    found = []
    for page in outside.used():
        at = Debugger.RAM + page * PAGE + entry
        value = int.from_bytes(outside.read(at, 8), "little")
        if value & BLOCK_ADDRESS == block and value & 3 == BLOCK_VALID and value >> 48 == 0:
            found.append((at, value))
    check(len(found) == 1, f"entries that lead to the siege's spare memory: {found}")
    at, value = found[0]
    with debugger as d:
        d.write(at, (value & ~BLOCK_ADDRESS | secrets).to_bytes(8, "little"))


NOP = 0xd503201f
MSR_FAR_EL1 = 0xd5186000


def leave_a_register(debugger, outside):
    """A vCPU that comes into the hardware finds the last one's FAR_EL1 there."""
    start, size = outside.places["nucleus"]
    words = struct.unpack(f"<{size // 4}I", outside.read(start, size))
    with debugger as d:
        for n in [n for n, word in enumerate(words) if word & ~31 == MSR_FAR_EL1]:
            d.write(start + 4 * n, NOP.to_bytes(4, "little"))


def miscount_ready(debugger, outside):
    """CPU 0 believes that one more context can run than there are in its queue: what the nucleus's own audit is for."""
    elf = AUDITED / "nucleus" / "nucleus.elf"
    told = subprocess.run(["gdb-multiarch", "-batch", "-nx", "-ex", "p/d &((struct cpu_area *)0)->cpu.ready_count", elf],
                          capture_output=True, text=True, check=True).stdout
    at = outside.nucleus + symbols(elf)["boot_area"] + int(told.split()[-1])
    with debugger as d:
        d.write(at, (outside.read(at, 1)[0] + 1).to_bytes(1, "little"))
