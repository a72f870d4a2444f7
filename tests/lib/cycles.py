# SPDX-License-Identifier: Apache-2.0
"""VMs that are made, started, stopped and destroyed, by a steward that tells what is left behind (tests/cycles)."""
import contextlib
import itertools
import pathlib
import random
import re
import struct
import tempfile

import manage
from faults import check_radio, seconds, tell_radio, victim
from machine import BENCH, OBJ, Machine, Terminal, hostile, radio
from manage import Client, frame
from testing import check

@contextlib.contextmanager
def cycles(what, *vms, limit=600, management=None, **config):
    """A machine with a steward that does nothing else: it says what it found at the start and at the end."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        for image in (OBJ / "nucleus" / "belay.img", *OBJ.glob("services/*/*.svc")):
            path = pathlib.Path(folder) / image.relative_to(OBJ)
            path.parent.mkdir(parents=True)
            path.symlink_to(OBJ / "tests" / "cycles" / "cycles.svc" if image.name == "steward.svc" else image)
        first = {**vms[0], "cmdline": f"{what} " + vms[0].get("cmdline", "")}
        off = [{**vm, "autostart": "no"} for vm in (first, *vms[1:])]
        with Machine(*off, options=("--build", folder), limit=limit,
                     management=management or {"uart": []}, **config) as m:
            yield m


def run_cycles(what, *vms, **config):
    """All that was said, and the room that is left in pools. Its lines may begin in the middle of a console's."""
    with cycles(what, *vms, **config) as m:
        text = m.ends()
    start, end = re.findall(r"cycles: (?:start|end): (.*)$", text, re.M)
    check(start == end, f"{what}: at the start {start}, at the end {end}")
    return text, re.findall(r"cycles: handle .*$", text, re.M)


def some_vms(cpus):
    return (radio(devices=["rtc"]),
            hostile("psci", memory="2M", cpus=[1 % cpus]),
            {"name": "bench", "elf": str(BENCH), "memory": "2M", "cpus": [2 % cpus], "priority": 30, "devices": ["gpio"]},
            radio("other", cpus=[3 % cpus], priority=201, watchdog="yes"))


def racers(cpus):
    """VMs that are busy, die and hang."""
    return *some_vms(cpus), {**victim(1, cpus - 1), "on-failure": "restart"}


def quiet_racers(_):
    """As many that wait most of the time, on other CPUs than the first: of several that are busy QEMU makes one wait."""
    return (radio(devices=["rtc"], cpus=[1]), radio("other", cpus=[3], priority=201, watchdog="yes"),
            *(hostile("sleep", name=f"sleeps-{n}", memory="2M", cpus=[n]) for n in (1, 2)),
            hostile("sleep", name="sleeps-3", memory="2M", cpus=[3, 3]))


def stays():
    """A radio before all others, on the CPU of those who work on them."""
    return radio("stays", cpus=[0], priority=210, cmdline="seconds=100000")


