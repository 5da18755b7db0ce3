"""What a dataset's file holds of a node: which samples, and how its clock was, without reading more than that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from . import hour_file
from .node_clock import Offset
from .past import SPACING, Anchor, anchor
from .stretch import COLUMNS, Stretch, epoch_columns, epochs, stretches

CLOCKS = ("monotonic_raw_ns", "realtime_ns", "offset_ns", "offset_bound_ns")


@dataclass(frozen=True)
class Received:
    """A file's stretches, and some of its exchanges with their epochs, both in order of time."""

    stretches: list[Stretch]
    anchors: list[tuple[str, Anchor]]


def of_file(path: Path) -> Received:
    """What a file holds. Raises OSError, which names the file, if it is no whole Parquet file."""
    table = hour_file.read_rows(path, lambda schema: (*COLUMNS, *CLOCKS, *epoch_columns(schema)))
    found = stretches(table)
    return Received(found, list(_anchors(table, found)))


def _anchors(table: pa.Table, found: list[Stretch]) -> Iterator[tuple[str, Anchor]]:
    """Both ends of each stretch, and some in between."""
    if not set(CLOCKS) <= set(table.column_names):
        return
    names = epochs(table)
    row = 0
    for stretch in found:
        begin, row = row, row + stretch.last - stretch.first + 1
        if stretch.sequence is None:
            continue
        for at in sorted({*range(begin, row, SPACING), row - 1}):
            numbers = [table.column(name)[at].as_py() for name in CLOCKS]
            if None not in numbers:
                raw, realtime, offset, bound = numbers
                sequence, second = stretch.sequence + at - begin, stretch.first + at - begin
                yield names[at], anchor(sequence, second, raw, realtime, Offset(offset, bound))
