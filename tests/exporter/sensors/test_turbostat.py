"""turbostat beside the tick: real processes print what real turbostats printed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from exporter import stream as stream_module
from exporter.sampler import Sampler
from exporter.sensors import turbostat
from exporter.source import Absent, PartlyReadError, Taken
from exporter.stream import EndedError
from tests.exporter.made import LIMIT, TICK, eventually, values
from tests.exporter.nobody import absent_for_nobody, machine_of_others
from tests.exporter.reading import absent, by_series, found, host, text
from tests.exporter.standing_in import capture, is_reaped, printing, program, started
from tests.trees import files

XEON = printing("xeon-2-sockets-2021.txt")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with the registers that turbostat reads, and a folder for programs before all others."""
    (tmp_path / "dev/cpu/0").mkdir(parents=True)
    (tmp_path / "dev/cpu/0/msr").touch()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return tmp_path


@contextmanager
def reading(machine: Path, does: str) -> Generator[turbostat.Turbostat, None, None]:
    """The reader of a turbostat that does this; closed afterwards, and all its processes are gone then."""
    path = program(machine / "bin" / "turbostat", does)
    reader = found(turbostat, host(machine))
    assert isinstance(reader, turbostat.Turbostat)
    try:
        yield reader
    finally:
        reader.close()
    assert all(map(is_reaped, started(path)))


def taken(reader: turbostat.Turbostat) -> Taken:
    """What it reads, of which nothing was refused."""
    return reader.read()


def cannot_be_read(reader: turbostat.Turbostat) -> bool:
    """Whether reading is an error now."""
    try:
        taken(reader)
    except (TimeoutError, EndedError):
        return True
    return False


def test_a_block_is_read_when_it_has_come(machine: Path) -> None:
    """All of its values are there, taken when its last line came, and each read has the next block."""
    with reading(machine, XEON) as reader:
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        first, second = taken(reader), taken(reader)
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)

    assert len(first.values) == len(second.values) == 209
    assert by_series(first)['turbostat_package_watts{package="1"}'] == 42.18
    assert before < first.at < second.at < after


def test_the_time_is_that_of_the_last_line(machine: Path) -> None:
    """Though one knows only later that no other line follows."""
    with reading(machine, "say('CPU IRQ\\n- 1\\n')\ntime.sleep(0.1)\nsay('0 1\\n')\ntime.sleep(60)") as reader:
        at = taken(reader).at
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)

    assert now - at > turbostat.QUIET * 0.9e9
    assert at > now - LIMIT * 1_000_000_000


SIX_BLOCKS = """
blocks = ["CPU IRQ\\n- %d\\n0 %d\\n" % (n, n) for n in range(6)]
say(blocks[0])
time.sleep(1)
say("".join(blocks[1:]))
time.sleep(600)
"""


