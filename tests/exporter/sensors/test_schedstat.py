"""How long tasks ran and waited on each CPU, from /proc/schedstat."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import schedstat
from tests.exporter.reading import absent, values_by_series


def test_nanoseconds_become_seconds(tree: Path) -> None:
    """Time running, time waiting and timeslices of each CPU; its domains are left out."""
    values = values_by_series(schedstat, tree)

    assert values['node_schedstat_running_seconds_total{cpu="1"}'] == 5123.456789013
    assert values['node_schedstat_waiting_seconds_total{cpu="1"}'] == 123.456789013
    assert values['node_schedstat_timeslices_total{cpu="1"}'] == 987655
    assert len(values) == 2 * 3


@pytest.mark.parametrize(
    "line", ["cpu0 0 0 0 0 0 0 1 2", "cpu0 0 0 0 0 0 0 1 2 3 4", "cpux 0 0 0 0 0 0 1 2 3", "cpu0 0 0 0 0 0 0 -1 2 3"]
)
def test_a_line_of_another_form_is_left_out(line: str) -> None:
    """A kernel that writes other columns is not guessed at."""
    assert schedstat.parse(line.encode()) == {}


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends."""
    list(schedstat.values(text))


@given(st.lists(st.integers(0, 2**64 - 1), min_size=9, max_size=9))
def test_what_the_kernel_writes_comes_back(numbers: list[int]) -> None:
    """To the last digit."""
    text = f"cpu17 {' '.join(map(str, numbers))}\n".encode()

    assert schedstat.parse(text) == {b"17": numbers[6:]}


def test_a_kernel_without_it_says_so(tmp_path: Path) -> None:
    """The reason names the file."""
    assert str(tmp_path / "proc/schedstat") in absent(schedstat, tmp_path)
