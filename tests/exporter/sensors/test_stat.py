"""CPU times and the kernel's counts, from /proc/stat."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import stat
from tests.exporter.reading import absent, by_series, values_by_series


@pytest.mark.parametrize(
    ("line", "cpus", "counts"),
    [
        (b"cpu0 1 2 3 4 5 6 7 8 9 10", {b"0": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}, {}),
        (b"cpu127 1 2 3 4", {b"127": [1, 2, 3, 4]}, {}),
        (b"cpu  1 2 3 4", {}, {}),
        (b"cpu0", {}, {}),
        (b"cpux 1 2 3 4", {}, {}),
        (b"cpu0 1 2 three 4", {}, {}),
        (b"cpu0 1 2 " + b"3" * 400, {}, {}),
        (b"intr 173808 0 5 0 9", {}, {b"intr": 173808}),
        (b"intr", {}, {}),
        (b"intr many", {}, {}),
        (b"ctxt 38014093", {}, {b"ctxt": 38014093}),
        (b"ctxt " + b"9" * 400, {}, {}),
        (b"", {}, {}),
    ],
)
def test_a_line_is_a_cpu_or_a_count(line: bytes, cpus: dict[bytes, list[int]], counts: dict[bytes, int]) -> None:
    """CPUs are read column by column, of the interrupts only the total, and the sum over all CPUs not at all."""
    assert stat.parse(line + b"\n") == (cpus, counts, [])


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends."""
    list(stat.values(text))


@given(st.lists(st.integers(0, 2**64 - 1), min_size=10, max_size=10), st.integers(0, 2**64 - 1))
def test_what_the_kernel_writes_comes_back(ticks: list[int], interrupts: int) -> None:
    """Counts of 64 bits are read to the last digit."""
    text = f"cpu7 {' '.join(map(str, ticks))}\nintr {interrupts} {' 0' * 3000}\n"

    assert stat.parse(text.encode()) == ({b"7": ticks}, {b"intr": interrupts}, [])


def test_softirqs_are_counted_by_vector(tree: Path) -> None:
    """The first column of the line is their sum, and is left out."""
    values = values_by_series(stat, tree)

    assert values['node_softirqs_total{vector="hi"}'] == 250191
    assert values['node_softirqs_total{vector="rcu"}'] == 508444


def test_ticks_become_seconds_by_mode() -> None:
    """The ten columns are eight modes and two of guests, in units of USER_HZ."""
    ticks = [stat.USER_HZ * column for column in range(1, 11)]

    values = by_series(stat.values(f"cpu3 {' '.join(map(str, ticks))}\n".encode()))

    assert values['node_cpu_seconds_total{cpu="3",mode="user"}'] == 1
    assert values['node_cpu_seconds_total{cpu="3",mode="steal"}'] == 8
    assert values['node_cpu_guest_seconds_total{cpu="3",mode="nice"}'] == 10


def test_counts_bear_node_exporters_names(tree: Path) -> None:
    """Six counts of the machine, ten softirqs, and ten values for each CPU."""
    values = values_by_series(stat, tree)

    assert values["node_intr_total"] == 8885917
    assert values["node_boot_time_seconds"] == 1795400000
    assert len(values) == 6 + 10 + 2 * 10


def test_without_the_file_it_is_absent(tmp_path: Path) -> None:
    """A partial copy of /proc has no counts, and the reason names the file."""
    assert str(tmp_path / "proc/stat") in absent(stat, tmp_path)
