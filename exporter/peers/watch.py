"""One configured peer over time: what was asked, what came of it, and what that says of its clock."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import NamedTuple

from .association import Association, RejectedError, Result
from .estimate import Estimate, Measured, estimate
from .exchange import FASTEST
from .timestamping import Stamp

WINDOW = 64
"""Exchanges from which offset and drift are estimated: a minute, at one a second."""

SECOND = 1_000_000_000


class Exchanged(NamedTuple):
    """What was measured, and when: CLOCK_MONOTONIC_RAW, nanoseconds."""

    result: Result
    at: int


@dataclass
class Watch:
    """A peer's name, what is asked of it, and its numbers. Not for use by several threads at once."""

    name: str
    association: Association
    sent: int = 0
    lost: int = 0
    rejected: Counter[str] = field(default_factory=Counter[str])
    best: Exchanged | None = None
    """Of the last round that measured anything, the exchange of the smallest delay."""
    estimate: Estimate | None = None
    _round: list[Exchanged] = field(default_factory=list[Exchanged])
    _window: deque[Exchanged] = field(default_factory=lambda: deque[Exchanged](maxlen=WINDOW))
    _unanswered: int = 0

    def question(self) -> tuple[bytes, int]:
        """The next packet to send, and the number that it is known by."""
        self.sent += 1
        self._unanswered += 1
        return self.association.question()

    def answer(self, data: bytes, came: Stamp, at: int) -> bool:
        """Take an answer, ``at`` on CLOCK_MONOTONIC_RAW; whether it was one."""
        try:
            result = self.association.answer(data, came)
        except RejectedError as error:
            self.rejected[str(error)] += 1
            return False
        self._unanswered -= 1
        if result:
            self._round.append(Exchanged(result, at))
        return True

    def end_round(self) -> None:
        """Take the best of what a burst has measured, and count what was not answered by now as lost."""
        self.lost += max(0, self._unanswered)
        self._unanswered = 0
        if not self._round:
            return
        # Basic exchanges see more of the way through the kernel: they count only while there are no others.
        self.best = min(self._round, key=lambda each: (not each.result.interleaved, each.result.exchange.delay))
        self._round.clear()
        if self._window and not _agree(self._window[-1], self.best):
            self._window.clear()
        self._window.append(self.best)
        self.estimate = estimate([_measured(each) for each in self._window])


def _measured(each: Exchanged) -> Measured:
    return Measured(each.at, each.result.exchange.offset, each.result.exchange.delay)


def _agree(before: Exchanged, now: Exchanged) -> bool:
    """Whether two exchanges can be of clocks that only drifted meanwhile; if not, one of them was set."""
    apart = abs(now.result.exchange.offset - before.result.exchange.offset)
    return apart <= now.result.exchange.bound + before.result.exchange.bound + (now.at - before.at) // FASTEST
