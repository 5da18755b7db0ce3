"""Which oscillator the kernel counts."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import clocksource
from tests import frozen
from tests.exporter.reading import absent, by_series, found, host
from tests.trees import clocks

HPET = 'node_time_clocksource_current_info{clocksource="hpet",device="0"}'


def test_what_there_is_and_what_is_current(tmp_path: Path) -> None:
    """As node_exporter has it: a 1 for each, named in a label."""
    clocks.clocksource(tmp_path, "tsc", "hpet")

    with closing(found(clocksource, host(tmp_path))) as reader:
        assert by_series(reader.read()) == {
            'node_time_clocksource_available_info{clocksource="tsc",device="0"}': 1,
            'node_time_clocksource_available_info{clocksource="hpet",device="0"}': 1,
            'node_time_clocksource_current_info{clocksource="tsc",device="0"}': 1,
        }


def test_a_change_is_an_event_at_its_time(tmp_path: Path) -> None:
    """Counted once when it is seen; the first reading is no change, nor is one that finds the same."""
    folder = clocks.clocksource(tmp_path, "tsc", "hpet")
    machine = frozen.host(tmp_path)
    with closing(found(clocksource, machine)) as reader:
        for _ in range(2):
            reader.read()
        before = machine.events.log()["clocksource_change"].count
        (folder / "current_clocksource").write_text("hpet\n")
        reader.read()
        values = by_series(reader.read())

    happened = machine.events.log()["clocksource_change"]
    assert before == 0
    assert values[HPET] == 1
    assert happened.count == 1
    assert happened.time > frozen.REALTIME


def test_looking_again_forgets_no_change(tmp_path: Path) -> None:
    """A second finding equals the first, so what was current before is remembered."""
    clocks.clocksource(tmp_path, "tsc")
    machine = host(tmp_path)
    with closing(found(clocksource, machine)) as once, closing(found(clocksource, machine)) as twice:
        once.read()

        assert once == twice


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the files hold, each name is there once."""
    names = clocksource.names(text)

    assert len(names) == len(set(names))


def test_a_partial_copy_of_sys_has_none(tmp_path: Path) -> None:
    """The reason names what was looked for."""
    assert "current_clocksource" in absent(clocksource, tmp_path)
