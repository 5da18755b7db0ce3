"""Samples as OpenMetrics text."""

from __future__ import annotations

import math

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

from exporter.exposition import OPENMETRICS, Pages
from exporter.history.page import MOST_LINES, in_order, page, timestamp
from tests.exporter.history.kept import NOW, OTHER, SECOND, SERIES, sample


def test_all_points_of_a_series_are_together() -> None:
    """In order of time; a family is in one piece; nanoseconds are all there."""
    text = page([sample(1), sample(2, OTHER), sample(3)])

    lines = [line for line in text.splitlines() if line[:1] != "#"]
    at = [timestamp(NOW + n * SECOND) for n in range(4)]
    assert lines == [
        f'a_total{{cpu="0"}} 1 {at[1]}',
        f'a_total{{cpu="0"}} 2 {at[2]}',
        f'a_total{{cpu="0"}} 3 {at[3]}',
        f'a_total{{cpu="1"}} 1000.25 {at[1]}',
        f'a_total{{cpu="1"}} 3000.25 {at[3]}',
        f'b_celsius{{sensor="x"}} 1000.5 {at[1]}',
        f'b_celsius{{sensor="x"}} 3000.5 {at[3]}',
        f'b_celsius{{sensor="y"}} 2000.25 {at[2]}',
    ]
    assert at[1] == "1795460192.203077383"


def test_prometheus_own_parser_reads_it() -> None:
    """Heads are those of /metrics; the end is marked."""
    text = page([sample(1), sample(2)])
    pages = Pages()
    pages.show(sample(1))

    families = {family.name: family for family in parse(text)}
    comments = [line for line in text.splitlines() if line.startswith("#")]
    live = pages.page(OPENMETRICS)
    assert set(families) == {"a", "b_celsius"}
    assert families["a"].type == "counter"
    assert live
    assert comments == [line for line in live.decode().splitlines() if line.startswith("#")]
    assert text.endswith("# EOF\n")


def test_what_is_no_finite_number() -> None:
    """Is spelt as OpenMetrics has it."""
    text = page([sample(1, SERIES, 1, math.nan, -math.inf), sample(2, SERIES, 2, 1.5, 2.5)])

    assert 'a_total{cpu="1"} NaN ' in text
    assert 'b_celsius{sensor="x"} -Inf ' in text
    assert 'b_celsius{sensor="x"} 2.5 ' in text


def test_nothing_is_an_end() -> None:
    """And nothing else."""
    assert page([]) == "# EOF\n"


def test_an_answer_ends_where_the_clock_was_set_back() -> None:
    """A timestamp is one sample's."""
    back = [sample(1), sample(2), sample(3, at=NOW + 2 * SECOND), sample(4)]

    assert [each.sequence for each in in_order(back)] == [1, 2]
    assert [each.sequence for each in in_order(back[2:])] == [3, 4]


def test_an_answer_is_bounded() -> None:
    """But a sample is given whole."""
    wide = [SERIES[0]] * MOST_LINES
    large = [sample(n, wide, *[1] * len(wide)) for n in (1, 2)]

    assert in_order(large) == large[:1]
    assert in_order([sample(n) for n in range(1, 9)])[-1].sequence == 8
