"""Which devices of a table are read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from exporter.sensors.devices import Hardware, Table, find_devices
from exporter.source import Absent, Family, Option, Series
from tests.exporter.reading import by_series
from tests.trees import proc

VIRTUAL = Option("things.virtual", False, "read all")
COUNT = Family("count", "counter", "A count.")


def parse(text: bytes) -> dict[bytes, list[int]]:
    """A table of a name and a count on each line."""
    return {name: [int(count)] for name, count in map(bytes.split, text.splitlines())}


def series(name: bytes) -> Sequence[Series]:
    """The one series of a device."""
    return [COUNT.series(device=name.decode())]


@pytest.fixture(name="table")
def things(tmp_path: Path) -> Path:
    """A table of three devices, two of them hardware."""
    proc.hardware(tmp_path, interfaces=("b", "a"))
    (tmp_path / "table").write_text("lo 1\nb 2\na 3\n")
    return tmp_path / "table"


def hardware(table: Path) -> Hardware:
    """What tells them apart."""
    return Hardware(table.parent / "sys/class/net")


def test_hardware_is_read_and_the_rest_left_out(table: Path) -> None:
    """In the table's order; the inventory names both."""
    reader = find_devices(table, Table(parse, series, hardware(table)), VIRTUAL, quantum=1)
    assert not isinstance(reader, Absent)

    with closing(reader):
        assert list(by_series(reader.read()).items()) == [('count{device="b"}', 2), ('count{device="a"}', 3)]
        assert reader.found == {"quantum": 1, "devices": ["a", "b"], "left_out": ["lo"]}


def test_looking_again_finds_an_equal_reader(table: Path) -> None:
    """So the open file is kept."""
    once, twice = (find_devices(table, Table(parse, series, hardware(table)), VIRTUAL) for _ in range(2))

    assert once == twice


def test_all_are_read_where_none_is_left_out(table: Path) -> None:
    """As a flag may ask for."""
    assert len(list(Table(parse, series, None)(table.read_bytes()))) == 3


def test_all_are_read_where_sys_does_not_tell(tmp_path: Path) -> None:
    """In a container that has no /sys, say: better too much than nothing."""
    assert Hardware(tmp_path / "nowhere").among([b"lo", b"eth0"]) == (b"lo", b"eth0")


def test_no_hardware_is_said_with_the_flag_that_reads_the_rest(table: Path) -> None:
    """As in a container that has but a veth."""
    table.write_text("veth0 1\nlo 2\n")

    answer = find_devices(table, Table(parse, series, hardware(table)), VIRTUAL)

    assert isinstance(answer, Absent)
    assert "lo, veth0" in answer.reason
    assert "--things.virtual" in answer.reason


def test_a_device_is_judged_anew_when_others_are_there(table: Path) -> None:
    """A name may be given to another device, and then other names change too."""
    judge = hardware(table)
    assert judge.among([b"a", b"usb0"]) == (b"a",)
    proc.hardware(table.parent, interfaces=("usb0",))

    assert judge.among([b"usb0"]) == (b"usb0",)
