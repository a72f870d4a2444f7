# SPDX-License-Identifier: Apache-2.0
"""
The device trees that VMs are given, as the steward writes them for each configuration that is here: dtc, Linux's own
bindings, and QEMU's tree of its `virt` board.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

from machine import FIRMWARE, host_tree, linux, write_config
from testing import BUILD, OBJ, ROOT, TOOL, Failed, check

sys.path.insert(0, str(ROOT / "tests" / "config"))
from test_config import make_guests  # noqa: E402

BINDINGS = BUILD / "bindings"
# Those of what a handset has, and what they refer to. A node that none of them is for is found.
SCHEMAS = """arm/cpus arm/psci arm/primecell arm/linux,dummy-virt timer/arm,arch_timer interrupt-controller/arm,gic-v3
    interrupt-controller/arm,gic serial/pl011 serial/serial rtc/arm,pl031 rtc/rtc gpio/pl061-gpio input/gpio-keys input/input
    clock/fixed-clock firmware/qemu,fw-cfg-mmio mtd/mtd-physmap mtd/mtd watchdog/arm,sbsa-gwdt watchdog/watchdog""".split()

# The bindings ask for generic names. These are QEMU's, by which an image for its board may look for them. That of PL061
# asks for an interrupt controller without #address-cells, of which dtc would warn: it is none, as QEMU's.
AS_QEMUS = r"(intc@8000000|pl011@90[04]0000|pl031@9010000|pl061@9030000): \$nodename:0: .* does not match|" \
           r"pl061@9030000: '(interrupt-controller|#interrupt-cells)' is a required property"


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise Failed(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def trees(folder, config, host):
    """The trees of the VMs of a configuration, on that host: with a GICv2 first (NAME-gicv2.dtb), then with a GICv3."""
    to = pathlib.Path(folder) / f"{config.parent.name}-{config.stem}"
    to.mkdir()
    run(TOOL, "pack", config, "-o", to / "bundle")
    run(OBJ / "tests" / "trees" / "trees", host, to / "bundle", to)
    (to / "bundle").unlink()
    return sorted(to.glob("*.dtb"))


def all_trees(folder):
    make_guests(folder)
    for file in (ROOT / "tests" / "config").glob("right-*.yaml"):
        (pathlib.Path(folder) / file.name).write_text(file.read_text())
    small = [f for f in pathlib.Path(folder).glob("right-*.yaml") if "large" not in f.name and "shared" not in f.name]
    configs = [*small, *(ROOT / "examples").glob("*.yaml"), *(ROOT / "bench").glob("*.yaml")]
    host = host_tree(folder)
    found = [tree for config in sorted(configs) for tree in trees(folder, config, host)]
    check(len(found) > 40, f"only {len(found)} trees")
    return found


def test_no_device_tree_has_anything_that_dtc_warns_of():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        for tree in all_trees(folder):
            said = run("dtc", "-I", "dtb", "-O", "dtb", "-o", "/dev/null", tree)
            check(not said, f"{tree}: {said}")


def test_all_device_trees_are_as_the_bindings_of_linux_ask():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        schema = pathlib.Path(folder) / "schema.json"
        run("dt-mk-schema", "-j", "-o", schema, *(BINDINGS / f"{name}.yaml" for name in SCHEMAS))
        said = run("dt-validate", "-m", "-s", schema, *all_trees(folder))
        wrong = [line for line in said.splitlines() if not line.startswith("\tFrom schema") and not re.search(AS_QEMUS, line)]
        check(not wrong, "\n".join(wrong))
        check(len(re.findall(AS_QEMUS, said)) > 40, "nothing was looked at")


def read_tree(file):
    """{path: {property: bytes}}, with phandles as the paths that they name."""
    lines = run("dtc", "-q", "-I", "dtb", "-O", "dts", file).splitlines()
    found, path, names = {}, [], {}
    for line in lines:
        line = line.strip()
        if line.endswith("{"):
            path.append(line[:-1].strip().rstrip("/"))
            found["/".join(path) or "/"] = {}
        elif line == "};":
            path.pop()
        elif line.endswith(";") and path:
            name, _, value = line[:-1].partition(" = ")
            found["/".join(path) or "/"][name] = value
    for at, properties in found.items():
        if handle := properties.pop("phandle", None):
            names[handle.strip("<>")] = at
    for properties in found.values():
        for name in properties:
            if name in ("clocks", "interrupt-parent", "gpios"):
                properties[name] = re.sub(r"0x\w+", lambda m: names.get(m.group(), m.group()), properties[name])
    return found


def differences(ours, qemus):
    """Nodes that one has, and properties of both's that are not the same."""
    for path in sorted({*ours, *qemus}):
        if (path in ours) != (path in qemus):
            if path.rsplit("/", 1)[0] in (set(ours) ^ set(qemus)):
                continue                                    # and what is in them
            yield re.sub(r"virtio_mmio@\w+", "virtio_mmio@…", path)
        else:
            for name in sorted({*ours[path], *qemus[path]}):
                if ours[path].get(name) != qemus[path].get(name):
                    yield f"{path} {name}"


def test_the_document_names_each_difference_from_qemus_tree():
    table = re.search(r"### Its device tree\n.*?\n((?:\|[^\n]*\n)+)", (ROOT / "docs" / "handset.md").read_text(), re.S).group(1)
    told = set(re.findall(r"`([^`]+)`", "".join(row.split("|")[1] for row in table.splitlines())))
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        mine = linux(cpus=[0, 0], memory="512M")
        host = host_tree(folder)
        _, ours = trees(folder, write_config(folder, mine), host)
        firmware = {"name": "firmware", "firmware": str(FIRMWARE), "memory": "512M", "cpus": [0, 0], "priority": 1}
        inner = pathlib.Path(folder) / "inner"
        inner.mkdir()
        _, flashed = trees(inner, write_config(inner, firmware), host)
        qemus = pathlib.Path(folder) / "qemu.dtb"
        image = mine["linux"]
        run("qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a57", "-smp", "2", "-m", "512M", "-nodefaults",
            "-display", "none", "-kernel", image["kernel"], "-initrd", image["initrd"], "-append", image["cmdline"],
            "-machine", f"dumpdtb={qemus}")
        found = {*differences(read_tree(ours), read_tree(qemus))} | \
                {d for d in differences(read_tree(flashed), read_tree(qemus)) if "flash" in d}
    check(found == told, f"it does not name {sorted(found - told)}; there is no {sorted(told - found)}")
