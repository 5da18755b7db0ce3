"""Makes one Sample a tick out of all sources, and says how each of them fares.

A source that raises, hangs or lies costs its own series and nothing else.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from . import __version__
from .host import Host
from .sample import Sample
from .source import Family, Number, Series, Source, Value
from .tick import SECOND, Tick
from .watched import Watched
from .worker import Worker

PATIENCE = 0.25
"""Seconds that all sources together may take to read before the one that is at it counts as hung."""

PATIENCE_LOOKING = 2.0
"""Seconds that looking for a source may take: once at the start, and beside the tick later."""

LOOK_AGAIN_EVERY = 60
"""Each source is looked for again once in so many samples, for hardware that was added."""

BUILD = Family("driftscope_build_info", "info", "Version of this exporter.")
EPOCH = Family(
    "driftscope_sample_epoch_info",
    "info",
    "Identity of this numbering of samples; changes only when it starts anew.",
)
SEQUENCE = Family("driftscope_sample_sequence", "gauge", "Number of this sample; goes up by one per sample.")
DURATION = Family("driftscope_sample_duration_seconds", "gauge", "How long reading this sample took.")
TICK_ERROR = Family("driftscope_tick_error_seconds", "gauge", "How late the tick woke, against CLOCK_REALTIME.")
MISSED = Family("driftscope_ticks_missed_total", "counter", "Ticks that could not be kept.")
UP = Family("driftscope_source_up", "gauge", "Whether the source could be read for this sample (1) or not (0).")
SOURCE_DURATION = Family("driftscope_source_duration_seconds", "gauge", "How long reading the source last took.")
AGE = Family("driftscope_source_age_seconds", "gauge", "Time since the source's last successful read began.")
CADENCE = Family("driftscope_source_cadence_samples", "gauge", "The source is read once in so many samples.")
ERRORS = Family(
    "driftscope_source_errors_total",
    "counter",
    "Values or reads of the source that failed, by class of the error.",
)
APPEARED = Family("driftscope_series_appeared_total", "counter", "Series that came, after the first sample.")
VANISHED = Family("driftscope_series_vanished_total", "counter", "Series that went.")
CHANGED = Family(
    "driftscope_series_changed_timestamp_seconds",
    "gauge",
    "When a series last came or went, on CLOCK_REALTIME.",
)


@dataclass
class Sampler:
    """Reads ``sources`` of ``host``, once in ``interval`` ns. Not for use by several threads at once."""

    host: Host
    sources: Mapping[str, Source]
    interval: int = SECOND
    epoch: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    sequence: int = 0
    missed: int = 0
    more: Callable[[], Sequence[Value]] = tuple
    """Values of the exporter's own that somebody else knows."""
    watched: list[Watched] = field(init=False)

    def __post_init__(self) -> None:
        """Look for all sources."""
        self._worker = Worker()
        self._series = Comings()
        self.watched = [Watched(name, source, self.host, self.interval) for name, source in self.sources.items()]
        self._run(self.watched, Watched.look, PATIENCE_LOOKING)

    def sample(self, tick: Tick) -> Sample:
        """Read every source that is due now."""
        started = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)
        time_ns = self.host.clock_ns(time.CLOCK_REALTIME)
        due = [each for each in self.watched if each.due]
        for each in due:
            if each.beside:
                each.read_beside()
        self._run([each for each in due if not each.beside], Watched.read, PATIENCE)
        finished = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)

        self.sequence += 1
        self.missed += tick.missed
        current = [each for each in self.watched if each.stands(finished)]
        read: dict[Series, Number] = {}
        for each in current:
            read.update(each.values)
        self._series.note(tuple(read), time_ns)
        values = {**dict(self._own(current, tick, started, finished)), **read}
        for each in self.watched:
            each.samples_left = each.cadence - 1 if each in due else max(0, each.samples_left - 1)
        return Sample(self.sequence, time_ns, tuple(values), tuple(values.values()))

    def wait_for_slow(self, patience: float) -> bool:
        """Wait for what is being read beside the tick, for so many seconds at most; False if there is nothing."""
        slow = [each for each in self.watched if each.beside]
        deadline = time.monotonic() + patience
        while any(each.busy for each in slow) and time.monotonic() < deadline:
            time.sleep(0.01)
        return bool(slow)

    def look_again(self) -> None:
        """Look for sources that failed, and for one other in turn. For the spare time after a sample."""
        due = [watched for watched in self.watched if watched.look_again]
        turn, rest = divmod(self.sequence * len(self.watched), LOOK_AGAIN_EVERY)
        if rest < len(self.watched):
            due.append(self.watched[turn % len(self.watched)])
        self._run([watched for watched in due if not watched.busy], Watched.look, PATIENCE)

    def close(self) -> None:
        """Close every reader but those that hang; the sampler is not used afterwards."""
        self._worker.close()
        for watched in self.watched:
            if watched.reader and (watched.reader.beside or not watched.busy):
                watched.reader.close()

    def _own(self, current: Sequence[Watched], tick: Tick, started: int, now: int) -> list[Value]:
        values: list[Value] = [
            (BUILD.series(version=__version__), 1),
            (EPOCH.series(epoch=self.epoch), 1),
            (SEQUENCE.series(), self.sequence),
            (DURATION.series(), (now - started) / SECOND),
            (TICK_ERROR.series(), tick.error / SECOND),
            (MISSED.series(), self.missed),
            *self._series.values(),
            *self.more(),
        ]
        for watched in self.watched:
            labels = {"source": watched.name}
            if watched.reader:
                values.append((UP.series(**labels), int(watched in current and watched.up)))
                values.append((SOURCE_DURATION.series(**labels), watched.duration / SECOND))
                values.append((CADENCE.series(**labels), watched.cadence))
            if watched.last_success:
                values.append((AGE.series(**labels), (now - watched.last_success) / SECOND))
            for error, count in list(watched.errors.items()):  # one that hung may come back and add to it
                values.append((ERRORS.series(**labels, error=error), count))
        return values

    def _run(self, watched: Sequence[Watched], call: Callable[[Watched], None], patience: float) -> Sequence[Watched]:
        """Do ``call`` for all, and return those that came back; who does not in time is left behind."""
        back: list[Watched] = []
        while watched:
            done = self._worker.run([partial(call, each) for each in watched], patience)
            back += watched[:done]
            if done < len(watched):
                watched[done].hung()
                self._worker.close()
                self._worker = Worker()
            watched = watched[done + 1 :]
        return back


@dataclass
class Comings:
    """Counts series that come and go from one sample to the next: sensors that were plugged, failed or were lost."""

    appeared: int = 0
    vanished: int = 0
    changed: int = 0
    _last: tuple[Series, ...] | None = None

    def note(self, series: tuple[Series, ...], time_ns: int) -> None:
        """The series of the newest sample, made at this time on CLOCK_REALTIME."""
        before, self._last = self._last, series
        if before is None or before == series:
            return
        appeared, vanished = len({*series} - {*before}), len({*before} - {*series})
        self.appeared += appeared
        self.vanished += vanished
        if appeared or vanished:
            self.changed = time_ns

    def values(self) -> list[Value]:
        """Both counts, and when the last of them rose."""
        counts: list[Value] = [(APPEARED.series(), self.appeared), (VANISHED.series(), self.vanished)]
        return [*counts, (CHANGED.series(), self.changed / SECOND)] if self.changed else counts
