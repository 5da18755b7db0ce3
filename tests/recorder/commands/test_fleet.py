"""fleet, as people run it; with real machines in tests/e2e/test_fleet.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import programs

FLEET = "nodes: {ares: {}, home: {ssh: pi@home.example, sudo: true, address: 'home.example:19777'}}"


@pytest.fixture(name="flags")
def files(tmp_path: Path) -> list[str]:
    """The flags that name a fleet and a bundle."""
    (tmp_path / "fleet.yml").write_text(FLEET)
    (tmp_path / "bundle.pyz").write_bytes(b"bundle")
    return [f"--config={tmp_path / 'fleet.yml'}", f"--bundle={tmp_path / 'bundle.pyz'}", "--dry-run"]


def test_a_dry_run_prints_what_would_be_run(flags: list[str]) -> None:
    """As a shell would take it, but for the bundle's own letters."""
    said = programs.recorder("fleet", "deploy", *flags)

    assert "ares 'sh -s' <<'ares'\nnode=ares\n" in said
    assert "pi@home.example 'sudo -n sh -s' <<'home'\nnode=home\n" in said
    assert "payload=(the bundle: 8 letters)" in said


def test_a_dry_run_of_tunnels_prints_their_commands(flags: list[str]) -> None:
    """One for each node that only ssh reaches."""
    (line,) = programs.recorder("fleet", "tunnel", *flags).splitlines()

    assert line.startswith("ssh -T ")
    assert line.endswith(":127.0.0.1:19777 ares")


def test_one_node_can_be_chosen(flags: list[str]) -> None:
    """By its name, which must be known."""
    said = programs.recorder("fleet", "stop", *flags, "--node", "ares")
    unknown = programs.recorder("fleet", "stop", *flags, "--node", "mars", status=2)

    assert "node=ares" in said
    assert "node=home" not in said
    assert unknown == ""


def test_nodes_that_cannot_be_reached_are_a_failure(tmp_path: Path) -> None:
    """Of each of them, by its name."""
    (tmp_path / "fleet.yml").write_text("nodes: {a: {ssh: 127.0.0.1.invalid}, b: {ssh: 127.0.0.2.invalid}}")
    (tmp_path / "bundle.pyz").write_bytes(b"bundle")

    said = programs.recorder(
        "fleet", "status", f"--config={tmp_path / 'fleet.yml'}", f"--bundle={tmp_path / 'bundle.pyz'}", status=1
    )

    assert [line.split("\t")[0] for line in said.splitlines()] == ["node", "a", "b"]
