# SPDX-License-Identifier: Apache-2.0
"""VMs that are debugged with GDB, of which nobody else notices anything."""
import random
import re
import tempfile

from debugger import Debugger, kill_service
from gdb import Gdb, Remote
from machine import PROMPT, RADIO, Machine, hostile, linux, radio
from testing import ROOT, check, for_each

LONG = {"cmdline": "seconds=100000"}
MISSED_NOTHING = r"^\[other\] radio: \d+ s, frames \d+, missed 0, voice \d+, bad 0"
ENTRY = 0x40100000


def other(**more):
    """A radio beside the VM that is debugged, on the same core and before it."""
    return radio("other", priority=210, **{**LONG, **more})


def debugged(**more):
    return radio(priority=190, debug="yes", **{**LONG, **more})


def check_others(m):
    m.expect(MISSED_NOTHING)
    check(not re.search(r"^\[other\].*(missed [1-9]|bad [1-9])", m.text, re.M), "the other radio has missed something")


def runs(m):
    m.expect_all(r"^\[radio\] radio: \d+ s", MISSED_NOTHING)


def test_linux_is_debugged_on_two_vcpus_while_the_radio_beside_it_misses_nothing():
    with Machine(linux(debug="yes", cpus=[0, 0]), other()) as m:
        m.expect(PROMPT)
        m.type("grep ' do_sys_openat2$' /proc/kallsyms\r")
        openat = int(m.expect(r"([0-9a-f]{16}) t do_sys_openat2$").group(1), 16)
        m.type("while cat /proc/uptime >/dev/null; do :; done &\r")
        with Gdb(m, "phone") as g:
            g.says("info threads", r"Thread 1 \(vCPU 0\)[^$]*Thread 2 \(vCPU 1\)")
            g.ask(f"break *{openat:#x}")
            g.says("continue", rf"hit Breakpoint 1, {openat:#018x}")
            path = g.says("x/s $x1", r'"(/[^"]*)"').group(1)
            check(path.startswith(("/proc/uptime", "/dev/null", "/lib", "/etc")), f"it opens {path}")
            g.says("info registers pc cpsr", rf"pc +{openat:#x}[^$]*cpsr +0x")
            g.says("stepi", rf"{openat + 4:#x}")
            g.says("stepi", rf"{openat + 8:#x}")
            g.says("x/2i $pc", rf"=> {openat + 8:#x}")
            g.ask("delete")
            g.ask("set $call = ((long)$sp | 0x3fff) + 1 - 336")      # struct pt_regs, at the end of the stack
            g.ask("watch *(long *)$call")
            g.says("continue", r"Hardware watchpoint 2[\s\S]*Old value = -100\nNew value = ")
            g.says("x/i $pc - 4", r"str\tx0, \[")
            g.ask("delete")
            g.ask(f"hbreak *{openat:#x}")
            g.says("continue", r"hit Breakpoint 3")
            g.says("detach", r"detached")
        m.type("kill %1; echo still $((6 * 7))\r")
        m.expect(r"^\[phone\] still 42$")
        check_others(m)


def test_a_bare_guest_is_debugged_by_its_symbols():
    with Machine(debugged(), other()) as m:
        m.expect(MISSED_NOTHING)
        with Gdb(m, "radio", RADIO) as g:
            g.says("backtrace", r"guest_main")
            g.ask("break fp_intact")
            g.says("continue", r"Breakpoint 1, fp_intact")
            g.says("p/x $v31.q.u", r"0x5a17c0dec0de001f5a17c0dec0de001f")
            g.says("p/x $fpcr", r"0xc00000")
            g.says("finish", r"kernel_run")
            g.says("p $x0", r"= 1$")
            g.ask("delete")
            g.ask("watch counters.frames")
            old, new = map(int, g.says("continue", r"Old value = (\d+)\nNew value = (\d+)").groups())
            check(new == old + 1, f"{old} became {new}")
            g.says("p counters.frames", rf"= {new}$")
            g.ask("delete")
            g.ask("rwatch counters.voice")
            g.says("continue", r"Hardware read watchpoint 3")
            g.ask("delete")
            g.says("next", r"^\d+\t")
            g.says("monitor phys 40000000 4", r"40000000: d0 0d fe ed")
            g.says("monitor translate 40100000", r"0x40100000")
            g.ask("set var $x7 = 0x1234")
            g.says("p/x $x7", r"0x1234")
            g.says("info registers system", r"VBAR_EL1 +0x40")
            g.says("detach", r"detached")
        runs(m)
        check_others(m)


