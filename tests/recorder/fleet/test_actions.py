"""What came of an action, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.fleet.actions import act, clock, scripts
from recorder.fleet.inventory import Node
from recorder.fleet.service import Bundle

NODE = Node("ares", "ares", False, ("", 19777), "", True, ("--listen=:19777",))
BUNDLE = Bundle(b"bundle")


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in ssh's place; counts its calls."""
    program = tmp_path / "ssh"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


def says(ssh: Path, *lines: str, status: int = 0) -> None:
    """What a node says."""
    said = "\n".join(f"echo ':: {line}'" for line in lines)
    ssh.write_text(f"#!/bin/sh\ncat >>{ssh}.asked\n{said}\nexit {status}\n")
    ssh.chmod(0o755)


@pytest.mark.parametrize(
    ("action", "lines", "cells"),
    [
        ("deploy", ["copied no", "python 3.9.2"], {"state": "deployed already", "python": "3.9.2"}),
        ("start", ["started yes"], {"state": "started"}),
        ("start", ["started no"], {"state": "runs already"}),
        ("stop", ["stopped no"], {"state": "did not run"}),
        (
            "status",
            ["state running", "seconds 93784", "samples 93780", "missed 1", "series 250"],
            {"state": "running", "for": "1d 02:03:04", "samples": "93780", "missed": "1", "series": "250"},
        ),
    ],
)
def test_an_outcome_is_a_row_of_a_table(action: str, lines: list[str], cells: dict[str, str], ssh: Path) -> None:
    """By its headings."""
    says(ssh, *lines)

    outcome = act(action, NODE, BUNDLE)

    assert outcome.good
    assert outcome.cells == cells


def test_trouble_is_no_success(ssh: Path) -> None:
    """An exporter that runs, but cannot read a sensor."""
    says(ssh, "state running", "seconds 1", "trouble cannot read ipmi")

    outcome = act("status", NODE, BUNDLE)

    assert not outcome.good
    assert outcome.cells["state"] == "cannot read ipmi"


def test_the_bundle_goes_only_where_it_is_missing(ssh: Path) -> None:
    """At first it is asked for by its hash."""
    says(ssh, "copied missing")

    act("deploy", NODE, BUNDLE)

    first, second = Path(f"{ssh}.asked").read_text().split("set -eu")[:2]
    assert BUNDLE.sha256 in first
    assert BUNDLE.payload not in first
    assert BUNDLE.payload in second


def test_a_dry_run_has_the_same_scripts() -> None:
    """``deploy`` alone has two."""
    assert [len(scripts(action, NODE, BUNDLE)) for action in ("deploy", "start", "stop", "status", "logs")] == [
        2,
        1,
        1,
        1,
        1,
    ]


def test_times_are_for_people() -> None:
    """Days only where there are some."""
    assert [clock(59), clock(3661), clock(90061)] == ["00:00:59", "01:01:01", "1d 01:01:01"]
