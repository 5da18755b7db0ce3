"""One source over time."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from exporter.host import Host
from exporter.sensors import loadavg, thermal
from exporter.source import Absent, PartlyReadError, Source, Taken, Value
from exporter.tick import SECOND
from exporter.watched import Watched, errno_name
from tests import frozen
from tests.exporter.made import Finding, Made, gauge, raising, steady
from tests.exporter.reading import by_series, host
from tests.trees import chips


def watched(source: Source, host: Host) -> Watched:
    """A source that has been looked for."""
    watched = Watched("it", source, host, SECOND)
    watched.look()
    return watched


def test_what_was_read_is_kept(tree: Path) -> None:
    """Values, time of success and cost of the last read are there afterwards."""
    it = watched(thermal, frozen.host(tree))

    it.read()

    assert it.up
    assert len(it.values) == 4
    assert it.duration == 997
    assert it.last_success > frozen.BASES[time.CLOCK_MONOTONIC_RAW]
    assert not it.errors


def test_a_failure_leaves_no_values(tree: Path) -> None:
    """What was read before does not stand in for what could not be read now."""
    values = iter([[gauge("a")]])
    it = watched(Made(lambda: next(values)), host(tree))
    it.read()
    assert it.up

    it.read()

    assert not it.up
    assert not it.values
    assert it.errors == {"StopIteration": 1}
    assert it.look_again


def test_a_partial_failure_leaves_what_could_be_read(tree: Path) -> None:
    """Each value that failed is counted under its own error, and those that did not are there."""

    def read() -> list[tuple]:
        errors = [
            OSError(errno.EIO, "broken", "a"),
            OSError(errno.EIO, "broken", "b"),
            OSError(errno.EBUSY, "busy", "c"),
        ]
        raise PartlyReadError([gauge("good")], errors, vanished=False)

    it = watched(Made(read), host(tree))

    it.read()

    assert it.up
    assert by_series(it.values) == {"good": 1}
    assert it.errors == {"EIO": 2, "EBUSY": 1}
    assert it.last_error == "[Errno 16] busy: 'c'"
    assert not it.look_again


def test_each_class_of_error_is_logged_once(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A sensor that is broken for good fills no log."""
    it = watched(raising(OSError(errno.EIO, "broken", "temp1_input")), host(tree))

    for _ in range(3):
        it.read()

    assert it.errors == {"EIO": 3}
    assert [record.getMessage() for record in caplog.records] == ["source it: [Errno 5] broken: 'temp1_input'"]


def test_an_unchanged_machine_keeps_its_reader(tree: Path) -> None:
    """Looking again finds the same, so that the files that are open stay open."""
    it = watched(thermal, host(tree))
    it.read()
    reader = it.reader
    assert isinstance(reader, thermal.NumberFiles)
    fds = [number.file.fd for number in reader.numbers]

    it.look()
    it.read()

    assert it.reader is reader
    assert [number.file.fd for number in reader.numbers] == fds
    reader.close()


