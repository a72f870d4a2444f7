# SPDX-License-Identifier: Apache-2.0
"""The broker in `belay run` and the clients that connect to it, with a stand-in for QEMU that plays the machine."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import stat
import struct
import subprocess
import tempfile

import manage
from manage import Client, frame
from standin import Place, wait_until
from testing import LIMIT, ROOT, TOOL, check

# Answers by what `answers` makes of a request; begins as a manager does.
MACHINE = f"""
import socket, struct, time
sys.path.insert(0, {str(ROOT / "tests/lib")!r})
import manage
def answer(kind, channel, payload):
    if kind == manage.HELLO:
        return struct.pack("<IHHI", 0, 1, 480, 31)
    if kind == manage.MACHINE:
        return struct.pack("<IIIIQQQ", 0, 1, 1, 120, 1000, 5000, 4096)
    if kind == manage.VM:
        return struct.pack("<II16sIIIIQQQQQ", 0, 1, b"phone", 1, 10, 0, 1, 4096, 1000, 500, 0, 0)
    if kind == manage.VCPU:
        return struct.pack("<IIQIII7IIIQQ", 0, 0, 500, 0, 0, 0, *range(7), 4, 0, 2, 1)
    return struct.pack("<I", manage.ETYPE)
uart = manage.Client.__new__(manage.Client)
uart.socket = socket.socket(fileno=int([a for a in arguments if a.startswith('socket,id=manage')][0].split('fd=')[1]))
uart.deadline, uart.rest = time.monotonic() + 60, b""
uart.send(manage.frame(manage.GOODBYE, channel=0))
"""
SERVE = """
while True:
    kind, channel, stream, sequence, payload = uart.read()
    if kind != manage.GOODBYE:
        uart.send(manage.frame(kind | manage.ANSWER, answer(kind, channel, payload), channel, stream, sequence))
