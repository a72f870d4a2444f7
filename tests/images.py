#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The table of images that nobody here wrote, and boot unmodified. `./belay images` builds first, then runs this.

Fetches what is missing of Debian's packages, starts each image beside the radio, and prints the table; fails when one does not
come to where it should, or the radio misses anything. A run of all writes the table to build/images.md.
"""
import argparse
import os
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
import images  # noqa: E402
from testing import BUILD, Failed  # noqa: E402


def say(text):
    print(f"images: {text}", file=sys.stderr, flush=True)


def attempt(image):
    """Its line of the table, empty where it did not come to its end; and whether all was well."""
    start = time.monotonic()
    try:
        images.fetch(image)
        done = images.boot(image)
    except Failed as why:
        say(f"{image.name}: FAILED: {why}")
        return "", False
    say(f"{image.name}: {done.shown} ({time.monotonic() - start:.0f} s)")
    if done.missed:
        say(f"{image.name}: FAILED: the radio missed {done.missed}")
    return line(images.row(image, done)), not done.missed


def line(cells):
    return "| " + " | ".join(cells) + " |"


def table(lines):
    return "\n".join([line(images.COLUMNS), "|---" * len(images.COLUMNS) + "|", *filter(None, lines)])


def main():
    names = [image.name for image in images.IMAGES]
    parser = argparse.ArgumentParser(prog="./belay images", description="Starts images that nobody here wrote in a VM.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="these only (default: all)")
    parser.add_argument("--list", action="store_true", help="show the names, and start nothing")
    wanted = parser.parse_args()
    if wrong := [name for name in wanted.names if name not in names]:
        parser.error(f"no image {wrong[0]}; there are {', '.join(names)}")
    if wanted.list:
        print("\n".join(f"{image.name:24} {image.package}" for image in images.IMAGES))
        return 0
    chosen = [image for image in images.IMAGES if not wanted.names or image.name in wanted.names]
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        lines, good = zip(*map(attempt, chosen))
    print(table(lines), flush=True)
    if not wanted.names:
        (BUILD / "images.md").write_text(table(lines) + "\n")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
