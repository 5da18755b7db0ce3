"""Whether there are NVIDIA GPUs, and why not; what they say is tested in tests/e2e/test_nvidia.py."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from exporter.sensors import nvidia
from tests.exporter.reading import absent


def driver(tree: Path) -> None:
    """The driver is loaded."""
    (tree / "proc/driver/nvidia").mkdir(parents=True)


def test_without_the_driver_nothing_is_loaded(tmp_path: Path) -> None:
    """Memory is for those who have a GPU."""
    sys.modules.pop("pynvml", None)

    assert "no NVIDIA driver" in absent(nvidia, tmp_path)
    assert "pynvml" not in sys.modules


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is a driver."""
    driver(tmp_path)

    def missing(name: str) -> object:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)

    assert "pip install nvidia-ml-py" in absent(nvidia, tmp_path)
