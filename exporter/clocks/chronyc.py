"""Asks chronyd by starting ``chronyc -c -n``, where neither its port nor its socket is open to us (chronyc(1)).

A start costs 2 ms, twenty times what a question over the protocol does, and frequencies are printed to 0.001 ppm only.
What is not wholly as chronyc prints it is refused.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .chrony_reports import CLIENT, PEER, REFERENCE_CLOCK, SourceData, SourceReport, SourceStats, Tracking

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds after which chronyc is ended. It gives up by itself after seven if chronyd does not answer."""

NEVER = 0xFFFF_FFFF
MODES = {"^": CLIENT, "=": PEER, "#": REFERENCE_CLOCK}
STATES = {"*": "sync", "?": "unreach", "x": "falseticker", "~": "jittery", "+": "candidate", "-": "outlier"}
LEAPS = {"Normal": 0, "Insert second": 1, "Delete second": 2, "Not synchronised": 3}

NAME, INTEGER, NUMBER = r"([^,\n]*)", r"([0-9]{1,10})", r"(-?[0-9]{1,15}\.[0-9]{1,9})"
TRACKING = re.compile(
    ",".join(["([0-9A-F]{8})", NAME, INTEGER, r"([0-9]{1,10})\.([0-9]{9})", *[NUMBER] * 9, f"({'|'.join(LEAPS)})"])
)
SOURCES = re.compile(
    ",".join(["([#^=])", "([*?x~+-])", NAME, INTEGER, "(-?[0-9]{1,2})", "([0-3]?[0-7]{1,2})", INTEGER, *[NUMBER] * 3])
)
SOURCESTATS = re.compile(",".join([NAME, *[INTEGER] * 3, *[NUMBER] * 4]))


def tracking(line: str) -> Tracking | None:
    """What a line of ``tracking`` says; None if it is no such line."""
    match = TRACKING.fullmatch(line)
    if not match:
        return None
    reference_id, name, stratum, seconds, nanoseconds, *numbers, leap = match.groups()
    time = int(seconds) * 1_000_000_000 + int(nanoseconds)
    return Tracking(int(reference_id, 16), _address(name), int(stratum), LEAPS[leap], time, *map(float, numbers))


def source_data(line: str) -> tuple[str, SourceData] | None:
    """What a line of ``sources`` says of which name; None if it is no such line."""
    match = SOURCES.fullmatch(line)
    if not match:
        return None
    mode, state, name, stratum, poll, reachability, age, *numbers = match.groups()
    address = _reference_clock(name) if MODES[mode] == REFERENCE_CLOCK else _address(name)
    offset, measured, error = map(float, numbers)
    since = None if int(age) == NEVER else int(age)
    reached = int(reachability, 8)
    if not address or abs(int(poll)) > 31:
        return None
    return name, SourceData(
        address, int(poll), int(stratum), STATES[state], MODES[mode], reached, since, measured, offset, error
    )


def sourcestats(line: str) -> tuple[str, SourceStats] | None:
    """What a line of ``sourcestats`` says of which name; None if it is no such line."""
    match = SOURCESTATS.fullmatch(line)
    if not match:
        return None
    name, samples, runs, span, *numbers = match.groups()
    frequency, skew, offset, deviation = map(float, numbers)
    return name, SourceStats(
        None,
        _address(name),
        int(samples),
        int(runs),
        int(span),
        deviation,
        frequency,
        skew,
        offset,
        offset_error=None,
    )


@dataclass
class Chronyc:
    """The program at this path. It is started by each question."""

    program: str
    _running: subprocess.Popen[bytes] | None = field(default=None, compare=False, repr=False)
    _closed: bool = field(default=False, compare=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    beside = True

    @property
    def found(self) -> dict[str, Any]:
        """How it is started."""
        return {"asked": "chronyc", "command": [self.program, "-c", "-n"]}

    def tracking(self) -> Tracking:
        """How the clock is steered."""
        parsed, refused = self._lines("tracking", tracking)
        if len(parsed) != 1 or refused:
            raise OSError(errno.EBADMSG, f"{len(parsed)} lines of tracking", self.program)
        return parsed[0]

    def sources(self) -> tuple[Sequence[SourceReport], Sequence[OSError]]:
        """All sources, and the lines that were refused."""
        sources, refused = self._lines("sources", source_data)
        stats, refused_too = self._lines("sourcestats", sourcestats)
        by_name = dict(stats)
        return [SourceReport(data, by_name.get(name)) for name, data in sources], [*refused, *refused_too]

    def close(self) -> None:
        """End chronyc if it runs, and start it no more."""
        with self._lock:
            self._closed = True
            if self._running:
                self._running.kill()

    def _lines(self, report: str, parse: Callable[[str], T | None]) -> tuple[list[T], list[OSError]]:
        lines = self._run(report).decode("ascii", "replace").splitlines()
        parsed = [(line, parse(line)) for line in lines]
        refused = [
            OSError(errno.EBADMSG, f"not a line of {report}: {line}", self.program) for line, it in parsed if not it
        ]
        return [it for _, it in parsed if it], refused

    def _run(self, report: str) -> bytes:
        """What chronyc prints. It says on stdout, too, what went wrong."""
        command = [self.program, "-c", "-n", report]
        with self._lock:
            if self._closed:
                raise OSError(errno.ESHUTDOWN, "closed", self.program)
            self._running = process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"}
            )
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise TimeoutError(errno.ETIMEDOUT, f"has not ended within {PATIENCE:g} s", self.program) from None
        finally:
            process.kill()
            process.communicate()
        if process.returncode:
            reason = said.decode(errors="backslashreplace").strip()
            raise OSError(errno.EPROTO, f"ended with status {process.returncode}: {reason}", self.program)
        return said


def _address(name: str) -> str:
    """The name if it is an address, else nothing: it is then the text of a reference id."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name)
        except (OSError, ValueError):
            continue
        return name
    return ""


def _reference_clock(name: str) -> str:
    """The address under which chronyd keeps a reference clock: the four letters of its id."""
    letters = name.encode("ascii", "replace").ljust(4, b"\0")
    return socket.inet_ntop(socket.AF_INET, letters) if len(letters) == 4 and name else ""
