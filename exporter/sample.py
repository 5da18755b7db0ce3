"""A sample: all of a node's values of one second. Immutable, so that any thread may read it."""

from __future__ import annotations

from dataclasses import dataclass

from .source import Number, Series


@dataclass(frozen=True)
class Sample:
    """What was read for one tick.

    ``time_ns`` is CLOCK_REALTIME when the tick woke. ``values[i]`` belongs to ``series[i]``, and no
    series is there twice.
    """

    sequence: int
    time_ns: int
    series: tuple[Series, ...]
    values: tuple[Number, ...]
