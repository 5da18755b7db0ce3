"""What of a node is in a file, read without its series."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder import hour_file, received
from recorder.past import SPACING
from recorder.stretch import Stretch
from tests.recorder.samples import HOUR, SECOND, node_table, stored, table


def test_a_file_tells_its_samples_and_exchanges(tmp_path: Path) -> None:
    """Its stretches, and both ends of each with some in between as exchanges, exactly."""
    seconds = [*range(HOUR, HOUR + 1000), *range(HOUR + 1500, HOUR + 1501)]
    path = tmp_path / "14.parquet"
    hour_file.write(path, hour_file.on_grid(node_table(seconds), HOUR, HOUR + 1500))

    found = received.of_file(path)

    assert found.stretches == [
        Stretch(HOUR, HOUR + 999, True, "e1", HOUR),
        Stretch(HOUR + 1000, HOUR + 1499, False),
        Stretch(HOUR + 1500, HOUR + 1500, True, "e1", HOUR + 1500),
    ]
    expected = [HOUR, HOUR + SPACING, HOUR + 999, HOUR + 1500]
    assert [(epoch, one.sequence, one.second) for epoch, one in found.anchors] == [("e1", s, s) for s in expected]
    assert {(one.realtime - one.ours, one.bound, one.raw - one.second * SECOND) for _, one in found.anchors} == {
        (5, 2, 7)
    }


def test_a_foreign_exporters_file_has_no_exchanges(tmp_path: Path) -> None:
    """Nothing in it is numbered."""
    path = tmp_path / "14.parquet"
    hour_file.write(path, hour_file.on_grid(table(stored(HOUR, "a 1\n")), HOUR, HOUR))

    assert received.of_file(path) == received.Received([Stretch(HOUR, HOUR, True)], [])


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    """Whoever reads the error knows which one it is."""
    path = tmp_path / "14.parquet"
    path.write_bytes(b"PAR1")

    with pytest.raises(OSError, match=str(path)):
        received.of_file(path)
