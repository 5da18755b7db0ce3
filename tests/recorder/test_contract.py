"""The wire, as data that neither side owns: what the recorder makes of the exporter's page on a frozen machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder import columns, wire
from recorder.journal import Stored
from recorder.node_clock import Offset
from recorder.parse import Page, Parser

CONTRACT = Path(__file__).parents[1] / "contract"
REALTIME = 1_795_460_191_203_077_383


@pytest.fixture(params=["node.prom", "node.openmetrics"])
def page(request: pytest.FixtureRequest) -> Page:
    text = (CONTRACT / request.param).read_text()
    return Parser().parse(text, openmetrics=request.param.endswith("openmetrics"))


def test_nothing_on_the_page_is_refused(page: Page) -> None:
    """Every line of the exporter's page is understood."""
    assert not page.complaints
    assert not page.exact


def test_both_formats_say_the_same() -> None:
    """Prometheus text and OpenMetrics give the same series with the same numbers."""
    text, openmetrics = (Parser().parse((CONTRACT / name).read_text()) for name in ("node.prom", "node.openmetrics"))

    assert [series.name for series in text.layout.series] == [series.name for series in openmetrics.layout.series]
    assert text.values == openmetrics.values


@pytest.mark.parametrize("name", [wire.SEQUENCE, wire.EPOCH, wire.CLOCK_SECONDS, wire.CLOCK_NANOSECONDS])
def test_every_name_that_has_a_meaning_is_on_the_page(page: Page, name: str) -> None:
    """What the recorder knows of the exporter is what the exporter says."""
    assert name in {series.metric for series in page.layout.series}


def test_the_clocks_arrive_with_all_their_digits(page: Page) -> None:
    """All clocks are read back, realtime within the frozen second to the nanosecond."""
    meaning = wire.meaning(page.layout)
    realtime = meaning.clock(page, "realtime")

    assert set(meaning.clocks) == {"realtime", "tai", "monotonic", "boottime", "monotonic_raw"}
    assert realtime is not None
    assert len(str(realtime)) == 19
    assert 0 <= realtime - REALTIME < 1_000_000_000


def test_the_page_becomes_one_row_of_named_columns(page: Page) -> None:
    """Clocks and sequence become the fixed columns, each other series a column of its own name."""
    table = columns.table_of([Stored("node", 1_795_460_191, Offset(5, 2), page)])

    clocks = ["realtime_ns", "tai_ns", "monotonic_ns", "boottime_ns", "monotonic_raw_ns"]
    fixed = ["time", "present", "sequence", *clocks]
    assert table.column_names[: len(fixed) + 2] == [*fixed, "offset_ns", "offset_bound_ns"]
    joined = wire.meaning(page.layout).joined
    assert len(table.column_names) == len(page.layout.series) - len(joined) + len(fixed) + 2
    assert 'node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp1"}' in table.column_names
