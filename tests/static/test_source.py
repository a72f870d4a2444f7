# SPDX-License-Identifier: Apache-2.0
"""What is true of the source as it stands."""
import json
import re
import subprocess

from testing import BUILD, OBJ, ROOT, check, for_each

C = (".c", ".h", ".S")
ROOMS = ("nucleus", "services", "guests", "tools", "include", "tests", "bench", "scripts")
WIDTH = 128
FILE_LINES = 400
FUNCTION_LINES = 60
NUCLEUS_LINES = 10500   # with many CPUs, both GICs, AArch32 and debugging; 6,000 would be better to review


def files(*endings):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    return [n for n in names if not endings or n.endswith(endings)]


def none(found, what):
    check(not found, what + ":\n" + "\n".join(found))


def test_every_file_names_its_licence():
    texts = [n for n in files() if not n.endswith((".png", ".svg", ".md", ".trace")) and n != "LICENSE"
             and not n.startswith(("tests/config/", "tests/fuzz/corpus"))]
    none([n for n in texts if "SPDX-License-Identifier: Apache-2.0" not in (ROOT / n).read_text()[:300]],
         "without an SPDX line")


def test_no_file_is_longer_than_can_be_read_at_once():
    none([f"{n}: {lines}" for n in files(*C)
          if not n.startswith("tests/") and (lines := (ROOT / n).read_text().count("\n")) > FILE_LINES],
         f"more than {FILE_LINES} lines")


def test_no_line_is_too_wide():
    none([f"{n}:{i}" for n in files(*C, ".py", ".sh", "meson.build")
          for i, line in enumerate((ROOT / n).read_text().splitlines(), 1) if len(line) > WIDTH], f"wider than {WIDTH}")


def test_no_goto():
    none([f"{n}:{i}" for n in files(".c", ".h")
          for i, line in enumerate((ROOT / n).read_text().splitlines(), 1) if re.match(r"\s*goto\s+\w+;", line)], "goto")


def test_functions_are_short():
    done = subprocess.run(["pmccabe", *files(".c")], cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    none([f"{r[5]}: {r[4]} lines" for r in rows if int(r[4]) > FUNCTION_LINES], f"more than {FUNCTION_LINES} lines")


def test_the_nucleus_stays_small():
    done = subprocess.run(["cloc", "--json", "--quiet", "nucleus"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = json.loads(done.stdout)["SUM"]["code"]
    print(f"        the nucleus has {lines} lines of code", flush=True)
    check(lines < NUCLEUS_LINES, f"the nucleus has {lines} lines of code; the bound is {NUCLEUS_LINES}")


ROOMS_BY_FLOOR = ["base", "arm64", "gic", "core", "virt", "entry", "boot"]       # of the nucleus, the lowest first


def test_arrows_in_the_nucleus_point_down():
    up = []
    for name in files(*C):
        room = name.split("/")[1] if name.startswith("nucleus/") and name.count("/") == 2 else None
        for other in re.findall(r'#include "(\w+)/', (ROOT / name).read_text()) if room else []:
            if other in ROOMS_BY_FLOOR and ROOMS_BY_FLOOR.index(other) > ROOMS_BY_FLOOR.index(room):
                up.append(f"{name} includes {other}/")
    none(up, "a lower room knows a higher one")


def test_nothing_is_of_this_machine():
    """No absolute path of a checkout, no registry's host."""
    pattern = re.compile(r"/(home|work|root)/\w|deb\.debian\.org|snapshot\.debian\.org")
    none([f"{n}:{i}: {line.strip()}" for n in files(*C, ".py", ".sh", ".build", ".yaml", ".ini", ".txt", "belay", "run")
          if n != "tests/static/test_source.py"
          for i, line in enumerate((ROOT / n).read_text().splitlines(), 1) if pattern.search(line)], "of one machine only")


def commands():
    """How each source is compiled, by its name."""
    return {c["file"]: c for c in json.loads((OBJ / "compile_commands.json").read_text())}


def freestanding(room):
    """The first way that a file of that room is compiled for the machine."""
    for file, command in commands().items():
        if f"/{room}/" in file and file.endswith(".c") and "-ffreestanding" in command["command"]:
            return command["command"].split(" -o ")[0].split(" -MD")[0]
    return None


@for_each("nucleus", "services", "include")
def test_each_header_compiles_alone(room):
    command = freestanding("services/steward" if room == "include" else room)
    bad = []
    for header in files(".h"):
        if header.startswith(room + "/"):
            done = subprocess.run(f"{command} -fsyntax-only -Wno-unused-function -x c -", shell=True, cwd=OBJ,
                                  input=f'#include "{ROOT / header}"\n', capture_output=True, text=True)
            if done.returncode:
                bad.append(f"{header}\n{done.stderr}")
    none(bad, "does not compile by itself")


CPPCHECK_ERRS = [
    "missingInclude", "unknownMacro",
    "comparePointers",              # the bounds of what a linker script or an assembler file laid out
    "arrayIndexOutOfBoundsCond",    # a string literal's size where a loop ends at its NUL
    "negativeIndex",                # an index that the next line asserts
    "uninitvar", "ctuuninitvar",    # an array that a function of ours fills: gcc and clang look for these, too
    "legacyUninitvar",              # the output of an assembler statement that may jump
]


def test_cppcheck_finds_nothing():
    rooms = [r for r in ("nucleus", "services", "guests", "tools") if (ROOT / r).is_dir()]
    done = subprocess.run(
        ["cppcheck", "-q", "--std=c11", "--enable=warning,portability,performance", "--inline-suppr", "--error-exitcode=1",
         "--library=tests/static/cppcheck.cfg", *(f"--suppress={known}" for known in CPPCHECK_ERRS),
         "-I", "include", "-I", "nucleus", "-I", "services", *rooms], cwd=ROOT, capture_output=True, text=True)
    check(done.returncode == 0, done.stderr)


@for_each(*files(".sh"), "belay")
def test_scripts_are_posix_shell(name):
    done = subprocess.run(["dash", "-n", ROOT / name], capture_output=True, text=True)
    check(done.returncode == 0, done.stderr)
