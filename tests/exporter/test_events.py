"""The log of what happened to the clocks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from exporter.events import EVENTS, Events, Happened


def watched() -> Events:
    """A log for which somebody looks for everything."""
    events = Events()
    events.watch(*EVENTS)
    return events


def test_nothing_happened_yet() -> None:
    """What is watched is known from the start, as never seen."""
    assert watched().log() == dict.fromkeys(EVENTS, Happened(count=0, time=0, size=None))


def test_what_nobody_watches_is_not_known() -> None:
    """A count of 0 would say that it never happened."""
    events = Events()
    events.watch("suspend")

    assert list(events.log()) == ["suspend"]


def test_watching_again_forgets_nothing() -> None:
    """Sources say it at every read."""
    events = watched()
    events.note("suspend", 10)
    events.watch("suspend", "leap_second")

    assert events.log()["suspend"].count == 1
    assert list(events.log()) == list(EVENTS)


def test_the_last_one_counts() -> None:
    """Time and size are those of the last; only the count knows of those before."""
    events = watched()
    events.note("suspend", 10, size=5)
    events.note("suspend", 20, size=7)

    assert events.log()["suspend"] == Happened(count=2, time=20, size=7)


def test_a_log_that_was_given_out_does_not_change() -> None:
    """So a sample is made of one instant, whatever is noted meanwhile."""
    events = watched()
    log = events.log()
    events.note("daemon_restart", 10)

    assert log["daemon_restart"].count == 0


def test_an_event_that_is_not_declared_is_a_mistake() -> None:
    """The names are a contract; a misspelt one is found by the first test that meets it."""
    with pytest.raises(KeyError):
        watched().note("reboot", 10)


def test_no_event_is_lost_between_threads() -> None:
    """Sources that are read beside the tick note events while it goes on."""
    events = watched()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(2000):
            pool.submit(events.note, "reference_change", 1)

    assert events.log()["reference_change"].count == 2000
