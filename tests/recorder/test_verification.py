"""Every promise that a dataset makes is checked, and the file that breaks one is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from recorder import hour_file
from recorder.columns import SECOND
from recorder.dataset import Dataset
from recorder.verification import verify
from tests.recorder.samples import HOUR, node_table, write_dataset

MORE = "# TYPE a_total counter\na_total 1\n"
Harm = Callable[[pa.Table], pa.Table]


@pytest.fixture
def good(tmp_path: Path) -> Dataset:
    """Two nodes and two hours, with gaps, and every promise kept."""
    hours = (
        {node: node_table([begin, begin + 1, begin + 5], more=MORE) for node in ("ares", "zeus")}
        for begin in (HOUR, HOUR + 3600)
    )
    return Dataset.read(write_dataset(tmp_path / "run", *hours))


def broken(dataset: Dataset) -> list[str]:
    """All broken promises, as people see them."""
    return [str(one) for one in verify(dataset)]


def set_column(name: str, change: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> Harm:
    """The table with one column changed."""

    def harm(table: pa.Table) -> pa.Table:
        at = table.column_names.index(name)
        changed = change(table.column(at))
        return table.set_column(at, table.schema.field(at).with_type(changed.type), changed)

    return harm


def later(seconds: float) -> Callable[[pa.ChunkedArray], pa.ChunkedArray]:
    """Times that are this much later."""

    def move(column: pa.ChunkedArray) -> pa.ChunkedArray:
        moved = [moment + int(seconds * SECOND) for moment in pc.cast(column, pa.int64()).to_pylist()]
        return pc.cast(pa.chunked_array([moved], pa.int64()), column.type)

    return move


def test_a_sample_that_is_there_twice_is_found(good: Dataset) -> None:
    """In another hour, or in the file beside its own."""
    path = good.hour_path("ares", HOUR)
    hour_file.write(hour_file.extra_path(path), hour_file.read(path).slice(1, 1))

    assert broken(good) == [f"{path}: a sample is there once: e1: {HOUR + 1} to {HOUR + 1}"]
    hour_file.extra_path(path).write_bytes(b"PAR1")
    assert [str(hour_file.extra_path(path)) in one for one in broken(good)] == [True]


def or_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Null where it is false."""
    return pa.chunked_array([[one or None for one in column.to_pylist()]], pa.bool_())


def without_metadata(table: pa.Table) -> pa.Table:
    return pa.table(table.columns, schema=pa.schema([field.remove_metadata() for field in table.schema]))


def twice_a_column(table: pa.Table) -> pa.Table:
    return table.append_column(table.schema.field("sequence"), table.column("sequence"))


HARMS: dict[str, tuple[Harm, str]] = {
    "a row removed": (lambda t: pa.concat_tables([t.slice(0, 2), t.slice(3)]), "one row for each second, in order"),
    "a row twice": (lambda t: pa.concat_tables([t.slice(0, 2), t.slice(1)]), "one row for each second, in order"),
    "rows in disorder": (lambda t: t.take([1, 0, 2, 3, 4, 5]), "one row for each second, in order"),
    "no rows": (lambda t: t.slice(0, 0), "one row for each second, in order"),
    "half a second": (set_column("time", later(0.5)), "time is a whole second"),
    "another hour": (set_column("time", later(3600)), "a file holds its own hour"),
    "one row short": (lambda t: t.slice(0, 5), "row k is the same second in all files of an hour"),
    "time in milliseconds": (
        set_column("time", lambda column: pc.cast(column, pa.timestamp("ms", "UTC"))),
        "fixed columns have their types: time is timestamp[ms, tz=UTC]",
    ),
    "a clock in floats": (
        set_column("realtime_ns", lambda column: pc.cast(column, pa.float64(), safe=False)),
        "fixed columns have their types: realtime_ns is double",
    ),
    "a series of two types": (
        set_column("a_total", lambda column: pc.cast(column, pa.float64())),
        "a column has one type: a_total",
    ),
    "a value in an absent row": (
        set_column("a_total", lambda column: pc.fill_null(column, 0)),
        "a row that is not present is null: a_total is not",
    ),
    "presence unknown": (
        set_column(
            "present", lambda column: pa.chunked_array([[one or None for one in column.to_pylist()]], pa.bool_())
        ),
        "present is true or false",
    ),
    "a column gone": (lambda t: t.drop_columns(["present"]), "fixed columns come first"),
    "columns in disorder": (lambda t: t.select([*t.column_names[1:], "time"]), "fixed columns come first"),
    "a column twice": (twice_a_column, "no name is there twice"),
    "no metadata": (without_metadata, "metric, labels, type, unit and help are in its metadata"),
}


