"""Ranges behave as the set of their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from recorder.ranges import Range, Ranges

NUMBERS = st.integers(-20, 60)
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=30)


def members(ranges: Ranges) -> set[int]:
    """All of its numbers, one by one."""
    return {number for one in ranges for number in range(one.first, one.last + 1)}


def numbers(pairs: Iterable[tuple[int, int]]) -> set[int]:
    """What a plain set would hold."""
    return {number for first, last in pairs for number in range(first, last + 1)}


@given(PAIRS)
def test_ranges_hold_what_was_put_in(pairs: list[tuple[int, int]]) -> None:
    """In any order, overlapping or not, the numbers are those of the pairs, and the ranges apart from each other."""
    ranges = Ranges(pairs)

    expected = numbers(pairs)
    assert members(ranges) == expected == {number for number in range(-20, 61) if number in ranges}
    assert (ranges.count, ranges.first, ranges.last) == (
        *(len(expected), min(expected, default=None), max(expected, default=None)),
    )
    assert all(one.last + 1 < following.first for one, following in pairwise(ranges))


@given(PAIRS, NUMBERS, NUMBERS)
def test_gaps_are_what_is_not_there(pairs: list[tuple[int, int]], first: int, last: int) -> None:
    """Between two numbers, what is within and the gaps are all, in order."""
    ranges = Ranges(pairs)

    gaps, within = list(ranges.gaps(first, last)), list(ranges.within(first, last))

    everything = set(range(first, last + 1))
    assert numbers(within) == everything & numbers(pairs)
    assert numbers(gaps) == everything - numbers(pairs)
    assert gaps == sorted(gaps)
    assert ranges.covers(first, last) == (not gaps)


def test_a_long_range_costs_no_more_than_a_short_one() -> None:
    """A day of samples, or an absurd number that a node states, is one range."""
    ranges = Ranges([(1, 86_400), (1 << 62, (1 << 63) - 1)])

    assert list(ranges.gaps(1, 1 << 63)) == [Range(86_401, (1 << 62) - 1), Range(1 << 63, 1 << 63)]
    assert len(ranges) == 2
