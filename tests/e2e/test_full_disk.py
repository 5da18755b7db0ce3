"""A disk that fills up while a recording runs, and has room again later."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests import programs

pytestmark = pytest.mark.lab


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path, None, None]:
    """A file system of its own, of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing_once_it_has_room(small_disk: Path) -> None:
    """Samples that the disk did not take are kept, and written as soon as it does."""
    ballast = small_disk / "ballast"
    dataset = small_disk / "run"
    with programs.exporter() as address:
        command = [sys.executable, "-m", "recorder", "record", "--target", f"a={address}", "-o", str(dataset)]
        with subprocess.Popen(command, cwd=programs.ROOT, stderr=subprocess.PIPE, text=True) as recorder:
            programs.eventually("a sample is on disk", lambda: any((dataset / ".journal").glob("*.journal")))
            with pytest.raises(OSError, match="No space"):
                ballast.write_bytes(b"x" * (4 << 20))
            assert recorder.stderr is not None
            said = recorder.stderr.readline()
            time.sleep(3)  # samples that only memory holds
            ballast.unlink()
            back = recorder.stderr.readline()
            recorder.terminate()

    recorded = programs.frame(dataset / "node=a")
    assert "No space left on device" in said
    assert "are being written again" in back
    assert recorder.returncode == 0
    assert recorded["present"].all()
    assert list(recorded["sequence"].diff().dropna().unique()) == [1]


def test_what_cannot_become_parquet_stays_in_the_journal(small_disk: Path) -> None:
    """If the disk is full at the end, the status is 1, and the next recording writes what the journal holds."""
    dataset = small_disk / "run"
    with programs.exporter() as address:
        command = [sys.executable, "-m", "recorder", "record", "--target", f"a={address}", "-o", str(dataset)]
        with subprocess.Popen(command, cwd=programs.ROOT, stdout=subprocess.PIPE, text=True) as recorder:
            programs.eventually("a sample is on disk", lambda: any((dataset / ".journal").glob("*.journal")))
            with pytest.raises(OSError, match="No space"):
                (small_disk / "ballast").write_bytes(b"x" * (4 << 20))
            recorder.terminate()
            said = recorder.communicate()[0]
        assert recorder.returncode == 1
        assert "record into the dataset again" in said
        (small_disk / "ballast").unlink()
        programs.recorder("record", "--target", f"a={address}", "-o", str(dataset), "--duration", "2s")

    recorded = programs.frame(dataset / "node=a")
    assert recorded["sequence"].dropna().is_unique
    assert len(json.loads((dataset / "dataset.json").read_text())["runs"]) == 2
    programs.recorder("verify", str(dataset))
