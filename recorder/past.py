"""When a sample out of a node's history was read, on our clock.

Nobody asked for it when it was read, so there is no exchange that compares the clocks at that moment. But the node's
CLOCK_MONOTONIC_RAW is never set and its rate is bounded, so it carries our time over from the exchanges before and
after. Between the two the time is interpolated; where there is only one, the node's CLOCK_REALTIME, if it was not set
meanwhile, is the better carrier, for NTP keeps its rate.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from typing import NamedTuple

from .grid import SECOND, nearest, round_to_second
from .node_clock import Offset

RATE = 500
"""Parts in a million by which a node's raw clock and ours are believed to differ at most: what a bad crystal is
off and the kernel corrects in ours: both stay within MAXFREQ of its timex.h, which is this."""

SPACING = 600
"""Samples between two exchanges that are kept: a day takes 144, and drift is near enough linear in between."""


BELIEVED = 2 * SECOND
"""Nanoseconds between a sample's second and our time: beyond this the node's clock says nothing (grid.py)."""


class Anchor(NamedTuple):
    """A sample of which our time is known: its sequence, clocks, our time ± bound (all ns), and its grid second."""

    sequence: int
    raw: int
    realtime: int
    ours: int
    bound: int
    second: int

    @property
    def shift(self) -> int:
        """The grid second minus the node's own."""
        return self.second - round_to_second(self.realtime)


def anchor(sequence: int, second: int, raw: int, realtime: int, offset: Offset) -> Anchor:
    """The anchor that a sample and its measured offset make."""
    return Anchor(sequence, raw, realtime, realtime - offset.ns, offset.bound, second)


class Placed(NamedTuple):
    """Where a sample belongs: its grid second, and the node's clock against ours as it was read, if that is known."""

    second: int
    offset: Offset | None


class Past:
    """One node's exchanges, by epoch and sequence."""

    def __init__(self) -> None:
        self._anchors: defaultdict[str, list[Anchor]] = defaultdict(list)

    def add(self, epoch: str, anchor: Anchor) -> None:
        """Note an exchange. Of many the first, the last one every ``SPACING``, and the last before a jump are kept."""
        if abs(anchor.ours - anchor.second * SECOND) > BELIEVED:
            return
        anchors = self._anchors[epoch]
        if anchors and anchor.sequence <= anchors[-1].sequence:
            insort(anchors, anchor)
            return
        spare = len(anchors) > 1 and anchor.sequence - anchors[-2].sequence <= SPACING
        if spare and _steady(anchors[-1], anchor.sequence, anchor.raw, anchor.realtime):
            anchors.pop()
        anchors.append(anchor)

    def place(self, epoch: str, sequence: int, raw: int | None, realtime: int) -> Placed | None:
        """Where a sample with these clock readings belongs; None if nothing is known of the node's clock."""
        anchors = self._anchors[epoch]
        if not anchors:
            return None
        at = bisect_left(anchors, sequence, key=lambda anchor: anchor.sequence)
        around = anchors[max(0, at - 1) : at + 1]
        close = min(around, key=lambda anchor: abs(anchor.sequence - sequence))
        usable = [] if raw is None else [one for one in around if _same_boot(one, sequence, raw, realtime)]
        if raw is None or not usable:
            ours = realtime - (close.realtime - close.ours)
            return Placed(nearest(realtime, ours, close.shift), None)
        ours, bound = _carried(usable, sequence, raw, realtime)
        return Placed(nearest(realtime, ours, close.shift), Offset(realtime - ours, bound))


def _carried(anchors: list[Anchor], sequence: int, raw: int, realtime: int) -> tuple[int, int]:
    """Our time by one or two exchanges, and its bound."""
    low, high = (max if len(anchors) > 1 else min), (min if len(anchors) > 1 else max)
    earliest = low(one.ours + raw - one.raw - _error(one, raw) for one in anchors)
    latest = high(one.ours + raw - one.raw + _error(one, raw) for one in anchors)
    if earliest > latest:  # the exchanges contradict each other: our own clock was another one between them
        close = min(anchors, key=lambda anchor: abs(anchor.sequence - sequence))
        return _carried([close], sequence, raw, realtime)
    one, other = anchors[0], anchors[-1]
    if one is not other:
        guess = one.ours + (raw - one.raw) * (other.ours - one.ours) // (other.raw - one.raw)
    else:
        guess = one.ours + (realtime - one.realtime if _not_set(one, raw, realtime) else raw - one.raw)
    ours = min(max(guess, earliest), latest)
    return ours, max(ours - earliest, latest - ours)


def _error(anchor: Anchor, raw: int) -> int:
    """How wrong our time can be when the raw clock carries it this far."""
    return anchor.bound + abs(raw - anchor.raw) * RATE // 1_000_000 + 1


def _not_set(anchor: Anchor, raw: int, realtime: int) -> bool:
    """Whether the node's clock went as its raw clock did since the exchange."""
    return abs((realtime - anchor.realtime) - (raw - anchor.raw)) <= _error(anchor._replace(bound=1_000_000), raw)


def _same_boot(anchor: Anchor, sequence: int, raw: int, realtime: int) -> bool:
    """Whether the node's raw clock ran through from the exchange to the sample, as far as can be told.

    It began anew if it went back. If it went on, but not as the node's clock did, then that was set, or the node was
    started anew; in the first case there is a sample a second.
    """
    elapsed, samples = raw - anchor.raw, sequence - anchor.sequence
    if elapsed * samples <= 0:
        return elapsed == samples == 0
    if _not_set(anchor, raw, realtime):
        return True
    seconds = round_to_second(elapsed)
    return abs(seconds - samples) <= 2 + abs(seconds) // 100


def _steady(anchor: Anchor, sequence: int, raw: int, realtime: int) -> bool:
    """Whether nothing happened to the node's clocks since the exchange."""
    return _same_boot(anchor, sequence, raw, realtime) and _not_set(anchor, raw, realtime)
