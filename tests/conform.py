#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The conformance table: the bare board beside Belay, case by case. `./belay conform` builds first, then runs this.

Writes build/conformance.md, prints how many cases are kept where, and fails when one that the board keeps is broken on Belay.
"""
import argparse
import itertools
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from conform import CPUS, GICS, PLACES, cases, is_excused, run, wrong  # noqa: E402
from testing import BUILD, Failed  # noqa: E402


def measure(cpu, gic):
    """{place: {case: kept}}, and what is to be said of those that are not."""
    found, words = {}, []
    for place in GICS[gic]:
        where = f"{cpu}, GICv{gic}, {place}"
        print(f"conform: {where}", file=sys.stderr, flush=True)
        try:
            text = run(cpu, place, gic)
        except Failed as why:
            text = str(why)
            words.append(f"{where}: {why}")
        found[place] = cases(text)
        words += [f"{where}: {what}" for what in wrong(text, place, gic)]
    return found, words


def cell(found, case):
    """What became of a case: kept everywhere, or where it is broken; some are of one interrupt controller only."""
    if not any(case in kept for kept in found.values()):
        return "-"
    wrong = [place for place, kept in found.items() if not kept.get(case)]
    return "broken: " + ", ".join(wrong) if wrong else "kept"


def whole_table(results):
    """All cases, a line each."""
    names = dict.fromkeys(case for found in results.values() for place in found.values() for case in place)
    lines = ["| group | case | " + " | ".join(f"{cpu}, GICv{gic}" for cpu, gic in results) + " |",
             "|---|---|" + "---|" * len(results)]
    for case in names:
        cells = [cell(found, case) for found in results.values()]
        lines.append(f"| {case[0]} | {case[1].replace('_', ' ')} | " + " | ".join(cells) + " |")
    return lines


def summary(results):
    lines = [f"{'cases kept':18}" + "".join(f"{place:>15}" for place in PLACES)]
    for (cpu, gic), found in results.items():
        counts = [f"{sum(found[place].values())} of {len(found[place])}" for place in found]
        lines.append(f"{cpu:11} GICv{gic}  " + "".join(f"{count:>15}" for count in counts))
    return lines


def lost(results):
    """Cases that the board keeps and Belay does not."""
    return [f"{cpu}, GICv{gic}, {place}: {' '.join(case)}" for (cpu, gic), found in results.items() for place in found
            for case, kept in found["bare"].items()
            if kept and not found[place].get(case) and not is_excused(place, gic, case)]


def main():
    parser = argparse.ArgumentParser(prog="./belay conform",
                                     description="Runs the conformance guest on the bare board and on Belay.")
    parser.add_argument("--cpu", action="append", choices=CPUS, help="this CPU only; may be given again (default: all)")
    parser.add_argument("--gic", action="append", type=int, choices=GICS, help="this version of the GIC only (default: all)")
    arguments = parser.parse_args()
    results, words = {}, []
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        for cpu, gic in itertools.product(arguments.cpu or CPUS, arguments.gic or GICS):
            results[cpu, gic], more = measure(cpu, gic)
            words += more
    table = BUILD / "conformance.md"
    table.write_text("\n".join(whole_table(results)) + "\n")
    print("\n".join([*words, *summary(results), f"all cases: {table}"]), flush=True)
    empty = any(not found["bare"] for found in results.values())
    return 1 if words or empty or lost(results) else 0


if __name__ == "__main__":
    sys.exit(main())
