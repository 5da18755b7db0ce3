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
        assert reader.found["clocks"] == {"ptp0": {"name": "00:11:22:33:44:55", "interface": "eno1"}}


def test_the_best_way_that_works_is_taken_each_time(tmp_path: Path) -> None:
    """A refusal may pass: PRECISE answers EINVAL when a timer tick falls in between."""
    answers: list[Reading | None] = [Reading(1, 2, 1), None, Reading(3, 4, 3)]

    def sometimes(*way: object) -> Reading:
        return answers.pop(0) or refuse()

    (tmp_path / "ptp0").touch()
    clock = ptp.Clock("ptp0", KernelFile(tmp_path / "ptp0"))
    ways = (refuse, sometimes, lambda *way: None, lambda *way: Reading(0, 2, 9))

    read = [clock.read(Host(), ways) for _ in range(3)]

    assert read == [Reading(1, 2, 1), Reading(0, 2, 9), Reading(3, 4, 3)]
    clock.file.close()


@pytest.mark.parametrize(
    "readings",
    [[Reading(99, 0, 150)], [Reading(150, 0, 201)], [Reading(150, 0, 149)], [Reading(10**18, 0, 10**18)], []],
)
def test_brackets_outside_the_question_are_none(readings: list[Reading]) -> None:
    """A driver that used another clock, or a clock that was set back amid it, gives no reading."""
    assert ptp.best(readings, 100, 200) is None
    assert ptp.best([*readings, Reading(110, 1, 150), Reading(120, 2, 121)], 100, 200) == Reading(120, 2, 121)


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

    assert "dev/ptp0 cannot be opened: EACCES: run as root" in reason


def test_no_root_sensors_leaves_them_out(tmp_path: Path) -> None:
    """Even for root."""
    clocks.ptp(tmp_path, 0, "eno1")

    assert "--no-root-sensors" in str(ptp.find(replace(host(tmp_path), root_sensors=False)))


def test_a_machine_without_one_says_so(tmp_path: Path) -> None:
    """The reason names the folder that was looked in."""
    assert "class/ptp" in absent(ptp, tmp_path)


PARTS = st.lists(st.integers(0, 10**6), min_size=9, max_size=9)


@given(st.tuples(*[st.integers(0, 10**18)] * 3), PARTS, st.integers(-(10**12), 10**12), st.booleans())
def test_a_reading_through_another_clock_holds_the_truth(
    times: tuple[int, int, int], by: list[int], step: int, before: bool
) -> None:
    """However wide the brackets are, and also if realtime is set before or after the device was read."""
    device, realtime, raw = times
    early, late = (step, step) if before else (0, step)
    first = Reading(raw, realtime + by[0], raw + by[0] + by[1])
    at = raw + sum(by[:4])
    clock = Reading(realtime + early + at - raw - by[3], device + at, realtime + early + at - raw + by[4])
    end = at + by[4] + by[5]
    last = Reading(end, realtime + late + end - raw + by[6], end + by[6] + by[7])

    read = ptp.through(clock, first, last)

    assert read.before <= at <= read.after
