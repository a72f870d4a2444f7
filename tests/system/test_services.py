# SPDX-License-Identifier: Apache-2.0
"""A service that hangs is found, and restarted; its clients' devices come back, and nobody else notices."""
import contextlib
import tempfile

from debugger import Debugger, hang_calls, hang_service
from machine import PROMPT, Machine, linux, radio
from testing import check, takes

LOAD = "while true; do echo load; done &\r"
RADIO = r"radio: (\d+) s, frames \d+, missed 0, voice \d+, bad 0"


@contextlib.contextmanager
def busy_phone(*vms, **machine):
    """A machine with a phone that never stops writing, and a debugger for it."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        debugger = Debugger(folder)
        with Machine(*vms, qemu=debugger.qemu, **machine) as m:
            m.expect(PROMPT)
            m.type(LOAD)
            m.expect(r"^\[phone\] load$")
            yield m, debugger


def still_types(m):
    """The phone's terminal works in both directions."""
    m.expect(r"^\[phone\] load$")
    m.type("kill $!\r")
    m.type("echo alive $((40 + 2))\r")
    m.expect(r"^\[phone\] alive 42$")


def goes_on(m):
    """The radio missed nothing, and the phone's terminal works in both directions."""
    last = int(m.expect(RADIO).group(1))
    still_types(m)
    m.expect(rf"radio: {last + 2} s, frames \d+, missed 0, voice \d+, bad 0")
    check("died" not in m.text, "somebody died")


def test_a_console_whose_worker_spins_is_restarted_and_the_vms_go_on():
    with busy_phone(linux(), radio()) as (m, debugger):
        hang_service(debugger, "console", "worker_run")
        m.expect(r"console: hung: its worker has run without coming round for \d+ ms$")
        m.expect(r"console: restarted")
        goes_on(m)


def test_a_console_that_does_not_return_from_a_call_is_restarted_and_the_vms_go_on():
    with busy_phone(linux(), radio()) as (m, debugger):
        hang_calls(debugger, "console", "client_access")    # of client 0, the phone
        m.expect(r"console: hung: a call by context 0 of phone has run for \d+ ms$")
        m.expect(r"console: restarted")
        goes_on(m)


@takes(60)
def test_a_console_that_does_not_return_from_a_call_on_another_cpu_is_restarted():
    with busy_phone(linux(cpus=[1]), cpus=2, options=["--wall-clock"]) as (m, debugger):
        hang_calls(debugger, "console", "client_access")
        m.expect(r"console: hung: a call by context 0 of phone has run for \d+ ms$")
        m.expect(r"console: restarted")
        still_types(m)
