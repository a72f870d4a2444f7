#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The conformance table: the bare board beside Belay, case by case. `./belay conform` builds first, then runs this.

Writes build/conformance.md, prints how many cases are kept where, and fails when one that the board keeps is broken on Belay.
"""
import argparse
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from conform import CPUS, PLACES, broken, cases, run  # noqa: E402
from testing import BUILD, Failed  # noqa: E402


def measure(cpu):
    """{place: {case: kept}}, and what is to be said of those that are not."""
    found, words = {}, []
    for place in PLACES:
        print(f"conform: {cpu}, {place}", file=sys.stderr, flush=True)
        try:
            text = run(cpu, place)
        except Failed as why:
            text = str(why)
            words.append(f"{cpu}, {place}: {why}")
        found[place] = cases(text)
        words += [f"{cpu}, {place}: {what}" for what in broken(text)]
    return found, words


def whole_table(results):
    """All cases, a line each: where all is kept, that; else where it is not."""
    names = dict.fromkeys(case for found in results.values() for place in found.values() for case in place)
    lines = ["| group | case | " + " | ".join(results) + " |", "|---|---|" + "---|" * len(results)]
    for case in names:
        cells = []
        for found in results.values():
            wrong = [place for place in PLACES if not found[place].get(case)]
            cells.append("broken: " + ", ".join(wrong) if wrong else "kept")
        lines.append(f"| {case[0]} | {case[1].replace('_', ' ')} | " + " | ".join(cells) + " |")
    return lines


def summary(results):
    lines = [f"{'cases kept':12}" + "".join(f"{place:>16}" for place in PLACES)]
    for cpu, found in results.items():
        counts = [f"{sum(found[place].values())} of {len(found[place])}" for place in PLACES]
        lines.append(f"{cpu:12}" + "".join(f"{count:>16}" for count in counts))
    return lines


def lost(results):
    """Cases that the board keeps and Belay does not."""
    return [f"{cpu}, {place}: {' '.join(case)}" for cpu, found in results.items() for place in PLACES
            for case, kept in found["bare"].items() if kept and not found[place].get(case)]


def main():
    parser = argparse.ArgumentParser(prog="./belay conform",
                                     description="Runs the conformance guest on the bare board and on Belay.")
    parser.add_argument("--cpu", action="append", choices=CPUS, help="this CPU only; may be given again (default: all)")
    arguments = parser.parse_args()
    results, words = {}, []
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        for cpu in arguments.cpu or CPUS:
            results[cpu], more = measure(cpu)
            words += more
    table = BUILD / "conformance.md"
    table.write_text("\n".join(whole_table(results)) + "\n")
    print("\n".join([*words, *summary(results), f"all cases: {table}"]), flush=True)
    empty = any(not found["bare"] for found in results.values())
    return 1 if words or empty or lost(results) else 0


if __name__ == "__main__":
    sys.exit(main())
