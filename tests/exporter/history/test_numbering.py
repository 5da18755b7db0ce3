"""Where the numbers of samples go on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.history.numbering import Moment, Numbering, after, described, new
from tests.exporter.history.kept import NOW, SECOND


def last(sequence: int = 100, boot: str = "boot-1", interval: int = SECOND) -> Moment:
    """When sample 100 was kept."""
    return Moment(sequence, NOW, 50 * SECOND, boot, interval)


def meta(clean: bool, moment: Moment) -> dict[str, Any]:
    """What the store says."""
    return {"epoch": "e1", "clean": clean, "last": described(moment)}


def test_after_a_clean_end_with_the_next_number() -> None:
    """However long the node was down."""
    now = Moment(0, NOW + 3600 * SECOND, 9 * SECOND, "boot-2", SECOND)

    assert after(meta(True, last()), 100, now) == Numbering("e1", 100)


@pytest.mark.parametrize(
    ("boot", "boottime", "realtime", "sequence"),
    [
        ("boot-1", 55, -7200, 105),  # the clock was set back by two hours, which says nothing
        ("boot-1", 50.4, 0, 100),
        ("boot-1", 51.4, 0, 101),
        ("boot-2", 3, 60, 160),
        ("boot-2", 3, -60, 100),  # nothing is known then but that it is later
    ],
)
def test_after_any_other_end_as_if_it_had_sampled_all_along(
    boot: str, boottime: float, realtime: int, sequence: int
) -> None:
    """By a clock that is not set, while it is the same boot."""
    now = Moment(0, NOW + realtime * SECOND, round(boottime * SECOND), boot, SECOND)

    assert after(meta(False, last()), 100, now) == Numbering("e1", sequence)


@given(st.integers(0, 10**6), st.integers(0, 10**5), st.sampled_from([SECOND // 10, SECOND, 10 * SECOND]))
def test_no_number_is_given_twice(kept: int, missed: int, interval: int) -> None:
    """Whatever number of samples was taken after the last one that was kept."""
    moment = last(kept, interval=interval)
    now = Moment(0, NOW, moment.boottime + missed * interval, "boot-1", interval)

    assert after(meta(False, moment), kept, now).sequence >= kept + missed


def test_epochs_are_all_different() -> None:
    """And begin at 1."""
    assert new() != new()
    assert new().sequence == 0
