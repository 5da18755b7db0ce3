"""The fault bench sees what it is there to see."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.bench import Outcome, compare

EPOCH = 'driftscope_sample_epoch_info{epoch="e1"}'


def row(sequence: int, value: float = 0.1) -> dict[str, Any]:
    """A sample as a row."""
    return {EPOCH: 1, "sequence": sequence, "realtime_ns": 10**18 + sequence, "v": value, "offset_ns": 5}


EARLIER = EPOCH.replace("e1", "e0")
TAKEN = [row(number) for number in range(1, 8)]


@pytest.mark.parametrize(
    ("recorded", "lost", "duplicated", "wrong"),
    [
        (TAKEN, [], [], []),
        (TAKEN[2:5], [], [], []),
        ([*TAKEN[:3], *TAKEN[4:]], [4], [], []),
        ([*TAKEN, TAKEN[5]], [], [6], []),
        ([*TAKEN[:3], row(4, 0.2), *TAKEN[4:]], [], [], [4]),
        ([*TAKEN[:3], row(4) | {"v": None}, *TAKEN[4:]], [], [], [4]),
    ],
)
def test_it_finds_what_is_lost_doubled_or_changed(
    recorded: list[dict[str, Any]], lost: list[int], duplicated: list[int], wrong: list[int]
) -> None:
    """Of the samples between the first and the last that were recorded, each counts, value by value."""
    outcome = Outcome(status=0)

    compare(outcome, recorded, TAKEN)

    found = (outcome.lost, outcome.duplicated, outcome.wrong)
    assert found == tuple([(EPOCH, number) for number in numbers] for numbers in (lost, duplicated, wrong))
    assert outcome.good == (not lost and not duplicated and not wrong)


def test_a_numbering_that_began_anew_counts_from_its_first_sample() -> None:
    """What a node took before it lost its history is there, and of the new numbering all is."""
    outcome = Outcome(status=0)
    before = [{**row(number), EPOCH: None, EARLIER: 1} for number in (49, 50, 51)]

    compare(outcome, [before[1], *TAKEN[1:]], TAKEN, before)

    assert outcome.lost == [(EPOCH, 1)]
    assert (outcome.taken, outcome.recorded, outcome.gone) == (9, 7, 1)


def test_what_a_damaged_history_held_must_be_right_where_it_is_there() -> None:
    """Another value is found there too, and so is a sample that nobody took."""
    outcome = Outcome(status=0)
    before = {**row(50), EPOCH: None, EARLIER: 1}

    compare(outcome, [before | {"v": 0.3}, before | {"sequence": 60}, *TAKEN], TAKEN, [before])

    assert sorted(outcome.wrong) == [(EARLIER, 50), (EARLIER, 60)]
