"""The clock that the grid is laid by goes on as it began, however the recorder's clock is set."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from recorder.reference import STEP, Reference

SECOND = 1_000_000_000
BEGIN = 1_785_000_000 * SECOND


@dataclass
class Machine:
    """A recorder's two clocks, which the test moves."""

    realtime: int = BEGIN
    steady: int = 0

    def pass_(self, nanoseconds: int, slewed: int = 0) -> None:
        """Time passes, as the steady clock counts it; ours is slewed by NTP meanwhile."""
        self.steady += nanoseconds
        self.realtime += nanoseconds + slewed


@given(st.lists(st.builds(int.__mul__, st.integers(STEP, 3600 * SECOND), st.sampled_from((-1, 1))), max_size=10))
def test_steps_are_left_out_and_counted(steps: list[int]) -> None:
    """The reference counts seconds evenly while the clock jumps about, and says by how much it did in all."""
    machine = Machine()
    reference = Reference(lambda: machine.realtime, lambda: machine.steady)
    seen = [reference.now()]
    for step in steps:
        machine.pass_(SECOND)
        machine.realtime += step
        seen.append(reference.now())

    assert seen == [BEGIN + number * SECOND for number in range(len(steps) + 1)]
    assert reference.stepped == sum(steps)


def test_slow_corrections_are_followed() -> None:
    """What NTP slews in a day is no step: the reference is our clock."""
    machine = Machine()
    reference = Reference(lambda: machine.realtime, lambda: machine.steady)
    for _ in range(86_400):
        machine.pass_(SECOND, slewed=500_000)
        reference.now()

    assert reference.stepped == 0
    assert reference.now() == machine.realtime


def test_a_pause_between_reading_two_clocks_is_no_step() -> None:
    """A machine that stops us between the two readings for a second does not move the grid."""
    machine = Machine()
    pauses = iter([0, 0, 0, SECOND, 0, *[0] * 20])

    def realtime() -> int:
        machine.pass_(next(pauses))
        return machine.realtime

    reference = Reference(realtime, lambda: machine.steady)
    for _ in range(6):
        reference.now()

    assert reference.stepped == 0


def test_it_is_the_time_of_day() -> None:
    """On a machine whose clock nobody sets it is that clock."""
    reference = Reference()

    assert abs(reference.now() - time.time_ns()) < STEP
