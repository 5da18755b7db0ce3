"""The folder: one recorder at a time, hours that can be continued, and files that everybody reads."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recorder import hour_file
from recorder.columns import described
from recorder.dataset import FORMAT, Dataset
from recorder.mistakes import Mistake
from recorder.verification import verify
from tests.recorder.samples import (
    HOUR,
    RAW,
    REALTIME,
    column,
    layout,
    measured,
    node_page,
    node_table,
    stored,
    table,
    write_hour,
)
from tests.recorder.samples import write_dataset as write

COUNTER = layout("a_total", type="counter")


def counted(second: int, value: float) -> pa.Table:
    """A foreign exporter's sample of one counter."""
    return table(measured(second, COUNTER, value))


def rows(dataset: Dataset, node: str, hour: int = HOUR) -> pa.Table:
    """All rows of a node's hour."""
    return hour_file.read_rows(dataset.hour_path(node, hour))


def kept(dataset: Dataset) -> None:
    """Every promise is."""
    assert [str(one) for one in verify(dataset)] == []


def test_a_new_dataset_says_what_it_is(dataset: Dataset) -> None:
    """dataset.json names format, runs, versions and nodes, at addresses without secrets."""
    dataset.begin_run({"ares": "http://10.0.0.2:19777"})
    dataset.describe_node("ares", {"e1": {"host": "ares"}}, failures={"timeout": 2}, complaints={})
    dataset.save()

    about = json.loads((dataset.folder / "dataset.json").read_text())
    assert about["format"] == FORMAT
    assert about["nodes"]["ares"]["inventories"] == {"e1": {"host": "ares"}}
    assert about["nodes"]["ares"]["failures"] == {"timeout": 2}
    (run,) = about["runs"]
    assert run["nodes"] == {"ares": "http://10.0.0.2:19777"}
    assert {"driftscope", "pyarrow", "python", "requests"} == set(run["versions"])


def test_an_existing_dataset_is_gone_on_with(tmp_path: Path) -> None:
    """A second run is another entry, and what the first one noted stays."""
    for number in (1, 2):
        with closing(Dataset.open(tmp_path)) as dataset:
            dataset.begin_run({f"node{number}": "http://h"})

    assert len(Dataset.read(tmp_path).about["runs"]) == 2
    assert set(Dataset.read(tmp_path).about["nodes"]) == {"node1", "node2"}


def test_a_second_recorder_is_refused(tmp_path: Path) -> None:
    """While one process writes into a folder, another one gets a line that says so; after it, the folder is free."""
    code = "import sys; from pathlib import Path; from recorder.dataset import Dataset; Dataset.open(Path(sys.argv[1]))"
    with closing(Dataset.open(tmp_path)):
        refused = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False)
    after = subprocess.run([sys.executable, "-c", code, tmp_path], check=False)

    assert refused.stderr.endswith(f"{tmp_path}: another recorder is writing into this dataset\n")
    assert (refused.returncode, after.returncode) == (1, 0)


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    """Nothing is written into a folder that is neither empty nor a dataset."""
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(Mistake, match=f"{tmp_path} is neither empty nor a dataset"):
        Dataset.open(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("below", ["file", "file/run"])
def test_a_folder_that_cannot_be_written_is_a_mistake(tmp_path: Path, below: str) -> None:
    """The line names it and says why."""
    (tmp_path / "file").touch()
    with pytest.raises(Mistake, match=f"{tmp_path / below} cannot be written: Not a directory"):
        Dataset.open(tmp_path / below)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "other"}', '"x"'])
def test_a_folder_that_is_no_dataset_cannot_be_read(tmp_path: Path, content: str) -> None:
    """Without a right dataset.json there is one line that names the folder."""
    with pytest.raises(Mistake, match=f"{tmp_path} is not a dataset"):
        Dataset.read(tmp_path)
    (tmp_path / "dataset.json").write_text(content)
    with pytest.raises(Mistake, match=str(tmp_path)):
        Dataset.read(tmp_path)


def test_a_nodes_hour_has_its_path() -> None:
    """Node, UTC date and hour are in the path, as hive partitioning wants them."""
    assert Dataset(Path("run")).hour_path("ares", 1_785_000_000 // 3600 * 3600) == Path(
        "run/node=ares/date=2026-07-25/17.parquet"
    )


def test_files_are_found_by_node_and_hour(tmp_path: Path) -> None:
    """Each with its first second; what is hidden or something else is not one."""
    dataset = Dataset.read(write(tmp_path / "run", {"ares": node_table([HOUR])}, {"ares": node_table([HOUR + 3600])}))
    path = dataset.hour_path("ares", HOUR)
    for name in (".14.parquet.writing", "_14.extra.parquet", "x.parquet"):
        (path.parent / name).touch()

    assert [(file.node, file.hour) for file in dataset.files()] == [("ares", HOUR), ("ares", HOUR + 3600)]


def test_all_nodes_of_an_hour_have_the_same_rows(dataset: Dataset) -> None:
    """Row k is the same second everywhere, for a node that was silent all the time too."""
    dataset.begin_run({"ares": "", "zeus": "", "silent": ""})
    tables = {"ares": node_table([HOUR + 5]), "zeus": node_table([HOUR + 2]), "silent": hour_file.empty()}

    write_hour(dataset, HOUR, tables)

    times = [column(rows(dataset, node), "time") for node in tables]
    assert times[0] == times[1] == times[2]
    assert len(times[0]) == 4
    kept(dataset)


