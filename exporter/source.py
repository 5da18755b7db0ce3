"""The contract between a source and everything else.

A *source* is a module with one function, ``find(host)``. It looks at the machine and answers with a
``Reader`` that is asked for values once a second, or with ``Absent`` and the reason, which is no
error. ``sensors/loadavg.py`` is the smallest one; ``sources.py`` lists them all.

A value that could not be read is not in what ``read`` returns: never 0, never the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, Union, cast, runtime_checkable
from weakref import WeakValueDictionary

from .host import Host

Number = Union[int, float]
"""An int is exact whatever its size, and is written without a decimal point; a float never is."""


@dataclass(frozen=True)
class Family:
    """What all series of one metric name share.

    ``name`` is the name as Prometheus stores it, so a counter's ends in ``_total`` and an info's in
    ``_info``. ``type`` is ``gauge``, ``counter``, ``info`` or ``unknown``. ``help`` states meaning, unit and,
    where a value can be negative, the sign.
    """

    name: str
    type: str
    help: str

    def series(self, **labels: str) -> Series:
        """The one series of this family with these labels; equal calls give the same object."""
        key = (self, tuple(sorted(labels.items())))
        known = _interned.get(key)
        if known is None:
            known = _interned[key] = Series(*key)
        return known


@dataclass(frozen=True, eq=False)
class Series:
    """One number over time: a family and sorted label pairs. Made by ``Family.series`` only.

    Compared by identity, which is what makes comparing two samples' thousand series cheap.
    """

    family: Family
    labels: tuple[tuple[str, str], ...]


_interned: WeakValueDictionary[tuple[Family, tuple[tuple[str, str], ...]], Series]
_interned = WeakValueDictionary()

Value = tuple[Series, Number]

T = TypeVar("T")


@dataclass(frozen=True)
class Option(Generic[T]):
    """A flag of one source, as ``--cpuidle.cpus-per-socket 2``; its module lists it in ``OPTIONS``.

    ``parse`` makes a value of the text, and raises ValueError saying what it expects; without it the flag is a switch.
    """

    name: str
    default: T
    help: str
    metavar: str = ""
    parse: Callable[[str], T] | None = None

    def of(self, host: Host) -> T:
        """What was said on the command line, or else the default."""
        return cast("T", host.options.get(self.name, self.default))


def at_least_one(text: str) -> int:
    """For ``Option.parse``: a whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{text!r} is not a whole number from 1 on")
    return int(text)


@dataclass(frozen=True)
class Taken:
    """Values that were taken earlier: by a program that runs beside the tick, say.

    ``at`` is when, on CLOCK_MONOTONIC_RAW; integer nanoseconds.
    """

    values: Sequence[Value]
    at: int


@dataclass(frozen=True)
class Absent:
    """This machine has none of what the source reads, and why; shown by ``--inventory``."""

    reason: str


class PartlyReadError(Exception):
    """Some of a reader's values could be read and some could not.

    ``values`` are those that could. ``errors`` are the others' failures. ``vanished`` says that a part of
    the machine went away, so that the source should be looked for again. ``at`` is as in Taken.
    """

    def __init__(
        self, values: Sequence[Value], errors: Sequence[OSError], vanished: bool, at: int | None = None
    ) -> None:
        super().__init__(f"{len(errors)} of {len(values) + len(errors)} values: {errors[0]}")
        self.values = values
        self.at = at
        self.errors = errors
        self.vanished = vanished


class Reader(Protocol):
    """What ``find`` found: kept between samples, so that its files can stay open."""

    @property
    def found(self) -> Mapping[str, Any]:
        """What there is to read, for the inventory: JSON types only."""
        ...

    @property
    def cadence(self) -> int:
        """It is read once in so many samples. Between, its values stand, and their age is published."""
        ...

    @property
    def beside(self) -> bool:
        """Whether it takes long, and is read in a thread of its own beside the tick; its age is published."""
        ...

    def read(self) -> Iterable[Value] | Taken:
        """Read everything now. Raises PartlyReadError, or anything else if nothing could be read."""
        ...

    def close(self) -> None:
        """Close every file. The reader is not used afterwards. One that is read beside the tick may be at it."""
        ...


@runtime_checkable
class Detailed(Protocol):
    """A reader that knows more, at the cost of reading it: limits and alarms, say."""

    def details(self) -> Mapping[str, Any]:
        """More for the inventory; asked for once, when the reader was found."""
        ...


class Source(Protocol):
    """A module under clocks/ or sensors/. The first paragraph of its docstring goes into the inventory.

    One that has flags lists them in ``OPTIONS``.
    """

    __doc__: str | None

    def find(self, host: Host, /) -> Reader | Absent:
        """Look at the machine. Cheap enough to be repeated once a minute; reads no sensor."""
        ...


def options(source: Source) -> Sequence[Option[Any]]:
    """The source's flags."""
    return getattr(source, "OPTIONS", ())
