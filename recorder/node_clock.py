"""The node's clock against ours, from one question and its answer.

The node read its clock after we sent the question and before we had the answer. So whatever the network did, ::

    node - replied  <=  node's clock minus ours  <=  node - requested

and the middle of that interval with half its width is an offset with a rigorous bound. All integer nanoseconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

SECOND = 1_000_000_000
LONGEST = (1 << 63) - 1
READING = re.compile(r"\d{1,19}", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

STEPPED = 1_000_000
"""If our own clock and its monotonic sister disagree by more than this over an exchange, ours was stepped meanwhile."""


@dataclass(frozen=True)
class Exchange:
    """When we asked and when the answer had begun to arrive, on our CLOCK_REALTIME; nanoseconds since 1970.

    ``elapsed`` is the same time on a clock that is never stepped.
    """

    requested: int
    replied: int
    elapsed: int

    @property
    def trustworthy(self) -> bool:
        """Whether our own clock ran undisturbed meanwhile."""
        return abs(self.replied - self.requested - self.elapsed) <= STEPPED


@dataclass(frozen=True)
class Offset:
    """The node's clock minus ours, > 0 if the node is ahead; the true value is within ``ns`` ± ``bound``."""

    ns: int
    bound: int


def offset(exchange: Exchange, node: int, uncertainty: int = 0) -> Offset | None:
    """The offset, if the node's clock read between ``node`` and ``node + uncertainty`` while it answered."""
    if not exchange.trustworthy:
        return None
    low, high = node - exchange.replied, node + uncertainty - exchange.requested
    return Offset((low + high) // 2, (high - low + 1) // 2)


def from_headers(exchange: Exchange, clock: str | None, date: str | None) -> Offset | None:
    """The offset from driftscope's own header, or from any web server's Date, which is known to a second only."""
    if clock is not None and READING.fullmatch(clock):
        return offset(exchange, int(clock))
    if date is not None:
        try:
            moment = parsedate_to_datetime(date)
            seconds = (moment.replace(tzinfo=moment.tzinfo or timezone.utc) - EPOCH) // timedelta(seconds=1)
        except (ValueError, OverflowError):
            return None
        return offset(exchange, seconds * SECOND, SECOND) if 0 <= seconds <= LONGEST // SECOND else None
    return None
