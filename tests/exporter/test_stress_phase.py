"""The file in which a stress schedule says which phase it is in."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter import stress_phase
from exporter.stress_phase import Phase, StressPhases, default_path, parse, read
from tests.exporter.made import eventually
from tests.exporter.programs import ROOT

SCHEDULE = """
import sys, time
from pathlib import Path
from exporter.stress_phase import StressPhases
with StressPhases(Path(sys.argv[1])) as phases:
    phases.enter("memory", 2)
    print("entered", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a schedule's file would be."""
    return tmp_path / "run" / "stress.json"


def left_behind(path: Path, text: bytes = b'{"phase": "cpu", "cycle": 1, "started_realtime_ns": 1}') -> None:
    """A file that nobody holds locked."""
    path.parent.mkdir()
    path.write_bytes(text)
    path.chmod(0o644)


def test_the_reader_sees_each_phase_as_it_begins(path: Path) -> None:
    """What was entered last is read, with its cycle and a start between the clock's readings before and after it."""
    with StressPhases(path) as phases:
        at_first = read(path)
        before = time.clock_gettime_ns(time.CLOCK_REALTIME)
        phases.enter("cpu+memory-bandwidth", 1)
        after = time.clock_gettime_ns(time.CLOCK_REALTIME)
        first = read(path)
        phases.enter("io", 12)
        second = read(path)

    assert at_first is None
    assert first is not None
    assert second is not None
    assert (first.phase, first.cycle, second.phase, second.cycle) == ("cpu+memory-bandwidth", 1, "io", 12)
    assert before <= first.started_realtime_ns <= after


def test_a_schedule_that_ended_says_nothing(path: Path) -> None:
    """After the schedule's end there is no phase, and none without a file either."""
    before = read(path)
    with StressPhases(path) as phases:
        phases.enter("cpu", 1)

    assert (before, read(path)) == (None, None)


def test_what_a_dead_schedule_left_counts_for_nothing(path: Path) -> None:
    """The phase is over at once when the schedule's process is killed, though its file still names it."""
    command = [sys.executable, "-c", SCHEDULE, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as schedule:
        assert schedule.stdout
        assert schedule.stdout.readline() == "entered\n"
        alive = read(path)
        os.kill(schedule.pid, signal.SIGKILL)
        schedule.wait()

    assert alive is not None
    assert alive.phase == "memory"
    assert json.loads(path.read_text())["phase"] == "memory"
    assert read(path) is None


def test_the_next_schedule_takes_over_what_a_dead_one_left(path: Path) -> None:
    """An old text is gone as soon as there is a new holder, however much longer it was."""
    left_behind(path, b"x" * 1000)

    with StressPhases(path) as phases:
        assert read(path) is None
        phases.enter("cpu", 1)
        assert read(path) is not None


def test_two_schedules_do_not_run_at_once(path: Path) -> None:
    """The second one is told, and the first one's phase stays."""
    with StressPhases(path) as phases:
        phases.enter("cpu", 1)
        with pytest.raises(BlockingIOError, match="another schedule runs"), StressPhases(path):
            pass
        assert read(path) is not None


def test_a_reader_does_not_keep_a_schedule_from_beginning(path: Path) -> None:
    """Readers lock the file too, but for a moment, which the writer waits for."""
    left_behind(path)
    reader = path.open()
    fcntl.flock(reader, fcntl.LOCK_SH)
    release = subprocess.Popen(["sleep", "0.1"], pass_fds=[reader.fileno()])
    reader.close()

    with release, StressPhases(path) as phases:
        phases.enter("cpu", 1)

        assert read(path) is not None


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    """Neither for reading nor for writing: it may point at anything."""
    path.parent.mkdir()
    target = tmp_path / "target"
    target.write_text("precious")
    path.symlink_to(target)

    with pytest.raises(OSError, match="symbolic links"):
        read(path)
    with pytest.raises(OSError, match="symbolic links"), StressPhases(path):
        pass
    assert target.read_text() == "precious"


@pytest.mark.parametrize("kind", ["writable", "fifo", "folder"])
def test_what_others_could_have_written_is_refused(path: Path, kind: str) -> None:
    """Only a plain file that its owner alone can write is read; a FIFO does not even block."""
    if kind == "writable":
        left_behind(path)
        path.chmod(0o666)
    elif kind == "fifo":
        path.parent.mkdir()
        os.mkfifo(path)
    else:
        path.mkdir(parents=True)

    with pytest.raises(PermissionError, match="only root or this user can write"):
        read(path)


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a file another user's; who may not do that becomes another user."""
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)


def test_another_users_file_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither reader nor writer takes somebody else's file."""
    left_behind(path)
    give_away(path, monkeypatch)

    with pytest.raises(PermissionError):
        read(path)
    with pytest.raises(PermissionError), StressPhases(path):
        pass


def test_another_users_folder_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner could put another file in the place of the schedule's."""
    path.parent.mkdir()
    give_away(path.parent, monkeypatch)

    with pytest.raises(PermissionError, match="folder"), StressPhases(path):
        pass


def test_a_phase_is_a_short_word(path: Path) -> None:
    """It becomes a label's value, so the writer refuses what the reader would refuse."""
    with StressPhases(path) as phases, pytest.raises(ValueError, match="is no phase"):
        phases.enter("CPU and more", 1)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"phase": "cpu", "cycle": 1}',
        b'{"phase": "cpu", "cycle": true, "started_realtime_ns": 1}',
        b'{"phase": "cpu", "cycle": 1, "started_realtime_ns": 1.5}',
        b'{"phase": "", "cycle": 1, "started_realtime_ns": 1}',
        b'{"phase": "cpu\\n", "cycle": 1, "started_realtime_ns": 1}',
        b'{"phase": "cpu", "cycle": 1, "started_realtime_n',
        b'{"phase": "cpu", "cycle": 1, "started_realtime_ns": 1}\0\0',
        b"[" * 3000,
    ],
)
def test_a_text_that_is_no_phase_is_refused(text: bytes) -> None:
    """A part of a phase, or anything else, is a ValueError."""
    with pytest.raises(ValueError, match="no phase"):
        parse(text)


@given(st.binary())
def test_any_text_is_a_phase_or_refused(text: bytes) -> None:
    """Nothing but ValueError comes out of it."""
    with suppress(ValueError):
        assert isinstance(parse(text), Phase)


def test_a_held_file_without_a_phase_is_an_error(path: Path) -> None:
    """A holder that writes something else is not taken for a schedule without a phase."""
    with StressPhases(path):
        path.write_text("{}")
        with pytest.raises(ValueError, match="no phase"):
            read(path)


def test_each_user_has_a_place_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's is below /run; others' in their runtime folder, or in one that carries their number."""
    monkeypatch.setattr(stress_phase.os, "geteuid", lambda: 0)
    root = default_path()
    monkeypatch.setattr(stress_phase.os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    user = default_path()
    monkeypatch.delenv("XDG_RUNTIME_DIR")

    assert str(root) == "/run/driftscope/stress.json"
    assert str(user) == "/run/user/1000/driftscope/stress.json"
    assert str(default_path()) == "/tmp/driftscope-1000/stress.json"


def test_the_lock_is_what_the_reader_waits_for(path: Path) -> None:
    """A schedule that begins later is seen by a reader that looked before."""
    command = [sys.executable, "-c", SCHEDULE, str(path)]
    assert read(path) is None
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as schedule:
        eventually("the schedule's phase is there", lambda: read(path) is not None)
        schedule.kill()
