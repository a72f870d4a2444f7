# SPDX-License-Identifier: Apache-2.0
"""Faults, one after the other, beside those who must not notice. Each campaign gives its summary, and fails if anybody did."""
import re
import tempfile

from debugger import Debugger, hang_calls, hang_service, kill_service
from gdb import Remote
from machine import OBJ, PROMPT, Machine, linux, radio
from testing import check

VICTIM = OBJ / "guests" / "victim" / "victim.elf"
VICTIMS = 12
TICK = "n=0; while sleep 0.1; do n=$((n+1)); echo sum $n $(seq 300 | md5sum); done"
TALK = "n=0; while sleep 0.02; do n=$((n+1)); echo line $n; done &\r"


def victim(n, cpu=0):
    """Ends at a random instruction within 2 ms of its start. Each other one has two vCPUs."""
    return {"name": f"victim-{n}", "elf": str(VICTIM), "cmdline": f"seed={n}", "memory": "2M", "cpus": [cpu] * (1 + n % 2),
            "priority": 20, "budget": "200us", "period": "2ms", "watchdog": "50ms"}


def seconds(m, name, more=0):
    """Waits for the next report of that radio, or one so many seconds later; how long it has run."""
    now = int(m.expect(rf"^\[{name}\] radio: (\d+) s,").group(1))
    return int(m.expect(rf"^\[{name}\] radio: ({now + more}) s,").group(1)) if more else now


def check_radio(text, name):
    """It never missed anything; the words that say so."""
    reports = re.findall(rf"^\[{name}\] radio: (\d+) s, frames (\d+), missed (\d+), voice (\d+), bad (\d+)", text, re.M)
    bad = [r for r in reports if (r[2], r[4]) != ("0", "0")]
    check(reports and not bad, f"{name} missed: {bad[:3]}")
    return f"{name}: {reports[-1][0]} s, {reports[-1][1]} frames, 0 missed; {reports[-1][3]} voice blocks, 0 bad"


def tell_radio(text, name):
    """What it missed, where QEMU keeps it from running."""
    last = re.findall(rf"^\[{name}\] radio: (\d+) s, frames (\d+), missed (\d+)", text, re.M)[-1]
    return f"{name}: {last[0]} s, {last[1]} frames, {last[2]} missed, beside CPUs that QEMU lets run meanwhile"


def check_sums(text):
    """Linux computed the same sum each time, and said so each time."""
    sums = re.findall(r"^\[phone\] sum (\d+) (\w{32}) -$", text, re.M)
    check([int(n) for n, _ in sums] == list(range(1, len(sums) + 1)), "phone: a sum is missing")
    check(sums and len({value for _, value in sums}) == 1, "phone: sums differ")
    return f"phone: {len(sums)} of {len(sums)} sums are there and right"


def check_ends(text, name):
    """Each end was followed by a start; the kinds of its ends."""
    kinds = "died|hung|reset itself|turned itself off|started by its manager|is not started"
    events = re.findall(rf"^\[belay\] {name}: ({kinds})", text, re.M)
    ends = events[0::2]
    check(set(ends) <= {"died", "hung"} and set(events[1::2]) <= {"started by its manager"}, f"{name}: {events}")
    return ends


def crash_vms(times, say=lambda _: None):
    """VMs end at random instructions, so often in all, beside two radios and a Linux on their core."""
    others = [radio(), radio("modem", priority=150), linux(run=TICK)]
    with Machine(*others, *(victim(n) for n in range(VICTIMS)), limit=300 + 10 * times) as m:
        for n in range(times):
            m.belay("start", m.expect(r"^\[belay\] (victim-\d+): (died of|hung:)").group(1))
            if n % 100 == 99:
                say(f"{n + 1} VMs have ended")
        seconds(m, "radio", 1)
        seconds(m, "modem")
        text = m.text
    ends = [end for n in range(VICTIMS) for end in check_ends(text, f"victim-{n}")]
    places = re.findall(r"^\[belay\] victim-\d+: +(?:x24\.\.x29(?: \w+){4}|context 0 was at PC .* x30) (\w+)", text, re.M)
    check(len(ends) >= times, f"{len(ends)} ends")
    return [f"{len(ends)} ends of {VICTIMS} VMs at random instructions: {ends.count('died')} died, {ends.count('hung')} hung, "
            f"at {len(set(places))} different addresses; each was started again",
            check_radio(text, "radio"), check_radio(text, "modem"), check_sums(text)]


# The function that each service's worker runs in, and the one that calls of VM 0 go through, if VMs call it.
SERVICES = {"console": ("worker_run", "client_access"), "watchdog": ("worker_run", "client_access"),
            "manager": ("service_main", None), "gdb": ("service_main", None)}

# What the steward calls it: each VM that may be debugged has one.
NAMES = {"gdb": "gdb-phone"}

# How a service fails: what is done to it, and what the steward says of it.
FAULTS = {
    "killed": (kill_service, r"{0}: died of .*"),
    "hung": (lambda d, service: hang_service(d, service, SERVICES[service][0]), r"{0}: hung: its worker .*"),
    "hung in a call": (lambda d, service: hang_calls(d, service, SERVICES[service][1]),
                       r"{0}: hung: a call by context 0 of phone .*"),
}
FAILURES = [(service, fault) for service in SERVICES for fault in FAULTS
            if SERVICES[service][1] or fault != "hung in a call"]


def fail_once(m, debugger, service, fault):
    """
    The service fails, is restarted, and its clients go on: the phone prints and hears what is typed, `belay ps` lists it,
    a debugger stops it.
    """
    do, words = FAULTS[fault]
    name = NAMES.get(service, service)
    do(debugger, service)
    m.expect(words.format(name) + "$")
    m.expect(rf"{name}: restarted$")
    m.expect(r"^\[phone\] line \d+$")
    m.type("echo heard $((40 + 2))\r")
    m.expect(r"^\[phone\] (line \d+)?heard 42$")
    check("phone" in m.belay("ps"), "it is not listed")
    with Remote(m, 0) as r:         # stops it, and lets it go on by going away
        r.packet(b"?")
        r.hears(b"T05")
    seconds(m, "radio", 2)          # a service that falls again at once is another matter


def fail_services(times, say=lambda _: None):
    """Each service fails in each way, so often, beside a Linux that prints and feeds its watchdog, and a radio."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        debugger = Debugger(folder)
        phone = linux(watchdog="8s", debug="yes")
        with Machine(phone, radio(), qemu=debugger.qemu, limit=300 + 100 * times * len(FAILURES)) as m:
            m.expect(PROMPT)
            m.type(TALK)
            m.expect(r"^\[phone\] line \d+$")
            for n in range(times):
                for service, fault in FAILURES:
                    fail_once(m, debugger, service, fault)
                say(f"each service has failed {n + 1} times in each way")
            text = m.text
    restarts = len(re.findall(r"^\[belay\] [a-z-]+: restarted$", text, re.M))
    check(restarts == times * len(FAILURES), f"{restarts} restarts")
    check("[belay] phone: hung" not in text, "the phone was said to hang")
    lines = [int(n) for n in re.findall(r"line (\d+)$", text, re.M)]
    lost = lines[-1] - lines[0] + 1 - len(set(lines))
    return [f"{service} {fault} {times} times, restarted {times} times" for service, fault in FAILURES] + \
        [check_radio(text, "radio"), f"phone: of {lines[-1]} lines of its console {lost} were lost"]
