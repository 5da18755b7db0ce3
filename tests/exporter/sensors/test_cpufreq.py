"""Frequencies of the CPUs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from exporter.sensors import cpufreq
from exporter.source import PartlyReadError
from tests.exporter.reading import absent, by_series, found, host, values_by_series
from tests.trees import files, proc


def test_kilohertz_become_hertz(tree: Path) -> None:
    """Every frequency is an exact integer, and the hardware's limits stand beside it."""
    values = values_by_series(cpufreq, tree)

    assert {series: value for series, value in values.items() if 'cpu="1"' in series} == {
        'node_cpu_frequency_hertz{cpu="1"}': 1_800_012_000,
        'node_cpu_scaling_frequency_hertz{cpu="1"}': 1_800_000_000,
        'node_cpu_scaling_frequency_min_hertz{cpu="1"}': 800_000_000,
        'node_cpu_frequency_min_hertz{cpu="1"}': 800_000_000,
        'node_cpu_frequency_max_hertz{cpu="1"}': 3_600_000_000,
    }
    assert all(isinstance(value, int) for value in values.values())


def test_what_only_root_may_read_can_be_left_out(tree: Path) -> None:
    """--no-root-sensors leaves out the frequency that the hardware itself is asked for."""
    with closing(found(cpufreq, host(tree, root_sensors=False))) as reader:
        values = by_series(reader.read())

    assert 'node_cpu_frequency_hertz{cpu="0"}' not in values
    assert 'node_cpu_scaling_frequency_hertz{cpu="0"}' in values


def test_cpus_are_in_the_order_of_their_numbers(server: Path) -> None:
    """CPU 2 comes before CPU 10."""
    with closing(found(cpufreq, host(server))) as reader:
        assert list(reader.found["cpus"]) == [str(cpu) for cpu in range(64)]
        assert reader.found["cpus"]["63"] == {"driver": "intel_cpufreq", "governor": "powersave"}


def test_a_frequency_that_the_driver_does_not_know_costs_only_itself(tree: Path) -> None:
    """Some drivers answer ``<unknown>``: that value is missing, and all others are there."""
    files.write(tree / "sys/devices/system/cpu/cpu0/cpufreq", {"scaling_cur_freq": "<unknown>"})

    with closing(found(cpufreq, host(tree))) as reader, pytest.raises(PartlyReadError) as partly:
        reader.read()

    values = by_series(partly.value.values)
    assert 'node_cpu_scaling_frequency_hertz{cpu="0"}' not in values
    assert 'node_cpu_scaling_frequency_hertz{cpu="1"}' in values
    assert not partly.value.vanished


@pytest.mark.parametrize("limit", ["", "<unknown>", "1_000"])
def test_a_limit_that_is_no_number_is_left_out(tree: Path, limit: str) -> None:
    """A constant that cannot be read is not there, and nothing else is missed."""
    files.write(tree / "sys/devices/system/cpu/cpu0/cpufreq", {"cpuinfo_max_freq": limit})

    values = values_by_series(cpufreq, tree)

    assert 'node_cpu_frequency_max_hertz{cpu="0"}' not in values
    assert 'node_cpu_frequency_max_hertz{cpu="1"}' in values


def test_without_a_driver_the_cpus_own_count_is_read(tmp_path: Path) -> None:
    """From /proc/cpuinfo, labelled as node_exporter labels what it reads there."""
    files.write(tmp_path / "proc", {"cpuinfo": proc.cpuinfo(["2593.904", "800.000"], "aperfmperf")})

    assert values_by_series(cpufreq, tmp_path) == {
        'node_cpu_frequency_hertz{core="0",cpu="0",package="0"}': 2_593_904_000,
        'node_cpu_frequency_hertz{core="1",cpu="1",package="0"}': 800_000_000,
    }


def test_a_constant_is_not_passed_off_as_a_measurement(tmp_path: Path) -> None:
    """A virtual machine's frequency is what its kernel found at boot."""
    files.write(tmp_path / "proc", {"cpuinfo": proc.cpuinfo(["2593.904"], "tsc")})

    reason = absent(cpufreq, tmp_path)

    assert "cpuN/cpufreq" in reason
    assert "aperfmperf" in reason


def test_a_machine_without_frequency_control_says_so(tmp_path: Path) -> None:
    """The reason names what was looked for."""
    assert "cpuN/cpufreq" in absent(cpufreq, tmp_path)
