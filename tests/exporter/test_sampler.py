"""One sample a tick, out of all sources."""

from __future__ import annotations

import errno
import threading
from collections.abc import Generator, Iterable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from exporter import __version__
from exporter.host import Host
from exporter.sampler import LOOK_AGAIN_EVERY, Sampler
from exporter.sensors import hwmon, loadavg, thermal
from exporter.source import Absent, PartlyReadError, Source, Value
from exporter.tick import SECOND, Tick
from tests import frozen
from tests.exporter.made import LIMIT, TICK, Finding, Made, gauge, raising, steady, values
from tests.exporter.reading import host


@pytest.fixture
def stack() -> Generator[ExitStack, None, None]:
    """Closes what a test opened."""
    with ExitStack() as stack:
        yield stack


def sampling(stack: ExitStack, tree: Path, **sources: Source) -> Sampler:
    """A sampler of these sources."""
    return stack.enter_context(closing(Sampler(host(tree), sources)))


def test_every_value_of_the_machine_is_there_once(stack: ExitStack, tree: Path) -> None:
    """All sources are up, and no series is in the sample twice."""
    sampler = stack.enter_context(closing(Sampler(frozen.host(tree), frozen.SOURCES)))

    sample = sampler.sample(TICK)

    assert len(set(sample.series)) == len(sample.series) == len(sample.values)
    now = values(sample)
    assert [now[f'driftscope_source_up{{source="{name}"}}'] for name in frozen.SOURCES] == [1] * len(frozen.SOURCES)


def test_a_server_is_read_whole(stack: ExitStack, server: Path) -> None:
    """64 CPUs and all that goes with them lose no series."""
    sampler = stack.enter_context(closing(Sampler(frozen.host(server), frozen.SOURCES)))

    now = values(sampler.sample(TICK))

    assert len(now) > 1500
    assert sum(series.startswith("cpuidle_residency") for series in now) == 64 * 4
    assert sum(series.startswith("node_cpu_seconds_total") for series in now) == 64 * 8


def test_the_sequence_goes_up_by_one(stack: ExitStack, tree: Path) -> None:
    """Samples are numbered without holes, in one epoch, by one version."""
    sampler = sampling(stack, tree, a=steady("a"))

    samples = [sampler.sample(TICK) for _ in range(3)]

    assert [sample.sequence for sample in samples] == [1, 2, 3]
    assert [values(sample)["driftscope_sample_sequence"] for sample in samples] == [1, 2, 3]
    assert all(f'driftscope_sample_epoch_info{{epoch="{sampler.epoch}"}}' in values(sample) for sample in samples)
    assert all(f'driftscope_build_info{{version="{__version__}"}}' in values(sample) for sample in samples)


def test_each_numbering_has_its_own_epoch(stack: ExitStack, tree: Path) -> None:
    """Two exporters, or one that was started anew, are not taken for one numbering."""
    assert sampling(stack, tree).epoch != sampling(stack, tree).epoch


def test_how_late_and_how_many_missed(stack: ExitStack, tree: Path) -> None:
    """The tick's error is this sample's, missed ticks add up."""
    sampler = sampling(stack, tree)
    sampler.sample(Tick(due=0, error=0, missed=2))

    now = values(sampler.sample(Tick(due=0, error=203_077, missed=3)))

    assert now["driftscope_tick_error_seconds"] == 0.000203077
    assert now["driftscope_ticks_missed_total"] == 5


def test_the_stamp_is_taken_when_the_tick_wakes(stack: ExitStack, tree: Path) -> None:
    """It is what CLOCK_REALTIME said before the first source was read."""
    sampler = stack.enter_context(closing(Sampler(frozen.host(tree), {"a": steady("a")})))

    assert sampler.sample(TICK).time_ns == frozen.REALTIME + 2 * 1000  # the second time that a clock is asked


@pytest.mark.parametrize(
    ("error", "kind"),
    [(OSError(errno.EIO, "broken"), "EIO"), (ValueError("not a number"), "ValueError"), (KeyError("x"), "KeyError")],
)
def test_one_that_raises_costs_only_itself(stack: ExitStack, tree: Path, error: Exception, kind: str) -> None:
    """It is down, its error is counted at every sample, and those before and after it are whole."""
    sampler = sampling(stack, tree, a=steady("a"), bad=raising(error), z=steady("z"))
    sampler.sample(TICK)

    now = values(sampler.sample(TICK))

    assert (now["a"], now["z"]) == (1, 1)
    assert now['driftscope_source_up{source="bad"}'] == 0
    assert now[f'driftscope_source_errors_total{{error="{kind}",source="bad"}}'] == 2
    assert 'driftscope_source_age_seconds{source="bad"}' not in now


