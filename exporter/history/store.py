"""Samples in one SQLite file, within a number of samples and a size: newest as rows, older ones as blocks of a minute.

One commit a sample, without waiting for the disk (WAL, ``synchronous=NORMAL``): kill -9 loses nothing that was
committed, and loss of power no more than what came since the last ``sync``.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..sample import Sample
from ..source import Family, Series
from . import block

ROWS = 60
"""So many rows become a block."""

PAGE = 4096
FORMAT = 1

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE layouts (id INTEGER PRIMARY KEY, series BLOB NOT NULL UNIQUE);
CREATE TABLE samples (sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, layout INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE blocks (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, count INTEGER NOT NULL, time INTEGER NOT NULL,
                     layout INTEGER NOT NULL, data BLOB NOT NULL);
"""

IN_MEMORY = ":memory:"


class Held(NamedTuple):
    """What there is: the first and the last number, the oldest one's CLOCK_REALTIME in ns, and how many in all."""

    oldest: int
    newest: int
    oldest_time: int
    samples: int


@dataclass
class Store:
    """An open file. For one thread at a time; every method raises sqlite3.Error."""

    path: str
    most_samples: int
    most_bytes: int

    def __post_init__(self) -> None:
        self._db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None, timeout=1)
        self._layouts: dict[tuple[Series, ...], int] = {}
        self._series: dict[int, tuple[Series, ...]] = {}
        try:
            self._open()
        except sqlite3.Error:
            self._db.close()
            raise

    def _open(self) -> None:
        execute = self._db.execute
        if execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            execute(f"PRAGMA page_size={PAGE}")
            self._db.executescript(f"BEGIN; {SCHEMA} COMMIT;")
            self.write_meta(format=FORMAT)
        elif execute("PRAGMA quick_check(1)").fetchone()[0] != "ok" or self.meta().get("format") != FORMAT:
            raise sqlite3.DatabaseError("malformed, or of another version")
        execute("PRAGMA journal_mode=WAL")
        execute("PRAGMA synchronous=NORMAL")
        execute("PRAGMA wal_autocheckpoint=0")  # sync() does it, so that no sample waits for the disk
        self._rows: int = execute("SELECT count(*) FROM samples").fetchone()[0]
        self._held = self._count()

    def meta(self) -> dict[str, Any]:
        """What is kept beside the samples."""
        return {key: json.loads(value) for key, value in self._db.execute("SELECT key, value FROM meta")}

    def write_meta(self, **values: Any) -> None:
        """Keep this beside the samples."""
        rows = [(key, json.dumps(value)) for key, value in values.items()]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
        self._db.execute("COMMIT")

    def add(self, sample: Sample, last: Mapping[str, Any]) -> None:
        """Keep one sample more, and ``last`` as meta; when it returns, kill -9 does not lose it."""
        row = (sample.sequence, sample.time_ns, self._layout(sample.series), block.encode([sample.values]))
        execute = self._db.execute
        execute("BEGIN IMMEDIATE")
        try:
            execute("INSERT INTO samples VALUES (?, ?, ?, ?)", row)
            execute("INSERT OR REPLACE INTO meta VALUES ('last', ?)", (json.dumps(last),))
            rows, held = self._rows + 1, self._held
            if rows >= ROWS:
                rows = self._fold()
                self._forget(sample.sequence)
                held = self._count()
            elif held:
                held = held._replace(newest=sample.sequence, samples=held.samples + 1)
            else:
                held = Held(sample.sequence, sample.sequence, sample.time_ns, 1)
            execute("COMMIT")
            self._rows, self._held = rows, held
        except BaseException:
            if self._db.in_transaction:
                execute("ROLLBACK")
            raise

    def after(self, sequence: int, most: int) -> Iterator[Sample]:
        """The samples that follow a number, oldest first. What cannot be read any more is passed over."""
        db = self._db
        with closing(
            db.execute("SELECT first, layout, data FROM blocks WHERE last > ? ORDER BY first", (sequence,))
        ) as rows:
            for _, layout, data in rows:
                for sample in self._decoded(layout, data):
                    if sample.sequence > sequence and most > 0:
                        most -= 1
                        yield sample
                if most <= 0:
                    return
        query = "SELECT sequence, time, layout, data FROM samples WHERE sequence > ? ORDER BY sequence LIMIT ?"
        with closing(db.execute(query, (sequence, most))) as rows:
            for number, time_ns, layout, data in rows:
                (values,) = block.decode(data)
                yield Sample(number, time_ns, self._series_of(layout), tuple(values))

    @property
    def held(self) -> Held | None:
        """What there is, if there is anything."""
        return self._held

    def _count(self) -> Held | None:
        counted = (
            "SELECT min(first), max(last), sum(count) FROM (SELECT first, last, count FROM blocks"
            " UNION ALL SELECT sequence, sequence, 1 FROM samples)"
        )
        oldest, newest, count = self._db.execute(counted).fetchone()
        if oldest is None:
            return None
        when = "SELECT time FROM blocks WHERE first = ? UNION ALL SELECT time FROM samples WHERE sequence = ?"
        return Held(oldest, newest, self._db.execute(when, (oldest, oldest)).fetchone()[0], count)

    @property
    def size(self) -> int:
        """Bytes in use."""
        pages, free = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
        return (pages - free) * PAGE

    def sync(self) -> None:
        """Have all that was kept reach the disk."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _fold(self) -> int:
        """Make a block of the rows, or of those at the begin that have the same series; how many are left."""
        rows = self._db.execute("SELECT sequence, time, layout, data FROM samples ORDER BY sequence").fetchall()
        layout = rows[0][2]
        same = next((at for at, row in enumerate(rows) if row[2] != layout), len(rows))
        numbers, times = ([row[at] for row in rows[:same]] for at in (0, 1))
        values = [block.decode(row[3])[0] for row in rows[:same]]
        data = block.encode([(number, at, *each) for number, at, each in zip(numbers, times, values)])
        described = (numbers[0], numbers[-1], same, times[0], layout, data)
        self._db.execute("INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?)", described)
        self._db.execute("DELETE FROM samples WHERE sequence <= ?", (numbers[-1],))
        return len(rows) - same

    def _forget(self, newest: int) -> None:
        """Drop whole blocks: those that are too old, and the oldest ones while there is too much."""
        execute = self._db.execute
        execute("DELETE FROM blocks WHERE last <= ?", (newest - self.most_samples,))
        while self.size > self.most_bytes:
            (first,) = execute("SELECT min(first) FROM blocks").fetchone()
            if first is None:
                break
            execute("DELETE FROM blocks WHERE first = ?", (first,))
        execute("DELETE FROM layouts WHERE id NOT IN (SELECT layout FROM blocks UNION SELECT layout FROM samples)")
        known = {row[0] for row in execute("SELECT id FROM layouts")}
        self._layouts = {series: id for series, id in self._layouts.items() if id in known}
        self._series = {id: series for id, series in self._series.items() if id in known}

    def _decoded(self, layout: int, data: bytes) -> Iterator[Sample]:
        series = self._series_of(layout)
        for number, time_ns, *values in block.decode(data):
            yield Sample(int(number), int(time_ns), series, tuple(values))

    def _layout(self, series: tuple[Series, ...]) -> int:
        """The number under which a set of series is kept."""
        known = self._layouts.get(series)
        if known is None:
            described = zlib.compress(json.dumps([_described(one) for one in series]).encode())
            self._db.execute("INSERT OR IGNORE INTO layouts (series) VALUES (?)", (described,))
            (known,) = self._db.execute("SELECT id FROM layouts WHERE series = ?", (described,)).fetchone()
            self._layouts[series] = self._layouts.get(series, int(known))
        return self._layouts[series]

    def _series_of(self, layout: int) -> tuple[Series, ...]:
        known = self._series.get(layout)
        if known is None:
            (described,) = self._db.execute("SELECT series FROM layouts WHERE id = ?", (layout,)).fetchone()
            known = tuple(_series(*each) for each in json.loads(zlib.decompress(described)))
            self._series[layout] = known
        return known


def _described(series: Series) -> Sequence[Any]:
    return series.family.name, series.family.type, series.family.help, dict(series.labels)


def _series(name: str, type: str, help: str, labels: dict[str, str]) -> Series:
    return Family(name, type, help).series(**labels)


def opened(folder: Path | None, most_samples: int, most_bytes: int) -> Store:
    """The store in a folder, or in memory."""
    return Store(str(folder / "history.sqlite") if folder else IN_MEMORY, most_samples, most_bytes)
