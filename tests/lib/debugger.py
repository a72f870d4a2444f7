# SPDX-License-Identifier: Apache-2.0
"""The hand of fate: changes the machine's memory from outside, by QEMU's gdb server (GDB manual, appendix E)."""
import mmap
import pathlib
import re
import socket

from testing import OBJ, check

CONSOLE = OBJ / "services" / "console" / "console.svc"
UNDEFINED = bytes(4)    # UDF #0
BUNDLE = 0x48000000     # where QEMU puts an initrd: hw/arm/boot.c
ANSWER = re.compile(rb"\+\$([^#]*)#..", re.S)


class Debugger:
    """
    Machine(..., qemu=debugger.qemu) lets a test find bytes in the machine's RAM and change them:

        with debugger.stopped() as d:
            d.write(d.find(image), bytes(4))
    """

    RAM = 0x40000000

    def __init__(self, folder, megabytes=1024):
        self.path = str(pathlib.Path(folder) / "gdb")
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
        self.ask("D")       # and goes on from here
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


def kill_console(debugger):
    """Its code becomes undefined instructions; the restart loads it afresh from the bundle."""
    image = CONSOLE.read_bytes()
    header, text = image[:64], int.from_bytes(image[8:12], "little")
    with debugger as d:
        copies = d.find(header)
        bundles = min(at for at in copies if at >= BUNDLE)      # whatever else lies above begins behind the bundle's end
        loaded = [at for at in copies if at != bundles]
        check(len(loaded) == 1, f"the bundle's is at {bundles:#x}, and the service's among {loaded}")
        for page in range(4096, text, 1024):
            d.write(loaded[0] + page, UNDEFINED * min(256, (text - page) // 4))
