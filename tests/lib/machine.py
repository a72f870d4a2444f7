# SPDX-License-Identifier: Apache-2.0
"""A machine that Belay runs on, watched from outside: what its terminal shows, what is typed, how it ends."""
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time
import uuid

from testing import BUILD, LIMIT, OBJ, TOOL, Failed

NUCLEUS = OBJ / "nucleus" / "belay.img"
KERNEL = BUILD / "guests" / "linux" / "Image"
KERNEL_RT = BUILD / "guests" / "linux-rt" / "Image"
INITRD = BUILD / "guests" / "linux" / "initrd.cpio.gz"
ARMHF = BUILD / "guests" / "linux-armhf"
RADIO = OBJ / "guests" / "radio" / "radio.elf"
HOSTILE = OBJ / "guests" / "hostile" / "hostile.elf"
AARCH32 = OBJ / "guests" / "aarch32" / "aarch32.bin"
FIRMWARE = OBJ / "guests" / "firmware" / "firmware.bin"
BENCH = OBJ / "guests" / "bench" / "bench.elf"

# A terminal's control sequences (ECMA-48), which a test does not want to read.
CONTROLS = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|[ -/]*[0-Z\\-~])|\r")


def linux(name="phone", run=None, after=None, kernel=KERNEL, **more):
    """Debian's Linux; `run` is a shell command that it executes before it turns itself off."""
    cmdline = "console=ttyAMA0 quiet"
    if run:
        cmdline += f' run="{run}"'
    if after:
        cmdline += f" after={after}"
    vm = {"name": name, "linux": {"kernel": str(kernel), "initrd": str(INITRD), "cmdline": cmdline},
          "memory": "256M", "cpus": [0], "priority": 10}
    return {**vm, **more}


def linux_armhf(name="phone", **more):
    """Debian's Linux in AArch32."""
    vm = linux(name, kernel=ARMHF / "zImage", mode="aarch32", **more)
    vm["linux"]["initrd"] = str(ARMHF / "initrd.cpio.gz")
    return vm


def radio(name="radio", **more):
    """The real-time guest, as in examples/phone.yaml."""
    vm = {"name": name, "elf": str(RADIO), "memory": "2M", "cpus": [0], "priority": 200,
          "budget": "300us", "period": "1ms"}
    return {**vm, **more}


def hostile(attack, name="hostile", **more):
    """The guest that does what no guest should."""
    vm = {"name": name, "elf": str(HOSTILE), "cmdline": f"attack={attack}", "memory": "4M", "cpus": [0], "priority": 10}
    return {**vm, **more}


def aarch32(cmdline, name="aarch32", **more):
    """The guest in AArch32 that tries what it is promised, and does what no guest should."""
    vm = {"name": name, "mode": "aarch32", "raw": {"image": str(AARCH32)}, "cmdline": cmdline, "memory": "4M", "cpus": [0],
          "priority": 10}
    return {**vm, **more}


def write_config(folder, *vms, **more):
    """The configuration of a machine with these VMs. (JSON is YAML.)"""
    config = pathlib.Path(folder) / "machine.yaml"
    config.write_text(json.dumps({"board": "qemu-virt", **more, "vms": list(vms)}, indent=1))
    return config


def pack(folder, *vms, **more):
    """The bundle of such a machine."""
    bundle = pathlib.Path(folder) / "machine.itb"
    done = subprocess.run([TOOL, "pack", write_config(folder, *vms, **more), "-o", bundle],
                          capture_output=True, text=True, timeout=LIMIT)
    if done.returncode != 0:
        raise Failed(f"belay pack: {done.stderr}")
    return bundle


LONGEST = 65536     # characters, of what is expected; it is looked for once, however much is shown
PATIENCE = 5    # limits that a program may take: a host may be slow, or have other work


def ended_after(limit):
    """The beginning of a command that is ended when a Terminal has long given it up."""
    return ["timeout", "--foreground", "-k", "0.2", str(PATIENCE * limit + 10)]     # QEMU may not hear a first signal


