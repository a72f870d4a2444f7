#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The long form of the fault runs, whose short form is among the tests. `./belay faults` builds first, then runs this.

Writes what was done, how often, and what was lost; fails when anybody lost what he must not.
"""
import argparse
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
import clients  # noqa: E402
import cycles  # noqa: E402
import faults  # noqa: E402
from testing import Failed  # noqa: E402


def say(text):
    print(f"faults: {text}", file=sys.stderr, flush=True)


def run(campaign, times):
    """Its summary; false when it failed."""
    start = time.monotonic()
    try:
        summary, good = campaign(times, say), True
    except Failed as why:
        summary, good = [f"FAILED: {why}"], False
    print("\n".join([f"{campaign.__name__.replace('_', ' ')}: {time.monotonic() - start:.0f} s"]
                    + [f"    {line}" for line in summary]), flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(prog="./belay faults",
                                     description="Lets VMs and services fail, come and go, again and again.")
    parser.add_argument("--crashes", type=int, default=1000, metavar="N",
                        help="VMs end at so many random instructions (default: %(default)s)")
    parser.add_argument("--services", type=int, default=5, metavar="N",
                        help="each service fails so often in each way (default: %(default)s)")
    parser.add_argument("--races", type=int, default=20, metavar="N",
                        help="each command races each other so often (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=1100, metavar="N",
                        help="so many clients are pulled away in the middle of what they do (default: %(default)s)")
    parser.add_argument("--traces", type=int, default=20, metavar="N",
                        help="the trace's ring is full so often (default: %(default)s)")
    parser.add_argument("--debuggers", type=int, default=64, metavar="N",
                        help="so many debuggers go away (default: %(default)s)")
    parser.add_argument("--cycles", type=int, default=10000, metavar="N",
                        help="VMs are created, started, stopped and destroyed so often (default: %(default)s)")
    wanted = parser.parse_args()
    campaigns = [(faults.crash_vms, wanted.crashes), (faults.fail_services, wanted.services),
                 (cycles.race_commands, wanted.races), (clients.pull_clients, wanted.clients),
                 (clients.fill_traces, wanted.traces), (clients.leave_debuggers, wanted.debuggers),
                 (cycles.cycle_vms, wanted.cycles)]
    results = [run(campaign, times) for campaign, times in campaigns if times > 0]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
