"""The exporter on a machine whose only processes are those of a test, and what it says of chronyd there."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from recorder.parse import Parser
from tests import programs
from tests.lab.chrony import Chronyd
from tests.trees import proc

Page = dict[str, float]


def read(address: str) -> Page:
    """All series of the exporter's last sample."""
    page = Parser().parse(requests.get(f"http://{address}/metrics", timeout=10).text)
    return {series.name: float(page.number(index)) for index, series in enumerate(page.layout.series)}


def machine(folder: Path, *daemons: Chronyd) -> Path:
    """A /proc in which these are the only processes, but for one: this machine's others are not the test's."""
    root = folder / "machine"
    (root / "proc").mkdir(parents=True, exist_ok=True)
    (root / "sys").mkdir(exist_ok=True)
    if not (root / "proc/self").exists():
        proc.process(root)
    for link in [path for path in (root / "proc").iterdir() if path.is_symlink()]:
        link.unlink()
    for daemon in daemons:
        (root / "proc" / str(daemon.pid)).symlink_to(f"/proc/{daemon.pid}")
    return root


@contextmanager
def exporter(root: Path, address: str, env: Mapping[str, str] = os.environ) -> Generator[str, None, None]:
    """The exporter of a machine, which asks the chronyd at this address."""
    paths = [f"--path.procfs={root / 'proc'}", f"--path.sysfs={root / 'sys'}"]
    with programs.exporter(*paths, f"--chrony.address={address}", env=dict(env)) as target:
        yield target


def soon(what: str, target: str, condition: Callable[[Page], bool]) -> Page:
    """The first page of which something is so."""
    pages: list[Page] = []

    def found() -> bool:
        pages.append(read(target))
        return condition(pages[-1])

    programs.eventually(what, found)
    return pages[-1]
