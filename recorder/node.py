"""One node of a recording: places what it sends on the grid, and knows what of it we have."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from . import wire
from .grid import Grid, round_to_second
from .journal import Stored
from .missing import Missing
from .node_clock import Offset
from .parse import Page
from .past import Past, anchor
from .received import Received
from .scrape import Failed, Scraped
from .stretch import sequences
from .targets import Target

FRESH = 5_000_000_000
"""Nanoseconds: the age that a sample may have when it is asked for, so that nothing is suspected."""


@dataclass
class Node:
    """One node, as people want to see it. Its samples are placed, and noted as received once the journal took them."""

    target: Target
    grid: Grid = field(default_factory=Grid)
    missing: Missing = field(default_factory=Missing)
    past: Past = field(default_factory=Past)
    ends: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """The last grid second that has a sample, by epoch."""
    samples: int = 0
    healed: int = 0
    """Samples out of the node's history."""
    duplicates: int = 0
    """Samples that came although we had them."""
    series: int = 0
    last: Scraped | None = None
    failing: Failed | None = None
    inventories: dict[str, Any] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)

    @property
    def state(self) -> str:
        """In a word or a few: waiting, recording, or why not."""
        if self.failing:
            return "".join(filter(str.isprintable, self.failing.detail))  # a node may answer in escape codes
        return "recording" if self.samples else "waiting"

    @property
    def missed(self) -> int:
        """Samples that the node made and we do not have, but perhaps will."""
        return self.missing.open

    @property
    def lost(self) -> int:
        """Samples that the node made and nobody has any more."""
        gone = self.missing.lost().values()
        return sum(there.count for of in gone for reason, there in of.items() if reason != "never sampled")

    def place(self, scraped: Scraped) -> Stored | None:
        """The sample for the journal; None if we have it, as when a node is asked twice a second."""
        sample = wire.meaning(scraped.page.layout).sample(scraped.page)
        if sample and sample == self._last_sample():
            return None
        self.last, self.series = scraped, len(scraped.page.values)
        if sample:
            self.missing.seen(*sample)
            if self._have(*sample):
                return None
        offset = self._offset(scraped, sample) if sample else scraped.offset
        second = self.grid.place(replace(scraped, offset=offset))
        return Stored(self.target.node, second, offset, scraped.page)

    def place_healed(self, epoch: str, sequence: int, page: Page) -> Stored | None:
        """A sample out of the history, for the journal; None if we have it, or it was before our time."""
        if self._have(epoch, sequence):
            return None
        meaning = wire.meaning(page.layout)
        realtime, raw = meaning.clock(page, "realtime"), meaning.clock(page, "monotonic_raw")
        if realtime is None:
            self.complaints["history without a clock"] += 1
            return None
        placed = self.past.place(epoch, sequence, raw, realtime)
        second = placed.second if placed else round_to_second(realtime) + (self.grid.shift or 0)
        if second <= max((end for other, end in self.ends.items() if other != epoch), default=second - 1):
            self.missing.begins_at(sequence + 1)
            return None
        return Stored(self.target.node, second, placed.offset if placed else None, page)

    def keep(self, stored: Stored) -> None:
        """Note a sample as received: the journal has taken it."""
        meaning = wire.meaning(stored.page.layout)
        sample = meaning.sample(stored.page)
        if sample is None:
            return
        epoch, sequence = sample
        self.missing.add(epoch, sequence)
        self.ends[epoch] = max(self.ends[epoch], stored.second)
        raw, realtime = (meaning.clock(stored.page, name) for name in ("monotonic_raw", "realtime"))
        if raw is not None and realtime is not None and stored.offset:
            self.past.add(epoch, anchor(sequence, stored.second, raw, realtime, stored.offset))

    def recall(self, received: Received) -> None:
        """Note what a file holds."""
        for epoch, ranges in sequences(received.stretches).items():
            for one in ranges:
                self.missing.add(epoch, *one)
        for one in received.stretches:
            self.ends[one.epoch] = max(self.ends[one.epoch], one.last) if one.present else self.ends[one.epoch]
        for epoch, one in received.anchors:
            self.past.add(epoch, one)

    def _offset(self, scraped: Scraped, sample: tuple[str, int]) -> Offset | None:
        """The offset of the exchange, unless the node's clock was set after the sample was read.

        Then it makes the sample much older than one can be, and the exchanges before it tell what the clock was.
        """
        meaning, asked = wire.meaning(scraped.page.layout), scraped.exchange.requested
        realtime, raw = (meaning.clock(scraped.page, name) for name in ("realtime", "monotonic_raw"))
        if realtime is None or scraped.offset is None or abs(realtime - scraped.offset.ns - asked) <= FRESH:
            return scraped.offset
        placed = self.past.place(*sample, raw, realtime)
        if placed and placed.offset and abs(realtime - placed.offset.ns - asked) <= FRESH:
            return placed.offset
        return scraped.offset

    def _have(self, epoch: str, sequence: int) -> bool:
        have = self.missing.has(epoch, sequence)
        self.duplicates += have
        return have

    def _last_sample(self) -> tuple[str, int] | None:
        return self.last and wire.meaning(self.last.page.layout).sample(self.last.page)
