# SPDX-License-Identifier: Apache-2.0
"""Runs QEMU so that one instruction is one nanosecond of virtual time, and takes down what it says."""
import pathlib
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
OUT = BUILD / "bench"
GUESTS = BUILD / "obj/guests/bench"
BENCH_ELF = GUESTS / "bench.elf"
NUCLEUS_ELF = BUILD / "obj/nucleus/nucleus.elf"
NUCLEUS_IMAGE = BUILD / "obj/nucleus/belay.img"
TOOL = BUILD / "obj/tools/belay"

# No pipeline, no cache, and nothing by chance: counter and clock are the number of instructions since reset.
QEMU = ["qemu-system-aarch64", "-nographic", "-nic", "none", "-monitor", "none", "-serial", "stdio",
        "-cpu", "cortex-a57,cntfrq=1000000000", "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
        "-rtc", "base=2024-01-01,clock=vm"]
BOARD = "virt,gic-version=3,dtb-randomness=off"


class Failure(Exception):
    """A run that did not do what it should; says why in one line."""


def bare(kernel, append, memory, initrd=None, cpus=1):
    """The guest alone on the machine, at EL1."""
    command = QEMU + ["-M", BOARD, "-smp", str(cpus), "-m", memory, "-kernel", str(kernel), "-append", append]
    return command + (["-initrd", str(initrd)] if initrd else [])


def belay(configuration, cpus=1):
    """The machine of a configuration file, with Belay at EL2."""
    bundle = OUT / f"{configuration.stem}.itb"
    pack = subprocess.run([str(TOOL), "pack", str(configuration), "-o", str(bundle)],
                          capture_output=True, text=True, check=False)
    if pack.returncode:
        raise Failure(f"belay pack: {(pack.stderr or pack.stdout).strip()}")
    return QEMU + ["-M", BOARD + ",virtualization=on", "-smp", str(cpus), "-m", "1G",
                   "-kernel", str(NUCLEUS_IMAGE), "-initrd", str(bundle)]


def run(name, command, until, seconds, goes_on):
    """The lines that a machine prints, and to build/bench/NAME.log. One of them has `until`: there a machine is stopped
    that goes on for ever, others turn themselves off.

    `seconds` is how much of this computer's CPU time it may take; where others use the computer it takes longer."""
    lines = []
    with open(OUT / f"{name}.log", "w", encoding="utf-8") as log, \
         subprocess.Popen(["prlimit", f"--cpu={seconds}"] + command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as qemu:
        timer = threading.Timer(20 * seconds, qemu.kill)
        timer.start()
        try:
            for raw in qemu.stdout:
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                lines.append(line)
                log.write(line + "\n")
                if goes_on and until in line:
                    break
        finally:
            timer.cancel()
            qemu.kill()
    if not any(until in line for line in lines):
        raise Failure(f"ended without '{until}', or took more than {seconds} s: see build/bench/{name}.log")
    return lines
