# SPDX-License-Identifier: Apache-2.0
"""Images that nobody here wrote, each in a VM beside the radio on the same core, and spoken to over its console."""
import dataclasses
import pathlib
import re
import subprocess

from machine import INITRD, KERNEL, KERNEL_RT, PROMPT, Machine, radio
from testing import BUILD, ROOT, check

REPORT = r"^\[radio\] radio: (\d+) s, frames (\d+), missed (\d+), voice (\d+), bad (\d+), worst (\d+) ns"


@dataclasses.dataclass
class Image:
    """
    `vm` is its configuration, without a name, vCPUs and a priority. `talk` are patterns that it has to show one after the
    other, each with what is typed then ("": nothing); what the last one's group finds is what the table tells.
    """
    name: str
    package: str                # Debian's
    version: pathlib.Path       # has that of the package
    vm: dict
    talk: list
    fetch: tuple = ()           # architecture, packages: those that ./belay build does not fetch
    vcpus: int = 1
    gic: int = 3
    limit: int = 600            # seconds, on a host that is busy
    cpu: str = "cortex-a57"


def in_package(package, path, arch="arm64"):
    """A file of a package that is fetched."""
    return str(BUILD / "images" / arch / package / path)


def version_in(package, arch="arm64"):
    return BUILD / "images" / arch / f"{package}.version"


def linux(kernel):
    return {"linux": {"kernel": str(kernel), "initrd": str(INITRD), "cmdline": "console=ttyAMA0 quiet"}}


def debian(name, package="linux-image-arm64", kernel=KERNEL, vcpus=1):
    """Debian's kernel, to a shell in the initrd of the examples."""
    talk = [(PROMPT, "echo $(nproc) CPU of $(uname -srvm)\r"), (r"^\[guest\] (\d+ CPU of Linux .*)$", "")]
    return Image(name, package, kernel.parent / "version", linux(kernel), talk, vcpus=vcpus)


INSTALLER = "debian-installer-12-netboot-arm64"
INSTALLER_FILES = "usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64/"


def installer():
    """Debian's installer to its first menu, which asks for a language; Enter there leads to the next."""
    vm = {"linux": {"kernel": in_package(INSTALLER, INSTALLER_FILES + "linux"),
                    "initrd": in_package(INSTALLER, INSTALLER_FILES + "initrd.gz"), "cmdline": "console=ttyAMA0 quiet"},
          "memory": "512M"}
    talk = [(r"Select a language", ""), (r"English", ""), (r"<Enter> activates buttons", ""),
            (REPORT, "\r"),                # once all is drawn, what was typed before is thrown away
            (r"(Select your location)", "")]
    return Image("debian-installer", INSTALLER, version_in(INSTALLER), vm, talk, fetch=("arm64", INSTALLER))


IMAGES = [
    debian("debian"),
    debian("debian-2", vcpus=2),
    debian("debian-4", vcpus=4),
    debian("debian-rt", "linux-image-rt-arm64", KERNEL_RT),
    installer(),
]


def fetch(image):
    if image.fetch:
        subprocess.run([ROOT / "scripts" / "images.sh", *image.fetch], check=True)


@dataclasses.dataclass
class Boot:
    """What came of one."""
    shown: str
    frames: int
    missed: int                 # frames and voice blocks of the radio
    worst: int                  # ns that a release of the radio's was late


def boot(image):
    """Starts it and talks to it; fails where it does not answer. The radio reports at least once after that."""
    vm = {"name": "guest", "memory": "256M", "cpus": [0] * image.vcpus, "priority": 10, **image.vm}
    with Machine(vm, radio(), limit=image.limit, cpu=image.cpu) as m:
        for pattern, text in image.talk:
            shown = m.expect(pattern)
            m.type(text)
        check(shown.re.groups == 1, f"{image.name}: the last pattern has no group for the table")
        frames, missed, _, bad, worst = map(int, m.expect(REPORT).groups()[1:])
        check(not re.search(r"^\[belay\] guest: (?!told)", m.text, re.M), f"{image.name}: it came to an end")
        return Boot(shown.group(1).strip(), frames, missed + bad, worst)


COLUMNS = ("image", "package", "version", "vCPUs", "GIC", "what it said", "radio: frames", "missed", "worst")


def row(image, done):
    return (image.name, image.package, image.version.read_text().strip(), str(image.vcpus), f"v{image.gic}",
            f"`{done.shown}`", str(done.frames), str(done.missed), f"{done.worst} ns")
