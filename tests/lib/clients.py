# SPDX-License-Identifier: Apache-2.0
"""Those who manage, trace and debug a machine from outside, and are pulled away in the middle of it."""
import pathlib
import random
import re
import struct
import subprocess
import tempfile

import manage
import recording
from faults import TALK, TICK, check_radio, check_sums, seconds
from gdb import Gdb, Remote
from machine import PROMPT, RADIO, Board, Machine, hostile, linux, pack, radio
from manage import Client, NotRight, frame
from testing import TOOL, check

PHONE, OTHER, DEBUGGED = 0, 1, 0            # VMs, by their place in the configuration
COMMANDS = range(1, 8)                      # enum manage_control_what
ALL_KINDS = 2 ** 20 - 2                     # of records, BELAY_TRACE_ALL
FILL_SECONDS = 0.002                        # in which a busy core writes more records than the ring holds


def stays(**more):
    """A radio that all of it happens beside."""
    return radio(cmdline="seconds=100000", **more)


def command(chance):
    """Something that is done to the other VM, or refused for where it is in its life."""
    return frame(manage.CONTROL, struct.pack("<HH", OTHER, chance.choice(COMMANDS)))


def opened(c, kind, vm, credit):
    """The stream's number."""
    status, answer = c.ask(manage.OPEN, struct.pack("<HHI", kind, vm, credit))
    check(status == manage.OK, f"stream {kind} of {vm} is not opened: {status}")
    return struct.unpack("<II", answer[:8])[1]


def cut(c, chance):
    data = command(chance)
    c.send(data[:chance.randrange(1, len(data) - 1)])


def told(c, chance):
    c.send(command(chance))


def asked(c, chance):
    c.send(frame(manage.VM, struct.pack("<HH", PHONE, 0)) * chance.randrange(1, 20))


def listened(c, _):
    opened(c, manage.STREAM_CONSOLE, PHONE, 1 << 30)
    while c.read()[0] != manage.DATA:
        continue


def typed(c, chance):
    data = frame(manage.DATA, b": ", stream=opened(c, manage.STREAM_CONSOLE, PHONE, 0))
    c.send(data[:chance.randrange(1, len(data) - 1)])


def traced(c, _):
    c.send(frame(manage.DATA, struct.pack("<I", ALL_KINDS), stream=opened(c, manage.STREAM_TRACE, 0, 1 << 30)))


# What a client was in the middle of.
PULLS = {"a command's frame": cut, "a command, before its answer": told, "requests, before their answers": asked,
         "a console that it reads": listened, "a frame of what it types": typed, "a trace": traced}

# Programs that are killed, once they have said something or at once.
PROGRAMS = {"belay console": (["console", "phone"], True), "belay top": (["top"], True),
            "belay stop": (["stop", "other"], False), "belay start": (["start", "other"], False),
            "belay trace": (["trace", "--for", "10s"], False)}


