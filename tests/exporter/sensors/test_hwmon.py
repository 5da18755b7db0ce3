"""Chips under /sys/class/hwmon."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import hwmon
from tests.exporter.reading import absent, found, host, listed, text, values_by_series
from tests.trees import chips, files


def test_two_sockets_with_a_core_8_stay_two_series(tree: Path) -> None:
    """Cores of the same label on two sockets are told apart by their chip's device."""
    values = values_by_series(hwmon, tree)

    assert values['node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp10"}'] == 40.008
    assert values['node_hwmon_temp_celsius{chip="platform_coretemp_1",sensor="temp10"}'] == 41.008
    for socket in range(2):
        labels = f'chip="platform_coretemp_{socket}",label="Core 8",sensor="temp10"'
        assert values[f"node_hwmon_sensor_label{{{labels}}}"] == 1


def test_two_drives_with_a_composite_stay_two_series(tree: Path) -> None:
    """Every NVMe drive calls its temperature Composite; the drive tells them apart."""
    values = values_by_series(hwmon, tree)

    assert values['node_hwmon_temp_celsius{chip="nvme_nvme0",sensor="temp1"}'] == 36.85
    assert values['node_hwmon_temp_celsius{chip="nvme_nvme1",sensor="temp1"}'] == 41.85


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


def test_limits_and_alarms_are_not_read(tree: Path) -> None:
    """Reading an alarm may clear it, so nothing but inputs is opened."""
    with closing(found(hwmon, host(tree))) as reader:
        assert isinstance(reader, hwmon.NumberFiles)
        names = {number.file.path.name for number in reader.numbers}

    assert not {name for name in names if not name.endswith(("_input", "_average"))}


def test_the_order_of_loading_drivers_changes_no_series(tmp_path: Path) -> None:
    """After a reboot hwmon0 may be hwmon1; the series are the same."""
    for root, numbers in ((tmp_path / "before", (0, 1)), (tmp_path / "after", (1, 0))):
        for socket, number in enumerate(numbers):
            chips.coretemp(root, hwmon=number, socket=socket, cores=[8])

    assert values_by_series(hwmon, tmp_path / "before") == values_by_series(hwmon, tmp_path / "after")


def test_two_chips_of_one_device_are_numbered(tmp_path: Path) -> None:
    """Where even the device is the same, the second chip is called so."""
    for number in range(3):
        chips.chip(tmp_path, number, "platform/twin", name="twin", temp1_input=1000 * number)

    values = values_by_series(hwmon, tmp_path)

    assert [values[f'node_hwmon_temp_celsius{{chip="platform_{chip}",sensor="temp1"}}'] for chip in
            ("twin", "twin_2", "twin_3")] == [0, 1, 2]  # fmt: skip


def test_a_chip_without_a_device_is_called_by_its_name(tmp_path: Path) -> None:
    """Virtual chips have no device to be identified by."""
    files.write(tmp_path / "sys/class/hwmon/hwmon0", {"name": "Virtual Chip", "temp1_input": 20000})
    files.write(tmp_path / "sys/class/hwmon/hwmon1", {"temp1_input": 21000})

    values = values_by_series(hwmon, tmp_path)

    assert values['node_hwmon_temp_celsius{chip="virtual_chip",sensor="temp1"}'] == 20
    assert values['node_hwmon_temp_celsius{chip="hwmon1",sensor="temp1"}'] == 21


def test_the_inventory_names_every_chip_and_label(tree: Path) -> None:
    """Chips are listed in the order of their numbers, with what each sensor is called."""
    with closing(found(hwmon, host(tree))) as reader:
        chips = reader.found["chips"]

    assert [chip["path"] for chip in chips] == ["hwmon0", "hwmon1", "hwmon2", "hwmon3", "hwmon4", "hwmon10"]
    assert chips[0]["sensors"] == {"temp1": "Package id 0", "temp10": "Core 8"}


def test_looking_again_finds_an_equal_reader(tree: Path) -> None:
    """A machine that has not changed keeps its open files, so two findings of it are equal."""
    with closing(found(hwmon, host(tree))) as once, closing(found(hwmon, host(tree))) as twice:
        assert once == twice


def test_a_machine_without_chips_says_so(tmp_path: Path) -> None:
    """The reason names the folder that was looked in."""
    assert str(tmp_path / "sys/class/hwmon") in absent(hwmon, tmp_path)


@given(st.text())
def test_a_cleaned_name_is_fit_for_a_label(name: str) -> None:
    """Whatever a name holds, cleaning leaves lower-case letters, digits, colons and underscores, and does it once."""
    cleaned = hwmon.clean(name)

    assert set(cleaned) <= set("abcdefghijklmnopqrstuvwxyz0123456789:_")
    assert hwmon.clean(cleaned) == cleaned


@given(st.lists(st.sampled_from(["a", "a_2", "a_3", "b"])))
def test_unique_names_are_unique(names: list[str]) -> None:
    """However names repeat, no two chips are called the same."""
    taken: set[str] = set()

    chips = [hwmon.unique(name, taken) for name in names]

    assert len(set(chips)) == len(names)


def test_series_are_the_same_objects_every_time(tree: Path) -> None:
    """Two findings of one machine share their series, which is how samples are compared cheaply."""
    with closing(found(hwmon, host(tree))) as once, closing(found(hwmon, host(tree))) as twice:
        before, after = ([series for series, _ in listed(reader.read())] for reader in (once, twice))

        assert all(a is b for a, b in zip(before, after)), [text(series) for series in before]
