"""Files of the kernel, held open."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.files import (
    KernelFile,
    NumberFile,
    NumberFiles,
    WholeFile,
    attribute,
    integer,
    integers,
    listing,
    readable,
    whole_file,
)
from exporter.source import Absent, Family, PartlyReadError
from tests.exporter.made import gauge
from tests.exporter.reading import by_series

TEMP = Family("temp_celsius", "gauge", "Temperature.")


def number_file(path: Path, **how: int) -> NumberFile:
    return NumberFile(TEMP.series(sensor=path.name), KernelFile(path), **how)


def sensors(folder: Path, **texts: str) -> NumberFiles:
    """A reader of files with these texts."""
    for name, text in texts.items():
        (folder / name).write_text(text)
    return NumberFiles({}, [number_file(folder / name) for name in texts])


@contextmanager
def own_process() -> Generator[Path, None, None]:
    """The /proc folder of a process that ends with this context."""
    with subprocess.Popen(["sleep", "600"]) as process:
        try:
            yield Path("/proc") / str(process.pid)
        finally:
            process.kill()


def test_a_file_stays_open_between_reads(tmp_path: Path) -> None:
    """It is opened once; new content is read through the same descriptor."""
    path = tmp_path / "temp1_input"
    path.write_text("45000\n")
    number = number_file(path)
    first, fd = number.read(), number.file.fd
    path.write_text("46000\n")

    assert (first, number.read()) == (45000, 46000)
    assert number.file.fd == fd
    number.file.close()


def test_a_long_file_is_read_whole_file(tmp_path: Path) -> None:
    """/proc gives out a long file in pieces, which are put together."""
    path = tmp_path / "stat"
    path.write_bytes(os.urandom(300_000))

    with closing(KernelFile(path)) as file:
        assert file.read() == path.read_bytes()
        assert file.read() == path.read_bytes()


@pytest.mark.parametrize(
    ("text", "how", "expected"),
    [
        ("45000\n", {"divisor": 1000}, 45.0),
        ("-12500\n", {"divisor": 1000}, -12.5),
        ("1800000\n", {"factor": 1000}, 1_800_000_000),
        ("18446744073709551615\n", {}, 18446744073709551615),
        ("  7  ", {}, 7),
    ],
)
def test_a_number_is_in_the_unit_of_its_series(tmp_path: Path, text: str, how: dict[str, int], expected: float) -> None:
    """Times the factor it stays an exact int, over the divisor it becomes a float."""
    (tmp_path / "file").write_text(text)

    with closing(KernelFile(tmp_path / "file")) as file:
        number = NumberFile(TEMP.series(), file, **how).read()

    assert number == expected
    assert isinstance(number, type(expected))


@pytest.mark.parametrize("text", ["", "\n", "N/A\n", "<unknown>\n", "1_000\n", "45.5\n", "1 2\n", "9" * 64, "9" * 21])
def test_what_is_no_integer_is_an_error_of_that_value(tmp_path: Path, text: str) -> None:
    """Its other sensors are read, it is tried again, and nothing is taken for vanished."""
    reader = sensors(tmp_path, good="1", bad=text)

    with closing(reader), pytest.raises(PartlyReadError) as partly:
        reader.read()

    assert by_series(partly.value.values) == {'temp_celsius{sensor="good"}': 1}
    assert [error.errno for error in partly.value.errors] == [errno.EINVAL]
    assert str(tmp_path / "bad") in str(partly.value)
    assert not partly.value.vanished
    assert len(reader.numbers) == 2


def test_an_input_error_costs_only_that_value(tmp_path: Path) -> None:
    """A file that opens but cannot be read, here a folder, fails alone and is closed."""
    (tmp_path / "bad").mkdir()
    reader = sensors(tmp_path, good="1")
    reader.numbers.append(number_file(tmp_path / "bad"))

    with closing(reader), pytest.raises(PartlyReadError) as partly:
        reader.read()

    assert [error.errno for error in partly.value.errors] == [errno.EISDIR]
    assert by_series(partly.value.values) == {'temp_celsius{sensor="good"}': 1}
    assert reader.numbers[1].file.fd == -1


def test_a_value_that_can_be_read_again_is_there_again(tmp_path: Path) -> None:
    """After a failure the file is opened anew, so a mended sensor comes back by itself."""
    reader = sensors(tmp_path, one="1", two="N/A")
    with closing(reader), pytest.raises(PartlyReadError):
        reader.read()
    (tmp_path / "two").write_text("2")

    with closing(reader):
        assert list(by_series(reader.read()).values()) == [1, 2]


def test_a_file_that_vanished_is_dropped(tmp_path: Path) -> None:
    """It is reported once, as vanished, and not asked for again."""
    reader = sensors(tmp_path, stays="1", goes="2")
    (tmp_path / "goes").unlink()

    with closing(reader):
        with pytest.raises(PartlyReadError) as partly:
            reader.read()
        after = by_series(reader.read())

    assert partly.value.vanished
    assert after == {'temp_celsius{sensor="stays"}': 1}


def test_an_open_file_whose_device_goes_away_is_dropped() -> None:
    """The kernel says so at the next read: the file is closed, then missed, then dropped."""
    with own_process() as folder:
        reader = NumberFiles({}, [number_file(folder / "oom_score_adj")], [gauge("constant")])
        assert len(list(reader.read())) == 2

    for vanished in (False, True):  # ESRCH of the open file first, then ENOENT of its path
        with pytest.raises(PartlyReadError) as partly:
            reader.read()
        assert partly.value.vanished == vanished
    assert by_series(reader.read()) == {"constant": 1}


def test_readers_of_the_same_files_are_equal(tmp_path: Path) -> None:
    """Whether their files are open makes no difference, but which files and series they are does."""
    opened, fresh, other = sensors(tmp_path, a="1"), sensors(tmp_path, a="1"), sensors(tmp_path, b="1")
    with closing(opened):
        list(opened.read())

        assert opened == fresh
        assert opened != other


def test_a_whole_file_is_one_reader(tmp_path: Path) -> None:
    """What its text says becomes the values, and a file that is not there is absent."""
    (tmp_path / "uptime").write_text("12")
    reader = whole_file(tmp_path / "uptime", lambda text: [gauge("uptime", int(text))], quantum=1)
    assert isinstance(reader, WholeFile)

    with closing(reader):
        assert by_series(reader.read()) == {"uptime": 12}
    assert reader.found == {"quantum": 1}
    assert whole_file(tmp_path / "no", lambda text: []) == Absent(f"no {tmp_path / 'no'}")


@given(st.integers())
def test_an_integer_comes_back(number: int) -> None:
    """Every integer that is written is read, white space around it aside."""
    assert integer(f" {number}\n".encode()) == number


@given(st.lists(st.integers(-(2**64) + 1, 2**64 - 1)))
def test_integers_come_back(numbers: list[int]) -> None:
    """Every line of 64-bit integers is read, however far they are apart."""
    assert integers(b"  ".join(str(number).encode() for number in numbers)) == numbers


@given(st.binary())
def test_no_text_makes_them_raise(text: bytes) -> None:
    """What is no integer is None, and a line that holds anything else is empty."""
    number, numbers = integer(text), integers(text)

    assert number is None or isinstance(number, int)
    assert all(isinstance(each, int) for each in numbers)


def test_attributes_are_text_without_the_newline(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 become escapes; what cannot be read is None."""
    (tmp_path / "label").write_bytes(b"Core \xff 8\n")

    assert attribute(tmp_path / "label") == r"Core \xff 8"
    assert attribute(tmp_path / "no") is None
    assert attribute(tmp_path) is None


def test_a_listing_counts_as_people_do(tmp_path: Path) -> None:
    """hwmon2 comes before hwmon10, and a folder that is not there is empty."""
    for name in ("hwmon10", "hwmon2", "hwmon1", "cpu", "hwmon"):
        (tmp_path / name).touch()

    assert [path.name for path in listing(tmp_path)] == ["cpu", "hwmon", "hwmon1", "hwmon2", "hwmon10"]
    assert list(listing(tmp_path / "no")) == []


def test_a_file_is_readable_if_it_can_be_opened(tmp_path: Path) -> None:
    """Which capabilities decide, too, and access(2) does not ask them."""
    (tmp_path / "there").write_text("1")

    assert readable(tmp_path / "there")
    assert not readable(tmp_path / "not there")
