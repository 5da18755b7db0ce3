"""A UDP socket that knows when packets came and left: by the kernel's stamps, or by the clock around the call.

See networking/timestamping.rst. The kernel stamps an arriving packet before it wakes anybody, and a leaving one when
the driver takes it; that stamp comes back over the socket's error queue, numbered by the order of sending. A card's own
stamps are used if somebody (ptp4l, chronyd) has switched them on and keeps its clock at the system's time. No
privilege needed. A stamp that the clock around it contradicts is not used: the clock was set, or it is another clock's.
"""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

SECOND = 1_000_000_000

SO_TIMESTAMPING = 37
TX_HARDWARE, TX_SOFTWARE, RX_HARDWARE, RX_SOFTWARE = 1 << 0, 1 << 1, 1 << 2, 1 << 3
SOFTWARE, RAW_HARDWARE, OPT_ID, OPT_CMSG, OPT_TSONLY = 1 << 4, 1 << 6, 1 << 7, 1 << 10, 1 << 11
KERNEL_FLAGS = TX_SOFTWARE | RX_SOFTWARE | SOFTWARE | OPT_ID | OPT_CMSG | OPT_TSONLY
HARDWARE_FLAGS = KERNEL_FLAGS | TX_HARDWARE | RX_HARDWARE | RAW_HARDWARE
"""Of linux/net_tstamp.h."""

STAMPS = struct.Struct("@qqqqqq")
"""``struct scm_timestamping``: by the kernel, unused, by the hardware; seconds and nanoseconds each."""

EXTENDED_ERROR = struct.Struct("@IBBBBII")
"""``struct sock_extended_err``; its last field is the packet's number."""

ORIGIN_TIMESTAMPING = 4
IP_RECVERR, IPV6_RECVERR = 11, 25

LONGEST_PACKET = 2048
ANCILLARY = 512

OLDEST = SECOND
"""A packet does not lie in the socket for longer than this before it is read; nanoseconds."""

USER, KERNEL, HARDWARE = "user", "kernel", "hardware"
KINDS = (USER, KERNEL, HARDWARE)


class Stamp(NamedTuple):
    """When a packet came or left: CLOCK_REALTIME in nanoseconds, and by whom it was stamped (one of KINDS)."""

    at: int
    kind: str


class Arrived(NamedTuple):
    """A packet, from where, and when."""

    data: bytes
    address: tuple[Any, ...]
    stamp: Stamp


class Left(NamedTuple):
    """A packet that was sent before, by its number, and when it left."""

    number: int
    stamp: Stamp


@dataclass
class StampedSocket:
    """A UDP socket. Not for use by several threads at once.

    ``wanted`` is the best kind of stamps to use. Of a socket whose kernel gives none, all stamps are ``user``.
    """

    socket: socket.socket
    wanted: str = HARDWARE
    clock_ns: Callable[[int], int] = time.clock_gettime_ns
    _sent: int = 0
    _leaving: dict[int, int] = field(default_factory=dict[int, int])
    """When each packet was sent whose stamp has not come back yet."""

    def __post_init__(self) -> None:
        self.socket.setblocking(False)
        flags = {USER: 0, KERNEL: KERNEL_FLAGS, HARDWARE: HARDWARE_FLAGS}[self.wanted]
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, flags)
        except OSError:  # a kernel or a container's filter that does not know it
            self.wanted = USER

    def send(self, data: bytes, address: tuple[Any, ...]) -> tuple[int, Stamp]:
        """Send a packet; its number, and when the call began. Raises OSError, of a local firewall for one."""
        before = self._now()
        self.socket.sendto(data, address)
        number, self._sent = self._sent, self._sent + 1
        if self.wanted != USER:
            self._leaving[number] = before
            self._leaving.pop(number - LONGEST_PACKET, None)  # whose stamp never came
        return number, Stamp(before, USER)

    def receive(self) -> Iterable[Arrived | Left]:
        """All that has come by now: packets, and stamps of packets that left."""
        while True:
            try:
                data, ancillary, _, address = self.socket.recvmsg(LONGEST_PACKET, ANCILLARY)
            except BlockingIOError:
                break
            except OSError as error:  # what a packet sent before ran into, an unreachable port say
                if error.errno not in (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH):
                    raise
                continue
            now = self._now()
            yield Arrived(data, address, self._stamp(ancillary, now - OLDEST, now) or Stamp(now, USER))
        yield from self._left()

    def _left(self) -> Iterable[Left]:
        while True:
            try:
                _, ancillary, _, _ = self.socket.recvmsg(0, ANCILLARY, socket.MSG_ERRQUEUE)
            except OSError:
                return
            number = _number(ancillary)
            before = None if number is None else self._leaving.get(number)
            if number is None or before is None:
                continue
            stamp = self._stamp(ancillary, before, self._now())
            if stamp:
                yield Left(number, stamp)

    def _stamp(self, ancillary: Iterable[tuple[int, int, bytes]], earliest: int, latest: int) -> Stamp | None:
        """The best stamp that was wanted and lies between these times."""
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPING) and len(data) >= STAMPS.size:
                kernel, kernel_ns, _, _, hardware, hardware_ns = STAMPS.unpack_from(data)
                for name, at in ((HARDWARE, hardware * SECOND + hardware_ns), (KERNEL, kernel * SECOND + kernel_ns)):
                    if earliest <= at <= latest and KINDS.index(name) <= KINDS.index(self.wanted):
                        return Stamp(at, name)
        return None

    def _now(self) -> int:
        return self.clock_ns(time.CLOCK_REALTIME)


def _number(ancillary: Iterable[tuple[int, int, bytes]]) -> int | None:
    """Which of the packets that were sent a stamp is of."""
    for level, kind, data in ancillary:
        if (level, kind) in ((socket.IPPROTO_IP, IP_RECVERR), (socket.IPPROTO_IPV6, IPV6_RECVERR)):
            _, origin, _, _, _, _, number = EXTENDED_ERROR.unpack_from(data)
            if origin == ORIGIN_TIMESTAMPING:
                return number
    return None
