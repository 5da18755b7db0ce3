"""The only names of driftscope's exporter that the recorder gives a meaning to.

An exporter that has none of them is recorded all the same: its samples then have no sequence and no clocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from .parse import LONGEST, Layout, Page

SEQUENCE = "driftscope_sample_sequence"
"""Number of the sample: the same number twice is the same sample."""

EPOCH = "driftscope_sample_epoch_info"
"""Its label ``epoch`` names the numbering that the sequence belongs to."""

CLOCK_SECONDS = "clock_seconds"
CLOCK_NANOSECONDS = "clock_nanoseconds"
"""The two halves of a clock's reading; their label ``clock`` says which clock."""

CLOCK_HEADER = "Driftscope-Realtime-Nanoseconds"
"""Header of an answer: the node's CLOCK_REALTIME while it answered."""

EPOCH_HEADER = "Driftscope-Sample-Epoch"
OLDEST_HEADER, NEWEST_HEADER = "Driftscope-Sample-Oldest", "Driftscope-Sample-Newest"
"""Headers of a history's answer: the present numbering, and the sequences that the node holds in it."""

TAKEN = frozenset(("offset", "offset_bound"))
"""Clocks that cannot be: their columns would have the names of other ones."""

SECOND = 1_000_000_000


@dataclass(frozen=True)
class Meaning:
    """Where on a page the named series are: indices into its values."""

    sequence: int | None = None
    epoch: str = ""
    clocks: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def joined(self) -> frozenset[int]:
        """Series that become ``sequence`` and the clock columns instead of columns of their own."""
        halves = {index for pair in self.clocks.values() for index in pair}
        return frozenset(halves if self.sequence is None else {self.sequence, *halves})

    def sample(self, page: Page) -> tuple[str, int] | None:
        """Epoch and sequence: what makes a node's sample the same sample; None from a foreign exporter."""
        if self.sequence is None or (number := _int64(page.number(self.sequence))) is None:
            return None
        return self.epoch, number

    def clock(self, page: Page, name: str) -> int | None:
        """A clock's reading in nanoseconds, all 19 digits; None if the node has no such clock or it reads nonsense."""
        if name not in self.clocks:
            return None
        seconds, nanoseconds = (_int64(page.number(index)) for index in self.clocks[name])
        return None if seconds is None or nanoseconds is None else _int64(seconds * SECOND + nanoseconds)


@lru_cache(maxsize=4096)
def meaning(layout: Layout) -> Meaning:
    """What the series of a page mean to us."""
    sequence, epoch = None, ""
    halves: dict[str, dict[str, int]] = {}
    for index, series in enumerate(layout.series):
        labels = dict(series.labels)
        if series.name == SEQUENCE:
            sequence = index
        elif series.metric == EPOCH:
            epoch = labels.get("epoch", "")
        elif series.metric in (CLOCK_SECONDS, CLOCK_NANOSECONDS) and set(labels) == {"clock"}:
            halves.setdefault(labels["clock"], {})[series.metric] = index
    clocks = {
        clock: (half[CLOCK_SECONDS], half[CLOCK_NANOSECONDS])
        for clock, half in halves.items()
        if len(half) == 2 and clock not in TAKEN
    }
    return Meaning(sequence, epoch, clocks)


def _int64(number: float) -> int | None:
    """The number if it is a whole one of 64 bits; what a node says may be NaN, infinite, or far too long."""
    return int(number) if -LONGEST <= number <= LONGEST and number == int(number) else None
