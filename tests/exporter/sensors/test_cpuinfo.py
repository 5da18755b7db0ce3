"""Frequencies in /proc/cpuinfo."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors.cpuinfo import Frequency, frequencies, is_measured
from tests.trees.proc import cpuinfo


def test_megahertz_become_hertz_exactly() -> None:
    """2593.904 MHz as a float is no whole number of Hz; it never is a float."""
    text = cpuinfo(["2593.904", "800.000", "3600.001"], "aperfmperf").encode()

    assert list(frequencies(text)) == [
        Frequency(2_593_904_000, cpu="0", package="0", core="0"),
        Frequency(800_000_000, cpu="1", package="0", core="1"),
        Frequency(3_600_001_000, cpu="2", package="1", core="0"),
    ]


def test_a_cpu_that_counts_no_cycles_measures_nothing() -> None:
    """What it has for a frequency was found at boot."""
    assert is_measured(cpuinfo(["2593.904"], "tsc aperfmperf ht").encode())
    assert not is_measured(cpuinfo(["2593.904"], "tsc ht not_aperfmperf").encode())
    assert not is_measured(b"processor\t: 0\nBogoMIPS\t: 50.00\n")


@pytest.mark.parametrize("frequency", ["", "2593", "2593.9", "-2593.904", "2_593.904", "nan", "9" * 400 + ".000"])
def test_a_frequency_of_another_form_is_left_out(frequency: str) -> None:
    """And the next CPU's is read."""
    assert [found.cpu for found in frequencies(cpuinfo([frequency, "800.000"], "").encode())] == ["1"]


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends."""
    is_measured(text)
    list(frequencies(text))


def test_this_machines_own_file_is_understood() -> None:
    """As many frequencies as the real file has."""
    text = Path("/proc/cpuinfo").read_bytes()

    assert len(list(frequencies(text))) == len(re.findall(rb"^cpu MHz", text, re.MULTILINE))
