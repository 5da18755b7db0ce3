"""One node's hour as a file: every second a row, small, and the values unchanged for every reader."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recorder import columns, hour_file
from recorder.columns import SECOND
from recorder.node_clock import Offset
from tests.recorder.samples import HOUR, RAW, REALTIME, column, layout, measured, node_page, node_table, stored, table


def settled(table: pa.Table) -> pa.Table:
    """The table in the types that its series have."""
    return columns.settled(table, ())[0]


def gauges(*seconds: int, value: float = 1.0) -> pa.Table:
    """A foreign exporter's samples."""
    return table(*(measured(second, layout("a"), value) for second in seconds))


def sequences(table: pa.Table) -> list[int]:
    """The node's numbers of the samples."""
    return column(table, "sequence")


def test_a_row_for_each_second_and_gaps_are_rows_of_nulls() -> None:
    """Between the first and the last second nothing is left out; what is absent is not present, and null."""
    made = hour_file.on_grid(node_table([HOUR + 1, HOUR + 3]), HOUR, HOUR + 4)

    assert column(made, "present") == [False, True, False, True, False]
    assert [moment.timestamp() for moment in column(made, "time")] == [HOUR + at for at in range(5)]
    for name in made.column_names[2:]:
        assert [value is None for value in column(made, name)] == [True, False, True, False, True]


def test_a_file_comes_back_without_its_gaps(tmp_path: Path) -> None:
    """What was written is what is read, bit for bit, with all that is said of the columns."""
    samples = settled(table(stored(HOUR + 1, node_page(1, REALTIME, RAW)), stored(HOUR + 3, node_page(2))))
    path = tmp_path / "14.parquet"

    hour_file.write(path, hour_file.on_grid(samples, HOUR, HOUR + 9))

    assert hour_file.read(path).equals(samples)
    assert hour_file.read(path).schema.equals(samples.schema, check_metadata=False)
    assert hour_file.read(path).schema.field(-1).metadata == samples.schema.field(-1).metadata


def test_a_file_counts_what_it_holds(tmp_path: Path) -> None:
    """Its own metadata say how many samples and how many values of series there are."""
    path = tmp_path / "14.parquet"
    hour_file.write(path, hour_file.on_grid(gauges(HOUR, HOUR + 5), HOUR, HOUR + 9))

    said = pq.read_metadata(path).metadata
    assert (said[b"driftscope.samples"], said[b"driftscope.values"]) == (b"2", b"2")


def test_a_sample_that_is_there_twice_is_there_once() -> None:
    """What a file has already is not added again, by sequence and clock; NaN is the same as NaN."""
    kept, extra = hour_file.merge([node_table(range(HOUR, HOUR + 5)), node_table(range(HOUR + 3, HOUR + 8))])
    foreign, foreign_extra = hour_file.merge([gauges(HOUR, value=math.nan), gauges(HOUR, value=math.nan)])

    assert sequences(kept) == list(range(HOUR, HOUR + 8))
    assert (extra.num_rows, foreign.num_rows, foreign_extra.num_rows) == (0, 1, 0)


def test_a_second_sample_of_one_second_is_kept_apart() -> None:
    """The earlier table's sample stays; each other one is extra, once."""
    tables = [gauges(HOUR, value=value) for value in (1.0, 2.0, 3.0, 2.0, 1.0, 3.0)]

    kept, extra = hour_file.merge(tables)

    assert column(kept, "a") == [1.0]
    assert column(extra, "a") == [2.0, 3.0]


def test_merging_brings_columns_together() -> None:
    """Series that one of the tables lacks are null there."""
    kept, _ = hour_file.merge([node_table([HOUR], more="a 1\n"), node_table([HOUR + 1], more="b 2\n")])

    assert (column(kept, "a"), column(kept, "b")) == ([1, None], [None, 2])


def test_a_node_of_which_nothing_is_known_has_rows_all_the_same() -> None:
    """Its hour has the fixed columns, and no second is present."""
    made = hour_file.on_grid(hour_file.empty(), HOUR, HOUR + 2)

    assert column(made, "present") == [False] * 3
    assert made.column_names == ["time", "present", "sequence", "offset_ns", "offset_bound_ns"]


