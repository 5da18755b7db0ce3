"""A program that ends, fails, hangs or is ended, run for a limited time."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from exporter.sensors.ipmi_tool import Ended, Ipmitool, complaints, environment
from tests.exporter.made import eventually


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Stands in ipmitool's place."""
    return tmp_path / "ipmitool"


def tool(program: Path, script: str, patience: float = 30) -> Ipmitool:
    """One that does this."""
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return Ipmitool((str(program),), patience)


def test_what_it_prints_is_kept(program: Path) -> None:
    """Whole, with the arguments that it was asked with."""
    assert tool(program, 'printf "%s|" "$@"').run("sdr", "list full") == Ended(b"sdr|list full|", None)


def test_how_it_failed_is_said(program: Path) -> None:
    """With what it complained of, but not what it always says."""
    ended = tool(program, "echo part; echo Loading IANA PEN Registry... >&2; echo 'HMAC is invalid' >&2; exit 1").run()

    assert ended.output == b"part\n"
    assert ended.failure
    assert ended.failure.endswith("status 1: wrong password: HMAC is invalid")


def test_one_that_hangs_is_killed_with_its_children(program: Path) -> None:
    """In its time; nothing that it printed counts."""
    hanging = tool(program, f"sleep 600 & echo $! >{program}.pid; echo part; wait", patience=0.5)

    begun = time.monotonic()
    with pytest.raises(TimeoutError, match=r"killed after 0\.5 s"):
        hanging.run()

    assert time.monotonic() - begun < 10
    child = int(Path(f"{program}.pid").read_text())
    eventually("its child is gone", lambda: not Path(f"/proc/{child}").exists() or zombie(child))


def zombie(pid: int) -> bool:
    """Whether it has ended, and nobody has asked how."""
    return ") Z " in Path(f"/proc/{pid}/stat").read_text()


def test_closing_ends_it(program: Path) -> None:
    """Whoever waits for it gets an error at once, and it is not started again."""
    slow = tool(program, f"touch {program}.runs; sleep 600")
    errors: list[OSError] = []

    def ask() -> None:
        try:
            slow.run()
        except OSError as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    eventually("it runs", Path(f"{program}.runs").exists)
    slow.close()
    thread.join(30)

    assert not thread.is_alive()
    assert "closed" in str(errors[0])
    with pytest.raises(OSError, match="closed"):
        slow.run()


def test_output_without_end_is_cut(program: Path) -> None:
    """Memory is not filled by a program gone mad."""
    with pytest.raises(TimeoutError):
        tool(program, "exec yes", patience=0.5).run()


def test_it_gets_no_password_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """And speaks English."""
    monkeypatch.setenv("IPMI_PASSWORD", "secret")

    assert "IPMI_PASSWORD" not in environment()
    assert environment()["LC_ALL"] == "C"
    assert environment()["PATH"] == os.environ["PATH"]


def test_noise_is_no_complaint() -> None:
    """It prints it when all is well, too."""
    assert complaints(b"Loading IANA PEN Registry...\n\nDiscovered IPMB address 0x0\n") == "nothing on stderr"
