# SPDX-License-Identifier: Apache-2.0
"""`belay run`, as a person meets it."""
import os
import select
import signal
import subprocess

from machine import ALL_OFF, PROMPT, Machine, Terminal, linux, radio
from testing import BUILD, LIMIT, ROOT, TOOL, check, for_each


def test_it_ends_with_0_when_all_vms_went_off():
    with Machine(radio(cmdline="seconds=1")) as m:
        m.expect(ALL_OFF)
        m.ends(0)


def test_it_ends_with_1_when_a_vm_failed():
    with Machine(radio(cmdline="crash=1", **{"on-failure": "stop"})) as m:
        check(m.expect(ALL_OFF).group(1) == "1", "not counted")
        m.ends(1)


@for_each(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
def test_a_signal_ends_it_and_leaves_no_process(which):
    with Machine(linux(), radio()) as m:
        m.expect(r"radio: 1 s")
        check(len(m.processes()) >= 2, "it and QEMU")
        m.process.send_signal(which)
        m.ends(130 if which == signal.SIGINT else 128 + which)
        check(not m.processes(), f"left behind: {m.processes()}")


def test_it_takes_qemu_with_it_when_it_is_killed():
    with Machine(radio()) as m:
        m.expect(r"radio: 1 s")
        qemu = [os.pidfd_open(p) for p in m.processes() if p != m.process.pid]
        m.process.kill()
        m.ends(-signal.SIGKILL)
        for process in qemu:        # the kernel ends it, which takes a moment
            check(select.select([process], [], [], 20)[0], "it goes on")
            os.close(process)
        check(qemu and not m.processes(), f"left behind: {m.processes()}")


def test_a_mistake_in_the_file_ends_it_with_2_and_starts_nothing():
    with Machine(radio(priority=999)) as m:
        m.expect(r"machine\.yaml:\d+: .*priority")
        m.ends(2)


def test_the_time_that_it_was_given_ends_it():
    done = subprocess.run([TOOL, "run", "--timeout", "2s", ROOT / "examples" / "phone.yaml"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=LIMIT)
    check(done.returncode == 1, f"{done.returncode}: {done.stderr}")


def test_the_example_without_an_argument_runs_both_systems():
    with Terminal([ROOT / "belay", "run"], 200) as m:
        m.expect(r"radio: \d+ s, frames \d+, missed \d+")
        m.expect(PROMPT)
        m.process.send_signal(signal.SIGINT)
        m.ends(130)


def test_packing_twice_gives_the_same_bytes():
    out = [BUILD / f"same-{n}-{os.getpid()}.itb" for n in (1, 2)]
    try:
        for file in out:
            subprocess.run([TOOL, "pack", ROOT / "examples" / "phone.yaml", "-o", file], check=True, capture_output=True)
        check(out[0].read_bytes() == out[1].read_bytes(), "they differ")
    finally:
        for file in out:
            file.unlink(missing_ok=True)
