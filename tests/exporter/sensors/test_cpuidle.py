"""Idle states of the CPUs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from exporter.sensors import cpuidle
from tests.exporter.reading import absent, found, host, values_by_series


def test_each_state_of_each_cpu_is_two_counters(tree: Path) -> None:
    """Microseconds become seconds, and entries stay a count."""
    values = values_by_series(cpuidle, tree)

    assert values['cpuidle_residency_seconds_total{cpu="1",name="C1",state="1"}'] == 4.000004
    assert values['cpuidle_entries_total{cpu="1",name="C1",state="1"}'] == 101
    assert len(values) == 2 * 2 * 2


def test_a_state_without_a_name_is_still_read(tree: Path) -> None:
    """Its number is what identifies it."""
    (tree / "sys/devices/system/cpu/cpu0/cpuidle/state1/name").unlink()

    assert 'cpuidle_entries_total{cpu="0",name="",state="1"}' in values_by_series(cpuidle, tree)


def test_the_inventory_has_driver_and_states(tree: Path) -> None:
    """Which driver counts, in what quantum, and what each CPU's states are called."""
    with closing(found(cpuidle, host(tree))) as reader:
        assert reader.found == {
            "driver": "intel_idle",
            "quantum_seconds": 1e-6,
            "states_by_cpu": {"0": ["POLL", "C1"], "1": ["POLL", "C1"]},
        }


def test_sixty_four_cpus_have_their_four_states(server: Path) -> None:
    """On a large machine nothing is lost to names that repeat."""
    assert len(values_by_series(cpuidle, server)) == 64 * 4 * 2


def test_representatives_are_the_first_of_each_socket(server: Path) -> None:
    """Two of each socket of sixteen cores and their threads."""
    with closing(found(cpuidle, host(server, **{"cpuidle.cpus-per-socket": 2}))) as reader:
        assert list(reader.found["states_by_cpu"]) == ["0", "1", "16", "17"]


def test_a_machine_without_idle_states_says_so(tmp_path: Path) -> None:
    """The reason names what was looked for."""
    assert "cpuidle/stateM" in absent(cpuidle, tmp_path)
