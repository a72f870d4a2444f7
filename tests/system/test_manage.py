# SPDX-License-Identifier: Apache-2.0
"""A machine that runs, seen and controlled from outside: belay ps and the others, over its second UART."""
import itertools
import json
import pathlib
import random
import re
import struct
import subprocess
import tempfile

import manage
from debugger import Debugger, hang_service, kill_service
from machine import PROMPT, Board, Machine, Terminal, hostile, linux, pack, radio
from manage import Client, frame
from testing import LIMIT, TOOL, check, for_each

LONG = {"cmdline": "seconds=100000"}
RADIO = r"^\[radio\] radio: (\d+) s, frames \d+, missed 0, voice \d+, bad 0"
IDLE = hostile("spin", name="other")


def rows(table):
    """By their first word."""
    return {line.split()[0]: line.split() for line in table.splitlines() if line}


def state(m, name):
    return rows(m.belay("ps"))[name][1]


def says(m, command, *arguments, code, words):
    text = m.belay(command, *arguments, code=code)
    check(words in text, f"belay {command}: no {words!r} in {text!r}")


def check_that_it_lives(m):
    """The radio has missed nothing, and the machine is still to be asked."""
    check(state(m, "radio") == "running", "the radio does not run")
    m.expect(RADIO)
    check(not re.search(r"missed [1-9]|bad [1-9]", m.text), "the radio has missed something")


def test_the_vms_of_a_machine_that_runs_are_listed():
    with Machine(linux(), radio(**LONG)) as m:
        m.expect(PROMPT)
        table = rows(m.belay("ps"))
        check(table["radio"][1:5] == ["running", "0", "200", "2M"], f"{table}")
        check(table["phone"][1:5] == ["running", "0", "10", "256M"], f"{table}")
        listed = {vm["name"]: vm for vm in json.loads(m.belay("ps", "--json"))}
        check(listed["radio"]["period_ns"] == 1000000 and listed["phone"]["memory"] == 256 << 20, f"{listed}")
        top = {vcpu["vm"]: vcpu for vcpu in json.loads(m.belay("top", "--json"))["vcpus"]}
        check(top["phone"]["exits"]["device"] > 100 and top["phone"]["exits"]["call"] > 0, f"{top}")
        check(0.01 < top["radio"]["cpu_seconds"] < top["phone"]["cpu_seconds"], f"{top}")
        check(m.belay("top", "-n", 2).count("phone") == 2, "not two tables")
        check_that_it_lives(m)


def test_top_tells_how_late_the_radio_is_as_it_does_itself():
    """Which counts till its handler, and what falls due while it does not wait, and perhaps calls a service, too."""
    def vcpus():
        return {vcpu["vm"]: vcpu for vcpu in json.loads(m.belay("top", "--json"))["vcpus"]}

    with Machine(linux(run="yes > /dev/null"), radio(**LONG)) as m:
        m.expect(r"^\[radio\] radio: 3 s")
        told = vcpus()["radio"]
        worst, median = map(int, m.expect(RADIO + r", worst (\d+) ns, p50 (\d+) ns").groups()[1:])
        mean = told["late_seconds"] / told["wakes"] * 1e9
        check(told["wakes"] > 3000, f"{told}")
        check(0 <= median - mean <= 100, f"the radio's median is {median} ns: {told}")
        check(0 <= worst - told["late_worst_seconds"] * 1e9 <= 500, f"the radio's worst is {worst} ns: {told}")
        check(vcpus()["phone"]["wakes"] < 100, "a VM that is only preempted wakes")
        m.belay("reset", "radio")
        check(vcpus()["radio"]["wakes"] < told["wakes"], "it goes on counting after a reset")
        m.expect(RADIO)


