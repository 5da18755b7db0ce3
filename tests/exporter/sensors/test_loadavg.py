"""Load averages, from /proc/loadavg."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import loadavg
from tests.exporter.reading import absent, values_by_series


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"0.52 0.58 0.59 1/189 12345\n", [0.52, 0.58, 0.59]),
        (b"1024.00 0.00 7 1/1 1", [1024.0, 0.0, 7.0]),
        (b"0.52 0.58", []),
        (b"0.52 nan 0.59 1/189 12345", []),
        (b"1_0 2 3", []),
        (b"1e5 2 3", []),
        (b". 2 3", []),
        (b"", []),
    ],
)
def test_three_numbers_or_nothing(text: bytes, expected: list[float]) -> None:
    """The first three words are the averages, and a text that does not begin with three numbers has none."""
    assert expected == loadavg.parse(text)


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends with three values or with none."""
    assert len(list(loadavg.values(text))) in (0, 3)


@given(st.lists(st.integers(0, 10**9), min_size=3, max_size=3))
def test_what_the_kernel_writes_comes_back(hundredths: list[int]) -> None:
    """Every load that the kernel can write, in hundredths, is read as that number."""
    text = " ".join(f"{load // 100}.{load % 100:02}" for load in hundredths) + " 1/2 3\n"

    assert [load / 100 for load in hundredths] == loadavg.parse(text.encode())


def test_the_series_are_node_exporters(tree: Path) -> None:
    """They bear the names that existing dashboards ask for."""
    assert values_by_series(loadavg, tree) == {"node_load1": 0.52, "node_load5": 0.58, "node_load15": 0.59}


def test_without_the_file_it_is_absent(tmp_path: Path) -> None:
    """A partial copy of /proc has no load average, and the reason names the file."""
    assert str(tmp_path / "proc/loadavg") in absent(loadavg, tmp_path)
