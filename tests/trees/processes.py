"""Processes, as /proc shows them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.trees.files import write


def stat(pid: int, command: str, start: int, *, parent: int = 1, state: str = "S") -> str:
    """/proc/PID/stat: ``start`` is in ticks since boot."""
    return f"{pid} ({command}) {state} {parent} 1 1 0 -1 4194560 1000 0 0 0 12 34 0 0 20 0 1 0 {start} 9 9 9 9 9 9"


def start(root: Path, pid: int, command: str, start: int, *, parent: int = 1, title: str = "") -> None:
    """A process that started at this tick; ``title`` is its command line."""
    line = stat(pid, command, start, parent=parent)
    write(root / "proc" / str(pid), {"stat": line, "cmdline": title or f"/usr/sbin/{command}"})


def end(root: Path, pid: int) -> None:
    """There is no such process any more."""
    shutil.rmtree(root / "proc" / str(pid))