def test_a_vm_is_stopped_and_started_while_another_misses_nothing():
    with Machine(linux(), radio(**LONG)) as m:
        m.expect(PROMPT)
        check(m.belay("stop", "phone") == "phone: stopped\n", "other words")
        m.expect(r"^\[belay\] phone: told to stop by its manager$")
        m.expect(r"^\[belay\] phone: turned itself off$")
        check(state(m, "phone") == "stopped", "it runs")
        says(m, "stop", "phone", code=1, words="phone: it does not run")
        says(m, "reset", "phone", code=1, words="belay start starts it")
        check(json.loads(m.belay("start", "phone", "--json")) == [{"name": "phone", "done": True}], "other words")
        m.expect(PROMPT)
        says(m, "start", "phone", code=1, words="phone: it runs already; write belay reset")
        check(rows(m.belay("ps"))["phone"][6] == "1", "it has not been started again")
        log = m.belay("log")
        check(re.search(r"^\[ *\d+\.\d{6}\] phone: turned itself off\n.*phone: started by its manager\n", log, re.M),
              f"the log has not: {log}")
        check_that_it_lives(m)


def test_a_vm_is_reset():
    with Machine(linux(run="echo booted; sleep 100000"), radio(**LONG)) as m:
        m.expect(r"^\[phone\] booted$")
        m.belay("reset", "phone")
        m.expect(r"^\[phone\] booted$")
        check_that_it_lives(m)


def test_a_vm_that_is_paused_does_nothing_and_loses_nothing():
    with Machine(linux(), radio(**LONG)) as m:
        m.expect(PROMPT)
        m.type("x=40; while read y; do echo $((x + y)); done\r")
        m.type("1\r")
        m.expect(r"^\[phone\] 41$")
        m.belay("pause", "phone")
        check(state(m, "phone") == "paused", "it is not paused")
        before = json.loads(m.belay("top", "--json"))["vcpus"][0]["cpu_seconds"]
        m.type("2\r")
        m.expect(RADIO)
        m.expect(RADIO)
        check(json.loads(m.belay("top", "--json"))["vcpus"][0]["cpu_seconds"] == before, "it has run")
        says(m, "pause", "phone", code=1, words="phone: it is paused already; belay resume lets it go on")
        check("[phone] 42" not in m.text, "it has answered")
        m.belay("resume", "phone")
        m.expect(r"^\[phone\] 42$")
        check_that_it_lives(m)


def test_a_vm_that_is_paused_can_be_stopped_and_started():
    with Machine(IDLE, radio(**LONG)) as m:
        m.expect(RADIO)
        m.belay("pause", "other")
        m.belay("stop", "other")
        says(m, "resume", "other", code=1, words="other: it is not paused; belay start starts it")
        m.belay("start", "other")
        check(state(m, "other") == "running", "it does not run")
        check_that_it_lives(m)


def test_a_vm_is_destroyed_and_created_while_another_misses_nothing():
    late = hostile("spin", name="late", autostart="no")
    with Machine(IDLE, radio(**LONG), late) as m:
        m.expect(RADIO)
        check(state(m, "late") == "absent", "it is there")
        says(m, "destroy", "late", code=1, words="late: it is not there\n")
        says(m, "destroy", "other", code=1, words="other: it is not stopped; belay stop stops it")
        m.belay("stop", "other")
        check(m.belay("destroy", "other") == "other: destroyed\n", "other words")
        check(m.belay("create", "late") == "late: created\n", "other words")
        says(m, "create", "late", code=1, words="late: it is there already")
        check([state(m, vm) for vm in ("other", "late")] == ["absent", "stopped"], "not as they should be")
        m.belay("start", "late", "other")       # one that is there, one that is not
        m.expect(r"^\[other\] hostile: spin begins$")
        check([state(m, vm) for vm in ("other", "late")] == ["running", "running"], "they do not run")
        check_that_it_lives(m)


