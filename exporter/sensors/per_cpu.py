"""Tables with a column for each CPU that is online: /proc/interrupts and /proc/softirqs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..files import integers

HEADING = re.compile(rb"\s*CPU\d+(\s+CPU\d+)*\s*")


class Row(NamedTuple):
    """One row: its name, the numbers of the CPUs, a count for each, and the words that follow."""

    name: str
    cpus: tuple[str, ...]
    counts: list[int]
    rest: tuple[str, ...]


def parse(text: bytes) -> Iterable[Row]:
    """Rows that have a count for every CPU of the heading; others (``ERR``, ``MIS``) are left out."""
    heading, _, rows = text.partition(b"\n")
    if not HEADING.fullmatch(heading):
        return
    cpus = tuple(word[3:].decode() for word in heading.split())
    for line in rows.splitlines():
        name, colon, rest = line.partition(b":")
        words = rest.split(None, len(cpus))
        counts = integers(b" ".join(words[: len(cpus)]))
        if colon and len(counts) == len(cpus) and min(counts) >= 0:
            said = b" ".join(words[len(cpus) :]).split()
            yield Row(_text(name.strip()), cpus, counts, tuple(map(_text, said)))


def _text(word: bytes) -> str:
    return word.decode(errors="backslashreplace")
