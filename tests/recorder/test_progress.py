"""What people see: a live table in a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import time
from array import array

import pytest
from rich.console import Console

from recorder import progress
from recorder.dataset import Dataset
from recorder.node_clock import Exchange, Offset
from recorder.parse import Page
from recorder.recording import Recording
from recorder.scrape import Failed, Scraped
from recorder.targets import Target
from tests.recorder.samples import layout


@pytest.fixture
def recording(dataset: Dataset) -> Recording:
    """Of two nodes that were not asked yet."""
    return Recording([Target("ares", "http://a/metrics"), Target("zeus", "http://z/metrics")], dataset)


def answered(recording: Recording, name: str, offset: Offset | None = None, ago: int = 0) -> None:
    """The node answered so many seconds ago."""
    node, now = recording.nodes[name], time.time_ns() - ago * 10**9
    node.last = Scraped(node.target, Exchange(now, now, 0), offset, Page(layout("a", "b"), array("d", (1, 2))))
    node.samples, node.series = node.samples + 1, 2


def shown(recording: Recording, times: int = 1, terminal: bool = False, duration: float | None = None) -> str:
    """What is on the screen after showing it."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    with progress.display(console, duration) as display:
        for _ in range(times):
            display.show(recording)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_without_a_terminal_a_line_comes_when_a_state_changes(recording: Recording) -> None:
    """A node that is recorded is said so once; one that still waits is not spoken of."""
    answered(recording, "ares", Offset(120_000, 400_000))

    assert (
        shown(recording, times=3)
        == "ares: recording, 1 samples, 0 missed, 0 healed, 0 lost, 2 series, offset +0.12 ± 0.40 ms\n"
    )


def test_lines_are_plain_and_never_wrapped(recording: Recording) -> None:
    """A long reason with brackets is one line, without escape codes."""
    node = recording.nodes["zeus"]
    node.failing = Failed(node.target, "http", "[bold]" + "x" * 300)

    (line,) = shown(recording).splitlines()
    assert line.startswith("zeus: [bold]xxx")
    assert "\x1b" not in line


def test_in_a_terminal_all_nodes_are_in_a_table(recording: Recording) -> None:
    """Each has a row with its state, below it the time that is left or none, and what is wrong."""
    answered(recording, "ares")
    recording._troubles.begin("journal", "the disk is full")

    screen = shown(recording, terminal=True, duration=90)

    for part in ("ares", "recording", "zeus", "waiting", "the disk is full", "0:00 of 1:30"):
        assert part in screen
    assert "of 1:30" not in shown(recording, terminal=True)


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (None, "-"),
        (Offset(-1_234_567, 10_000), "-1.23 ± 0.01 ms"),
        (Offset(0, 500_000_000), "+0.00 ± 0.50 s"),
        (Offset(3_600_000_000_000, 1000), "+3600.00 ± 0.00 s"),
    ],
)
def test_an_offset_is_in_the_unit_that_fits(recording: Recording, offset: Offset | None, text: str) -> None:
    """Milliseconds, or seconds where it or its bound is large."""
    answered(recording, "ares", offset)

    assert progress.offset_of(recording.nodes["ares"]) == text


def test_an_age_is_since_the_last_answer(recording: Recording) -> None:
    """A node that never answered has none."""
    answered(recording, "ares", ago=100)

    assert progress.age_of(recording.nodes["ares"], time.time_ns()) in ("100 s", "101 s")
    assert progress.age_of(recording.nodes["zeus"], 0) == "-"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (123, "2:03"), (3723, "1:02:03")])
def test_a_time_is_as_on_a_clock(seconds: float, text: str) -> None:
    """Hours only where there are any."""
    assert progress.clock(seconds) == text
