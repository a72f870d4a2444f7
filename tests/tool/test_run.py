# SPDX-License-Identifier: Apache-2.0
"""`belay run` with a stand-in for QEMU, which says on its console what a test wants to see answered."""
import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time

from standin import is_gone, place, wait_until, write_program
from testing import LIMIT, TOOL, check

ALL_WELL = "print('belay: all VMs are off, 0 failed', flush=True)"
STAY = "import time; time.sleep(600)"


def run(script, *more, keys=b""):
    with place(script) as p:
        done = subprocess.run([*p.command, *more], input=keys, capture_output=True, timeout=LIMIT)
        check(is_gone(p.qemu_pid()), "QEMU still runs")
        return done


def expect(done, code, *words):
    text = done.stdout.decode() + done.stderr.decode()
    check(done.returncode == code, f"exit code {done.returncode}, not {code}:\n{text}")
    for word in words:
        check(word in text, f"no {word!r} in:\n{text}")


def test_run_ends_well_when_all_vms_are_off():
    expect(run("print('[phone] bye');" + ALL_WELL), 0, "[phone] bye\n")


def test_run_fails_when_a_vm_failed():
    expect(run("print('belay: all VMs are off, 1 failed')"), 1, "1 of the VMs failed")


def test_run_does_not_believe_a_vm_that_says_the_last_line():
    expect(run("print('[phone] belay: all VMs are off, 0 failed')"), 1, "before all VMs were off")


def test_run_fails_when_qemu_ends_early():
    expect(run("sys.exit(3)"), 1, "QEMU ended with status 3")


def test_run_fails_when_qemu_dies():
    expect(run("os.kill(os.getpid(), 11)"), 1, "signal 11")


def test_run_ends_a_machine_that_has_halted():
    expect(run("print('belay: panic: assertion: sched.c: 0x1', flush=True);" + STAY), 1, "panic", "halted")


def test_run_passes_on_what_qemu_complains_of():
    expect(run("print('qemu: no such option', file=sys.stderr); sys.exit(1)"), 1, "qemu: no such option")


def test_run_gives_up_after_its_timeout():
    expect(run(STAY, "--timeout", "200ms"), 1, "the time is up")


def test_run_names_a_qemu_that_is_not_there():
    with place("") as p:
        done = subprocess.run([*p.command, "--qemu", "no-such-qemu"], capture_output=True, timeout=LIMIT)
        expect(done, 2, "no-such-qemu", "No such file")


def test_run_starts_qemu_as_the_board_with_the_bundle():
    script = "bundle = open(arguments[arguments.index('-initrd') + 1], 'rb').read();" \
             "print('bundle', len(bundle), bundle[:4].hex()); print('arguments', arguments[1:]);" + ALL_WELL
    done = run(script, "--cpu", "max", "--", "-device", "x")
    expect(done, 0, "d00dfeed", "'max,cntfrq=1000000000'", "'shift=0,sleep=off'", "'-m', '1048576K'", "'-device', 'x']")


def test_run_has_the_time_of_the_host_if_told_so():
    done = run("print('arguments', arguments[1:]);" + ALL_WELL, "--wall-clock")
    expect(done, 0, "'cortex-a57'")
    check("icount" not in done.stdout.decode(), "icount is on")


def test_run_hands_over_the_bundle_that_pack_writes():
    with place("open('{0}', 'wb').write(open(arguments[arguments.index('-initrd') + 1], 'rb').read());" + ALL_WELL) as p:
        qemu = p.path / "qemu"
        write_program(qemu, qemu.read_text().replace("{0}", str(p.path / "seen")))
        expect(subprocess.run(p.command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT), 0)
        subprocess.run([TOOL, "pack", p.path / "phone.yaml", "-o", p.path / "packed", "--build", p.path], check=True,
                       timeout=LIMIT)
        check((p.path / "seen").read_bytes() == (p.path / "packed").read_bytes(), "they differ")


def test_run_works_with_standard_files_closed():
    script = "bundle = open(arguments[arguments.index('-initrd') + 1], 'rb').read(4).hex();" \
             "print('[phone]', bundle, flush=True);" + ALL_WELL
    for closed in ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"]:
        with place(script) as p:
            shell = f'exec "$@" {closed}'
            done = subprocess.run(["sh", "-c", shell, "sh", *p.command, "--log", p.path / "log"], capture_output=True,
                                  stdin=subprocess.DEVNULL, timeout=LIMIT)
            expect(done, 0)
            check(b"d00dfeed" in (p.path / "log").read_bytes(), f"with {closed}: not the bundle")


def test_run_passes_bytes_of_a_pipe_as_they_are():
    script = "sys.stdout.buffer.write(sys.stdin.buffer.read(6).hex().encode() + b'\\n');" + ALL_WELL
    expect(run(script, keys=b"\x03\x1dc\r\n\x00"), 0, "031d630d0a00")


def test_run_passes_much_input_whole():
    """More than a pipe and all buffers hold."""
    script = "data = sys.stdin.buffer.read(300000); print(len(data), sum(data));" + ALL_WELL
    data = bytes(range(250)) * 1200
    expect(run(script, keys=data), 0, f"{len(data)} {sum(data)}")


