"""What a file holds, in as few words as possible: stretches of seconds with consecutive samples, or without any.

From the stretches of all files follow which samples of a node are there, and where and why some are not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from . import wire
from .columns import SECOND, described, is_series
from .ranges import Ranges

COLUMNS = ("time", "present", "sequence")


class Stretch(NamedTuple):
    """Seconds ``first`` to ``last`` (since 1970) with one sample each, or none.

    ``sequence`` is that of the first sample, which the others follow; None from a foreign exporter.
    """

    first: int
    last: int
    present: bool
    epoch: str = ""
    sequence: int | None = None

    @property
    def sequences(self) -> tuple[int, int] | None:
        """First and last sequence of its samples."""
        return None if self.sequence is None else (self.sequence, self.sequence + self.last - self.first)


class Absence(NamedTuple):
    """Seconds ``first`` to ``last`` without a sample, and why."""

    first: int
    last: int
    reason: str


def stretches(table: pa.Table) -> list[Stretch]:
    """Those of a file's rows, in order. Needs the COLUMNS and those of ``epochs``."""
    seconds = [nanoseconds // SECOND for nanoseconds in pc.cast(table.column("time"), pa.int64()).to_pylist()]
    present: list[bool] = table.column("present").to_pylist()
    sequences: list[int | None] = table.column("sequence").to_pylist()
    names = epochs(table)
    # Consecutive numbers at consecutive seconds are the same distance apart: rows of one stretch have one key.
    keys = (
        (there, epoch, second - row, None if sequence is None else sequence - row)
        for row, (second, there, epoch, sequence) in enumerate(zip(seconds, present, names, sequences, strict=True))
    )
    found: list[Stretch] = []
    row = 0
    for (there, epoch, _, _), group in groupby(keys):
        begin, row = row, row + sum(1 for _ in group)
        found.append(Stretch(seconds[begin], seconds[row - 1], there, epoch, sequences[begin]))
    return found


def epochs(table: pa.Table) -> list[str]:
    """The epoch of each row: the node says it in a series whose label names it."""
    found = [""] * table.num_rows
    for name in epoch_columns(table.schema):
        epoch = json.loads(described(table.schema.field(name), "labels")[0]).get("epoch", "")
        for row, value in enumerate(table.column(name).to_pylist()):
            if value is not None:
                found[row] = epoch
    return found


def epoch_columns(schema: pa.Schema) -> list[str]:
    """Names of the columns that say a row's epoch."""
    return [field.name for field in schema if is_series(field) and described(field, "metric") == [wire.EPOCH]]


def sequences(stretches: Iterable[Stretch]) -> dict[str, Ranges]:
    """Which samples there are, by epoch."""
    there: dict[str, Ranges] = {}
    for one in stretches:
        if one.sequences:
            there.setdefault(one.epoch, Ranges()).add(*one.sequences)
    return there


def absences(stretches: Iterable[Stretch], gone: Mapping[str, Mapping[Any, Ranges]]) -> Iterator[Absence]:
    """The seconds without a sample, of one node's stretches in order of time.

    ``gone`` says which samples are lost, by epoch and reason.
    """
    before: Stretch | None = None
    missing: Stretch | None = None
    for one in stretches:
        if not one.present:
            joins = missing and missing.last + 1 == one.first
            if missing and not joins:
                yield Absence(missing.first, missing.last, _reason(before, missing, None, gone))
            missing = missing._replace(last=one.last) if missing and joins else one
            continue
        if missing:
            yield Absence(missing.first, missing.last, _reason(before, missing, one, gone))
        before, missing = one, None
    if missing:
        yield Absence(missing.first, missing.last, _reason(before, missing, None, gone))


def _reason(
    before: Stretch | None, missing: Stretch, after: Stretch | None, gone: Mapping[str, Mapping[Any, Ranges]]
) -> str:
    """Why there is nothing between two samples."""
    if before is None or after is None or before.sequences is None or after.sequences is None:
        return "no answer"
    if before.epoch != after.epoch:
        return "history lost"
    first, last = before.sequences[1] + 1, after.sequences[0] - 1
    if first > last:
        return "node down" if missing.last > missing.first else "no tick"
    reasons = {
        reason: count
        for reason, ranges in gone.get(before.epoch, {}).items()
        if (count := sum(one.length for one in ranges.within(first, last)))
    }
    return max(reasons, key=reasons.__getitem__, default="not fetched")
