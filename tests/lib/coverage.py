# SPDX-License-Identifier: Apache-2.0
"""
Counts what runs of the nucleus, by gcov: in unit tests, in fuzz targets that are given what libFuzzer found, and in an
image of the nucleus that counts, whose counters are found in the memory of the machines that system tests run.
"""
import importlib.util
import json
import mmap
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import machine
from testing import BUILD, OBJ, ROOT, Failed, check

HERE = pathlib.Path(__file__).resolve().parent.parent
FOLDER = BUILD / "coverage"                     # a build of its own: the same sources, with counters
IMAGE = FOLDER / "nucleus" / "belay.img"
ELF = FOLDER / "nucleus" / "nucleus.elf"
FUZZERS = ["vgic", "vgic_v2", "decode", "boot_tree", "hypercall"]
FUZZ_RUNS = 60000

# System tests that together reach most, and measure no time: the image that counts is slower.
SYSTEM = [
    "a machine without a bundle says so",
    "a guest finds nothing of another in the registers that they share [max]",
    "a bare guest is debugged by its symbols",
    "vcpus on two cpus stop together and step alone",
    *(f"belay keeps the promises to a vm of vcpus on several cpus on [('max', {gic})]" for gic in (3, 2)),
    "eight cpus are driven",
    "a vm of this version runs",
    "the radio misses nothing beside a guest in aarch32 that attacks [('cortex-a57', 0)]",
    "only the kinds that are asked for are recorded",
    "who has a turn is told to go on whenever the interrupt came that it has it for",
    "it ends with 1 when a vm failed",
    "the nucleus starts at any address of 2 mib [0x4f000000]",
    "a bundle that is cut off halts with one line [1000]",
    "an initrd that is no bundle halts with one line",
    *(f"a bundle with a mistake is named [{what}]" for what in (
        "no steward", "a size of two cells", "a steward beside a page", "a steward that is something else",
        "a steward of priority 0")),
    *(f"a host device tree with a mistake is named [{what}]" for what in (
        "an interrupt controller without registers", "no memory", "memory beyond what is mapped",
        "memory in too many places", "a CPU that there is not", "a PSCI by no known call")),
    "memory that is reserved is given to nobody",
    *(f"too little memory for the steward is said [{size}]" for size in (0x2000, 0xd000)),
    "a cpu for which there is too little memory is named",
    "a cpu without a redistributor says so and the first that it does not come",
    "a vm that is paused does nothing and loses nothing",
    "a vm is destroyed and created while another misses nothing",
]

# What stands for QEMU: the machine's memory is a file, and its nucleus counts.
WRAPPER = """#!/usr/bin/python3
import os, sys, uuid
a = [arg.replace("{own}", "{image}") for arg in sys.argv[1:]]
if "{image}" in " ".join(a):
    ram = "{folder}/" + uuid.uuid4().hex
    a += ["-object", f"memory-backend-file,id=ram,mem-path={{ram}},share=on,size={{a[a.index('-m') + 1]}}",
          "-machine", "memory-backend=ram"]
os.execv("{qemu}", ["{qemu}", *a])
"""


class File:
    """A source: {line: (function, count, {how many branches a build has there: their counts})}"""

    def __init__(self, name):
        self.name, self.lines = name, {}
        self.source = (ROOT / name).read_text().splitlines()

    def text(self, line):
        return self.source[line - 1].strip()

    def add(self, line, function, count, branches):
        known = self.lines.setdefault(line, [function, 0, {}])
        known[1] += count
        if branches:
            sums = known[2].setdefault(len(branches), [0] * len(branches))
            known[2][len(branches)] = [a + b for a, b in zip(sums, branches)]

    def unreached(self):
        return sorted(line for line, (_, count, _) in self.lines.items() if count == 0)

    def branches(self):
        """Those that were taken, and all. Where builds differ on a line, as the one has it that shows most."""
        taken = whole = 0
        for _, _, kinds in self.lines.values():
            best = max(kinds.values(), key=lambda counts: sum(c > 0 for c in counts) / len(counts), default=[])
            taken += sum(c > 0 for c in best)
            whole += len(best)
        return taken, whole