def test_a_console_is_a_terminal_of_its_own_beside_that_of_the_machine():
    with Machine(linux(), radio(**LONG)) as m:
        m.expect(PROMPT)
        with Terminal([TOOL, "console", "phone", "--socket", m.socket], 200) as c:
            c.type("echo I am $((40 + 2))\r")
            c.expect(r"^I am 42$")
            m.expect(r"^\[phone\] I am 42$")
            says(m, "console", "phone", code=2, words="another belay console has it")
            m.type("echo I am $((40 + 3))\r")
            c.expect(r"^I am 43$")
            c.type("seq 3000\r")
            c.expect(r"^3000$")
            lines = re.search(r"^1$.*^3000$", c.text, re.M | re.S).group().split()
            check(lines == [str(n) for n in range(1, 3001)], "some of it is lost")
        with Terminal([TOOL, "console", "phone", "--socket", m.socket], 200) as c:      # which the first has let go
            c.type("echo I am $((40 + 4))\r")
            c.expect(r"^I am 44$")
        says(m, "console", "nobody", code=2, words="no VM is called 'nobody'; write one of: phone, radio")
        check_that_it_lives(m)


def test_a_link_without_a_right_is_refused_and_told_where_to_look():
    with Machine(IDLE, radio(**LONG), management={"uart": ["list"]}) as m:
        m.expect(RADIO)
        says(m, "stop", "other", code=1, words="the machine's configuration does not allow this; see management:")
        says(m, "console", "other", code=2, words="does not allow")
        check(state(m, "other") == "running", "it was stopped")


def test_a_machine_goes_on_while_a_vm_is_stopped_or_absent_and_ends_when_it_is_off():
    with Machine(radio(cmdline="seconds=2"), hostile("spin", name="other")) as m:
        m.belay("stop", "other", "radio")
        check(state(m, "radio") == "stopped" and state(m, "other") == "stopped", "they run")
        m.belay("destroy", "other")
        m.belay("start", "radio")
        m.expect(r"radio: turned itself off")
        check(state(m, "radio") == "off", "it runs")


def test_many_clients_at_once_and_those_that_do_not_read_delay_nobody():
    with Machine(linux(run="while true; do seq 1000 1200; usleep 200000; done"), radio(**LONG)) as m:
        m.expect(r"^\[phone\] 1200$")
        m.belay("ps")
        clients = [Client(m.socket) for _ in range(14)]
        for c in clients:
            c.hello()
        clients[0].ask(manage.OPEN, struct.pack("<HHI", 0, 0, 0xffffffff))     # and never reads what comes
        for c in clients[1:]:
            c.send(frame(manage.VM, struct.pack("<HH", 0, 0)) * 20)
        check(state(m, "phone") == "running", "it does not run")
        clients[1].socket.close()
        m.expect(RADIO)
        check(state(m, "phone") == "running", "it does not run")
        for c in clients:
            c.socket.close()
        with Client(m.socket) as c:
            check(c.hello()[0] == manage.OK, "not welcome")
            check(c.ask(manage.OPEN, struct.pack("<HHI", 0, 0, 100))[0] == manage.OK, "a stream was left open")
        check_that_it_lives(m)


def refuse_all(c):
    """Requests that are right frames and wrong all the same; the status that each has to have."""
    check(c.ask(manage.MACHINE)[0] == manage.EHELLO, "it answers before hello")
    check(c.ask(manage.HELLO, struct.pack("<HH", 2, 9))[0] == manage.EVERSION, "another version")
    check(c.hello()[0] == manage.OK, "not welcome")
    check(c.ask(99)[0] == manage.ETYPE, "another type")
    check(c.ask(manage.VM)[0] == manage.EPAYLOAD, "a VM without a number")
    check(c.ask(manage.LOG, bytes(480))[0] == manage.EPAYLOAD, "a long payload")
    for number in 2, 16, 65528:
        check(c.ask(manage.VM, struct.pack("<HH", number, 0))[0] == manage.EVM, f"VM {number}")
        check(c.ask(manage.VCPU, struct.pack("<HH", 0, number))[0] == manage.EVM, f"vCPU {number}")
        check(c.ask(manage.CONTROL, struct.pack("<HH", number, 2))[0] == manage.EVM, f"control of VM {number}")
        check(c.ask(manage.CONTROL, struct.pack("<HH", 0, number + 7))[0] == manage.EUNSUPPORTED, f"control {number + 7}")
        check(c.ask(manage.OPEN, struct.pack("<HHI", 0, number, 1))[0] == manage.ESTREAM, f"console of VM {number}")
        check(c.ask(manage.OPEN, struct.pack("<HHI", number + 1, 0, 1))[0] == manage.EPAYLOAD, f"stream kind {number}")
    check(c.ask(manage.CLOSE, stream=5)[0] == manage.ESTREAM, "a stream that is not its own")


