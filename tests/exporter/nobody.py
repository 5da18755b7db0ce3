"""Asks a source for its values as a user who has no rights, whoever runs the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from exporter.host import Host
from exporter.source import Absent, Source

NOBODY = 65534


@contextmanager
def machine_of_others(build: Callable[[Path], Path]) -> Generator[Path, None, None]:
    """A machine that everybody may look at, but for the file that ``build`` makes and returns."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        secret = build(root)
        secret.chmod(0o400 if os.geteuid() == 0 else 0)
        yield root


def absent_for_nobody(source: Source, host: Host) -> str:
    """Why the source is absent for such a user; it must be. In a child process, because rights do not come back."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setresuid(NOBODY, NOBODY, NOBODY)
            answer = source.find(host)
            os.write(write, answer.reason.encode() if isinstance(answer, Absent) else b"it was found")
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        reason = pipe.read()
    os.waitpid(child, 0)
    return reason
