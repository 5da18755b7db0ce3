"""A child program that streams lines, and ends, hangs or cannot be started."""

from __future__ import annotations

import errno
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from exporter import stream as stream_module
from exporter.stream import EndedError, Stream, ended
from tests.exporter.made import LIMIT, eventually
from tests.exporter.standing_in import end, is_reaped, line, started, streaming


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test's program is."""
    return tmp_path / "program"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs are started anew after 10 ms, 20 ms, then 40 ms each time."""
    monkeypatch.setattr(stream_module, "SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(stream_module, "LONGEST_PAUSE", 0.04)


def test_a_program_that_ends_is_an_error_with_its_stderr(path: Path) -> None:
    """Its status and what it said last are told; an unfinished line counts for nothing."""
    does = "say('half a li')\nsys.stderr.write('unknown flag: %s\\nsee --help\\n' % sys.argv[1])\nsys.exit(2)"
    with streaming(path, does) as stream:
        error = end(stream)

    assert error.errno == errno.ECHILD
    assert str(path) in str(error)
    assert "ended with status 2: unknown flag: --flag | see --help; started anew after 1 s" in str(error)


def test_lines_before_the_end_are_not_lost(path: Path) -> None:
    """What a program has said before it ended is read first."""
    with streaming(path, "say('one\\ntwo\\n')") as stream:
        assert [line(stream), line(stream)] == [b"one", b"two"]
        assert "nothing on stderr" in str(end(stream))


def test_a_long_stderr_is_cut_to_its_end(path: Path) -> None:
    """However much it says, it neither blocks nor fills the memory."""
    does = "sys.stderr.write('x' * 1000000 + 'the end')\nsys.stderr.flush()\nos.kill(os.getpid(), signal.SIGSEGV)"
    with streaming(path, does) as stream:
        error = str(end(stream))

    assert "ended by SIGSEGV: xxx" in error
    assert "xxxthe end;" in error
    assert len(error) < 3000


def test_it_pauses_before_it_is_started_anew(path: Path) -> None:
    """The pause doubles up to the longest; until it is over each read says the same error without waiting."""
    with streaming(path, "sys.exit(3)") as stream:
        first = end(stream)
        again = end(stream)
        pauses = [stream.pause]
        for _ in range(7):
            stream._start_at = 0  # the pause is over
            end(stream)
            pauses.append(stream.pause)

    assert again is first
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    assert len(started(path)) == 8


@pytest.mark.usefixtures("impatient")
def test_it_is_started_anew_after_the_pause(path: Path) -> None:
    """A program that died comes back by itself, as another process."""
    said: set[bytes] = set()
    with streaming(path, "say('%d\\n' % os.getpid())\nos.kill(os.getpid(), signal.SIGKILL)") as stream:

        def has_spoken_twice() -> bool:
            with suppress(EndedError):
                said.add(line(stream))
            return len(said) > 1

        eventually("it has spoken as two processes", has_spoken_twice)

    assert {int(pid) for pid in said} <= set(started(path))


def test_a_long_life_makes_the_pause_short_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who ran for longer than the longest pause is not punished for what was before."""
    monkeypatch.setattr(stream_module, "LONGEST_PAUSE", 0.2)
    with streaming(path, "say('one\\n')\ntime.sleep(0.4)") as stream:
        stream.pause = 0.2
        end(stream)

        assert stream.pause == stream_module.LONGEST_PAUSE
        assert "after 1 s" in str(stream._error)


def test_a_program_that_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    """It is tried again like one that ends."""
    with closing(Stream([str(tmp_path / "none")], time.monotonic_ns, LIMIT)) as stream:
        error = end(stream)

    assert "cannot be started: No such file or directory; started anew after 1 s" in str(error)


def test_a_silent_program_is_killed(path: Path) -> None:
    """One that hangs, even one that was stopped, is ended after its time and reaped."""
    with streaming(path, "say('one\\n')\nos.kill(os.getpid(), signal.SIGSTOP)", patience=0.5) as stream:
        assert line(stream) == b"one"
        error = str(end(stream))

    assert "killed, because it said nothing for 0.5 s" in error
    assert all(map(is_reaped, started(path)))


def test_a_program_that_closes_its_output_is_killed(path: Path) -> None:
    """There is nothing more to expect of it."""
    with streaming(path, "os.close(1)\ntime.sleep(600)") as stream:
        assert "ended by SIGKILL" in str(end(stream))


def test_how_a_program_ended_is_said_in_words() -> None:
    """Statuses are numbers, signals have names."""
    assert [ended(0), ended(127)] == ["ended with status 0", "ended with status 127"]
    assert [ended(-9), ended(-40)] == ["ended by SIGKILL", "ended by signal 40"]