def noise(seed):
    """What no client would send."""
    choose = random.Random(seed)
    right = frame(manage.VM, struct.pack("<HH", 0, 0))
    yield choose.randbytes(5000)
    yield right[:-5] + frame(manage.CONTROL, struct.pack("<HH", 0, 2), crc=0x12345678)
    for _ in range(200):
        bad = bytearray(right)
        bad[choose.randrange(1, len(bad) - 1)] ^= 1 << choose.randrange(8)
        yield bytes(bad)
    for _ in range(200):
        yield frame(choose.randrange(256), choose.randbytes(choose.randrange(480)), choose.randrange(20),
                    choose.randrange(60))
    yield frame(manage.HELLO, struct.pack("<HH", 1, 1), version=200)
    yield bytes(1 << 20)        # a megabyte without an end
    yield right[:7]             # and goes away in the middle


def test_clients_that_send_what_they_like_harm_nobody():
    with Machine(IDLE, radio(**LONG)) as m:
        m.expect(RADIO)
        m.belay("ps")
        with Client(m.socket) as c:
            refuse_all(c)
        for seed in range(3):
            with Client(m.socket) as c:
                for data in noise(seed):
                    if data[2:3] != bytes([manage.CONTROL]):    # one in a million of them might be right
                        c.send(data)
        check_that_it_lives(m)


def test_a_wire_that_brings_anything_harms_nobody():
    """The second UART itself, without a broker that lets only frames pass."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as name:
        uart = pathlib.Path(name) / "uart"
        bundle = pack(name, radio("other", priority=190, **LONG), radio(**LONG))     # time to listen
        with Board(bundle, "-chardev", f"socket,id=m,path={uart},server=on,wait=off", "-device", "pci-serial,chardev=m",
                   limit=200) as m:
            m.expect(RADIO)
            with Client(uart, 150) as c:
                check(c.hello()[0] == manage.OK, "not welcome")
                for data in noise(7):
                    if data[2:3] != bytes([manage.CONTROL]):
                        c.send(data)
                c.send(manage.END)
                check(c.hello()[0] == manage.OK, "not welcome any more")
                status, answer = c.ask(manage.VM, struct.pack("<HH", 1, 0))
                check(status == manage.OK and answer[8:13] == b"radio", f"{answer}")
            m.expect(RADIO)
            check(not re.search(r"missed [1-9]|bad [1-9]|died|hung", m.text), "somebody has noticed")


class Shell:
    """Frames by the phone's second UART: its shell writes them as they are, and shows what comes as hexadecimal numbers."""

    READ = "while x=$(dd bs=128 count=1 <&3 2>/dev/null | hexdump -v -e '1/1 \"%02x\"'); do echo came: $x :came; done &\r"

    def __init__(self, m):
        self.m, self.rest = m, b""
        m.type("exec 3<>/dev/ttyAMA1; stty raw -echo <&3; ls /dev/ttyAMA*\r")
        m.expect(r"^\[phone\] /dev/ttyAMA0 +/dev/ttyAMA1$")
        m.type(self.READ)

    def frames(self):
        """One after the other, as they come."""
        while True:
            *whole, self.rest = self.rest.split(manage.END)
            yield from (manage.unframe(body) for body in whole if body)
            self.rest += bytes.fromhex(self.m.expect(r"came: ([0-9a-f]+) :came$").group(1))

    def ask(self, kind, payload=b"", sequence=0x5a):
        """The status that the answer begins with."""
        octal = "".join(f"\\{byte:03o}" for byte in frame(kind, payload, channel=3, sequence=sequence))
        self.m.type(f"printf '{octal}' >&3\r")
        for *head, answer in self.frames():
            if head == [kind | manage.ANSWER, 3, 0, sequence]:
                return struct.unpack("<I", answer[:4])[0]


