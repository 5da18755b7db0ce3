"""The exporter beside a real BMC simulator that it asks over the network, and which dies, hangs and returns."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests import programs
from tests.lab.bmc import PASSWORD, Bmc, simulator
from tests.lab.chrony_machine import Page, read, soon

pytestmark = pytest.mark.lab

CPU = 'ipmi_temperature_celsius{id="2",name="CPU1 Temp"}'
FAN = 'ipmi_fan_speed_rpm{id="4",name="Fan1"}'


@pytest.fixture(name="bmc")
def running(tmp_path: Path) -> Generator[Bmc, None, None]:
    """A BMC that answers."""
    with simulator(tmp_path) as bmc:
        yield bmc


def errors(page: Page) -> float:
    """How often the source could not be read."""
    return sum(
        value for name, value in page.items() if name.startswith("driftscope_source_errors_total{") and "ipmi" in name
    )


def test_what_the_bmc_measures_is_published(bmc: Bmc) -> None:
    """A changed value soon after; a disabled sensor never; the password nowhere."""
    programs.find("ipmitool", "ipmitool")
    with programs.exporter(*bmc.flags()) as target:
        first = soon("the BMC's values", target, lambda page: CPU in page)
        bmc.set("CPU1 Temp", 93)
        hot = soon("the new value", target, lambda page: page.get(CPU) == 93)
        processes = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]

    assert first[CPU] == 48
    assert first[FAN] == 5400
    assert first['ipmi_voltage_volts{id="7",name="Vcore CPU1"}'] == 1.02
    assert first['ipmi_power_watts{id="8",name="PS1 Input Power"}'] == 212
    assert not [series for series in first if "DIMM" in series]
    assert hot['ipmi_temperature_state{id="2",name="CPU1 Temp"}'] == 1
    assert 0 <= hot['driftscope_source_age_seconds{source="ipmi"}'] < 10
    assert errors(hot) == 0
    assert not [line for line in processes if b"ipmitool" in line and f"-P\0{PASSWORD}".encode() in line]


def test_one_that_dies_and_returns(bmc: Bmc) -> None:
    """Its values are absent meanwhile, not stale; the tick knows nothing of it."""
    with programs.exporter(*bmc.flags()) as target:
        soon("the BMC's values", target, lambda page: CPU in page)
        bmc.end()
        gone = soon("their absence", target, lambda page: CPU not in page)
        bmc.start()
        back = soon("the BMC's values again", target, lambda page: CPU in page)

    assert gone['driftscope_source_up{source="ipmi"}'] == 0
    assert back['driftscope_source_up{source="ipmi"}'] == 1
    assert back["driftscope_ticks_missed_total"] == 0


def test_one_that_hangs_costs_no_tick_and_no_other_source(bmc: Bmc) -> None:
    """What it said last stands for twice the time that reading takes, and is absent then."""
    with programs.exporter(*bmc.flags()) as target:
        soon("the BMC's values", target, lambda page: CPU in page)
        bmc.stop()
        hung = soon("their absence", target, lambda page: CPU not in page)
        time.sleep(2)
        later = read(target)
        bmc.go_on()
        back = soon("the BMC's values again", target, lambda page: CPU in page)

    assert hung['driftscope_source_up{source="clocks"}'] == 1
    assert later["driftscope_sample_sequence"] >= hung["driftscope_sample_sequence"] + 1
    assert back["driftscope_ticks_missed_total"] == 0
    assert later["driftscope_sample_duration_seconds"] < 0.5
