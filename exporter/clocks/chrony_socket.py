"""Asks chronyd over its command protocol (chrony_wire.py): by UDP, or through its Unix socket where that is permitted.

A socket stays open between questions. chronyd answers within 0.1 ms; one that does not is not waited for as long the
next time. Through the Unix socket it says more (``ntpdata``), and needs to know where to answer: so ours is bound in
the same folder, as chronyc's is, which takes the right to write there, and is removed when it is closed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar, Union

from . import chrony_wire as wire
from .chrony_fields import UNRESOLVED_PREFIX, ReplyError, packed_address
from .chrony_reports import REFERENCE_CLOCK, NtpData, SourceData, SourceReport, SourceStats, Tracking
from .chrony_wire import Report

Address = Union[tuple[str, int], str]
"""Host and port, or the path of a Unix socket."""

T = TypeVar("T")

PATIENCE = 0.1
"""Seconds to wait for an answer."""

SHORT_PATIENCE = 0.01
"""Seconds to wait for one who has not answered the last time, or was never asked before."""

LARGEST = 1 << 10
"""Bytes; more than the longest reply."""

_numbers = count()


@dataclass
class ChronySocket:
    """chronyd at one address. Its socket is opened by the first question, and anew after one that failed."""

    address: Address
    _socket: socket.socket | None = field(default=None, compare=False, repr=False)
    _sequence: int = field(default_factory=lambda: random.getrandbits(32), compare=False, repr=False)
    _answered: bool = field(default=False, compare=False, repr=False)
    _permitted: bool = field(default=True, compare=False, repr=False)
    """Whether chronyd may tell us of exchanges, as far as we know."""

    beside = False

    @property
    def found(self) -> dict[str, Any]:
        """Where chronyd is asked."""
        if isinstance(self.address, str):
            return {"asked": "unix socket", "address": self.address}
        return {"asked": "udp", "address": "{}:{}".format(*self.address)}

    def refusal(self) -> OSError | None:
        """Why there is nobody to ask, who is asked without waiting for long. One who is silent is there: it is busy."""
        try:
            self._ask(wire.TRACKING)
        except (TimeoutError, BlockingIOError, ReplyError):
            return None
        except OSError as error:
            return error
        return None

    def tracking(self) -> Tracking:
        """How the clock is steered."""
        return wire.tracking(self._ask(wire.TRACKING))

    def sources(self) -> tuple[Sequence[SourceReport], Sequence[OSError]]:
        """All sources but those whose names have no address yet, and what was refused of them."""
        reports: list[SourceReport] = []
        refused: list[OSError] = []
        for place in range(wire.n_sources(self._ask(wire.N_SOURCES))):
            data = self._said(refused, wire.source_data, wire.SOURCE_DATA, wire.index(place))
            if data and not data.address.startswith(UNRESOLVED_PREFIX):
                stats = self._said(refused, wire.sourcestats, wire.SOURCESTATS, wire.index(place))
                reports.append(SourceReport(data, stats if belongs(stats, data) else None, self._ntp(refused, data)))
        return reports, refused

    def close(self) -> None:
        """Close the socket, and remove what was bound."""
        if self._socket is not None:
            bound = self._socket.getsockname()
            self._socket.close()
            self._socket = None
            if isinstance(bound, str) and bound:
                _remove(bound)

    def _ntp(self, refused: list[OSError], data: SourceData) -> NtpData | None:
        """The last exchange with an NTP source, unless chronyd keeps that to itself."""
        if data.mode == REFERENCE_CLOCK or not self._permitted:
            return None
        return self._said(refused, wire.ntp_data, wire.NTP_DATA, packed_address(data.address))

    def _said(self, refused: list[OSError], parse: Callable[[bytes], T], report: Report, data: bytes) -> T | None:
        """What chronyd says to one question of many; a refusal is noted, unless the source was removed meanwhile."""
        try:
            return parse(self._ask(report, data))
        except ReplyError as error:
            if error.errno == errno.EACCES:
                self._permitted = False
            elif error.errno != errno.ENOENT:
                refused.append(error)
            return None

    def _ask(self, report: Report, data: bytes = b"") -> bytes:
        """The reply to one request. Raises TimeoutError, or another OSError if there is nobody to ask."""
        self._sequence = (self._sequence + 1) & 0xFFFF_FFFF
        patience, self._answered = PATIENCE if self._answered else SHORT_PATIENCE, False
        deadline = time.monotonic() + patience
        try:
            asked = self._socket or self._open()
            asked.send(wire.request(report, self._sequence, data))
            while True:
                poll = select.poll()
                poll.register(asked, select.POLLIN)
                if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                    raise TimeoutError(errno.ETIMEDOUT, f"no answer within {patience:g} s", self.found["address"])
                reply = asked.recv(LARGEST)
                if wire.answers(reply, report, self._sequence):
                    self._answered = True
                    return reply
        except OSError:
            self.close()
            raise

    def _open(self) -> socket.socket:
        if isinstance(self.address, str):
            opened = _unix(self.address)
        else:
            family, kind, protocol, _, address = socket.getaddrinfo(
                *self.address, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
            )[0]
            opened = socket.socket(family, kind, protocol)
            opened.setblocking(False)
            opened.connect(address)
        self._socket = opened
        return opened


def belongs(stats: SourceStats | None, data: SourceData) -> bool:
    """Whether both are of one source: others may have been added or removed between the two questions."""
    if stats is None:
        return False
    if data.mode == REFERENCE_CLOCK:
        return stats.address == "" and stats.reference_id == int.from_bytes(packed_address(data.address)[:4], "big")
    return stats.address == data.address


def _unix(server: str) -> socket.socket:
    """A socket that is bound beside chronyd's, to which it is allowed to answer, and connected to that."""
    ours = os.path.join(os.path.dirname(server), f"driftscope.{os.getpid()}.{next(_numbers)}.sock")
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    opened.setblocking(False)
    try:
        opened.bind(ours)
        os.chmod(ours, 0o666)  # chronyd may run as a user without rights
        opened.connect(server)
    except OSError:
        opened.close()
        _remove(ours)
        raise
    return opened


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):  # it is gone, or was not allowed to come
        os.unlink(path)
