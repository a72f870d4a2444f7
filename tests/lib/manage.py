# SPDX-License-Identifier: Apache-2.0
"""The management protocol (include/belay/manage.h) from a client's side that does not have to be a good one."""
import select
import socket
import struct
import time
import zlib

from testing import Failed

END, ESC = b"\xc0", b"\xdb"
HEADER = "<BBHHHII"
HELLO, MACHINE, VM, VCPU, CONTROL, LOG, OPEN, CLOSE, DATA, CREDIT, LOST, GOODBYE = range(1, 13)
ANSWER = 0x80
STREAM_CONSOLE, STREAM_GDB, STREAM_TRACE = range(3)
OK, EVERSION, ETYPE, EPAYLOAD, EHELLO, ERIGHT, EVM, ESTATE, EBUSY, ESTREAM, EFAILED, EUNSUPPORTED = range(12)


def frame(kind, payload=b"", channel=1, stream=0, sequence=1, version=1, crc=None):
    head = struct.pack(HEADER, version, kind, channel, stream, len(payload), sequence, 0)
    crc = zlib.crc32(head + payload) if crc is None else crc
    body = head[:12] + struct.pack("<I", crc) + payload
    return END + body.replace(ESC, ESC + b"\xdd").replace(END, ESC + b"\xdc") + END


class NotRight(Failed):
    """Bytes between two ENDs that are no frame."""


def unframe(body):
    """What stands between two ENDs, as it is on the wire: kind, channel, stream, sequence, payload."""
    plain = body.replace(ESC + b"\xdc", END).replace(ESC + b"\xdd", ESC)
    if len(plain) < 16:
        raise NotRight(f"a frame that is too short: {body.hex()}")
    _, kind, channel, stream, length, sequence, _ = struct.unpack(HEADER, plain[:16])
    if len(plain) != 16 + length or END + body + END != frame(kind, plain[16:], channel, stream, sequence):
        raise NotRight(f"a frame that is not right: {body.hex()}")
    return kind, channel, stream, sequence, plain[16:]


class Client:
    """At a Unix socket: a broker's, or a UART's itself."""

    def __init__(self, path, limit=60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.deadline = time.monotonic() + limit
        self.socket.connect(str(path))
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Takes what comes meanwhile: a machine whose answers nobody takes does not listen either."""
        while data:
            left = self.deadline - time.monotonic()
            can_read, can_write, _ = select.select([self.socket], [self.socket], [], max(left, 0))
            if not can_read and not can_write:
                raise Failed("the machine does not listen")
            if can_read:
                self.take()
            if can_write:
                data = data[self.socket.send(data[:4096], socket.MSG_DONTWAIT):]

    def take(self):
        some = self.socket.recv(65536)
        if not some:
            raise Failed("the connection has ended")
        self.rest += some

    def read(self):
        """The next frame: kind, channel, stream, sequence, payload."""
        while True:
            while END in self.rest:
                body, self.rest = self.rest.split(END, 1)
                if body:
                    return unframe(body)
            self.socket.settimeout(max(self.deadline - time.monotonic(), 0.1))
            try:
                self.take()
            except TimeoutError:
                raise Failed("the machine does not answer") from None

    def ask(self, kind, payload=b"", **more):
        """The status that the answer begins with, and the answer."""
        self.send(frame(kind, payload, sequence=77, **more))
        while True:
            got, _, _, sequence, answer = self.read()
            if got == kind | ANSWER and sequence == 77:
                return struct.unpack("<I", answer[:4])[0], answer

    def hello(self):
        return self.ask(HELLO, struct.pack("<HH", 1, 1))
