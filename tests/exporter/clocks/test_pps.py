"""Pulses of a second."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import pps
from exporter.clocks.pps import Pulse
from exporter.source import PartlyReadError
from tests.exporter.reading import absent, by_series, found, host, values_by_series
from tests.trees import clocks


def test_a_pulse_has_its_exact_time_and_its_number(tmp_path: Path) -> None:
    """All 19 digits; the edge that never came is not there."""
    clocks.pps(tmp_path, 0, "1795460190.999998766#86400")

    assert values_by_series(pps, tmp_path) == {
        'clock_pps_info{name="serial0",path="/dev/ttyS0",pps="pps0"}': 1,
        'clock_pps_seconds{edge="assert",pps="pps0"}': 1_795_460_190,
        'clock_pps_nanoseconds{edge="assert",pps="pps0"}': 999_998_766,
        'clock_pps_pulses_total{edge="assert",pps="pps0"}': 86_400,
    }


def test_a_driver_may_know_one_edge_only(tmp_path: Path) -> None:
    """Then it has no file for the other."""
    (clocks.pps(tmp_path, 0, "1.000000001#1") / "clear").unlink()

    assert 'clock_pps_pulses_total{edge="assert",pps="pps0"}' in values_by_series(pps, tmp_path)


def test_a_source_that_is_gone_costs_its_own_values_only(tmp_path: Path) -> None:
    """And the machine is looked at again."""
    clocks.pps(tmp_path, 0, "1.000000001#1")
    gone = clocks.pps(tmp_path, 1, "1.000000001#1")

    with closing(found(pps, host(tmp_path))) as reader:
        shutil.rmtree(gone)
        with pytest.raises(PartlyReadError) as partly:
            reader.read()

    series = by_series(partly.value.values)
    assert 'clock_pps_pulses_total{edge="assert",pps="pps0"}' in series
    assert 'clock_pps_pulses_total{edge="assert",pps="pps1"}' not in series
    assert partly.value.vanished


@pytest.mark.parametrize(
    "text", [b"", b"0.000000000#0", b"1.5#1", b"1.0000000001#1", b"-1.000000000#1", b"1.000000000"]
)
def test_another_form_is_no_pulse(text: bytes) -> None:
    """An edge that never came among them."""
    assert pps.parse(text) is None


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends."""
    pps.parse(text)


@given(st.integers(0, 10**11), st.integers(0, 10**9 - 1), st.integers(1, 2**32 - 1))
def test_what_the_kernel_writes_comes_back(seconds: int, nanoseconds: int, number: int) -> None:
    """To the last digit."""
    assert pps.parse(f"{seconds}.{nanoseconds:09}#{number}\n".encode()) == Pulse(seconds, nanoseconds, number)


def test_a_machine_without_one_says_so(tmp_path: Path) -> None:
    """The reason names the folder that was looked in."""
    assert "class/pps" in absent(pps, tmp_path)