"""


@contextlib.contextmanager
def machine(script=SERVE, folder=None, options=(), name="phone"):
    """A Place whose stand-in runs; what is in `folder` is where machines are found."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as own:
        p = Place(own, MACHINE + script)
        (p.path / "phone.yaml").rename(p.path / f"{name}.yaml") if name != "phone" else None
        p.command[2] = p.path / f"{name}.yaml"
        p.runtime = folder or p.path / "runtime"
        pathlib.Path(p.runtime).mkdir(exist_ok=True)
        p.environment = {**os.environ, "XDG_RUNTIME_DIR": str(p.runtime)}
        with subprocess.Popen([*p.command, *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, env=p.environment, text=True) as p.process:
            try:
                p.qemu_pid()
                yield p
            finally:
                p.process.send_signal(signal.SIGINT)
                p.words = p.process.communicate(timeout=LIMIT)[1]


def belay(p, *command):
    return subprocess.run([TOOL, *map(str, command)], capture_output=True, text=True, timeout=LIMIT, env=p.environment,
                          stdin=subprocess.DEVNULL)


def expect(done, code, *words):
    check(done.returncode == code, f"exit code {done.returncode}, not {code}: {done.stdout}{done.stderr}")
    for word in words:
        check(word in done.stdout + done.stderr, f"no {word!r} in: {done.stdout}{done.stderr}")


def test_the_only_machine_is_found_without_a_name():
    with machine() as p:
        expect(belay(p, "ps"), 0, "phone           running")
        expect(belay(p, "ps", "--machine", "phone"), 0, "phone           running")
        expect(belay(p, "ps", "--machine", "radio"), 2, "no machine 'radio' runs; write --machine and one of: phone")
        expect(belay(p, "stop", "radio"), 2, "no VM is called 'radio'; write one of: phone")
        expect(belay(p, "stop", "phone"), 1, "phone: the machine does not know this request")


def test_without_a_machine_one_is_told_how_to_start_one():
    with machine() as p:
        pass
    p.environment["XDG_RUNTIME_DIR"] = "/nonexistent"
    expect(belay(p, "ps"), 2, "no machine runs here; start one with belay run")
    expect(belay(p, "ps", "--machine", "phone"), 2, "no machine 'phone' runs; start it with belay run phone.yaml")


def test_machines_of_one_name_are_told_apart():
    with machine() as p, machine(folder=p.runtime), machine(folder=p.runtime, name="tablet"):
        listed = belay(p, "ps")
        expect(listed, 2, "several machines run; write --machine and one of: ")
        names = listed.stderr.split("one of: ")[1].strip().split(", ")
        check(sorted(names) == ["phone", "phone-2", "tablet"], f"{names}")
        expect(belay(p, "ps", "--machine", "phone-2"), 0, "running")


def test_a_socket_is_its_users_alone_and_gone_with_its_machine():
    with machine() as p:
        path = p.runtime / "belay" / "phone.sock"
        check(stat.S_IMODE(path.stat().st_mode) == 0o600, "others may connect")
        check(stat.S_IMODE(path.parent.stat().st_mode) == 0o700, "others may look")
    check(not path.exists(), "it is still there")


def test_what_a_machine_that_was_killed_left_is_replaced():
    with machine() as p:
        path = p.runtime / "belay" / "phone.sock"
        path.parent.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as s:
        p.runtime.mkdir(parents=True)
        path.parent.mkdir(0o700)
        s.bind(str(path))
    check(path.exists(), "there is nothing to replace")
    with machine(folder=p.runtime) as q:
        expect(belay(q, "ps"), 0, "running")
        check([f.name for f in path.parent.iterdir()] == ["phone.sock"], "it has another name")
    subprocess.run(["rm", "-r", p.runtime], check=True)


def test_a_file_that_is_no_socket_is_left_alone():
    with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        p = Place(folder, "")
        done = subprocess.run([*p.command, "--socket", file.name], capture_output=True, text=True, timeout=LIMIT)
        expect(done, 2, f"--socket {file.name}: Address already in use")
        check(os.path.exists(file.name), "it is gone")


def test_a_machine_that_can_t_have_a_socket_runs_and_says_so():
    with machine(folder="/proc") as p:
        pass
    check("belay ps and others won't find this machine: /proc/belay: " in p.words, p.words)


def test_a_folder_that_others_may_write_to_is_not_believed():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        (pathlib.Path(folder) / "belay").mkdir(0o777)
        (pathlib.Path(folder) / "belay").chmod(0o777)
        with machine(folder=folder) as p:
            expect(belay(p, "ps"), 2, "no machine runs here")
        check("won't find this machine" in p.words, p.words)


def test_each_client_has_a_channel_and_too_many_are_turned_away():
    with machine() as p:
        path = p.runtime / "belay" / "phone.sock"
        clients = [Client(path, LIMIT) for _ in range(15)]
        for c in clients:
            check(c.ask(manage.HELLO, struct.pack("<HH", 1, 1), channel=9)[0] == manage.OK, "not welcome")
        expect(belay(p, "ps"), 2, "the machine has ended, or has too many clients")
        clients[3].socket.close()
        wait_until(lambda: belay(p, "ps").returncode == 0, "there is no room")
        for c in clients:
            c.socket.close()


def test_a_client_that_is_gone_is_made_known_to_the_machine():
    heard = """
log = open(sys.argv[0] + '.log', 'a', buffering=1)
while True:
    kind, channel, stream, sequence, payload = uart.read()
    print(kind, channel, payload.hex(), file=log)
"""
    with machine(heard) as p:
        with Client(p.runtime / "belay" / "phone.sock", LIMIT) as c:
            c.send(frame(manage.DATA, b"hello", channel=77) + frame(manage.DATA, b"world", crc=5) + frame(manage.DATA)[:9])
        log = p.path / "qemu.log"
        wait_until(lambda: log.exists() and log.read_text() == f"{manage.DATA} 1 68656c6c6f\n{manage.GOODBYE} 1 \n",
                   "something else")


def test_clients_of_a_manager_that_begins_anew_are_let_go():
    anew = """
uart.read()
uart.send(manage.frame(manage.GOODBYE, channel=0))
""" + SERVE
    with machine(anew) as p:
        expect(belay(p, "ps"), 2, "the machine has ended")
        expect(belay(p, "ps"), 0, "running")


def answers(kind, payload):
    """A machine whose answer to that is another."""
    return f"""
right = answer
def answer(kind, channel, payload):
    return {payload} if kind == {kind} else right(kind, channel, payload)
""" + SERVE


def test_stop_tells_the_vm_and_waits_till_it_has_stopped_and_now_cuts_its_power():
    stops = """
heard, left = [], 0
while True:
    kind, channel, stream, sequence, payload = uart.read()
    out = answer(kind, channel, payload)
    if kind == manage.CONTROL:
        heard.append(struct.unpack('<HH', payload))
        left, out = 5 * (heard[-1][1] == 8), struct.pack('<I', 0)
        open(sys.argv[0] + '.log', 'a').write(f'{heard[-1]}')
    elif kind == manage.VM and heard:
        open(sys.argv[0] + '.log', 'a').write('.' * (left > 0))
        out += struct.pack('<II', 1, left > 0)
        left -= left > 0
    if kind != manage.GOODBYE:
        uart.send(manage.frame(kind | manage.ANSWER, out, channel, stream, sequence))
"""
    with machine(stops) as p:
        expect(belay(p, "stop", "phone"), 0, "phone: stopped\n")
        check((p.path / "qemu.log").read_text() == "(0, 8).....", "it was not told, or not waited for")
        expect(belay(p, "stop", "phone", "--now"), 0, "phone: stopped\n")
        check((p.path / "qemu.log").read_text() == "(0, 8).....(0, 2)", "it was told, or waited for")
        expect(belay(p, "start", "phone", "--now"), 2, "usage: belay start")


def test_a_machine_that_says_what_can_t_be_is_not_believed():
    wrong = [
        (manage.HELLO, "b''", "too short"), (manage.MACHINE, "struct.pack('<IIIIQQQ', 0, 99, 1, 1, 1, 1, 1)", "can't be"),
        (manage.MACHINE, "bytes(40)", "can't be"), (manage.VM, "bytes(8) + b'\\x1b[2J' + bytes(480 - 12)", "can't be"),
        (manage.VM, "bytes(8) + b'phone' + bytes(11) + b'\\xff' * 400", "can't be"),
        (manage.VM, "struct.pack('<I', 10) + b'bad \\x1b[2J words'", "bad ?[2J words"),
        (manage.LOG, "struct.pack('<IIQQ', 0, 0xffffffff, 0, 0)", "can't be"),
    ]
    for kind, payload, words in wrong:
        with machine(answers(kind, payload)) as p:
            done = belay(p, "log" if kind == manage.LOG else "ps")
            expect(done, 2, words)
            check("\x1b" not in done.stdout + done.stderr, "it talks to the terminal")


def columns(table):
    """Of a table of one VM: what stands under each head."""
    heads, row = (line.split() for line in table.splitlines()[-2:])
    return dict(zip(heads, row, strict=True))


def test_top_tells_how_late_a_vcpu_was_on_average_and_at_worst():
    with machine() as p:            # which is up for 5 s, and has 1,000 ticks a second
        shown = belay(p, "top", "-n", "1")
        expect(shown, 0)
        got = columns(shown.stdout)
        check((got["WAKE/s"], got["LATE"], got["WORST"], got["MEMORY"]) == ("1", "500us", "1ms", "4K"), f"{got}")
        vcpu, = json.loads(belay(p, "top", "--json").stdout)["vcpus"]
        check((vcpu["wakes"], vcpu["late_seconds"], vcpu["late_worst_seconds"]) == (4, 0.002, 0.001), f"{vcpu}")


def test_top_shows_the_lateness_since_its_last_table_and_anew_when_the_vm_was_started_again():
    turns = '''
asked = 0
def late(payload):
    global asked
    asked += 1
    wakes, total = ((10, 100), (12, 104), (3, 9))[asked - 1]
    return struct.pack("<IIQIII7IIIQQ", 0, 0, 500, 0, 0, 0, *range(7), wakes, 0, total, 50)
'''
    with machine(turns + answers(manage.VCPU, "late(payload)")) as p:
        shown = belay(p, "top", "-n", "3", "-d", "1")
        expect(shown, 0)
        got = [columns(table)["LATE"] for table in shown.stdout.split("up 5.000 s")[1:]]
        check(got == ["10ms", "2ms", "3ms"], f"{got}: {shown.stdout}")


def test_a_machine_that_does_not_tell_how_late_its_vcpus_were_is_shown_without():
    short = 'struct.pack("<IIQIII7I", 0, 0, 500, 0, 0, 0, *range(7))'
    with machine(answers(manage.VCPU, short)) as p:
        shown = belay(p, "top")
        expect(shown, 0)
        got = columns(shown.stdout)
        check((got["WAKE/s"], got["LATE"], got["WORST"]) == ("0", "-", "-"), f"{got}")


def test_what_is_written_wrong_shows_how_to_write_it():
    with tempfile.TemporaryDirectory() as folder:
        for command in (["ps", "x"], ["stop"], ["console"], ["console", "a", "b"], ["top", "-n", "0"], ["top", "-n", "x"],
                        ["log", "--what"], ["console", "a", "--json"]):
            done = subprocess.run([TOOL, *command], capture_output=True, text=True, timeout=LIMIT,
                                  env={**os.environ, "XDG_RUNTIME_DIR": folder})
            expect(done, 2, f"usage: belay {command[0]}")
        for command in "ps", "top", "console", "log", "start", "stop", "pause", "resume", "reset":
            done = subprocess.run([TOOL, command, "--help"], capture_output=True, text=True, timeout=LIMIT)
            expect(done, 0, f"belay {command}")
