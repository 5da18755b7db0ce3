"""fleet.yml, as people write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.fleet.inventory import Node, read
from recorder.mistakes import Mistake


def fleet(folder: Path, text: str) -> list[Node]:
    """The nodes of a file with this text."""
    file = folder / "fleet.yml"
    file.write_text(text)
    return read(file)


def test_a_name_is_enough(tmp_path: Path) -> None:
    """It is ssh's alias then, and only ssh reaches the node."""
    (node,) = fleet(tmp_path, "nodes: {ares: }")

    assert node == Node("ares", "ares", False, ("", 19777), "", True, ("--listen=:19777",))


def test_nodes_with_addresses_ask_each_other(tmp_path: Path) -> None:
    """And are asked directly; those without ask too, and are reached by ssh."""
    nodes = fleet(tmp_path, "nodes: {a: {address: 'a.example:1'}, b: {address: 'b.example:2'}, c: {}}")

    assert [node.flags[1] for node in nodes] == [
        "--peers=b=b.example:2",
        "--peers=a=a.example:1",
        "--peers=a=a.example:1,b=b.example:2",
    ]
    assert [node.tunnel for node in nodes] == [False, False, True]


def test_flags_come_last(tmp_path: Path) -> None:
    """So that they can override what was made from the other keys."""
    (node,) = fleet(tmp_path, "nodes: {a: {peers: [], listen: '[::1]:8', flags: [--interval, 500ms, --disable, 7]}}")

    assert node.flags == ("--listen=[::1]:8", "--interval", "500ms", "--disable", "7")
    assert node.local_address == "[::1]:8"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected the key nodes"),
        ("nodes: []", "expected the key nodes"),
        ("nodes: {a: }\nnode: {}", "expected the key nodes"),
        ("nodes: {a b: }", "'a b' cannot be a node's name"),
        ("nodes: {a: [1]}", "a: expected a mapping of ssh,"),
        ("nodes: {a: {shh: b}}", "a: shh is not one of ssh,"),
        ("nodes: {a: {sudo: 'yes'}}", "a: sudo: expected true or false, found 'yes'"),
        ("nodes: {a: {ssh: -oProxyCommand=x}}", "a: ssh: '-oProxyCommand=x' is not a destination"),
        ("nodes: {a: {address: a.example}}", "a: address: 'a.example' is not HOST:PORT"),
        ("nodes: {a: {listen: '::1:9'}}", "a: listen: '::1:9' is not HOST:PORT"),
        ("nodes: {a: {peers: [b]}}", "a: peers: b is not another node with an address"),
        ("nodes: {a: {peers: [a], address: 'a:1'}}", "a: peers: a is not another node with an address"),
        ("nodes: {", "while parsing"),
    ],
)
def test_what_is_wrong_is_one_line(text: str, reason: str, tmp_path: Path) -> None:
    """Which names the file, the node and the key."""
    with pytest.raises(Mistake) as mistake:
        fleet(tmp_path, text)

    assert str(mistake.value).startswith(f"{tmp_path / 'fleet.yml'}: ")
    assert reason in str(mistake.value)
    assert "\n" not in str(mistake.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Is said so."""
    with pytest.raises(Mistake, match="No such file"):
        read(tmp_path / "none.yml")
