"""The exporter as one file, for a node without internet: with a Python that has nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from exporter import __version__
from tests import programs
from tests.programs import ROOT

MEGABYTE = 1_000_000
BARE_PYTHON = str(Path(sys.base_prefix) / "bin" / "python3")
"""Not that of the environment in which the tests run."""

IN_DEBIAN = [ROOT / "tests/lab/in_debian.sh", "bullseye"]


def run(*command: str | Path, unpacked: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run it; it unpacks itself here."""
    env = {"PATH": os.environ["PATH"], "SHIV_ROOT": str(unpacked), **more}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_it_is_small_and_names_no_path_of_the_machine_that_built_it(bundle: Path, tmp_path: Path) -> None:
    """What it unpacks says nothing of where it came from."""
    run(BARE_PYTHON, bundle, "--version", unpacked=tmp_path)
    texts = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".pyc"]

    assert bundle.stat().st_size < 5 * MEGABYTE
    assert len(texts) > 100
    assert not [text for text in texts if str(ROOT).encode() in text]


def test_it_needs_no_package(bundle: Path, tmp_path: Path) -> None:
    """A sample is taken with what is in it, its shared library among that."""
    done = run(BARE_PYTHON, bundle, "--once", unpacked=tmp_path)
    ask = "import psutil; print(psutil.__file__, psutil.cpu_count())"
    libraries = run(BARE_PYTHON, bundle, "-c", ask, unpacked=tmp_path, SHIV_INTERPRETER="1")

    assert done.returncode == 0, done.stderr
    assert f'driftscope_build_info{{version="{__version__}"' in done.stdout
    assert str(tmp_path) in libraries.stdout, libraries.stderr


def test_another_kind_of_machine_is_told_so(bundle: Path, tmp_path: Path) -> None:
    """Rather than that a library has the wrong ELF class."""
    done = run(programs.find("setarch", "util-linux"), "i686", BARE_PYTHON, bundle, "--once", unpacked=tmp_path)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "driftscope: this bundle is not for i686: install the package driftscope with pip"
    ]


@pytest.mark.lab
def test_it_runs_with_the_oldest_python(bundle: Path) -> None:
    """3.9.2 of Debian 11, where nothing was installed; the first sample is there within a second or so."""
    there = placed(bundle)
    version = in_debian(["python3", "--version"])
    port = programs.free_port()
    started = time.monotonic()

    flags = [f"--listen=127.0.0.1:{port}", "--duration=3s"]
    with subprocess.Popen([*IN_DEBIAN, "python3", there, *flags]) as exporter:
        programs.eventually("a sample", lambda: programs.answers(f"http://127.0.0.1:{port}/-/ready"))
        took = time.monotonic() - started

    assert version.strip() == "Python 3.9.2"
    assert exporter.returncode == 0
    assert took < 5


@pytest.mark.lab
def test_the_exporters_own_tests_pass_with_the_oldest_python() -> None:
    """All that need no instrument; 3.9.18 would be no stand-in for 3.9.2."""
    done = subprocess.run(
        [ROOT / "tests/lab/oldest_python.sh", "--quiet"], capture_output=True, text=True, timeout=900, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def placed(bundle: Path) -> str:
    """Copy the bundle to that machine; its path there."""
    debian = [ROOT / "tests/lab/debian.sh", "bullseye"]
    root = subprocess.run(debian, capture_output=True, text=True, check=True).stdout.strip()
    (Path(root) / "tmp" / bundle.name).write_bytes(bundle.read_bytes())
    return f"/tmp/{bundle.name}"


def in_debian(command: Sequence[str]) -> str:
    """What a command prints there."""
    return subprocess.run([*IN_DEBIAN, *command], capture_output=True, text=True, timeout=60, check=True).stdout