def test_an_hour_is_continued_and_nothing_is_doubled(dataset: Dataset) -> None:
    """New samples join those of the file, all nodes' files grow alike, and what was there is not there again."""
    dataset.begin_run({"ares": "", "zeus": ""})
    write_hour(dataset, HOUR, {"ares": node_table([HOUR, HOUR + 1]), "zeus": node_table([HOUR])})
    for _ in range(2):
        write_hour(dataset, HOUR, {"ares": node_table([HOUR + 1, HOUR + 4])})

    assert column(rows(dataset, "ares"), "present") == [True, True, False, False, True]
    assert column(rows(dataset, "zeus"), "present") == [True, False, False, False, False]
    kept(dataset)


def test_a_second_sample_of_a_second_is_kept_beside_the_file(dataset: Dataset) -> None:
    """It is in a file that dataset readers do not see, once, and dataset.json counts it."""
    dataset.begin_run({"ares": ""})
    for value in (1, 2, 2, 3, 1):
        write_hour(dataset, HOUR, {"ares": counted(HOUR, value)})

    (path,) = dataset.folder.rglob("_*.extra.parquet")
    assert column(rows(dataset, "ares"), "a_total") == [1]
    assert column(pq.ParquetFile(path).read(), "a_total") == [2, 3]
    assert dataset.about["nodes"]["ares"]["extra"] == 2
    kept(dataset)


def test_an_hour_without_any_sample_is_not_written(dataset: Dataset) -> None:
    """Nothing is known of which seconds it would have."""
    write_hour(dataset, HOUR, {"ares": hour_file.empty()})

    assert list(dataset.files()) == []


def test_a_count_that_turns_fractional_is_float64_in_all_files(dataset: Dataset) -> None:
    """The values of hours written before are the same, in the new type; and later ones follow."""
    dataset.begin_run({"ares": ""})
    for number, value in enumerate((3.0, 0.5, 4.0)):
        write_hour(dataset, HOUR + 3600 * number, {"ares": counted(HOUR + 3600 * number, value)})

    tables = [rows(dataset, "ares", HOUR + 3600 * number) for number in range(3)]
    assert {table.schema.field("a_total").type for table in tables} == {pa.float64()}
    assert [column(table, "a_total") for table in tables] == [[3.0], [0.5], [4.0]]
    assert json.loads((dataset.folder / "dataset.json").read_text())["fractional"] == ["a_total"]
    kept(dataset)


def test_a_failure_half_way_leaves_every_file_whole(dataset: Dataset) -> None:
    """If one node's file cannot be read, the others are as they were, and no temporary file is left."""
    dataset.begin_run({"ares": "", "zeus": ""})
    write_hour(dataset, HOUR, {"ares": node_table([HOUR]), "zeus": node_table([HOUR])})
    dataset.hour_path("zeus", HOUR).write_bytes(b"PAR1")
    before = dataset.hour_path("ares", HOUR).read_bytes()

    with pytest.raises(OSError, match=str(dataset.hour_path("zeus", HOUR))):
        write_hour(dataset, HOUR, {"ares": node_table([HOUR + 1])})

    assert dataset.hour_path("ares", HOUR).read_bytes() == before
    assert list(dataset.folder.rglob("*.writing")) == []


def test_pandas_polars_and_duckdb_read_the_same_values(tmp_path: Path) -> None:
    """A file, and the whole folder with its partitions: clocks, counts and measures are what the node said."""
    more = "# TYPE c_total counter\nc_total 9007199254740993\nload 0.1\n"
    tables = {
        node: table(stored(HOUR, node_page(1, REALTIME, RAW, more=more)), stored(HOUR + 2, node_page(2, more=more)))
        for node in ("ares", "zeus")
    }
    folder = write(tmp_path / "run", tables)
    pattern = f"{folder}/node=*/date=*/*.parquet"

    readings = [
        pd.read_parquet(folder / "node=ares", dtype_backend="numpy_nullable").to_dict("records"),
        pl.read_parquet(pattern, hive_partitioning=True).filter(pl.col("node") == "ares").to_dicts(),
        duckdb.connect()
        .execute(f"select * from read_parquet('{pattern}') where node = 'ares' order by time")
        .df()
        .to_dict("records"),
    ]

    for reading in readings:
        assert [bool(row["present"]) for row in reading] == [True, False, True]
        assert reading[0]["load"] == 0.1
        assert [pd.isna(row["load"]) for row in reading] == [False, True, False]
        assert pd.to_datetime(reading[0]["time"]).timestamp() == HOUR
    for reading in readings[:2]:
        first = reading[0]
        assert (first["realtime_ns"], first["monotonic_raw_ns"], first["c_total"]) == (REALTIME, RAW, 2**53 + 1)
    exact = (
        duckdb.connect()
        .execute(f"select realtime_ns, monotonic_raw_ns, c_total from '{pattern}' where present")
        .fetchall()
    )
    assert set(exact) == {(REALTIME, RAW, 2**53 + 1)}


def test_clocks_and_counts_are_integers_in_the_file(tmp_path: Path) -> None:
    """Types and metadata are there for whoever opens a single file with pyarrow."""
    folder = write(tmp_path / "run", {"ares": node_table([HOUR], more="# TYPE c_total counter\nc_total 5\nm 5\n")})
    schema = pq.read_schema(Dataset.read(folder).hour_path("ares", HOUR))

    assert str(schema.field("time").type) == "timestamp[ns, tz=UTC]"
    assert [str(schema.field(name).type) for name in ("realtime_ns", "c_total", "m")] == ["int64", "int64", "double"]
    assert described(schema.field("c_total"), "metric", "labels", "type") == ["c_total", "{}", "counter"]
