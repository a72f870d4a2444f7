# SPDX-License-Identifier: Apache-2.0
"""./belay in a checkout of its own: what it says before, or without, building anything."""
import contextlib
import pathlib
import shutil
import subprocess
import tempfile

from testing import LIMIT, ROOT, check



@contextlib.contextmanager
def checkout():
    """The scripts alone."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        path = pathlib.Path(folder)
        shutil.copy(ROOT / "belay", path)
        shutil.copytree(ROOT / "scripts", path / "scripts")
        yield path


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)


def test_help_needs_no_place_to_write():
    with checkout() as path:
        (path / "build").write_text("no folder can be made of that name, as where nothing can be written")
        for command in [["help"], ["--help"], []]:
            done = run(path / "belay", *command)
            check(done.returncode == 0 and done.stdout.startswith("usage: ./belay") and not done.stderr, done.stderr)


def test_help_leaves_nothing():
    with checkout() as path:
        run(path / "belay", "help")
        check(not (path / "build").exists(), "it made a folder")


def test_help_on_a_command_is_the_tools():
    with checkout() as path:
        done = run(path / "belay", "help", "run")
        check(done.returncode == 1 and "./belay build first" in done.stderr, f"{done.returncode} {done.stderr}")
        (path / "build/obj/tools").mkdir(parents=True)
        tool = path / "build/obj/tools/belay"
        shutil.copy("/bin/echo", tool)
        for command in ["run", "check", "pack"]:
            done = run(path / "belay", "help", command)
            check(done.returncode == 0 and done.stdout == f"help {command}\n", done.stdout + done.stderr)


def test_a_checkout_that_cannot_be_written_says_so():
    with checkout() as path:
        (path / "build").write_text("")
        done = run(path / "belay", "build")
        check(done.returncode == 1 and f"belay: cannot write in {path}/build/log" in done.stderr, done.stderr)


def test_a_log_that_cannot_be_written_is_not_shown():
    with checkout() as path:
        (path / "build/log/step.log").mkdir(parents=True)
        script = f'set -eu; root={path}; . "$root/scripts/common.sh"; logged step echo done'
        done = run("sh", "-c", script)
        check(done.returncode == 1 and done.stderr == f"belay: cannot write {path}/build/log/step.log\n", done.stderr)
