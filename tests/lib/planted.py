# SPDX-License-Identifier: Apache-2.0
"""A fault in a copy of one of the nucleus's sources, which a proof must find."""
import contextlib
import pathlib
import tempfile

from testing import ROOT, check


@contextlib.contextmanager
def planted(source, right, wrong):
    """A folder that has `source` with `wrong` in the one place of `right`, to be looked in before the nucleus's own."""
    text = (ROOT / "nucleus" / source).read_text()
    check(text.count(right) == 1, f"{source} has {right!r} {text.count(right)} times")
    with tempfile.TemporaryDirectory(prefix="belay-proof-") as folder:
        file = pathlib.Path(folder) / source
        file.parent.mkdir()
        file.write_text(text.replace(right, wrong))
        yield pathlib.Path(folder)
