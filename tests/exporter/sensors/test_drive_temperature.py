"""Temperatures of drives, which cost the drive a command each."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from exporter.sensors import drive_temperature, hwmon
from tests.exporter.reading import absent, found, host, values_by_series
from tests.trees import chips


def test_two_drives_with_a_composite_stay_two_series(tree: Path) -> None:
    """Every NVMe drive calls its temperature Composite; the drive tells them apart."""
    values = values_by_series(drive_temperature, tree)

    assert values['node_hwmon_temp_celsius{chip="nvme_nvme0",sensor="temp1"}'] == 36.85
    assert values['node_hwmon_temp_celsius{chip="nvme_nvme1",sensor="temp1"}'] == 41.85


def test_a_disks_temperature_is_a_drives_too(tmp_path: Path) -> None:
    """A SATA disk that drivetemp reads is asked by an ATA command."""
    chips.chip(tmp_path, 0, "pci0000:00/0000:00:17.0/ata1/host0/0:0:0:0", name="drivetemp", temp1_input=33000)

    assert values_by_series(drive_temperature, tmp_path) == {
        'node_hwmon_chip_names{chip="host0_0:0:0:0",chip_name="drivetemp"}': 1,
        'node_hwmon_temp_celsius{chip="host0_0:0:0:0",sensor="temp1"}': 33,
    }
    assert "no chip" in absent(hwmon, tmp_path)


def test_drives_are_read_rarely_and_as_rarely_as_one_says(tree: Path) -> None:
    """Once in ten samples, since each read keeps the drive busy."""
    with closing(found(drive_temperature, host(tree))) as reader:
        assert reader.cadence == 10
    with closing(found(drive_temperature, host(tree, **{"drive-temperature.cadence": 60}))) as reader:
        assert reader.cadence == 60


def test_a_machine_without_drives_says_so(tmp_path: Path) -> None:
    """The reason names what was looked for."""
    assert "neither nvme nor drivetemp" in absent(drive_temperature, tmp_path)
