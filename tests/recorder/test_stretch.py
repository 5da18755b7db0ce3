"""A file in few words: stretches of consecutive samples, and the reasons for what is not there."""

from __future__ import annotations

import pyarrow as pa
import pytest

from recorder import hour_file
from recorder.ranges import Ranges
from recorder.stretch import Absence, Stretch, absences, sequences, stretches
from tests.recorder.samples import HOUR, SECOND, node_page, stored, table


def rows(*samples: tuple[int, int, str], last: int = 9) -> pa.Table:
    """A file's rows, with samples at these seconds after HOUR, of these numbers and epochs."""
    found = table(*(stored(HOUR + at, node_page(number, HOUR * SECOND, epoch=epoch)) for at, number, epoch in samples))
    return hour_file.on_grid(found, HOUR, HOUR + last)


def present(first: int, last: int, sequence: int | None, epoch: str = "e1") -> Stretch:
    """Consecutive samples."""
    return Stretch(first, last, True, epoch, sequence)


def absent(first: int, last: int) -> Stretch:
    """Seconds without any."""
    return Stretch(first, last, False)


def test_consecutive_samples_are_one_stretch() -> None:
    """A jump in the sequence, another epoch and a gap each begin another one."""
    samples = [(0, 1, "e1"), (1, 2, "e1"), (2, 4, "e1"), (3, 5, "e2"), (7, 6, "e2")]

    found = stretches(rows(*samples, last=8))

    assert found == [
        present(HOUR, HOUR + 1, 1),
        present(HOUR + 2, HOUR + 2, 4),
        present(HOUR + 3, HOUR + 3, 5, "e2"),
        absent(HOUR + 4, HOUR + 6),
        present(HOUR + 7, HOUR + 7, 6, "e2"),
        absent(HOUR + 8, HOUR + 8),
    ]
    assert {epoch: [*there] for epoch, there in sequences(found).items()} == {
        "e1": [(1, 2), (4, 4)],
        "e2": [(5, 6)],
    }


def test_a_foreign_exporters_seconds_are_stretches_without_numbers() -> None:
    """Such samples have neither epoch nor sequence."""
    found = stretches(hour_file.on_grid(table(stored(HOUR, "a 1\n"), stored(HOUR + 1, "a 2\n")), HOUR, HOUR + 1))

    assert found == [present(HOUR, HOUR + 1, None, "")]
    assert sequences(found) == {}


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (present(0, 9, 1), present(20, 29, 11), "node down"),
        (present(0, 9, 1), present(20, 29, 21), "history expired"),
        (present(0, 9, 1), present(20, 29, 31), "history expired"),
        (present(0, 9, 31), present(20, 29, 51), "never sampled"),
        (present(0, 9, 61), present(20, 29, 81), "not fetched"),
        (present(0, 9, 1), present(20, 29, 1, "e2"), "history lost"),
        (present(0, 9, None), present(20, 29, None), "no answer"),
    ],
)
def test_why_there_is_nothing_follows_from_what_is_around_it(before: Stretch, after: Stretch, reason: str) -> None:
    """Numbers that follow one another mean that no sample was taken; others were, and are gone for a reason."""
    gone = {"e1": {"history expired": Ranges([(11, 30)]), "never sampled": Ranges([(41, 50)])}}

    assert list(absences([before, absent(10, 19), after], gone)) == [Absence(10, 19, reason)]


def test_absences_join_across_files_and_are_there_at_both_ends() -> None:
    """What no sample is before or after has had no answer; one second between two samples had no tick."""
    found = [absent(0, 9), present(10, 19, 1), absent(20, 20), present(21, 30, 11), absent(31, 39), absent(40, 49)]

    assert list(absences(found, {})) == [
        Absence(0, 9, "no answer"),
        Absence(20, 20, "no tick"),
        Absence(31, 49, "no answer"),
    ]


def test_hours_that_were_not_recorded_part_absences() -> None:
    """Where there is no file there is no row, and nothing is said."""
    found = [present(0, 9, 1), absent(10, 19), absent(7200, 7209), present(7210, 7219, 7211)]

    assert list(absences(found, {})) == [Absence(10, 19, "no answer"), Absence(7200, 7209, "not fetched")]
