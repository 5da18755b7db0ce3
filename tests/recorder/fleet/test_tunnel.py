"""A tunnel is kept: what ends is started anew."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from recorder.fleet import tunnel
from recorder.fleet.inventory import Node
from recorder.fleet.tunnel import Tunnel
from tests.programs import eventually

NODE = Node("ares", "ares", False, ("", 19777), "", True, ())


def test_its_command_forwards_a_port_of_this_machine_only() -> None:
    """To the exporter on the node's loopback interface; ssh ends if it cannot."""
    command = Tunnel(NODE, port=4000).command

    assert command[-2:] == ["127.0.0.1:4000:127.0.0.1:19777", "ares"]
    assert "ExitOnForwardFailure=yes" in command


def test_one_that_ends_is_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a pause, and not after it was closed, which ends the one that runs."""
    ssh = tmp_path / "ssh"
    ssh.write_text(
        f"#!/bin/sh\necho x >>{tmp_path}/started\n[ $(wc -l <{tmp_path}/started) -lt 3 ] || exec sleep 600\n"
    )
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(tunnel, "SHORTEST_PAUSE", 0.05)

    with closing(Tunnel(NODE)) as kept:
        kept.open()
        eventually("three starts", lambda: (tmp_path / "started").exists() and started(tmp_path) == 3)

    assert started(tmp_path) == 3


def started(folder: Path) -> int:
    """How often ssh was started."""
    return len((folder / "started").read_text().splitlines())
