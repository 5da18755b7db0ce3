"""A schedule whose loads the real stress-ng makes, and the exporter beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests import programs
from tests.lab.chrony_machine import read, soon

pytestmark = pytest.mark.lab


def test_every_sample_says_in_which_phase_it_was_taken(tmp_path: Path) -> None:
    """From the schedule's begin until it is killed, which takes stress-ng and all its processes with it."""
    programs.find("stress-ng", "stress-ng")
    file = tmp_path / "run/stress.json"
    command = [sys.executable, "-m", "exporter", "stress", "--file", str(file), "--disk", str(tmp_path)]
    with programs.exporter("--stress.file", str(file)) as target:
        before = read(target)
        with subprocess.Popen([*command, "--phases", "cpu+memory+disk"], cwd=programs.ROOT) as schedule:
            page = soon("the phase", target, lambda page: any(map(is_phase, page)))
            programs.eventually("stressors", lambda: len(loading(schedule.pid)) > 4)
            children = loading(schedule.pid)
            schedule.kill()
        after = soon("no phase", target, lambda page: not any(map(is_phase, page)))

    assert not any(map(is_phase, before))
    assert page['driftscope_stress_phase{phase="cpu+memory+disk"}'] == 1
    assert not any(map(is_phase, after))
    programs.eventually("no stressor left", lambda: not any(child.is_running() for child in children))


def is_phase(series: str) -> bool:
    """Whether it is the phase's."""
    return series.startswith("driftscope_stress_phase")


def loading(pid: int) -> list[psutil.Process]:
    """The processes that a schedule has started."""
    return psutil.Process(pid).children(recursive=True)
