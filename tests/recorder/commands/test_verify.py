"""verify, as a program: its lines and its exit status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from recorder.dataset import Dataset
from tests.programs import ROOT
from tests.recorder.samples import HOUR, node_table, write_dataset


def written(folder: Path) -> Dataset:
    """Two nodes and an hour."""
    return Dataset.read(write_dataset(folder / "run", {"ares": node_table([HOUR]), "zeus": node_table([HOUR])}))


def verify(dataset: Dataset) -> tuple[int, list[str], str]:
    """Exit status, lines and errors."""
    command = [sys.executable, "-m", "recorder", "verify", str(dataset.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_a_dataset_that_keeps_its_promises_passes(tmp_path: Path) -> None:
    """The files are counted, and the status is 0."""
    assert verify(written(tmp_path)) == (0, ["2 files, 0 broken promises"], "")


def test_every_broken_promise_is_a_line_that_names_the_file(tmp_path: Path) -> None:
    """All of them are printed, not only the first, and the status is 1."""
    dataset = written(tmp_path)
    half, stray = dataset.hour_path("ares", HOUR), dataset.folder / "stray.txt"
    half.write_bytes(half.read_bytes()[:50])
    stray.touch()

    status, lines, err = verify(dataset)

    assert (status, err) == (1, "")
    assert [line.partition(": ")[0] for line in lines] == [str(stray), str(half), "2 files, 2 broken promises"]
