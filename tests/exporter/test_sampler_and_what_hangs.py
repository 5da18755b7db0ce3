"""Sources that do not return: a dying disk's sensor can block for seconds, or for good."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from exporter import sampler as module
from exporter.host import Host
from exporter.sampler import Sampler
from exporter.source import Absent
from tests.exporter.made import LIMIT, TICK, Finding, Hanging, Made, eventually, steady, values
from tests.exporter.reading import by_series, host


@pytest.fixture(autouse=True)
def impatient(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that does not return is given up after half a second."""
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    monkeypatch.setattr(module, "PATIENCE_LOOKING", 0.5)


@pytest.fixture
def stack() -> Generator[ExitStack, None, None]:
    """Closes what a test opened."""
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("cadence", [1, 10])
def test_one_that_hangs_costs_only_itself(stack: ExitStack, tmp_path: Path, cadence: int) -> None:
    """It is left out while it hangs, and counted once."""
    disk = Hanging(tmp_path / "temp1_input")
    sources = {"a": steady("a"), "disk": disk.source("disk", cadence), "z": steady("z")}
    sampler = stack.enter_context(closing(Sampler(host(tmp_path), sources)))

    hanging = [values(sampler.sample(TICK)) for _ in range(3)]

    for now in hanging:
        assert (now["a"], now["z"]) == (1, 1)
        assert "disk" not in now
        assert now['driftscope_source_up{source="disk"}'] == 0
        assert now['driftscope_source_errors_total{error="Hung",source="disk"}'] == 1
    disk.release(1, 1)


def test_one_that_hung_is_read_beside_the_tick(stack: ExitStack, tmp_path: Path) -> None:
    """What it gives late is used with its age, and it is in nobody's way until it has become quick again."""
    disk = Hanging(tmp_path / "temp1_input")
    sampler = stack.enter_context(closing(Sampler(host(tmp_path), {"disk": disk.source("disk")})))
    watched = sampler.watched[0]
    sampler.sample(TICK)

    disk.release(late=1, then=2)
    eventually("the read has returned", lambda: not watched.busy)
    late, age = by_series(watched.values), time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) - watched.last_success
    sampler.sample(TICK)
    eventually("it was read again", lambda: not watched.busy)
    quick = values(sampler.sample(TICK))

    assert late == {"disk": 1}
    assert age > 0.5e9
    assert quick["disk"] == 2
    assert not watched.beside


def test_several_that_hang_cost_only_themselves(stack: ExitStack, tmp_path: Path) -> None:
    """Each is given up on its own, and what stands behind them is read in the same sample."""
    first, second = Hanging(tmp_path / "1"), Hanging(tmp_path / "2")
    sources = {"first": first.source("first"), "second": second.source("second"), "z": steady("z")}
    sampler = stack.enter_context(closing(Sampler(host(tmp_path), sources)))

    now = values(sampler.sample(TICK))

    assert now["z"] == 1
    assert [now[f'driftscope_source_up{{source="{name}"}}'] for name in sources] == [0, 0, 1]
    first.release(1, 1)
    second.release(1, 1)


def test_one_that_hangs_keeps_nothing_from_closing(tmp_path: Path) -> None:
    """The sampler closes what is at rest, and leaves what hangs alone."""
    disk = Hanging(tmp_path / "temp1_input")
    hanging, resting = disk.source("disk"), steady("a")
    sampler = Sampler(host(tmp_path), {"disk": hanging, "a": resting})
    sampler.sample(TICK)

    sampler.close()

    assert resting.closed
    assert not hanging.closed
    disk.release(1, 1)


def test_one_that_cannot_be_looked_for_in_time_says_so(stack: ExitStack, tmp_path: Path) -> None:
    """A source that hangs while it is looked for is absent with that reason, and joins when it is found."""
    let_go = threading.Event()
    made = steady("slow")

    def find(host: Host) -> Made:
        let_go.wait(LIMIT)
        return made

    sources = {"slow": Finding(find), "z": steady("z")}
    sampler = stack.enter_context(closing(Sampler(host(tmp_path), sources)))
    before, reason = values(sampler.sample(TICK)), sampler.watched[0].absent
    let_go.set()
    eventually("it is found", lambda: not sampler.watched[0].busy)
    after = values(sampler.sample(TICK))

    assert "slow" not in before
    assert before["z"] == 1
    assert reason == "looking for it did not return in time"
    assert after["slow"] == 1


def test_looking_again_is_not_asked_of_one_that_hangs(stack: ExitStack, tmp_path: Path) -> None:
    """While a call into a source lasts, no other call is made into it."""
    disk = Hanging(tmp_path / "temp1_input")
    hanging = disk.source("disk")
    looked: list[Host] = []

    def find(host: Host) -> Made | Absent:
        looked.append(host)
        return hanging if len(looked) == 1 else Absent("unplugged")

    sampler = stack.enter_context(closing(Sampler(host(tmp_path), {"disk": Finding(find)})))
    for _ in range(3):
        sampler.sample(TICK)
        sampler.watched[0].look_again = True
        sampler.look_again()

    assert len(looked) == 1
    disk.release(1, 1)
