"""Samples to columns: names, types, metadata.

A column keeps one type for the whole dataset, because readers of many files want that. What counts whole things is
int64: a counter or a size without a unit that can be divided. If such a series ever has a fraction, it joins the
dataset's list of ``fractional`` ones and is float64 everywhere from then on.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from . import wire
from .journal import Stored
from .parse import Layout, Series

SECOND = 1_000_000_000
TIME = pa.timestamp("ns", tz="UTC")

FIXED_HELP = {
    "time": "The grid second, UTC.",
    "present": "Whether the node has a sample for this second.",
    "sequence": "The node's own number of the sample.",
    "offset_ns": "The node's clock minus the recorder's when it answered; > 0: the node is ahead. Nanoseconds.",
    "offset_bound_ns": "The true offset lies within offset_ns plus or minus this, whatever the network did.",
}
CLOCK_HELP = "The node's CLOCK_{} as the sample was read. Nanoseconds."

DIVISIBLE = frozenset(
    ("seconds", "celsius", "volts", "volt", "amperes", "amps", "joules", "joule", "watts", "watt", "hertz", "ratio")
)
"""Units of what is measured and not counted."""


def is_count(series_metric: str, type: str) -> bool:
    """Whether a series counts whole things: bytes, packets, interrupts, the constant 1 of an info."""
    last = series_metric.removesuffix("_total").rpartition("_")[2]
    return (type in ("counter", "info") and last not in DIVISIBLE) or last in ("bytes", "info", "nanoseconds")


def field_of(series: Series, type: pa.DataType) -> pa.Field:
    """The column of a series: its name is the series itself, the rest is in its metadata."""
    metadata = {
        "metric": series.metric,
        "labels": json.dumps(dict(series.labels), ensure_ascii=False),
        "type": series.type,
        "unit": series.unit,
        "help": series.help,
    }
    return pa.field(column_name(series), type, metadata=metadata)


def table_of(samples: Iterable[Stored]) -> pa.Table:
    """One row a sample, sorted by second, in float64 but for what is exact only as an integer."""
    by_layout: dict[Layout, list[Stored]] = {}
    for sample in samples:
        by_layout.setdefault(sample.page.layout, []).append(sample)
    return joined([_layout_table(layout, some) for layout, some in by_layout.items()]).sort_by("time")


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables one below the other, with all of their columns: a column that a table lacks is null there.

    A column's metadata are those of its first table. Fixed columns come first, as DESIGN orders them.
    """
    fields = {field.name: field for table in reversed(tables) for field in table.schema}
    order = {field.name: None for table in tables for field in table.schema}
    whole = pa.concat_tables(_exact_integers(tables), promote_options="permissive")
    columns = [whole.column(name) for name in fixed_first(order)]
    described = [fields[name].with_type(whole.schema.field(name).type) for name in fixed_first(order)]
    return pa.table(columns, schema=pa.schema(described)).combine_chunks()


def _exact_integers(tables: Sequence[pa.Table]) -> list[pa.Table]:
    """The same tables; where one has a column in integers, the others have too if that is exact.

    Or else concatenation would make float64 of them all, which does not hold every integer.
    """
    integers = {field.name for table in tables for field in table.schema if pa.types.is_integer(field.type)}
    exact: list[pa.Table] = []
    for table in tables:
        for at, field in enumerate(table.schema):
            if field.name in integers and field.type == pa.float64() and _is_whole(table.column(at)):
                table = table.set_column(at, field.with_type(pa.int64()), pc.cast(table.column(at), pa.int64()))
        exact.append(table)
    return exact


def fixed_first(names: Collection[str]) -> list[str]:
    """time, present, sequence, clocks, offset, bound, then the series in the order they came in."""
    clocks = [name for name in names if is_clock(name)]
    fixed = ["time", "present", "sequence", *clocks, "offset_ns", "offset_bound_ns"]
    return [*fixed, *(name for name in names if name not in set(fixed))]


def is_clock(name: str) -> bool:
    """Whether a column is a clock's reading; ``column_name`` keeps series off such names."""
    return name.endswith("_ns") and name not in FIXED_HELP


