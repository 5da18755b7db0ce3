"""Offset and drift against a peer."""

from __future__ import annotations

import random
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.peers.estimate import Estimate, Measured, estimate

SECOND = 1_000_000_000


OFFSET, PPM = 3_000_000, 50


def window(seed: int, noise: float, queue: float, count: int = 64) -> list[Measured]:
    """Exchanges, one a second, that end at OFFSET: stamps have noise, and some packets wait on one way; nanoseconds."""
    draw = random.Random(seed)
    exchanges: list[Measured] = []
    for second in range(-count + 1, 1):
        waited = draw.expovariate(1 / queue) if draw.random() < 0.3 else 0.0
        by = draw.gauss(0, noise) + draw.choice((-1, 1)) * waited / 2
        truth = OFFSET + PPM * 1e-6 * second * SECOND
        exchanges.append(Measured(second * SECOND, round(truth + by), round(100_000 + waited)))
    return exchanges


def line(exchanges: list[Measured]) -> Estimate:
    """The line, which must be there."""
    found = estimate(exchanges)
    assert found is not None
    return found


@given(st.integers(-(10**18), 10**18), st.integers(-500, 500))
def test_a_straight_line_is_found_exactly(offset: int, ppm: int) -> None:
    """Without noise there is nothing to err by, however far the clocks are apart."""
    exchanges = [Measured(second * SECOND, offset + ppm * 1000 * second, 5000) for second in range(-9, 1)]

    found = line(exchanges)

    assert found.offset == pytest.approx(offset, abs=max(1e-3, abs(offset) * 1e-15))
    assert found.rate == pytest.approx(ppm * 1e-6, abs=1e-12)
    assert found.offset_error < 1e-3


def test_the_standard_errors_are_what_they_say() -> None:
    """Over many windows, the truth is as far from the estimate as its standard error claims."""
    found = [line(window(seed, noise=500, queue=20_000)) for seed in range(400)]

    for wrong, error in (
        ([each.offset - OFFSET for each in found], mean(each.offset_error for each in found)),
        ([each.rate - PPM * 1e-6 for each in found], mean(each.rate_error for each in found)),
    ):
        assert abs(mean(wrong)) < 4 * stdev(wrong) / 20
        assert 0.7 < stdev(wrong) / error < 1.4


def test_packets_that_waited_hardly_count() -> None:
    """Weighted by delay the estimate is far better than the mean of all offsets would be."""
    found, plain = [], []
    for seed in range(100):
        exchanges = window(seed, noise=200, queue=100_000)
        found.append(line(exchanges).offset)
        plain.append(mean(each.offset - PPM * 1000 * each.at / SECOND for each in exchanges))

    assert stdev(found) < stdev(plain) / 10


@pytest.mark.parametrize("count", range(4))
def test_too_few_say_nothing(count: int) -> None:
    """Three points lie too well on a line."""
    assert estimate(window(1, noise=1, queue=1, count=count)) is None


def test_exchanges_of_one_instant_say_nothing_of_a_rate() -> None:
    """A burst alone has no slope."""
    assert estimate([Measured(5, 1, 1)] * 10) is None