@pytest.mark.parametrize("name", HARMS)
def test_the_file_that_breaks_a_promise_is_named(good: Dataset, name: str) -> None:
    """One line names the file and the promise; files that are right are not named."""
    harm, promise = HARMS[name]
    path = good.hour_path("zeus", HOUR)

    harmed = harm(hour_file.read_rows(path))
    if "present" in harmed.column_names and len(set(harmed.column_names)) == len(harmed.column_names):
        hour_file.write(path, harmed)
    else:
        pq.write_table(harmed, path)

    lines = broken(good)
    assert promise in lines[0]
    assert all(line.startswith(f"{path}: ") for line in lines)


def test_a_dataset_that_keeps_its_promises_has_nothing_to_be_named(good: Dataset) -> None:
    """Each file is looked at, in order."""
    seen: list[Path] = []

    assert list(verify(good, lambda file: seen.append(file.path))) == []
    assert seen == [file.path for file in good.files()]
    assert len(seen) == 4


def test_half_a_file_is_named(good: Dataset) -> None:
    """A file that cannot be read to its end is not whole, and the others are checked all the same."""
    path = good.hour_path("ares", HOUR)
    for damaged in (path.read_bytes()[:-1], path.read_bytes()[:100], b""):
        path.write_bytes(damaged)

        (line,) = broken(good)
        assert line.startswith(f"{path}: a file is whole: ")


def test_a_flipped_bit_in_the_values_is_noticed(good: Dataset) -> None:
    """Parquet's own pages are checked as far as reading them goes, or what the file says of itself."""
    path = good.hour_path("ares", HOUR)
    data = bytearray(path.read_bytes())
    data[data.index(b"\x28\xb5\x2f\xfd")] ^= 1  # the first page's zstd frame
    path.write_bytes(data)

    assert broken(good)[0].startswith(f"{path}: a file is whole: ")


def test_a_count_that_is_wrong_is_named(good: Dataset) -> None:
    """What a file says of itself is what is in it."""
    path = good.hour_path("ares", HOUR)
    pq.write_table(hour_file.read_rows(path).replace_schema_metadata(None), path)

    assert [line.partition(" is ")[0] for line in broken(good)] == [
        f"{path}: a file counts what it holds: driftscope.values",
        f"{path}: a file counts what it holds: driftscope.samples",
    ]


@pytest.mark.parametrize("name", ["notes.txt", "node=ares/x.parquet", "node=ares/date=2026-07-25/24x.parquet"])
def test_a_stray_file_is_named(good: Dataset, name: str) -> None:
    """Whatever a reader of the folder would take for data is neither an hour nor dataset.json."""
    (good.folder / name).touch()

    assert broken(good) == [f"{good.folder / name}: nothing but hours and dataset.json is visible: it is neither"]


def test_hidden_files_are_nobodys_business(good: Dataset) -> None:
    """Names that begin with a dot or an underscore are invisible to dataset readers."""
    for name in (".x", "_x.parquet", ".journal/x", "node=ares/_14.extra.parquet"):
        (good.folder / name).touch()

    assert broken(good) == []


def test_a_node_that_dataset_json_does_not_name_is_noticed(good: Dataset) -> None:
    """dataset.json names all nodes of which there are files."""
    del good.about["nodes"]["zeus"]

    assert broken(good) == [f"{good.folder / 'dataset.json'}: it names all nodes: zeus is missing"]
