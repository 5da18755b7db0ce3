"""Tables with a column for each CPU."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors.per_cpu import Row, parse

HEADING = b"           CPU0       CPU2       \n"


def test_a_row_has_a_count_for_each_cpu_and_words() -> None:
    """CPUs are numbered as in the heading: one that is offline has no column."""
    rows = list(parse(HEADING + b"  8:    1    2   IO-APIC   8-edge   rtc0, x\n LOC:  3  4   Local timer interrupts\n"))

    assert rows == [
        Row("8", ("0", "2"), [1, 2], ("IO-APIC", "8-edge", "rtc0,", "x")),
        Row("LOC", ("0", "2"), [3, 4], ("Local", "timer", "interrupts")),
    ]


@pytest.mark.parametrize(
    "row", [b" ERR:  0", b" MIS:  0", b"  8:  1  two", b"  8  1  2", b"  8: 1 -2", b"  8: 1_0 2", b""]
)
def test_a_row_of_another_form_is_left_out(row: bytes) -> None:
    """As are errors, which are counted for no CPU."""
    assert list(parse(HEADING + row)) == []


@pytest.mark.parametrize("heading", [b"", b"CPU0 CPUx\n", b"8: 1 2\n", b"CPU0 CPU\n"])
def test_without_a_heading_nothing_is_known(heading: bytes) -> None:
    """Counts that belong to no CPU are not given to one."""
    assert list(parse(heading + b"  8:    1    2   IO-APIC\n")) == []


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends."""
    list(parse(text))
    list(parse(HEADING + text))


@pytest.mark.parametrize("name", ["interrupts", "softirqs"])
def test_this_machines_own_file_is_understood(name: str) -> None:
    """Every row but the two for no CPU."""
    text = Path("/proc", name).read_bytes()

    assert len(list(parse(text))) >= len(text.splitlines()) - 3