def test_the_newest_of_several_blocks_is_read(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody asked for in time is dropped, and what was read is not read again."""
    monkeypatch.setattr(turbostat, "PATIENCE", 2.5)
    with reading(machine, SIX_BLOCKS) as reader:
        first = by_series(taken(reader))
        run = reader.stream._run
        assert run
        eventually("five more have come", lambda: len(run.lines) == 15)
        second = by_series(taken(reader))
        with pytest.raises((TimeoutError, EndedError), match=r"no header with rows|killed, because"):
            taken(reader)

    assert first["turbostat_system_interval_interrupts"] == 0
    assert second["turbostat_system_interval_interrupts"] == 5


def test_a_flood_of_blocks_is_read(machine: Path) -> None:
    """One that prints a thousand a second does not keep the reader from an end."""
    with reading(machine, printing("haswell-manual-page.txt", interval=0.001)) as reader:
        assert len(taken(reader).values) == 60
        assert len(taken(reader).values) == 60


def test_garbage_is_an_error(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that are no block end the read after its time."""
    monkeypatch.setattr(turbostat, "PATIENCE", 0.5)
    does = "while True:\n    say(os.urandom(999))\n    time.sleep(0.01)"
    with reading(machine, does) as reader, pytest.raises(TimeoutError, match="no header with rows of numbers within"):
        taken(reader)


def test_what_cannot_be_is_refused_and_counted(machine: Path) -> None:
    """The values beside it are published; the error names column and number."""
    with reading(machine, printing("guest-20.09.30-quiet.txt")) as reader, pytest.raises(PartlyReadError) as raised:
        taken(reader)

    assert text(raised.value.values[0][0]) == "turbostat_system_tsc_hertz"
    assert any("PkgWatt 18355873615141634048.00" in str(error) for error in raised.value.errors)
    assert not raised.value.vanished


def test_a_refused_flag_is_shown(machine: Path) -> None:
    """One that ends says what it said itself, and how it was started stands in the inventory."""
    does = "sys.stderr.write('turbostat: unrecognized option ' + repr(sys.argv[1:]) + '\\n')\nsys.exit(1)"
    with reading(machine, does) as reader:
        with pytest.raises(
            EndedError, match=r"status 1: turbostat: unrecognized option \['--quiet', '--interval', '1'\]"
        ):
            taken(reader)

        assert reader.found["command"] == [str(machine / "bin/turbostat"), "--quiet", "--interval", "1"]


def test_it_comes_back_after_its_death(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a dead one had begun to print is no part of the next one's first block."""
    monkeypatch.setattr(stream_module, "SHORTEST_PAUSE", 0.01)
    lines = capture("xeon-2-sockets-2021.txt").splitlines(keepends=True)
    begun = f"if open({str(machine / 'bin/turbostat.starts')!r}).read().count('\\n') == 1:\n"
    begun += f"    say({b''.join(lines[:4])!r})\n    sys.exit('killed by a test')\n"
    with reading(machine, begun + XEON) as reader:
        with pytest.raises(EndedError, match="killed by a test"):
            taken(reader)
        time.sleep(0.05)

        assert len(taken(reader).values) == 209


def test_a_stopped_one_is_killed(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs is an error after its time, and does not stay."""
    monkeypatch.setattr(turbostat, "PATIENCE", 0.5)
    with reading(machine, XEON) as reader:
        taken(reader)
        os.kill(started(machine / "bin/turbostat")[0], signal.SIGSTOP)

        eventually("its hanging is an error", lambda: cannot_be_read(reader))
        eventually("it was killed", lambda: is_reaped(started(machine / "bin/turbostat")[0]))


def test_closing_ends_a_read(machine: Path) -> None:
    """Whoever waits for a block is told that there will be none."""
    raised: list[Exception] = []

    def read() -> None:
        try:
            taken(reader)
        except EndedError as error:
            raised.append(error)

    with reading(machine, "time.sleep(600)") as reader:
        thread = threading.Thread(target=read)
        thread.start()
        eventually("it runs", lambda: bool(started(machine / "bin/turbostat")))
    thread.join(LIMIT)

    assert "ended by SIGKILL" in str(raised[0])


def test_looking_again_starts_nothing(machine: Path) -> None:
    """An unchanged turbostat is found equal to the one that runs, which closing the new one does not end."""
    with reading(machine, XEON) as reader:
        taken(reader)
        again = found(turbostat, host(machine))
        same = again == reader
        again.close()
        taken(reader)

        assert same
        assert len(started(machine / "bin/turbostat")) == 1


def test_the_sampler_reads_it_beside_the_tick(machine: Path) -> None:
    """Its values and their age are part of samples that do not wait for them."""
    program(machine / "bin" / "turbostat", XEON)
    sampler = Sampler(host(machine), {"turbostat": turbostat})
    try:
        sampler.sample(TICK)
        assert sampler.wait_for_slow(LIMIT)
        got = values(sampler.sample(TICK))
    finally:
        sampler.close()

    assert got['turbostat_package_watts{package="0"}'] == 45.14
    assert got['driftscope_source_up{source="turbostat"}'] == 1
    assert 0 < got['driftscope_source_age_seconds{source="turbostat"}'] < LIMIT


def test_without_registers_it_is_absent(tmp_path: Path) -> None:
    """The reason names the file, and what brings it."""
    reason = absent(turbostat, tmp_path)

    assert str(tmp_path / "dev/cpu/0/msr") in reason
    assert "modprobe msr" in reason


def test_without_the_program_it_is_absent(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason names the packages that bring it."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(turbostat, "FOLDERS", str(machine))

    assert "linux-cpupower" in absent(turbostat, machine)


def test_without_the_right_to_read_it_is_absent() -> None:
    """Who may not read the registers is told whose they are, before anything is started."""

    def build(root: Path) -> Path:
        files.write(root / "dev/cpu/0", {"msr": ""})
        return root / "dev/cpu/0/msr"

    with machine_of_others(build) as root:
        assert "run as root" in absent_for_nobody(turbostat, host(root))


def test_no_root_sensors_leaves_it_out(machine: Path) -> None:
    """Even where it could be read."""
    program(machine / "bin" / "turbostat", XEON)
    answer = turbostat.find(replace(host(machine), root_sensors=False))

    assert isinstance(answer, Absent)
    assert "--no-root-sensors" in answer.reason
