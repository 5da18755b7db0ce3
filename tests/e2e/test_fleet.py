"""A fleet of four machines and one that is not there, deployed to over real ssh, one of them through another."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from recorder.fleet.service import unit
from tests import programs
from tests.lab.machines import Desktop, desktop

pytestmark = pytest.mark.lab

FLEET = """\
nodes:
  home: {flags: [--disable, network]}
  ares: {}
  comp: {listen: "127.0.0.1:19777"}
"""
GONE = "  gone: {}\n  bare: {}\n"


@pytest.fixture(name="there", scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Generator[Desktop, None, None]:
    """The machines, for all of these tests: they go on where the one before left off."""
    with desktop(tmp_path_factory.mktemp("machines")) as there:
        yield there


def fleet(
    there: Desktop, action: str, text: str, bundle: Path, *flags: str, status: int = 0
) -> dict[str, dict[str, str]]:
    """What a command says of each node, by its headings."""
    file = there.folder / "fleet.yml"
    file.write_text(text)
    recorder = [sys.executable, "-m", "recorder", "fleet", action, f"--config={file}", f"--bundle={bundle}", *flags]
    headings, *rows = [line.split("\t") for line in programs.run(there.command(*recorder), status).splitlines()]
    return {row[0]: dict(zip(headings, row, strict=True)) for row in rows}


def states(said: dict[str, dict[str, str]]) -> dict[str, str]:
    """The state of each node."""
    return {node: cells["state"] for node, cells in said.items()}


def test_a_node_that_is_not_there_keeps_no_other_from_anything(there: Desktop, bundle: Path) -> None:
    """It, and one without Python, say in a line what is the matter; the others are deployed to within 20 s."""
    started = time.monotonic()

    said = states(fleet(there, "deploy", FLEET + GONE, bundle, status=1))

    assert time.monotonic() - started < 20
    assert said["home"] == said["ares"] == "deployed"
    assert said["comp"] in ("deployed", "deployed already")  # ares, whose home it shares, may have been first
    assert "Network is unreachable" in said["gone"]
    assert said["bare"] == "there is no python3"


def test_what_is_there_is_not_copied_again(there: Desktop, bundle: Path) -> None:
    """A home that two machines share has it once."""
    said = states(fleet(there, "deploy", FLEET, bundle))

    assert said == dict.fromkeys(("home", "ares", "comp"), "deployed already")
    assert len(list((there.folder / "shared-home/.local/share/driftscope").glob("*.pyz"))) == 1


def test_started_once_it_runs_until_it_is_stopped(there: Desktop, bundle: Path) -> None:
    """A second start changes nothing, but with other flags it is started anew; one stop is enough."""
    first = states(fleet(there, "start", FLEET, bundle))
    second = states(fleet(there, "start", FLEET, bundle))
    status = fleet(there, "status", FLEET, bundle)
    fleet(there, "deploy", FLEET.replace("network", "disks"), bundle, "--node", "home")
    third = states(fleet(there, "start", FLEET, bundle))
    stopped = states(fleet(there, "stop", FLEET, bundle))
    again = states(fleet(there, "stop", FLEET, bundle))
    after = states(fleet(there, "status", FLEET, bundle))

    assert first == dict.fromkeys(first, "started")
    assert second == dict.fromkeys(first, "runs already")
    assert third == {"home": "started", "ares": "runs already", "comp": "runs already"}
    assert all(int(cells["series"]) > 50 and cells["missed"] == "0" for cells in status.values())
    assert states(status) == dict.fromkeys(first, "running")
    assert stopped == again | dict.fromkeys(first, "stopped")
    assert again == dict.fromkeys(first, "did not run")
    assert after == dict.fromkeys(first, "stopped")


def test_nodes_that_only_ssh_reaches_are_recorded_through_it(there: Desktop, bundle: Path) -> None:
    """One of them through another; a tunnel that is cut is there again soon."""
    fleet(there, "start", FLEET, bundle)
    run = there.folder / "run"
    record = [sys.executable, "-m", "recorder", "record", f"--fleet={there.folder / 'fleet.yml'}", "-o", str(run)]

    with subprocess.Popen(there.command(*record, "--duration=20s"), cwd=programs.ROOT) as recorder:
        time.sleep(8)
        cut = [pid for pid in there.pids("desktop") if b"-L" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        for pid in cut:
            subprocess.run(["kill", str(pid)], check=False)
        recorder.wait(60)
    fleet(there, "stop", FLEET, bundle)

    rows = {name: programs.frame(run / f"node={name}") for name in ("home", "ares", "comp")}
    assert recorder.returncode == 0
    assert len(cut) >= 2
    assert all(rows[name]["present"].sum() >= 8 for name in rows)
    assert all(rows[name]["present"].iloc[-4:].any() for name in rows)


def test_logs_are_the_last_lines_of_each(there: Desktop, bundle: Path) -> None:
    """With the node's name before each."""
    fleet(there, "start", FLEET, bundle)
    file = there.folder / "fleet.yml"
    recorder = [sys.executable, "-m", "recorder", "fleet", "logs", f"--config={file}", f"--bundle={bundle}"]

    said = programs.run(there.command(*recorder))

    fleet(there, "stop", FLEET, bundle)
    assert {line.split(":")[0] for line in said.splitlines() if "listening on" in line} == {"home", "ares", "comp"}


def test_one_that_cannot_run_is_said_to(there: Desktop, bundle: Path) -> None:
    """And its log says why."""
    wrong = FLEET.replace("network", "gravity")
    fleet(there, "deploy", wrong, bundle, "--node", "home")

    said = states(fleet(there, "start", wrong, bundle, "--node", "home", status=1))

    assert said["home"].startswith("it ended at once: driftscope-exporter: error: argument --disable:")


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Every line of it, and calls it hardened; one with a flag that has to be quoted."""
    analyze = programs.find("systemd-analyze", "systemd")
    file = tmp_path / "driftscope-exporter.service"
    file.write_text(unit("0123456789ab", ("--listen=:19777", "--x", 'a "b" $c 5%')))

    verified = subprocess.run([analyze, "verify", "--man=no", str(file)], capture_output=True, text=True, check=False)
    rated = programs.run([analyze, "security", "--offline=true", "--threshold=50", str(file)])

    assert verified.stderr == ""
    assert "Overall exposure level" in rated
