"""Samples in a file: what went in comes out, within its limits, and after any end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.history import store
from exporter.history.store import ROWS, Store
from tests.exporter.history.kept import NOW, OTHER, SECOND, SERIES, sample


@contextmanager
def opened(folder: Path | None = None, most_samples: int = 10**6, most_bytes: int = 10**9) -> Iterator[Store]:
    """A store while inside."""
    with closing(store.opened(folder, most_samples, most_bytes)) as kept:
        yield kept


def fill(kept: Store, first: int, last: int) -> None:
    """Samples of these numbers."""
    for sequence in range(first, last + 1):
        kept.add(sample(sequence), {"sequence": sequence})


def test_samples_come_out_as_they_went_in(tmp_path: Path) -> None:
    """From rows and blocks alike, also after the file was closed."""
    with opened(tmp_path) as kept:
        fill(kept, 1, 2 * ROWS + 5)
    with opened(tmp_path) as kept:
        found = list(kept.after(0, 10**6))
        held = kept.held

    assert found == [sample(sequence) for sequence in range(1, 2 * ROWS + 6)]
    assert held == (1, 2 * ROWS + 5, NOW + SECOND, 2 * ROWS + 5)
    assert kept.meta is not None


@given(st.integers(0, 3 * ROWS), st.integers(0, 3 * ROWS), st.integers(1, 3 * ROWS))
def test_any_part_can_be_asked_for(count: int, after: int, most: int) -> None:
    """Those that follow a number, and no more than were asked for."""
    with opened() as kept:
        fill(kept, 1, count)
        found = [each.sequence for each in kept.after(after, most)]

    assert found == list(range(after + 1, count + 1))[:most]


def test_series_may_change(tmp_path: Path) -> None:
    """A block ends where they do; what is there of each sample is its own."""
    series = [SERIES if (sequence // 25) % 2 else OTHER for sequence in range(200)]
    samples = [sample(sequence, series[sequence]) for sequence in range(1, 200)]
    with opened(tmp_path) as kept:
        for each in samples:
            kept.add(each, {})
        found = list(kept.after(0, 1000))

    assert found == samples


def test_old_ones_are_forgotten_block_by_block() -> None:
    """So that never less than the retention is there, and never a minute more."""
    with opened(most_samples=5 * ROWS) as kept:
        fill(kept, 1, 20 * ROWS)
        held = kept.held

    assert held
    assert 5 * ROWS <= held.samples <= 6 * ROWS


def test_the_size_is_bounded(tmp_path: Path) -> None:
    """The oldest make room; the file does not grow on."""
    with opened(tmp_path, most_bytes=60_000) as kept:
        for sequence in range(1, 100 * ROWS):
            kept.add(sample(sequence, SERIES, sequence**3, (sequence * 7919) % 10007 / 3, sequence / 7), {})
        held, size = kept.held, kept.size
        kept.sync()

    assert held
    assert held.newest == 100 * ROWS - 1
    assert held.oldest > 1
    assert size <= 70_000
    assert (tmp_path / "history.sqlite").stat().st_size < 250_000


def test_numbers_may_be_skipped() -> None:
    """After an unclean end; what is held is counted exactly."""
    with opened() as kept:
        fill(kept, 1, 10)
        fill(kept, 1000, 1000 + ROWS)
        held = kept.held

    assert held
    assert held.samples == 11 + ROWS


@pytest.mark.parametrize("at", [0, 50, 4096 + 100, -4096, -1])
def test_a_broken_file_is_noticed(at: int, tmp_path: Path) -> None:
    """When it is opened, wherever it is broken; or what is read is as it was."""
    with opened(tmp_path) as kept:
        fill(kept, 1, 5 * ROWS)
        kept.sync()
    file = tmp_path / "history.sqlite"
    content = bytearray(file.read_bytes())
    content[at % len(content) :][:1] = b""
    start = at % len(content)
    content[start : start + 64] = bytes(byte ^ 0xFF for byte in content[start : start + 64])
    file.write_bytes(content)

    try:
        with opened(tmp_path) as kept:
            found = list(kept.after(0, 1000))
    except (sqlite3.DatabaseError, ValueError):
        return
    assert all(each == sample(each.sequence) for each in found)


def test_another_programs_file_is_not_ours(tmp_path: Path) -> None:
    """Nor one of another version."""
    (tmp_path / "history.sqlite").write_bytes(b"not a database at all, but long enough to be one" * 100)

    with pytest.raises(sqlite3.DatabaseError), opened(tmp_path):
        pass
