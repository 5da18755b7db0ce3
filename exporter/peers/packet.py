"""NTPv4 packets (RFC 5905, section 7.3), field by field and in integers; no socket and no clock here.

A timestamp counts 2^-32 s since 1900 and starts over each 136 years, so it says nanoseconds only together with a time
that is known to within 68 years. Names of fields are the RFC's own, from its appendix A.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

SIZE = 48
"""Bytes of a packet without extension fields and message authentication code."""

VERSION = 4
CLIENT, SERVER = 3, 4
"""Modes: who asks, and who answers."""

UNSYNCHRONISED = 3
"""Leap indicator of a clock that follows nobody."""

RATE = b"RATE"
"""Reference id of a reply of stratum 0 that asks for fewer questions: a kiss-o'-death (section 7.4)."""

HEADER = struct.Struct("!BBbbII4sQQQQ")

ERA = 1 << 64
"""Units after which timestamps start over."""

SECOND = 1_000_000_000
NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""


@dataclass(frozen=True)
class Packet:
    """The header. ``rootdelay`` and ``rootdisp`` count 2^-16 s; times 2^-32 s; ``precision`` is an exponent of 2 s."""

    leap: int = 0
    version: int = VERSION
    mode: int = CLIENT
    stratum: int = 0
    poll: int = 0
    precision: int = 0
    rootdelay: int = 0
    rootdisp: int = 0
    refid: bytes = b"\0\0\0\0"
    reftime: int = 0
    org: int = 0
    rec: int = 0
    xmt: int = 0

    def pack(self) -> bytes:
        """Its 48 bytes."""
        return HEADER.pack(
            self.leap << 6 | self.version << 3 | self.mode,
            *(self.stratum, self.poll, self.precision, self.rootdelay, self.rootdisp, self.refid),
            *(self.reftime, self.org, self.rec, self.xmt),
        )


def parse(data: bytes) -> Packet | None:
    """The header of a packet, whatever follows it; None if it is too short to have one."""
    if len(data) < SIZE:
        return None
    first, *fields = HEADER.unpack_from(data)
    return Packet(first >> 6, first >> 3 & 7, first & 7, *fields)


def timestamp(nanoseconds: int) -> int:
    """Nanoseconds since 1970 as a timestamp; the nearest one, so that no nanosecond is lost."""
    return (((nanoseconds + NTP_EPOCH * SECOND << 32) + SECOND // 2) // SECOND) % ERA


def nanoseconds(timestamp: int, near: int) -> int:
    """A timestamp as nanoseconds since 1970, in the era in which it is nearest to ``near``."""
    ahead = (timestamp - _units(near) + ERA // 2) % ERA - ERA // 2
    return (((_units(near) + ahead) * SECOND + (1 << 31)) >> 32) - NTP_EPOCH * SECOND


def _units(nanoseconds: int) -> int:
    return (nanoseconds + NTP_EPOCH * SECOND << 32) // SECOND