def test_a_changed_machine_has_a_new_reader(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A zone that was added is read from the next look on, and the old reader is closed."""
    caplog.set_level(logging.INFO)
    it = watched(thermal, host(tree))
    it.read()
    old = it.reader
    assert isinstance(old, thermal.NumberFiles)
    chips.thermal_zone(tree, 7, "pch", 50000)

    it.look()
    it.read()

    assert by_series(it.values)['node_thermal_zone_temp{type="pch",zone="7"}'] == 50
    assert all(number.file.fd == -1 for number in old.numbers)
    assert "source it has changed" in caplog.text
    assert it.reader
    it.reader.close()


def test_what_is_gone_is_absent_with_its_reason(tree: Path) -> None:
    """A file that is no longer there when looked for leaves no reader behind."""
    it = watched(loadavg, host(tree))
    (tree / "proc/loadavg").unlink()

    it.look()

    assert it.reader is None
    assert it.absent == f"no {tree / 'proc/loadavg'}"


def test_a_source_that_cannot_be_looked_for_says_why(tree: Path) -> None:
    """A fault of looking is the reason why it is absent, and is counted."""

    def find(host: Host) -> Absent:
        raise ValueError("bad firmware")

    it = watched(Finding(find), host(tree))

    assert it.reader is None
    assert it.absent == "looking for it failed: bad firmware"
    assert it.errors == {"ValueError": 1}


def test_one_that_hung_is_moved_beside_the_tick(tree: Path) -> None:
    """Its values are gone, and it does not stop the others again."""
    it = watched(steady("a"), host(tree))
    it.read()

    it.hung()

    assert not it.up
    assert not it.values
    assert it.beside
    assert it.errors == {"Hung": 1}


def test_one_that_is_quick_again_returns_to_the_tick(tree: Path) -> None:
    """A read of less than a twentieth of a second brings it back."""
    it = watched(steady("a"), host(tree))
    it.hung()

    it.read()

    assert not it.beside


@dataclass
class Clock:
    """A monotonic clock that goes on when told."""

    now: int = 1

    def __call__(self, clock: int) -> int:
        """Nanoseconds."""
        return self.now


def costing(clock: Clock, milliseconds: Iterable[int], cadence: int = 1) -> Made:
    """A source whose reads take so long, one after the other."""
    costs = iter(milliseconds)

    def read() -> list[Value]:
        clock.now += next(costs) * 1_000_000
        return [gauge("a")]

    return Made(read, cadence)


@pytest.mark.parametrize(
    ("milliseconds", "cadence"),
    [([9], 1), ([11], 2), ([20 * 64], 60), ([40, 3, 90], 1), ([40, 90, 31], 4), ([3, 90, 91, 92], 9)],
)
def test_what_is_dear_is_read_less_often(tree: Path, milliseconds: list[int], cadence: int) -> None:
    """A source may take 10 ms a second, by the quickest of its last three reads, and waits a minute at most."""
    clock = Clock()
    it = watched(costing(clock, milliseconds), Host(tree / "sys", tree / "proc", clock_ns=clock))

    for _ in milliseconds:
        it.read()

    assert it.cadence == cadence


def test_a_cadence_of_its_own_is_the_least(tree: Path) -> None:
    """A source that wants to be read each tenth second is not read more often because it is cheap."""
    clock = Clock()
    it = watched(costing(clock, [50], cadence=10), Host(tree / "sys", tree / "proc", clock_ns=clock))

    it.read()

    assert it.cadence == 10


def test_what_is_read_beside_the_tick_may_take_its_time(tree: Path) -> None:
    """Waiting for a slow program costs nothing, so it changes no cadence."""
    clock = Clock()
    made = costing(clock, [3000], cadence=5)
    made.beside = True
    it = watched(made, Host(tree / "sys", tree / "proc", clock_ns=clock))

    it.read()

    assert (it.beside, it.cadence) == (True, 5)


def test_what_is_read_beside_the_tick_stands_for_a_while(tree: Path) -> None:
    """Its values stand for twice the time between two reads, and are never shown after that."""
    clock = Clock()
    made = costing(clock, [3000], cadence=5)
    made.beside = True
    it = watched(made, Host(tree / "sys", tree / "proc", clock_ns=clock))
    it.read()

    longest = it.last_success + 2 * (5 + 3) * SECOND

    assert it.stands(longest)
    assert not it.stands(longest + 1)


def test_values_that_were_taken_earlier_have_their_own_age(tree: Path) -> None:
    """A reader that says when its values were taken is as old as these."""
    made = steady("a")
    it = watched(made, host(tree))
    made.values = lambda: Taken([gauge("a")], at=77)

    it.read()

    assert it.last_success == 77
    assert by_series(it.values) == {"a": 1}


def test_what_is_left_of_values_taken_earlier_has_its_age_too(tree: Path) -> None:
    """A program's block of which a line was refused is as old as the block."""
    made = raising(PartlyReadError([gauge("a")], [OSError(errno.EBADMSG, "glued")], vanished=False, at=77))
    it = watched(made, host(tree))

    it.read()

    assert it.last_success == 77


def test_details_are_asked_for_once(tree: Path) -> None:
    """What costs a read to know is kept from the first look, and not asked for by the next one."""
    asked: list[int] = []

    @dataclass
    class WithLimits(Made):
        def details(self) -> dict[str, int]:
            asked.append(1)
            return {"limit": 99}

    it = watched(WithLimits(lambda: [gauge("a")]), host(tree))

    it.look()

    assert it.details == {"limit": 99}
    assert asked == [1]


def test_only_errors_of_the_system_are_named_by_number() -> None:
    """What errno calls 5 is EIO; an OSError without a number bears its class's name."""
    assert errno_name(OSError(errno.EIO, "x")) == "EIO"
    assert errno_name(TimeoutError("slow")) == "TimeoutError"