def column_name(series: Series) -> str:
    """The series' name; ``time{}`` for a foreign series that is named like a column of ours."""
    taken = series.name in FIXED_HELP or series.name.endswith("_ns")
    return f"{series.name}{{}}" if taken else series.name


def settled(table: pa.Table, fractional: Collection[str]) -> tuple[pa.Table, list[str]]:
    """The table with each series in the type it has in this dataset; and counts that turn out to be fractional."""
    newly: list[str] = []
    fields = list(table.schema)
    columns = table.columns
    for at, field in enumerate(fields):
        if not is_series(field):
            continue
        type = pa.float64()
        if field.name not in fractional and is_count(*described(field, "metric", "type")):
            if _is_whole(columns[at]):
                type = pa.int64()
            else:
                newly.append(field.name)
        columns[at] = pc.cast(columns[at], type, safe=False)
        fields[at] = field.with_type(type)
    return pa.table(columns, schema=pa.schema(fields)), newly


def is_series(field: pa.Field) -> bool:
    """Whether a column is a series, and not one of the fixed ones."""
    return bool(field.metadata) and b"metric" in field.metadata


def described(field: pa.Field, *keys: str) -> list[str]:
    """What a column's metadata say."""
    return [field.metadata[key.encode()].decode() for key in keys]


def _layout_table(layout: Layout, samples: list[Stored]) -> pa.Table:
    meaning = wire.meaning(layout)
    flat = array("d")
    for sample in samples:
        flat.extend(sample.page.values)
    seconds = [sample.second * SECOND for sample in samples]
    columns: dict[pa.Field, Any] = {
        _fixed("time", TIME): pa.array(seconds, pa.int64()).cast(TIME),
        _fixed("present", pa.bool_()): pa.array([True] * len(samples)),
        _fixed("sequence"): _integers(meaning.sample(sample.page) for sample in samples),
        **{
            _fixed(f"{clock}_ns", help=CLOCK_HELP.format(clock.upper())): pa.array(
                [meaning.clock(sample.page, clock) for sample in samples], pa.int64()
            )
            for clock in meaning.clocks
        },
        _fixed("offset_ns"): pa.array([sample.offset and sample.offset.ns for sample in samples], pa.int64()),
        _fixed("offset_bound_ns"): pa.array([sample.offset and sample.offset.bound for sample in samples], pa.int64()),
    }
    exact = {index for sample in samples for index in sample.page.exact}
    for index, series in enumerate(layout.series):
        if index in meaning.joined:
            continue
        column = _floats(flat[index :: len(layout.series)])
        if index in exact:
            column = _exactly([sample.page.number(index) for sample in samples], column)
        columns[field_of(series, column.type)] = column
    return pa.table(list(columns.values()), schema=pa.schema(list(columns)))


def _fixed(name: str, type: pa.DataType | None = None, help: str = "") -> pa.Field:
    return pa.field(name, type or pa.int64(), metadata={"help": help or FIXED_HELP[name]})


def _integers(samples: Iterable[tuple[str, int] | None]) -> pa.Array:
    return pa.array([sample and sample[1] for sample in samples], pa.int64())


def _floats(numbers: array[float]) -> pa.Array:
    return pa.Array.from_buffers(pa.float64(), len(numbers), [None, pa.py_buffer(numbers)])


def _exactly(numbers: list[int | float], otherwise: pa.Array) -> pa.Array:
    """A column of integers, some of which float64 would round; ``otherwise`` if not all are integers of 64 bits."""
    try:
        integers = [int(number) for number in numbers]
        return pa.array(integers, pa.int64()) if integers == numbers else otherwise
    except (OverflowError, ValueError, pa.ArrowInvalid):
        return otherwise


def _is_whole(column: pa.ChunkedArray) -> bool:
    """Whether every number in a column is an integer that int64 holds."""
    if pa.types.is_integer(column.type):
        return True
    try:
        pc.cast(column, pa.int64())
    except pa.ArrowInvalid:
        return False
    return True
