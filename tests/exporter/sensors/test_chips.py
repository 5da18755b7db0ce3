"""Which chips there are, and what they are called."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors.chips import clean, find_chips, kind_of, unique
from tests.exporter.reading import host
from tests.trees import chips, files


def ids(root: Path) -> list[str]:
    """What the chips below a root are called."""
    return [chip.id for chip in find_chips(host(root))]


def test_a_chip_is_called_by_its_device(tree: Path) -> None:
    """In the order of their numbers, which say nothing but the order of loading drivers."""
    assert ids(tree) == [
        "platform_coretemp_0",
        "platform_coretemp_1",
        "nvme_nvme0",
        "nvme_nvme1",
        "lnxsybus:00_acpi000d:00",
        "platform_nct6775_656",
    ]


def test_attributes_are_found_by_sensor_and_name(tree: Path) -> None:
    """Whatever the driver offers, limits and alarms among it."""
    socket = find_chips(host(tree))[0]

    assert set(socket.sensors["temp1"]) == {"input", "label", "crit_alarm"}


def test_attributes_in_the_devices_own_folder_are_found(tree: Path) -> None:
    """An ACPI power meter has neither name nor inputs in hwmonN itself."""
    meter = find_chips(host(tree))[4]

    assert meter.name == "power_meter"
    assert set(meter.sensors["power1"]) == {"average", "average_interval"}


def test_a_chip_that_got_another_number_is_not_taken_for_the_one_that_had_it(tmp_path: Path) -> None:
    """Its files are its device's: after drivers were loaded in another order they are gone, not another chip's."""
    chips.coretemp(tmp_path, hwmon=0, socket=0, cores=[8])
    before = find_chips(host(tmp_path))[0]
    (tmp_path / "sys/class/hwmon/hwmon0").unlink()
    chips.nvme(tmp_path, hwmon=0, drive=0, temp1_input=36850)

    assert before.sensors["temp1"]["input"].read_text() == "45000\n"
    assert before.path != find_chips(host(tmp_path))[0].path


def test_two_chips_of_one_device_are_numbered(tmp_path: Path) -> None:
    """Where even the device is the same, the second chip is called so."""
    for number in range(3):
        chips.chip(tmp_path, number, "platform/twin", name="twin", temp1_input=1000 * number)

    assert ids(tmp_path) == ["platform_twin", "platform_twin_2", "platform_twin_3"]


def test_a_chip_without_a_device_is_called_by_its_name(tmp_path: Path) -> None:
    """Virtual chips have no device to be identified by; some have not even a name."""
    files.write(tmp_path / "sys/class/hwmon/hwmon0", {"name": "Virtual Chip", "temp1_input": 20000})
    files.write(tmp_path / "sys/class/hwmon/hwmon1", {"temp1_input": 21000})

    assert ids(tmp_path) == ["virtual_chip", "hwmon1"]


def test_the_kind_of_a_sensor_is_its_name_without_the_number() -> None:
    """As the kernel numbers them."""
    assert [kind_of(sensor) for sensor in ("temp1", "in10", "humidity1")] == ["temp", "in", "humidity"]


@given(st.text())
def test_a_cleaned_name_is_fit_for_a_label(name: str) -> None:
    """Whatever a name holds, cleaning leaves lower-case letters, digits, colons and underscores, and does it once."""
    cleaned = clean(name)

    assert set(cleaned) <= set("abcdefghijklmnopqrstuvwxyz0123456789:_")
    assert clean(cleaned) == cleaned


@given(st.lists(st.sampled_from(["a", "a_2", "a_3", "b"])))
def test_unique_names_are_unique(names: list[str]) -> None:
    """However names repeat, no two chips are called the same."""
    taken: set[str] = set()

    chips = [unique(name, taken) for name in names]

    assert len(set(chips)) == len(names)