def test_one_that_breaks_off_keeps_nothing_of_that_read(stack: ExitStack, tree: Path) -> None:
    """A generator that yields half and raises is a failure: which half it was would be unknown."""

    def read() -> Iterable[Value]:
        yield gauge("half")
        raise OSError(errno.EIO, "broken")

    sampler = sampling(stack, tree, bad=Made(read), z=steady("z"))

    now = values(sampler.sample(TICK))

    assert "half" not in now
    assert now["z"] == 1


def test_one_that_is_partly_read_keeps_what_it_has(stack: ExitStack, tree: Path) -> None:
    """Half of the values are there, the source is up, and the failure is counted."""

    def read() -> Iterable[Value]:
        raise PartlyReadError([gauge("good")], [OSError(errno.EIO, "broken")], vanished=False)

    sampler = sampling(stack, tree, half=Made(read), z=steady("z"))

    now = values(sampler.sample(TICK))

    assert (now["good"], now["z"]) == (1, 1)
    assert now['driftscope_source_up{source="half"}'] == 1
    assert now['driftscope_source_errors_total{error="EIO",source="half"}'] == 1


def test_one_that_fails_later_leaves_no_old_values(stack: ExitStack, tree: Path) -> None:
    """A value that cannot be read is absent, never the one before; its age tells how long."""
    reads = iter([[gauge("a")]])
    sampler = sampling(stack, tree, a=Made(lambda: next(reads)))
    before, after = (values(sampler.sample(TICK)) for _ in range(2))

    assert "a" in before
    assert "a" not in after
    age = 'driftscope_source_age_seconds{source="a"}'
    assert after[age] > before[age]


def test_what_is_dear_stands_between_its_reads(stack: ExitStack, tree: Path) -> None:
    """A source of cadence 3 is read in each third sample, and its age grows in between."""
    reads = iter(range(10))
    dear = Made(lambda: [gauge("a", next(reads))], cadence=3)
    sampler = stack.enter_context(closing(Sampler(frozen.host(tree), {"dear": dear})))

    samples = [values(sampler.sample(TICK)) for _ in range(7)]

    assert [now["a"] for now in samples] == [0, 0, 0, 1, 1, 1, 2]
    ages = [now['driftscope_source_age_seconds{source="dear"}'] for now in samples]
    assert ages[0] < ages[1] < ages[2] > ages[3]
    assert all(now['driftscope_source_up{source="dear"}'] == 1 for now in samples)


def test_what_is_dear_and_fails_leaves_nothing_standing(stack: ExitStack, tree: Path) -> None:
    """After a failed read its values are missing until it has been read again."""
    reads = iter([0, "broken", 2])
    sampler = sampling(stack, tree, dear=Made(lambda: [gauge("a", int(next(reads)))], cadence=2))

    samples = [values(sampler.sample(TICK)).get("a") for _ in range(6)]

    assert samples == [0, 0, None, None, 2, 2]


def test_a_file_that_vanishes_and_returns(stack: ExitStack, tree: Path) -> None:
    """It is dropped from the next sample, looked for at once, and read again with the sample after it is back."""
    sampler = sampling(stack, tree, thermal=thermal)
    zone, away = tree / "sys/class/thermal/thermal_zone0", tree / "zone"
    zone.rename(away)
    series = 'node_thermal_zone_temp{type="acpitz",zone="0"}'

    gone = values(sampler.sample(TICK))
    sampler.look_again()
    settled = values(sampler.sample(TICK))
    away.rename(zone)
    samples_until_back = next(count for count in range(LOOK_AGAIN_EVERY + 1) if sees(sampler, series))

    assert series not in gone
    assert gone['driftscope_source_errors_total{error="ENOENT",source="thermal"}'] == 1
    assert settled['driftscope_source_up{source="thermal"}'] == 1
    assert samples_until_back <= LOOK_AGAIN_EVERY


