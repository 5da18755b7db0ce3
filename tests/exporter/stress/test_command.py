"""The command ``stress``, as its user runs it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from exporter import stress_phase
from tests.exporter import programs
from tests.exporter.made import LIMIT, eventually

QUICK = ["--phases", "cpu,memory", "--load", "1s", "--idle", "500ms", "--cycles", "2"]


def run(*flags: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A schedule, run to its end; stress-ng is not found."""
    return programs.run("stress", "--file", str(folder / "run/stress.json"), *flags, PATH=str(folder))


@contextmanager
def running(*flags: str, folder: Path) -> Generator[subprocess.Popen[str], None, None]:
    """A schedule that has begun; killed if it is still there afterwards."""
    command = [*programs.COMMAND, "stress", "--file", str(folder / "run/stress.json"), "--disk", str(folder), *flags]
    environment = programs.environment(PATH=str(folder))
    with subprocess.Popen(command, env=environment, cwd=programs.ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            eventually("a load", lambda: bool(psutil.Process(process.pid).children()))
            yield process
        finally:
            process.kill()


def test_it_says_what_it_does_and_ends_when_it_should(tmp_path: Path) -> None:
    """A line for each step; the file says nothing any more."""
    done = run(*QUICK, folder=tmp_path)

    lines = [line.split(" ", 2)[2].partition(" until ")[0] for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert lines[0].startswith("2 x cpu, memory, by processes of our own; ends ")
    assert lines[1:] == [
        f"cycle {cycle}/2: {phase}" for cycle in (1, 2) for phase in ("cpu", "idle", "memory", "idle")
    ] + ["done"]
    assert stress_phase.read(tmp_path / "run/stress.json") is None


def test_the_phase_is_there_while_it_runs(tmp_path: Path) -> None:
    """For the exporter's source ``stress``."""
    with running("--phases", "cpu", folder=tmp_path):
        phase = stress_phase.read(tmp_path / "run/stress.json")

    assert phase
    assert (phase.phase, phase.cycle) == ("cpu", 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_at_once_and_all_of_it(number: signal.Signals, tmp_path: Path) -> None:
    """No process of it is left, and no file on the disk that it loaded."""
    with running("--phases", "cpu+disk", folder=tmp_path) as process:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        said, _ = process.communicate(timeout=LIMIT)

    assert process.returncode == 128 + number
    assert f"ended early by {number.name}" in said
    assert not any(child.is_running() for child in children)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_what_makes_the_load_never_outlives_it(tmp_path: Path) -> None:
    """Not even when it is killed; its file says nothing then."""
    with running("--phases", "cpu+memory", folder=tmp_path) as process:
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()

        eventually("all ended", lambda: not any(alive(child) for child in children))

    assert len(children) >= 2
    assert stress_phase.read(tmp_path / "run/stress.json") is None


def alive(process: psutil.Process) -> bool:
    """Whether it does anything still."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_second_schedule_is_refused(tmp_path: Path) -> None:
    """Its loads would be nobody's phase."""
    with running("--phases", "cpu", folder=tmp_path):
        done = run(*QUICK, folder=tmp_path)

    assert done.returncode == 2
    assert "another schedule runs" in done.stderr


def test_a_load_that_cannot_be_made_ends_the_schedule(tmp_path: Path) -> None:
    """Rather than that a day is recorded with a label and no load."""
    program = tmp_path / "stress-ng"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)

    done = run(*QUICK, folder=tmp_path)

    assert done.returncode == 1
    assert done.stderr == (
        "driftscope-exporter stress: error: the load cpu cannot be made: stress-ng ended with status 3\n"
    )


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (["--phases", "gpu"], "'gpu' is not one of cpu, memory, disk"),
        (["--cycles", "0"], "'0' is not a number of cycles"),
        (["--load", "0"], "'0' is not a time"),
        (["--disk", "/nowhere"], "there is no folder /nowhere"),
    ],
)
def test_what_it_cannot_do_is_one_line(flags: list[str], reason: str, tmp_path: Path) -> None:
    """And exit status 2."""
    done = run(*flags, folder=tmp_path)

    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
