"""The machine as a source sees it: where its files are, and how its clocks are read.

Everything that a source may touch comes through a ``Host``, so that a frozen tree with frozen clocks
gives the same answer every time, and a container can be pointed at the machine that it runs on.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry

from .events import Events

SIZEOF_TIMEX = 208
"""Bytes of ``struct timex`` on every 64-bit Linux, its padding included (linux/timex.h)."""


def adjtimex() -> tuple[int, bytes]:
    """The kernel's clock state (0 to 5) and its ``struct timex``, changing nothing (adjtimex(2)).

    ``modes = 0`` needs no capability, though some containers' seccomp filters refuse even that.

    Raises:
        OSError: the kernel or a container's filter refused.

    """
    timex = ctypes.create_string_buffer(SIZEOF_TIMEX)
    state = _libc.adjtimex(timex)
    if state < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno), "adjtimex")
    return state, timex.raw


_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Host:
    """Where to read, with what rights, and by which calls.

    ``clock_ns`` takes a clock id and returns integer nanoseconds (clock_gettime(2)).
    ``registry`` is the prometheus-client registry whose collectors are read as one source.
    ``options`` are the sources' flags by name, those that were given. ``events`` is what happened.
    """

    sysfs: Path = Path("/sys")
    procfs: Path = Path("/proc")
    devfs: Path = Path("/dev")
    root_sensors: bool = True
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    events: Events = field(default_factory=Events)
    clock_ns: Callable[[int], int] = time.clock_gettime_ns
    adjtimex: Callable[[], tuple[int, bytes]] = adjtimex
    registry: CollectorRegistry = REGISTRY