def kill_program(m, words, once_it_speaks):
    with subprocess.Popen([TOOL, *words, "--socket", m.socket], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        if once_it_speaks:
            process.stdout.read(1)
        process.kill()


def welcome(c):
    """On a wire whose last user was pulled away, what comes first may be the end of something."""
    while True:
        try:
            c.send(manage.END)
            return c.hello()[0]
        except NotRight:
            continue


def check_next(path):
    """Whoever comes next is heard, and has the console and the trace that the last one had."""
    with Client(path, 300) as c:
        check(welcome(c) == manage.OK, "not welcome")
        check(c.ask(manage.VM, struct.pack("<HH", PHONE, 0))[0] == manage.OK, "it is not told of a VM")
        for kind in manage.STREAM_CONSOLE, manage.STREAM_TRACE:
            opened(c, kind, 0, 0)
        c.send(frame(manage.GOODBYE))


def pull_once(path, how, chance):
    with Client(path, 300) as c:
        check(welcome(c) == manage.OK, "not welcome")
        how(c, chance)
    check_next(path)


def pull_from_broker(times, chance, say):
    ways = [*PULLS, *PROGRAMS]
    with Machine(linux(), radio("other", priority=150), stays(), limit=300 + 10 * times) as m:
        m.expect(PROMPT)
        m.type(TALK)
        m.expect(r"^\[phone\] line \d+$")
        for n in range(times):
            way = ways[n % len(ways)]
            if way in PULLS:
                pull_once(m.socket, PULLS[way], chance)
            else:
                kill_program(m, *PROGRAMS[way])
                check_next(m.socket)
            if n % 100 == 99:
                say(f"{n + 1} clients were pulled away")
        m.expect(r"^\[phone\] line \d+$")
        seconds(m, "radio", 1)
        text = m.text
    lines = [int(n) for n in re.findall(r"line (\d+)$", text, re.M)]
    check(sorted(set(lines)) == list(range(lines[0], lines[-1] + 1)), "lines of the phone are lost")
    check("restarted" not in text, "a service has fallen")
    return [f"{sum(ways[n % len(ways)] == way for n in range(times))} clients pulled away in {way}" for way in PULLS] + \
        [f"{sum(ways[n % len(ways)] == way for n in range(times))} times {way} was killed" for way in PROGRAMS] + \
        [check_radio(text, "radio"), f"phone: of {lines[-1]} lines of its console 0 were lost"]


def pull_from_wire(times, chance):
    """The second UART itself loses who is at it, and the machine has nobody to tell it so."""
    ways = list(PULLS.values())
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        uart = pathlib.Path(folder) / "uart"
        bundle = pack(folder, linux(run="while sleep 0.02; do echo line; done"), radio("other", priority=150), stays())
        with Board(bundle, "-chardev", f"socket,id=m,path={uart},server=on,wait=off", "-device", "pci-serial,chardev=m",
                   limit=300 + 10 * times) as m:
            m.expect(r"^\[phone\] line$")
            for n in range(times):
                pull_once(uart, ways[n % len(ways)], chance)
            seconds(m, "radio", 1)
            text = m.text
    check("restarted" not in text, "a service has fallen")
    return [f"{times} times the wire was pulled in the middle of one of these", check_radio(text, "radio")]


def pull_clients(times, say=lambda _: None):
    """Clients of the management are pulled away in the middle of what they do; the next one is heard, nobody else notices."""
    chance = random.Random(5)
    return pull_from_broker(times, chance, say) + pull_from_wire(-(-times // 4), chance)


def machine_time(c):
    _, answer = c.ask(manage.MACHINE)
    _, _, _, _, hz, now = struct.unpack("<IIIIQQ", answer[:32])
    return now / hz


def read_trace(c, stream, credit):
    """Where packs of records begin and end: as many as certainly come for that much credit."""
    c.send(frame(manage.CREDIT, struct.pack("<I", credit), stream=stream))
    while credit >= 480:
        kind, _, got, _, payload = c.read()
        if (kind, got) == (manage.DATA, stream):
            credit -= len(payload)
            yield recording.packed(payload)


def fill_once(m, chance):
    """How many records were read after the ring was filled, and how many overwritten."""
    with Client(m.socket, 300) as c, Client(m.socket, 300) as clock:
        check((c.hello()[0], clock.hello()[0]) == (manage.OK, manage.OK), "not welcome")
        stream = opened(c, manage.STREAM_TRACE, 0, 0)
        c.send(frame(manage.DATA, struct.pack("<I", ALL_KINDS), stream=stream))
        before = list(read_trace(c, stream, 500))
        until = machine_time(clock) + FILL_SECONDS
        while machine_time(clock) < until:
            continue
        packs = before[-1:] + list(read_trace(c, stream, chance.randrange(1000, 6000)))
        gaps = [two[0] - one[1] for one, two in zip(packs, packs[1:])]
        check(min(gaps) >= 0, f"records came twice: {packs}")
        check(sum(gaps) > 0, f"the ring was not full: {packs}")
        if chance.random() < 0.5:           # else it is pulled away
            c.send(frame(manage.GOODBYE))
    return sum(end - first for first, end in packs[1:]), sum(gaps)


def fill_traces(times, say=lambda _: None):
    """The trace's ring is filled while nobody reads it, so often, and its reader goes away or is pulled away."""
    chance, read, lost = random.Random(6), 0, 0
    calls = hostile("smccc", cmdline="attack=smccc rounds=1000000000")      # three records each
    with Machine(calls, stays(), limit=300 + 20 * times) as m:
        seconds(m, "radio")
        for n in range(times):
            some, gone = fill_once(m, chance)
            read, lost = read + some, lost + gone
            if n % 10 == 9:
                say(f"the ring was full {n + 1} times")
        check_next(m.socket)
        seconds(m, "radio", 1)
        text = m.text
    check("restarted" not in text, "a service has fallen")
    return [f"the ring was full {times} times; {lost} records were overwritten, as the numbers of the {read} that were read "
            "after them tell", check_radio(text, "radio")]


def symbol(name):
    """Of the VM that is debugged."""
    listed = subprocess.run(["aarch64-linux-gnu-nm", RADIO], capture_output=True, text=True, check=True).stdout
    return int(re.search(rf"^(\w+) \w {name}$", listed, re.M).group(1), 16)


HOT = ("channel_encode", "channel_decode", "burst_make", "burst_take", "crc32_z")    # called many times a second


def in_packet(r, chance):
    r.say(b"$m40100000,%x" % chance.randrange(4096))


def in_answer(r, _):
    r.packet(b"m40100000,700")


def in_step(r, chance):
    for _ in range(chance.randrange(1, 5)):
        r.packet(b"s")


def with_breakpoints(r, _):
    for name in HOT:
        r.packet(b"Z0,%x,4" % symbol(name))
        r.hears(b"$OK#9a")


def hitting_breakpoints(r, chance):
    with_breakpoints(r, chance)
    r.packet(b"c")
    if chance.random() < 0.5:
        r.hears(b"T05")


def with_watchpoint(r, chance):
    r.packet(b"Z2,%x,8" % symbol("current"))
    r.hears(b"$OK#9a")
    r.packet(b"c")
    if chance.random() < 0.5:
        r.hears(b"T05watch")


def in_interrupt(r, _):
    r.packet(b"c")
    r.say(b"\3")


LEAVES = {"the middle of a packet": in_packet, "an answer": in_answer, "a step": in_step,
          "5 breakpoints that are set": with_breakpoints, "5 breakpoints that are hit": hitting_breakpoints,
          "a watchpoint": with_watchpoint, "an interrupt": in_interrupt}
KILLED = "GDB, killed where it stands"


def kill_gdb(m):
    with Gdb(m, "debugged", RADIO) as g:
        g.ask("break channel_encode")
        g.says("continue", r"Breakpoint 1")


def leave_once(m, way, chance):
    """And the VM goes on: it tells of another second."""
    if way == KILLED:
        kill_gdb(m)
    else:
        with Remote(m, DEBUGGED) as r:
            r.packet(b"?")
            r.hears(b"T05")
            LEAVES[way](r, chance)
    seconds(m, "debugged", 1)


def leave_debuggers(times, say=lambda _: None):
    """A VM's debugger goes away, so often, and the VM goes on as if there had been none; nobody else notices."""
    chance, ways = random.Random(7), [*LEAVES, KILLED]
    bare = radio("debugged", priority=190, debug="yes", cmdline="seconds=100000")
    with Machine(bare, linux(run=TICK), stays(priority=210), limit=300 + 20 * times) as m:
        m.expect(r"^\[phone\] sum 1 ")
        seconds(m, "debugged")
        for n in range(times):
            leave_once(m, ways[n % len(ways)], chance)
            if n % 10 == 9:
                say(f"{n + 1} debuggers have gone")
        seconds(m, "radio", 1)
        text = m.text
    check("restarted" not in text and not re.search(r"debugged: (died|hung)", text), "it was not left as it was")
    return [f"{sum(ways[n % len(ways)] == way for n in range(times))} debuggers gone in {way}" for way in ways] + \
        [check_radio(text, "radio"), check_sums(text)]