def test_a_vm_that_runs_is_interrupted_left_and_taken_up_again():
    with Machine(debugged(), other()) as m:
        m.expect(MISSED_NOTHING)
        with Gdb(m, "radio", RADIO) as g:
            for _ in range(2):
                g.goes()
                runs(m)
                g.interrupt()
                g.says("info threads", r"vCPU 0")
            g.ask("detach")
            runs(m)
            g.says(f"target remote {g.remote}", r"Remote debugging")
            check(m.belay("ps").count("running") == 2, "a VM that is held by its debugger runs, for its manager")
            g.ask("break fp_intact")
            g.goes()
            g.expect(r"Breakpoint \d, fp_intact[^$]*\(gdb\) ")
        runs(m)                     # GDB was killed
        check_others(m)


def test_a_vm_is_caught_at_its_first_instruction():
    with Machine(debugged(), other()) as m:
        runs(m)
        m.belay("stop", "radio")
        with Gdb(m, "radio", RADIO) as g:
            g.ask(f"hbreak *{ENTRY:#x}")
            g.starts(m, "radio", "_start")
            g.says("p/x $pc", rf"{ENTRY:#x}")
            g.says("info threads", r"Thread 1 \(vCPU 0\)")
            g.ask("break guest_main")
            g.says("continue", r"Breakpoint 2, guest_main")
            g.ask("delete")
            g.goes()
            m.expect(r"^\[radio\] radio: 1 s")
            m.belay("stop", "radio")
            g.expect(r"exited normally[^$]*\(gdb\) ")
        check_others(m)


def test_a_vm_that_is_destroyed_ends_its_session_and_one_that_is_created_has_none_of_it():
    with Machine(debugged(), other()) as m:
        runs(m)
        with Gdb(m, "radio", RADIO) as g:
            g.ask("break fp_intact")
            g.goes()
            g.expect(r"Breakpoint 1, fp_intact[^$]*\(gdb\) ")
            m.belay("stop", "radio")
            m.belay("destroy", "radio")
            g.door.expect(r"its debug service began anew")
            check("belay create radio" in m.belay("gdb", "radio", code=2), "not told that it is not there")
        m.belay("create", "radio")
        with Gdb(m, "radio", RADIO) as g:
            g.ask(f"hbreak *{ENTRY:#x}")
            g.starts(m, "radio", "_start")
            g.says("x/i fp_intact", r"ldr")
            g.ask("delete")
            g.ask("detach")
        runs(m)
        check_others(m)


def test_vcpus_on_two_cpus_stop_together_and_step_alone():
    with Machine(linux(debug="yes", cpus=[0, 1]), cpus=2, options=["--wall-clock"]) as m:
        m.expect(PROMPT)
        m.type("while :; do :; done &\r")
        m.type("while :; do :; done &\r")
        with Gdb(m, "phone") as g:
            g.says("info threads", r"Thread 1 \(vCPU 0\)[^$]*Thread 2 \(vCPU 1\)")
            for thread in (2, 1):
                other_pc = g.says(f"thread apply {3 - thread} p/x $pc", r"= (0x[0-9a-f]+)").group(1)
                g.ask(f"thread {thread}")
                g.ask("set scheduler-locking on")
                pc = g.says("p/x $pc", r"= (0x[0-9a-f]+)").group(1)
                g.ask("stepi")
                check(g.says("p/x $pc", r"= (0x[0-9a-f]+)").group(1) != pc, "it has not stepped")
                g.says(f"thread apply {3 - thread} p/x $pc", rf"= {other_pc}")
                g.ask("set scheduler-locking off")
            for _ in range(3):
                g.goes()
                m.type("echo still $((6 * 7))\r")
                m.expect(r"^\[phone\] still 42$")
                g.interrupt()
            g.ask("detach")
        m.type("echo left $((6 * 7))\r")
        m.expect(r"^\[phone\] left 42$")


def test_who_may_not_be_debugged_or_has_a_debugger_is_told_so():
    with Machine(debugged(), other()) as m:
        m.expect(MISSED_NOTHING)
        check("write 'debug: yes'" in m.belay("gdb", "other", code=2), "not told of the key")
        check("no VM is called" in m.belay("gdb", "nobody", code=2), "not told of the name")
        with Gdb(m, "radio"):
            check("another debugger has it" in m.belay("gdb", "radio", code=2), "not told of the other")
        check_others(m)


def test_a_debugger_that_goes_in_the_middle_of_a_command_leaves_nothing():
    with Machine(debugged(), other()) as m:
        m.expect(MISSED_NOTHING)
        with Remote(m, 0) as r:
            r.packet(b"?")
            r.hears(b"T05")
            for address in range(ENTRY, ENTRY + 0x100, 4):
                r.packet(b"Z0,%x,4" % address)
                r.hears(b"$OK#9a")
            r.say(b"$m40100")
        runs(m)
        with Remote(m, 0) as r:
            r.packet(b"m%x,4" % ENTRY)
            r.hears(b"$")
            r.packet(b"c")
            r.say(b"$Z0,4010")
        runs(m)
        check_others(m)


