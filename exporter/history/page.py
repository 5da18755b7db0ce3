"""Samples as OpenMetrics text with timestamps, for GET /history: promtool makes Prometheus' own blocks of it.

All points of one series follow one another, in order of time, as OpenMetrics has it; so an answer is transposed.
Every line of one sample has the same timestamp, which is its time to the nanosecond: by that a recorder puts samples
together again. An answer ends before a sample whose time is not after that of the one before: there the clock was set
back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from ..exposition import openmetrics_head, series_text, spelt
from ..sample import Sample
from ..source import Number, Series

SECOND = 1_000_000_000

DEFAULT, MOST = 60, 600
"""Samples of one answer, unless asked otherwise; and however many are asked for."""

MOST_LINES = 60_000
"""Of one answer, which is some 4 MB; but a sample is given whole, however large it is."""


def page(samples: Sequence[Sample]) -> str:
    """The text of an answer."""
    families: dict[str, dict[Series, list[str]]] = {}
    for series, group in groupby(samples, key=lambda sample: sample.series):
        together = list(group)
        stamps = [timestamp(sample.time_ns) for sample in together]
        for one, column in zip(series, zip(*(sample.values for sample in together))):
            lines = families.setdefault(one.family.name, {}).setdefault(one, [])
            name = series_text(one)
            lines += [f"{name} {value} {stamp}\n" for value, stamp in zip(_spelt(column), stamps)]
    return "".join(_blocks(families)) + "# EOF\n"


def in_order(samples: Sequence[Sample]) -> Sequence[Sample]:
    """The first of these samples whose times rise, and that fit into one answer."""
    lines = 0
    for at, sample in enumerate(samples):
        lines += len(sample.series)
        if at and (sample.time_ns <= samples[at - 1].time_ns or lines > MOST_LINES):
            return samples[:at]
    return samples


def timestamp(time_ns: int) -> str:
    """Seconds since 1970, with all nine decimals."""
    return f"{time_ns // SECOND}.{time_ns % SECOND:09}"


def _blocks(families: dict[str, dict[Series, list[str]]]) -> Iterator[str]:
    for lines_of in families.values():
        yield openmetrics_head(next(iter(lines_of)).family)
        for lines in lines_of.values():
            yield from lines


def _spelt(column: Sequence[Number]) -> Sequence[Number | str]:
    return column if math.isfinite(sum(column)) else [spelt(number) for number in column]
