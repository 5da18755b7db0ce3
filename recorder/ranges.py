"""Sets of whole numbers that come in long rows, such as the sequences of samples: kept as ranges, however many."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Range(NamedTuple):
    """All whole numbers from ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many numbers."""
        return self.last - self.first + 1


class Ranges:
    """A set of whole numbers as its ranges, in order; no two of them touch."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in ranges:
            self.add(first, last)

    def __iter__(self) -> Iterator[Range]:
        return map(Range, self._firsts, self._lasts)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._firsts, number) - 1
        return at >= 0 and number <= self._lasts[at]

    def __len__(self) -> int:
        """How many ranges."""
        return len(self._firsts)

    @property
    def count(self) -> int:
        """How many numbers."""
        return sum(self._lasts) - sum(self._firsts) + len(self._firsts)

    @property
    def first(self) -> int | None:
        """The smallest number."""
        return self._firsts[0] if self._firsts else None

    @property
    def last(self) -> int | None:
        """The greatest number."""
        return self._lasts[-1] if self._lasts else None

    def add(self, first: int, last: int | None = None) -> None:
        """Put in the numbers from ``first`` to ``last``, or ``first`` alone."""
        last = first if last is None else last
        if last < first:
            return
        begin = bisect_right(self._firsts, first)
        if begin and self._lasts[begin - 1] >= first - 1:
            begin -= 1
        end = bisect_right(self._firsts, last + 1)
        if begin < end:
            first, last = min(first, self._firsts[begin]), max(last, self._lasts[end - 1])
        self._firsts[begin:end], self._lasts[begin:end] = [first], [last]

    def covers(self, first: int, last: int) -> bool:
        """Whether all numbers from ``first`` to ``last`` are in the set."""
        at = bisect_right(self._firsts, first) - 1
        return last < first or (at >= 0 and last <= self._lasts[at])

    def within(self, first: int, last: int) -> Iterator[Range]:
        """The set's ranges between ``first`` and ``last``, cut off there."""
        at = max(0, bisect_right(self._firsts, first) - 1)
        while at < len(self._firsts) and self._firsts[at] <= last:
            if self._lasts[at] >= first:
                yield Range(max(first, self._firsts[at]), min(last, self._lasts[at]))
            at += 1

    def gaps(self, first: int, last: int) -> Iterator[Range]:
        """The numbers between ``first`` and ``last`` that are not in the set."""
        for there in self.within(first, last):
            if first < there.first:
                yield Range(first, there.first - 1)
            first = there.last + 1
        if first <= last:
            yield Range(first, last)
