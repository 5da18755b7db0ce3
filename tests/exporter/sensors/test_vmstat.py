"""Paging, from /proc/vmstat."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import vmstat
from tests.exporter.reading import absent, by_series, values_by_series


def test_the_fields_that_node_exporter_takes(tree: Path) -> None:
    """Paging, swapping, faults and OOM kills; no other of its many fields."""
    assert values_by_series(vmstat, tree) == {
        "node_vmstat_pgpgin": 8123456,
        "node_vmstat_pgpgout": 9123457,
        "node_vmstat_pswpin": 0,
        "node_vmstat_pswpout": 3,
        "node_vmstat_pgfault": 99887766,
        "node_vmstat_pgmajfault": 5544,
        "node_vmstat_oom_kill": 1,
    }


@pytest.mark.parametrize("text", [b"pgfault", b"pgfault -1", b"pgfault 1 2", b"pgfault 1.5", b" pgfault 1", b"\xff 1"])
def test_another_form_is_no_value(text: bytes) -> None:
    """What the kernel does not write is not guessed at."""
    assert by_series(vmstat.values(text)) == {}


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends."""
    list(vmstat.values(text))


def test_without_the_file_it_is_absent(tmp_path: Path) -> None:
    """The reason names the file."""
    assert str(tmp_path / "proc/vmstat") in absent(vmstat, tmp_path)