def call(*command, **more):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, errors="replace", check=False, **more)
    check(done.returncode == 0, f"{' '.join(map(str, command))[:300]}\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def introspect(build, what):
    return json.loads(call("meson", "introspect", what, build))


def build():
    if not (FOLDER / "build.ninja").exists():
        call("meson", "setup", FOLDER, ROOT, "--cross-file", ROOT / "cross" / "aarch64.ini", "-Dcoverage=true",
             "-Dtests=true")
    units = [t["name"] for t in introspect(FOLDER, "--targets") if t["name"].startswith("test_") and
             any("/nucleus/" in s for group in t["target_sources"] for s in group.get("sources", []))]
    call("ninja", "-C", FOLDER, "nucleus/belay.img", *(f"tests/unit/{name}" for name in units))
    for old in FOLDER.rglob("*.gcda"):
        old.unlink()
    return units


def run_unit_tests(units):
    for name in units:
        call(FOLDER / "tests" / "unit" / name, cwd=FOLDER)


def run_fuzzer(name):
    """What libFuzzer finds in its first runs is given to a build that counts."""
    target = next(t for t in introspect(OBJ, "--targets") if t["name"] == f"fuzz_{name}")
    sources = target["target_sources"][0]["sources"]
    command = next(t for t in introspect(OBJ, "--tests") if t["name"] == f"fuzz_{name}")["cmd"][1:]
    found, program = FOLDER / "corpus" / name, FOLDER / "replay" / name / "replay"
    shutil.rmtree(found, ignore_errors=True)
    for folder in [found, program.parent]:
        folder.mkdir(parents=True, exist_ok=True)
    call("ninja", "-C", OBJ, command[0])
    call(*command, f"-runs={FUZZ_RUNS}", found, cwd=OBJ)
    includes = [f"-I{ROOT / name}" for name in ["include", "nucleus", "services", "tools", "tests/unit"]]
    objects = []
    for source in map(pathlib.Path, [*(s for s in sources if s.endswith(".c")), HERE / "coverage" / "replay.c"]):
        objects.append(program.parent / f"{source.parent.name}_{source.stem}.o")    # there are two files debug.c
        call("gcc", "-std=c17", "-Og", "-g", "--coverage", "-DBELAY_HOST_TEST", "-DBELAY_COVERAGE", "-D_GNU_SOURCE", *includes,
             "-c", source, "-o", objects[-1])
    call("gcc", "--coverage", *objects, *(["-lfdt"] if name == "boot_tree" else []), "-o", program)
    call(program, found)


def symbols(*names):
    all_of_them = dict(reversed(line.split()[::2]) for line in call("aarch64-linux-gnu-nm", ELF).splitlines()
                       if len(line.split()) == 3)
    return [int(all_of_them[name], 16) for name in names]


def add_counters(ram, sums):
    """The words of the nucleus's bss, wherever it was started in that memory, are added to the sums."""
    text, bss, end = symbols("text_start", "bss_start", "image_end")
    image = IMAGE.read_bytes()
    with ram.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        for base in range(0, len(memory) - end, 2 << 20):
            if memory[base + text:base + text + 4096] == image[text:text + 4096]:
                words = struct.unpack(f"<{(end - bss) // 8}Q", memory[base + bss:base + end])
                return [(a + b) & 0xffffffffffffffff for a, b in zip(sums, words)]
    return sums


def system_tests():
    spec = importlib.util.spec_from_file_location("run", HERE / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tests = {test.name.removeprefix("system: "): test for test in module.python_tests()
             if test.name.startswith("system: ")}
    for name in SYSTEM:
        check(name in tests, f"there is no system test {name!r}")
        yield name, tests[name].function


def run_system_tests(say):
    bss, end = symbols("bss_start", "image_end")
    sums = [0] * ((end - bss) // 8)
    kept = FOLDER / "counters"
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="belay-test-", dir=memory) as name:
        folder = pathlib.Path(name)
        wrapper = folder / "bin" / "qemu-system-aarch64"
        wrapper.parent.mkdir()
        (folder / "ram").mkdir()
        wrapper.write_text(WRAPPER.format(own=OBJ / "nucleus" / "belay.img", image=IMAGE, folder=folder / "ram",
                                          qemu=shutil.which("qemu-system-aarch64")))
        wrapper.chmod(0o755)
        os.environ["PATH"] = f"{wrapper.parent}:{os.environ['PATH']}"
        os.environ["XDG_RUNTIME_DIR"] = name
        machine.PATIENCE = 30       # none of them measures time: a busy host may take its own
        for test, function in system_tests():
            say(test)
            function()
            for ram in (folder / "ram").iterdir():
                sums = add_counters(ram, sums)
                ram.unlink()
            kept.write_bytes(struct.pack(f"<{len(sums)}Q", *sums))


def write_counters():
    call("gcc", "-O1", "-o", FOLDER / "gcda", HERE / "coverage" / "gcda.c", "-lgcov")
    places = symbols("rela_start", "rela_end", "bss_start", "gcov_start", "gcov_end")
    call(FOLDER / "gcda", IMAGE, FOLDER / "counters", *map(hex, places))


def count(say):
    say("builds")
    units = build()
    say(f"{len(units)} unit tests")
    run_unit_tests(units)
    for name in FUZZERS:
        say(f"fuzzer {name}")
        run_fuzzer(name)
    run_system_tests(say)
    write_counters()


def gcov(notes):
    """All that gcov says of these objects, file by file."""
    text = call("gcov", "--json-format", "--stdout", "--branch-probabilities", *notes, cwd=FOLDER)
    for line in text.splitlines():
        if line.startswith("{"):
            told = json.loads(line)
            for file in told["files"]:
                path = pathlib.Path(os.path.normpath(pathlib.Path(told["current_working_directory"]) / file["file"]))
                if path.is_relative_to(ROOT / "nucleus"):
                    yield str(path.relative_to(ROOT)), file["lines"]


def read():
    """The nucleus's sources. Its lines are those that its image has; a test's build may have others."""
    notes = list(FOLDER.rglob("*.gcno"))
    files = {}
    own = [n for n in notes if n.is_relative_to(FOLDER / "nucleus")]
    check(own, "nothing was counted yet")
    for mine, some in [(True, own), (False, [n for n in notes if n not in own and n.with_suffix(".gcda").exists()])]:
        for name, lines in gcov(some):
            file = files.setdefault(name, File(name))
            for line in lines:
                if mine or line["line_number"] in file.lines:
                    file.add(line["line_number"], line.get("function_name", ""), line["count"],
                             [branch["count"] for branch in line["branches"]])
    return [files[name] for name in sorted(files) if files[name].lines]


def explanations(files):
    """
    {(file, line): reason} by tests/coverage/unreached.txt, and what there is of no use. A paragraph is a reason, and under it
    places: `file function`, or `file function: text of the line`; with `at times` before what some runs reach.
    """
    why, stale, reason = {}, [], ""
    known = {f.name.removeprefix("nucleus/"): f for f in files}
    for line in (HERE / "coverage" / "unreached.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            reason = ""
        elif place := re.fullmatch(r"    (at times )?(\S+) (\w*)(?:: (.*))?", line):
            file = known.get(place[2])
            found = [n for n in (file.unreached() if file else [])
                     if file.lines[n][0] == place[3] and place[4] in (None, file.text(n))]
            why.update({(file.name, n): reason for n in found})
            if not found and not place[1]:
                stale.append(line.strip())
        else:
            reason = f"{reason} {line}".strip()
    return why, stale
