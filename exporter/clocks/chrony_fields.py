"""The fields of chronyd's protocol that are no plain integers: floats, times and addresses (chrony's util.c)."""

from __future__ import annotations

import errno
import math
import socket
import struct

NO_HIGH_SECONDS = 0x7FFF_FFFF
"""In the upper half of a time's seconds: its sender counts them in 32 bits."""

LATEST = 1 << 33
"""Seconds since 1970, in 2242. What is later is no time."""

SATURATED = 0x7EFF_FFFF, 0x7F00_0000
"""The floats that stand for all that is too large for them, plus and minus infinity included."""

UNSPECIFIED, INET4, INET6, UNRESOLVED = range(4)
"""Families of addresses. An unresolved one is the number of a source whose name has no address yet."""

UNRESOLVED_PREFIX = "ID#"
"""How such a number is written where others have an address."""


class ReplyError(OSError):
    """A reply that is none: EBADMSG if it is malformed; EACCES, ENOENT or EPROTO if chronyd refused to say it."""


def malformed(what: str) -> ReplyError:
    """The error to raise for bytes that cannot be."""
    return ReplyError(errno.EBADMSG, f"not understood: {what}", "a reply of chronyd")


def number(bits: int) -> float:
    """A float: seven bits of exponent and 25 of coefficient, both signed: 2^(exponent - 25) * coefficient, exactly."""
    if bits in SATURATED:
        raise malformed("a number too large for its format")
    exponent, coefficient = bits >> 25, bits & 0x1FF_FFFF
    exponent -= (exponent & 0x40) << 1
    coefficient -= (coefficient & 0x100_0000) << 1
    return math.ldexp(coefficient, exponent - 25)


def time(high: int, low: int, nanoseconds: int) -> int:
    """Nanoseconds since 1970, of both halves of the seconds and the nanoseconds within the second."""
    seconds = (0 if high == NO_HIGH_SECONDS else high << 32) | low
    if nanoseconds >= 1_000_000_000 or seconds >= LATEST:
        raise malformed(f"time {seconds}.{nanoseconds:09}")
    return seconds * 1_000_000_000 + nanoseconds


def address(field: bytes) -> str:
    """An address of 20 bytes as text, as chronyc prints it; empty if there is none."""
    family = int.from_bytes(field[16:18], "big")
    if family == INET4:
        return socket.inet_ntop(socket.AF_INET, field[:4])
    if family == INET6:
        return socket.inet_ntop(socket.AF_INET6, field[:16])
    if family == UNRESOLVED:
        return f"{UNRESOLVED_PREFIX}{int.from_bytes(field[:4], 'big'):010X}"
    if family == UNSPECIFIED:
        return ""
    raise malformed(f"address family {family}")


def packed_address(text: str) -> bytes:
    """The 20 bytes of an IPv4 or IPv6 address."""
    v6 = ":" in text
    packed = socket.inet_pton(socket.AF_INET6 if v6 else socket.AF_INET, text)
    return struct.pack("!16sHH", packed, INET6 if v6 else INET4, 0)
