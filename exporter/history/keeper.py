"""Keeps samples in a thread of its own: the tick never waits for a disk, and a full one costs no sample at once.

What cannot be kept waits in memory, within bounds, is served from there, and is tried again every second.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..host import Host
from ..sample import Sample
from ..source import Family, Value
from . import numbering, store
from .block import BrokenBlockError
from .numbering import Numbering
from .place import Lock, prepared
from .store import Held, Store

log = logging.getLogger("driftscope.exporter")

SECOND = 1_000_000_000

SYNC_EVERY = 5.0
"""Seconds after which what was kept is brought to the disk itself: loss of power costs no more."""

WAITING = 600
"""Samples that wait in memory while the disk does not take them; then the oldest are lost."""

AGAIN = 1.0
"""Seconds until what failed is tried again."""

BUSY = 2.0
"""Seconds that a question waits for a store that hangs."""

SAMPLES = Family("driftscope_history_samples", "gauge", "Samples that the history holds.")
BYTES = Family("driftscope_history_bytes", "gauge", "Size of the history.")
LIMIT = Family("driftscope_history_limit_bytes", "gauge", "Size that the history does not exceed.")
OLDEST = Family(
    "driftscope_history_oldest_timestamp_seconds", "gauge", "When the oldest sample of the history was taken."
)
ERRORS = Family(
    "driftscope_history_errors_total", "counter", "Samples that could not be kept at once, and reads that failed."
)


class BusyError(Exception):
    """The store has not answered in time."""


@dataclass(frozen=True)
class Limits:
    """Where the history lies (None: in memory), for how many samples, and in how many bytes."""

    folder: Path | None
    most_samples: int
    most_bytes: int


class Keeper:
    """Of one history, from its making until ``close``. Raises HistoryError if there can be none."""

    def __init__(self, limits: Limits, host: Host, interval: int) -> None:
        self.limits = limits
        self._host, self._interval = host, interval
        self._lock_file = Lock(prepared(limits.folder)) if limits.folder else None
        self._store, self.numbering = self._open()
        self._lock = threading.Lock()
        self._held = self._store.held
        self._size = self._store.size
        self._errors = 0
        self._complained = False
        self._waiting: deque[Sample] = deque(maxlen=WAITING)
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="history")
        self._thread.start()

    def keep(self, sample: Sample, patience: float) -> None:
        """Have it kept; returns when it is, or when so many seconds have passed."""
        deadline = time.monotonic() + patience
        with self._changed:
            self._waiting.append(sample)
            self._changed.notify_all()
            while sample in self._waiting and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)

    def after(self, sequence: int, most: int) -> tuple[Held | None, list[Sample]]:
        """What there is, and the samples that follow a number, oldest first. Raises BusyError."""
        with self._changed:
            waiting = [sample for sample in self._waiting if sample.sequence > sequence]
        if not self._lock.acquire(timeout=BUSY):
            raise BusyError
        try:
            held = self._store.held
            kept = list(self._store.after(sequence, most))
        except (sqlite3.Error, BrokenBlockError) as error:
            self._failed("could not be read", error)
            held, kept = self._held, []
        finally:
            self._lock.release()
        known = {sample.sequence for sample in kept}
        samples = [*kept, *(sample for sample in waiting if sample.sequence not in known)][:most]
        if waiting and held:
            held = held._replace(newest=max(held.newest, waiting[-1].sequence))
        return held, samples

    def values(self) -> Sequence[Value]:
        """How it is, for the next sample."""
        held = self._held
        values: list[Value] = [
            (SAMPLES.series(), held.samples if held else 0),
            (BYTES.series(), self._size),
            (LIMIT.series(), self.limits.most_bytes),
            (ERRORS.series(), self._errors),
        ]
        return [*values, (OLDEST.series(), held.oldest_time / SECOND)] if held else values

    def close(self) -> None:
        """Keep what waits, if that can be done now, note that this is a clean end, and let go of the folder."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        try:
            self._store.write_meta(clean=not self._waiting)
            self._store.sync()
        except sqlite3.Error as error:
            self._failed("could not be closed well", error)
        self._store.close()
        if self._lock_file:
            self._lock_file.release()

    def _open(self) -> tuple[Store, Numbering]:
        """The store, and where numbering goes on; a broken one is set aside, and numbering starts anew."""
        try:
            opened = self._opened()
            held = opened.held
            meta = opened.meta()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and self.limits.folder is None:
                raise
            self._set_aside(error)
            opened, held, meta = self._opened(), None, {}
        if "epoch" in meta:
            now = numbering.moment(self._host, 0, self._interval)
            goes_on = numbering.after(meta, held.newest if held else 0, now)
        else:
            goes_on = numbering.new()
        opened.write_meta(epoch=goes_on.epoch, clean=False)
        return opened, goes_on

    def _opened(self) -> Store:
        return store.opened(self.limits.folder, self.limits.most_samples, self.limits.most_bytes)

    def _set_aside(self, error: Exception) -> None:
        """Give a broken file another name, of which there is only one, so that nothing grows."""
        assert self.limits.folder, "what is in memory does not break"
        for suffix in ("", "-wal", "-shm"):
            file = self.limits.folder / f"history.sqlite{suffix}"
            if file.exists():
                file.replace(self.limits.folder / f"history.broken.sqlite{suffix}")
        log.warning(
            "the history was broken (%s) and is now %s; a new one begins",
            error,
            self.limits.folder / "history.broken.sqlite",
        )

    def _run(self) -> None:
        synced = time.monotonic()
        while True:
            with self._changed:
                while not (self._waiting or self._closing):
                    self._changed.wait()
                waiting, closing = list(self._waiting), self._closing
            kept = self._keep_all(waiting)
            if closing:
                return
            if kept and time.monotonic() - synced >= SYNC_EVERY:
                self._sync()
                synced = time.monotonic()
            elif not kept:
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, AGAIN)

    def _keep_all(self, samples: Sequence[Sample]) -> bool:
        """Keep samples, oldest first; False if one could not be kept."""
        for sample in samples:
            try:
                with self._lock:
                    moment = numbering.moment(self._host, sample.sequence, self._interval)
                    self._store.add(sample, numbering.described(moment))
                    self._held, self._size = self._store.held, self._store.size
            except (sqlite3.Error, BrokenBlockError) as error:
                self._failed("does not take samples, which wait in memory", error)
                return False
            with self._changed:
                if self._waiting and self._waiting[0] is sample:
                    self._waiting.popleft()
                self._changed.notify_all()
        if self._complained and samples:
            self._complained = False
            log.info("the history takes samples again")
        return True

    def _sync(self) -> None:
        try:
            with self._lock:
                self._store.sync()
        except sqlite3.Error as error:
            self._failed("could not be brought to the disk", error)

    def _failed(self, what: str, error: Exception) -> None:
        """Count it, and say it once until it works again."""
        self._errors += 1
        if not self._complained:
            self._complained = True
            log.warning("the history %s: %s", what, error)
