"""Runs ipmitool to its end, for a limited time: one that hangs is killed with its process group, and reaped.

Nobody else waits for it, because it runs beside the tick. One that is stuck in the kernel cannot be killed; whoever ran
it then waits until it can, so that no second one is ever started beside it.
"""

from __future__ import annotations

import errno
import os
import re
import select
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from ..stream import ended

MOST_OUTPUT = 1 << 20
"""Bytes that are kept of what it says. A BMC with 500 sensors makes it print half as much."""

NOISE = re.compile(
    rb"Loading IANA PEN Registry\.\.\.|Running Get VSO Capabilities .*|Invalid completion code received: .*|"
    rb"Discovered IPMB address .*|Get HPM\.x Capabilities request failed, .*|Running Get PICMG Properties .*"
)
"""Lines that it prints on stderr when all is well."""

MOST_SAID = 500
"""Characters of stderr that an error shows."""

MEANINGS = {
    b"HMAC is invalid": "wrong password",
    b"unauthorized name": "no such user",
    b"unauthorized role": "the user has not the privilege that is asked for",
}
"""What it says of a refusal, and what that means."""


class Ended(NamedTuple):
    """What it printed until it ended, and how it ended: None if that was with status 0."""

    output: bytes
    failure: str | None


class Ipmitool:
    """The program and its flags. ``run`` is for one thread at a time; ``close`` may be called by any."""

    def __init__(self, command: Sequence[str], patience: float) -> None:
        self.command, self.patience = command, patience
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def run(self, *arguments: str) -> Ended:
        """Run it with these arguments, until it ends.

        Raises:
            TimeoutError: it did not end within ``patience`` seconds, and was killed. What it printed is thrown away.
            OSError: it could not be started, or ``close`` was called meanwhile.

        """
        with self._lock:
            if self._closed:
                raise OSError(errno.ESHUTDOWN, "closed", self.command[0])
            null, pipe = subprocess.DEVNULL, subprocess.PIPE
            self._process = process = subprocess.Popen(
                [*self.command, *arguments], 0, None, null, pipe, pipe, env=environment(), start_new_session=True
            )
        with process:
            stdout, stderr = (each.fileno() for each in (process.stdout, process.stderr) if each)
            said = {stdout: b"", stderr: b""}
            in_time = self._take(said)
            self._kill()  # which changes nothing if it is ending by itself
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            with self._lock:
                status = process.wait()
                closed = self._closed
        if closed:
            raise OSError(errno.ESHUTDOWN, "closed", self.command[0])
        complaint = complaints(said[stderr])
        if not in_time:
            raise TimeoutError(errno.ETIMEDOUT, f"killed after {self.patience:g} s: {complaint}", self.command[0])
        return Ended(said[stdout], f"{ended(status)}: {complaint}" if status else None)

    def close(self) -> None:
        """End it, and start it no more; a ``run`` that is under way raises OSError."""
        with self._lock:
            self._closed = True
        self._kill()

    def _take(self, said: dict[int, bytes]) -> bool:
        """Take what it prints on these descriptors until it closes them; False if it does not in time."""
        deadline = time.monotonic() + self.patience
        poll = select.poll()  # select ends at descriptor 1023
        left = set(said)
        for fd in left:
            poll.register(fd, select.POLLIN)
        while left and (seconds := deadline - time.monotonic()) > 0:
            for fd, _ in poll.poll(seconds * 1000):
                chunk = os.read(fd, 1 << 16)
                said[fd] = (said[fd] + chunk)[:MOST_OUTPUT]
                if not chunk:
                    poll.unregister(fd)
                    left.remove(fd)
        return not left

    def _kill(self) -> None:
        with self._lock:  # one that was reaped may have left its number to another process
            if self._process and self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)


def environment() -> dict[str, str]:
    """Ours, in English and without passwords: the one to use is in a file."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("IPMI_")}, "LC_ALL": "C"}


def complaints(stderr: bytes) -> str:
    """What it says on stderr that is about a failure, in one line, and what that means."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip() and not NOISE.fullmatch(line.strip())]
    said = " | ".join(line.decode(errors="backslashreplace") for line in lines)[:MOST_SAID]
    meaning = [meaning for text, meaning in MEANINGS.items() if text in stderr]
    return ": ".join([*meaning, said or "nothing on stderr"])
