"""One node's hour as Parquet: one row for each second between the first and the last, gaps included.

The file is always written whole. What a file has already is read back and merged, so data may come late.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .columns import SECOND, TIME, fixed_first, is_series, joined
from .durable import replacing

COMPRESSION = "zstd"
LEVEL = 9
TRIAL_LEVEL = 1
DICTIONARY = "dictionary"
FAR = 1 << 63


VALUES, SAMPLES = "driftscope.values", "driftscope.samples"
"""Keys of a file's own metadata: how many numbers of series, and how many samples, it holds."""


def read(path: Path) -> pa.Table:
    """A file's samples: its rows without the gaps."""
    table = read_rows(path)
    return table.filter(table.column("present"))


def read_rows(path: Path, wanted: Callable[[pa.Schema], Collection[str]] | None = None) -> pa.Table:
    """All of a file's rows, or of them the columns that are ``wanted`` of its schema and there.

    Raises OSError, which names the file, also if it is no whole Parquet file.
    """
    try:
        file = pq.ParquetFile(path)
        if wanted is None:
            return file.read()
        schema = file.schema_arrow
        there = set(schema.names)
        return file.read([name for name in wanted(schema) if name in there])
    except pa.ArrowException as error:
        raise OSError(f"{path} is no whole Parquet file: {str(error).splitlines()[0]}") from None


def extra_path(path: Path) -> Path:
    """Where the samples are that found their second taken in the file ``path``: readers of folders pass it over."""
    return path.with_name(f"_{path.stem}.extra.parquet")


def write(path: Path, table: pa.Table) -> None:
    """Write the table, durably, each column in the encoding that its data ask for."""
    values = sum(column.length() - column.null_count for field, column in _pairs(table) if is_series(field))
    counts = {VALUES: str(values), SAMPLES: str(table.filter(table.column("present")).num_rows)}
    with replacing(path) as temporary:
        pq.write_table(
            table.replace_schema_metadata(counts),
            temporary,
            compression=COMPRESSION,
            compression_level=LEVEL,
            write_statistics=["time"],  # pyright: ignore[reportArgumentType]  # pyarrow takes names as well
            row_group_size=max(1, table.num_rows),
            **encodings(table),
        )


def encodings(table: pa.Table) -> dict[str, Any]:
    """Arguments for pyarrow's writer: each column in the encoding that makes it smallest, which is found by trying.

    Values that repeat are smallest in a dictionary, steady counters as differences, noise with like bytes together, and
    quanta sometimes just as they are; a guess from type or name loses a quarter.
    """
    names = [field.name for field in table.schema if field.type != pa.bool_()]
    own = {
        field.name: "BYTE_STREAM_SPLIT" if field.type == pa.float64() else "DELTA_BINARY_PACKED"
        for field in table.schema
        if field.name in names
    }
    trials: list[dict[str, str]] = [dict.fromkeys(names, DICTIONARY), dict.fromkeys(names, "PLAIN"), own]
    table = table.select(names)
    sizes = [_sizes(table, trial) for trial in trials]
    best = [min(range(len(trials)), key=column.__getitem__) for column in zip(*sizes, strict=True)]
    return _as_arguments({name: trials[trial][name] for name, trial in zip(names, best, strict=True)})


