"""Starts the real programs that tests talk to, and ends them by their pid.

A program that is not installed fails the test with the command that installs it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import requests

ROOT = Path(__file__).parents[1]
PATIENCE = 30
"""Seconds to wait for a program to become ready, or to end."""

UNPACKED = os.pathsep.join(str(ROOT / ".venv/lab/usr" / folder) for folder in ("bin", "sbin"))

Environment = dict[str, str]
Answers = Callable[[str], bool]
"""Whether somebody answers at a URL."""


def find(program: str, package: str) -> str:
    """The program's path; one that ``make lab-tools`` has unpacked is preferred."""
    path = shutil.which(program, path=UNPACKED) or shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is not installed: make lab-tools, or apt-get install {package}")
    return path


def eventually(what: str, condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {PATIENCE} s: {what}")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether there is a 200 at a URL."""
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def running(command: Sequence[str], env: Environment | None = None) -> Generator[subprocess.Popen[bytes], None, None]:
    """The program while inside; SIGTERM afterwards."""
    with subprocess.Popen(command, env=env, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def exporter(
    *flags: str,
    env: Environment | None = None,
    before: Callable[..., Sequence[str]] = lambda *command: command,
    ready: Answers = answers,
) -> Generator[str, None, None]:
    """Our exporter; gives its HOST:PORT once it has a sample."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "exporter", "--listen", address, "--log-level", "warning", *flags]
    with running(before(*command), env):
        eventually(f"{address} is ready", lambda: ready(f"http://{address}/-/ready"))
        yield address


@contextmanager
def node_exporter(*flags: str) -> Generator[str, None, None]:
    """Debian's prometheus-node-exporter; gives its HOST:PORT."""
    address = f"127.0.0.1:{free_port()}"
    program = find("prometheus-node-exporter", "prometheus-node-exporter")
    with running([program, f"--web.listen-address={address}", "--log.level=error", *flags]):
        eventually(f"{address} answers", lambda: answers(f"http://{address}/metrics"))
        yield address


@contextmanager
def prometheus(folder: Path, config: str) -> Generator[str, None, None]:
    """A Prometheus server with this configuration; gives its HOST:PORT."""
    address = f"127.0.0.1:{free_port()}"
    (folder / "prometheus.yml").write_text(config)
    flags = [
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={address}",
        "--log.level=error",
    ]
    with running([find("prometheus", "prometheus"), *flags]):
        eventually(f"{address} is ready", lambda: answers(f"http://{address}/-/ready"))
        yield address


def frame(folder: Path) -> Any:
    """A node's rows, as pandas reads them."""
    return pd.read_parquet(folder)


def run(command: Sequence[str], status: int = 0, patience: float = 120) -> str:
    """Run a program to its end, which must have this exit status; what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=patience, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def recorder(*arguments: str, status: int = 0) -> str:
    """Run the recorder's command line to its end; what it printed."""
    return run([sys.executable, "-m", "recorder", *arguments], status)
