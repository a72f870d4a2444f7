# SPDX-License-Identifier: Apache-2.0
"""Images that nobody here wrote, each in a VM beside the radio on the same core, and spoken to over its console."""
import dataclasses
import pathlib
import re
import subprocess

from machine import INITRD, KERNEL, KERNEL_RT, PROMPT, Machine, linux_armhf, radio
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
    limit: int = 300            # seconds
    cpu: str = "cortex-a57"


def in_package(package, path, arch="arm64"):
    """A file of a package that is fetched."""
    return str(BUILD / "images" / arch / package / path)


def version_in(package, arch="arm64"):
    return BUILD / "images" / arch / f"{package}.version"


def linux(kernel, initrd=INITRD, cmdline="console=ttyAMA0 quiet"):
    return {"linux": {"kernel": str(kernel), "initrd": str(initrd), "cmdline": cmdline}}


def of_shell(vcpus=1):
    """A Linux with the initrd of the examples, from its prompt on."""
    return [(PROMPT, "echo $(nproc) CPU of $(uname -srvm)\r"), (rf"^\[guest\] ({vcpus} CPU of Linux .*)$", "")]


def debian(name, package="linux-image-arm64", kernel=KERNEL, vcpus=1, gic=3):
    """Debian's kernel, to a shell."""
    return Image(name, package, kernel.parent / "version", linux(kernel), of_shell(vcpus), vcpus=vcpus, gic=gic)


def debian_armhf(name, gic=3):
    """Debian's kernel for AArch32, to the shell of its own initrd."""
    vm = linux_armhf()
    version = pathlib.Path(vm["linux"]["kernel"]).parent / "version"
    vm = {key: vm[key] for key in ("linux", "mode", "memory")}
    return Image(name, "linux-image-armmp", version, vm, of_shell(), gic=gic)


def u_boot(name, built_for, **vm):
    """From flash to its prompt, after it has looked for what it could start, and found nothing."""
    package = "u-boot-qemu"
    talk = [(r"stop autoboot", ""), (r"^\[guest\] => ", "version\r"), (r"^\[guest\] (U-Boot .*)$", "")]
    image = in_package(package, f"usr/lib/u-boot/{built_for}/u-boot.bin")
    return Image(name, package, version_in(package), {"firmware": image, "memory": "128M", **vm}, talk,
                 ("arm64", package))


EDK2 = "qemu-efi-aarch64"
FLASH = in_package(EDK2, "usr/share/qemu-efi-aarch64/QEMU_EFI.fd")
BANNER = r"^\[guest\] UEFI firmware"


def edk2_shell():
    """From flash to its shell, which waits for a key before its prompt: some seconds, in which it looks at the counter."""
    talk = [(BANNER, ""), (r"map: No mapping found", "\r"), (r"Shell> ", "ver\r"), (r"^\[guest\] (UEFI v.*)$", "")]
    return Image("edk2", EDK2, version_in(EDK2), {"firmware": FLASH}, talk, ("arm64", EDK2))


def edk2_linux():
    """The firmware fetches the kernel by fw_cfg and starts it by its EFI stub."""
    talk = [(BANNER, ""), (PROMPT, "echo $(uname -srm) by $(dmesg | grep -o 'EFI v.*')\r"),
            (r"^\[guest\] (Linux .* by EFI v.*)$", "")]
    return Image("edk2-linux", EDK2, version_in(EDK2), {"firmware": FLASH, **linux(KERNEL)}, talk, ("arm64", EDK2))


def edk2_grub():
    """GRUB in the place of the kernel, to its prompt."""
    package = "grub-efi-arm64-bin"
    grub = in_package(package, "usr/lib/grub/arm64-efi/monolithic/grubaa64.efi")
    talk = [(r"GNU GRUB  version", ""), (r"grub> ", "echo $grub_cpu-$grub_platform $feature_menuentry_id\r"),
            (r"^\[guest\] (arm64-efi y)$", "")]
    return Image("edk2-grub", package, version_in(package), {"firmware": FLASH, "linux": {"kernel": grub}}, talk,
                 ("arm64", EDK2, package))


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
    debian("debian-gicv2", vcpus=2, gic=2),
    debian("debian-rt", "linux-image-rt-arm64", KERNEL_RT),
    debian_armhf("debian-armhf"),
    debian_armhf("debian-armhf-gicv2", gic=2),
    installer(),
    u_boot("u-boot", "qemu_arm64"),
    u_boot("u-boot-armhf", "qemu_arm", mode="aarch32"),
    edk2_shell(),
    edk2_linux(),
    edk2_grub(),
]


def fetch(image):
    if image.fetch:
        subprocess.run([ROOT / "scripts" / "images.sh", *image.fetch], check=True)


BOARDS = {2: "qemu-virt-gicv2", 3: "qemu-virt"}


@dataclasses.dataclass
class Boot:
    """What came of one."""
    shown: str
    frames: int
    missed: int                 # frames and voice blocks of the radio
    worst: int                  # ns that a release of the radio's was late


def vms(image):
    return {"name": "guest", "memory": "256M", "cpus": [0] * image.vcpus, "priority": 10, **image.vm}, radio()


def boot(image):
    """Starts it and talks to it; fails where it does not answer. The radio reports at least once after that."""
    with Machine(*vms(image), limit=image.limit, cpu=image.cpu, board=BOARDS[image.gic]) as m:
        for pattern, text in image.talk:
            shown = m.expect(pattern)
            m.type(text)
        check(shown.re.groups == 1, f"{image.name}: the last pattern has no group for the table")
        check(not re.search(r"^\[belay\] guest: ", m.text, re.M), f"{image.name}: it came to an end")
        m.belay("pause", "guest")       # the rest of the radio's second takes no time then
        frames, missed, _, bad, worst = map(int, m.expect(REPORT).groups()[1:])
        return Boot(shown.group(1).strip(), frames, missed + bad, worst)


COLUMNS = ("image", "package", "version", "vCPUs", "GIC", "what it said", "radio: frames", "missed", "worst")


def row(image, done):
    return (image.name, image.package, image.version.read_text().strip(), str(image.vcpus), f"v{image.gic}",
            f"`{done.shown}`", str(done.frames), str(done.missed), f"{done.worst} ns")
