"""Which samples make up an hour, and when a segment of the journal has done its duty."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from recorder import hours
from recorder.hours import Hours, Kept
from recorder.journal import Journal, Position, Stored
from tests.recorder.samples import HOUR, column, layout, measured

LAYOUT = layout("a")


def sample_at(second: int, node: str = "ares") -> Stored:
    return measured(second, LAYOUT, second, node=node)


def collected(*places: tuple[int, int, str]) -> Hours:
    """Samples of these segments, seconds and nodes."""
    collection = Hours()
    for at, (segment, second, node) in enumerate(places):
        collection.add(Position(segment, at), sample_at(second, node))
    return collection


def test_samples_are_kept_by_hour_and_node() -> None:
    """The first second of an hour belongs to it, the last of the one before does not."""
    collection = collected((1, HOUR - 1, "ares"), (1, HOUR, "ares"), (1, HOUR + 3599, "zeus"), (1, HOUR + 3600, "ares"))

    assert {hour: set(nodes) for hour, nodes in collection.open.items()} == {
        HOUR - 3600: {"ares"},
        HOUR: {"ares", "zeus"},
        HOUR + 3600: {"ares"},
    }


def test_what_comes_while_an_hour_is_written_is_collected_anew() -> None:
    """A taken hour is gone until more of it comes; given back, it is whole and in order."""
    collection = collected((1, HOUR, "ares"))
    taken = collection.take(HOUR)
    collection.add(Position(1, 9), sample_at(HOUR + 1))
    collection.give_back(HOUR, taken)

    assert taken == {"ares": [Kept(Position(1, 0), HOUR, LAYOUT)]}
    assert [kept.position.offset for kept in collection.open[HOUR]["ares"]] == [0, 9]
    assert collection.take(HOUR + 3600) == {}


def test_a_segment_is_free_when_all_of_its_samples_are_written() -> None:
    """A late sample of another hour keeps the segment that it is in."""
    collection = collected((1, HOUR, "ares"), (1, HOUR + 3600, "ares"), (2, HOUR, "zeus"))
    collection.written(collection.take(HOUR))
    first = collection.free(3)
    collection.written(collection.take(HOUR + 3600))

    assert (first, collection.free(3), collection.free(3)) == ({2}, {1}, set())


def test_the_segment_that_is_being_written_is_free_later() -> None:
    """More samples may come into it; once another one is current it is free like any other."""
    collection = collected((1, HOUR, "ares"))
    collection.written(collection.take(HOUR))

    assert (collection.free(1), collection.free(2)) == (set(), {1})


def test_what_is_given_back_still_needs_its_segment() -> None:
    """After a failure nothing is free."""
    collection = collected((1, HOUR, "ares"))
    collection.give_back(HOUR, collection.take(HOUR))
    before = collection.free(2)
    collection.written(collection.take(HOUR))

    assert (before, collection.free(2)) == (set(), {1})


def test_samples_are_read_back_from_all_their_segments(tmp_path: Path) -> None:
    """A table holds the node's samples of several segments, by time."""
    collection, writer = Hours(), Journal(tmp_path)
    for second in (HOUR + 2, HOUR, HOUR + 1):
        sample = sample_at(second)
        collection.add(writer.append(sample), sample)
        writer.commit()
        writer.rotate()

    table = hours.table(tmp_path, "ares", collection.take(HOUR)["ares"])

    assert column(table, "a") == [HOUR, HOUR + 1, HOUR + 2]


def test_an_hour_is_due_when_it_is_over_and_nothing_comes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It waits for what keeps coming, but no longer than WAIT."""
    moment = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: moment)
    collected, journal = hours.Hours(), Journal(tmp_path)
    over = HOUR + 3600 + hours.LATE
    due: list[list[int]] = []
    for at in range(hours.WAIT + 3):
        if at < hours.WAIT + 1:
            collected.add(journal.append(sample_at(HOUR + at)), sample_at(HOUR + at))
        due.append(collected.due(over))
        moment += 1

    assert collected.due(over - 1) == []
    assert due.index([HOUR]) == hours.WAIT
    collected.take(HOUR)
    collected.add(journal.append(sample_at(HOUR + 1)), sample_at(HOUR + 1))
    assert collected.due(over) == []
    moment += hours.QUIET
    assert collected.due(over) == [HOUR]
