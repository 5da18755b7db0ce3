"""What a node is told."""

from __future__ import annotations

import base64
import hashlib
import shlex
from pathlib import Path

import pytest

from recorder.fleet import service
from recorder.fleet.inventory import Node
from recorder.fleet.service import Bundle, quoted, unit
from recorder.mistakes import Mistake

BUNDLE = Bundle(b"PK\x03\x04")


def node(*flags: str, sudo: bool = False) -> Node:
    """A node with these flags."""
    return Node("ares", "ares", sudo, ("", 19777), "", True, flags)


def test_a_bundle_is_known_by_its_hash(tmp_path: Path) -> None:
    """And goes over the wire as letters."""
    file = tmp_path / "bundle"
    file.write_bytes(b"\0\xff")

    bundle = Bundle.read(file)

    assert bundle.sha256 == hashlib.sha256(b"\0\xff").hexdigest()
    assert base64.b64decode(bundle.payload) == b"\0\xff"


def test_a_bundle_that_was_not_built(tmp_path: Path) -> None:
    """Is said how to build."""
    with pytest.raises(Mistake, match="make bundle builds it"):
        Bundle.read(tmp_path / "none")


def test_flags_are_a_shells_words() -> None:
    """Each of them one, whatever is in it."""
    told = service.variables(node("--listen=:1", "--x", "a b'c"), BUNDLE)

    assert shlex.split(told["flags"]) == ["--listen=:1", "--x", "a b'c"]
    assert told["unit"] == ""
    assert told["address"] == "127.0.0.1:19777"


def test_a_unit_runs_the_bundle_with_its_flags() -> None:
    """Of this version, and with what systemd would expand written so that it does not."""
    text = service.variables(node("--x=50%", "a b", sudo=True), BUNDLE)["unit"]

    (line,) = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    program = f"/opt/driftscope/exporter-{BUNDLE.sha256[:12]}.pyz --history.dir=/var/lib/driftscope"
    assert line == f'ExecStart=/usr/bin/env python3 {program} --x=50%% "a b"'


def test_a_unit_cannot_touch_the_clock() -> None:
    """CAP_SYS_TIME is not among what it may have."""
    lines = dict(line.split("=", 1) for line in unit("0", ()).splitlines() if "=" in line and line[:1] != "#")

    assert lines["CapabilityBoundingSet"] == lines["AmbientCapabilities"]
    assert "CAP_SYS_TIME" not in lines["CapabilityBoundingSet"]
    assert lines["DynamicUser"] == "yes"


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("plain", "plain"),
        ("", '""'),
        ("a b", '"a b"'),
        ('say "x"', '"say \\"x\\""'),
        ("$HOME", "$$HOME"),
        ("a\\b", '"a\\\\b"'),
    ],
)
def test_systemd_takes_an_argument_as_it_is(argument: str, written: str) -> None:
    """systemd.service(5)."""
    assert quoted(argument) == written
