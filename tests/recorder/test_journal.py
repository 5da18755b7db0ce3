"""What the journal holds comes back bit for bit, whatever happens to the machine or to the file."""

from __future__ import annotations

import json
import logging
import os
import signal
import struct
import subprocess
import sys
import zlib
from array import array
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder import journal
from recorder.journal import HEAD, MAGIC, Journal, JournalFullError, Position, Segment, Stored, path_of, segments
from recorder.node_clock import Offset
from recorder.parse import Page
from tests.recorder.corruptions import CORRUPTIONS, flip
from tests.recorder.journal_programs import ENDLESS, FULL_DISK
from tests.recorder.samples import layout, measured, node_page, stored

LAYOUT = layout("a", "b")
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
BITS = st.binary(min_size=16, max_size=16)


def replay(folder: Path) -> list[tuple[Position, Stored]]:
    """Everything in all segments."""
    found: list[tuple[Position, Stored]] = []
    for number in segments(folder):
        segment = Segment(folder, number)
        found += segment.replay()
        segment.close()
    return found


def seconds(folder: Path) -> list[int]:
    """Which samples are there."""
    return [one.second for _, one in replay(folder)]


def commit(writer: Journal, *samples: Stored) -> list[Position]:
    """Append the samples and make them durable."""
    positions = [writer.append(sample) for sample in samples]
    writer.commit()
    return positions


def three(folder: Path) -> list[Position]:
    """A segment of samples 1, 2 and 3, the third of another layout."""
    return commit(Journal(folder), measured(1, LAYOUT, 1, 2), measured(2, LAYOUT, 3, 4), measured(3, layout("c"), 5))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(("ares", "zeus")), INT64, BITS, st.none() | st.tuples(INT64, INT64)), max_size=5
    ),
    st.dictionaries(st.integers(0, 1), st.integers(-(1 << 100), 1 << 100)),
)
def test_samples_come_back_bit_for_bit(
    drawn: list[tuple[str, int, bytes, tuple[int, int] | None]], exact: dict[int, int]
) -> None:
    """Any 64 bits of any value, NaN's payload and minus zero too, exact integers, second, offset and bound."""
    samples = [
        Stored(
            node,
            second,
            Offset(offset[0], abs(offset[1]) >> 1) if offset else None,
            Page(LAYOUT, array("d", bits), exact),
        )
        for node, second, bits, offset in drawn
    ]
    with TemporaryDirectory() as name:
        positions = commit(Journal(Path(name)), *samples)
        found = replay(Path(name))

    assert [position for position, _ in found] == positions
    for sample, (_, came) in zip(samples, found, strict=True):
        assert (came.node, came.second, came.offset) == (sample.node, sample.second, sample.offset)
        assert came.page.values.tobytes() == sample.page.values.tobytes()
        assert came.page.exact == exact
        assert came.page.layout.series == LAYOUT.series


def test_series_come_back_whole(tmp_path: Path) -> None:
    """Names, labels, type, unit and help are in the journal, with all of their characters."""
    sample = stored(1, '# TYPE a_volts gauge\n# HELP a_volts °C \\\\ "x"\na_volts{b="\\n\\"é漢"} 1\n')
    commit(Journal(tmp_path), sample)

    assert replay(tmp_path)[0][1].page.layout.series == sample.page.layout.series


def test_a_sample_is_read_back_from_where_it_is(tmp_path: Path) -> None:
    """The position that append gave is where the sample is after commit; anywhere else there is none."""
    writer = Journal(tmp_path)
    samples = [stored(second, node_page(second)) for second in range(3)]
    positions = [commit(writer, sample)[0] for sample in samples]
    segment = Segment(tmp_path, writer.segment)

    for position, sample in zip(positions, samples, strict=True):
        assert segment.read(position.offset, "ares", sample.page.layout) == sample
    with pytest.raises(ValueError, match="no sample at byte 1"):
        segment.read(1, "ares", LAYOUT)
    segment.close()


def test_the_layout_is_written_once_a_segment(tmp_path: Path) -> None:
    """A sample costs 8 bytes a value, and its series' names once; each segment can be read alone."""
    writer = Journal(tmp_path)
    commit(writer, *(measured(second, LAYOUT, 1, 2) for second in range(100)))
    writer.rotate()
    commit(writer, measured(100, LAYOUT, 1, 2))

    sizes = [path_of(tmp_path, number).stat().st_size for number in segments(tmp_path)]
    assert sizes[0] - sizes[1] == 99 * (HEAD.size + 32 + 16)
    assert len({one.page.layout for _, one in replay(tmp_path)}) == 2


