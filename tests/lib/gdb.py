# SPDX-License-Identifier: Apache-2.0
"""GDB at a VM of a machine that runs, as its user has it: what is typed, and what it says."""
import os
import re
import signal
import struct

import manage
from machine import Terminal
from manage import Client
from testing import TOOL, check


class Gdb(Terminal):
    """
        with Gdb(m, "radio", RADIO) as g:
            g.ask("break tdma_start")

    By a socket, for what GDB runs at a pipe is a session of its own, which some kernels let wait for minutes while
    others keep the CPUs busy. `pipe` has it so all the same.
    """

    SETUP = ("pagination off", "confirm off", "width 0", "remotetimeout 60", "architecture aarch64")

    def __init__(self, machine, vm, elf=None, limit=150, connect=True, pipe=False):
        self.door = None
        self.remote = f"| {TOOL} gdb {vm} --socket {machine.socket}"
        if not pipe:
            self.remote = f"{machine.folder}/gdb"
            self.door = Terminal([TOOL, "gdb", vm, "--socket", machine.socket, "--listen", self.remote], limit)
            self.door.expect("waits for GDB's")
        setup = [word for line in self.SETUP for word in ("-ex", f"set {line}")]
        super().__init__(["gdb-multiarch", "-nx", "-q", *setup, *([elf] if elf else [])], limit)
        self.expect(r"\(gdb\) ")
        if connect:
            self.ask(f"target remote {self.remote}")

    def __exit__(self, *_):
        super().__exit__()
        if self.door:
            self.door.__exit__()

    def ask(self, command):
        """What it says till it asks for the next command."""
        start = self.mark
        self.type(command + "\n")
        self.expect(r"\(gdb\) ")
        return self.text[start:self.mark - len("(gdb) ")]

    def says(self, command, pattern):
        said = self.ask(command)
        found = re.search(pattern, said, re.M)
        check(found, f"{command}: no {pattern!r} in {said!r}")
        return found

    def goes(self, command="continue"):
        """The VM runs, till it stops or is interrupted."""
        self.type(command + "\n")
        self.expect(r"Continuing\.$")

    def starts(self, machine, vm, function):
        """
        The VM is down, and stops there when it is started. GDB says that it continues before it has told of its breakpoints:
        its packets tell when it has.
        """
        self.ask("set debug remote 1")
        self.type("continue\n")
        self.expect(r"Sending packet: \$vCont;c")
        machine.belay("start", vm)
        self.expect(rf"^{function} \(\)[^$]*\(gdb\) ")
        self.ask("set debug remote 0")

    def interrupt(self):
        os.kill(self.process.pid, signal.SIGINT)
        return self.expect(r"SIGINT[^$]*?\(gdb\) ")


class Remote(Client):
    """The stream of a VM's debug service, without GDB."""

    def __init__(self, m, vm):
        super().__init__(m.socket)
        self.hello()
        self.what = struct.pack("<HHI", manage.STREAM_GDB, vm, 1 << 20)
        status, answer = self.ask(manage.OPEN, self.what)
        check(status == manage.OK, f"it is not opened: {status}")
        _, self.stream, self.credit = struct.unpack("<III", answer)

    def say(self, data):
        for at in range(0, len(data), 400):
            while self.credit < 400:
                kind, _, _, _, payload = self.read()
                if kind == manage.CREDIT:
                    self.credit += struct.unpack("<I", payload)[0]
            piece = data[at:at + 400]
            self.credit -= len(piece)
            self.send(manage.frame(manage.DATA, piece, stream=self.stream))

    def packet(self, data):
        self.say(b"$%s#%02x" % (data, sum(data) & 0xff))

    def turns(self, data):
        """It goes in the middle of a packet, and another is there and speaks before anybody can have noticed."""
        self.send(manage.frame(manage.DATA, b"$Z0,4010", stream=self.stream) +
                  manage.frame(manage.CLOSE, stream=self.stream) + manage.frame(manage.OPEN, self.what) +
                  manage.frame(manage.DATA, b"$%s#%02x" % (data, sum(data) & 0xff), stream=self.stream))

    def hears(self, wanted):
        heard = b""
        while wanted not in heard:
            kind, _, _, _, payload = self.read()
            heard += payload if kind == manage.DATA else b""
