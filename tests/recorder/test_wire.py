"""What the few names mean that the recorder knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder import wire
from tests.recorder.samples import RAW, REALTIME, node_page, parsed

SAMPLE = "driftscope_sample_sequence {}\n"
CLOCK = 'clock_seconds{{clock="tai"}} {}\nclock_nanoseconds{{clock="tai"}} {}\n'


def test_a_clock_is_joined_to_all_of_its_digits() -> None:
    """Seconds and nanoseconds become the one integer that the node read, all 19 digits of it."""
    page = parsed(node_page(1))
    meaning = wire.meaning(page.layout)

    assert meaning.clock(page, "realtime") == REALTIME == 1_785_000_123_987_654_321
    assert meaning.clock(page, "monotonic_raw") == RAW == 1_234_567_890_123_456_789


@given(st.integers(0, (1 << 63) - 1))
def test_any_reading_is_joined_exactly(reading: int) -> None:
    """There is no reading of 63 bits that the way over two float64 changes."""
    page = parsed(node_page(1, realtime=reading))

    assert wire.meaning(page.layout).clock(page, "realtime") == reading


def test_a_clock_that_the_node_has_not_is_none() -> None:
    """Asking for an absent clock is no mistake."""
    page = parsed(node_page(1))

    assert wire.meaning(page.layout).clock(page, "tai") is None


def test_a_sample_is_known_by_epoch_and_sequence() -> None:
    """The number alone may come again when the numbering starts anew."""
    page = parsed(node_page(7, epoch="4f1c"))

    assert wire.meaning(page.layout).sample(page) == ("4f1c", 7)


def test_a_foreign_exporter_has_neither_samples_nor_clocks() -> None:
    """A page without our names means nothing in particular, and nothing of it is joined."""
    page = parsed("up 1\n")
    meaning = wire.meaning(page.layout)

    assert meaning.sample(page) is None
    assert meaning.clocks == {}
    assert meaning.joined == frozenset()


def test_joined_series_are_exactly_those_that_become_other_columns() -> None:
    """Sequence and both halves of each clock have columns of their own; the epoch stays a series."""
    page = parsed(node_page(1, more="node_load1 0.5\n"))

    left = [s.metric for i, s in enumerate(page.layout.series) if i not in wire.meaning(page.layout).joined]
    assert left == ["driftscope_sample_epoch_info", "node_load1"]


@pytest.mark.parametrize(
    "text",
    [
        'clock_seconds{clock="tai"} 1\n',
        'clock_seconds{clock="tai",node="a"} 1\nclock_nanoseconds{clock="tai",node="a"} 1\n',
        "clock_seconds 1\nclock_nanoseconds 1\n",
        'clock_seconds{clock="offset"} 1\nclock_nanoseconds{clock="offset"} 1\n',
    ],
)
def test_what_is_no_pair_stays_series(text: str) -> None:
    """Half a clock, one with more labels, and one whose column would have another's name are left as they are."""
    assert wire.meaning(parsed(text).layout).clocks == {}


@pytest.mark.parametrize("number", ["NaN", "+Inf", "-Inf", "1e300", "1.5", "9" * 400])
def test_nonsense_in_place_of_a_number_is_none(number: str) -> None:
    """A sequence or a clock that is no integer of 64 bits is as if it were not there."""
    page = parsed(SAMPLE.format(number) + CLOCK.format(number, 0))
    meaning = wire.meaning(page.layout)

    assert meaning.sample(page) is None
    assert meaning.clock(page, "tai") is None
