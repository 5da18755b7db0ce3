"""The journal: what was received and is not yet Parquet, on disk before it counts (docs/formats/journal.md).

Records are collected in memory and written and synced together by ``commit``, for all nodes at once: one sync a second
holds a thousand nodes. If the disk is full, nothing is lost: what could not be written stays collected and is tried
again, until there is more of it than ``MEMORY`` allows.
"""

from __future__ import annotations

import json
import logging
import os
import struct
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import NamedTuple

from .durable import sync_folder
from .node_clock import Offset
from .parse import Layout, Page, Series

log = logging.getLogger("driftscope.recorder")

MAGIC = b"\xd7DSJ"
LAYOUT, SAMPLE = 1, 2
HEAD = struct.Struct("<4sB3xII")
SAMPLE_HEAD = struct.Struct("<IIqqq")
UNKNOWN = -1
MEMORY = 512 << 20
"""Bytes that may wait for a disk that cannot take them."""

LONGEST = 1 << 30
"""No record is longer; a length beyond this is damage."""


class Position(NamedTuple):
    """Where a record is: segment number and offset in it."""

    segment: int
    offset: int


@dataclass(frozen=True)
class Stored:
    """One sample as the journal holds it. ``second`` is its grid second, in seconds since 1970."""

    node: str
    second: int
    offset: Offset | None
    page: Page


class JournalFullError(Exception):
    """The disk takes nothing, and what waits for it has reached MEMORY."""


