"""Network interfaces that come and go by the dozen while they are read, in a network namespace of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests import programs

pytestmark = pytest.mark.lab

NAMESPACE = "driftscope-hot-plug"
PAIRS = 20
SECONDS = 12


@pytest.fixture(name="ip")
def namespace() -> Generator[str, None, None]:
    """The program ``ip``; the namespace exists as long as the test."""
    ip = programs.find("ip", "iproute2")
    subprocess.run([ip, "netns", "add", NAMESPACE], check=True)
    subprocess.run([ip, "-netns", NAMESPACE, "link", "set", "lo", "up"], check=True)
    yield ip
    subprocess.run([ip, "netns", "delete", NAMESPACE], check=True)


def test_interfaces_come_and_go_under_load(ip: str, tmp_path: Path) -> None:
    """No sample is missed or harmed, no interface is shown that is gone, and every coming and going is counted."""
    inside = [ip, "netns", "exec", NAMESPACE]
    python = [*inside, sys.executable, "-m"]
    target = f"127.0.0.1:{programs.free_port()}"
    plugging = [*inside, "sh", "-c", plug_and_unplug(ip, tmp_path)]
    exporter = [*python, "exporter", "--listen", target, "--network.virtual", "--log-level=warning"]
    recorder = [*python, "recorder", "record", "--target", f"a={target}", "-o", str(tmp_path / "run")]
    with programs.running(exporter), programs.running(plugging):
        programs.run([*recorder, "--duration", f"{SECONDS}s"])

    frame = programs.frame(tmp_path / "run" / "node=a")
    frame = frame[frame["present"].cumsum() > 0]
    received = [name for name in frame if name.startswith('node_network_receive_bytes_total{device="here')]
    assert len(frame) >= SECONDS - 4
    assert frame["present"].all()
    assert (frame["driftscope_ticks_missed_total"] == 0).all()
    assert len(received) > PAIRS // 2
    assert frame[received].count(axis="columns").nunique() > 2
    assert frame['node_network_receive_bytes_total{device="lo"}'].notna().all()
    assert frame["driftscope_series_vanished_total"].iloc[-1] > PAIRS
    assert not [name for name in frame if name.startswith("driftscope_source_errors_total")]


def plug_and_unplug(ip: str, folder: Path) -> str:
    """A script that adds pairs of interfaces and deletes them again, for ever."""
    add, delete = folder / "add", folder / "delete"
    add.write_text("".join(f"link add here{n} type veth peer name there{n}\n" for n in range(PAIRS)))
    delete.write_text("".join(f"link delete here{n}\n" for n in range(PAIRS)))
    return f"while {ip} -batch {add} && {ip} -batch {delete}; do :; done"