def test_a_debugger_that_comes_at_once_after_another_is_heard_from_its_first_word_on():
    with Machine(debugged(), other()) as m:
        m.expect(MISSED_NOTHING)
        with Remote(m, 0) as r:
            for _ in range(20):
                r.turns(b"?")
                r.hears(b"T05")
        runs(m)
        check_others(m)


@for_each(1, 2, 3)
def test_a_debugger_that_says_anything_hurts_nobody(seed):
    chance = random.Random(seed)
    words = [b"g", b"G00", b"m4000,ffffffffffffffff", b"M40000000,4:00", b"Z0,40100000,4", b"Z2,40100000,8", b"vCont;s:1", b"c",
             b"s", b"D", b"T-1", b"qRcmd,00", b"vCont;c:p1.-1",
             b"qXfer:features:read:target.xml:ffffffffffffffff,ffffffffffffffff"]
    with Machine(debugged(), other()) as m:
        m.expect(MISSED_NOTHING)
        for _ in range(3):
            with Remote(m, 0) as r:
                for _ in range(30):
                    if chance.random() < 0.5:
                        r.packet(chance.choice(words))
                    else:
                        r.say(chance.randbytes(chance.randrange(1, 3000)))
            check_others(m)
        check("gdb-radio" not in m.text, "the service has fallen")
        with Gdb(m, "radio") as g:
            g.says("info threads", r"vCPU 0")
        check_others(m)


def test_a_debug_service_that_dies_leaves_its_vm_as_it_was():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        debugger = Debugger(folder)
        with Machine(debugged(), other(), qemu=debugger.qemu) as m:
            m.expect(MISSED_NOTHING)
            with Gdb(m, "radio", RADIO) as g:
                g.ask("break fp_intact")
                g.says("continue", r"Breakpoint 1")
                g.type("info registers\n")
                g.ask("set breakpoint always-inserted on")
                kill_service(debugger, "gdb")
                g.type("stepi\n")
                m.expect(r"^\[belay\] gdb-radio: restarted$")
                g.door.expect(r"its debug service began anew")
                g.expect(r"Remote c\w+ [^$]*\(gdb\) ")
                runs(m)
            with Gdb(m, "radio", RADIO) as g:
                g.says("x/i fp_intact", r"ldr")
                g.says("info threads", r"vCPU 0")
            runs(m)
            check_others(m)


def test_the_watchdog_of_a_vm_that_has_a_debugger_rests():
    with Machine(hostile("spin", name="stuck", watchdog="4s", debug="yes"), other()) as m:
        m.expect(MISSED_NOTHING)
        with Gdb(m, "stuck") as g:
            g.says("info threads", r"vCPU 0")
            m.expect(r"^\[other\] radio: 60 s")
            check("hung" not in m.text, "it was found to hang")
            g.ask("detach")
        m.expect(r"^\[belay\] stuck: hung: its watchdog was not fed for \d+ ms$")
        check_others(m)


# What GDB says in a session differs in numbers, and in what a guest happens to open, and on which vCPU.
SHAPES = [(r"\[Switching to Thread \d+\]\n", ""), (r"0x[0-9a-f]+|-?\b\d+", "#"),
          (r'"[^"]*"', '""'), (r" +", " "), (r"\n\n+", "\n")]


def shape(text):
    for pattern, instead in SHAPES:
        text = re.sub(pattern, instead, text)
    return text.strip()


@for_each("radio", "phone")
def test_the_session_in_the_document_is_what_one_sees(vm):
    document = (ROOT / "docs" / "debugging.md").read_text()
    session = re.search(rf"```console\n\$ gdb-multiarch .*\n\(gdb\) target remote \| ./belay gdb {vm}\n([^`]*)```", document)
    said = re.split(r"^\(gdb\) (.*)\n", session.group(1), flags=re.M)[1:]
    with Machine(linux(debug="yes", cpus=[0, 0]), debugged()) as m:
        m.expect_all(r"^\[radio\] radio: 2 s", PROMPT)
        m.type("while sleep 1; do cat /proc/uptime; done &\r")
        m.type("grep ' do_sys_openat2$' /proc/kallsyms\r")
        openat = m.expect(r"([0-9a-f]{16}) t do_sys_openat2$").group(1)
        with Gdb(m, vm, RADIO if vm == "radio" else None) as g:
            for command, answer in zip(said[::2], said[1::2]):
                answered = g.ask(re.sub(r"= 0x.*", f"= 0x{openat}", command).replace("examples", str(ROOT / "examples")))
                check(shape(answered) == shape(answer), f"it says {answered!r}, the document {answer!r}")
