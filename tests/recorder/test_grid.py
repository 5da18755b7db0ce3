"""Which second a sample belongs to: each its own, and none skipped, whatever the node's clock says."""

from __future__ import annotations

from array import array
from collections import Counter
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.grid import SECOND, Grid, round_to_second
from recorder.node_clock import Exchange, Offset
from recorder.parse import Layout, Page
from recorder.scrape import Scraped
from recorder.targets import Target
from tests.recorder.samples import node_page, parsed

TARGET = Target("ares", "http://127.0.0.1:1/metrics")
BEGIN = 1_785_000_000
MILLISECOND = 1_000_000


def scraped(text: str, asked: int, offset: Offset | None = None) -> Scraped:
    """A page that came on a question at this time on our clock; nanoseconds."""
    return Scraped(TARGET, Exchange(asked, asked + MILLISECOND, MILLISECOND), offset, parsed(text))


@lru_cache
def clock_layout() -> Layout:
    """The series of a node's page that matter here."""
    return parsed(node_page(1)).layout


def scraped_clock(number: int, realtime: int, ours: int) -> Scraped:
    """As ``scraped``, for very many."""
    clocks = {"realtime": realtime, "monotonic_raw": ours}
    numbers = {"driftscope_sample_sequence": number}
    for clock, reading in clocks.items():
        numbers[f'clock_seconds{{clock="{clock}"}}'] = reading // SECOND
        numbers[f'clock_nanoseconds{{clock="{clock}"}}'] = reading % SECOND
    values = array("d", [numbers.get(series.name, 1) for series in clock_layout().series])
    return Scraped(TARGET, Exchange(ours, ours, 0), Offset(realtime - ours, 1000), Page(clock_layout(), values))


def sample(second: int, ahead: int, late: int = 0, error: int = 0) -> Scraped:
    """The node's sample of one of its seconds, read ``late``, by a clock that is ``ahead`` of ours."""
    realtime = second * SECOND + late
    return scraped(node_page(second, realtime=realtime), realtime - ahead, Offset(ahead + error, abs(error)))


@given(
    st.integers(-3600 * SECOND, 3600 * SECOND),
    st.lists(st.tuples(st.integers(0, 100), st.integers(-100, 100)), min_size=2, max_size=30),
)
def test_steady_samples_never_share_a_second_and_never_skip_one(ahead: int, jitters: list[tuple[int, int]]) -> None:
    """At 1 Hz every sample has the second after the one before, for any offset and 200 ms of lateness and error."""
    grid = Grid()

    placed = [
        grid.place(sample(BEGIN + at, ahead, late * MILLISECOND, error * MILLISECOND))
        for at, (late, error) in enumerate(jitters)
    ]

    assert placed == list(range(placed[0], placed[0] + len(jitters)))


@given(st.integers(-3600 * SECOND, 3600 * SECOND))
def test_a_sample_is_within_half_a_second_of_when_it_was_read(ahead: int) -> None:
    """The grid's second is the whole second of our clock that is nearest to the reading."""
    placed = Grid().place(sample(BEGIN, ahead))

    assert abs(placed * SECOND - (BEGIN * SECOND - ahead)) <= SECOND // 2


def test_a_node_whose_clock_is_set_is_placed_anew() -> None:
    """After a step of the node's clock its samples have the seconds of our clock again."""
    grid = Grid()
    before = grid.place(sample(BEGIN, 0))

    after = grid.place(sample(BEGIN + 1000 + 1, 1000 * SECOND))

    assert (before, after) == (BEGIN, BEGIN + 1)


@pytest.mark.parametrize(
    "text", ["up 1\n", 'clock_seconds{clock="realtime"} 1\nclock_nanoseconds{clock="realtime"} 1\n']
)
def test_a_foreign_exporter_has_the_second_in_which_it_was_asked(text: str) -> None:
    """Without a sequence there is no tick to round to; both ends of a second belong to it, and nothing is the same."""
    grid = Grid()
    asked = [BEGIN * SECOND, BEGIN * SECOND + SECOND - 1, (BEGIN + 1) * SECOND]

    assert [grid.place(scraped(text, at, Offset(0, 0))) for at in asked] == [BEGIN, BEGIN, BEGIN + 1]


@pytest.mark.parametrize(("ppm", "two", "none"), [(100, 8, 0), (-100, 0, 8)])
def test_a_node_that_ticks_faster_or_slower_stays_on_the_grid_for_a_day(ppm: int, two: int, none: int) -> None:
    """At 1.0001 Hz 8.64 samples more than seconds come in a day: so many seconds have two; at 0.9999 Hz, none."""
    grid = Grid()
    seconds = Counter[int]()
    for number in range(86_400 + 86_400 * ppm // 1_000_000):
        ours = BEGIN * SECOND + number * SECOND * 1_000_000 // (1_000_000 + ppm)
        realtime = (BEGIN + number) * SECOND
        page = scraped_clock(number, realtime, ours)
        seconds[grid.place(page)] += 1

    assert Counter(seconds[second] for second in range(BEGIN, max(seconds) + 1)) == +Counter(
        {1: len(seconds) - two, 2: two, 0: none}
    )


def test_without_an_offset_the_second_of_asking_counts() -> None:
    """If the node's clock cannot be compared, its reading places nothing."""
    placed = Grid().place(scraped(node_page(1, realtime=5), BEGIN * SECOND))

    assert placed == BEGIN


@pytest.mark.parametrize("realtime", [0, 5, (1 << 63) - 1])
def test_a_clock_that_contradicts_itself_is_not_believed(realtime: int) -> None:
    """A page whose time is years from the time in its own header has the second in which it was asked for."""
    placed = Grid().place(scraped(node_page(1, realtime=realtime), BEGIN * SECOND, Offset(0, 0)))

    assert placed == BEGIN


@pytest.mark.parametrize(("nanoseconds", "second"), [(0, 0), (499_999_999, 0), (500_000_000, 1), (-500_000_001, -1)])
def test_rounding_is_to_the_nearest_second(nanoseconds: int, second: int) -> None:
    """The half goes up, before 1970 as well."""
    assert round_to_second(nanoseconds) == second