def test_a_files_span_is_in_its_footer(tmp_path: Path) -> None:
    """First and last second are known without reading a column."""
    path = tmp_path / "14.parquet"

    hour_file.write(path, hour_file.on_grid(gauges(HOUR + 2, HOUR + 4), HOUR + 1, HOUR + 4))

    assert hour_file.span(path) == (HOUR + 1, HOUR + 4)


def test_each_column_is_written_in_the_encoding_that_makes_it_smallest(tmp_path: Path) -> None:
    """What repeats goes into a dictionary, a steady clock is written as differences; booleans as they are."""
    chance = random.Random(1)
    series = layout("few", "noise")
    many = [measured(HOUR + at, series, chance.choice((40.0, 41.5)), chance.gauss()) for at in range(3600)]
    path = tmp_path / "14.parquet"

    hour_file.write(path, hour_file.on_grid(table(*many), HOUR, HOUR + 3599))

    group = pq.read_metadata(path).row_group(0)
    used = {group.column(at).path_in_schema: set(group.column(at).encodings) for at in range(group.num_columns)}
    assert "DELTA_BINARY_PACKED" in used["time"]
    assert "RLE_DICTIONARY" in used["few"]
    assert "RLE_DICTIONARY" not in used["noise"]
    assert used["noise"] & {"BYTE_STREAM_SPLIT", "PLAIN"}


def test_a_file_is_smaller_than_pyarrow_makes_it_by_itself(tmp_path: Path) -> None:
    """Choosing encodings pays on a plain hour of counters, quanta and noise."""
    chance = random.Random(1)
    series = layout("a_total", "b_celsius", "c_ratio")
    many = [
        measured(HOUR + at, series, at * 1000 + chance.randrange(9), at // 60 / 2, chance.random())
        for at in range(3600)
    ]
    ours, default = tmp_path / "ours.parquet", tmp_path / "default.parquet"

    hour_file.write(ours, whole := hour_file.on_grid(table(*many), HOUR, HOUR + 3599))
    pq.write_table(whole, default)

    assert ours.stat().st_size < 0.7 * default.stat().st_size


def test_names_with_dots_and_quotes_have_encodings_too(tmp_path: Path) -> None:
    """A column is found by its name, whatever is in it."""
    path = tmp_path / "14.parquet"
    text = 'a{b="c.d",e="\\"x\\"",f="é,{}"} 0.5\n'

    hour_file.write(path, hour_file.on_grid(table(stored(HOUR, text)), HOUR, HOUR))

    assert column(hour_file.read(path), text.partition(" ")[0]) == [0.5]


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    """Half a file says which file it is."""
    path = tmp_path / "14.parquet"
    hour_file.write(path, gauges(HOUR))
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(OSError, match=f"{path} is no whole Parquet file"):
        hour_file.read(path)


def test_a_failing_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """A table that Parquet cannot hold costs nothing."""
    path = tmp_path / "14.parquet"
    hour_file.write(path, good := gauges(HOUR))
    bad = good.append_column(pa.field("x", pa.duration("s")), pa.array([1], pa.duration("s")))
    bad = bad.append_column("y", pa.array([None], pa.month_day_nano_interval()))

    with pytest.raises(pa.ArrowException):
        hour_file.write(path, bad)

    assert hour_file.read(path).equals(good)
    assert list(tmp_path.iterdir()) == [path]


def test_the_sample_nearest_to_the_second_has_it() -> None:
    """Of two samples in one second; whichever came first, and nearest by our clock, not by the node's."""
    near, far = (
        stored(HOUR, node_page(number, HOUR * SECOND + late + 7, epoch="e1"), offset=Offset(7, 1))
        for number, late in ((1, -100), (2, 200))
    )

    for order in ((near, far), (far, near)):
        kept, extra = hour_file.merge([table(one) for one in order])

        assert (column(kept, "sequence"), column(extra, "sequence")) == ([1], [2])


def test_of_samples_without_offset_the_first_stays() -> None:
    """Nothing says which is nearer."""
    first, second = (stored(HOUR, node_page(number, HOUR * SECOND + number)) for number in (5, 4))

    kept, extra = hour_file.merge([table(first), table(second)])

    assert (column(kept, "sequence"), column(extra, "sequence")) == ([5], [4])
