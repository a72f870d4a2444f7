# SPDX-License-Identifier: Apache-2.0
"""`belay check` and `belay pack` as commands: what they write, where, and how they end."""
import contextlib
import os
import pathlib
import resource
import signal
import subprocess
import tempfile

from testing import LIMIT, TOOL, check



@contextlib.contextmanager
def place():
    """A folder with a configuration and the parts of a build."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        path = pathlib.Path(folder)
        for part in ["nucleus/belay.img", "services/steward/steward.svc", "services/console/console.svc",
                     "services/manager/manager.svc", "services/watchdog/watchdog.svc",
                     "services/gdb/gdb.svc"]:
            (path / part).parent.mkdir(parents=True)
            (path / part).write_bytes(b"a part")
        (path / "guest").write_bytes(bytes(100000))
        (path / "good.yaml").write_text(
            "board: qemu-virt\nvms:\n  - {name: phone, raw: {image: guest}, memory: 2M, priority: 10}\n")
        yield path


def belay(path, *arguments, **more):
    return subprocess.run([TOOL, *arguments], cwd=path, stderr=subprocess.PIPE, text=True, timeout=LIMIT, **more)


def pack(path, output, **more):
    return belay(path, "pack", "good.yaml", "-o", output, "--build", ".", stdout=subprocess.PIPE, **more)


def test_output_that_cannot_be_written_is_a_failure():
    for command in [["check", "good.yaml"], ["help"], ["--version"], ["check", "--help"]]:
        with place() as path, open("/dev/full", "wb") as full:
            done = belay(path, *command, stdout=full)
        check(done.returncode == 1, f"{command}: exit code {done.returncode}")
        check("belay: cannot write to standard output: No space left" in done.stderr, f"{command}: {done.stderr}")


def test_check_shows_who_runs_by_cpu_and_on_each_the_highest_first():
    vms = [("one", 10, 1), ("two", 30, 0), ("three", 20, 1), ("four", 200, 0)]
    with place() as path:
        (path / "good.yaml").write_text("board: qemu-virt\ncpus: 2\nvms:\n" + "".join(
            f"  - {{name: {name}, raw: {{image: guest}}, memory: 2M, priority: {priority}, cpus: [{cpu}]}}\n"
            for name, priority, cpu in vms))
        done = belay(path, "check", "good.yaml", stdout=subprocess.PIPE)
    order = [line.split()[0] for line in done.stdout.splitlines()[1:-1]]
    check(order == ["four", "steward", "console", "manager", "two", "three", "one"], f"{order}: {done.stdout}{done.stderr}")


def test_pack_replaces_a_file_and_leaves_no_draft():
    with place() as path:
        (path / "out").write_text("old")
        before = sorted(os.listdir(path))
        done = pack(path, "out")
        check(done.returncode == 0 and (path / "out").read_bytes()[:4] == b"\xd0\x0d\xfe\xed", done.stderr)
        check(sorted(os.listdir(path)) == before, f"left {os.listdir(path)}")


def test_pack_does_not_replace_what_is_no_file():
    with place() as path:
        (path / "folder").mkdir()
        os.mkfifo(path / "pipe")
        (path / "link").symlink_to("/dev/full")
        before = sorted(os.listdir(path))
        for name in ["folder", "pipe", "link"]:
            done = pack(path, name)
            want = f"belay: {name} is there and no regular file; write -o and the path of a file to make\n"
            check(done.returncode == 2 and done.stderr == want, f"{name}: {done.returncode}, {done.stderr}")
        check(sorted(os.listdir(path)) == before, f"left {os.listdir(path)}")


def small_files_only():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))


def test_pack_leaves_no_draft_when_it_fails():
    with place() as path:
        before = sorted(os.listdir(path))
        for name, how, word in [("out", {"preexec_fn": small_files_only}, "out: cannot write: File too large"),
                                ("out", {"env": {"SOURCE_DATE_EPOCH": "x"}}, "SOURCE_DATE_EPOCH is 'x'"),
                                ("no/out", {}, "no/out: No such file or directory")]:
            done = pack(path, name, **how)
            check(done.returncode == 2 and word in done.stderr, f"{done.returncode}, {done.stderr}")
            check(sorted(os.listdir(path)) == before, f"left {os.listdir(path)}")
