"""Memory, from /proc/meminfo."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import meminfo
from tests.exporter.reading import absent, by_series, values_by_series


@pytest.mark.parametrize(
    ("line", "series", "expected"),
    [
        (b"MemTotal:       24684084 kB", "node_memory_MemTotal_bytes", 24684084 * 1024),
        (b"Active(anon):    2541816 kB", "node_memory_Active_anon_bytes", 2541816 * 1024),
        (b"HugePages_Total:       0", "node_memory_HugePages_Total", 0),
        (b"DirectMap1G:    1 kB", "node_memory_DirectMap1G_bytes", 1024),
    ],
)
def test_a_line_is_a_gauge_named_as_node_exporter_does(line: bytes, series: str, expected: int) -> None:
    """A field in kB becomes bytes, a field without a unit stays a count."""
    assert by_series(meminfo.values(line + b"\n")) == {series: expected}


@pytest.mark.parametrize(
    "line",
    [b"MemTotal:", b"MemTotal: -1 kB", b"MemTotal: 1 MB", b"1 kB", b"Mem Total: 1 kB", b"X: 1_0", b"X: " + b"9" * 400],
)
def test_a_line_of_another_form_is_left_out(line: bytes) -> None:
    """Only what is a name, a number and perhaps kB is taken; the lines around it are unharmed."""
    text = b"A: 1\n" + line + b"\nB: 2\n"

    assert meminfo.parse(text) == [(b"A", 1), (b"B", 2)]


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends."""
    list(meminfo.values(text))


@given(st.dictionaries(st.from_regex(r"[A-Z][a-z]{0,9}", fullmatch=True), st.integers(0, 2**54)))
def test_what_the_kernel_writes_comes_back(fields: dict[str, int]) -> None:
    """Every size is read as exactly that many KiB."""
    text = "".join(f"{name + ':':<16}{size:>8} kB\n" for name, size in fields.items())

    assert meminfo.parse(text.encode()) == [(f"{name} kB".encode(), size * 1024) for name, size in fields.items()]


def test_every_field_of_the_machine_is_there(tree: Path) -> None:
    """Twelve lines are twelve gauges."""
    assert len(values_by_series(meminfo, tree)) == 12


def test_without_the_file_it_is_absent(tmp_path: Path) -> None:
    """A partial copy of /proc has no memory, and the reason names the file."""
    assert str(tmp_path / "proc/meminfo") in absent(meminfo, tmp_path)
