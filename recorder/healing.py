"""Fetches what was missed from the nodes' histories, beside the live questions and without delaying one of them.

A few threads serve the whole fleet. A node that is down, or has no history, is asked ever more rarely; one that
answers is asked again after a pause of half the time that its answer took, so that it has a third for itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import requests

from .connection import NOT_HTTP, Refused
from .history import History, NoHistoryError
from .missing import Missing
from .parse import Page
from .targets import Target

THREADS = 4
LIMIT = 600
"""Samples in one answer, at most; a node has a limit of its own."""

PAUSE = 0.05
"""Seconds between two questions to one node, at least."""

IDLE = 0.2
"""Seconds until it is looked again what is missing, if nothing was."""

RETRY, RETRY_AT_MOST = 1.0, 60.0
"""Seconds after a question that brought nothing; twice as many after each further one."""

WITHOUT_HISTORY = 300.0
"""Seconds after which a node that had no history is asked whether it has one now."""

ON_THEIR_WAY = 8_000_000
"""Numbers that may have been fetched and not yet been taken in: 64 MB."""

LEAVE = 1.0
"""Seconds for which an answer under way is awaited at the end."""


@dataclass(frozen=True)
class Healed:
    """Samples of one epoch out of a node's history, by sequence, in order."""

    target: Target
    epoch: str
    samples: dict[int, Page]

    @property
    def numbers(self) -> int:
        """How many numbers they hold."""
        return sum(len(page.values) for page in self.samples.values())


@dataclass(frozen=True)
class Unhealed:
    """A question to a history that brought nothing; ``reason`` is one of a few words to count by."""

    target: Target
    reason: str


@dataclass
class Patient:
    """A node whose samples are missing now and then. Times are time.monotonic()."""

    target: Target
    missing: Missing
    history: History
    due: float = 0.0
    asked: float = 0.0
    retry: float = RETRY
    limit: int = LIMIT
    being_asked: bool = False
    has_history: bool = True


@dataclass
class Healer:
    """Asks for what the nodes' ``Missing`` lack from ``start`` until ``stop``, and gives it to ``deliver``."""

    deliver: Callable[[Healed | Unhealed], None]
    patients: dict[str, Patient] = field(default_factory=dict[str, Patient])
    _on_their_way: int = 0
    _mutex: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def start(self, nodes: Iterable[tuple[Target, Missing]]) -> None:
        """Begin to ask, in threads of its own."""
        self.patients = {target.node: Patient(target, missing, History(target)) for target, missing in nodes}
        for number in range(min(THREADS, len(self.patients))):
            # Daemons, because a node that drips its headers byte by byte could keep the program from ending.
            thread = threading.Thread(target=self._run, name=f"heal {number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Ask no more; what an answer under way brings is not delivered after this."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(LEAVE)

    def back(self, node: str) -> None:
        """The node answers again: ask it now, and not when its turn would come."""
        if patient := self.patients.get(node):
            patient.due, patient.retry = 0.0, RETRY

    def taken_in(self, healed: Healed) -> None:
        """What was delivered is no longer on its way."""
        with self._mutex:
            self._on_their_way -= healed.numbers

    def open(self, node: str) -> int:
        """How many samples of a node are missing that its history may still hold."""
        patient = self.patients.get(node)
        return patient.missing.open if patient and patient.has_history else 0

    def _run(self) -> None:
        while not self._stopping.is_set():
            patient = self._next()
            if patient is None:
                self._stopping.wait(IDLE)
                continue
            try:
                self._ask(patient)
            finally:
                patient.being_asked = False

    def _next(self) -> Patient | None:
        """The node that waits longest, of those that are due and not being asked."""
        with self._mutex:
            if self._on_their_way > ON_THEIR_WAY:
                return None
            now = time.monotonic()
            due = [
                one
                for one in self.patients.values()
                if not one.being_asked and one.due <= now and not one.missing.complete
            ]
            patient = min(due, key=lambda one: one.asked, default=None)
            if patient:
                patient.asked, patient.being_asked = now, True
            return patient

    def _ask(self, patient: Patient) -> None:
        question = patient.missing.next(patient.limit)
        if question is None:
            return
        begin = time.monotonic()
        try:
            answer = patient.history.ask(*question)
        except NoHistoryError:
            patient.has_history, patient.due = False, begin + WITHOUT_HISTORY
            return
        except (Refused, *NOT_HTTP) as error:
            self._failed(patient, error)
            return
        end = time.monotonic()
        patient.has_history = True
        new = patient.missing.answered(question[0], answer)
        if new:
            self._bring(Healed(patient.target, answer.epoch, {sequence: answer.samples[sequence] for sequence in new}))
            patient.due, patient.retry, patient.limit = end + max(PAUSE, (end - begin) / 2), RETRY, LIMIT
        elif not patient.missing.complete:  # the newest sample may not be in the history yet
            self._later(patient)
        if patient.missing.complete:
            patient.history.close()

    def _bring(self, healed: Healed) -> None:
        with self._mutex:
            self._on_their_way += healed.numbers
        self.deliver(healed)

    def _failed(self, patient: Patient, error: Exception) -> None:
        """Ask later, and for less: perhaps it was too much for the time."""
        patient.limit = max(1, patient.limit // 2)
        self._later(patient)
        if isinstance(error, Refused):
            reason = error.args[0]
        elif isinstance(error, requests.Timeout):
            reason = "timeout"
        else:
            reason = "connection" if isinstance(error, requests.ConnectionError) else "http"
        self.deliver(Unhealed(patient.target, reason))

    def _later(self, patient: Patient) -> None:
        patient.due = time.monotonic() + patient.retry
        patient.retry = min(RETRY_AT_MOST, 2 * patient.retry)
