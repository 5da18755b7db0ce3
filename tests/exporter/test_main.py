"""The exporter as a program: what it prints, how it ends, and with which status."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporter.sources import SOURCES
from tests.exporter.asking import get
from tests.exporter.made import eventually
from tests.exporter.programs import run, running, tree_flags

SOON = 10
"""Seconds in which the exporter ends after it was told to, on the slowest machine."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number: int) -> None:
    """It exits with 0 within seconds, and has nothing to say about it."""
    with running() as exporter:
        began = time.monotonic()
        exporter.process.send_signal(number)
        status = exporter.end()

    assert status == 0
    assert time.monotonic() - began < SOON
    assert "Traceback" not in "".join(exporter.said)


def test_it_ends_with_a_client_connected(tree: Path) -> None:
    """Whoever is connected is hung up on."""
    with running(*tree_flags(tree), "--interval", "50ms") as exporter:
        eventually("it has a sample", lambda: get(exporter.address, "/-/ready").status == 200)
        exporter.process.terminate()

        assert exporter.end() == 0


def test_it_serves_what_it_samples(tree: Path) -> None:
    """The page is the tree's, and its sequence goes on."""
    with running(*tree_flags(tree), "--interval", "50ms", "--disable", "network") as exporter:
        eventually("it has a sample", lambda: get(exporter.address, "/-/ready").status == 200)
        first = sequence(get(exporter.address).body)
        eventually("it has the next one", lambda: sequence(get(exporter.address).body) > first)
        page = get(exporter.address).body.decode()
        inventory = json.loads(get(exporter.address, "/inventory").body)

    assert 'node_hwmon_temp_celsius{chip="platform_coretemp_1",sensor="temp10"} 41.008\n' in page
    assert "node_network" not in page
    assert inventory["left_out"]["network"] == "disabled by --disable"


def sequence(page: bytes) -> int:
    """The number of the page's sample."""
    return int(page.decode().partition("\ndriftscope_sample_sequence ")[2].split()[0])


def test_a_duration_ends_it() -> None:
    """It exits with 0 by itself."""
    with running("--duration", "200ms", "--interval", "50ms") as exporter:
        assert exporter.end() == 0


def test_once_prints_one_sample(tree: Path) -> None:
    """prometheus-client reads it; nothing else is on stdout, nothing at all on stderr."""
    done = run("--once", *tree_flags(tree))

    families = {family.name for family in text_string_to_metric_families(done.stdout)}
    assert {"driftscope_sample_sequence", "clock_seconds", "node_load1", "node_hwmon_temp_celsius"} <= families
    assert (done.returncode, done.stderr) == (0, "")


def test_once_works_on_this_machine() -> None:
    """Whatever it has, its clocks and its own sequence are there."""
    done = run("--once")

    assert done.returncode == 0
    assert 'clock_seconds{clock="monotonic_raw"}' in done.stdout
    assert "\ndriftscope_sample_sequence 1\n" in done.stdout
    assert list(text_string_to_metric_families(done.stdout))


def test_the_inventory_is_json(tree: Path) -> None:
    """Every source is either found or left out."""
    done = run("--inventory", *tree_flags(tree), DRIFTSCOPE_DISABLE="disks,stat")

    inventory = json.loads(done.stdout)
    assert sorted([*inventory["found"], *inventory["left_out"]]) == sorted(SOURCES)
    assert {name for name, why in inventory["left_out"].items() if "--disable" in why} == {"disks", "stat"}
    assert done.returncode == 0


def test_a_taken_port_is_one_line() -> None:
    """It says which address cannot be had and why, and exits with 2."""
    with running() as exporter:
        address = "{}:{}".format(*exporter.address)
        done = run("--listen", address)

    assert done.returncode == 2
    assert done.stderr.startswith(f"driftscope-exporter: error: cannot listen on {address}: Address already in use")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("flags", "variables", "about"),
    [
        (["--no-such-flag"], {}, "unrecognized arguments: --no-such-flag"),
        (["--path.sysfs", "/no/such/folder"], {}, "there is no folder /no/such/folder"),
        ([], {"DRIFTSCOPE_INTERVAL": "soon"}, "'soon' is not a time"),
    ],
)
def test_what_is_wrong_is_one_line(flags: list[str], variables: dict[str, str], about: str) -> None:
    """On stderr, without a traceback, with status 2."""
    done = run(*flags, **variables)

    assert (done.returncode, done.stdout) == (2, "")
    assert about in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_is_for_whoever_asks() -> None:
    """It is on stdout, with status 0."""
    done = run("--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: driftscope-exporter ")
