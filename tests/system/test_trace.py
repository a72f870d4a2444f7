# SPDX-License-Identifier: Apache-2.0
"""The nucleus's trace of a machine that runs, by `belay trace`."""
import itertools
import pathlib
import re
import subprocess

import recording as rec
from machine import PROMPT, Machine, hostile, linux, radio
from testing import LIMIT, TOOL, check

SECOND = r"^\[radio\] radio: (\d+) s, frames \d+, missed (\d+), voice \d+, bad (\d+), worst (\d+) ns"
TRACED_WORST_NS = 3000      # of a release, while each of its steps is recorded
BUSY = "while :; do :; done & cat /dev/zero > /dev/null & yes | cat > /dev/null & sleep 1; echo busy"


def record(m, *arguments, limit=120):
    """What `belay trace` shows, and the records of each CPU."""
    file = pathlib.Path(m.folder) / "recording"
    shown = m.belay("trace", "--save", file, *arguments, limit=limit)
    return shown, rec.read(file.read_bytes())


def shown_of(m, *arguments):
    """Of the last recording."""
    return subprocess.run([TOOL, "trace", "--from", pathlib.Path(m.folder) / "recording", *arguments], check=True,
                          capture_output=True, text=True, timeout=LIMIT).stdout


def switches(records):
    return [r for r in records if r.kind == rec.KINDS["SWITCH"]]


def check_nothing_lost(records):
    for one, two in itertools.pairwise(records):
        check(two.sequence == one.sequence + 1 and two.ticks >= one.ticks, f"after {one} came {two}")


def check_radio(m, worst=TRACED_WORST_NS):
    found = m.expect(SECOND)
    missed, bad, latest = map(int, found.groups()[1:])
    check(missed == 0 and bad == 0 and latest <= worst, found.group())


def test_all_time_of_a_busy_core_belongs_to_somebody_and_the_radio_misses_nothing():
    with Machine(linux(run=BUSY), radio(cmdline="seconds=1000")) as m:
        m.expect(r"^\[phone\] busy$")
        text, cpus = record(m, "--for", "300ms")
        check(list(cpus) == [0] and "0 lost" in text, text)
        check_nothing_lost(cpus[0])
        who = [(s.domain, s.context) for s in switches(cpus[0])]
        check(all(one != two for one, two in itertools.pairwise(who)), "a context took over from itself")
        shares = {name: float(share) for name, share in re.findall(r"^  (\S+) .* ([\d.]+) % +\d+$", text, re.M)}
        check(abs(sum(shares.values()) - 100) < 0.1, f"{shares} is not all of the time")
        check(2 < shares["radio/0"] < 6 and shares["phone/0"] > 50, f"{shares}")
        ran = switches(cpus[0])[-1].ticks - switches(cpus[0])[0].ticks
        check(0.29e9 < ran <= 0.3e9, f"{ran} ns")
        check_radio(m)


def test_the_worst_latency_of_the_radio_is_what_the_radio_itself_measures():
    with Machine(linux(run=BUSY), radio(cmdline="seconds=1000")) as m:
        m.expect(r"^\[phone\] busy$")
        record(m, "--for", "1200ms", "--kinds", "switch,interrupt,timer,inject,entry,exit,wake,depleted")
        text = shown_of(m, "--latency", "radio")
        worst = int(re.search(r"at worst after (\d+) ns", text).group(1))
        m.expect(SECOND)
        measured = int(m.expect(SECOND).group(4))
        # It is entered, and takes some instructions to look at the clock.
        check(300 < worst <= measured + 100, f"{worst} ns, but the radio says {measured} ns: {text}")
        check(text.splitlines()[-1].split(None, 2)[2].startswith("radio/0 goes on at 0x"), text)


def entered(records, domain):
    """Of each turn that a domain's context had, all of which is there: did it go on?"""
    turns, goes_on, who, last = [], False, None, None
    for r in records:
        if last and r.sequence != last.sequence + 1:
            who = None                  # what was lost may have been of it
        if r.kind == rec.KINDS["SWITCH"]:
            if who and who[0] == domain:
                turns.append(goes_on)
            who, goes_on = (r.domain, r.context), False
        goes_on |= r.kind == rec.KINDS["ENTRY"] and (r.domain, r.context) == who
        last = r
    return turns


def test_who_has_a_turn_is_told_to_go_on_whenever_the_interrupt_came_that_it_has_it_for():
    """Beside a guest that is on its way out of the nucleus most of the time."""
    with Machine(hostile("storm", cmdline="attack=storm rounds=1000000000"), radio(cmdline="seconds=1000")) as m:
        m.expect(SECOND)
        turns = []
        for _ in range(8):
            _, cpus = record(m, "--for", "100ms", "--kinds", "switch,entry")
            domain = next(s.domain for s in switches(cpus[0]) if s.a == 200)
            turns += entered(cpus[0], domain)
        check(len(turns) > 100 and all(turns), f"in {turns.count(False)} of {len(turns)} turns of the radio's nobody goes on")


def test_each_cpu_is_traced():
    with Machine(linux(), radio(cmdline="seconds=1000", cpus=[1]), cpus=2) as m:
        m.expect(PROMPT)
        text, cpus = record(m, "--for", "100ms")
        check(set(cpus) == {0, 1}, text)
        names = [re.findall(r"^  (\S+?)/\d", part, re.M) for part in text.split("CPU ")[1:]]
        # Once a second the radio writes a line, which a thread of the console's takes on the radio's CPU.
        check("radio" not in names[-2] and {"radio"} <= set(names[-1]) <= {"radio", "console"}, f"{names}")
        for records in cpus.values():
            check_nothing_lost(records)


def test_a_ring_that_is_full_loses_the_oldest_and_the_recording_shows_where():
    with Machine(linux(run="yes > /dev/ttyAMA0"), radio(cmdline="seconds=1000")) as m:
        m.expect(r"^\[phone\] y$")
        text, cpus = record(m, "--for", "50ms")
        lost = int(re.search(r"records, (\d+) lost", text).group(1))
        gaps = [two.sequence - one.sequence - 1 for one, two in itertools.pairwise(cpus[0])]
        check(lost > 0 and sum(gaps) == lost and min(gaps) >= 0, f"{lost}, {sum(gaps)}: {text}")
        check("ffb3b3" in (lambda p: (shown_of(m, "--svg", p), p.read_text())[1])(pathlib.Path(m.folder) / "p.svg"), text)
        check_radio(m)


def test_only_the_kinds_that_are_asked_for_are_recorded():
    with Machine(radio(cmdline="seconds=1000")) as m:
        m.expect(SECOND)
        _, cpus = record(m, "--for", "50ms", "--kinds", "timer,switch")
        check({r.kind for r in cpus[0]} == {rec.KINDS["TIMER"], rec.KINDS["SWITCH"]}, "others, too")


def test_a_trace_that_ends_costs_nothing_and_another_can_follow():
    with Machine(radio(cmdline="seconds=1000")) as m:
        m.expect(SECOND)
        for _ in range(3):
            text, _ = record(m, "--for", "20ms")
            check("0 lost" in text, text)
        m.expect(SECOND)
        check_radio(m)


def test_a_machine_without_the_right_is_not_traced():
    with Machine(radio(cmdline="seconds=1000"), management={"uart": ["list"]}) as m:
        m.expect(SECOND)
        text = m.belay("trace", code=2)
        check("CPU 0: the machine's configuration does not allow this" in text, text)
