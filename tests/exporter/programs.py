"""Runs the exporter as a program of its own, and ends it by its pid."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.exporter.made import LIMIT

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "exporter"]


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without any setting of the exporter but these, and a history in memory."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRIFTSCOPE_")}
    return {**kept, "DRIFTSCOPE_HISTORY_MEMORY": "1", **variables}


def run(*flags: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The exporter, run to its end."""
    return subprocess.run(
        [*COMMAND, *flags],
        env=environment(**variables),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def tree_flags(tree: Path) -> list[str]:
    """The flags that point the exporter at a tree."""
    return [f"--path.sysfs={tree / 'sys'}", f"--path.procfs={tree / 'proc'}"]


class Running:
    """An exporter that listens."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        self.process = process
        self.said = [process.stderr.readline()]
        host, _, port = self.said[0].strip().rpartition("listening on ")[2].rpartition(":")
        self.address = host, int(port)

    def end(self) -> int:
        """Its exit status; what else it said is in ``said`` then."""
        _, rest = self.process.communicate(timeout=LIMIT)
        self.said += rest.splitlines(keepends=True)
        return self.process.returncode


@contextmanager
def running(*flags: str, **variables: str) -> Generator[Running, None, None]:
    """The exporter on a port of its own while inside; killed if it is still there afterwards."""
    command = [*COMMAND, "--listen", "127.0.0.1:0", *flags]
    with subprocess.Popen(
        command, env=environment(**variables), cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()
