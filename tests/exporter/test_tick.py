"""Whole seconds of CLOCK_REALTIME, steps of it, and ticks that were overslept."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Generator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.tick import SECOND, Plan, Ticker
from tests.exporter.made import LIMIT

HOUR = 3600 * SECOND

INTERVALS = st.sampled_from([SECOND, SECOND // 20, 10 * SECOND])
NOW = st.integers(1_700_000_000 * SECOND, 1_900_000_000 * SECOND)
UPTIME = st.integers(0, 10_000 * HOUR)
STEPS = st.one_of(st.integers(-3 * SECOND, 3 * SECOND), st.integers(-24 * HOUR, 24 * HOUR))
LATENESS = st.one_of(st.integers(0, 5_000_000), st.integers(0, 100 * SECOND))


def plan_after_a_tick(interval: int, realtime: int, boottime: int) -> Plan:
    """A plan whose last tick has just come."""
    plan = Plan(interval, realtime // interval * interval - interval, realtime - boottime)
    plan.come(realtime, boottime)
    return plan


@given(INTERVALS, NOW, UPTIME)
def test_after_a_tick_the_next_is_within_an_interval(interval: int, realtime: int, boottime: int) -> None:
    """The next tick lies in (now, now + interval], on a multiple of the interval."""
    plan = plan_after_a_tick(interval, realtime, boottime)

    due = plan.next(realtime, boottime)

    assert realtime < due <= realtime + interval
    assert due % interval == 0


@given(INTERVALS, NOW, UPTIME, STEPS, st.floats(0, 1, exclude_max=True))
def test_after_a_step_the_next_is_within_reach(
    interval: int, realtime: int, boottime: int, step: int, part: float
) -> None:
    """Wherever CLOCK_REALTIME is stepped to, the tick comes on a multiple, after one and a half intervals at most."""
    plan = plan_after_a_tick(interval, realtime, boottime)
    passed = int(part * (interval - realtime % interval))
    now = realtime + passed + step

    due = plan.next(now, boottime + passed)

    assert due % interval == 0
    assert due - now <= interval + interval // 2
    if abs(step) >= interval // 2:
        assert due - now <= interval + interval // 4


@given(INTERVALS, NOW, UPTIME, st.lists(st.tuples(STEPS, LATENESS), max_size=20))
def test_ticks_are_kept_through_steps_and_lateness(
    interval: int, realtime: int, boottime: int, happenings: list[tuple[int, int]]
) -> None:
    """Each tick that comes is the latest multiple past, and no count of missed ones is negative."""
    plan = plan_after_a_tick(interval, realtime, boottime)
    for step, lateness in happenings:
        realtime += step
        sleep = max(0, plan.next(realtime, boottime) - realtime) + lateness
        realtime, boottime = realtime + sleep, boottime + sleep

        tick = plan.come(realtime, boottime)

        assert tick.due == realtime // interval * interval
        assert tick.error == realtime - tick.due < interval
        assert tick.missed >= 0


@given(INTERVALS, NOW, UPTIME, st.integers(0, 1000))
def test_overslept_ticks_are_counted(interval: int, realtime: int, boottime: int, overslept: int) -> None:
    """Who sleeps n intervals longer than he should has missed n ticks."""
    plan = plan_after_a_tick(interval, realtime, boottime)
    sleep = interval - realtime % interval + overslept * interval

    assert plan.come(realtime + sleep, boottime + sleep).missed == overslept


@given(INTERVALS, NOW, UPTIME, STEPS, st.floats(0, 1))
def test_a_step_is_never_a_missed_tick(interval: int, realtime: int, boottime: int, step: int, part: float) -> None:
    """Who was awake in time has missed nothing, however far the clock was stepped meanwhile."""
    plan = plan_after_a_tick(interval, realtime, boottime)
    before = int(part * (interval - realtime % interval))
    realtime, boottime = realtime + before + step, boottime + before
    sleep = max(0, plan.next(realtime, boottime) - realtime)

    assert plan.come(realtime + sleep, boottime + sleep).missed == 0


@given(INTERVALS, NOW, UPTIME, STEPS, st.floats(0, 0.24))
def test_a_step_while_asleep_is_no_missed_tick(
    interval: int, realtime: int, boottime: int, step: int, late: float
) -> None:
    """Who wakes when he had meant to, a little late, and finds another time, has missed nothing either."""
    plan = plan_after_a_tick(interval, realtime - realtime % interval, boottime)
    slept = interval + int(late * interval)
    realtime, boottime = realtime - realtime % interval + slept + step, boottime + slept
    sleep = max(0, plan.next(realtime, boottime) - realtime)

    assert plan.come(realtime + sleep, boottime + sleep).missed == 0


@given(INTERVALS, NOW, UPTIME, st.integers(-1000, 1000), st.integers(0, 100))
def test_a_step_while_overslept_hides_no_missed_tick(
    interval: int, realtime: int, boottime: int, step: int, overslept: int
) -> None:
    """Ticks missed are those of the time that passed, as CLOCK_BOOTTIME counts it, step or no step."""
    plan = plan_after_a_tick(interval, realtime, boottime)
    sleep = interval - realtime % interval + overslept * interval

    tick = plan.come(realtime + sleep + step * interval, boottime + sleep)

    assert tick.missed == overslept


@given(INTERVALS, NOW, UPTIME, st.integers(-500, 500))
def test_slewing_is_no_step(interval: int, realtime: int, boottime: int, ppm: int) -> None:
    """A clock that is slewed by as much as the kernel allows keeps all its ticks."""
    plan = plan_after_a_tick(interval, realtime, boottime)
    for _ in range(100):
        sleep = max(0, plan.next(realtime, boottime) - realtime)
        realtime, boottime = realtime + sleep, boottime + sleep - sleep * ppm // 1_000_000
        before = plan.due

        tick = plan.come(realtime, boottime)

        assert (tick.due - before, tick.missed) == (interval, 0)


@pytest.fixture
def ticker() -> Generator[Ticker, None, None]:
    """A ticker of 50 ms."""
    with closing(Ticker(SECOND // 20)) as ticker:
        yield ticker


def test_a_real_ticker_keeps_to_multiples() -> None:
    """Ticks come on multiples of the interval, never early, each one after the one before."""
    began = time.time_ns()

    with closing(Ticker(SECOND // 20)) as ticker:
        ticks = [ticker.wait() for _ in range(10)]

    ended = time.time_ns()
    dues = [tick.due for tick in ticks if tick]
    assert len(dues) == 10
    assert all(due % (SECOND // 20) == 0 for due in dues)
    assert all(after > before for before, after in zip(dues, dues[1:]))
    assert began < dues[0]
    assert dues[-1] <= ended
    assert all(tick.error >= 0 for tick in ticks if tick)


def test_every_interval_is_a_tick_or_missed(ticker: Ticker) -> None:
    """Whoever was late at one tick finds the ones he slept through counted with the next."""
    first = ticker.wait()
    time.sleep(0.12)
    later = ticker.wait()

    assert first is not None
    assert later is not None
    assert later.missed >= 1
    assert first.due + (later.missed + 1) * SECOND // 20 == later.due


def test_a_long_wait_is_as_punctual_as_a_short_one() -> None:
    """The kernel lets a wait of a second end 1 ms late, each time; on an idle machine ours is within 0.3 ms."""
    with closing(Ticker(SECOND)) as ticker:
        for _ in range(10):
            tick = ticker.wait()
            if tick and tick.error < 700_000:
                return

    pytest.fail("ten ticks in a row were late")


def test_a_byte_ends_the_wait_at_once() -> None:
    """What a signal writes to the wake-up socket ends the longest wait."""
    with closing(Ticker(24 * HOUR)) as ticker:
        os.write(ticker.fileno(), b"\0")
        began = time.monotonic()

        tick = ticker.wait()

    assert tick is None
    assert time.monotonic() - began < LIMIT


def test_the_wake_up_socket_never_blocks(ticker: Ticker) -> None:
    """A signal handler may write to it any number of times, so full is an error, not a wait."""
    with socket.socket(fileno=os.dup(ticker.fileno())) as wake:
        with pytest.raises(BlockingIOError):
            write_without_end(wake)

        assert select.select([ticker.wakeup], [], [], 0)[0]


def write_without_end(wake: socket.socket) -> None:
    while True:
        wake.send(b"\0" * 65536)
