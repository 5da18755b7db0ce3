"""A child program that runs beside the tick and streams lines, each stamped when it arrived: turbostat, say.

It is started by the first ``next``, without a shell and in a process group of its own. A thread takes its lines, so
that they are stamped when they come and the program never waits for us. One that ends, closes its output or says
nothing for too long is killed with its group, reaped, and started anew after a pause; what it said is in the error.

It does not outlive the exporter, even one that was killed: nobody else holds the other ends of its pipes, so its next
line ends it by SIGPIPE. PR_SET_PDEATHSIG would end it at once, but has to be set by Python code between fork and exec,
which is not safe in a process with threads, and follows the death of the thread that forked.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

LONGEST_LINE = 1 << 14
"""Bytes of a line. A longer one is dropped whole: a part of it could look like another line."""

MOST_LINES = 1 << 14
"""Lines that wait to be asked for; the oldest are dropped first."""

KEPT_STDERR = 1 << 11
"""The last so many bytes of stderr are kept."""

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a program is started anew: doubled each time, until it has run for longer than the longest."""

REAPING = 2.0
"""Seconds that ``close`` waits for a killed program, which may be stuck in the kernel."""


class Line(NamedTuple):
    """A line without its newline, and when it arrived by the stream's clock."""

    text: bytes
    at: int


class EndedError(OSError):
    """The program ended, or could not be started; says how, and what it said on stderr."""


class Stream:
    """The lines of a program. ``next`` is for one thread at a time; ``close`` may be called by any.

    ``clock_ns`` stamps the lines. A program that says nothing for ``patience`` seconds counts as hung.
    """

    def __init__(self, command: Sequence[str], clock_ns: Callable[[], int], patience: float) -> None:
        self.command, self.clock_ns, self.patience = command, clock_ns, patience
        self.pause = SHORTEST_PAUSE
        self._start_at = 0.0
        self._error = EndedError(errno.ENOENT, "not started yet", command[0])
        self._run: _Run | None = None
        self._closed = False
        self._lock = threading.Lock()

    def next(self, timeout: float) -> Line | None:
        """The next line, or None if none comes for so many seconds. Starts the program, unless it pauses.

        Raises:
            EndedError: the program has ended; raised again, without waiting, until the pause is over.

        """
        run = self._run or self._start()
        line = run.next(timeout)
        if line is None and run.end is not None and not run.lines:
            self._ended(run.end, lasted=time.monotonic() - run.started)
            raise self._error
        return line

    def close(self) -> None:
        """End the program and reap it; a ``next`` that is under way raises EndedError."""
        with self._lock:
            self._closed, run = True, self._run
        if run:
            run.close()

    def _start(self) -> _Run:
        with self._lock:
            if self._closed:
                raise EndedError(errno.ESHUTDOWN, "closed", self.command[0])
            if time.monotonic() < self._start_at:
                raise self._error
            try:
                self._run = run = _Run(self.command, self.clock_ns, self.patience)
            except OSError as error:
                self._ended(f"cannot be started: {error.strerror}", lasted=0)
                raise self._error from error
            return run

    def _ended(self, end: str, lasted: float) -> None:
        """Forget a run, and choose when to start the next one."""
        if lasted > LONGEST_PAUSE:
            self.pause = SHORTEST_PAUSE
        self._error = EndedError(errno.ECHILD, f"{end}; started anew after {self.pause:g} s", self.command[0])
        self._start_at = time.monotonic() + self.pause
        self.pause = min(2 * self.pause, LONGEST_PAUSE)
        self._run = None


class _Run:
    """The program from its start to its end."""

    def __init__(self, command: Sequence[str], clock_ns: Callable[[], int], patience: float) -> None:
        pipe = subprocess.PIPE
        # stdin too, open and empty: a turbostat of 2018 takes the end of it for a key press, and never sleeps again.
        self._process = subprocess.Popen(
            command, 0, None, pipe, pipe, pipe, env={**os.environ, "LC_ALL": "C"}, start_new_session=True
        )
        self._clock_ns, self._patience = clock_ns, patience
        self.started = time.monotonic()
        self.lines: deque[Line] = deque(maxlen=MOST_LINES)
        self.end: str | None = None
        """How it ended; None while it runs."""
        self._stderr = b""
        # On some Pythons a wait for it moves with a clock step (see tick.py), but ends with the thread's next news.
        self._news = threading.Condition()
        # A daemon, because a program that is stuck in the kernel would otherwise keep the process from ending.
        threading.Thread(target=self._take, name=f"reading {os.path.basename(command[0])}", daemon=True).start()

    def next(self, timeout: float) -> Line | None:
        """The next line; None if there is none after so many seconds, or no more to come."""
        with self._news:
            self._news.wait_for(lambda: self.lines or self.end is not None, timeout)
            return self.lines.popleft() if self.lines else None

    def close(self) -> None:
        """Kill it, and wait until it is reaped."""
        self._kill()
        with self._news:
            self._news.wait_for(lambda: self.end is not None, REAPING)

    def _kill(self) -> None:
        with self._news:  # one that was reaped may have left its number to another process
            if self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _take(self) -> None:
        """Take all that it says until it ends; then reap it."""
        with self._process as process:
            stdout, stderr = (pipe.fileno() for pipe in (process.stdout, process.stderr) if pipe)
            os.set_blocking(stderr, False)
            hung = self._take_lines(stdout, stderr)
            self._kill()
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            self._take_stderr(stderr)
            with self._news:
                status = process.wait()
        said = self._stderr.decode(errors="backslashreplace").strip().replace("\n", " | ")
        with self._news:
            self.end = f"{hung or ended(status)}: {said or 'nothing on stderr'}"
            self._news.notify_all()

    def _take_lines(self, stdout: int, stderr: int) -> str:
        """Take lines until there are no more; says why, unless it is because the program has ended."""
        rest, too_long = b"", False
        poll = select.poll()  # select ends at descriptor 1023
        poll.register(stdout, select.POLLIN)
        poll.register(stderr, select.POLLIN)
        while ready := dict(poll.poll(self._patience * 1000)):
            if stderr in ready and not self._take_stderr(stderr):
                poll.unregister(stderr)
            if stdout in ready:
                chunk = os.read(stdout, 1 << 16)
                if not chunk:
                    return ""
                at = self._clock_ns()
                *lines, rest = (rest + chunk).split(b"\n")
                del lines[:too_long]  # the first one is the end of a longer one
                too_long = len(rest) > LONGEST_LINE or (too_long and b"\n" not in chunk)
                rest = b"" if too_long else rest
                with self._news:
                    self.lines.extend(Line(line, at) for line in lines if len(line) <= LONGEST_LINE)
                    self._news.notify_all()
        return f"killed, because it said nothing for {self._patience:g} s"

    def _take_stderr(self, fd: int) -> bool:
        """Take what is there; False if there will be no more."""
        try:
            chunk = os.read(fd, 1 << 16)
        except BlockingIOError:
            return True
        self._stderr = (self._stderr + chunk)[-KEPT_STDERR:]
        return bool(chunk)


def ended(status: int) -> str:
    """``ended with status 1`` or ``ended by SIGKILL``, of a status as subprocess gives it."""
    names = {known.value: known.name for known in signal.Signals}
    return f"ended with status {status}" if status >= 0 else f"ended by {names.get(-status, f'signal {-status}')}"
