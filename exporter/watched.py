"""One source over time: its reader, what it read last, and how it fares. It never raises.

What goes wrong with a source is kept here and becomes series and inventory; nobody else hears of it.
"""

from __future__ import annotations

import errno
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .host import Host
from .source import Absent, PartlyReadError, Reader, Source, Value

log = logging.getLogger("driftscope.exporter")


@dataclass(eq=False)
class Watched:
    """A source and the state of it. Times are CLOCK_MONOTONIC_RAW nanoseconds.

    ``busy`` is true while a call into the source lasts: one that stays so has hung. ``values`` are of the last
    read, and empty if it failed.
    """

    name: str
    source: Source
    host: Host
    reader: Reader | None = None
    absent: str = "not looked for yet"
    up: bool = False
    busy: bool = False
    look_again: bool = True
    values: Sequence[Value] = ()
    samples_left: int = 0
    """How many samples to let pass before it is read again (Reader.cadence)."""
    duration: int = 0
    last_success: int = 0
    last_error: str | None = None
    errors: Counter[str] = field(default_factory=Counter[str])
    """How often reading failed, by the error's class: ``EIO``, ``ValueError``, ``Hung``."""

    def look(self) -> None:
        """Look for the source on this machine; an unchanged one keeps its open files."""
        self.busy, self.look_again = True, False
        try:
            found = self.source.find(self.host)
        except Exception as error:  # a source's fault must cost only that source
            self._failed(error)
            self.absent = f"looking for it failed: {error}"
        else:
            self._take(found)
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
            self.reader, self.samples_left = found, 0

    def read(self) -> None:
        """Read the source's values, or find out that they cannot be read."""
        assert self.reader, "only what was found is read"
        self.busy, self.values, self.samples_left = True, (), self.reader.cadence
        started = self._now()
        try:
            self.values = list(self.reader.read())
            self.up = True
        except PartlyReadError as partly:
            self.values, self.up = partly.values, bool(partly.values)
            for error in partly.errors:
                self._failed(error)
            self.look_again |= partly.vanished
        except Exception as error:  # a source's fault must cost only that source
            self.up, self.look_again = False, True
            self._failed(error)
        finished = self._now()
        self.duration = finished - started
        if self.up:
            self.last_success = finished
        self.busy = False

    def hung(self) -> None:
        """Note that the current call did not return in time; its values will not be used."""
        self.up, self.values, self.samples_left = False, (), 0  # whatever its cadence, it is read anew when it is back
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
