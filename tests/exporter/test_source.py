"""The contract between a source and everything else."""

from __future__ import annotations

import gc

from exporter import source
from exporter.source import Family, PartlyReadError
from tests.exporter.made import gauge

TEMP = Family("temp_celsius", "gauge", "Temperature.")


def test_equal_calls_give_the_same_series() -> None:
    """A series is one object, whatever the order in which its labels are named."""
    series = TEMP.series(chip="a", sensor="1")

    assert TEMP.series(sensor="1", chip="a") is series
    assert series.labels == (("chip", "a"), ("sensor", "1"))


def test_other_labels_are_another_series() -> None:
    """A different label, value or family is a different series."""
    others = [TEMP.series(chip="b"), TEMP.series(chap="a"), Family("temp", "gauge", "").series(chip="a")]

    assert all(other != TEMP.series(chip="a") for other in others)


def test_what_nobody_uses_is_forgotten() -> None:
    """A device that went away does not stay in memory for ever."""
    key = TEMP, (("chip", "gone for good"),)
    series = TEMP.series(chip="gone for good")
    assert source._interned[key] is series

    del series
    gc.collect()

    assert key not in source._interned


def test_a_partial_failure_says_how_much_failed() -> None:
    """Its message counts the values and names the first failure."""
    error = PartlyReadError([gauge("a"), gauge("b")], [OSError(5, "I/O error", "temp3_input")], vanished=False)

    assert str(error) == "1 of 3 values: [Errno 5] I/O error: 'temp3_input'"
