"""What makes a load, and ends with the schedule."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from exporter.stress import loads
from exporter.stress.loads import StressNg, Workers
from tests.exporter.made import eventually


def children() -> list[psutil.Process]:
    """The processes that this one has started and that have not ended."""
    return [child for child in psutil.Process().children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["cpu"], lambda cpus: cpus),
        (["disk"], lambda cpus: 1),
        (["cpu", "memory"], lambda cpus: 2 * cpus),
    ],
)
def test_each_kind_has_its_processes(kinds: list[str], expected: Callable[[int], int], tmp_path: Path) -> None:
    """One for each CPU that this process may use, or one for the disk; none is left when it was stopped."""
    before = {child.pid for child in children()}

    load = Workers(kinds, tmp_path)
    started = [child for child in children() if child.pid not in before]
    ended = load.ended()
    load.stop()

    assert len(started) == expected(len(os.sched_getaffinity(0)))
    assert ended is None
    assert not any(child.is_running() for child in started)


def test_a_worker_that_ends_by_itself_is_noticed(tmp_path: Path) -> None:
    """As one that was killed because the memory was short."""
    before = {child.pid for child in children()}
    load = Workers(["cpu"], tmp_path)
    try:
        next(child for child in children() if child.pid not in before).kill()

        eventually("noticed", lambda: load.ended() == "a process ended with status -9")
    finally:
        load.stop()


def test_a_program_that_cannot_make_the_load_is_noticed(tmp_path: Path) -> None:
    """With its status."""
    load = StressNg("/bin/false", ["cpu"], tmp_path)
    try:
        eventually("noticed", lambda: load.ended() == "stress-ng ended with status 1")
    finally:
        load.stop()


def test_a_program_that_does_not_end_is_killed_with_its_children(tmp_path: Path) -> None:
    """It ignores SIGTERM here, and so does its child."""
    program = tmp_path / "stubborn"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pid = os.fork()\n"
        f"open({str(tmp_path / 'pids')!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        "time.sleep(600)\n"
    )
    program.chmod(0o755)
    load = StressNg(str(program), ["cpu"], tmp_path)
    pids = tmp_path / "pids"
    eventually("both run", lambda: pids.exists() and len(pids.read_text().splitlines()) == 2)

    load.stop()

    eventually("both ended", lambda: not any(map(alive, map(int, pids.read_text().splitlines()))))


def alive(pid: int) -> bool:
    """Whether there is such a process, other than one that nobody has asked for its status."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_sizes_fit_the_machine(tmp_path: Path) -> None:
    """Neither the memory nor the disk is filled."""
    room = loads.sizes(tmp_path)

    assert room.cpus >= 1
    assert 0 < room.memory < psutil.virtual_memory().total // 3
    assert 0 < room.disk <= 1 << 30


def test_without_the_program_processes_of_our_own_do_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name says which."""
    monkeypatch.setenv("PATH", str(tmp_path))

    name, start = loads.starter(tmp_path)
    load = start(["cpu"])
    load.stop()

    assert name == "processes of our own"
    assert isinstance(load, Workers)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
