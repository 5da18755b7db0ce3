"""Samples become columns: named, ordered, described and typed as the dataset promises."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from recorder import columns
from recorder.node_clock import Offset
from recorder.parse import Series
from tests.recorder.samples import RAW, REALTIME, column, layout, measured, node_page, stored, table

BIG = 2**53 + 1
COUNTER = layout("a_total", type="counter")


def settled(table: pa.Table, *fractional: str) -> pa.Table:
    """The table in the types that its series have."""
    return columns.settled(table, fractional)[0]


def test_columns_are_in_the_order_that_is_promised() -> None:
    """Time, presence, sequence, clocks, offset, bound, and then the series in the page's order."""
    page = node_page(1, more='z 1\na{b="c"} 1\n')

    assert table(stored(1, page)).column_names == [
        *("time", "present", "sequence", "realtime_ns", "monotonic_raw_ns", "offset_ns", "offset_bound_ns"),
        *('driftscope_sample_epoch_info{epoch="e1"}', "z", 'a{b="c"}'),
    ]


def test_clocks_are_whole_nanoseconds() -> None:
    """Both readings have all of their 19 digits, and so has the offset."""
    made = table(stored(5, node_page(3), offset=Offset(-(10**17) - 1, 7)))

    assert column(made, "realtime_ns") == [REALTIME]
    assert column(made, "monotonic_raw_ns") == [RAW]
    assert column(made, "sequence") == [3]
    assert (column(made, "offset_ns"), column(made, "offset_bound_ns")) == ([-(10**17) - 1], [7])


def test_a_foreign_exporter_has_no_sequence_and_no_clocks() -> None:
    """What is not known is null."""
    made = table(measured(5, layout("a"), 0.5))

    assert made.to_pylist()[0] | {"time": None} == {
        "time": None,
        "present": True,
        "sequence": None,
        "offset_ns": None,
        "offset_bound_ns": None,
        "a": 0.5,
    }


def test_a_series_is_described_in_its_columns_metadata() -> None:
    """Metric, labels as JSON, type, unit and help."""
    text = '# TYPE a_seconds gauge\n# HELP a_seconds Größe.\na_seconds{b="ü\\""} 1\n'
    field = table(stored(1, text)).schema.field('a_seconds{b="ü\\""}')

    assert columns.described(field, "metric", "labels", "type", "unit", "help") == [
        *("a_seconds", '{"b": "ü\\""}', "gauge", "seconds", "Größe.")
    ]


@pytest.mark.parametrize("name", ["time", "present", "sequence", "offset_ns", "x_ns", "realtime_ns"])
def test_a_series_named_like_a_column_of_ours_does_not_collide(name: str) -> None:
    """It gets empty braces, and its numbers are where they belong."""
    made = table(stored(1, node_page(1, more=f"{name} 5\n")))

    assert column(made, f"{name}{{}}") == [5]
    assert len(set(made.column_names)) == len(made.column_names)
    assert made.column_names == columns.fixed_first(made.column_names)


@pytest.mark.parametrize(
    ("metric", "type", "is_count"),
    [
        ("node_context_switches_total", "counter", True),
        ("node_network_receive_bytes_total", "counter", True),
        ("node_cpu_seconds_total", "counter", False),
        ("node_rapl_package_joules_total", "counter", False),
        ("node_memory_MemFree_bytes", "gauge", True),
        ("build_info", "gauge", True),
        ("node_load1", "gauge", False),
        ("node_hwmon_temp_celsius", "gauge", False),
        ("http_requests", "unknown", False),
    ],
)
def test_what_counts_whole_things_is_int64_and_what_measures_is_float64(metric: str, type: str, is_count: bool) -> None:
    """The type follows from name and type alone, and not from the numbers that happen to come."""
    made = settled(table(measured(1, layout(metric, type=type), 3.0)))

    assert made.schema.field(metric).type == (pa.int64() if is_count else pa.float64())


def test_integers_beyond_float64_are_exact() -> None:
    """A count of more than 2**53 is what the page said, beside others that float64 holds."""
    made = settled(table(*(stored(1, f"# TYPE a_total counter\na_total {n}\n") for n in (BIG, 5, 2**63 - 1))))

    assert column(made, "a_total") == [BIG, 5, 2**63 - 1]


def test_integers_stay_exact_beside_smaller_ones_of_another_layout() -> None:
    """A table in floats does not make floats of one in integers."""
    big = table(stored(1, f"# TYPE a_total counter\na_total {BIG}\n"))
    small = table(stored(2, "# TYPE a_total counter\na_total 5\nb 1\n"))

    for one, other in ((big, small), (small, big)):
        assert sorted(column(settled(columns.joined([one, other])), "a_total")) == [5, BIG]


@pytest.mark.parametrize("value", [0.5, math.inf, 1e30])
def test_a_count_that_is_not_whole_is_float64_from_then_on(value: float) -> None:
    """It is named, so that all files of the dataset follow; its values are not changed."""
    made, newly = columns.settled(table(measured(1, COUNTER, 1.0), measured(2, COUNTER, value)), ())

    assert newly == ["a_total"]
    assert column(made, "a_total") == [1.0, value]
    assert settled(table(measured(3, COUNTER, 1.0)), "a_total").schema.field("a_total").type == pa.float64()


def test_an_integer_longer_than_int64_is_as_near_as_float64_comes() -> None:
    """Nothing is lost but digits that no column type holds."""
    made = settled(table(stored(1, f"# TYPE a_total counter\na_total {10**30}\n")))

    assert column(made, "a_total") == [1e30]


def test_samples_of_several_layouts_become_one_table() -> None:
    """A series that comes or goes is a column with nulls, and rows are by time."""
    made = table(
        measured(3, layout("b", "c"), 3, 30), measured(1, layout("a", "b"), 1, 10), measured(2, layout("b"), 2)
    )

    assert column(made, "b") == [10, 2, 3]
    assert column(made, "a") == [1, None, None]
    assert column(made, "c") == [None, None, 30]


def test_joining_tables_keeps_every_column_and_its_description() -> None:
    """Clocks that only one table has stay among the fixed columns; a series keeps what was said of it first."""
    with_clock = table(stored(1, node_page(1)))
    made = columns.joined([table(measured(2, layout("a"), 2)), with_clock])

    assert made.column_names[:5] == ["time", "present", "sequence", "realtime_ns", "monotonic_raw_ns"]
    assert column(made, "realtime_ns") == [None, REALTIME]
    assert columns.described(made.schema.field("a"), "help") == ["Help of a."]


def test_a_series_is_told_from_a_fixed_column_by_its_metadata() -> None:
    """A reader needs no list of names."""
    schema = table(stored(1, node_page(1, more="a 1\n"))).schema

    found = [field.name for field in schema if columns.is_series(field)]
    assert found == ['driftscope_sample_epoch_info{epoch="e1"}', "a"]
    assert columns.field_of(Series("a", "a", ()), pa.float64()).metadata[b"type"] == b"unknown"


def test_nan_and_signed_infinities_are_kept() -> None:
    """Float64 columns hold what the page said."""
    made = settled(table(measured(1, layout("a", "b", "c"), math.nan, -math.inf, -0.0)))

    assert math.isnan(column(made, "a")[0])
    assert column(made, "b") == [-math.inf]
    assert math.copysign(1, column(made, "c")[0]) == -1
