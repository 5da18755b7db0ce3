"""One source over time: its reader, what it read last, and how it fares. It never raises.

What goes wrong with a source is kept here and becomes series and inventory; nobody else hears of it.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .host import Host
from .source import Absent, Detailed, PartlyReadError, Reader, Source, Taken, Value

log = logging.getLogger("driftscope.exporter")

BUDGET = 100
"""Reading a source may take a hundredth of the time. One that takes more is read less often."""

RAREST = 60
"""But at least once in so many samples, unless it says so itself."""

PROVEN = 3
"""The quickest of its last so many reads is what a source costs: the slower ones waited for somebody else."""

QUICK = 20
"""A source that hung and since then took less than a twentieth of the time is read in the tick again."""


@dataclass(eq=False)
class Watched:
    """A source and the state of it. Times are CLOCK_MONOTONIC_RAW nanoseconds.

    ``interval`` is the time between samples. ``busy`` is true while a call into the source lasts: one that stays so
    has hung. ``values`` are of the last read, and empty if it failed.
    """

    name: str
    source: Source
    host: Host
    interval: int
    reader: Reader | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    absent: str = "not looked for yet"
    up: bool = False
    busy: bool = False
    beside: bool = False
    """Whether it is read in a thread of its own: because it says that it takes long, or because it hung."""
    look_again: bool = True
    values: Sequence[Value] = ()
    samples_left: int = 0
    """How many samples to let pass before it is read again."""
    duration: int = 0
    last_success: int = 0
    """When the reading of ``values`` began, or when somebody else took them (Taken)."""
    last_error: str | None = None
    errors: Counter[str] = field(default_factory=Counter[str])
    """How often reading failed, by the error's class: ``EIO``, ``ValueError``, ``Hung``."""
    _costs: deque[int] = field(default_factory=lambda: deque[int](maxlen=PROVEN))

    def look(self) -> None:
        """Look for the source on this machine; an unchanged one keeps its open files."""
        self.busy, self.look_again = True, False
        try:
            self._take(self.source.find(self.host))
        except Exception as error:  # a source's fault must cost only that source
            self._failed(error)
            self.absent = f"looking for it failed: {error}"
        self.busy = False

    def _take(self, found: Reader | Absent) -> None:
        if isinstance(found, Absent):
            if self.reader:
                log.info("source %s is gone: %s", self.name, found.reason)
                self.reader.close()
            self.reader, self.absent = None, found.reason
        elif found == self.reader:
            found.close()
        else:
            if self.reader:
                log.info("source %s has changed", self.name)
                self.reader.close()
            self.reader, self.beside, self.samples_left = found, found.beside, 0
            self._costs.clear()
            self.details = found.details() if isinstance(found, Detailed) else {}

    @property
    def due(self) -> bool:
        """Whether it is to be read in this sample."""
        return self.reader is not None and not self.busy and not self.samples_left

    @property
    def cadence(self) -> int:
        """It is read once in so many samples: as often as it says, or as seldom as it must for what it costs."""
        if self.reader is None or self.reader.beside or not self._costs:
            return self.reader.cadence if self.reader else 1
        bearable = -(-min(self._costs) * BUDGET // self.interval)  # rounded up
        return max(self.reader.cadence, min(bearable, RAREST))

    def stands(self, now: int) -> bool:
        """Whether its values are part of a sample made now.

        What is read beside the tick stands until it was read again, but no longer than twice the time that takes.
        """
        longest = 2 * (self.cadence * self.interval + self.duration)
        return self.up and not (self.beside and now - self.last_success > longest)

    def read_beside(self) -> None:
        """Begin to read it in a thread of its own."""
        self.busy = True
        # A daemon, because one that hangs in the kernel would otherwise keep the process from ending.
        threading.Thread(target=self.read, name=f"reading {self.name}", daemon=True).start()

    def read(self) -> None:
        """Read the source's values, or find out that they cannot be read."""
        assert self.reader, "only what was found is read"
        self.busy = True
        values: Sequence[Value] = ()
        up = False
        began = at = self._now()
        try:
            read = self.reader.read()
            values, at = (read.values, read.at) if isinstance(read, Taken) else (list(read), began)
            up = True
        except PartlyReadError as partly:
            values, up, at = partly.values, bool(partly.values), partly.at or began
            for error in partly.errors:
                self._failed(error)
            self.look_again |= partly.vanished
        except Exception as error:  # a source's fault must cost only that source
            self.look_again = True
            self._failed(error)
        self.duration = self._now() - began
        self._costs.append(self.duration)
        if up:
            self.last_success = at
        if self.duration * QUICK < self.interval:
            self.beside = self.reader.beside
        self.values, self.up = values, up
        self.busy = False

    def hung(self) -> None:
        """Note that the current call did not return in time. From now on it is read beside the tick."""
        self.beside, self.up, self.values = True, False, ()
        self.absent = "looking for it did not return in time"
        self.errors["Hung"] += 1
        self.last_error = "did not return in time"
        log.warning("source %s hangs; going on without it", self.name)

    def _failed(self, error: Exception) -> None:
        kind = errno_name(error) if isinstance(error, OSError) else type(error).__name__
        if not self.errors[kind]:
            log.warning("source %s: %s", self.name, error)
        self.errors[kind] += 1
        self.last_error = str(error)

    def _now(self) -> int:
        return self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)


def errno_name(error: OSError) -> str:
    """``EIO`` for errno 5; the class's name if there is no errno."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
