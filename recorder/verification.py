"""The promises that a dataset makes (docs/formats/dataset.md), each as a check with a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from . import hour_file
from .columns import FIXED_HELP, SECOND, TIME, fixed_first, is_clock, is_series
from .dataset import HOUR, Dataset, HourPath
from .hour_file import SAMPLES, VALUES
from .ranges import Ranges
from .stretch import stretches


@dataclass(frozen=True)
class Broken:
    """A promise that a file breaks."""

    path: Path
    promise: str
    how: str

    def __str__(self) -> str:
        return f"{self.path}: {self.promise}: {self.how}"


def verify(dataset: Dataset, progress: Callable[[HourPath], None] = lambda _: None) -> Iterator[Broken]:
    """Every broken promise of every file. Reads each file once."""
    types: dict[str, tuple[pa.DataType, Path]] = {}
    spans: dict[int, tuple[tuple[int, int], Path]] = {}
    there: dict[tuple[str, str], Ranges] = {}
    yield from _strangers(dataset)
    for file in dataset.files():
        progress(file)
        try:
            table = hour_file.read_rows(file.path)
        except OSError as error:
            yield Broken(file.path, "a file is whole", str(error))
            continue
        broken = list(_of_file(file, table))
        yield from broken
        if broken:
            continue
        yield from _doubles(file, table, there)
        span = table.num_rows and (_seconds(table)[0], _seconds(table)[-1])
        expected, other = spans.setdefault(file.hour, (span, file.path))
        if span != expected:
            yield Broken(
                file.path, "row k is the same second in all files of an hour", f"{span} here, {expected} in {other}"
            )
        for field in filter(is_series, table.schema):
            type, other = types.setdefault(field.name, (field.type, file.path))
            if type != field.type:
                yield Broken(file.path, "a column has one type", f"{field.name}: {field.type} here, {type} in {other}")


def _strangers(dataset: Dataset) -> Iterator[Broken]:
    """Files that a reader of the folder would take for data."""
    ours = {file.path for file in dataset.files()} | {dataset.folder / "dataset.json"}
    for path in sorted(dataset.folder.rglob("*")):
        hidden = any(part[0] in "._" for part in path.relative_to(dataset.folder).parts)
        if path.is_file() and not hidden and path not in ours:
            yield Broken(path, "nothing but hours and dataset.json is visible", "it is neither")
    for node in {file.node for file in dataset.files()} - set(dataset.about["nodes"]):
        yield Broken(dataset.folder / "dataset.json", "it names all nodes", f"{node} is missing")


def _doubles(file: HourPath, table: pa.Table, there: dict[tuple[str, str], Ranges]) -> Iterator[Broken]:
    """Samples of a file, or of the one beside it, that are ``there``, by node and epoch; takes them in."""
    beside = hour_file.extra_path(file.path)
    tables = [table]
    if beside.exists():
        try:
            tables.append(hour_file.read_rows(beside))
        except OSError as error:
            yield Broken(beside, "a file is whole", str(error))
    for stretch in (one for some in tables for one in stretches(some)):
        known = there.setdefault((file.node, stretch.epoch), Ranges())
        if stretch.sequences:
            for twice in known.within(*stretch.sequences):
                yield Broken(file.path, "a sample is there once", f"{stretch.epoch}: {twice.first} to {twice.last}")
            known.add(*stretch.sequences)


def _of_file(file: HourPath, table: pa.Table) -> Iterator[Broken]:
    """What is wrong inside a file. Later checks rely on earlier ones, so the first group that fails ends it."""
    for checks in ((_columns,), (_rows, _absence, _counts)):
        broken = [Broken(file.path, promise, how) for check in checks for promise, how in check(file, table)]
        yield from broken
        if broken:
            return


def _columns(_: HourPath, table: pa.Table) -> Iterator[tuple[str, str]]:
    names = table.column_names
    if names != fixed_first(names) or len(set(names)) != len(names):
        yield "fixed columns come first, and no name is there twice", f"{names[:8]} ..."
        return
    for name, type in _fixed_types(names).items():
        if table.schema.field(name).type != type:
            yield "fixed columns have their types", f"{name} is {table.schema.field(name).type}, not {type}"
    for field in table.schema:
        if field.name not in FIXED_HELP and not is_clock(field.name) and not is_series(field):
            yield "a series' metric, labels, type, unit and help are in its metadata", field.name


def _rows(file: HourPath, table: pa.Table) -> Iterator[tuple[str, str]]:
    seconds = _seconds(table)
    if any(nanoseconds % SECOND for nanoseconds in _nanoseconds(table)):
        yield "time is a whole second", "it is not"
    if not seconds:
        yield "there is one row for each second, in order", "there is none"
    elif seconds != list(range(seconds[0], seconds[-1] + 1)):
        yield "there is one row for each second, in order", _first_jump(seconds)
    elif not file.hour <= seconds[0] <= seconds[-1] < file.hour + HOUR:
        yield "a file holds its own hour", f"{seconds[0]} to {seconds[-1]}, not {file.hour} and on"


def _absence(_: HourPath, table: pa.Table) -> Iterator[tuple[str, str]]:
    if table.column("present").null_count:
        yield "present is true or false", "it is null"
        return
    absent = table.filter(~pc.field("present")).drop_columns(["time", "present"])
    for name in absent.column_names:
        if absent.column(name).null_count != absent.num_rows:
            yield "a row that is not present is null", f"{name} is not"


def _counts(file: HourPath, table: pa.Table) -> Iterator[tuple[str, str]]:
    said = hour_file.metadata(file.path).metadata or {}
    values = sum(len(table) - table.column(field.name).null_count for field in table.schema if is_series(field))
    samples = table.filter(table.column("present")).num_rows
    for key, counted in ((VALUES, values), (SAMPLES, samples)):
        if said.get(key.encode()) != str(counted).encode():
            yield "a file counts what it holds", f"{key} is {said.get(key.encode())}, counted {counted}"


def _fixed_types(names: list[str]) -> dict[str, pa.DataType]:
    types = {name: pa.int64() for name in names if name in FIXED_HELP or is_clock(name)}
    return {**types, "time": TIME, "present": pa.bool_()}


def _first_jump(seconds: list[int]) -> str:
    for one, following in pairwise(seconds):
        if following != one + 1:
            return f"{following} follows {one}"
    return "out of order"


def _nanoseconds(table: pa.Table) -> list[int]:
    return pc.cast(table.column("time"), pa.int64()).to_pylist()


def _seconds(table: pa.Table) -> list[int]:
    return [nanoseconds // SECOND for nanoseconds in _nanoseconds(table)]
