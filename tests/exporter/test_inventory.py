"""What was found, what was left out and why."""

from __future__ import annotations

import json
import os
import platform
from contextlib import closing
from pathlib import Path
from typing import Any

from exporter import __version__
from exporter.host import Host
from exporter.inventory import inventory
from exporter.sampler import Sampler
from exporter.sensors import loadavg, network, thermal
from exporter.source import Absent
from tests import frozen
from tests.exporter.made import TICK, Finding, raising


def taken(sampler: Sampler, **disabled: Any) -> dict[str, Any]:
    """The inventory after one sample, as it comes out of JSON."""
    with closing(sampler):
        sampler.sample(TICK)
        return json.loads(json.dumps(inventory(sampler, disabled)))


def test_everything_that_was_found_is_described(tree: Path) -> None:
    """Each source says what it reads, how many values that gave and what it cost, and what it found."""
    found = taken(Sampler(frozen.host(tree), frozen.SOURCES))["found"]

    assert list(found) == list(frozen.SOURCES)
    assert all(source["reads"].endswith(".") or len(source["reads"]) > 20 for source in found.values())
    assert all(source["values"] > 0 and source["read_cost_seconds"] > 0 for source in found.values())
    assert found["hwmon"]["chips"][0]["sensors"]["temp10"] == "Core 8"
    assert found["loadavg"]["quantum"] == 0.01


def test_everything_that_was_left_out_has_a_reason(tree: Path) -> None:
    """What is not there, what could not be looked for and what was disabled are told apart."""

    def find(host: Host) -> Absent:
        raise PermissionError(13, "Permission denied", "/dev/x")

    (tree / "proc/loadavg").unlink()
    sources = {"loadavg": loadavg, "broken": Finding(find), "thermal": thermal}

    left_out = taken(Sampler(frozen.host(tree), sources), network=network)["left_out"]

    assert left_out == {
        "loadavg": f"no {tree / 'proc/loadavg'}",
        "broken": "looking for it failed: [Errno 13] Permission denied: '/dev/x'",
        "network": "disabled by --disable",
    }


def test_errors_are_listed_with_the_last_one(tree: Path) -> None:
    """A source that fails is found all the same, and its inventory says how it failed."""
    broken = taken(Sampler(frozen.host(tree), {"broken": raising(ValueError("half a number"))}))["found"]["broken"]

    assert broken["errors"] == {"ValueError": 1}
    assert broken["last_error"] == "half a number"
    assert broken["values"] == 0


def test_the_machine_is_described(tree: Path) -> None:
    """Name, kernel, CPUs and memory of this machine, and by whom and where it was looked at."""
    about = taken(Sampler(frozen.host(tree), {}, epoch="c0ffee"))

    assert about["machine"]["hostname"] == os.uname().nodename
    assert about["machine"]["kernel"] == os.uname().release
    assert about["machine"]["memory_bytes"] > 2**20
    assert about["exporter"] == {"version": __version__, "python": platform.python_version()}
    assert about["paths"] == {"sysfs": str(tree / "sys"), "procfs": str(tree / "proc")}
    assert about["epoch"] == "c0ffee"
