# SPDX-License-Identifier: Apache-2.0
"""`belay run` with a stand-in for QEMU."""
import contextlib
import pathlib
import select
import subprocess
import tempfile
import time

from testing import LIMIT, TOOL, check

CONFIG = "board: qemu-virt\nvms:\n  - {name: phone, raw: {image: guest}, memory: 2M, priority: 10}\n"

# Keeps the process's number where the test finds it, then does what the test says.
STAND_IN = """#!/usr/bin/python3
import os, sys
arguments = sys.argv
with open({pid!r}, 'w') as file:
    file.write(str(os.getpid()))
{script}
"""


def write_program(path, text):
    """By another process: one of ours that a test starts meanwhile might hold it open, and then it cannot be run."""
    subprocess.run(["sh", "-c", 'cat >"$1" && chmod +x "$1"', "sh", path], input=text, text=True, check=True)


class Place:
    """A folder with a configuration, the parts of a build, and the stand-in that does `script`."""

    def __init__(self, folder, script):
        self.path = pathlib.Path(folder)
        for part in ["nucleus/belay.img", "services/steward/steward.svc", "services/console/console.svc",
                     "services/manager/manager.svc", "services/watchdog/watchdog.svc", "services/gdb/gdb.svc"]:
            (self.path / part).parent.mkdir(parents=True)
            (self.path / part).write_bytes(part.encode() * 100)
        (self.path / "guest").write_bytes(b"a guest")
        (self.path / "phone.yaml").write_text(CONFIG)
        qemu = self.path / "qemu"
        write_program(qemu, STAND_IN.format(pid=str(self.path / "pid"), script=script))
        self.command = [TOOL, "run", self.path / "phone.yaml", "--build", self.path, "--qemu", qemu]

    def qemu_pid(self):
        wait_until(lambda: (self.path / "pid").exists() and (self.path / "pid").read_text(), "QEMU is not started")
        return int((self.path / "pid").read_text())


@contextlib.contextmanager
def place(script):
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        yield Place(folder, script)


def wait_until(condition, what):
    end = time.monotonic() + LIMIT
    while not condition():
        check(time.monotonic() < end, what)
        select.select([], [], [], 0.01)


def is_gone(pid):
    """Gone, or dead and not yet waited for by whoever inherits it."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True
