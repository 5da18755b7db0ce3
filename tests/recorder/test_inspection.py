"""What a dataset holds, counted from the footers of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder import hour_file, inspection
from recorder.dataset import Dataset
from recorder.inspection import Holdings, absences
from recorder.mistakes import Mistake
from tests.recorder.samples import HOUR, node_table, write_dataset


def written(folder: Path) -> Dataset:
    """Two hours of one node with gaps, and a node that was silent in the first."""
    later = range(HOUR + 3600, HOUR + 3610)
    hours = (
        {"ares": node_table([HOUR, HOUR + 9], more="a 1\n"), "zeus": hour_file.empty()},
        {"ares": node_table(later, more="a 1\nb 1\n"), "zeus": node_table(later)},
    )
    return Dataset.read(write_dataset(folder / "run", *hours))


def test_each_node_is_counted(tmp_path: Path) -> None:
    """Files, rows, gaps, series and values of a node are those of all its hours together."""
    ares, zeus = inspection.holdings(written(tmp_path))

    assert (ares.node, ares.files, ares.rows, ares.samples, ares.gaps) == ("ares", 2, 20, 12, 8)
    assert (ares.first, ares.last) == (HOUR, HOUR + 3609)
    assert ares.series == {'driftscope_sample_epoch_info{epoch="e1"}', "a", "b"}
    assert ares.values == 2 * 2 + 10 * 3
    assert (zeus.rows, zeus.gaps, len(zeus.series)) == (20, 10, 1)


def test_the_total_is_of_all_nodes(tmp_path: Path) -> None:
    """Sums, the widest span, and each series once."""
    parts = inspection.holdings(written(tmp_path))
    whole = inspection.total(parts)

    assert (whole.node, whole.rows, whole.values) == ("all", 40, sum(part.values for part in parts))
    assert (whole.first, whole.last, len(whole.series)) == (HOUR, HOUR + 3609, 3)
    assert whole.file_bytes == sum(file.path.stat().st_size for file in written(tmp_path / "again").files())


def test_bytes_a_value_are_of_the_numbers_alone() -> None:
    """Names and help do not count, and where there are no values there is no such figure."""
    assert Holdings("ares", values=10, data_bytes=15, file_bytes=40).bytes_per_value == 1.5
    assert Holdings("ares").bytes_per_value == 0


def test_an_empty_dataset_holds_nothing(dataset: Dataset) -> None:
    """There is neither a first nor a last second."""
    assert inspection.holdings(dataset) == []
    assert (inspection.total([]).first, inspection.total([]).last) == (None, None)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    """Half a file is a mistake that says which one."""
    dataset = written(tmp_path)
    path = dataset.hour_path("ares", HOUR)
    path.write_bytes(path.read_bytes()[:100])

    with pytest.raises(Mistake, match=f"{path} is no whole Parquet file"):
        inspection.holdings(dataset)


def test_gaps_are_counted_by_reason(tmp_path: Path) -> None:
    """As dataset.json says; a node without gaps is not named."""
    dataset = Dataset.read(write_dataset(tmp_path / "run", {"ares": node_table([HOUR]), "zeus": node_table([HOUR])}))
    reasons = (("node down", 3), ("node down", 4), ("history expired", 9))
    dataset.about["nodes"]["zeus"]["absent"] = [{"seconds": seconds, "reason": reason} for reason, seconds in reasons]

    assert absences(dataset) == {"zeus": {"node down": 7, "history expired": 9}}
