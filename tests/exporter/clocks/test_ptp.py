"""PTP hardware clocks. A real one, though it stands still, is read in tests/e2e/test_guest.py."""

from __future__ import annotations

import errno
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import ptp
from exporter.clocks.crossread import Reading
from exporter.files import KernelFile
from exporter.host import Host
from exporter.source import PartlyReadError
from tests.exporter.nobody import absent_for_nobody, machine_of_others
from tests.exporter.reading import absent, found, host
from tests.trees import clocks


def refuse(*way: object) -> Reading:
    """A way that the driver does not know."""
    raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))


def test_the_inventory_names_each_clock_and_its_interface(tmp_path: Path) -> None:
    """As its driver and the kernel call them."""
    clocks.ptp(tmp_path, 0, "eno1")

    with closing(found(ptp, host(tmp_path))) as reader:
        assert reader.found == {"clocks": {"ptp0": {"name": "00:11:22:33:44:55", "interface": "eno1"}}}


def test_the_best_way_that_is_not_refused_is_kept(tmp_path: Path) -> None:
    """Which ways a driver knows does not change."""
    asked: list[str] = []

    def works(*way: object) -> Reading:
        asked.append("works")
        return Reading(1, 2, 3)

    def is_refused(*way: object) -> Reading:
        asked.append("refused")
        return refuse()

    (tmp_path / "ptp0").touch()
    clock = ptp.Clock("ptp0", KernelFile(tmp_path / "ptp0"), (is_refused, works, is_refused))

    assert [clock.read(Host()) for _ in range(2)] == [Reading(1, 2, 3)] * 2
    assert asked == ["refused", "works", "works"]
    clock.file.close()


def test_a_file_that_is_no_clock_is_an_error_of_that_clock(tmp_path: Path) -> None:
    """The real kernel refuses every way of reading it."""
    clocks.ptp(tmp_path, 0, "eno1")

    with closing(found(ptp, host(tmp_path))) as reader, pytest.raises(PartlyReadError) as partly:
        reader.read()

    assert partly.value.values == []
    assert len(partly.value.errors) == 1


def test_what_cannot_be_opened_is_absent_with_what_would_help() -> None:
    """Devices are root's unless udev says otherwise."""
    with machine_of_others(lambda root: clocks.ptp(root, 0, "eno1")) as root:
        reason = absent_for_nobody(ptp, host(root))

    assert "dev/ptp0 cannot be opened: run as root" in reason


def test_no_root_sensors_leaves_them_out(tmp_path: Path) -> None:
    """Even for root."""
    clocks.ptp(tmp_path, 0, "eno1")

    assert "cannot be opened" in str(ptp.find(replace(host(tmp_path), root_sensors=False)))


def test_a_machine_without_one_says_so(tmp_path: Path) -> None:
    """The reason names the folder that was looked in."""
    assert "class/ptp" in absent(ptp, tmp_path)


@given(*[st.integers(0, 10**18)] * 3, st.lists(st.integers(0, 10**6), min_size=6, max_size=6))
def test_a_reading_through_another_clock_holds_the_truth(device: int, realtime: int, raw: int, by: list[int]) -> None:
    """Whatever the clocks' true distances, and wherever in their brackets they were read, the result encloses it."""
    clock = Reading(realtime + by[0] - by[1], device + by[0], realtime + by[0] + by[2])
    middle = Reading(raw + by[3] - by[4], realtime + by[3], raw + by[3] + by[5])

    read = ptp.through(clock, middle)

    assert read.clock - read.after <= device - raw <= read.clock - read.before
    assert read.bracket == clock.bracket + middle.bracket
