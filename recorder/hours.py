"""Which samples in the journal make up each node's hours, and which segments are still needed for them.

Only where the samples are is kept in memory, so a fleet's hour costs some bytes a sample until it is written.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from . import columns
from .journal import Position, Segment, Stored
from .parse import Layout

HOUR = 3600
LATE = 10
"""Seconds after its end from which an hour may be written."""

QUIET, WAIT = 2, 60
"""Seconds without a new sample after which an hour is complete for now, and those after which it is written anyway."""


class Kept(NamedTuple):
    """A committed sample: where it is, and what its numbers belong to."""

    position: Position
    second: int
    layout: Layout


@dataclass
class Hours:
    """All committed samples that are not in Parquet yet, by hour (its first second) and node.

    One thread adds while another takes.
    """

    open: dict[int, dict[str, list[Kept]]] = field(default_factory=dict)
    _waiting: dict[int, tuple[float, float]] = field(default_factory=dict[int, tuple[float, float]])
    _needed: Counter[int] = field(default_factory=Counter)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def add(self, position: Position, stored: Stored) -> None:
        """Note a sample that is in the journal."""
        hour = stored.second // HOUR * HOUR
        kept = Kept(position, stored.second, stored.page.layout)
        with self._mutex:
            self.open.setdefault(hour, {}).setdefault(stored.node, []).append(kept)
            self._needed[position.segment] += 1
            now = time.monotonic()
            self._waiting[hour] = self._waiting.get(hour, (now, now))[0], now

    def due(self, now: int) -> list[int]:
        """The hours to be written at this time (seconds since 1970): over, and nothing more comes for now.

        All nodes have then delivered what they have; if some keep coming, the hour waits no longer than WAIT.
        """
        moment = time.monotonic()
        with self._mutex:
            over = [hour for hour in sorted(self.open) if hour + HOUR + LATE <= now]
            times = {hour: self._waiting.get(hour, (0.0, 0.0)) for hour in over}
        return [hour for hour, (first, last) in times.items() if moment >= min(first + WAIT, last + QUIET)]

    def take(self, hour: int) -> dict[str, list[Kept]]:
        """The samples of an hour, to be written; what comes later for this hour is collected anew."""
        with self._mutex:
            self._waiting.pop(hour, None)
            return self.open.pop(hour, {})

    def give_back(self, hour: int, taken: dict[str, list[Kept]]) -> None:
        """Undo ``take``, because writing failed."""
        with self._mutex:
            for node, kept in taken.items():
                self.open.setdefault(hour, {}).setdefault(node, [])[:0] = kept

    def written(self, taken: dict[str, list[Kept]]) -> None:
        """Note that these are in Parquet."""
        with self._mutex:
            for kept in taken.values():
                self._needed.subtract(one.position.segment for one in kept)

    def free(self, current: int) -> set[int]:
        """Take the segments that nothing needs any more; of the current one that is not known yet."""
        with self._mutex:
            free = {segment for segment, count in self._needed.items() if count <= 0 and segment != current}
            for segment in free:
                del self._needed[segment]
        return free


def table(journal: Path, node: str, kept: list[Kept]) -> pa.Table:
    """A node's samples, read back from the journal."""
    return columns.table_of(_read(journal, node, kept))


def _read(journal: Path, node: str, kept: list[Kept]) -> list[Stored]:
    segments: dict[int, Segment] = {}
    try:
        samples: list[Stored] = []
        for position, _, layout in kept:
            if position.segment not in segments:
                segments[position.segment] = Segment(journal, position.segment)
            samples.append(segments[position.segment].read(position.offset, node, layout))
        return samples
    finally:
        for segment in segments.values():
            segment.close()
