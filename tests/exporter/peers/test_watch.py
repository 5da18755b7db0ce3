"""A peer over time."""

from __future__ import annotations

import pytest

from exporter.peers.association import Association
from exporter.peers.exchange import Exchange
from exporter.peers.packet import Packet
from exporter.peers.timestamping import Stamp
from exporter.peers.watch import Exchanged, Result, Watch

SECOND = 1_000_000_000
NOW = 1_795_460_191_203_077_383


def exchanged(at: int, offset: int, delay: int = 1000, interleaved: bool = True) -> Exchanged:
    """An exchange that took equally long both ways."""
    t1, way = NOW + at, delay // 2
    exchange = Exchange(t1, t1 + way + offset, t1 + way + offset + 100, t1 + delay + 100)
    return Exchanged(Result(exchange, "kernel", interleaved, Packet()), at)


def rounds(watch: Watch, *measured: list[Exchanged]) -> None:
    """What bursts have measured, one after the other."""
    for each in measured:
        watch._round += each
        watch.end_round()


def test_of_a_burst_the_quickest_counts() -> None:
    """A packet that had to wait says less."""
    watch = Watch("a", Association())

    rounds(watch, [exchanged(0, 9000, delay=20_000), exchanged(1, 7, delay=800), exchanged(2, 500, delay=1500)])

    assert watch.best
    assert watch.best.result.exchange.offset == 7


def test_one_of_the_kernels_stamps_is_better_than_any_other() -> None:
    """An exchange of other stamps sees the way through the kernel too."""
    watch = Watch("a", Association())

    rounds(watch, [exchanged(0, 9000, delay=500, interleaved=False), exchanged(1, 7, delay=800)])

    assert watch.best
    assert watch.best.result.exchange.offset == 7


def test_a_line_is_laid_through_a_minute() -> None:
    """Its slope is the drift."""
    watch = Watch("a", Association())

    rounds(watch, *[[exchanged(n * SECOND, n * 50_000)] for n in range(20)])

    assert watch.estimate
    assert watch.estimate.rate == pytest.approx(50e-6, rel=1e-6)
    assert watch.estimate.offset == pytest.approx(19 * 50_000, abs=1)


def test_a_clock_that_was_set_begins_a_new_line() -> None:
    """What was before says nothing of what comes."""
    watch = Watch("a", Association())

    rounds(watch, *[[exchanged(n * SECOND, 0)] for n in range(20)], [exchanged(20 * SECOND, 3600 * SECOND)])

    assert watch.estimate is None
    assert watch.best
    assert watch.best.result.exchange.offset == 3600 * SECOND


def test_what_is_not_answered_is_lost() -> None:
    """At the end of its round; what was rejected is counted by its reason."""
    watch = Watch("a", Association())
    for _ in range(3):
        watch.question()

    answered = watch.answer(b"nonsense", Stamp(NOW, "user"), NOW)
    watch.end_round()

    assert not answered
    assert (watch.sent, watch.lost) == (3, 3)
    assert watch.rejected == {"short": 1}
    assert watch.best is None
