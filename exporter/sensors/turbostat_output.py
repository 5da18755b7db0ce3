"""What turbostat prints, as values: blocks, one an interval, of a header, a row of the whole machine and one a CPU.

Labels are the ids that are printed (a machine with one package prints no ``Package``); the row of the whole machine
becomes ``turbostat_system_...`` without labels.

Only the first CPU of a core has the core's columns, and only the first of a package has the package's: the others' rows
end before. So a row of a CPU can have one length only. If a number is lost, or glued to its neighbour, it has another
and is refused, as is a block whose header does not match its first row: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ..source import Number, Series, Value
from .turbostat_columns import CORE, CPU, LABELS, PACKAGE, Column, Unit, columns, glued, is_header

PARTS = {CPU: tuple(LABELS), CORE: ("Package", "Die", "Node", "Core"), PACKAGE: ("Package",)}
"""The columns that say which CPU, core or package a number is of."""

NUMBER = re.compile(rb"(-?(?:0|[1-9]\d{0,14}))(?:\.(\d{1,6}))?")
"""As turbostat prints them. Two glued ones would have a second point, or a leading zero."""

ID = re.compile(rb"-1|0|[1-9]\d{0,5}")

WHOLE_MACHINE = b"-"

Ids = tuple[bytes, ...]


@dataclass
class Block:
    """What the lines of one interval say, and why some of it was refused."""

    values: list[Value] = field(default_factory=list[Value])
    refused: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Header:
    """The names of a block's columns, and what they become.

    ``ids`` is where the columns are that say which CPU, core and package a number is of. ``fault`` is why the names
    cannot be those of the columns, if so.
    """

    names: tuple[str, ...]
    columns: Mapping[str, Column]
    ids: tuple[tuple[int, ...], ...]
    fault: str | None

    def ends(self, scope: int, length: int) -> bool:
        """Whether the row of the first CPU of a part of the machine may have so many columns: all and no others."""
        if scope == PACKAGE:
            return length == len(self.names)
        has = [self.columns[name].scope for name in self.names[:length] if name in self.columns]
        lacks = [self.columns[name] for name in self.names[length:] if name in self.columns]
        # What an unknown column is about was only taken from the one before it.
        return max(has, default=CPU) <= scope < min((column.scope for column in lacks if column.known), default=PACKAGE)


def header(line: bytes) -> Header | None:
    """The header that a line is, or None if it is none: rows have no capitals."""
    return _header(line) if re.search(rb"[A-Z]", line) else None


@lru_cache(maxsize=64)
def _header(line: bytes) -> Header | None:
    names = tuple(line.decode(errors="backslashreplace").split())
    if not is_header(names):
        return None
    ids = tuple(tuple(names.index(name) for name in PARTS[scope] if name in names) for scope in (CPU, CORE, PACKAGE))
    fault = next((f"{name} is two columns" for name in names if glued(name)), None)
    if len(set(names)) < len(names):
        fault = "two columns of one name"
    return Header(names, columns(names), ids, fault)


def parse(header: Header, lines: Sequence[bytes]) -> Block:
    """The values of the rows below a header."""
    block = Block()
    rows = [words for words in map(bytes.split, lines) if words]
    wrong = _mismatch(header, rows)
    if wrong:
        block.refused.append(wrong)
        return block
    seen: set[tuple[int, Ids]] = set()
    for row in rows if header.ids[CPU] else rows[:1]:  # of a machine with one CPU both rows say the same
        parts = [tuple(row[at] for at in ids if at < len(row)) for ids in header.ids]
        whole_machine = all(id == WHOLE_MACHINE for id in parts[CPU])
        reason = _refusal(header, row, parts, whole_machine, seen)
        if reason:
            block.refused.append(reason)
            continue
        seen.update([(CPU, parts[CPU])] if whole_machine else enumerate(parts))
        _add(block, header, row, _series(header.names, tuple(parts), whole_machine))
    return block


def number(text: bytes, unit: Unit) -> Number | None:
    """``99.96`` of percent is 0.9996: exact, divided once; None if it is no number, or no such thing can have it."""
    match = NUMBER.fullmatch(text)
    if not match:
        return None
    decimals = match[2] or b""
    digits, scale = int(match[1] + decimals), 10 ** len(decimals)
    if not unit.least * scale <= digits <= unit.most * scale:
        return None
    divisor = unit.divisor * scale
    return digits * unit.factor if divisor == 1 else digits * unit.factor / divisor


def _mismatch(header: Header, rows: Sequence[Sequence[bytes]]) -> str | None:
    """Why names and numbers cannot be told to belong together; None if they can."""
    longest = max(map(len, rows), default=0)
    if rows and not len(rows[0]) == longest == len(header.names):
        return f"{len(header.names)} names above {len(rows[0])} numbers, and up to {longest}"
    return header.fault


def _refusal(
    header: Header, row: Sequence[bytes], parts: Sequence[Ids], whole_machine: bool, seen: Collection[tuple[int, Ids]]
) -> str | None:
    """Why a row cannot be what turbostat means; None if it can. ``seen`` are CPUs, cores, packages of those before."""
    begins = b" ".join(row[:8])[:64].decode(errors="backslashreplace")
    if not whole_machine and not all(map(ID.fullmatch, parts[CPU])):
        return f"no row of a CPU: {begins}"
    if (CPU, parts[CPU]) in seen:
        return f"a CPU's second row: {begins}"
    first = PACKAGE
    if not whole_machine:
        first = CPU if (CORE, parts[CORE]) in seen else CORE if (PACKAGE, parts[PACKAGE]) in seen else PACKAGE
    return None if header.ends(first, len(row)) else f"a row of {len(row)} columns: {begins}"


def _add(block: Block, header: Header, row: Sequence[bytes], series: Sequence[tuple[int, Unit, Series]]) -> None:
    for at, unit, each in series:
        if at < len(row):
            value = number(row[at], unit)
            if value is None:
                block.refused.append(f"{header.names[at]} {row[at][:24].decode(errors='backslashreplace')}")
            else:
                block.values.append((each, value))


@lru_cache(maxsize=4096)
def _series(names: tuple[str, ...], parts: tuple[Ids, ...], whole_machine: bool) -> list[tuple[int, Unit, Series]]:
    """Index, unit and series of each column of one CPU's row."""
    found: list[tuple[int, Unit, Series]] = []
    for name, column in columns(names).items():
        printed = [LABELS[part] for part in PARTS[column.scope] if part in names]
        ids = {} if whole_machine else {label: id.decode() for label, id in zip(printed, parts[column.scope])}
        series = column.family(whole_machine).series(**ids, **dict(column.label))
        found.append((names.index(name), column.unit, series))
    return found
