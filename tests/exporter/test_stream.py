"""A child program that streams lines: every one is a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from exporter import stream as stream_module
from exporter.stream import LONGEST_LINE, EndedError
from tests.exporter.made import LIMIT, eventually
from tests.exporter.programs import ROOT
from tests.exporter.standing_in import end, has_ended, is_reaped, line, program, started, streaming


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test's program is."""
    return tmp_path / "program"


def test_lines_come_in_order_with_the_time_of_their_arrival(path: Path) -> None:
    """A line is stamped when it comes, however late it is asked for."""
    with streaming(path, "say('one\\ntw')\ntime.sleep(0.3)\nsay('o\\n')\ntime.sleep(60)") as stream:
        first = stream.next(LIMIT)
        time.sleep(0.6)
        asked = time.monotonic_ns()
        second = stream.next(LIMIT)

    assert first is not None
    assert second is not None
    assert (first.text, second.text) == (b"one", b"two")
    assert first.at < second.at < asked


def test_it_is_started_by_the_first_read(path: Path) -> None:
    """A stream that nobody reads starts nothing, and closing it is nothing."""
    with streaming(path, "") as stream:
        assert stream.next is not None

    assert started(path) == []


def test_silence_is_no_line(path: Path) -> None:
    """Whoever waits gets None when the time is up, and the line when it is there."""
    with streaming(path, "say('one\\n')\ntime.sleep(60)") as stream:
        assert line(stream) == b"one"
        assert stream.next(0.01) is None
        assert stream.next(0) is None


def test_a_line_without_end_is_dropped_whole(path: Path) -> None:
    """No part of it is taken for a line, and those around it are not lost."""
    does = f"say(b'one\\n' + b'x' * {9 * LONGEST_LINE})\ntime.sleep(0.1)\nsay(b'tail\\ntwo\\n')\n"
    long = f"say(b'y' * {LONGEST_LINE + 1} + b'\\n' + b'z' * {LONGEST_LINE} + b'\\n')\ntime.sleep(60)"
    with streaming(path, does + long) as stream:
        assert [line(stream) for _ in range(3)] == [b"one", b"two", b"z" * LONGEST_LINE]


def test_of_too_many_lines_the_newest_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that nobody listens to does not fill the memory, and never has to wait."""
    monkeypatch.setattr(stream_module, "MOST_LINES", 10)
    done = path.with_suffix(".done")
    does = (
        f"say('first\\n')\ntime.sleep(0.3)\nsay(''.join('%d\\n' % n for n in range(50000)))\nopen({str(done)!r}, 'w')\n"
    )
    with streaming(path, does + "time.sleep(60)") as stream:
        assert line(stream) == b"first"
        eventually("it could say all", done.exists)
        eventually("all was taken", lambda: stream._run is not None and stream._run.lines[-1].text == b"49999")

        assert line(stream) == b"49990"


def test_closing_ends_it_and_what_it_started(path: Path) -> None:
    """The whole process group is killed, even if it was told to ignore what can be ignored."""
    child = (
        "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    )
    with streaming(path, child + "say('%d\\n' % child.pid)\ntime.sleep(600)") as stream:
        pids = [int(line(stream)), *started(path)]

    assert is_reaped(pids[1])
    eventually("its child has ended", lambda: has_ended(pids[0]))


def test_closing_ends_a_read_that_is_under_way(path: Path) -> None:
    """Whoever waits for a line is told at once, and nothing is started any more."""
    raised: list[EndedError] = []
    with streaming(path, "say('one\\n')\ntime.sleep(600)") as stream:
        assert line(stream) == b"one"
        reading = threading.Thread(target=lambda: raised.append(end(stream)))
        reading.start()
        time.sleep(0.05)
    reading.join(LIMIT)

    assert "ended by SIGKILL" in str(raised[0])
    with pytest.raises(EndedError, match="closed"):
        stream.next(LIMIT)


def test_stdin_is_open_and_empty(path: Path) -> None:
    """To a program that looks for key presses there are none: neither a key nor the end of its input."""
    with streaming(path, "import select\nsay('%s\\n' % select.select([0], [], [], 0.2)[0])\ntime.sleep(60)") as stream:
        assert line(stream) == b"[]"


def test_no_other_child_keeps_the_pipes_open(path: Path) -> None:
    """A child that was started meanwhile does not inherit them, so that a dead exporter's program notices."""
    with streaming(path, "say('one\\n')\ntime.sleep(60)") as stream:
        line(stream)
        assert stream._run
        process = stream._run._process
        ours = {f"pipe:[{os.fstat(pipe.fileno()).st_ino}]" for pipe in (process.stdin, process.stdout) if pipe}
        command = ["ls", "-l", "/proc/self/fd"]
        other = subprocess.run(command, capture_output=True, text=True, check=True, close_fds=False)

    assert len(ours) == 2
    assert not ours & set(other.stdout.split())


EXPORTER = """
import sys, time
from exporter.stream import Stream
stream = Stream([sys.argv[1]], time.monotonic_ns, 60)
print(stream.next(60).text.decode(), flush=True)
time.sleep(600)
"""


def test_it_does_not_outlive_a_killed_exporter(path: Path) -> None:
    """One whose exporter was killed ends when it has something to say."""
    program(path, "while True:\n    say('%d\\n' % os.getpid())\n    time.sleep(0.05)")
    command = [sys.executable, "-c", EXPORTER, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as exporter:
        assert exporter.stdout
        pid = int(exporter.stdout.readline())
        assert not has_ended(pid)
        os.kill(exporter.pid, signal.SIGKILL)

    eventually("its program has ended", lambda: has_ended(pid))
