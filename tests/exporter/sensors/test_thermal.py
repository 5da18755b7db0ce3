"""Thermal zones and cooling devices under /sys/class/thermal."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from exporter.sensors import thermal
from tests.exporter.reading import absent, found, host, values_by_series
from tests.trees import chips


def test_zones_and_cooling_devices_of_the_machine(tree: Path) -> None:
    """Temperatures in degrees, and how much of each cooling device is in use."""
    assert values_by_series(thermal, tree) == {
        'node_thermal_zone_temp{type="acpitz",zone="0"}': 27.8,
        'node_thermal_zone_temp{type="x86_pkg_temp",zone="1"}': 43,
        'node_cooling_device_cur_state{name="0",type="Processor"}': 0,
        'node_cooling_device_max_state{name="0",type="Processor"}': 10,
    }


def test_two_zones_of_one_type_stay_two_series(server: Path) -> None:
    """Each socket's zone has the same type; their numbers tell them apart."""
    assert values_by_series(thermal, server) == {
        'node_thermal_zone_temp{type="x86_pkg_temp",zone="0"}': 51,
        'node_thermal_zone_temp{type="x86_pkg_temp",zone="1"}': 51.001,
    }


def test_a_zone_below_zero_is_read(tmp_path: Path) -> None:
    """Machines stand in the cold, too."""
    chips.thermal_zone(tmp_path, 0, "acpitz", -12500)

    assert values_by_series(thermal, tmp_path) == {'node_thermal_zone_temp{type="acpitz",zone="0"}': -12.5}


def test_the_inventory_lists_both(tree: Path) -> None:
    """What a zone is called is there for whoever reads the dataset later."""
    with closing(found(thermal, host(tree))) as reader:
        assert reader.found == {
            "zones": [{"zone": "0", "type": "acpitz"}, {"zone": "1", "type": "x86_pkg_temp"}],
            "cooling_devices": [{"name": "0", "type": "Processor"}],
        }


def test_a_virtual_machine_has_none(tmp_path: Path) -> None:
    """The reason names the folder that was looked in."""
    assert str(tmp_path / "sys/class/thermal") in absent(thermal, tmp_path)
