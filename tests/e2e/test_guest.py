"""On a machine with a kernel, clocks and sensors of its own: Linux 5.10 and Python 3.9.2 in QEMU.

It is booted once; while it was scraped once a second it was warmed up, slewed, set, and given another clocksource.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recorder.parse import Parser
from tests import programs
from tests.lab.guest import boot, observe

pytestmark = pytest.mark.lab

Values = dict[str, "int | float"]

SCRIPT = """
set -e
cd /mnt
python -m exporter --inventory >inventory.json
setpriv --reuid 65534 --regid 65534 --clear-groups python -m exporter --inventory >nobody.json
python observe.py
"""
METER = 'node_hwmon_power_average_watt{chip="lnxsybus:00_acpi000d:00",sensor="power1"}'

WARMED, SLEWED, STEPPED, CHANGED = sorted(observe.CHANGES)


@dataclass
class Seen:
    """What the exporter showed: its inventory, that of one without rights, and a page a second."""

    inventory: dict[str, Any]
    nobody: dict[str, Any]
    pages: list[Values]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """One run of the machine."""
    shared = tmp_path_factory.mktemp("guest")
    shared.chmod(0o755)  # for nobody, too
    shutil.copytree(programs.ROOT / "exporter", shared / "exporter", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(observe.__file__, shared)
    boot.run(boot.made("bullseye"), shared, SCRIPT)
    pages = sorted(shared.glob("*.prom"))
    return Seen(
        json.loads((shared / "inventory.json").read_text()),
        json.loads((shared / "nobody.json").read_text()),
        [values(page) for page in pages],
    )


def values(page: Path) -> Values:
    """A page's values by their series."""
    parsed = Parser().parse(page.read_text())
    return {series.name: parsed.number(index) for index, series in enumerate(parsed.layout.series)}


def rate(pages: list[Values], clock: str) -> float:
    """By how much a clock ran faster than monotonic_raw from the first page to the last; ppm."""
    offset = f'clock_offset_seconds{{clock="{clock}",reference="monotonic_raw"}}'
    first, last = (
        page['clock_seconds{clock="monotonic_raw"}'] + page['clock_nanoseconds{clock="monotonic_raw"}'] / 1e9
        for page in (pages[0], pages[-1])
    )
    elapsed = last - first
    return (pages[-1][offset] - pages[0][offset]) / elapsed * 1e6


def test_every_second_has_its_sample(seen: Seen) -> None:
    """Also while the clock is set an hour ahead: a step is no missed tick."""
    sequences = [page["driftscope_sample_sequence"] for page in seen.pages]

    assert len(sequences) == observe.SECONDS
    assert sequences == sorted(set(sequences))
    assert seen.pages[-1]["driftscope_ticks_missed_total"] == seen.pages[STEPPED - 1]["driftscope_ticks_missed_total"]


def test_real_drivers_are_found(seen: Seen) -> None:
    """Five chips, one of them a drive's; frequency steps and idle states of the firmware's tables."""
    found = seen.inventory["found"]

    assert [chip["name"] for chip in found["hwmon"]["chips"]] == ["acpitz", "power_meter", "lm75", "jc42"]
    assert [chip["name"] for chip in found["drive_temperature"]["chips"]] == ["nvme"]
    assert found["cpufreq"]["cpus"]["1"]["driver"] == "acpi-cpufreq"
    assert found["cpuidle"]["states_by_cpu"]["0"] == ["POLL", "C1"]


def test_chips_read_what_was_put_into_them(seen: Seen) -> None:
    """An LM75 and a DIMM's JC42 on an SMBus; the power meter's attributes are in its device's own folder."""
    page = seen.pages[0]

    assert page['node_hwmon_temp_celsius{chip="i2c_1_1_0048",sensor="temp1"}'] == 25
    assert page['node_hwmon_temp_celsius{chip="i2c_1_1_0018",sensor="temp1"}'] == 38.5
    assert page[METER] == 100
    assert page['node_hwmon_temp_celsius{chip="nvme_nvme0",sensor="temp1"}'] == 49.85


def test_what_is_warmed_up_is_seen_in_the_next_second(seen: Seen) -> None:
    """By the thermal zone and by the power meter."""
    zone = 'node_thermal_zone_temp{type="acpitz",zone="0"}'

    assert [seen.pages[second][zone] for second in (WARMED - 1, WARMED + 1)] == [30, 50]
    assert [seen.pages[second][METER] for second in (WARMED - 1, WARMED + 1)] == [100, 140]


def test_idle_states_are_counted(seen: Seen) -> None:
    """A machine that sleeps most of the time was in C1 for most of it."""
    state = 'cpuidle_residency_seconds_total{cpu="0",name="C1",state="1"}'

    assert 1 < seen.pages[-1][state] - seen.pages[0][state] < 1.1 * observe.SECONDS


def test_the_frequency_is_the_rate_of_the_clock(seen: Seen) -> None:
    """A frequency of +50 ppm given to the kernel is read back, and monotonic runs so much faster than before."""
    before, after = seen.pages[:SLEWED], seen.pages[SLEWED + 1 : STEPPED]

    assert rate(after, "monotonic") - rate(before, "monotonic") == pytest.approx(50, abs=2)
    assert after[-1]["clock_kernel_frequency_ratio"] == pytest.approx(50e-6, abs=1e-12)
    assert after[-1]["node_timex_frequency_adjustment_ratio"] == pytest.approx(1 + 50e-6, abs=1e-12)
    assert after[-1]['clock_events_total{event="realtime_step"}'] == 0


def test_a_step_is_an_event_of_its_size(seen: Seen) -> None:
    """Counted once, an hour long."""
    page = seen.pages[-1]

    assert page['clock_events_total{event="realtime_step"}'] == 1
    assert page['clock_event_size_seconds{event="realtime_step"}'] == pytest.approx(3600, abs=0.1)


def test_another_clocksource_is_an_event(seen: Seen) -> None:
    """The one that the kernel counts by now is current, and the change was counted once."""
    first, last = ({name for name in page if "clocksource_current_info" in name} for page in seen.pages[:: CHANGED + 1])

    assert len(first) == len(last) == 1
    assert first != last
    assert seen.pages[-1]['clock_events_total{event="clocksource_change"}'] == 1


def test_a_hardware_clock_that_stands_still_is_seen_to(seen: Seen) -> None:
    """An emulated network card's PTP clock: against monotonic_raw it loses a second a second."""
    assert rate(seen.pages, "ptp0") == pytest.approx(-1e6, rel=0.01)


def test_a_user_without_rights_is_told_what_is_missing(seen: Seen) -> None:
    """What needs none is read all the same."""
    left_out = seen.nobody["left_out"]

    assert not seen.nobody["machine"]["root"]
    assert {"hwmon", "thermal", "cpufreq", "cpuidle", "timex", "clocks"} <= seen.nobody["found"].keys()
    assert "run as root" in left_out["turbostat"]
