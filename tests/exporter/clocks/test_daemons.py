"""Daemons that discipline the clock, by the processes of trees and of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks.daemons import Process, parse, process, running
from tests.trees import processes


@pytest.mark.parametrize(
    ("command", "name"), [("chronyd", "chronyd"), ("ntpd", "ntpd"), ("systemd-timesyn", "systemd-timesyncd")]
)
def test_a_daemon_is_known_by_its_command(tmp_path: Path, command: str, name: str) -> None:
    """The kernel keeps 15 letters of it."""
    processes.start(tmp_path, 1, "systemd", 3)
    processes.start(tmp_path, 77, command, 1234)

    assert running(tmp_path / "proc") == [(name, (77, 1, command.encode(), 1234))]


def test_the_first_of_several_processes_counts(tmp_path: Path) -> None:
    """Its helpers are younger than it, or have higher numbers."""
    processes.start(tmp_path, 900, "chronyd", 500)
    processes.start(tmp_path, 901, "chronyd", 500, parent=900)
    processes.start(tmp_path, 12, "chronyd", 700, parent=900)

    assert [daemon.process.pid for daemon in running(tmp_path / "proc")] == [900]


def test_openntpd_is_told_from_ntpd(tmp_path: Path) -> None:
    """By what its engine calls itself."""
    processes.start(tmp_path, 50, "ntpd", 500)
    processes.start(tmp_path, 51, "ntpd", 501, parent=50, title="ntpd: ntp engine\0")

    assert [(daemon.name, daemon.process.pid) for daemon in running(tmp_path / "proc")] == [("openntpd", 50)]


def test_all_that_run_are_named_or_those_asked_for(tmp_path: Path) -> None:
    """Two at once are a mistake that one wants to see."""
    processes.start(tmp_path, 50, "chronyd", 500)
    processes.start(tmp_path, 51, "systemd-timesyn", 400)
    processes.start(tmp_path, 52, "chrony", 400)

    assert [daemon.name for daemon in running(tmp_path / "proc")] == ["chronyd", "systemd-timesyncd"]
    assert [daemon.name for daemon in running(tmp_path / "proc", "chronyd")] == ["chronyd"]
    assert running(tmp_path / "proc", "ntpd") == []


def test_nothing_runs_where_there_are_no_processes(tmp_path: Path) -> None:
    """A tree without /proc, and a process without files."""
    (tmp_path / "proc/99").mkdir(parents=True)

    assert running(tmp_path / "nowhere") == []
    assert running(tmp_path / "proc") == []


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_process_that_has_ended_is_none(state: str) -> None:
    """A zombie disciplines nothing."""
    assert parse(processes.stat(5, "chronyd", 100, state=state).encode()) is None


@pytest.mark.parametrize(
    "command", ["a) S 7 (b", "chronyd", "x y", "(", ")", "\udc80".encode(errors="surrogateescape").hex()]
)
def test_a_command_may_look_like_anything(command: str) -> None:
    """Its end is the last parenthesis of the line."""
    assert parse(processes.stat(5, command, 100).encode()) == Process(5, 1, command.encode(), 100)


@given(st.binary())
def test_any_bytes_are_no_process(text: bytes) -> None:
    """Nothing raises."""
    assert parse(text) is None or b") " in text


@given(st.data())
def test_a_line_cut_short_is_no_process(data: st.DataObject) -> None:
    """Its start is the 22nd field, and there must be more."""
    line = processes.stat(5, "chronyd", 123456).encode()
    cut = data.draw(st.integers(0, len(line)))

    assert parse(line[:cut]) in (None, Process(5, 1, b"chronyd", 123456))


def test_this_process_is_there() -> None:
    """On this machine: its number, its parent, and a start since boot."""
    found = process(Path("/proc"), os.getpid())

    assert found
    assert (found.pid, found.parent) == (os.getpid(), os.getppid())
    assert found.start > 0
    assert process(Path("/proc"), 1 << 30) is None
