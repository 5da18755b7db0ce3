"""Bytes per value of an hour's file: the recorder's, beside pyarrow's defaults on the same numbers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from recorder import columns, hour_file

from . import realistic


def rows() -> Iterator[tuple[str, ...]]:
    """A row a way of writing: data bytes per value, file bytes per value, seconds to write."""
    table, _ = columns.settled(columns.table_of(realistic.samples()), ())
    floats = pa.table(
        [column.cast(pa.float64()) if pa.types.is_integer(column.type) else column for column in table.columns],
        schema=pa.schema(
            [field.with_type(pa.float64()) if pa.types.is_integer(field.type) else field for field in table.schema]
        ),
    )
    with TemporaryDirectory() as folder:
        yield _row("driftscope", Path(folder, "ours"), lambda path: hour_file.write(path, table))
        yield _row("pyarrow's defaults", Path(folder, "default"), lambda path: pq.write_table(floats, path))
        yield _row("  with zstd 9", Path(folder, "zstd"), lambda path: _zstd(floats, path))


def _zstd(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd", compression_level=9)


def _row(name: str, path: Path, write: object) -> tuple[str, ...]:
    assert callable(write)
    began = time.process_time()
    write(path)
    took = time.process_time() - began
    metadata = pq.read_metadata(path)
    group = metadata.row_group(0)
    data = sum(group.column(index).total_compressed_size for index in range(group.num_columns))
    values = metadata.num_rows * (metadata.num_columns - 2)
    return name, f"{data / values:.2f}", f"{path.stat().st_size / values:.2f}", f"{took:.2f}"
