"""A history beside the tick, on a disk that is full, hangs or breaks."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from exporter.history import keeper
from exporter.history.keeper import Keeper, Limits
from exporter.history.place import HistoryError
from exporter.history.store import Store
from tests.exporter.history.kept import SECOND, Clocks, machine, sample
from tests.exporter.made import eventually
from tests.exporter.reading import by_series


@contextmanager
def keeping(
    folder: Path, clocks: Clocks | None = None, boot: str = "boot-1", in_memory: bool = False
) -> Iterator[Keeper]:
    """A keeper of the history in this folder, while inside."""
    limits = Limits(None if in_memory else folder / "history", 86_400, 10**8)
    with closing(Keeper(limits, machine(folder, clocks or Clocks(), boot), SECOND)) as kept:
        yield kept


def numbers(kept: Keeper, after: int = 0, most: int = 1000) -> list[int]:
    """Of the samples that follow one."""
    return [each.sequence for each in kept.after(after, most)[1]]


@pytest.mark.parametrize("in_memory", [False, True])
def test_what_is_kept_is_there_at_once(in_memory: bool, tmp_path: Path) -> None:
    """With what is held, in numbers and in series."""
    with keeping(tmp_path, in_memory=in_memory) as kept:
        for sequence in range(1, 4):
            kept.keep(sample(sequence), patience=10)
        held, samples = kept.after(1, 10)
        values = by_series(kept.values())

    assert samples == [sample(2), sample(3)]
    assert held
    assert (held.oldest, held.newest) == (1, 3)
    assert values["driftscope_history_samples"] == 3
    assert values["driftscope_history_errors_total"] == 0
    assert values["driftscope_history_limit_bytes"] == 10**8


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    """In the same epoch, with the next one."""
    with keeping(tmp_path) as kept:
        first = kept.numbering
        kept.keep(sample(1), patience=10)
        kept.keep(sample(2), patience=10)
    with keeping(tmp_path) as kept:
        second, found = kept.numbering, numbers(kept)

    assert first.sequence == 0
    assert (second.epoch, second.sequence) == (first.epoch, 2)
    assert found == [1, 2]


def test_after_a_crash_numbers_that_may_have_been_given_are_not_given_again(tmp_path: Path) -> None:
    """Seven seconds later, seven more."""
    clocks = Clocks()
    with keeping(tmp_path, clocks) as kept:
        kept.keep(sample(1), patience=10)
        copy = {file.name: file.read_bytes() for file in (tmp_path / "history").iterdir()}
    for name, content in copy.items():  # as it was when it was killed
        (tmp_path / "history" / name).write_bytes(content)
    clocks.forward(7 * SECOND)
    with keeping(tmp_path, clocks) as kept:
        sequence, found = kept.numbering.sequence, numbers(kept)

    assert sequence == 8
    assert found == [1]


def test_a_broken_history_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said, there is a new epoch, and only the last broken one is left."""
    epochs = set[str]()
    with caplog.at_level(logging.WARNING, "driftscope.exporter"):
        for _ in range(3):
            with keeping(tmp_path) as kept:
                epochs.add(kept.numbering.epoch)
                assert kept.numbering.sequence == 0
                kept.keep(sample(1), patience=10)
            (tmp_path / "history/history.sqlite").write_bytes(b"no database" * 1000)

    assert len(epochs) == 3
    assert len([record for record in caplog.records if "was broken" in record.getMessage()]) == 2
    assert {file.name for file in (tmp_path / "history").iterdir()} >= {"history.broken.sqlite", "history.sqlite"}


def test_a_disk_that_takes_nothing_costs_no_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """They wait in memory, are served from there, and are kept when there is room again; it is said once."""
    monkeypatch.setattr(keeper, "AGAIN", 0.05)
    add = Store.add

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with keeping(tmp_path) as kept, caplog.at_level(logging.INFO, "driftscope.exporter"):
        kept.keep(sample(1), patience=10)
        monkeypatch.setattr(Store, "add", full)
        begun = time.monotonic()
        for sequence in range(2, 5):
            kept.keep(sample(sequence), patience=0.05)
        took = time.monotonic() - begun
        waiting = numbers(kept)
        errors = by_series(kept.values())["driftscope_history_errors_total"]
        monkeypatch.setattr(Store, "add", add)
        eventually("all are kept", lambda: by_series(kept.values())["driftscope_history_samples"] == 4)

    said = [record.getMessage() for record in caplog.records]
    assert took < 2
    assert waiting == [1, 2, 3, 4]
    assert errors > 0
    assert len([line for line in said if "disk is full" in line]) == 1
    assert "the history takes samples again" in said


def test_a_disk_that_hangs_costs_the_tick_its_patience_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a question is told that it is busy."""
    monkeypatch.setattr(keeper, "BUSY", 0.1)
    add = Store.add

    def hang(self: Store, *arguments: object) -> None:
        time.sleep(1)
        add(self, *arguments)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Store, "add", hang)
    with keeping(tmp_path) as kept:
        begun = time.monotonic()
        kept.keep(sample(1), patience=0.1)
        took = time.monotonic() - begun
        with pytest.raises(keeper.BusyError):
            kept.after(0, 10)

    assert took < 0.6


def test_a_folder_without_rights_is_refused(tmp_path: Path) -> None:
    """Before anything else is done."""
    (tmp_path / "history").write_text("a file")

    with pytest.raises(HistoryError, match=r"or --history\.memory"):
        Keeper(Limits(tmp_path / "history", 1, 10**6), machine(tmp_path, Clocks()), SECOND)


def test_in_memory_there_are_no_files(tmp_path: Path) -> None:
    """Nor is there an epoch that could go on."""
    with keeping(tmp_path, in_memory=True) as kept:
        first = kept.numbering.epoch
        kept.keep(sample(1), patience=10)
    with keeping(tmp_path, in_memory=True) as kept:
        second = kept.numbering.epoch

    assert first != second
    assert not os.path.exists(tmp_path / "history")
