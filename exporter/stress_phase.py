"""The file in which a running stress schedule says which phase it is in: written by the schedule, read by a source.

It is a line of JSON, ``{"phase": "cpu", "cycle": 3, "started_realtime_ns": 1795460191203077383}``, and counts only
while its writer holds it locked (flock(2)): the kernel lets go of a lock when its holder dies, so that a dead
schedule's file says nothing. The writer keeps one file for all phases, and empties it before it writes the next one, so
that a reader sees a phase, another phase or nothing, but never a mixture.

Who may write it decides what is recorded: a link is not followed, and it has to belong to root or to the reader, and
not be writable by others.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import stat
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

LONGEST = 4096
"""Bytes of the file that are read."""

PHASE = re.compile(r"[a-z][a-z0-9_+-]{0,31}")

TRIES, PAUSE = 50, 0.01
"""How often, and seconds between, the writer asks for the lock: readers hold it too, for microseconds."""


@dataclass(frozen=True)
class Phase:
    """One phase of a schedule: its name, the cycle that it is in (from 1), and when it began on CLOCK_REALTIME."""

    phase: str
    cycle: int
    started_realtime_ns: int


def default_path() -> Path:
    """Where the file is for this user: below /run for root, else in a folder that is the user's alone."""
    if os.geteuid() == 0:
        return Path("/run/driftscope/stress.json")
    own = os.environ.get("XDG_RUNTIME_DIR")
    return Path(own, "driftscope", "stress.json") if own else Path(f"/tmp/driftscope-{os.geteuid()}/stress.json")


def read(path: Path) -> Phase | None:
    """The phase of the schedule that runs now, or None if none does.

    Raises:
        PermissionError: somebody else could have written it.
        ValueError: it is no phase.
        OSError: it cannot be read.

    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        _check_owner(fd, path)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(fd, LONGEST)
            return parse(text) if text else None
        return None  # and closing it gives the lock back
    finally:
        os.close(fd)


def parse(text: bytes) -> Phase:
    """The phase that the file's text is. Raises ValueError if it is none."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ValueError(f"no phase: {text[:64]!r}")
    fields = cast("dict[str, Any]", said)
    phase, cycle, started = (fields.get(name) for name in ("phase", "cycle", "started_realtime_ns"))
    if not (isinstance(phase, str) and PHASE.fullmatch(phase) and type(cycle) is int and type(started) is int):
        raise ValueError(f"no phase: {text[:64]!r}")
    return Phase(phase, cycle, started)


class StressPhases:
    """The writing half: a context manager that holds the file locked, and in which ``enter`` begins a phase.

    Raises BlockingIOError if another schedule holds it, and PermissionError if the file or its folder is not ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1

    def __enter__(self) -> StressPhases:
        """Take the file."""
        self.path.parent.mkdir(mode=0o755, exist_ok=True)
        folder = os.lstat(self.path.parent)
        if not stat.S_ISDIR(folder.st_mode) or folder.st_uid != os.geteuid() or folder.st_mode & 0o022:
            raise PermissionError(
                errno.EPERM, "not a folder that only its owner, this user, can write", str(self.path.parent)
            )
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        self._fd = os.open(self.path, flags, 0o644)
        try:
            _check_owner(self._fd, self.path)
            self._lock()
        except OSError:
            os.close(self._fd)
            raise
        os.truncate(self._fd, 0)
        return self

    def enter(self, phase: str, cycle: int) -> None:
        """A phase begins now; the one before ends."""
        if not PHASE.fullmatch(phase):
            raise ValueError(f"{phase!r} is no phase: {PHASE.pattern}")
        text = json.dumps(asdict(Phase(phase, cycle, time.clock_gettime_ns(time.CLOCK_REALTIME))))
        os.truncate(self._fd, 0)
        os.pwrite(self._fd, text.encode() + b"\n", 0)

    def __exit__(self, *exc: object) -> None:
        """No phase any more."""
        os.truncate(self._fd, 0)
        os.close(self._fd)

    def _lock(self) -> None:
        for left in reversed(range(TRIES)):
            try:
                return fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not left:
                    raise BlockingIOError(errno.EWOULDBLOCK, "another schedule runs", str(self.path)) from None
            time.sleep(PAUSE)
        return None


def _check_owner(fd: int, path: Path) -> None:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or found.st_uid not in (0, os.geteuid()) or found.st_mode & 0o022:
        raise PermissionError(errno.EPERM, "not a file that only root or this user can write", str(path))
