"""Which daemon disciplines the clock, since when, and that it was started anew."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.clocks import time_daemon
from exporter.clocks.time_daemon import LOOK_EVERY, LOOK_EVERY_WITHOUT, TICKS, TimeDaemon
from exporter.host import Host
from exporter.source import Number
from tests.exporter.reading import absent, by_series, found, host
from tests.trees import processes

BOOTED = 1_795_400_000_250_000_000
CLOCKS = {time.CLOCK_REALTIME: BOOTED + 60_000_000_000, time.CLOCK_BOOTTIME: 60_000_000_000}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with an init and this process."""
    processes.start(tmp_path, 1, "systemd", 2)
    (tmp_path / "proc/self").symlink_to("1")
    return tmp_path


def with_clocks(tree: Path) -> Host:
    """The tree's machine, which was booted at BOOTED."""
    return replace(host(tree), clock_ns=CLOCKS.__getitem__)


def reader(tree: Path) -> TimeDaemon:
    """The source's reader, which is always there."""
    the_reader = found(time_daemon, with_clocks(tree))
    assert isinstance(the_reader, TimeDaemon)
    return the_reader


def read(the_reader: TimeDaemon, times: int = 1) -> dict[str, Number]:
    """What it says the last of so many times."""
    for _ in range(times - 1):
        list(the_reader.read())
    return by_series(the_reader.read())


def restarts(the_reader: TimeDaemon) -> int:
    """How often the event was noted."""
    return the_reader.host.events.log()["daemon_restart"].count


def test_the_daemon_and_its_start(machine: Path) -> None:
    """The start is boot plus ticks since boot."""
    processes.start(machine, 77, "chronyd", 150 * TICKS // 100)

    assert read(reader(machine)) == {
        'clock_daemon_info{daemon="chronyd"}': 1,
        'clock_daemon_start_timestamp_seconds{daemon="chronyd"}': 1_795_400_001.75,
    }


def test_no_daemon_is_said(machine: Path) -> None:
    """A machine whose clock nobody disciplines is worth knowing, and has no start."""
    assert read(reader(machine)) == {'clock_daemon_info{daemon="none"}': 1}


def test_a_restart_is_an_event(machine: Path) -> None:
    """It is another process; that it was found at first is none."""
    processes.start(machine, 77, "chronyd", 150)
    the_reader = reader(machine)
    read(the_reader, times=3)
    before = restarts(the_reader)
    processes.end(machine, 77)
    processes.start(machine, 91, "chronyd", 5000)
    after = read(the_reader)

    assert before == 0
    assert restarts(the_reader) == 1
    assert the_reader.host.events.log()["daemon_restart"].time == CLOCKS[time.CLOCK_REALTIME]
    assert after['clock_daemon_start_timestamp_seconds{daemon="chronyd"}'] == 1_795_400_050.25


def test_another_process_of_the_same_number_is_a_restart(machine: Path) -> None:
    """Numbers are used again; the start tells."""
    processes.start(machine, 77, "chronyd", 150)
    the_reader = reader(machine)
    read(the_reader)
    processes.start(machine, 77, "chronyd", 9999)
    read(the_reader)

    assert restarts(the_reader) == 1


def test_a_daemon_that_goes_is_gone_at_once(machine: Path) -> None:
    """Going is no restart, coming back is one, and is seen within ten reads."""
    processes.start(machine, 77, "chronyd", 150)
    the_reader = reader(machine)
    read(the_reader)
    processes.end(machine, 77)
    gone = read(the_reader)
    noted = restarts(the_reader)
    processes.start(machine, 78, "chronyd", 9000)
    back = read(the_reader, times=LOOK_EVERY_WITHOUT)

    assert gone == {'clock_daemon_info{daemon="none"}': 1}
    assert noted == 0
    assert 'clock_daemon_info{daemon="chronyd"}' in back
    assert restarts(the_reader) == 1


def test_another_daemon_is_an_event(machine: Path) -> None:
    """systemd-timesyncd that was started beside chronyd is seen within a minute."""
    processes.start(machine, 77, "chronyd", 150)
    the_reader = reader(machine)
    read(the_reader)
    processes.start(machine, 99, "systemd-timesyn", 9000)
    both = read(the_reader, times=LOOK_EVERY)

    assert both['clock_daemon_info{daemon="chronyd"}'] == 1
    assert both['clock_daemon_info{daemon="systemd-timesyncd"}'] == 1
    assert restarts(the_reader) == 1


def test_a_known_daemon_costs_one_file(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All processes are looked at once in sixty reads only."""
    looks: list[Path] = []
    really = time_daemon.running

    def counted(procfs: Path) -> object:
        looks.append(procfs)
        return really(procfs)

    monkeypatch.setattr(time_daemon, "running", counted)
    processes.start(machine, 77, "chronyd", 150)
    read(reader(machine), times=2 * LOOK_EVERY)

    assert len(looks) == 2


def test_looking_again_keeps_the_reader(machine: Path) -> None:
    """What it knows is not forgotten once a minute."""
    here = with_clocks(machine)

    assert found(time_daemon, here) == found(time_daemon, here)


def test_without_processes_it_is_absent(tmp_path: Path) -> None:
    """A tree that holds no /proc."""
    assert "no processes in" in absent(time_daemon, tmp_path)


def test_this_machine_has_a_daemon_or_none() -> None:
    """On the live machine at least one info is there."""
    said = by_series(found(time_daemon, Host()).read())

    assert any(name.startswith("clock_daemon_info") for name in said)
