"""Chips under /sys/class/hwmon."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from exporter.sensors import hwmon
from tests.exporter.reading import absent, found, host, listed, text, values_by_series
from tests.trees import chips


def test_two_sockets_with_a_core_8_stay_two_series(tree: Path) -> None:
    """Cores of the same label on two sockets are told apart by their chip's device."""
    values = values_by_series(hwmon, tree)

    assert values['node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp10"}'] == 40.008
    assert values['node_hwmon_temp_celsius{chip="platform_coretemp_1",sensor="temp10"}'] == 41.008
    for socket in range(2):
        labels = f'chip="platform_coretemp_{socket}",label="Core 8",sensor="temp10"'
        assert values[f"node_hwmon_sensor_label{{{labels}}}"] == 1


def test_attributes_in_the_devices_own_folder_are_found(tree: Path) -> None:
    """An ACPI power meter has neither name nor inputs in hwmonN itself."""
    values = values_by_series(hwmon, tree)

    chip = "lnxsybus:00_acpi000d:00"
    assert values[f'node_hwmon_chip_names{{chip="{chip}",chip_name="power_meter"}}'] == 1
    assert values[f'node_hwmon_power_average_watt{{chip="{chip}",sensor="power1"}}'] == 213


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ('node_hwmon_fan_rpm{chip="platform_nct6775_656",sensor="fan1"}', 1234),
        ('node_hwmon_in_volts{chip="platform_nct6775_656",sensor="in0"}', 1.032),
        ('node_hwmon_curr_amps{chip="platform_nct6775_656",sensor="curr1"}', 2.5),
        ('node_hwmon_power_watt{chip="platform_nct6775_656",sensor="power1"}', 65.25),
        ('node_hwmon_humidity{chip="platform_nct6775_656",sensor="humidity1"}', 0.0455),
        ('node_hwmon_energy_joule_total{chip="platform_nct6775_656",sensor="energy1"}', 123.456789),
        ('node_hwmon_temp_celsius{chip="platform_coretemp_1",sensor="temp1"}', 45.001),
    ],
)
def test_each_kind_is_in_its_unit(tree: Path, series: str, expected: float) -> None:
    """The kernel's thousandths and millionths become volts, watts, degrees ..."""
    assert values_by_series(hwmon, tree)[series] == expected


def test_limits_and_alarms_are_read_once_for_the_inventory(tree: Path) -> None:
    """Reading an alarm may clear it, so nothing but inputs is opened for a sample."""
    with closing(found(hwmon, host(tree))) as reader:
        assert isinstance(reader, hwmon.Chips)
        names = {number.file.path.name for number in reader.numbers}
        limits = reader.details()["limits"]

    assert not {name for name in names if not name.endswith(("_input", "_average"))}
    assert limits["platform_coretemp_0"]["temp1"] == {"crit_alarm": "0"}
    assert limits["platform_nct6775_656"]["in0"] == {"max": 1.744, "min": 0}


def test_drives_are_left_to_the_source_that_reads_them_rarely(tree: Path) -> None:
    """An NVMe input is an admin command to the drive."""
    assert not [series for series in values_by_series(hwmon, tree) if "nvme" in series]


def test_a_chip_that_says_how_often_it_updates_publishes_it(tmp_path: Path) -> None:
    """Milliseconds in the kernel's file; named as node_exporter names it."""
    chips.chip(tmp_path, 0, "i2c/0-004c", name="lm90", temp1_input=41125, update_interval=500)

    series = 'node_hwmon_update_interval_seconds{chip="i2c_0_004c",sensor="update_interval0"}'
    assert values_by_series(hwmon, tmp_path)[series] == 0.5


def test_the_order_of_loading_drivers_changes_no_series(tmp_path: Path) -> None:
    """After a reboot hwmon0 may be hwmon1; the series are the same."""
    for root, numbers in ((tmp_path / "before", (0, 1)), (tmp_path / "after", (1, 0))):
        for socket, number in enumerate(numbers):
            chips.coretemp(root, hwmon=number, socket=socket, cores=[8])

    assert values_by_series(hwmon, tmp_path / "before") == values_by_series(hwmon, tmp_path / "after")


def test_the_inventory_names_every_chip_and_label(tree: Path) -> None:
    """Chips are listed in the order of their numbers, with what each sensor is called."""
    with closing(found(hwmon, host(tree))) as reader:
        chips = reader.found["chips"]

    assert [chip["path"] for chip in chips] == ["hwmon0", "hwmon1", "hwmon4", "hwmon10"]
    assert chips[0]["sensors"] == {"temp1": "Package id 0", "temp10": "Core 8"}


def test_looking_again_finds_an_equal_reader(tree: Path) -> None:
    """A machine that has not changed keeps its open files, so two findings of it are equal."""
    with closing(found(hwmon, host(tree))) as once, closing(found(hwmon, host(tree))) as twice:
        assert once == twice


def test_a_machine_without_chips_says_so(tmp_path: Path) -> None:
    """The reason names the folder that was looked in."""
    assert str(tmp_path / "sys/class/hwmon") in absent(hwmon, tmp_path)


def test_series_are_the_same_objects_every_time(tree: Path) -> None:
    """Two findings of one machine share their series, which is how samples are compared cheaply."""
    with closing(found(hwmon, host(tree))) as once, closing(found(hwmon, host(tree))) as twice:
        before, after = ([series for series, _ in listed(reader.read())] for reader in (once, twice))

        assert all(a is b for a, b in zip(before, after)), [text(series) for series in before]
