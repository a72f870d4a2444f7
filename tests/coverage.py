#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
Which lines and branches of the nucleus the tests reach: unit tests and fuzzers on this machine, and the nucleus itself in
QEMU, together. `./belay coverage` builds first, then runs this.

Writes build/coverage.md. Fails when less than 95 % of the lines are reached, when one that is not is not explained in
tests/coverage/unreached.txt, and when something is explained there that is reached.
"""
import argparse
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
import coverage  # noqa: E402
from testing import BUILD, Failed  # noqa: E402

BOUND = 95
REPORT = BUILD / "coverage.md"


def say(text):
    print(f"coverage: {text}", file=sys.stderr, flush=True)


def per_cent(part, whole):
    return f"{100 * part / whole:.1f}" if whole else "-"


def row(name, files):
    lines, reached = sum(len(f.lines) for f in files), sum(len(f.lines) - len(f.unreached()) for f in files)
    taken, branches = (sum(numbers) for numbers in zip(*(f.branches() for f in files)))
    return (f"| {name} | {lines} | {reached} | {per_cent(reached, lines)} | "
            f"{branches} | {taken} | {per_cent(taken, branches)} |")


def report(files, why):
    """`why`: {(file, line): reason}"""
    out = ["| file | lines | reached | % | branches | taken | % |", "|---|---|---|---|---|---|---|"]
    out += [row(f.name, [f]) for f in files if f.lines] + [row("**all**", files), ""]
    for f in files:
        reasons = {}
        for line in f.unreached():
            reasons.setdefault(why.get((f.name, line), "NOT EXPLAINED"), []).append(line)
        for reason, lines in reasons.items():
            out.append(f"- `{f.name}` {', '.join(map(str, lines))}: {reason}")
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="./belay coverage", description="Counts which lines of the nucleus tests reach.")
    parser.add_argument("--again", action="store_true", help="make the report anew, of what was counted the last time")
    wanted = parser.parse_args()
    start = time.monotonic()
    try:
        if not wanted.again:
            coverage.count(say)
        files = coverage.read()
        why, stale = coverage.explanations(files)
    except (Failed, subprocess.CalledProcessError) as failure:
        say(failure)
        return 1
    text = report(files, why)
    REPORT.write_text(text)
    unexplained = [f"{f.name}:{line} {f.lines[line][0]}: {f.text(line)}" for f in files for line in f.unreached()
                   if (f.name, line) not in why]
    lines, missed = sum(len(f.lines) for f in files), sum(len(f.unreached()) for f in files)
    print(text, end="")
    for what in [*(f"not explained: {what}" for what in unexplained), *(f"explained, and not so: {what}" for what in stale)]:
        print(what)
    print(f"{lines - missed} of {lines} lines, {time.monotonic() - start:.0f} s; {REPORT}")
    return 1 if unexplained or stale or 100 * (lines - missed) < BOUND * lines else 0


if __name__ == "__main__":
    sys.exit(main())
