"""What comes when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.stress.schedule import IDLE, KINDS, Schedule, Step, phases

HOUR = 3_600_000_000_000


def test_a_day_is_six_cycles_of_four_loads() -> None:
    """45 min of each and 15 min of rest after it: 4 h a cycle."""
    day = Schedule(phases("cpu,memory,cpu+memory,disk"), HOUR * 3 // 4, HOUR // 4, 6)

    steps = list(day.steps())

    assert day.length == 24 * HOUR
    assert steps[:3] == [Step("cpu", 1, HOUR * 3 // 4), Step(IDLE, 1, HOUR // 4), Step("memory", 1, HOUR * 3 // 4)]
    assert steps[-1] == Step(IDLE, 6, HOUR // 4)


@given(st.lists(st.sampled_from(KINDS), min_size=1), st.integers(1, HOUR), st.integers(0, HOUR), st.integers(1, 9))
def test_the_steps_are_as_long_as_the_whole(names: list[str], load: int, idle: int, cycles: int) -> None:
    """To the nanosecond; without idle time there is no such step."""
    plan = Schedule(names, load, idle, cycles)

    steps = list(plan.steps())

    assert sum(step.length for step in steps) == plan.length
    assert all(step.length for step in steps)


@pytest.mark.parametrize("text", ["", "gpu", "cpu,", "cpu+", "cpu+cpu", "idle", "cpu memory"])
def test_what_is_no_phase_is_refused(text: str) -> None:
    """The message says what there is."""
    with pytest.raises(ValueError, match=r"not one of cpu, memory, disk"):
        phases(text)
