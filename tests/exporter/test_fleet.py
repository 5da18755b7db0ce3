"""What the exporter finds on four machines that resemble real ones, and what it leaves out there and why."""

from __future__ import annotations

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


def looked_at(root: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """The inventory of a machine, and the values of its first sample; none is there twice."""
    with closing(Sampler(host(root), frozen.SOURCES)) as sampler:
        sample = values(sampler.sample(TICK))
        return inventory(sampler, {}), sample


def count(sample: dict[str, float], metric: str) -> int:
    """How many series there are of a metric."""
    return sum(name.partition("{")[0] == metric for name in sample)


def test_a_cloud_server(tmp_path: Path) -> None:
    """Both sockets' cores, zones and memory controllers stay apart, though they are numbered and called alike."""
    about, sample = looked_at(fleet.chameleon(tmp_path))

    assert count(sample, "node_hwmon_temp_celsius") == 2 * 13 + 1
    assert count(sample, "node_rapl_dram_joules_total") == 2
    assert count(sample, "node_edac_correctable_errors_total") == 2
    assert count(sample, "node_cpu_core_throttles_total") == 24
    assert count(sample, "cpuidle_residency_seconds_total") == 48 * 4
    assert count(sample, "node_cpu_scaling_frequency_hertz") == 48
    assert about["found"]["network"]["devices"] == ["eno1np0", "eno2np1"]
    assert set(about["left_out"]) == {"interrupts", "softirqs", "pps"}


def test_a_desktop_at_home(tmp_path: Path) -> None:
    """Of 66 interfaces the physical one, of nine disks the two that are hardware, with all zones of one package."""
    about, sample = looked_at(fleet.homelab(tmp_path))

    assert about["found"]["network"]["devices"] == ["enp0s31f6"]
    assert len(about["found"]["network"]["left_out"]) == 65
    assert count(sample, "node_network_receive_bytes_total") == 1
    assert about["found"]["disks"]["devices"] == ["nvme0n1", "sda"]
    assert about["found"]["drive_temperature"]["limits"]["nvme_nvme0"]["temp1"] == {"max": 84.85}
    zones = ("package", "core", "uncore", "dram", "psys")
    assert [count(sample, f"node_rapl_{zone}_joules_total") for zone in zones] == [1] * 5
    assert count(sample, "node_pressure_irq_stalled_seconds_total") == 0


def test_a_head_node_without_a_frequency_driver(tmp_path: Path) -> None:
    """Frequencies come from the CPUs' own count; what its old kernel does not account for is left out with a reason."""
    about, sample = looked_at(fleet.ares(tmp_path))

    assert sample['node_cpu_frequency_hertz{core="1",cpu="15",package="7"}'] == 1_215_015_000
    assert count(sample, "node_cpu_frequency_hertz") == 16
    assert count(sample, "node_disk_discards_completed_total") == 1
    assert count(sample, "node_disk_flush_requests_total") == 0
    assert "psi=1" in about["left_out"]["pressure"]
    assert {"edac", "thermal", "drive_temperature"} <= set(about["left_out"])


def test_a_compute_node(tmp_path: Path) -> None:
    """Two drives with a Composite each, and InfiniBand beside Ethernet."""
    about, sample = looked_at(fleet.ares_comp(tmp_path))

    assert sample['node_hwmon_temp_celsius{chip="nvme_nvme1",sensor="temp1"}'] == 34.85
    assert about["found"]["network"]["devices"] == ["eno1", "ib0"]


@pytest.mark.parametrize("build", [fleet.ares, fleet.ares_comp])
def test_without_root_energy_is_left_out(build: Any) -> None:
    """And says what would be enough to read it."""

    def secret(root: Path) -> Path:
        for zone in build(root).glob("sys/class/powercap/*/energy_uj"):
            zone.chmod(0o400)
        return root / "sys/class/powercap/intel-rapl:0/energy_uj"

    with machine_of_others(secret) as root:
        assert "CAP_DAC_READ_SEARCH" in absent_for_nobody(rapl, host(root))


def test_all_interfaces_are_there_when_asked_for(tmp_path: Path) -> None:
    """The 66, and the one that every machine has."""
    root = fleet.homelab(tmp_path)

    with closing(found(network, host(root, **{"network.virtual": True}))) as reader:
        assert len(reader.found["devices"]) == 66