class Journal:
    """Appends to the newest segment in ``folder``. One thread appends and commits; any may read what is committed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._segment = max(segments(folder), default=0)
        self._waiting = bytearray()
        self._size = 0
        self._layouts: dict[tuple[str, Layout], int] = {}
        self.rotate()

    @property
    def segment(self) -> int:
        """Number of the segment that is being written."""
        return self._segment

    @property
    def waiting(self) -> int:
        """Bytes that are not on disk yet."""
        return len(self._waiting)

    def rotate(self) -> None:
        """Begin a new segment; only while nothing waits."""
        if self._waiting:
            return
        self._segment += 1
        self._size = 0
        self._layouts = {}

    def append(self, stored: Stored) -> Position:
        """Collect a sample; where it will be once committed. Raises JournalFullError."""
        if len(self._waiting) > MEMORY:
            raise JournalFullError(f"{len(self._waiting)} bytes wait for {self.folder}")
        key = stored.node, stored.page.layout
        layout = self._layouts.get(key)
        if layout is None:
            layout = self._layouts[key] = len(self._layouts)
            self._waiting += framed(LAYOUT, _layout_payload(layout, stored.node, stored.page.layout))
        position = Position(self._segment, self._size + len(self._waiting))
        self._waiting += framed(SAMPLE, _sample_payload(layout, stored))
        return position

    def commit(self) -> None:
        """Write and sync what was collected. If that fails (OSError), nothing of it counts and all of it waits."""
        if not self._waiting:
            return
        path = path_of(self.folder, self._segment)
        with path.open("r+b" if path.exists() else "xb", buffering=0) as file:
            # What an earlier failure left behind the last commit is overwritten.
            file.seek(self._size)
            try:
                written = 0
                while written < len(self._waiting):
                    written += file.write(memoryview(self._waiting)[written:])
                file.truncate()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(self._size)
                raise
        if not self._size:
            sync_folder(self.folder)
        self._size += len(self._waiting)
        self._waiting = bytearray()

    def remove(self, segment: int) -> None:
        """Remove a segment whose samples are all in Parquet files."""
        path_of(self.folder, segment).unlink(missing_ok=True)


def segments(folder: Path) -> list[int]:
    """Numbers of the segments in a folder, oldest first."""
    return sorted(int(path.stem) for path in folder.glob("*.journal") if path.stem.isdigit())


def path_of(folder: Path, segment: int) -> Path:
    """File of a segment."""
    return folder / f"{segment:08}.journal"


class Segment:
    """A segment to read from."""

    def __init__(self, folder: Path, number: int) -> None:
        self.number = number
        self.path = path_of(folder, number)
        self._file = self.path.open("rb")
        self._layouts: dict[int, tuple[str, Layout]] = {}

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def replay(self) -> Iterator[tuple[Position, Stored]]:
        """All samples that are whole, in the order they were received. Damage is logged and skipped."""
        offset = 0
        size = self.path.stat().st_size
        while offset < size:
            record = self._record(offset)
            if record is None:
                begin, offset = offset, self._next_record(offset + 1)
                log.warning("%s: bytes %d to %d are damaged and left out", self.path, begin, offset)
                continue
            kind, payload = record
            if kind == LAYOUT:
                self._remember(payload)
            elif kind == SAMPLE:
                known = self._layouts.get(SAMPLE_HEAD.unpack_from(payload)[0])
                if known:
                    yield Position(self.number, offset), _stored(payload, *known)
                else:
                    log.warning("%s: the layout of the sample at byte %d was damaged", self.path, offset)
            offset += HEAD.size + len(payload)

    def read(self, offset: int, node: str, layout: Layout) -> Stored:
        """The sample at an offset that ``append`` or ``replay`` gave, of a node and layout known from there."""
        record = self._record(offset)
        if record is None or record[0] != SAMPLE:
            raise ValueError(f"{self.path}: no sample at byte {offset}")
        return _stored(record[1], node, layout)

    def _record(self, offset: int) -> tuple[int, bytes] | None:
        """Kind and payload of the record at an offset; None if there is no right one."""
        self._file.seek(offset)
        head = self._file.read(HEAD.size)
        if len(head) < HEAD.size:
            return None
        magic, kind, length, checksum = HEAD.unpack(head)
        if magic != MAGIC or length > LONGEST:
            return None
        payload = self._file.read(length)
        if len(payload) < length or _checksum(kind, payload) != checksum:
            return None
        return kind, payload

    def _next_record(self, offset: int) -> int:
        """Offset of the next right record, or the end of the segment."""
        self._file.seek(offset)
        rest = self._file.read()
        at = rest.find(MAGIC)
        while at >= 0:
            if self._record(offset + at):
                return offset + at
            at = rest.find(MAGIC, at + 1)
        return offset + len(rest)

    def _remember(self, payload: bytes) -> None:
        said = json.loads(payload)
        series = tuple(Series(s[0], s[1], tuple(map(tuple, s[2])), *s[3:]) for s in said["series"])
        known = self._layouts.get(said["layout"])
        if known is None or known[1].series != series:
            self._layouts[said["layout"]] = said["node"], Layout(series)


def framed(kind: int, payload: bytes) -> bytes:
    """A record around a payload."""
    return HEAD.pack(MAGIC, kind, len(payload), _checksum(kind, payload)) + payload


def _checksum(kind: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(struct.pack("<B3xI", kind, len(payload))))


def _layout_payload(number: int, node: str, layout: Layout) -> bytes:
    series = [astuple(one) for one in layout.series]
    return json.dumps({"layout": number, "node": node, "series": series}, ensure_ascii=False).encode()


def _sample_payload(layout: int, stored: Stored) -> bytes:
    page, offset = stored.page, stored.offset or Offset(0, UNKNOWN)
    head = SAMPLE_HEAD.pack(layout, len(page.values), stored.second, offset.ns, offset.bound)
    exact = json.dumps(page.exact).encode() if page.exact else b""
    return head + page.values.tobytes() + exact


def _stored(payload: bytes, node: str, layout: Layout) -> Stored:
    _, count, second, offset, bound = SAMPLE_HEAD.unpack_from(payload)
    end = SAMPLE_HEAD.size + 8 * count
    values = array("d", payload[SAMPLE_HEAD.size : end])
    exact = {int(index): number for index, number in json.loads(payload[end:] or b"{}").items()}
    known = None if bound == UNKNOWN else Offset(offset, bound)
    return Stored(node, second, known, Page(layout, values, exact))
