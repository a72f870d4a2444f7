# SPDX-License-Identifier: Apache-2.0
"""`belay check` and `belay pack` as commands: what they write, where, and how they end."""
import pathlib
import subprocess
import tempfile

from testing import ROOT, TOOL, check

LIMIT = 30  # seconds


def test_output_that_cannot_be_written_is_a_failure():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        (pathlib.Path(folder) / "guest").write_bytes(b"a guest")
        (pathlib.Path(folder) / "good.yaml").write_text(
            "board: qemu-virt\nvms:\n  - {name: phone, raw: {image: guest}, memory: 2M, priority: 10}\n")
        for command in [["check", "good.yaml"], ["help"], ["--version"], ["check", "--help"]]:
            with open("/dev/full", "wb") as full:
                done = subprocess.run([TOOL, *command], cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True,
                                      timeout=LIMIT)
            check(done.returncode == 1, f"{command}: exit code {done.returncode}")
            check("belay: cannot write to standard output: No space left" in done.stderr, f"{command}: {done.stderr}")
