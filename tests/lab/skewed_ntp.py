"""An NTP server whose clock is this machine's plus a known offset and rate, so that a client can be checked against it.

``python skewed_ntp.py ADDRESS PORT PPM OFFSET_MS``: PPM > 0 is a clock that runs faster than this machine's, OFFSET_MS
> 0 one that is ahead of it. Client and server mode of RFC 5905, no keys. Receive times come from the kernel.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from typing import NamedTuple

SECOND = 1_000_000_000
TO_1900 = 2_208_988_800
"""Seconds from 1900, where NTP's time begins, to 1970: 70 years and 17 leap days."""

SO_TIMESTAMPNS = 35
TIMESPEC = struct.Struct("@qq")
HEADER = struct.Struct("!BBbbII4s")
CLIENT, SERVER = 3, 4
STRATUM, PRECISION = 1, -20


class SkewedClock(NamedTuple):
    """A clock that was right, but for its offset, at ``epoch``; times are nanoseconds since 1970."""

    epoch: int
    ppm: float
    offset: int

    def at(self, now: int) -> int:
        """What it shows when this machine's clock shows ``now``."""
        return now + self.offset + int((now - self.epoch) * self.ppm / 1_000_000)


def main(address: str, port: int, ppm: float, offset_ms: float) -> None:
    """Serve for ever."""
    clock = SkewedClock(time.time_ns(), ppm, int(offset_ms * 1_000_000))
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        server.bind((address, port))
        while True:
            request, control, _, client = server.recvmsg(1024, 128)
            if len(request) >= 48 and request[0] & 7 == CLIENT:
                server.sendto(reply(request, clock, received(control)), client)


def reply(request: bytes, clock: SkewedClock, came: int) -> bytes:
    """The answer to a request that came at this time of this machine's clock."""
    mode = request[0] & 0o70 | SERVER
    header = HEADER.pack(mode, STRATUM, request[2], PRECISION, 0, 64, b"SKEW")
    set_at = clock.at(came) // SECOND * SECOND
    return header + stamp(set_at) + request[40:48] + stamp(clock.at(came)) + stamp(clock.at(time.time_ns()))


def received(control: list[tuple[int, int, bytes]]) -> int:
    """When the kernel got the packet."""
    for level, kind, data in control:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = TIMESPEC.unpack(data[: TIMESPEC.size])
            return seconds * SECOND + nanoseconds
    return time.time_ns()


def stamp(nanoseconds: int) -> bytes:
    """A time as NTP writes it: 32 bits of seconds since 1900, and 32 of their fraction."""
    seconds, rest = divmod(nanoseconds, SECOND)
    return struct.pack("!II", (seconds + TO_1900) & 0xFFFF_FFFF, (rest << 32) // SECOND)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
