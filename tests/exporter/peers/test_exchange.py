"""What four timestamps say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exporter.peers.exchange import Exchange

ways = st.integers(0, 10**10)


def exchange(start: int, theta: int, there: int, answer: int, back: int) -> Exchange:
    """An exchange with a peer that is ahead by theta."""
    return Exchange(start, start + there + theta, start + there + answer + theta, start + there + answer + back)


def test_equal_ways_give_the_offset_exactly() -> None:
    """A peer that is 3 ms ahead, 200 us away."""
    seen = exchange(start=10**18, theta=3_000_000, there=100_000, answer=20_000, back=100_000)

    assert (seen.offset, seen.delay, seen.forward, seen.backward) == (3_000_000, 200_000, 3_100_000, -2_900_000)


@given(st.integers(0, 2 * 10**18), st.integers(-(10**18), 10**18), ways, ways, ways)
def test_the_bound_holds_however_unlike_the_ways_are(
    start: int, theta: int, there: int, answer: int, back: int
) -> None:
    """All of the delay may be on one way."""
    seen = exchange(start, theta, there, answer, back)

    assert seen.is_possible
    assert abs(seen.offset - theta) <= seen.bound
    assert seen.delay == there + back


@given(st.integers(-500, 500), st.integers(-500, 500), ways, ways)
def test_the_bound_holds_while_the_clocks_drift_apart(mine: int, peers: int, there: int, back: int) -> None:
    """By 500 ppm each, and whatever the true offset is at either end of the exchange."""
    by_mine, by_peers = (lambda t, ppm=ppm: t + t * ppm // 10**6 for ppm in (mine, peers))
    seen = Exchange(by_mine(0), by_peers(there), by_peers(there), by_mine(there + back))

    for moment in (0, there, there + back):
        assert abs(seen.offset - (by_peers(moment) - by_mine(moment))) <= seen.bound


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_time_that_runs_backwards_is_impossible(start: int, by: int) -> None:
    """A reply that came before its request, an answer before its question, a delay below nothing."""
    assert not Exchange(start, start, start, start - by).is_possible
    assert not Exchange(start, start + by, start, start + by).is_possible
    assert not Exchange(start, start, start + 2 * by, start + by).is_possible
