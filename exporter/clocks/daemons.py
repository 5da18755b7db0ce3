"""Which daemons that discipline a clock run, from /proc/PID/stat (proc(5)), without starting or asking any."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

CHRONYD, NTPD, TIMESYNCD, OPENNTPD = "chronyd", "ntpd", "systemd-timesyncd", "openntpd"

COMMANDS = {b"chronyd": CHRONYD, b"ntpd": NTPD, b"systemd-timesyn": TIMESYNCD}
"""The name that the kernel has for each, of which it keeps 15 letters."""

OPENNTPD_TITLE = b"ntpd: "
"""OpenNTPD is an ntpd to the kernel, but its processes other than the first call themselves ``ntpd: ntp engine``."""


class Process(NamedTuple):
    """A process: one of its number that started at another time is another. ``start`` is in ticks since boot."""

    pid: int
    parent: int
    command: bytes
    start: int


class Daemon(NamedTuple):
    """A daemon by its name, and its first process."""

    name: str
    process: Process


def parse(text: bytes) -> Process | None:
    """What /proc/PID/stat says; None if it is no such line, or of a process that has ended."""
    head, _, tail = text.rpartition(b") ")
    pid, _, command = head.partition(b" (")
    fields = tail.split()
    if len(fields) < 21 or fields[0] in (b"Z", b"X"):
        return None
    numbers = [field for field in (pid, fields[1], fields[19]) if field.isdigit() and len(field) < 20]
    return Process(int(pid), int(fields[1]), command, int(fields[19])) if len(numbers) == 3 else None


def process(procfs: Path, pid: int) -> Process | None:
    """The process of this number, or None if there is none."""
    try:
        return parse((procfs / str(pid) / "stat").read_bytes())
    except OSError:
        return None


def running(procfs: Path, *names: str) -> Sequence[Daemon]:
    """The daemons that run, or those of them with these names: of several processes of one, the first."""
    try:
        pids = [int(name) for name in os.listdir(procfs) if name.isdecimal()]
    except OSError:
        return []
    found: dict[str, Process] = {}
    processes = [each for pid in pids if (each := process(procfs, pid)) and each.command in COMMANDS]
    for each in sorted(processes, key=lambda process: (process.start, process.pid), reverse=True):
        found[COMMANDS[each.command]] = each
    if any(each.command == b"ntpd" and _is_openntpd(procfs, each.pid) for each in processes):
        found[OPENNTPD] = found.pop(NTPD)
    return [Daemon(name, found[name]) for name in sorted(found) if not names or name in names]


def _is_openntpd(procfs: Path, pid: int) -> bool:
    try:
        return (procfs / str(pid) / "cmdline").read_bytes().startswith(OPENNTPD_TITLE)
    except OSError:
        return False
