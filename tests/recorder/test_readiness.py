"""Whether a long recording can begin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from recorder.looking import Look
from recorder.mistakes import Mistake
from recorder.node_clock import Offset
from recorder.readiness import Finding, expected_inventories, of_disk, of_node, of_peers
from recorder.targets import from_command_line
from tests.recorder.samples import node_page, parsed

HOUR = 3600.0
HISTORY = "driftscope_history_samples 100\ndriftscope_history_bytes 100000\ndriftscope_history_limit_bytes 1e9\n"
"""1 kB a sample, of which a million have room: 277 h."""


def looked(*sequences: int, node: str = "a", more: str = HISTORY, offset: Offset | None = Offset(0, 1)) -> Look:  # noqa: B008
    """What was seen of a node."""
    pages = [parsed(node_page(sequence, more=more)) for sequence in sequences]
    return Look(from_command_line(f"{node}=127.0.0.1:1"), pages, offset)


def found(look: Look, what: str, outage: float = HOUR, seconds: float = 5) -> Finding:
    """The finding about one thing."""
    return next(finding for finding in of_node(look, seconds, outage, None) if finding.what == what)


def test_all_is_well() -> None:
    """With a node that samples each second, is on time, and has a history."""
    findings = list(of_node(looked(1, 2, 3, 4, 5, 6), 5, HOUR, None))

    assert [finding.what for finding in findings] == ["answers", "samples", "clock", "history", "reads"]
    assert all(finding.good for finding in findings)


def test_a_node_that_is_silent() -> None:
    """Of which nothing else can be said."""
    look = looked()
    look.failure = "Connection refused"

    assert list(of_node(look, 5, HOUR, None)) == [Finding("a", "answers", False, "Connection refused")]


def test_one_that_does_not_sample_each_second() -> None:
    """Is not ready; one of another kind has no numbers."""
    assert not found(looked(1, 2, 2, 3), "samples", seconds=6).good
    assert found(looked(1, 2, 3, 4), "samples").good


@pytest.mark.parametrize(
    ("offset", "good"),
    [
        (Offset(499_999_999, 1000), True),
        (Offset(-700_000_000, 1000), False),
        (Offset(700_000_000, 250_000_000), True),
        (None, False),
    ],
)
def test_a_clock_has_to_be_near(offset: Offset | None, good: bool) -> None:
    """Or it may be, as far as that could be seen."""
    assert found(looked(1, 2, offset=offset), "clock").good == good


@pytest.mark.parametrize(("outage", "good"), [(277 * HOUR, True), (278 * HOUR, False)])
def test_a_history_has_to_last(outage: float, good: bool) -> None:
    """For the longest outage that is to be healed."""
    assert found(looked(1, 2), "history", outage).good == good


def test_without_a_history_an_outage_is_lost() -> None:
    """And that is said."""
    assert "lost" in found(looked(1, 2, more=""), "history").says


def test_a_source_that_cannot_be_read_is_named() -> None:
    """By the node's own word."""
    sources = 'driftscope_source_up{source="ipmi"} 0\ndriftscope_source_up{source="rapl"} 1\n'

    assert found(looked(1, 2, more=HISTORY + sources), "reads").says == "cannot read ipmi"


def test_what_was_there_earlier_has_to_be_there() -> None:
    """All sources, with as many values."""
    look = looked(1, 2)
    look.inventory = {"found": {"hwmon": {"values": 3}, "rapl": {"values": 9}}, "left_out": {"ipmi": "no /dev/ipmi0"}}
    before = {"found": {"hwmon": {"values": 4}, "rapl": {"values": 4}, "ipmi": {"values": 20}}}

    (finding,) = [each for each in of_node(look, 5, HOUR, before) if each.what == "as before"]

    assert not finding.good
    assert finding.says == "hwmon has 3 values of 4; ipmi is missing: no /dev/ipmi0"


def peers(**up: str) -> Sequence[Look]:
    """Nodes, each with the peers that answer it (in capitals) and those that do not."""
    return [
        looked(
            1, node=node, more="".join(f'peer_up{{peer="{peer.lower()}"}} {int(peer.isupper())}\n' for peer in asked)
        )
        for node, asked in up.items()
    ]


def test_peers_answer_both_ways() -> None:
    """A direction in which they do not is named, on the side that sees it."""
    assert {finding.node: finding.says for finding in of_peers(peers(a="BC", b="a", c="", d="Ax"))} == {
        "a": "not asked by c",
        "b": "no answer from a",
        "d": "no answer from x; not asked by a",
    }
    assert all(finding.good for finding in of_peers(peers(a="B", b="A")))
    assert list(of_peers(peers(a="", b=""))) == []


def test_a_disk_needs_room_for_all_of_it() -> None:
    """With as much again to spare."""
    look = looked(1, 2, more="".join(f"a{n} 1\n" for n in range(293)))  # with its own: 299 series

    day = of_disk([look], 24 * HOUR, 10**9)

    assert len(look.pages[-1].layout.series) == 299
    assert day == Finding("disk", "room", True, "78 MB needed, 1.0 GB free")
    assert not of_disk([look], 24 * HOUR, 150_000_000).good


def test_expectations_are_a_dataset_or_a_folder(tmp_path: Path) -> None:
    """Of which the last inventory of each node counts."""
    (tmp_path / "run").mkdir()
    nodes = {"a": {"inventories": {"e1": {"n": 1}, "e2": {"n": 2}}}, "b": {"inventories": {}}}
    (tmp_path / "run/dataset.json").write_text(json.dumps({"nodes": nodes}))
    (tmp_path / "ares.json").write_text('{"n": 3}')

    assert expected_inventories(tmp_path / "run") == {"a": {"n": 2}}
    assert expected_inventories(tmp_path) == {"ares": {"n": 3}}
    (tmp_path / "ares.json").write_text("{")
    with pytest.raises(Mistake, match="neither a dataset nor a folder of inventories"):
        expected_inventories(tmp_path)
