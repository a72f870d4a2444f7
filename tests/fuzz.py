#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The fuzzers for as long as is wanted. `./belay fuzz` builds first, then runs this.

Each begins with what it has found before, in build/fuzz/NAME, and adds to it. Prints a table; fails when one has found
something: then its input is in build/fuzz.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from testing import BUILD, OBJ  # noqa: E402

FOLDER = BUILD / "fuzz"
# Where a block was allocated is asked for once there is something to say; and freed ones need not be kept for long.
SANITIZER = "malloc_context_size=1:quarantine_size_mb=4"
COLUMNS = "| target | executions | a second | edges | inputs kept | seed | findings |"


def say(text):
    print(f"fuzz: {text}", file=sys.stderr, flush=True)


def targets():
    """{name: its command, as the tests run it}"""
    listed = subprocess.run(["meson", "introspect", "--tests", OBJ], capture_output=True, text=True, check=True)
    tests = [test for test in json.loads(listed.stdout) if test["suite"][0].endswith("fuzz")]
    return {test["name"].removeprefix("fuzz_"): test["cmd"][1:] for test in tests}     # without `env`


def last(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def run(name, command, runs, seed):
    """Its row of the table; whether it found nothing."""
    corpus, log = FOLDER / name, BUILD / "log" / f"fuzz-{name}.log"
    corpus.mkdir(parents=True, exist_ok=True)
    options = [f"-runs={runs}", f"-seed={seed}", "-print_final_stats=1", f"-artifact_prefix={FOLDER / name}-"]
    start = time.monotonic()
    with log.open("w") as out:      # of one option given twice the last counts
        done = subprocess.run([*command, *options, corpus], cwd=OBJ, stdout=out, stderr=subprocess.STDOUT, check=False,
                              env={**os.environ, "ASAN_OPTIONS": SANITIZER})
    seconds = max(time.monotonic() - start, 1)
    text = log.read_text(errors="replace")
    executed = last(r"stat::number_of_executed_units: *(\d+)", text)
    good = done.returncode == 0 and executed >= runs
    why = "0" if good else " ".join(re.findall(r"^SUMMARY: (.*)$", text, re.M)[:1] or [f"it ended with {done.returncode}"])
    edges, kept = last(r"cov: (\d+)", text), last(r"corp: (\d+)", text)
    return f"| {name} | {executed:,} | {executed / seconds:,.0f} | {edges} | {kept} | {seed} | {why} |", good, log


def main():
    known = targets()
    parser = argparse.ArgumentParser(prog="./belay fuzz", description="Runs the fuzzers under ASan and UBSan, one by one.")
    parser.add_argument("--runs", type=int, default=1000000, metavar="N", help="executions of each (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of each (default: %(default)s)")
    parser.add_argument("name", nargs="*", help=f"only these of: {', '.join(known)}")
    wanted = parser.parse_args()
    for name in wanted.name:
        if name not in known:
            parser.error(f"there is no fuzzer {name}; there are {', '.join(known)}")
    names = wanted.name or list(known)
    subprocess.run(["ninja", "-C", OBJ, *(known[name][0] for name in names)], stdout=subprocess.DEVNULL, check=True)
    all_good = True
    print(COLUMNS, "|---|---|---|---|---|---|---|", sep="\n", flush=True)
    for name in names:
        say(f"{name}, {wanted.runs:,} executions")
        row, good, log = run(name, known[name], wanted.runs, wanted.seed)
        print(row, flush=True)
        if not good:
            say(f"{name} found something: {log}")
        all_good &= good
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())
