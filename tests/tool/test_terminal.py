# SPDX-License-Identifier: Apache-2.0
"""What the tests read of a program's terminal."""
import time

from machine import Terminal
from testing import Failed, check


def test_a_line_is_expected_whole_however_it_comes():
    with Terminal(["sh", "-c", "printf 'one two'; read _; echo ' three'"], 20) as t:
        t.expect("one two")
        t.mark, end, t.end = 0, t.end, time.monotonic()
        try:
            found = t.expect(r"^(one .*)$")
            check(False, f"a part of it was taken for the line: {found.group(1)!r}")
        except Failed as e:
            check("out of time" in str(e), str(e))
        t.end = end
        t.type("\n")
        found = t.expect(r"^(one .*)$")
        check(found.group(1) == "one two three", found.group(1))
