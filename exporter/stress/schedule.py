"""What a schedule is: phases of load with idle time after each, in cycles. Nothing here waits or loads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

KINDS = ("cpu", "memory", "disk")
"""What can be loaded. A phase is one of them, or several at once: ``cpu+memory``."""

IDLE = "idle"


class Step(NamedTuple):
    """A phase, the cycle that it is in (from 1), and its length in ns."""

    phase: str
    cycle: int
    length: int


@dataclass(frozen=True)
class Schedule:
    """``cycles`` times each of ``phases``: ``load`` ns of it, and ``idle`` ns after it."""

    phases: Sequence[str]
    load: int
    idle: int
    cycles: int

    def steps(self) -> Iterator[Step]:
        """All steps, in order."""
        for cycle in range(1, self.cycles + 1):
            for phase in self.phases:
                yield Step(phase, cycle, self.load)
                if self.idle:
                    yield Step(IDLE, cycle, self.idle)

    @property
    def length(self) -> int:
        """Nanoseconds from the first step's begin to the last one's end."""
        return self.cycles * len(self.phases) * (self.load + self.idle)


def phases(text: str) -> list[str]:
    """``cpu,memory,cpu+memory`` -> its phases, each kind at most once in one. Raises ValueError."""
    found = text.split(",")
    for phase in found:
        kinds = phase.split("+")
        if not set(kinds) <= set(KINDS) or len(set(kinds)) != len(kinds):
            raise ValueError(f"{phase!r} is not one of {', '.join(KINDS)}, or several of them joined by +")
    return found
