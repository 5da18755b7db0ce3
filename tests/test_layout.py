"""Where things are: each source file has its test file, each source its line in the registry."""

from __future__ import annotations

import importlib
from importlib import metadata
from pathlib import Path

import pytest

from exporter.sources import SOURCES

ROOT = Path(__file__).parents[1]
PACKAGES = ("exporter", "recorder")

NEED_NO_TEST = {
    "exporter/bundle.py": "the bundle runs it, which tests/e2e/test_bundle.py builds",
    "exporter/sample.py": "fields without behaviour; test_sampler.py makes samples",
    "exporter/sources.py": "a table; it is tested here",
    "recorder/mistakes.py": "an exception without behaviour",
}


def source_files() -> list[Path]:
    """Every Python file of the packages, but those that hold only a docstring and a version."""
    files = [path.relative_to(ROOT) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in files if path.name != "__init__.py"]


def its_test_file(path: Path) -> Path:
    """Where the tests of a source file are."""
    return ROOT / "tests" / path.parent / f"test_{path.stem.strip('_')}.py"


@pytest.mark.parametrize("path", source_files(), ids=str)
def test_each_source_file_has_its_test_file(path: Path) -> None:
    """tests/exporter/sensors/test_hwmon.py is for exporter/sensors/hwmon.py, unless it is listed as an exception."""
    assert its_test_file(path).exists() != (str(path) in NEED_NO_TEST), f"{path}: {its_test_file(path)}"


def test_the_exceptions_are_there() -> None:
    """The list holds nothing that is gone."""
    assert [path for path in NEED_NO_TEST if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("folder", ["clocks", "sensors"])
def test_each_source_is_in_the_registry(folder: str) -> None:
    """A file under clocks/ or sensors/ with a ``find`` that sources.py does not name would never be read."""
    names = sorted(path.stem for path in (ROOT / "exporter" / folder).glob("[!_]*.py"))

    modules = [importlib.import_module(f"exporter.{folder}.{name}") for name in names]

    sources = [module for module in modules if hasattr(module, "find")]
    assert [module.__name__ for module in sources if module not in SOURCES.values()] == []


@pytest.mark.parametrize("name", SOURCES)
def test_each_source_says_what_it_reads(name: str) -> None:
    """The first paragraph of its docstring goes into the inventory."""
    assert (SOURCES[name].__doc__ or "").partition("\n\n")[0].endswith((".", ")"))


def test_tests_are_no_package() -> None:
    """They are imported by their path: an __init__.py would make them somebody's ``tests``."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_are_ours(package: str) -> None:
    """No other installed distribution brings an ``exporter`` or a ``recorder``, and this checkout's is imported."""
    others = {
        distribution.metadata["Name"]
        for distribution in metadata.distributions()
        for file in distribution.files or ()
        if file.parts[0] == package and distribution.metadata["Name"] != "driftscope"
    }

    assert others == set()
    assert importlib.import_module(package).__file__ == str(ROOT / package / "__init__.py")
