"""Offset and drift against a peer from a window of exchanges, each weighted by what its delay says of it.

A packet that had to wait took longer than the quickest one, and if it waited on one way only, half of that is in its
offset. So an exchange's variance is that of the quickest, and the square of half its excess delay. A line is laid
through the offsets by weighted least squares; its standard errors come from how the offsets lie about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

LEAST = 4
"""Exchanges below which a line says nothing of its own error."""

FLOOR = 100.0
"""Nanoseconds: the standard deviation of the quickest exchanges, of which the stamps' own noise is no less."""


class Measured(NamedTuple):
    """One exchange: when (any clock that runs evenly), offset and delay; integer nanoseconds."""

    at: int
    offset: int
    delay: int


class Estimate(NamedTuple):
    """A line: at the last exchange the peer was ahead by ``offset`` (ns), growing by ``rate`` (s/s); with errors."""

    offset: float
    offset_error: float
    rate: float
    rate_error: float


def estimate(window: Sequence[Measured]) -> Estimate | None:
    """The line through a window, oldest first; None if there are too few exchanges for one."""
    if len(window) < LEAST or window[-1].at == window[0].at:
        return None
    last = window[-1]
    quickest = min(each.delay for each in window)
    times = [float(each.at - last.at) for each in window]
    # Differences are taken as integers, so that no float has to hold the time since 1970.
    offsets = [float(each.offset - last.offset) for each in window]
    weights = [1 / (FLOOR**2 + ((each.delay - quickest) / 2) ** 2) for each in window]

    total = sum(weights)
    mean_time = sum(w * t for w, t in zip(weights, times)) / total
    mean_offset = sum(w * o for w, o in zip(weights, offsets)) / total
    spread = sum(w * (t - mean_time) ** 2 for w, t in zip(weights, times))
    if not spread:
        return None
    rate = sum(w * (t - mean_time) * (o - mean_offset) for w, t, o in zip(weights, times, offsets)) / spread
    offset = mean_offset - rate * mean_time
    # How the offsets lie about the line, in units of what their weights expect of them.
    scatter = sum(w * (o - offset - rate * t) ** 2 for w, t, o in zip(weights, times, offsets)) / (len(window) - 2)
    return Estimate(
        offset=last.offset + offset,
        offset_error=sqrt(scatter * (1 / total + mean_time**2 / spread)),
        rate=rate,
        rate_error=sqrt(scatter / spread),
    )
