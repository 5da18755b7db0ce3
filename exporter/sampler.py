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
from .source import Family, Source, Value
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
AGE = Family("driftscope_source_age_seconds", "gauge", "Time since the source was last read successfully.")
ERRORS = Family(
    "driftscope_source_errors_total",
    "counter",
    "Values or reads of the source that failed, by class of the error.",
)


@dataclass
class Sampler:
    """Reads ``sources`` of ``host``. Not for use by several threads at once."""

    host: Host
    sources: Mapping[str, Source]
    epoch: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    sequence: int = 0
    missed: int = 0
    watched: list[Watched] = field(init=False)

    def __post_init__(self) -> None:
        """Look for all sources."""
        self._worker = Worker()
        self.watched = [Watched(name, source, self.host) for name, source in self.sources.items()]
        self._run(self.watched, Watched.look, PATIENCE_LOOKING)

    def sample(self, tick: Tick) -> Sample:
        """Read every source now."""
        started = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)
        time_ns = self.host.clock_ns(time.CLOCK_REALTIME)
        due = [each for each in self.watched if each.reader and not each.busy and not each.samples_left]
        standing = [each for each in self.watched if each.samples_left and each.up]
        current = [*self._run(due, Watched.read, PATIENCE), *standing]
        finished = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)

        self.sequence += 1
        self.missed += tick.missed
        values = dict(self._own(current, tick, started, finished))
        for watched in self.watched:
            watched.samples_left = max(0, watched.samples_left - 1)
            if watched in current:
                values.update(watched.values)
        return Sample(self.sequence, time_ns, tuple(values), tuple(values.values()))

    def look_again(self) -> None:
        """Look for sources that failed, and for one other in turn. For the spare time after a sample."""
        due = [watched for watched in self.watched if watched.look_again]
        turn, rest = divmod(self.sequence * len(self.watched), LOOK_AGAIN_EVERY)
        if rest < len(self.watched):
            due.append(self.watched[turn % len(self.watched)])
        self._run([watched for watched in due if not watched.busy], Watched.look, PATIENCE)

    def close(self) -> None:
        """Close every reader; the sampler is not used afterwards."""
        self._worker.close()
        for watched in self.watched:
            if watched.reader and not watched.busy:
                watched.reader.close()

    def _own(self, current: Sequence[Watched], tick: Tick, started: int, now: int) -> list[Value]:
        values: list[Value] = [
            (BUILD.series(version=__version__), 1),
            (EPOCH.series(epoch=self.epoch), 1),
            (SEQUENCE.series(), self.sequence),
            (DURATION.series(), (now - started) / SECOND),
            (TICK_ERROR.series(), tick.error / SECOND),
            (MISSED.series(), self.missed),
        ]
        for watched in self.watched:
            labels = {"source": watched.name}
            if watched.reader:
                values.append((UP.series(**labels), int(watched in current and watched.up)))
                values.append((SOURCE_DURATION.series(**labels), watched.duration / SECOND))
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