def test_run_writes_the_console_to_a_log():
    with place("sys.stdout.buffer.write(bytes(range(256)) + b'\\n');" + ALL_WELL) as p:
        done = subprocess.run([*p.command, "--log", p.path / "log"], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=LIMIT)
        check(done.returncode == 0 and done.stdout == (p.path / "log").read_bytes(), "the log is another")


def interrupt(number):
    with place(STAY) as p, subprocess.Popen(p.command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as belay:
        qemu = p.qemu_pid()
        belay.send_signal(number)
        code = belay.wait(LIMIT)
        wait_until(lambda: is_gone(qemu), "QEMU still runs")
        return code


def test_run_ends_qemu_on_an_interrupt():
    check(interrupt(signal.SIGINT) == 130, "another exit code")
    check(interrupt(signal.SIGTERM) == 128 + signal.SIGTERM, "another exit code")
    check(interrupt(signal.SIGHUP) == 128 + signal.SIGHUP, "another exit code")


FLOOD = "while True: print('[phone] ' + 'x' * 100)"


class Unread:
    """`belay run` whose output nobody reads: it goes to a pipe or a terminal that is full at once."""

    def __init__(self, p, end, *more, errors=subprocess.DEVNULL):
        self.process = subprocess.Popen([*p.command, *more], stdin=subprocess.DEVNULL, stdout=end, stderr=errors)
        self.qemu = p.qemu_pid()
        time.sleep(0.5)

    def ends(self, code):
        done = self.process.wait(LIMIT)
        check(done == code, f"exit code {done}")
        wait_until(lambda: is_gone(self.qemu), "QEMU still runs")


def two_ways_out():
    for make in [os.pipe, pty.openpty]:
        ends = make()
        yield ends[1]
        for fd in ends:
            os.close(fd)


def test_run_ends_on_an_interrupt_though_nobody_reads_its_output():
    for number, code in [(signal.SIGINT, 130), (signal.SIGTERM, 128 + signal.SIGTERM)]:
        for end in two_ways_out():
            with place(FLOOD) as p:
                run = Unread(p, end)
                run.process.send_signal(number)
                run.ends(code)


def test_run_gives_up_after_its_timeout_though_nobody_reads_its_output():
    for end in two_ways_out():
        with place(FLOOD) as p:
            Unread(p, end, "--timeout", "700ms").ends(1)
    for end in two_ways_out():
        with place(FLOOD) as p:
            Unread(p, end, "--timeout", "700ms", errors=end).ends(1)


def test_run_waits_for_a_slow_reader():
    with place("sys.stdout.write(('x' * 99 + '\\n') * 3000); sys.stdout.flush();" + ALL_WELL) as p:
        with subprocess.Popen(p.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as belay:
            time.sleep(0.5)
            text = belay.stdout.read()
            check(belay.wait(LIMIT) == 0 and text.count(b"x") == 3000 * 99, "some of it is lost")


def test_run_takes_a_very_long_timeout():
    expect(run(ALL_WELL, "--timeout", "18446744060s"), 0)


def test_run_leaves_no_qemu_even_when_it_is_killed():
    check(interrupt(signal.SIGKILL) == -signal.SIGKILL, "another exit code")


class Keyboard:
    """`belay run` on a terminal of its own."""

    def __init__(self, p):
        self.fd, inner = pty.openpty()
        self.before = termios.tcgetattr(self.fd)
        self.process = subprocess.Popen(p.command, stdin=inner, stdout=inner, stderr=inner, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.inner = inner      # kept open, so that what was written last can be read
        self.text = b""

    def expect(self, words):
        end = time.monotonic() + LIMIT
        while words not in self.text:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            check(ready, f"no {words} in {self.text}")
            self.text += os.read(self.fd, 4096)

    def type(self, keys):
        os.write(self.fd, keys)

    def ends(self, code):
        check(self.process.wait(LIMIT) == code, "another exit code")
        check(termios.tcgetattr(self.fd) == self.before, "the terminal is not as it was")
        os.close(self.fd)
        os.close(self.inner)


READY = "print('ready', flush=True)\n"


def test_keys_reach_the_guest_one_by_one_and_unseen():
    script = READY + "key = sys.stdin.buffer.read(1); print('key', key.hex())\n" + ALL_WELL
    with place(script) as p:
        k = Keyboard(p)
        k.expect(b"ready")
        k.type(b"Q")
        k.expect(b"key 51")
        check(b"Q" not in k.text.split(b"ready")[1], "the key was echoed")
        k.ends(0)


def test_control_c_ends_it_and_gives_the_terminal_back():
    with place(READY + STAY) as p:
        k = Keyboard(p)
        k.expect(b"ready")
        k.type(b"\x03")
        k.ends(130)
        check(is_gone(p.qemu_pid()), "QEMU still runs")


def test_control_bracket_c_types_control_c_for_the_guest():
    script = READY + "keys = sys.stdin.buffer.read(6); print('keys', keys.hex())\n" + ALL_WELL
    with place(script) as p:
        k = Keyboard(p)
        k.expect(b"ready")
        k.type(b"\x1dc\x1d2\x1d\x1d\x1a")
        k.expect(b"keys 031d321d1d1a")
        k.ends(0)
