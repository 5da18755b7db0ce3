"""The kernel's clock state, from adjtimex."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import timex
from exporter.host import SIZEOF_TIMEX, Host
from exporter.source import Absent, Family, Number
from tests import frozen
from tests.exporter.reading import by_series, found
from tests.exporter.seccomp import ADJTIMEX, refused

STA_UNSYNC = 0x40


def parsed(state: int = 0, **fields: int) -> dict[Family, Number]:
    """What is made of ``struct timex`` with these fields."""
    return timex.parse(state, frozen.timex_bytes(**fields))


@pytest.mark.parametrize(
    ("fields", "family", "expected"),
    [
        ({"offset": -12_345, "status": timex.STA_NANO}, timex.OFFSET, -12_345e-9),
        ({"offset": -12_345, "status": STA_UNSYNC}, timex.OFFSET, -12_345e-6),
        ({"jitter": 678, "status": timex.STA_NANO | STA_UNSYNC}, timex.PPS_JITTER, 678e-9),
        ({"jitter": 678}, timex.PPS_JITTER, 678e-6),
        ({"freq": 65_536}, timex.FREQUENCY, 1 + 1e-6),
        ({"freq": -500 * 65_536}, timex.FREQUENCY, 1 - 500e-6),
        ({"freq": 0}, timex.FREQUENCY, 1),
        ({"ppsfreq": 32_768}, timex.PPS_FREQUENCY, 0.5e-6),
        ({"stabil": 65_536}, timex.PPS_STABILITY, 1e-6),
        ({"maxerror": 16_000_000, "status": timex.STA_NANO}, timex.MAXERROR, 16),
        ({"esterror": 1}, timex.ESTERROR, 1e-6),
        ({"tick": 10_000}, timex.TICK, 0.01),
        ({"constant": 10}, timex.CONSTANT, 10),
        ({"status": 0x2001}, timex.STATUS, 0x2001),
        ({"shift": 8}, timex.PPS_SHIFT, 8),
        ({"jitcnt": 1}, timex.PPS_JITTER_EXCEEDED, 1),
        ({"calcnt": 2}, timex.PPS_CALIBRATIONS, 2),
        ({"errcnt": 3}, timex.PPS_ERRORS, 3),
        ({"stbcnt": 4}, timex.PPS_STABILITY_EXCEEDED, 4),
        ({"tai": 37}, timex.TAI_OFFSET, 37),
        ({"tick": 10_000, "freq": 65_536}, timex.KERNEL_FREQUENCY, 1e-6),
        ({"tick": 10_001, "freq": 0}, timex.KERNEL_FREQUENCY, 100e-6),
        ({"tick": 9_990, "freq": 500 * 65_536}, timex.KERNEL_FREQUENCY, -500e-6),
    ],
)
def test_each_field_is_in_base_units(fields: dict[str, int], family: Family, expected: float) -> None:
    """Offset and jitter are in ns or us as STA_NANO says, frequencies in 2^-16 ppm, the other times in us."""
    assert parsed(**fields)[family] == expected


@pytest.mark.parametrize(("state", "expected"), [(0, 1), (1, 1), (4, 1), (timex.TIME_ERROR, 0)])
def test_only_time_error_means_not_synchronised(state: int, expected: int) -> None:
    """Leap seconds that are about to come are no error."""
    assert parsed(state)[timex.SYNC_STATUS] == expected


@given(st.integers(-500 * 65_536, 500 * 65_536))
def test_the_kernels_frequency_comes_back(freq: int) -> None:
    """Every frequency that the kernel allows, 500 ppm either way, can be had back from the ratio exactly."""
    ratio = parsed(freq=freq)[timex.FREQUENCY]

    assert round((ratio - 1) * timex.SCALED_PPM) == freq


@given(st.integers(0, 5), st.binary(min_size=SIZEOF_TIMEX, max_size=SIZEOF_TIMEX))
def test_no_bytes_make_it_raise(state: int, raw: bytes) -> None:
    """Whatever the kernel's struct holds, it becomes eighteen values."""
    assert len(timex.parse(state, raw)) == 18


@given(st.data())
def test_every_field_is_read_from_its_own_place(data: st.DataObject) -> None:
    """A number written to one field changes that field only, so no field is read at another's offset."""
    name = data.draw(st.sampled_from(timex.FIELDS))
    number = data.draw(st.integers(1, 2**31 - 1))

    fields = dict(zip(timex.FIELDS, timex.LAYOUT.unpack(frozen.timex_bytes(**{name: number}))))

    assert fields.pop(name) == number
    assert not any(fields.values())


def test_the_real_kernel_answers() -> None:
    """The tick of a running system is 10 ms within 10 %, and the error bounds are not negative."""
    with closing(found(timex, Host())) as reader:
        values = by_series(reader.read())

    assert len(values) == 18
    assert 0.009 <= values["node_timex_tick_seconds"] <= 0.011
    assert abs(values["node_timex_frequency_adjustment_ratio"] - 1) <= 500e-6
    assert values["node_timex_maxerror_seconds"] >= 0
    assert values["node_timex_estimated_error_seconds"] >= 0


@given(st.integers(9_000, 11_000), st.integers(-500 * 65_536, 500 * 65_536))
def test_tick_and_frequency_together_are_the_rate(tick: int, freq: int) -> None:
    """(tick / 10000 - 1) + freq / 65536e6, to the last of the kernel's own digits."""
    ratio = parsed(tick=tick, freq=freq)[timex.KERNEL_FREQUENCY]

    assert round(ratio * timex.SCALED_PPM) == (tick - 10_000) * 6_553_600 + freq


def test_a_refused_call_is_an_absent_source() -> None:
    """Where a container's filter refuses adjtimex, the reason says so."""

    def ask() -> str:
        answer = timex.find(Host())
        return answer.reason if isinstance(answer, Absent) else "it was found"

    assert "refuses adjtimex: Operation not permitted" in refused(ADJTIMEX, ask)