def test_a_segment_is_as_its_documentation_says(tmp_path: Path) -> None:
    """Magic, kind, zeros, length, checksum and payload stand where docs/formats/journal.md puts them."""
    commit(Journal(tmp_path), Stored("ares", 7, Offset(-5, 6), Page(layout("a"), array("d", [0.5]), {0: 1 << 60})))
    data = path_of(tmp_path, 1).read_bytes()

    records: list[tuple[int, bytes]] = []
    while data:
        magic, kind, zero, length, checksum = struct.unpack("<4sB3sII", data[:16])
        assert (magic, zero) == (b"\xd7DSJ", bytes(3))
        assert checksum == zlib.crc32(data[4:12] + data[16 : 16 + length])
        records.append((kind, data[16 : 16 + length]))
        data = data[16 + length :]
    (one, said), (two, sample) = records
    assert (one, two) == (1, 2)
    series = [["a", "a", [], "gauge", "", "Help of a."]]
    assert json.loads(said) == {"layout": 0, "node": "ares", "series": series}
    assert struct.unpack("<IIqqqd", sample[:40]) == (0, 1, 7, -5, 6, 0.5)
    assert json.loads(sample[40:]) == {"0": 1 << 60}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_damage_costs_only_what_it_touched(tmp_path: Path, name: str) -> None:
    """Whatever happens to the bytes of one sample, those before and after it survive."""
    damage, surviving = CORRUPTIONS[name]
    _, (_, begin), (_, third) = three(tmp_path)
    path = path_of(tmp_path, 1)
    data = path.read_bytes()
    end = begin + HEAD.size + 32 + 16

    path.write_bytes(data[:begin] + damage(data[begin:end]) + data[end:])

    assert end < third
    assert seconds(tmp_path) == surviving


def test_every_truncation_leaves_what_was_whole_before_it(tmp_path: Path) -> None:
    """Cut anywhere, the segment holds exactly the samples that end before the cut."""
    positions = three(tmp_path)
    path = path_of(tmp_path, 1)
    data = path.read_bytes()
    ends = [position.offset + HEAD.size + 32 + size for position, size in zip(positions, (16, 16, 8), strict=True)]
    for length in range(len(data)):
        path.write_bytes(data[:length])

        assert seconds(tmp_path) == [number for number, end in enumerate(ends, 1) if end <= length]


@pytest.mark.parametrize("tail", [bytes(5000), MAGIC, MAGIC * 50, b"\xff" * 5000])
def test_a_tail_of_rubbish_costs_nothing(tmp_path: Path, tail: bytes) -> None:
    """What a file system may leave behind the last record after a power failure is skipped."""
    three(tmp_path)
    with path_of(tmp_path, 1).open("ab") as file:
        file.write(tail)

    assert seconds(tmp_path) == [1, 2, 3]


def test_a_damaged_layout_costs_its_samples_and_no_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Numbers whose series are not known any more are left out, and it is said."""
    three(tmp_path)
    path = path_of(tmp_path, 1)
    path.write_bytes(flip(HEAD.size + 3)(path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        assert seconds(tmp_path) == [3]

    assert "bytes 0 to " in caplog.text
    assert caplog.text.count("the layout of the sample at byte ") == 2


def test_nothing_is_on_disk_before_it_is_committed(tmp_path: Path) -> None:
    """What was appended waits, and is written by the next commit."""
    writer = Journal(tmp_path)
    writer.append(measured(1, LAYOUT, 1, 2))

    assert writer.waiting > 0
    assert seconds(tmp_path) == []
    writer.commit()
    assert writer.waiting == 0
    assert seconds(tmp_path) == [1]


def test_a_new_journal_begins_a_new_segment(tmp_path: Path) -> None:
    """What a writer before it left behind, torn or not, is never written to again."""
    for second in range(3):
        commit(Journal(tmp_path), measured(second, LAYOUT, 1, 2))

    assert segments(tmp_path) == [1, 2, 3]
    assert seconds(tmp_path) == [0, 1, 2]


def test_a_segment_is_not_ended_while_samples_wait_for_it(tmp_path: Path) -> None:
    """Positions that append gave stay right."""
    writer = Journal(tmp_path)
    position = writer.append(measured(1, LAYOUT, 1, 2))
    writer.rotate()
    writer.commit()

    assert replay(tmp_path)[0][0] == position
    writer.rotate()
    assert writer.segment == position.segment + 1


def test_a_segment_is_removed_once(tmp_path: Path) -> None:
    """Removing one that is not there is no mistake."""
    three(tmp_path)
    writer = Journal(tmp_path)
    writer.remove(1)
    writer.remove(1)

    assert segments(tmp_path) == []


def test_a_journal_takes_no_more_than_memory_can_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing is committed, appending ends with an error before memory does; and goes on after a commit."""
    monkeypatch.setattr(journal, "MEMORY", 10_000)
    writer = Journal(tmp_path)
    taken = 0
    while writer.waiting <= 10_000:
        writer.append(measured(taken, LAYOUT, 1, 2))
        taken += 1

    with pytest.raises(JournalFullError, match=str(tmp_path)):
        writer.append(measured(taken, LAYOUT, 1, 2))
    writer.commit()
    commit(writer, measured(taken, LAYOUT, 1, 2))

    assert seconds(tmp_path) == list(range(taken + 1))


def test_a_disk_that_takes_nothing_for_a_while_costs_nothing(tmp_path: Path) -> None:
    """Samples wait while commits fail, half-written ones too, and all of them are there once the disk takes them."""
    done = subprocess.run([sys.executable, "-c", FULL_DISK, tmp_path], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.stdout.splitlines().count("File too large") >= 15
    assert seconds(tmp_path) == list(range(60))


@pytest.mark.parametrize("commits", [1, 20, 300])
def test_what_was_committed_outlives_a_kill(tmp_path: Path, commits: int) -> None:
    """After SIGKILL at any moment, all that was reported as committed is there, in order."""
    with subprocess.Popen([sys.executable, "-c", ENDLESS, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(commits)]
        os.kill(process.pid, signal.SIGKILL)
        reported = int([*lines, *process.stdout.read().splitlines(keepends=True)][-1])

    found = seconds(tmp_path)
    assert len(found) >= reported >= 3 * commits
    assert found == list(range(len(found)))