def _sizes(table: pa.Table, encoding: dict[str, str]) -> list[int]:
    """Bytes that each column takes in an encoding."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression=COMPRESSION,
        compression_level=TRIAL_LEVEL,
        write_statistics=False,
        store_schema=False,
        row_group_size=max(1, table.num_rows),
        **_as_arguments(encoding),
    )
    group = pq.read_metadata(pa.BufferReader(sink.getvalue())).row_group(0)
    return [group.column(index).total_compressed_size for index in range(group.num_columns)]


def _as_arguments(encoding: dict[str, str]) -> dict[str, Any]:
    dictionary = [name for name, one in encoding.items() if one == DICTIONARY]
    others = {name: one for name, one in encoding.items() if one != DICTIONARY}
    return {"use_dictionary": dictionary or False, "column_encoding": others or None}


def merge(tables: Sequence[pa.Table]) -> tuple[pa.Table, pa.Table]:
    """All samples of some tables, one a second, and those that found their second taken.

    A sample that is there twice is there once in the result. Of two different ones the one that was read nearest to the
    second has it, and the earlier table's if that is not known.
    """
    table = joined(tables)
    seconds = _nanoseconds(table)
    order = sorted(range(len(seconds)), key=seconds.__getitem__)
    kept: list[int] = []
    extra: list[int] = []
    for _, group in groupby(order, seconds.__getitem__):
        different: list[int] = []
        for row in group:
            if not any(_same_sample(table, other, row) for other in different):
                different.append(row)
        nearest = different[0] if len(different) == 1 else min(different, key=partial(_distance, table))
        kept.append(nearest)
        extra += [row for row in different if row != nearest]
    return table.take(pa.array(kept, pa.int64())), table.take(pa.array(extra, pa.int64()))


def _distance(table: pa.Table, row: int) -> int:
    """Nanoseconds from a sample's second to when it was read; longest where that is not known."""
    if "realtime_ns" not in table.column_names:
        return FAR
    realtime, offset = (table.column(name)[row].as_py() for name in ("realtime_ns", "offset_ns"))
    if realtime is None or offset is None:
        return FAR
    return abs(realtime - offset - table.column("time")[row].value)


def _same_sample(table: pa.Table, one: int, other: int) -> bool:
    """Whether two rows of one second are one sample: by sequence and clock, or a foreign exporter's by all of it."""
    names = [name for name in ("sequence", "realtime_ns") if name in table.column_names]
    numbers = [[table.column(name)[row].as_py() for name in names] for row in (one, other)]
    if None in numbers[0]:
        # As text, because a NaN is not equal to itself.
        return repr(table.slice(one, 1).to_pylist()) == repr(table.slice(other, 1).to_pylist())
    return numbers[0] == numbers[1]


def on_grid(table: pa.Table, first: int, last: int) -> pa.Table:
    """One row for each second from ``first`` to ``last`` (seconds since 1970), those without a sample null."""
    at = {nanoseconds // SECOND: row for row, nanoseconds in enumerate(_nanoseconds(table))}
    rows = [at.get(second) for second in range(first, last + 1)]
    whole = table.take(pa.array(rows, pa.int64()))
    seconds = pa.array([second * SECOND for second in range(first, last + 1)], pa.int64()).cast(TIME)
    present = pa.array([row is not None for row in rows])
    whole = whole.set_column(0, table.schema.field("time"), seconds)
    return whole.set_column(1, table.schema.field("present"), present)


def empty() -> pa.Table:
    """A table without rows, for a node of which nothing is known."""
    types = {"time": TIME, "present": pa.bool_()}
    return pa.schema([(name, types.get(name, pa.int64())) for name in fixed_first([])]).empty_table()


def span(path: Path) -> tuple[int, int]:
    """A file's first and last second, in seconds since 1970, from its footer. Raises OSError as ``read_rows`` does."""
    statistics = metadata(path).row_group(0).column(0).statistics
    return statistics.min_raw // SECOND, statistics.max_raw // SECOND


def metadata(path: Path) -> pq.FileMetaData:
    """A file's footer. Raises OSError as ``read_rows`` does."""
    try:
        return pq.read_metadata(path)
    except pa.ArrowException as error:
        raise OSError(f"{path} is no whole Parquet file: {str(error).splitlines()[0]}") from None


def _pairs(table: pa.Table) -> Iterator[tuple[pa.Field, pa.ChunkedArray]]:
    return zip(table.schema, table.columns, strict=True)


def _nanoseconds(table: pa.Table) -> list[int]:
    return pc.cast(table.column("time"), pa.int64()).to_pylist()