def cycle_vms(times, say=lambda _: None):
    """
    So many times a VM is created, started, stopped and destroyed, on one CPU and on four: what is left is the same, and
    on one CPU a radio beside them misses nothing.
    """
    summary = []
    for cpus in (1, 4):
        vms = some_vms(cpus)
        rounds = -(-times // len(vms))
        _, few = run_cycles("cycles=3", *vms, stays(), cpus=cpus)
        text, many = run_cycles(f"cycles={rounds}", *vms, stays(), cpus=cpus, limit=300 + times)
        check(few and few == many, f"room in pools: {few} after 3 rounds, {many} after {rounds}")
        say(f"{rounds * len(vms)} cycles on {cpus} CPUs are over")
        summary += [f"{rounds * len(vms)} cycles of create, start, stop and destroy, {rounds} of each of {len(vms)} VMs, "
                    f"CPUs: {cpus}", "before and after " + re.search(r"cycles: end: (.*)$", text, re.M)[1]]
        if cpus == 1:
            summary.append(check_radio(text, "stays"))
    return summary


COMMANDS = ("start", "stop", "pause", "resume", "reset", "create", "destroy")       # enum manage_control_what, from 1 on
REFUSALS = ("it runs already", "it is paused", "it is paused already", "it does not run", "it is not paused",
            "it has just ended", "it is there already", "it is not there", "it is not stopped")


def tell(client, vm, command):
    client.send(frame(manage.CONTROL, struct.pack("<HH", vm, COMMANDS.index(command) + 1), sequence=1))


def hear(client, vm, command):
    """The answer: is it done? Refused is it only for where the VM is in its life."""
    while True:
        kind, _, _, _, answer = client.read()
        if kind == manage.CONTROL | manage.ANSWER:
            break
    status, why = struct.unpack("<I", answer[:4])[0], answer[4:].decode()
    check(status == manage.OK or (status == manage.EFAILED and why in REFUSALS), f"{command} of VM {vm}: {status} {why}")
    return status == manage.OK


def do(client, vm, *commands):
    for command in commands:
        tell(client, vm, command)
        hear(client, vm, command)


def race_round(clients, wanted, done):
    """Each client says its own without waiting for the others, and hears whether it is done."""
    for client, (vm, command) in zip(clients, wanted):
        tell(client, vm, command)
    for client, (vm, command) in zip(clients, wanted):
        done[command] += hear(client, vm, command)


def race_on(cpus, who, times, say):
    vms = (*who(cpus), stays())
    chance, last, done = random.Random(7), len(vms) - 1, dict.fromkeys(COMMANDS, 0)
    pairs = list(itertools.product(COMMANDS, repeat=2)) * times
    chance.shuffle(pairs)
    with cycles("managed=1", *vms, limit=300 + 40 * times, management={"uart": ["control"]}, cpus=cpus) as m, \
            contextlib.ExitStack() as stack:
        m.expect(r"^\[stays\] ")            # the first cycles, which the steward makes by itself
        clients = [stack.enter_context(Client(m.socket, 300 + 40 * times)) for _ in range(4)]
        for c in clients:
            check(c.hello()[0] == manage.OK, "no welcome")
        do(clients[0], last, "start")
        for command in ("create", "start", "pause", "resume", "reset", "stop", "destroy"):
            race_round(clients[:1], [(0, command)], done)
        check(all(done.values()), f"without a race: {done}")
        m.expect(r"^cycles: all gone: ")
        for n, pair in enumerate(pairs):
            anything = [(chance.randrange(last), chance.choice(COMMANDS)) for _ in range(2)]
            race_round(clients, [(n % last, command) for command in pair] + anything, done)
            if n % 49 == 48:        # a second, in which some are started again by the steward
                seconds(m, "stays")
                say(f"{n + 1} of {len(pairs)} races are over")
        do(clients[0], 0, "create")
        for vm in range(last):
            do(clients[0], vm, "stop", "destroy")
        seconds(m, "stays", 1)
        text = m.text
    left = re.findall(r"^cycles: all gone: (.*)$", text, re.M)
    check(len(left) > 1 and len(set(left)) == 1, f"what there was when all were gone: {left}")
    where = f"CPUs: {cpus}" + (", others wait" if who is quiet_racers else "")
    return [f"{len(pairs)} races of each command against each other, {where}; done "
            + ", ".join(f"{command} {n}" for command, n in done.items()),
            f"{len(left)} times all were gone, with {left[0]}",
            check_radio(text, "stays") if cpus == 1 else tell_radio(text, "stays")]


def race_commands(times, say=lambda _: None):
    """
    Each command races each other for a VM, so often, while two more clients do anything to any; a radio misses nothing
    on one CPU. What it misses beside others, busy ones and such as wait, is told.
    """
    return [line for cpus, who in ((1, racers), (4, racers), (4, quiet_racers)) for line in race_on(cpus, who, times, say)] + \
        [f"QEMU's board without Belay: CPU 0 {beside} stands still for up to {ns} ns" for beside, ns in stands_still().items()]


def turns(cpus):
    """What a program says of how QEMU's board, without Belay, gives so many CPUs their turns (tests/turns)."""
    with Terminal(["qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a57,cntfrq=1000000000", "-smp", cpus,
                   "-m", "512M", "-nodefaults", "-display", "none", "-serial", "stdio", "-accel", "tcg,thread=single",
                   "-icount", "shift=0,sleep=off", "-kernel", OBJ / "tests" / "turns" / "turns.elf"], 120) as m:
        return m.ends()


def stands_still():
    """For how many ns at most, of the machine's own, a CPU of three runs no instruction there."""
    return {beside: int(ns) for beside, ns in re.findall(r"^turns: ([^:]+): .* at most for (\d+)$", turns(3), re.M)}


def counts_beside():
    """How far the second of two CPUs counts there in 200 ms, by what the first does."""
    said = re.findall(r"^turns: CPU 1 counts to (\d+) beside a CPU 0 that (.*)$", turns(2), re.M)
    return {does: int(to) for to, does in said}
