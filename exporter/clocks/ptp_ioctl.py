"""Requests and answers of two ioctls that read a PTP hardware clock beside the system's: linux/ptp_clock.h.

    struct ptp_clock_time           16 bytes  s64 sec, u32 nsec, u32 reserved
    struct ptp_sys_offset_precise   64        ptp_clock_time device, sys_realtime, sys_monoraw; u32 rsv[4]
    struct ptp_sys_offset_extended  1216      u32 n_samples, s32 clockid, u32 rsv[2]; ptp_clock_time ts[25][3]

Numbers are those of asm-generic/ioctl.h (x86, Arm, RISC-V, s390). PowerPC and MIPS compose theirs otherwise, and answer
ENOTTY. Field ``clockid`` came with Linux 6.12; before, it was reserved and refused with EINVAL unless it was 0, which
is CLOCK_REALTIME.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from .crossread import SECOND, Reading

TIME = struct.Struct("=qI4x")
EXTENDED_HEAD = struct.Struct("=Ii8x")

MAX_SAMPLES = 25
"""PTP_MAX_SAMPLES."""

PRECISE_SIZE = 3 * TIME.size + 16
EXTENDED_SIZE = EXTENDED_HEAD.size + MAX_SAMPLES * 3 * TIME.size

MAGIC = ord("=")
READ_WRITE = 3


def iowr(number: int, size: int) -> int:
    """``_IOWR('=', number, size bytes)``: direction in bits 30 and 31, size from 16, magic from 8, number from 0."""
    return READ_WRITE << 30 | size << 16 | MAGIC << 8 | number


PTP_SYS_OFFSET_PRECISE = iowr(8, PRECISE_SIZE)
PTP_SYS_OFFSET_EXTENDED = iowr(9, EXTENDED_SIZE)

LONGEST = 1 << 63
"""Nanoseconds, either way, that an int64 does not hold: 292 years. No clock says so, but garbage does."""


class Precise(NamedTuple):
    """Readings of three clocks in one instant, which hardware latched; integer nanoseconds."""

    device: int
    realtime: int
    monotonic_raw: int


def precise_request() -> bytearray:
    """What PTP_SYS_OFFSET_PRECISE writes its answer into."""
    return bytearray(PRECISE_SIZE)


def precise(answer: bytes | bytearray) -> Precise | None:
    """The answer's three readings; None if one of them is no time."""
    times = _times(answer, 0, 3)
    return None if times is None else Precise(*times)


def extended_request(samples: int, clock: int) -> bytearray:
    """Asks for so many readings (1 to 25) of the device, each between two of a system clock."""
    request = bytearray(EXTENDED_SIZE)
    EXTENDED_HEAD.pack_into(request, 0, samples, clock)
    return request


def extended(answer: bytes | bytearray) -> list[Reading]:
    """The answer's readings, but those that are no times, or whose bracket ends before it begins."""
    if len(answer) < EXTENDED_SIZE:
        return []
    samples, _ = EXTENDED_HEAD.unpack_from(answer)
    readings: list[Reading] = []
    for number in range(min(samples, MAX_SAMPLES)):
        times = _times(answer, EXTENDED_HEAD.size + number * 3 * TIME.size, 3)
        if times is not None and times[0] <= times[2]:
            readings.append(Reading(*times))
    return readings


def _times(answer: bytes | bytearray, offset: int, count: int) -> list[int] | None:
    if len(answer) < offset + count * TIME.size:
        return None
    times: list[int] = []
    for number in range(count):
        seconds, nanoseconds = TIME.unpack_from(answer, offset + number * TIME.size)
        time = seconds * SECOND + nanoseconds
        if nanoseconds >= SECOND or not -LONGEST <= time < LONGEST:
            return None
        times.append(time)
    return times
