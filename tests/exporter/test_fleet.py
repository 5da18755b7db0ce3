"""What the exporter finds on four machines that resemble real ones, and what it leaves out there and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from exporter.inventory import inventory
from exporter.sampler import Sampler
from exporter.sensors import network, rapl
from tests import frozen
from tests.exporter.made import TICK, values
from tests.exporter.nobody import absent_for_nobody, machine_of_others
from tests.exporter.reading import found, host
from tests.trees import fleet

DRIVE_ON_5_10 = "0000:00:1d_0_0000:02:00_0"
"""A drive's chip there is known by its place on the bus; nvme_nvme0 it is since Linux 5.15."""


def looked_at(root: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """The inventory of a machine, and the values of its first sample; none is there twice."""
    with closing(Sampler(host(root), frozen.SOURCES)) as sampler:
        sample = values(sampler.sample(TICK))
        return inventory(sampler, {}), sample


def counted(sample: dict[str, float], expected: dict[str, int]) -> dict[str, int]:
    """How many series there are of each metric for which a number is expected."""
    metrics = Counter(name.partition("{")[0] for name in sample)
    return {metric: metrics[metric] for metric in expected}


def test_a_cloud_server(tmp_path: Path) -> None:
    """Both sockets' cores, zones and memory controllers stay apart, though they are numbered and called alike."""
    expected = {
        "node_hwmon_temp_celsius": 2 * (1 + 12) + 1 + 2,
        "node_hwmon_power_average_watt": 1,
        "node_thermal_zone_temp": 2,
        "node_cooling_device_cur_state": 48,
        "node_cpu_scaling_frequency_hertz": 48,
        "cpuidle_residency_seconds_total": 48 * 4,
        "node_rapl_package_joules_total": 2,
        "node_rapl_dram_joules_total": 2,
        "node_edac_correctable_errors_total": 4,
        "node_edac_csrow_correctable_errors_total": 4 * (6 + 1),
        "node_cpu_core_throttles_total": 2 * 12,
        "node_cpu_package_throttles_total": 2,
        "node_cpu_seconds_total": 48 * 8,
        "node_schedstat_waiting_seconds_total": 48,
        "node_pressure_irq_stalled_seconds_total": 1,
        "node_network_receive_bytes_total": 2,
        "node_disk_reads_completed_total": 2,
    }

    about, sample = looked_at(fleet.chameleon(tmp_path))

    assert counted(sample, expected) == expected
    assert about["found"]["network"]["devices"] == ["eno1np0", "eno2np1"]
    assert about["found"]["disks"]["devices"] == ["sda", "sr0"]
    assert set(about["left_out"]) == {"interrupts", "softirqs", "pps"}


def test_a_desktop_at_home(tmp_path: Path) -> None:
    """Of 66 interfaces the physical one, of ten disks the two that are hardware, with all zones of one package."""
    expected = {
        "node_hwmon_temp_celsius": 5 + 5 + 3,
        "node_hwmon_in_volts": 15 + 2,
        "node_hwmon_fan_rpm": 7 + 2,
        "node_hwmon_freq_freq_mhz": 2,
        "node_thermal_zone_temp": 3,
        **{f"node_rapl_{zone}_joules_total": 1 for zone in ("core", "uncore", "dram", "psys")},
        "node_rapl_package_joules_total": 2,  # one by MSR, one by MMIO
        "cpuidle_residency_seconds_total": 8 * 7,
        "node_cpu_core_throttles_total": 4,
        "node_pressure_cpu_waiting_seconds_total": 1,
        "node_pressure_irq_stalled_seconds_total": 0,
        "node_network_receive_bytes_total": 1,
        "node_disk_reads_completed_total": 2,
    }

    about, sample = looked_at(fleet.homelab(tmp_path))

    assert counted(sample, expected) == expected
    assert about["found"]["network"]["devices"] == ["enp0s31f6"]
    assert len(about["found"]["network"]["left_out"]) == 65
    assert about["found"]["disks"]["devices"] == ["nvme0n1", "sda"]
    assert about["found"]["disks"]["left_out"] == ["dm-0", "dm-1", "md127"]
    assert about["found"]["drive_temperature"]["limits"][DRIVE_ON_5_10]["temp1"]["max"] == 84.85
    assert sample['node_hwmon_temp_celsius{chip="platform_nct6775_656",sensor="temp5"}'] == -34.5
    assert sample['node_cooling_device_cur_state{name="0",type="intel_powerclamp"}'] == -1
    assert set(about["left_out"]) == {"interrupts", "softirqs", "pps", "edac"}


def test_a_head_node_without_a_frequency_driver(tmp_path: Path) -> None:
    """Frequencies come from the CPUs' own count; what its old kernel does not account for is left out with a reason."""
    expected = {
        "node_cpu_frequency_hertz": 16,
        "node_cpu_scaling_frequency_hertz": 0,
        "node_disk_discards_completed_total": 1,
        "node_disk_flush_requests_total": 0,
    }

    about, sample = looked_at(fleet.ares(tmp_path))

    assert counted(sample, expected) == expected
    assert sample['node_cpu_frequency_hertz{core="1",cpu="15",package="7"}'] == 1_215_015_000
    assert about["found"]["network"]["left_out"] == ["bond0", "lo"]
    assert "psi=1" in about["left_out"]["pressure"]
    absent = {"edac", "thermal", "drive_temperature", "pressure"}
    assert set(about["left_out"]) == {"interrupts", "softirqs", "pps", *absent}


def test_a_compute_node(tmp_path: Path) -> None:
    """Two shared drives, which are hardware among virtual devices; a dram for each of four dies; InfiniBand."""
    expected = {
        "node_hwmon_temp_celsius": 2 * (1 + 20) + 2,
        "node_rapl_dram_joules_total": 4,
        "node_cpu_core_throttles_total": 2 * 20,
        "node_disk_reads_completed_total": 2,
    }

    about, sample = looked_at(fleet.ares_comp(tmp_path))

    assert counted(sample, expected) == expected
    assert sample['node_hwmon_temp_celsius{chip="nvme_nvme1",sensor="temp1"}'] == 34.85
    assert about["found"]["network"]["devices"] == ["eno1", "ib0"]
    assert about["found"]["disks"]["devices"] == ["nvme0n1", "nvme1n1"]
    assert set(about["left_out"]) == {"interrupts", "softirqs", "pps", "edac", "thermal"}


@pytest.mark.parametrize("build", [fleet.ares, fleet.ares_comp])
def test_without_root_energy_is_left_out(build: Callable[[Path], Path]) -> None:
    """And says what would be enough to read it."""

    def secret(root: Path) -> Path:
        for zone in build(root).glob("sys/class/powercap/*/energy_uj"):
            zone.chmod(0o400)
        return root / "sys/class/powercap/intel-rapl:0/energy_uj"

    with machine_of_others(secret) as root:
        assert "CAP_DAC_READ_SEARCH" in absent_for_nobody(rapl, host(root))


def test_all_interfaces_are_there_when_asked_for(tmp_path: Path) -> None:
    """All 66, those of containers too, and lo."""
    root = fleet.homelab(tmp_path)

    with closing(found(network, host(root, **{"network.virtual": True}))) as reader:
        assert len(reader.found["devices"]) == 66
