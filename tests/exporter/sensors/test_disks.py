"""Block devices, from /proc/diskstats."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import disks
from tests.exporter.reading import absent, by_series, found, host, listed, values_by_series
from tests.trees import files, proc

OLD = b"1 2 3 4 5 6 7 8 9 10 11"
OLD_VALUES = [1, 2, 3 * 512, 0.004, 5, 6, 7 * 512, 0.008, 9, 0.01, 0.011]
NEW_VALUES = [*OLD_VALUES, 12, 13, 14, 0.015, 16, 0.017]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"   8       0 sda " + OLD, {b"sda": OLD_VALUES}),
        (b"   8       0 sda " + OLD + b" 12 13 14 15", {b"sda": [*OLD_VALUES, 12, 13, 14, 0.015]}),
        (b"   8       0 sda " + OLD + b" 12 13 14 15 16 17", {b"sda": NEW_VALUES}),
        (b"   8       0 sda " + OLD + b" 12 13 14 15 16 17 18 19", {b"sda": NEW_VALUES}),
        (b" 259       0 nvme0n1 " + OLD, {b"nvme0n1": OLD_VALUES}),
        (b" 253       0 dm-0 " + OLD, {b"dm-0": OLD_VALUES}),
        (b"   8       0 sda 1 2 3 4", {}),
        (b"   8       0 sda " + OLD.replace(b"7", b"seven"), {}),
        (b"   8       0 sda " + OLD.replace(b"4", b"4" * 400), {}),
        (b"   8       0", {}),
        (b"", {}),
    ],
)  # fmt: skip
def test_a_line_is_a_disk_in_base_units(text: bytes, expected: dict[bytes, list[float]]) -> None:
    """Sectors become bytes and milliseconds seconds, in as many columns as the kernel has and we know."""
    assert disks.parse(text) == expected


@pytest.mark.parametrize("name", ["loop0", "ram15", "zram0", "fd0", "sda1", "vdb12", "xvda1", "nvme0n1p2"])
def test_partitions_and_what_is_no_disk_are_left_out(name: str) -> None:
    """A partition's values are in its disk's already, and loop and RAM disks are memory."""
    assert disks.parse(f"8 1 {name} ".encode() + OLD) == {}


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends."""
    disks.parse(text)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=17, max_size=17))
def test_what_the_kernel_writes_comes_back(columns: list[int]) -> None:
    """Counts are read to the last digit, and milliseconds to what a float64 holds."""
    text = "   8       0 sda " + " ".join(map(str, columns))
    expected: dict[int, float] = {2: columns[2] * 512, 6: columns[6] * 512}
    expected.update({column: columns[column] / 1000 for column in (3, 7, 9, 10, 14, 16)})

    assert disks.parse(text.encode()) == {b"sda": [expected.get(i, count) for i, count in enumerate(columns)]}


def test_a_name_that_is_no_text_is_still_a_label(tree: Path) -> None:
    """Bytes that are not UTF-8 are written as escapes, and cost no other disk."""
    with (tree / "proc/diskstats").open("ab") as file:
        file.write(b"8 0 s\xff " + OLD)

    with closing(found(disks, host(tree, **{"disks.virtual": True}))) as reader:
        values = by_series(reader.read())

    assert values[r'node_disk_io_now{device="s\xff"}'] == 9
    assert 'node_disk_io_now{device="sda"}' in values


def test_virtual_disks_are_read_when_asked_for(tree: Path) -> None:
    """A RAID's values are its members' too; loop and RAM disks are left out all the same."""
    (tree / "proc/diskstats").write_text(proc.diskstats("loop0", "sda", "dm-0", "md127"))

    with closing(found(disks, host(tree, **{"disks.virtual": True}))) as reader:
        devices = {dict(series.labels)["device"] for series, _ in listed(reader.read())}

    assert devices == {"sda", "dm-0", "md127"}


def test_a_disk_whose_name_has_a_slash_is_found(tmp_path: Path) -> None:
    """The kernel's sysfs, whose names cannot have one, spells it otherwise."""
    proc.hardware(tmp_path, disks=("cciss/c0d0",))
    files.write(tmp_path / "proc", {"diskstats": proc.diskstats("cciss/c0d0", "dm-0")})

    with closing(found(disks, host(tmp_path))) as reader:
        assert reader.found["devices"] == ["cciss/c0d0"]


def test_only_disks_of_the_machine_are_there(tree: Path) -> None:
    """Of a loop device, two disks and a partition on each, the two disks are read."""
    values = values_by_series(disks, tree)

    assert values['node_disk_read_bytes_total{device="nvme0n1"}'] == 15 * 512
    assert len(values) == 2 * 17


def test_without_the_file_it_is_absent(tmp_path: Path) -> None:
    """A kernel without block devices has no disks, and the reason names the file."""
    assert str(tmp_path / "proc/diskstats") in absent(disks, tmp_path)
