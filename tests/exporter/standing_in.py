"""Programs that stand where a real one would, and do on demand what that does once in a year."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from exporter.stream import EndedError, Stream
from tests.exporter.made import LIMIT

CAPTURES = Path(__file__).parents[1] / "captures"

PRELUDE = """\
import os, signal, sys, time
from pathlib import Path
def say(text):
    sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode())
    sys.stdout.buffer.flush()
with open({started!r}, "a") as starts:
    print(os.getpid(), file=starts)
"""


def program(path: Path, does: str) -> Path:
    """An executable at ``path`` that does this in Python; it may use ``say``, which writes and flushes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    prelude = PRELUDE.format(started=str(starts(path)))
    path.write_text(f"#!{sys.executable} -ISE\n{prelude}{does}")
    path.chmod(0o755)
    return path


def starts(path: Path) -> Path:
    """The file in which a program notes its process at each start."""
    return path.with_suffix(".starts")


def started(path: Path) -> list[int]:
    """The processes that a program has been."""
    return [int(pid) for pid in starts(path).read_text().split()] if starts(path).exists() else []


def capture(name: str) -> bytes:
    """What a turbostat printed somewhere."""
    return (CAPTURES / "turbostat" / name).read_bytes()


def printing(name: str, interval: float = 0.2) -> str:
    """For ``program``: print a capture once in so many seconds, without end."""
    text = repr(capture(name))
    return f"while True:\n    say({text})\n    time.sleep({interval})\n"


@contextmanager
def streaming(path: Path, does: str, patience: float = LIMIT) -> Generator[Stream, None, None]:
    """The lines of a program that does this."""
    with closing(Stream([str(program(path, does)), "--flag"], time.monotonic_ns, patience)) as stream:
        yield stream


def line(stream: Stream) -> bytes:
    """The next line's text; there must be one."""
    got = stream.next(LIMIT)
    assert got is not None
    return got.text


def end(stream: Stream) -> EndedError:
    """What is raised when the program ends; the lines before it are dropped."""
    try:
        while True:
            line(stream)
    except EndedError as error:
        return error


def is_reaped(pid: int) -> bool:
    """Whether there is no such process any more."""
    return not Path(f"/proc/{pid}").exists()


def has_ended(pid: int) -> bool:
    """Whether a process has ended, though perhaps nobody has asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
