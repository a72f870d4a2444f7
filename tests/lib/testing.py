# SPDX-License-Identifier: Apache-2.0
"""What a test may say. A test is a function whose name is its promise; it fails by an exception."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"
OBJ = BUILD / "obj"
TOOL = OBJ / "tools" / "belay"

LIMIT = 100     # seconds that a program may take which takes a few, on a host that is slow or has other work


class Failed(Exception):
    """The promise is not kept."""


class Skipped(Exception):
    """The promise can't be tried here; says why."""


def check(true, what):
    if not true:
        raise Failed(what)


def for_each(*values):
    """One test for each value, which it is called with."""
    def mark(function):
        function.values = values
        return function
    return mark


def takes(seconds):
    """About how long a test takes, where it is long: the runner starts it first."""
    def mark(function):
        function.seconds = seconds
        return function
    return mark
