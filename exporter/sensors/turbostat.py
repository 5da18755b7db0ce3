"""Frequency, idle states, temperature and power of each CPU, core and package, as ``turbostat --interval 1`` says.

See turbostat(8). It runs beside the tick from the first read on; what one interval's block says is a sample's values,
and their time is that of the block's last line. Updated each second and a few ms; quanta as printed: 1 MHz, 0.01 %,
0.01 W, 1 degC. Cost: turbostat's own, a few ms of CPU time a second and a short visit to every CPU, which wakes it: it
says so itself in ``interval_interrupts``. Root only, because it reads /dev/cpu/N/msr. Identity is package, die, node,
core and CPU where they are printed. psutil knows nothing of this.

``--quiet`` and ``--interval`` are flags that every turbostat since 2017 has. Its columns are left to it, because
it ends when it is asked for one that it does not know.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..files import readable
from ..host import Host
from ..source import Absent, PartlyReadError, Reader, Taken
from ..stream import EndedError, Line, Stream
from . import turbostat_output
from .turbostat_output import Header

PROGRAM = "turbostat"
FLAGS = ("--quiet", "--interval", "1")

PATIENCE = 10.0
"""Seconds without a line after which turbostat hangs: it also takes a while to start."""

QUIET = 0.25
"""Seconds without a line after which a block is at its end: turbostat writes it in one go."""

FOLDERS = os.pathsep.join(("/usr/sbin", "/usr/bin", "/sbin"))
"""Where distributions put it; not all are on everybody's PATH."""


def find(host: Host) -> Reader | Absent:
    """turbostat, if it is installed and would be able to read."""
    msr = host.devfs / "cpu" / "0" / "msr"
    if not msr.exists():
        return Absent(f"no {msr}: load the kernel's module with `modprobe msr` (x86 only)")
    if not host.root_sensors:
        return Absent(f"{msr} is root's, and --no-root-sensors leaves that out")
    if not readable(msr):
        return Absent(f"{msr} cannot be read: run as root")
    program = shutil.which(PROGRAM, path=os.pathsep.join((os.environ.get("PATH", ""), FOLDERS)))
    if program is None:
        return Absent(f"no {PROGRAM}: install linux-cpupower (Debian) or linux-tools-common (Ubuntu)")
    return Turbostat(
        (program, *FLAGS), Stream((program, *FLAGS), partial(host.clock_ns, time.CLOCK_MONOTONIC_RAW), PATIENCE)
    )


@dataclass
class Turbostat:
    """Reads the newest block that turbostat has printed."""

    command: Sequence[str]
    stream: Stream = field(compare=False, repr=False)
    _header: Header | None = field(default=None, compare=False)
    _rows: list[Line] = field(default_factory=list[Line], compare=False)

    cadence = 1
    beside = True

    @property
    def found(self) -> Mapping[str, Any]:
        """How it is started."""
        return {"command": list(self.command), "updated_every_seconds": 1}

    def read(self) -> Taken:
        """The values of the newest whole block; waits for one if there is none that was not read before.

        Raises:
            EndedError: turbostat has ended; with what it said.
            PartlyReadError: it printed what cannot be, or cannot be told to belong to a column.

        """
        header, rows = self._newest()
        block = turbostat_output.parse(header, [row.text for row in rows])
        if block.refused:
            errors = [OSError(errno.EBADMSG, reason, PROGRAM) for reason in block.refused]
            raise PartlyReadError(block.values, errors, vanished=False, at=rows[-1].at)
        return Taken(block.values, rows[-1].at)

    def close(self) -> None:
        """End turbostat."""
        self.stream.close()

    def _newest(self) -> tuple[Header, list[Line]]:
        """The newest block: it is whole when nothing follows for a while, or the next header does."""
        whole: tuple[Header, list[Line]] | None = None
        began, deadline = self.stream.clock_ns(), time.monotonic() + PATIENCE
        while (left := deadline - time.monotonic()) > 0:
            line = self._next(QUIET if self._rows else 0 if whole else left)
            header = turbostat_output.header(line.text) if line else None
            if self._header and self._rows and (header or not line):
                whole = self._header, self._rows
                self._header, self._rows = None, []
            if header:
                self._header = header
            elif self._header and line:
                self._rows.append(line)
            if whole and (line is None or whole[1][-1].at >= began):
                return whole
        raise TimeoutError(errno.ETIMEDOUT, f"no header with rows of numbers within {PATIENCE:g} s", PROGRAM)

    def _next(self, timeout: float) -> Line | None:
        try:
            return self.stream.next(timeout)
        except EndedError:  # the next one begins with a header of its own
            self._header, self._rows = None, []
            raise
