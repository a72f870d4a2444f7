#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The long form of the siege, whose short form is among the tests. `./belay hostile` builds first, then runs this.

Writes what was done, by whom, and what it came to; fails when anything got out.
"""
import argparse
import os
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from siege import besiege  # noqa: E402
from testing import Failed  # noqa: E402

LIMIT_US = 200      # of an action, on a host that is busy


def say(text):
    print(f"hostile: {text}", file=sys.stderr, flush=True)


def row(r, seconds):
    outside = sum(r.changed.values()) + 8 * (r.found + r.words)
    assertions = r.text.count("panic: assertion")
    cells = [r.seed, r.actions, r.starts - 1, r.exceptions, r.interrupts, r.frames, r.missed, r.bad, f"{r.worst} ns",
             assertions, outside, r.registers, f"{seconds:.0f}"]
    return "| " + " | ".join(map(str, cells)) + " |"


COLUMNS = ["seed", "actions", "restarts", "exceptions", "interrupts", "frames", "missed", "voice bad", "worst", "assertions",
           "bytes outside", "registers", "s"]
HEAD = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]


def summary(results):
    """Of all seeds together."""
    kinds = {}
    for r in results:
        for kind, count in r.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + count
    total = {what: sum(getattr(r, what) for r in results)
             for what in ("actions", "frames", "missed", "voice", "bad", "rounds", "hung", "died", "lost", "spoiled")}
    return ["actions by kind: " + ", ".join(f"{kind} {count}" for kind, count in kinds.items()),
            f"{total['actions']} actions, {len(results)} seeds; restarts: {sum(r.starts - 1 for r in results)}, "
            f"of them {total['hung']} hung, {total['died']} died, {total['lost']} found themselves lost; "
            f"the record was spoiled {total['spoiled']} times",
            f"radio: {total['frames']} frames, {total['missed']} missed; {total['voice']} voice blocks, {total['bad']} bad; "
            f"witness: {total['rounds']} rounds",
            f"looked at from outside: {min(r.looked_at for r in results)} bytes and more"]


def main():
    parser = argparse.ArgumentParser(prog="./belay hostile",
                                     description="A guest that does whatever a guest can do, beside a radio and a witness.")
    parser.add_argument("--actions", type=int, default=100000000, metavar="N", help="in all (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="runs that share them (default: %(default)s)")
    parser.add_argument("--first", type=int, default=1, metavar="N", help="the first seed (default: %(default)s)")
    parser.add_argument("--cpus", type=int, default=1, choices=(1, 2),
                        help="the guest's vCPUs are on so many CPUs; on 2 the radio's frames are not what is tried")
    wanted = parser.parse_args()
    each, results, problems = wanted.actions // wanted.seeds, [], []
    print("\n".join(HEAD), flush=True)
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        for seed in range(wanted.first, wanted.first + wanted.seeds):
            start = time.monotonic()
            try:
                result = besiege(seed, each, 120 + each * LIMIT_US // 1000000, say, cpus=wanted.cpus)
            except Failed as why:
                problems.append(f"seed {seed}: {why}")
                continue
            results.append(result)
            problems += [f"seed {seed}: {what}" for what in result.problems()]
            print(row(result, time.monotonic() - start), flush=True)
    print("\n".join([*(summary(results) if results else []), *problems]), flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
