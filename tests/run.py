#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs all tests, two at a time, or those with one of the given words in their names; the last line counts them."""
import concurrent.futures
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
from testing import OBJ, Failed, Skipped  # noqa: E402

JOBS = 2
LAST_WORDS = 1500           # characters of a failed test's words that are said once more at the end
LONGEST = 12                # tests whose time is told at the end
FOLDERS = ["static", "config", "tool", "proof", "system"]


class Test:
    def __init__(self, group, name, function, seconds=1):
        self.name = f"{group}: {name}"
        self.function = function
        self.seconds = seconds


def python_tests():
    """Functions test_* of the modules test_*.py."""
    for folder in FOLDERS:
        for file in sorted(os.listdir(os.path.join(HERE, folder))):
            if not re.fullmatch(r"test_\w+\.py", file):
                continue
            spec = importlib.util.spec_from_file_location(f"{folder}_{file[:-3]}", os.path.join(HERE, folder, file))
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            for name, function in vars(module).items():
                if not name.startswith("test_"):
                    continue
                words = name[5:].replace("_", " ")
                seconds = getattr(function, "seconds", 30 if folder == "system" else 1)
                for value in getattr(function, "values", [None]):
                    if value is None:
                        yield Test(folder, words, function, seconds)
                    else:
                        yield Test(folder, f"{words} [{value}]", lambda f=function, v=value: f(v), seconds)


def run_program(test):
    """One of Meson's tests. A program of cmocka has several: each is a line of TAP."""
    done = subprocess.run(test["cmd"], cwd=test["workdir"] or OBJ, timeout=test["timeout"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**os.environ, **test["env"], "CMOCKA_MESSAGE_OUTPUT": "TAP"},
                          text=True, errors="replace")
    results = re.findall(r"^(not )?ok \d+ - (.*)$", done.stdout, re.M)
    failed = [name for bad, name in results if bad]
    if done.returncode != 0 or failed:
        raise Failed(done.stdout)
    return len(results)


def programs():
    listed = subprocess.run(["meson", "introspect", "--tests", OBJ], capture_output=True, text=True, check=True)
    for test in json.loads(listed.stdout):
        yield Test(test["suite"][0].split(":")[-1], test["name"], lambda t=test: run_program(t))


def attempt(test):
    """One of passed, failed, skipped; how many; words."""
    try:
        return "passed", test.function() or 1, ""
    except Skipped as why:
        return "skipped", 1, str(why)
    except Failed as why:
        return "failed", 1, str(why)
    except Exception:  # a test that breaks has failed
        return "failed", 1, traceback.format_exc()


def indented(why):
    return "\n".join("        " + line for line in why.rstrip().splitlines())


def main(words):
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder      # where machines are found: those of the tests are not the user's
        return run_tests(words)


def run_tests(words):
    tests = [t for t in [*python_tests(), *programs()] if not words or any(w in t.name for w in words)]
    tests.sort(key=lambda t: -t.seconds)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    failures, took = [], {}
    began, start = {}, time.monotonic()

    def timed(test):
        began[test] = time.monotonic()
        return attempt(test)

    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        running = {pool.submit(timed, t): t for t in tests}
        try:
            for future in concurrent.futures.as_completed(running):
                test = running[future]
                result, count, why = future.result()
                counts[result] += count
                took[test.name] = seconds = time.monotonic() - began[test]
                print(f"{result:7} {test.name} ({seconds:.1f} s)", flush=True)
                if why:
                    print(indented(why), flush=True)
                if result == "failed":
                    failures.append(f"failed  {test.name} ({seconds:.1f} s)\n{indented(why[-LAST_WORDS:])}")
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    longest = sorted(took.items(), key=lambda item: -item[1])[:LONGEST]
    print(f"{time.monotonic() - start:.0f} s in all; the longest: " + ", ".join(f"{name} {s:.0f} s" for name, s in longest))
    for text in failures:                       # a log is read from its end, and may have lost its head
        print(f"once more: {text}")
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
