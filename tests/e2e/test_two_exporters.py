"""The main job, end to end: two real exporters, a real recorder, and the dataset they make."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import requests

from recorder import wire
from recorder.journal import Segment, segments
from tests import programs


def record(dataset: Path, *flags: str, **nodes: str) -> None:
    targets = [part for name, address in nodes.items() for part in ("--target", f"{name}={address}")]
    programs.recorder("record", *targets, "-o", str(dataset), *flags)


def test_two_exporters_are_recorded_without_a_gap(tmp_path: Path) -> None:
    """Two nodes on one machine give two files whose rows are the same seconds, all present."""
    with programs.exporter() as a, programs.exporter() as b:
        record(tmp_path / "run", "--duration", "6s", a=a, b=b)

    frames = {node: programs.frame(tmp_path / "run" / f"node={node}") for node in "ab"}
    assert list(frames["a"]["time"]) == list(frames["b"]["time"])
    assert len(frames["a"]) >= 5
    assert all(frame["present"].all() for frame in frames.values())
    assert programs.recorder("verify", str(tmp_path / "run")).endswith(" 0 broken promises\n")


def test_rows_of_two_nodes_with_one_clock_agree_to_the_tick(tmp_path: Path) -> None:
    """Nodes that share a clock read it within the same tenth of the same second, on the grid's second."""
    with programs.exporter() as a, programs.exporter() as b:
        record(tmp_path / "run", "--duration", "4s", a=a, b=b)

    for node in "ab":
        frame = programs.frame(tmp_path / "run" / f"node={node}")
        late = frame["realtime_ns"] - frame["time"].astype("int64")
        assert late.between(0, 500_000_000).all()
        assert (frame["offset_ns"].abs() <= frame["offset_bound_ns"]).all()


def test_a_restarted_recording_goes_on_in_the_same_files(tmp_path: Path) -> None:
    """Recording twice into one dataset keeps what was there and doubles nothing."""
    with programs.exporter() as a:
        record(tmp_path / "run", "--duration", "3s", a=a)
        before = programs.frame(tmp_path / "run" / "node=a")
        record(tmp_path / "run", "--duration", "3s", a=a)

    after = programs.frame(tmp_path / "run" / "node=a")
    assert set(before["sequence"]) <= set(after["sequence"].dropna())
    assert after["sequence"].dropna().is_unique
    assert not list((tmp_path / "run" / ".journal").glob("*.journal"))


def test_a_killed_recorder_loses_nothing_that_was_on_disk(tmp_path: Path) -> None:
    """After kill -9, the next recording writes what the first one had received."""
    dataset = tmp_path / "run"
    with programs.exporter() as a:
        command = [sys.executable, "-m", "recorder", "record", "--target", f"a={a}", "-o", str(dataset)]
        with subprocess.Popen(command, cwd=programs.ROOT, stdout=subprocess.DEVNULL) as killed:
            programs.eventually("three samples on disk", lambda: len(_journalled(dataset)) >= 3)
            killed.send_signal(signal.SIGKILL)
        assert not list(dataset.rglob("*.parquet"))
        journalled = _journalled(dataset)
        record(dataset, "--duration", "2s", a=a)

    recorded = programs.frame(dataset / "node=a")["sequence"].dropna()
    assert journalled
    assert journalled <= set(recorded)
    assert recorded.is_unique


def test_what_is_recorded_is_what_the_exporter_said(tmp_path: Path) -> None:
    """The page of a second and the row of that second hold the same numbers."""
    with programs.exporter("--disable", "client") as a:
        record(tmp_path / "run", "--duration", "3s", a=a)
        page = requests.get(f"http://{a}/metrics", timeout=5).text
        names = {line.rpartition(" ")[0] for line in page.splitlines() if not line.startswith("#")}

    columns = set(programs.frame(tmp_path / "run" / "node=a").columns)
    joined = {name for name in names if name.startswith(("clock_seconds", "clock_nanoseconds"))}
    assert names - joined - {"driftscope_sample_sequence"} <= columns
    assert {"realtime_ns", "tai_ns", "monotonic_ns", "boottime_ns", "monotonic_raw_ns"} <= columns


def _journalled(dataset: Path) -> set[int]:
    """Sequences of the samples in a dataset's journal."""
    found: set[int] = set()
    for number in segments(dataset / ".journal"):
        with closing(Segment(dataset / ".journal", number)) as segment:
            for _, stored in segment.replay():
                sample = wire.meaning(stored.page.layout).sample(stored.page)
                assert sample is not None
                found.add(sample[1])
    return found
