# SPDX-License-Identifier: Apache-2.0
"""The hand of fate: changes the machine's memory from outside, by QEMU's gdb server (GDB manual, appendix E)."""
import contextlib
import mmap
import pathlib
import re
import socket
import subprocess

from testing import OBJ, check

SERVICE_BASE = 0x400000
UNDEFINED = bytes(4)    # UDF #0
BRANCH_TO_ITSELF = bytes.fromhex("00000014")
CBZ_W0_ITSELF = bytes.fromhex("00000034")
BUNDLE = 0x48000000     # where QEMU puts an initrd: hw/arm/boot.c
ANSWER = re.compile(rb"\+\$([^#]*)#..", re.S)


def image_of(service):
    return OBJ / "services" / service / f"{service}.svc"


class Debugger:
    """
    Machine(..., qemu=debugger.qemu) lets a test find bytes in the machine's RAM and change them:

        with debugger.stopped() as d:
            d.write(d.find(image), bytes(4))
    """

    RAM = 0x40000000

    def __init__(self, folder, megabytes=1024):
        self.path = str(pathlib.Path(folder) / "gdb")
        self.places = {}    # of services in RAM: they stay there
        self.ram = pathlib.Path(folder) / "ram"
        self.qemu = ("-object", f"memory-backend-file,id=ram,size={megabytes}M,mem-path={self.ram},share=on",
                     "-machine", "memory-backend=ram", "-gdb", f"unix:path={self.path},server=on,wait=off")

    def __enter__(self):
        """The machine stands still from here on."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(self.path)
        self.ask("?")
        self.ask("Qqemu.PhyMemMode:1")
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):      # it may close before it is told that its answer came
            self.ask("D")   # and goes on from here
        self.socket.close()

    def ask(self, packet):
        self.socket.sendall(b"$%s#%02x" % (packet.encode(), sum(packet.encode()) & 0xff))
        received = b""
        while not (answer := ANSWER.search(received)):      # what stands before is news, such as that it has stopped
            some = self.socket.recv(4096)
            if not some:
                raise ConnectionError("the gdb server is gone")
            received += some
        self.socket.sendall(b"+")
        return answer.group(1).decode()

    def find(self, data, align=4096):
        """The physical addresses of all copies of these bytes in RAM."""
        with open(self.ram, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as ram:
            found, at = [], ram.find(data)
            while at >= 0:
                if at % align == 0:
                    found.append(self.RAM + at)
                at = ram.find(data, at + 1)
            return found

    def write(self, address, data):
        if self.ask(f"M{address:x},{len(data):x}:{data.hex()}") != "OK":
            raise ConnectionError(f"cannot write at {address:#x}")


def loaded_at(d, name):
    """Where in RAM that service is, beside its image in the bundle."""
    if name in d.places:
        return d.places[name]
    header = image_of(name).read_bytes()[:64]
    copies = d.find(header)
    bundles = min(at for at in copies if at >= BUNDLE)      # whatever else lies above begins behind the bundle's end
    loaded = [at for at in copies if at != bundles]
    check(len(loaded) == 1, f"the bundle's is at {bundles:#x}, and the service's among {loaded}")
    d.places[name] = loaded[0]
    return loaded[0]


def kill_service(debugger, name):
    """Its code becomes undefined instructions; the restart loads it afresh from the bundle."""
    text = int.from_bytes(image_of(name).read_bytes()[8:12], "little")
    with debugger as d:
        at = loaded_at(d, name)
        for page in range(4096 if text > 4096 else 64, text, 1024):
            d.write(at + page, UNDEFINED * min(256, (text - page) // 4))


def symbol(name, wanted):
    """Where a service has that symbol, from the start of its image, and its size."""
    elf = image_of(name).with_suffix(".elf")
    listed = subprocess.run(["aarch64-linux-gnu-nm", "-S", elf], capture_output=True, text=True, check=True).stdout
    address, size = re.search(rf"^(\w+) (\w+) \w {wanted}$", listed, re.M).groups()
    return int(address, 16) - SERVICE_BASE, int(size, 16)


def hang_service(debugger, name, function):
    """Each instruction of that function becomes a branch to itself."""
    offset, size = symbol(name, function)
    with debugger as d:
        d.write(loaded_at(d, name) + offset, BRANCH_TO_ITSELF * (size // 4))


def branch(at, to):
    """B from one address to another (Arm ARM, C6.2.26)."""
    return (0x14000000 | (to - at) // 4 & 0x03ffffff).to_bytes(4, "little")


def hang_calls(debugger, name, function):
    """That function hangs where its first argument is 0, by a stub behind the end of the code."""
    image = image_of(name).read_bytes()
    text = int.from_bytes(image[8:12], "little")
    offset, stub = symbol(name, function)[0], text - 16
    check(not any(image[stub:text]), f"{name} has no room for a stub")
    with debugger as d:
        at = loaded_at(d, name)
        d.write(at + stub, CBZ_W0_ITSELF + image[offset:offset + 4] + branch(stub + 8, offset + 4))
        d.write(at + offset, branch(offset, stub))
