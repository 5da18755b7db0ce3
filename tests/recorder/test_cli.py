"""The command line: help that is complete, and mistakes in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recorder import cli
from tests.programs import ROOT
from tests.recorder.samples import HOUR, node_table, write_dataset


def run(*arguments: str) -> int | str | None:
    """The exit status."""
    try:
        return cli.main(arguments)
    except SystemExit as end:
        return end.code


@pytest.mark.parametrize("command", [(), *((name,) for name in cli.COMMANDS)])
def test_every_command_has_help(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Asking for help gives it on standard output, with status 0, and every flag has its words."""
    assert run(*command, "--help") == 0

    out, err = capsys.readouterr()
    assert out.startswith(" ".join(("usage: driftscope-recorder", *command)))
    assert "examples:" in out or not command
    assert err == ""


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With a sentence each, and no reader needs to know that they are files."""
    run("--help")

    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in cli.COMMANDS)
    assert "==" not in out
    assert "None" not in out


def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    """--version says program and number."""
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("driftscope-recorder 0.")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("play",),
        ("record",),
        ("record", "-o", "x"),
        ("record", "-o", "x", "--target", "ares"),
        ("record", "-o", "x", "--target", "../x=h:1"),
        ("record", "-o", "x", "--target", "a=h:1", "--target", "A=h:2"),
        ("record", "-o", "x", "--config", "/none.yml"),
        ("record", "-o", "/dev/null/x", "--target", "a=h:1"),
        *(("record", "-o", "x", "--target", "a=h:1", "--duration", time) for time in ("", "0", "soon", "-1s", "1y")),
        ("inspect",),
        ("inspect", "/none"),
        ("verify", "/none"),
        ("verify", "x", "--loud"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on standard error, names the command, and nothing is made."""
    monkeypatch.chdir(tmp_path)

    assert run(*arguments) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("driftscope-recorder")
    assert ": error: " in err
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_enough_ends_it_without_a_word(tmp_path: Path) -> None:
    """Printing into a pipe that is closed, as by `head`, is no error."""
    dataset = write_dataset(tmp_path / "run", {"ares": node_table([HOUR])})
    command = [sys.executable, "-m", "recorder", "inspect", str(dataset)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        said = process.stderr.read()

    assert (said, process.returncode) == (b"", 0)
