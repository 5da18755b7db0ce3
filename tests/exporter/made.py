"""Sources made for a test: each reads what a function says, and hangs, fails or vanishes as that does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from exporter.host import Host
from exporter.sample import Sample
from exporter.source import Absent, Family, Number, Reader, Taken, Value
from exporter.tick import Tick
from tests.exporter.reading import by_series

TICK = Tick(due=0, error=0, missed=0)

LIMIT = 60
"""Seconds after which what is waited for is not going to happen."""


@dataclass
class Made:
    """A reader of whatever ``values`` returns, and the source that finds it."""

    values: Callable[[], Iterable[Value] | Taken]
    cadence: int = 1
    found: Mapping[str, Any] = field(default_factory=dict)
    beside: bool = False
    closed: bool = False

    def find(self, host: Host) -> Reader | Absent:
        """Itself."""
        return self

    def read(self) -> Iterable[Value] | Taken:
        """What ``values`` returns; it raises what that raises."""
        return self.values()

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


@dataclass
class Finding:
    """A source that finds whatever ``find`` returns."""

    find: Callable[[Host], Reader | Absent]


def gauge(name: str, number: Number = 1) -> Value:
    """One value of a gauge without labels."""
    return Family(name, "gauge", f"The {name}.").series(), number


def steady(*names: str) -> Made:
    """A source of gauges that are 1."""
    return Made(lambda: [gauge(name) for name in names])


def raising(error: Exception) -> Made:
    """A source that cannot be read."""

    def read() -> Iterable[Value]:
        raise error

    return Made(read)


@dataclass
class Hanging:
    """A file that hangs its reader until ``release``, which gives the hung one a number and later ones another."""

    path: Path

    def __post_init__(self) -> None:
        os.mkfifo(self.path)

    def source(self, name: str, cadence: int = 1) -> Made:
        """A source that reads the file's number."""
        return Made(lambda: [gauge(name, int(self.path.read_text()))], cadence)

    def release(self, late: int, then: int) -> None:
        """Let the one who hangs read ``late``, and whoever comes after it ``then``."""
        writer = os.open(self.path, os.O_WRONLY)
        fresh = self.path.with_suffix(".then")
        fresh.write_text(str(then))
        fresh.replace(self.path)
        os.write(writer, str(late).encode())
        os.close(writer)


def values(sample: Sample) -> dict[str, Number]:
    """A sample's values by their series as text."""
    return by_series(zip(sample.series, sample.values))


def eventually(what: str, condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {LIMIT} s: {what}")
        time.sleep(0.005)
