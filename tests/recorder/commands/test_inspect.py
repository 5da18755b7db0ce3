"""inspect, as people and programs read it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.programs import ROOT
from tests.recorder.samples import HOUR, node_table, write_dataset

HEADINGS = ["node", "first", "last", "rows", "gaps", "series", "values", "file_bytes", "data_bytes", "bytes_per_value"]


def written(folder: Path) -> Path:
    """A dataset of one node, whose hour has a gap."""
    return write_dataset(folder / "run", {"ares": node_table([HOUR, HOUR + 1, HOUR + 4, HOUR + 5])})


def inspect(folder: Path, *flags: str) -> str:
    """What it prints into a pipe."""
    command = [sys.executable, "-m", "recorder", "inspect", str(folder), *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_in_a_pipe_it_is_tab_separated(tmp_path: Path) -> None:
    """A line a node and one for all, each with as many cells as the headings, and no escape codes."""
    lines = [line.split("\t") for line in inspect(written(tmp_path)).splitlines()]

    assert lines[0] == HEADINGS
    ares = dict(zip(HEADINGS, lines[1], strict=True))
    assert [ares[name] for name in ("node", "rows", "gaps", "series", "values")] == ["ares", "6", "2", "1", "4"]
    assert ares["first"] == "2026-07-25T17:00:00Z"
    assert lines[2][0] == "all"
    assert "\x1b" not in "".join(map("".join, lines))


def test_in_a_terminal_it_is_a_table(tmp_path: Path) -> None:
    """People get columns that are aligned, and sizes in units."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "recorder", "inspect", str(written(tmp_path))]
    subprocess.run(command, cwd=ROOT, stdout=slave, check=True, env={**os.environ, "TERM": "xterm", "COLUMNS": "100"})
    os.close(slave)
    shown = os.read(master, 1 << 16).decode()
    os.close(master)

    assert "\t" not in shown
    assert "ares" in shown
    assert "0:00:06" in shown


def test_the_example_runs_as_it_is_printed(tmp_path: Path) -> None:
    """Three lines of Python read the dataset back with pandas."""
    out = inspect(written(tmp_path), "--example")
    code = "".join(f"{line[4:]}\n" for line in out.splitlines() if line.startswith("    "))

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert code.count("\n") == 3
    assert (done.returncode, done.stderr) == (0, "")
    assert "mean" in done.stdout


def test_an_empty_dataset_holds_nothing(tmp_path: Path) -> None:
    """There is a line for all, with nothing in it, and no example."""
    lines = inspect(write_dataset(tmp_path / "run", {}), "--example").splitlines()

    assert lines[1].split("\t")[:5] == ["all", "-", "-", "0", "0"]
    assert len(lines) == 2
