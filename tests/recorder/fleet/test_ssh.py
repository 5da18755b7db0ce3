"""Scripts on a node: what they are told arrives as it is, and what they say comes back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.fleet.ssh import SCRIPTS, NodeError, Remote, script

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that stands in ssh's place: it says what its text tells it to."""
    program = tmp_path / "ssh"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


@given(TEXT, TEXT)
def test_any_text_arrives_as_it_is(value: str, other: str) -> None:
    """In a real shell, whatever quotes, dollars or lines are in it."""
    assignments = script("stop", {"value": value, "other": other}).partition("set -eu")[0]

    done = subprocess.run(
        ["sh"], input=f'{assignments}printf \'%s\\0%s\' "$value" "$other"'.encode(), capture_output=True, check=True
    )

    assert done.stdout.split(b"\0") == [value.encode(), other.encode()]


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.sh")), ids=lambda path: path.name)
def test_every_script_is_one_for_any_shell(path: Path) -> None:
    """POSIX's own, which dash is."""
    subprocess.run(["sh", "-n", str(path)], check=True)


def test_only_marked_lines_count(ssh: Path) -> None:
    """A banner of the node's own does not."""
    ssh.write_text("#!/bin/sh\necho Welcome\necho ':: state running'\necho ':: log a'\necho ':: log b c'\n")

    assert Remote("ares").run("") == {"state": "running", "log": "a\nb c"}


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        (
            "ssh: connect to host x port 22: Connection refused",
            255,
            "ssh: connect to host x port 22: Connection refused",
        ),
        ("Host key verification failed.", 255, "connect once by hand, to accept its key"),
        ("x: Permission denied (publickey).", 255, "put your key there: ssh-copy-id"),
        ("sudo: a password is required", 1, "allow it without, or set sudo: false"),
        ("", 7, "ssh ended with status 7"),
    ],
)
def test_what_goes_wrong_is_one_line(said: str, status: int, reason: str, ssh: Path) -> None:
    """The last one that was said, and what can be done about it."""
    ssh.write_text(
        f"#!/bin/sh\necho first >&2\necho '{said}' >&2\nexit {status}\n" if said else f"#!/bin/sh\nexit {status}"
    )

    with pytest.raises(NodeError) as error:
        Remote("ares").run("")

    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_without_ssh_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a Windows without the OpenSSH client."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NodeError, match="install the OpenSSH client"):
        Remote("ares").run("")


def test_root_scripts_go_through_sudo() -> None:
    """Which must not ask for a password."""
    assert Remote("ares", sudo=True).command[-2:] == ["ares", "sudo -n sh -s"]
    assert Remote("ares").command[-2:] == ["ares", "sh -s"]