def escaped_sum(kind, status):
    """The number of a request whose answer, that status, has a sum of which a byte is escaped on the wire."""
    answers = (frame(kind | manage.ANSWER, struct.pack("<I", status), channel=3, sequence=n) for n in itertools.count(1))
    return next(n for n, answer in enumerate(answers, 1) if manage.ESC in answer)


def test_a_vm_that_may_manage_does_by_a_uart_of_its_own_and_no_more_than_it_may():
    with Machine(linux(manages=["list"]), radio(**LONG), management={"uart": []}) as m:
        m.expect(PROMPT)
        shell = Shell(m)
        check(shell.ask(manage.MACHINE) == manage.EHELLO, "it answers before hello")
        check(shell.ask(manage.HELLO, struct.pack("<HH", 1, 1)) == manage.OK, "not welcome")
        check(shell.ask(manage.VM, struct.pack("<HH", 1, 0)) == manage.OK, "it may not list")
        check(shell.ask(manage.CONTROL, struct.pack("<HH", 1, 2), escaped_sum(manage.CONTROL, manage.ERIGHT)) == manage.ERIGHT,
              "it may control")
        check(shell.ask(manage.OPEN, struct.pack("<HHI", 0, 1, 9)) == manage.ERIGHT, "it may open a console")
        m.expect(RADIO)
        check(not re.search(r"missed [1-9]|bad [1-9]", m.text), "the radio has missed something")


def test_a_vm_that_manages_sends_as_fast_as_a_slow_manager_reads():
    """Once its ring was full it went on only when the steward looked at the services, once a second."""
    with Machine(linux(manages=["list"]), management={"uart": []},
                 services={"manager": {"priority": 90, "budget": "100us", "period": "20ms"}}) as m:
        m.expect(PROMPT)
        m.type("stty raw -echo </dev/ttyAMA1; head -c 65536 /dev/zero >/tmp/noise; time cat /tmp/noise >/dev/ttyAMA1\r")
        took = float(m.expect(r"real\s+0m (\d+\.\d+)s").group(1))
        check(took < 2, f"it took {took} s")


@for_each("dies", "hangs")
def test_a_manager_that_falls_is_run_again_and_its_clients_come_back(falls):
    """And nobody else notices."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        debugger = Debugger(folder)
        with Machine(linux(), radio(**LONG), qemu=debugger.qemu) as m:
            m.expect(PROMPT)
            with Terminal([TOOL, "console", "phone", "--socket", m.socket], 200) as c:
                c.type("echo before\r")
                c.expect(r"^before$")
                if falls == "dies":
                    kill_service(debugger, "manager")
                else:
                    hang_service(debugger, "manager", "service_main")
                m.expect(r"manager: (died|hung)")
                m.expect(r"manager: restarted")
                c.ends(0)
            check(state(m, "phone") == "running", "it does not run")
            with Terminal([TOOL, "console", "phone", "--socket", m.socket], 200) as c:
                c.type("echo after\r")
                c.expect(r"^after$")
            check_that_it_lives(m)


def test_a_board_without_a_second_uart_runs_and_says_so_only_when_asked():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as name:
        with Board(pack(name, radio(cmdline="seconds=1"))) as m:
            m.ends(0)
            check("management" not in m.text, "it complains")
        with Board(pack(name, radio(cmdline="seconds=1"), management={"uart": ["list"]})) as m:
            m.expect(r"^belay: no management: PCI Express has no serial port$")
            m.ends(0)


def test_a_machine_without_management_has_no_way_in():
    with Machine(radio(cmdline="seconds=1"), management={"uart": []}) as m:
        m.ends(0)
        check(not m.socket.exists(), "it has a socket")
    done = subprocess.run([TOOL, "ps", "--socket", m.socket], capture_output=True, text=True, timeout=LIMIT)
    check(done.returncode == 2 and "belay run FILE --socket PATH makes it" in done.stderr, f"{done}")
