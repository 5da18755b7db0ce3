"""One node: what it sends has a place, and what we have is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recorder.node import Node
from recorder.node_clock import Exchange, Offset
from recorder.scrape import Failed, Scraped
from recorder.targets import Target
from tests.recorder.samples import HOUR, SECOND, node_page, parsed

TARGET = Target("ares", "http://127.0.0.1:1/metrics")


def scraped(number: int, epoch: str = "e1") -> Scraped:
    """Sample ``number`` of a node whose clock is ours, as it comes live."""
    at = (HOUR + number) * SECOND
    page = parsed(node_page(number, at, number * SECOND, epoch))
    return Scraped(TARGET, Exchange(at + 5, at + 6, 1), Offset(0, 1000), page)


def test_the_same_sample_twice_is_placed_once() -> None:
    """A sample that is asked for twice has no second place; the next one has, and so has its number in a new epoch."""
    node = Node(TARGET)
    placed: list[int | None] = []
    for one in (scraped(7), scraped(7), scraped(8), scraped(7), scraped(8, "e2")):
        stored = node.place(one)
        placed.append(stored and stored.second)
        if stored:
            node.keep(stored)

    assert placed == [HOUR + 7, None, HOUR + 8, None, HOUR + 8]
    assert node.duplicates == 1


@pytest.mark.parametrize("step", [3600 * SECOND, -3600 * SECOND])
def test_a_clock_that_is_set_between_sample_and_answer_misplaces_nothing(step: int) -> None:
    """The answer's offset is that of the new clock, the sample's readings are the old one's."""
    node = Node(TARGET)
    for number in (1, 2):
        stored = node.place(scraped(number))
        assert stored is not None
        node.keep(stored)

    stored = node.place(replace(scraped(3), offset=Offset(step, 1000)))

    assert stored is not None
    assert stored.second == HOUR + 3
    assert stored.offset is not None
    assert abs(stored.offset.ns) <= stored.offset.bound


def test_a_healed_sample_is_placed_by_the_exchanges_around_it() -> None:
    """Its offset is what they say, and it is placed once."""
    node = Node(TARGET)
    for number in (1, 5):
        stored = node.place(scraped(number))
        assert stored is not None
        node.keep(stored)

    stored = node.place_healed("e1", 3, scraped(3).page)
    assert stored is not None
    node.keep(stored)

    assert stored.second == HOUR + 3
    assert stored.offset is not None
    assert (stored.offset.ns, stored.offset.bound <= 2_000_000) == (0, True)
    assert node.place_healed("e1", 3, scraped(3).page) is None
    assert node.missed == 2


def test_a_healed_sample_without_a_clock_is_complained_about() -> None:
    """Nobody could say where it belongs."""
    node = Node(TARGET)
    page = parsed("driftscope_sample_sequence 3\n")

    assert node.place_healed("", 3, page) is None
    assert node.complaints["history without a clock"] == 1


def test_a_nodes_state_is_in_a_word_or_says_why_not() -> None:
    """Waiting, recording, or what its last answer was, without what would upset a terminal."""
    node = Node(TARGET)
    states = [node.state]
    node.samples = 1
    states.append(node.state)
    node.failing = Failed(node.target, "http", "\x1b[2Jgarbage\x07")

    assert [*states, node.state] == ["waiting", "recording", "[2Jgarbage"]
