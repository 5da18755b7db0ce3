"""How long tasks waited, from /proc/pressure."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import pressure
from exporter.source import PartlyReadError
from tests.exporter.reading import absent, by_series, found, host, values_by_series


def test_waiting_and_stalled_in_seconds(tree: Path) -> None:
    """Of the CPU only waiting, of interrupts only stalled, as node_exporter has it."""
    assert values_by_series(pressure, tree) == {
        "node_pressure_cpu_waiting_seconds_total": 430.980675,
        "node_pressure_io_waiting_seconds_total": 430.980676,
        "node_pressure_io_stalled_seconds_total": 121.176293,
        "node_pressure_memory_waiting_seconds_total": 430.980677,
        "node_pressure_memory_stalled_seconds_total": 121.176294,
        "node_pressure_irq_stalled_seconds_total": 7.000001,
    }


def test_a_resource_that_cannot_be_read_costs_only_itself(tree: Path) -> None:
    """With psi=0 the kernel has the files and refuses to read them."""
    (tree / "proc/pressure/io").unlink()
    (tree / "proc/pressure/io").mkdir()  # which opens, and cannot be read

    with closing(found(pressure, host(tree))) as reader, pytest.raises(PartlyReadError) as partly:
        reader.read()

    assert len(by_series(partly.value.values)) == 4
    assert not partly.value.vanished


@pytest.mark.parametrize("text", [b"", b"some avg10=0.00 total=", b"some total=-1", b"all total=5", b"some total=1e3"])
def test_another_form_is_no_value(text: bytes) -> None:
    """What the kernel does not write is not guessed at."""
    assert pressure.parse("io", text) == []


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends."""
    pressure.parse("io", text)


def test_a_kernel_without_it_says_so(tmp_path: Path) -> None:
    """With what would bring it."""
    assert "psi=1" in absent(pressure, tmp_path)
