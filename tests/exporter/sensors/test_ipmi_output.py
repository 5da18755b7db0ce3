"""What ipmitool prints, as values: real listings, every text, and every number."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import ipmi_output
from exporter.sensors.ipmi_output import DCMI_POWER, Sensor, power, sensor, sensors
from tests.exporter.reading import by_series

CAPTURES = Path(__file__).parents[2] / "captures/ipmi"


def paragraph(
    reading: str = "48 (+/- 0) degrees C", status: str = "ok", name: str = "CPU1 Temp (0x2)", type: str = "Temperature"
) -> bytes:
    """One sensor as ipmitool prints it."""
    return (
        f"Sensor ID              : {name}\n Entity ID             : 3.2 (Processor)\n"
        f" Sensor Type (Threshold)  : {type} (0x01)\n Sensor Reading        : {reading}\n"
        f" Status                : {status}\n Readable Thresholds   : \n\n"
    ).encode()


def test_a_real_listing() -> None:
    """Every sensor with a reading, in base units, with its state; a disabled one is absent."""
    listing = sensors((CAPTURES / "sdr-list-full.txt").read_bytes())

    values = by_series(listing.values)
    assert not listing.refused
    assert values['ipmi_temperature_celsius{id="2",name="CPU1 Temp"}'] == 48
    assert values['ipmi_voltage_volts{id="7",name="Vcore CPU1"}'] == 1.02
    assert values['ipmi_power_watts{id="8",name="PS1 Input Power"}'] == 212
    assert values['ipmi_fan_speed_rpm{id="4",name="Fan1"}'] == 5400
    assert values['ipmi_fan_speed_state{id="4",name="Fan1"}'] == 0
    assert values['ipmi_current_amperes{id="9",name="PS1 Current"}'] == 1
    assert not [series for series in values if "DIMM" in series]
    assert len(values) == 16


def test_a_threshold_that_was_crossed() -> None:
    """Is a state, and costs the reading nothing."""
    values = by_series(sensors((CAPTURES / "sdr-list-full-hot.txt").read_bytes()).values)

    assert values['ipmi_temperature_celsius{id="2",name="CPU1 Temp"}'] == 93
    assert values['ipmi_temperature_state{id="2",name="CPU1 Temp"}'] == 1


@pytest.mark.parametrize(
    ("reading", "type", "series", "value"),
    [
        ("-7.250 (+/- 0.500) degrees C", "Temperature", "ipmi_temperature_celsius", -7.25),
        ("48.230 (+/- 1.2) Volts", "Voltage", "ipmi_voltage_volts", 48.23),
        ("39.200 (+/- 0) percent", "Fan", "ipmi_fan_speed_ratio", 0.392),
        ("17 (+/- 0) unspecified", "Other", "ipmi_sensor_value", 17),
    ],
)
def test_units(reading: str, type: str, series: str, value: float) -> None:
    """The number that is printed, to its last decimal, in the unit of the series' name."""
    found = sensor(paragraph(reading, type=type))

    assert isinstance(found, Sensor)
    assert (found.kind.value.name, found.value) == (series, value)


@pytest.mark.parametrize("reading", ["Disabled", "No Reading", "Not Available", "", "0x01", "0h"])
def test_no_reading_is_absence(reading: str) -> None:
    """And no error: the BMC has said all that it knows."""
    assert sensor(paragraph(reading)) is None


@pytest.mark.parametrize(
    "text",
    [
        paragraph("4.8e1 degrees C"),
        paragraph("1000000 (+/- 0) degrees C"),
        paragraph("48 (+/- 0) degrees C", status="fine"),
        paragraph()[:-1],
        paragraph()[:60],
        paragraph().replace(b"Entity", b"Entwty"),
        paragraph("-1 (+/- 0) RPM"),
    ],
)
def test_what_is_not_wholly_right_is_refused(text: bytes) -> None:
    """And said, rather than guessed."""
    listing = sensors(text)

    assert listing.values == []
    assert len(listing.refused) == 1


def test_one_number_of_two_entities_is_two_sensors() -> None:
    """Told apart by the entity; two that nothing tells apart are refused."""
    other = paragraph().replace(b"3.2", b"3.1")

    values = by_series(sensors(paragraph() + other).values)
    refused = sensors(paragraph() + paragraph())

    assert {series for series in values if "celsius" in series} == {
        'ipmi_temperature_celsius{id="2/3.2",name="CPU1 Temp"}',
        'ipmi_temperature_celsius{id="2/3.1",name="CPU1 Temp"}',
    }
    assert refused.values == []
    assert set(refused.refused) == {"several sensors 2 CPU1 Temp of entity 3.2"}


READING = b"""
    Instantaneous power reading:                   212 Watts
    Minimum during sampling period:                  0 Watts
    Power reading state is:                   %s

"""


def test_power() -> None:
    """Where the BMC measures it; while it does not, there is none."""
    assert power(READING % b"activated").values == [(DCMI_POWER, 212)]
    assert power(READING % b"deactivated") == ipmi_output.Listing([], [])
    assert power(b"\n").refused


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Nor a part of a real one."""
    sensors(text)
    power(text)


@given(st.data())
def test_a_listing_that_was_cut_or_changed_gives_no_other_number(data: st.DataObject) -> None:
    """A value is that of the whole listing, or absent."""
    whole = (CAPTURES / "sdr-list-full.txt").read_bytes()
    known = dict(sensors(whole).values)

    cut = whole[: data.draw(st.integers(0, len(whole)))]

    assert all(known.get(series) == value for series, value in sensors(cut).values)
