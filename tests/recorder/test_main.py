"""The way in, which any Python 3 of a fleet must get through."""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from recorder import __main__ as way_in
from tests.programs import ROOT


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_an_old_python_understands_the_way_in(name: str) -> None:
    """What is read before the version is checked is Python 3.9, and imports nothing that is younger."""
    tree = ast.parse((ROOT / "recorder" / name).read_text(), feature_version=(3, 9))

    imported = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert {ast.unparse(one) for one in imported} <= {"from __future__ import annotations", "import sys"}


def test_an_old_python_is_told_which_one_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line and status 2, before anything else is imported."""
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))

    assert way_in.main() == 2
    assert capsys.readouterr().err == ("driftscope-recorder: error: needs Python 3.10 or newer; this is 3.9.2\n")


def test_without_its_libraries_it_says_how_to_install_them(tmp_path: Path) -> None:
    """A machine that has the distribution but not the extra gets one line and status 2."""
    command = [sys.executable, "-S", "-m", "recorder", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith("driftscope-recorder: error: the recorder's libraries are not installed (no ")
    assert done.stderr.endswith("): pip install 'driftscope[recorder]'\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("program", ["module", "script"])
def test_it_runs_as_a_module_and_as_a_program(program: str) -> None:
    """Python -m recorder and driftscope-recorder are the same."""
    script = [str(Path(sysconfig.get_path("scripts")) / "driftscope-recorder")]
    command = script if program == "script" else [sys.executable, "-m", "recorder"]
    done = subprocess.run([*command, "--version"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("driftscope-recorder ")
