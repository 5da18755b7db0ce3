"""chronyd's command protocol, version 6, as bytes and nothing else: no socket is opened and no clock is read here.

Layouts and numbers are those of chrony's candm.h, 4.0 to 4.8. All integers are big-endian. A request is as long as the
longest reply to it, so that nobody can have a small packet answered by a large one::

    request   0 version  1 type=1  2 zero  4 command  6 attempt  8 sequence  12 zero              20 data, then zeros
    reply     0 version  1 type=2  2 zero  4 command  6 reply    8 status    10 zero  16 sequence  20 zero  28 data

Of the reports used here only one has changed: since 4.6 ``ntpdata`` has four counters more and another reply number.
A reply is wholly as it should be, or refused: ReplyError is the only error that any bytes can raise.
"""

from __future__ import annotations

import errno
import struct
from typing import Any, NamedTuple

from .chrony_fields import ReplyError, address, malformed, number, time
from .chrony_reports import MODES, STATES, NtpData, SourceData, SourceStats, Tracking

VERSION = 6
REQUEST, REPLY = 1, 2

MOST_SOURCES = 1 << 10
"""More than anybody has: a larger number is no number of sources."""

NEVER = 0xFFFF_FFFF
"""The age of a sample that there never was."""

REQUEST_HEADER = struct.Struct("!BBHHHIQ")
REPLY_HEADER = struct.Struct("!BBHHHH6xIQ")
NTP_FIELDS = "!20s 52x 5I H cc 12x"
"""Of the last exchange: address, five results, flags, and by whom its stamps were taken."""

STATUSES = {1: "failed", 2: "not authorised", 3: "invalid command", 4: "no such source", 18: "another version"}
NOT_AUTHORISED, NO_SUCH_SOURCE = 2, 4
ERRNO = {NOT_AUTHORISED: errno.EACCES, NO_SUCH_SOURCE: errno.ENOENT}

INTERLEAVED, AUTHENTICATED = 0x4000, 0x8000
MODE, STATE = dict(enumerate(MODES)), dict(enumerate(STATES))
STAMPERS = {b"\0": "", b"D": "daemon", b"K": "kernel", b"H": "hardware"}


class Report(NamedTuple):
    """A command, and the layouts of its replies by their numbers."""

    command: int
    replies: dict[int, struct.Struct]


N_SOURCES = Report(14, {2: struct.Struct("!I")})
SOURCE_DATA = Report(15, {3: struct.Struct("!20s hHHH2xH I III")})
TRACKING = Report(33, {5: struct.Struct("!I 20s HH III 9I")})
SOURCESTATS = Report(34, {6: struct.Struct("!I 20s III 5I")})
NTP_DATA = Report(57, {16: struct.Struct(NTP_FIELDS + "16x"), 26: struct.Struct(NTP_FIELDS + "36x")})


def request(report: Report, sequence: int, data: bytes = b"") -> bytes:
    """The packet that asks for a report."""
    size = REPLY_HEADER.size + max(layout.size for layout in report.replies.values())
    return (REQUEST_HEADER.pack(VERSION, REQUEST, 0, report.command, 0, sequence, 0) + data).ljust(size, b"\0")


def index(place: int) -> bytes:
    """The data that names a source by its place among all."""
    return place.to_bytes(4, "big")


def answers(packet: bytes, report: Report, sequence: int) -> bool:
    """Whether it is the reply to this request, be it good or bad; a late reply to an earlier one is not."""
    if len(packet) < REPLY_HEADER.size:
        return False
    _, type, _, command, _, _, echoed, _ = REPLY_HEADER.unpack_from(packet)
    return (type, command, echoed) == (REPLY, report.command, sequence)


def n_sources(packet: bytes) -> int:
    """How many sources there are."""
    (count,) = _body(packet, N_SOURCES)
    if count > MOST_SOURCES:
        raise malformed(f"{count} sources")
    return count


def tracking(packet: bytes) -> Tracking:
    """The report ``tracking``."""
    reference_id, reference, stratum, leap, high, low, nanoseconds, *floats = _body(packet, TRACKING)
    if leap > 3:
        raise malformed(f"leap status {leap}")
    reference_time = time(high, low, nanoseconds)
    return Tracking(reference_id, address(reference), stratum, leap, reference_time, *map(number, floats))


def source_data(packet: bytes) -> SourceData:
    """One line of the report ``sources``."""
    source, poll, stratum, state, mode, reachability, age, *floats = _body(packet, SOURCE_DATA)
    if state not in STATE or mode not in MODE or reachability > 0xFF or not -32 < poll < 32:
        raise malformed(f"source in state {state} and mode {mode}, poll {poll}, reachability {reachability:o}")
    since = None if age == NEVER else age
    return SourceData(
        address(source), poll, stratum, STATE[state], MODE[mode], reachability, since, *map(number, floats)
    )


def sourcestats(packet: bytes) -> SourceStats:
    """One line of the report ``sourcestats``."""
    reference_id, source, samples, runs, span, *floats = _body(packet, SOURCESTATS)
    return SourceStats(reference_id, address(source), samples, runs, span, *map(number, floats))


def ntp_data(packet: bytes) -> NtpData:
    """One part of the report ``ntpdata``."""
    source, *floats, flags, transmit, receive = _body(packet, NTP_DATA)
    if transmit not in STAMPERS or receive not in STAMPERS:
        raise malformed(f"stamps by {transmit!r} and {receive!r}")
    return NtpData(
        address(source),
        *map(number, floats),
        interleaved=bool(flags & INTERLEAVED),
        authenticated=bool(flags & AUTHENTICATED),
        transmit_stamp=STAMPERS[transmit],
        receive_stamp=STAMPERS[receive],
    )


def _body(packet: bytes, report: Report) -> tuple[Any, ...]:
    """The fields of a reply that is of this version, says success, and is as long as it must be."""
    if len(packet) < REPLY_HEADER.size:
        raise malformed(f"{len(packet)} bytes")
    version, type, _, command, reply, status, _, _ = REPLY_HEADER.unpack_from(packet)
    if (version, type, command) != (VERSION, REPLY, report.command):
        raise malformed(f"version {version}, type {type}, command {command}")
    if status:
        said = STATUSES.get(status, f"status {status}")
        raise ReplyError(ERRNO.get(status, errno.EPROTO), said, f"chronyd's command {command}")
    layout = report.replies.get(reply)
    if layout is None or len(packet) != REPLY_HEADER.size + layout.size:
        raise malformed(f"reply {reply} to command {command} in {len(packet)} bytes")
    return layout.unpack_from(packet, REPLY_HEADER.size)
