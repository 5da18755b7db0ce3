"""The phase of a stress schedule."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from exporter import stress_phase
from exporter.sensors import stress
from exporter.source import Reader
from exporter.stress_phase import StressPhases
from tests.exporter.reading import by_series, found, host


def reader(path: Path) -> Reader:
    """The source's reader of the file at ``path``."""
    return found(stress, host(path.parent, **{"stress.file": path}))


def test_one_series_says_the_phase_while_a_schedule_runs(tmp_path: Path) -> None:
    """It is there from the first phase to the end of the schedule, though the reader was there before and after."""
    path = tmp_path / "run" / "stress.json"
    with closing(reader(path)) as reading:
        before = by_series(reading.read())
        with StressPhases(path) as phases:
            phases.enter("cpu", 1)
            first = by_series(reading.read())
            phases.enter("idle", 1)
            second = by_series(reading.read())
        after = by_series(reading.read())

    assert first == {'driftscope_stress_phase{phase="cpu"}': 1}
    assert second == {'driftscope_stress_phase{phase="idle"}': 1}
    assert (before, after) == ({}, {})


def test_it_is_found_without_a_schedule(tmp_path: Path) -> None:
    """The inventory names the file, and looking again finds the same."""
    path = tmp_path / "nowhere" / "stress.json"

    assert reader(path).found == {"file": str(path)}
    assert reader(path) == reader(path)


def test_a_file_that_others_can_write_is_an_error(tmp_path: Path) -> None:
    """What somebody else may have written is not published, and the error names the file."""
    path = tmp_path / "stress.json"
    path.write_text("{}")
    path.chmod(0o666)

    with pytest.raises(PermissionError, match=r"stress\.json"):
        reader(path).read()


def test_without_the_flag_it_is_the_users_own_file(tmp_path: Path) -> None:
    """The schedule looks for it at the same place."""
    assert found(stress, host(tmp_path)).found == {"file": str(stress_phase.default_path())}
