"""Files of /proc and /sys that are read every second: opened once, then read by ``os.pread``.

Opening costs several times what reading does, and a file that is kept open notices when its device
goes away (ENODEV) instead of silently becoming another device's.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .source import Absent, Number, PartlyReadError, Series, Value

NUMBER_SIZE = 64
"""More bytes than any 64-bit number takes; a file that has so many holds something else."""

LARGEST = 1 << 64
"""No kernel counts so far; what looks so large is no number, and would not fit a float64 when it is divided."""

GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.EBADF})
"""Errors that mean that the device went away, not that this reading of it failed."""


@dataclass
class KernelFile:
    """One file, opened at the first read. A failed read closes it, so that the next one opens it anew."""

    path: Path
    fd: int = field(default=-1, compare=False, repr=False)
    """The open file's descriptor, or -1."""

    def open(self) -> int:
        """Open the file, and return its descriptor."""
        self.fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        return self.fd

    def read(self) -> bytes:
        """The whole file, however long: /proc hands a long one out in pieces of about a page."""
        try:
            pieces: list[bytes] = []
            offset = 0
            fd = self.fd if self.fd >= 0 else self.open()
            while piece := os.pread(fd, 1 << 16, offset):
                pieces.append(piece)
                offset += len(piece)
        except OSError:
            self.close()
            raise
        return b"".join(pieces)

    def close(self) -> None:
        """Close the file; a later read opens it again."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


@dataclass
class WholeFile:
    """The reader of every source that is one file: ``values`` makes its text into values."""

    found: Mapping[str, Any]
    file: KernelFile
    values: Callable[[bytes], Iterable[Value]]
    cadence: int = 1
    beside = False

    def read(self) -> Iterable[Value]:
        """What the file says now."""
        return self.values(self.file.read())

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def whole_file(path: Path, values: Callable[[bytes], Iterable[Value]], **found: Any) -> WholeFile | Absent:
    """A reader of the file, if it is there."""
    return WholeFile(found, KernelFile(path), values) if path.exists() else Absent(f"no {path}")


@dataclass
class NumberFile:
    """A sysfs attribute that holds one integer, and the series it becomes.

    The value is the integer times ``factor``, an int, or that over ``divisor``, a float: 45000 with a
    divisor of 1000 is 45.0.
    """

    series: Series
    file: KernelFile
    factor: int = 1
    divisor: int = 1

    def read(self) -> Number:
        """The number. Raises OSError; text that is no integer is an EINVAL."""
        file = self.file
        try:
            text = os.pread(file.fd if file.fd >= 0 else file.open(), NUMBER_SIZE, 0)
        except OSError:
            file.close()
            raise
        number = integer(text) if len(text) < NUMBER_SIZE else None
        if number is None or abs(number) >= LARGEST:
            raise OSError(errno.EINVAL, "not an integer of 64 bits", str(file.path))
        if self.divisor != 1:
            return number * self.factor / self.divisor
        return number * self.factor


@dataclass
class NumberFiles:
    """The reader of every source that is a set of sysfs attributes, and of constants beside them.

    Two are equal when they read the same files into the same series: looking again at a machine that
    has not changed then keeps the open files.
    """

    found: Mapping[str, Any]
    numbers: list[NumberFile]
    constants: list[Value] = field(default_factory=list[Value])
    cadence: int = 1
    beside = False

    def read(self) -> Iterable[Value]:
        """All numbers. A device that went away is dropped; what fails otherwise is tried again."""
        values = list(self.constants)
        failed: list[tuple[NumberFile, OSError]] = []
        for number in self.numbers:
            try:
                values.append((number.series, number.read()))
            except OSError as error:
                failed.append((number, error))
        if failed:
            gone = {id(number) for number, error in failed if error.errno in GONE}
            self.numbers = [number for number in self.numbers if id(number) not in gone]
            raise PartlyReadError(values, [error for _, error in failed], vanished=bool(gone))
        return values

    def close(self) -> None:
        """Close every file."""
        for number in self.numbers:
            number.file.close()


def integer(text: bytes) -> int | None:
    """The integer that a file or word is, white space around it aside; None if it is something else."""
    if b"_" in text:  # which int() would take for a thousands separator
        return None
    try:
        return int(text)
    except ValueError:
        return None


def integers(text: bytes) -> list[int]:
    """The integers in a line of a kernel file, or none of them if one is not an integer."""
    if b"_" in text:
        return []
    try:
        numbers = [int(word) for word in text.split()]
    except ValueError:
        return []
    return numbers if numbers and min(numbers) > -LARGEST and max(numbers) < LARGEST else []


def attribute(path: Path) -> str | None:
    """The text of a sysfs attribute without its newline, or None if it cannot be read."""
    try:
        return path.read_bytes().decode(errors="backslashreplace").strip()
    except OSError:
        return None


def readable(path: Path) -> bool:
    """Whether the file can be opened: access(2) would not count capabilities that a process was given."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def listing(folder: Path) -> Iterable[Path]:
    """What is in a folder, in a stable order (hwmon2 before hwmon10); nothing if it is not there."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [folder / name for name in sorted(names, key=_natural)]


def _natural(name: str) -> tuple[str, int, str]:
    stem = name.rstrip("0123456789")
    return (stem, int(name[len(stem) :] or -1), name)