class Terminal:
    """
    A program with a terminal to be read and typed on. `limit` is in seconds, on a quiet host; after PATIENCE times as many the
    test has failed.
    """

    def __init__(self, command, limit):
        self.end = time.monotonic() + PATIENCE * limit
        self.token = f"BELAY_TEST={uuid.uuid4()}"
        name, value = self.token.split("=")
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, bufsize=0, env={**os.environ, name: value})
        self.shown = io.StringIO()
        self.mark = 0       # the end of what was expected last
        self.over = False
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()

    @property
    def text(self):
        """All that was shown, as plain lines."""
        return self.shown.getvalue()

    def _read(self):
        rest = b""
        while not self.over:
            some = self.process.stdout.read(65536)
            rest += some
            escape = rest.rfind(b"\x1b")
            cut = escape if some and escape >= 0 and not CONTROLS.match(rest, escape) else len(rest)
            with self.changed:
                self.shown.seek(0, io.SEEK_END)
                self.shown.write(CONTROLS.sub(b"", rest[:cut]).decode("utf-8", "replace"))
                self.over = not some
                self.changed.notify_all()
            rest = rest[cut:]

    def fail(self, what):
        whole = BUILD / "log" / f"failed-{self.process.pid}.txt"
        whole.write_text(self.text)
        end = "\n".join(line[:160] for line in self.text.splitlines()[-20:])
        raise Failed(f"{what}; the end of what was shown (all of it: {whole}):\n{end}")

    def _wait(self, what):
        left = self.end - time.monotonic()
        if left <= 0:
            self.fail(f"out of time: {what}")
        self.changed.wait(left)

    def expect(self, pattern):
        """Waits until this is shown, after what was expected last; the match. `$` at its end is that of a whole line."""
        pattern = re.compile(re.sub(r"(?<!\\)\$$", r"(?=\n)", pattern), re.M)
        with self.changed:
            begin = self.mark
            while True:
                before = max(begin - 1, 0)      # ^ looks at the character there
                self.shown.seek(before)
                new = self.shown.read()
                if found := pattern.search(new, begin - before):
                    self.mark = before + found.end()
                    return found
                begin = max(begin, before + len(new) - LONGEST)
                if self.over:
                    self.fail(f"it ended without {pattern.pattern!r}")
                self._wait(f"no {pattern.pattern!r}")

    def expect_all(self, *patterns):
        """Waits until all of these are shown, in any order; the matches."""
        start, found, marks = self.mark, [], []
        for pattern in patterns:
            self.mark = start
            found.append(self.expect(pattern))
            marks.append(self.mark)
        self.mark = max(marks)
        return found

    def processes(self):
        """Those that it is made of: it and its descendants, whoever their parent is by now."""
        found = []
        for environ in pathlib.Path("/proc").glob("[0-9]*/environ"):
            try:
                if self.token.encode() in environ.read_bytes().split(b"\0"):
                    found.append(int(environ.parent.name))
            except OSError:     # not ours to read, or gone
                continue
        return found

    def type(self, text):
        self.process.stdin.write(text.encode())

    def ends(self, code=0):
        """Waits until it ends by itself, with this exit code."""
        with self.changed:
            while not self.over:
                self._wait("it has not ended")
        self.process.wait()
        if self.process.returncode != code:
            self.fail(f"it ended with {self.process.returncode}, not {code}")
        return self.text


class Machine(Terminal):
    """
    A configuration, run by the host tool:

        with Machine(linux(), radio()) as m:
            m.expect(PROMPT)
            m.type("poweroff\\r")
            m.ends()

    An instruction takes a nanosecond of the machine's own time, and a run is the same each time, unless an option
    says otherwise.
    """

    def __init__(self, *vms, cpu="cortex-a57", limit=240, qemu=(), options=(), **config):
        self.folder = tempfile.mkdtemp(prefix="belay-test-")
        self.socket = pathlib.Path(self.folder) / "socket"
        super().__init__([TOOL, "run", "--cpu", cpu, "--timeout", f"{PATIENCE * limit + 5}s", "--socket", self.socket, *options,
                          write_config(self.folder, *vms, **config), "--", "-no-reboot", *qemu], limit)

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.folder)

    def belay(self, command, *arguments, code=0, limit=60):
        """A command to this machine, which ends with that exit code; all that it printed."""
        with self.changed:
            while not self.socket.exists():     # it is made before the first thing is said
                if self.over:
                    self.fail("it ended without a socket")
                self._wait("no socket")
        done = subprocess.run([TOOL, command, *map(str, arguments), "--socket", self.socket], capture_output=True,
                              text=True, errors="replace", timeout=PATIENCE * limit, stdin=subprocess.DEVNULL)
        if done.returncode != code:
            self.fail(f"belay {command} ended with {done.returncode}, not {code}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr


QEMU = ["qemu-system-aarch64", "-M", "virt,gic-version=3,virtualization=on", "-m", "1G", "-nodefaults"]


class Board(Terminal):
    """The nucleus and a bundle started on QEMU without the host tool's help."""

    def __init__(self, bundle, *more, cpu="cortex-a57", nucleus=NUCLEUS, limit=60):
        start = ["-kernel", nucleus, "-initrd", bundle] if nucleus else []
        super().__init__([*ended_after(limit), *QEMU, "-cpu", f"{cpu},cntfrq=1000000000", "-accel", "tcg,thread=single",
                          "-icount", "shift=0,sleep=off", "-display", "none", "-serial", "stdio", "-no-reboot", *start, *more],
                         limit)


def host_tree(folder):
    """The device tree that QEMU gives to this board."""
    tree = pathlib.Path(folder) / "host.dtb"
    subprocess.run([*QEMU, "-display", "none", "-machine", f"dumpdtb={tree}"], check=True, capture_output=True, timeout=LIMIT)
    return tree


PROMPT = r"linux:/tmp# "
ALL_OFF = r"^belay: all VMs are off, (\d+) failed$"