def sees(sampler: Sampler, series: str) -> bool:
    """Whether the series is in the next sample; the source may be looked for after it."""
    now = values(sampler.sample(TICK))
    sampler.look_again()
    return series in now


@pytest.mark.parametrize("count", [1, 2, 7, 12, 60])
def test_every_source_is_looked_for_once_a_round(stack: ExitStack, tree: Path, count: int) -> None:
    """Whatever the number of sources, each is looked for exactly once in 60 samples."""
    looked = dict.fromkeys(map(str, range(count)), 0)

    def source(name: str) -> Finding:
        def find(host: Host) -> Absent:
            looked[name] += 1
            return Absent("not today")

        return Finding(find)

    sampler = sampling(stack, tree, **{name: source(name) for name in looked})
    for _ in range(2 * LOOK_AGAIN_EVERY):
        sampler.sample(TICK)
        sampler.look_again()

    assert set(looked.values()) == {1 + 2}


def test_what_the_machine_lacks_is_not_down(stack: ExitStack, tree: Path) -> None:
    """A source that was not found has no series at all, and a reason for it."""
    (tree / "proc/loadavg").unlink()
    sampler = sampling(stack, tree, loadavg=loadavg)

    now = values(sampler.sample(TICK))

    assert not any("loadavg" in series for series in now)
    assert sampler.watched[0].absent == f"no {tree / 'proc/loadavg'}"


def test_a_series_of_two_sources_is_there_once(stack: ExitStack, tree: Path) -> None:
    """Where two sources publish the same series, one value of it is on the page."""
    sampler = sampling(stack, tree, a=Made(lambda: [gauge("a", 1)]), b=Made(lambda: [gauge("a", 2)]))

    sample = sampler.sample(TICK)

    assert values(sample)["a"] == 2


def test_what_takes_long_is_read_beside_the_tick(stack: ExitStack, tree: Path) -> None:
    """A sample does not wait for it, and the one after it was read has its values."""
    let_go = threading.Event()

    def read() -> list[Value]:
        let_go.wait(LIMIT)
        return [gauge("bmc", 21)]

    sampler = sampling(stack, tree, slow=Made(read, cadence=2, beside=True), z=steady("z"))

    before = values(sampler.sample(TICK))
    let_go.set()
    assert sampler.wait_for_slow(LIMIT)
    after = values(sampler.sample(TICK))

    assert "bmc" not in before
    assert (before["z"], after["bmc"]) == (1, 21)
    assert 'driftscope_source_errors_total{error="Hung",source="slow"}' not in after


def test_there_is_nothing_to_wait_for_where_nothing_is_slow(stack: ExitStack, tree: Path) -> None:
    """Only what is read beside the tick is waited for."""
    assert not sampling(stack, tree, z=steady("z")).wait_for_slow(LIMIT)


def test_series_that_come_and_go_are_counted(stack: ExitStack, tree: Path) -> None:
    """The first sample's are no news; after it each that came or went is, with the time of the sample."""
    reads = iter([["a", "b"], ["a"], ["a", "b", "c"], ["a", "b", "c"]])
    sampler = sampling(stack, tree, some=Made(lambda: [gauge(name) for name in next(reads)]))

    samples = [sampler.sample(TICK) for _ in range(4)]

    counts = ["driftscope_series_appeared_total", "driftscope_series_vanished_total"]
    changed = "driftscope_series_changed_timestamp_seconds"
    assert [[values(sample)[count] for count in counts] for sample in samples] == [[0, 0], [0, 1], [2, 1], [2, 1]]
    assert [values(sample).get(changed) for sample in samples] == [
        None,
        samples[1].time_ns / SECOND,
        samples[2].time_ns / SECOND,
        samples[2].time_ns / SECOND,
    ]


def test_closing_closes_every_reader(tree: Path) -> None:
    """No file stays open."""
    made = steady("a")
    sampler = Sampler(host(tree), {"made": made, "hwmon": hwmon})
    sampler.sample(TICK)
    reader = sampler.watched[1].reader
    assert isinstance(reader, hwmon.NumberFiles)
    assert all(number.file.fd >= 0 for number in reader.numbers)

    sampler.close()

    assert made.closed
    assert all(number.file.fd == -1 for number in reader.numbers)
