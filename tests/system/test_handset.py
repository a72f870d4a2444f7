# SPDX-License-Identifier: Apache-2.0
"""The example of six systems on four cores, and all that one can see of it from outside."""
import json
import pathlib
import tempfile

from gdb import Gdb
from machine import RADIO, Machine, Terminal
from testing import ROOT, TOOL, check, for_each, takes

LINUXES = ("phone", "dash", "rt")
SMALL = ("radio", "sensor", "motor")
VMS = {"phone": [0, 1], "dash": [2, 3], "rt": [3], "radio": [0], "sensor": [1], "motor": [2]}


class Handset(Machine):
    """examples/handset.yaml, as it is."""

    def __init__(self, *options, limit=300):
        self.folder = tempfile.mkdtemp(prefix="belay-test-")
        self.socket = pathlib.Path(self.folder) / "socket"
        Terminal.__init__(self, [TOOL, "run", "--timeout", f"{limit + 5}s", "--socket", self.socket, *options,
                                 ROOT / "examples" / "handset.yaml"], limit)


@takes(60)
@for_each("--icount", "--wall-clock")
def test_six_systems_run_on_four_cores_and_are_seen_from_outside(clock):
    with Handset(clock) as m:
        m.expect_all(*(rf"^\[{vm}\] radio: 1 s, frames" for vm in SMALL),
                     *(rf"^\[{vm}\] Debian's Linux" for vm in LINUXES))
        shown = {vm["name"]: vm for vm in json.loads(m.belay("ps", "--json"))}
        check(set(shown) == set(VMS) and all(vm["state"] == "running" for vm in shown.values()), f"ps: {shown}")
        top = json.loads(m.belay("top", "--json"))["vcpus"]
        for name, cpus in VMS.items():
            check([vcpu["cpu"] for vcpu in top if vcpu["vm"] == name] == cpus, f"top: {name} is elsewhere: {top}")
        picture = pathlib.Path(m.folder) / "trace.svg"
        m.belay("trace", "--for", "100ms", "--svg", picture)
        check(all(f"CPU {n}" in picture.read_text() for n in range(4)), "a CPU is not in the picture")
        with Gdb(m, "radio", RADIO) as g:
            g.ask("break fp_intact")
            g.says("continue", r"Breakpoint 1, fp_intact")
            g.says("backtrace", r"kernel_run")
            g.ask("detach")
        m.belay("reset", "sensor")
        m.expect(r"^\[sensor\] radio: frames of")
        m.expect_all(*(rf"^\[{vm}\] radio: \d+ s, frames" for vm in SMALL))
