"""Runs a script on a node, over the system's own ssh with all that ~/.ssh/config says of it.

A script goes to ``sh -s`` on the other side through its standard input, with its variables assigned in its first lines:
so the login shell there, whichever it is, has nothing to take apart. What a script has to say is in lines that begin
with ``:: ``; a banner or a word of the shell's own does not disturb them.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"

OPTIONS = (
    *("-T", "-o", "BatchMode=yes"),
    *("-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"),
)
"""Nobody is asked for a password, and a node that is not there costs 10 to 20 seconds."""

PATIENCE = 120
"""Seconds for one script on one node."""

MARK = ":: "
NO_CONNECTION = 255
"""Status of ssh itself; all others are the script's."""

HINTS = {
    "Host key verification failed": "connect once by hand, to accept its key",
    "Permission denied": "put your key there: ssh-copy-id",
    "a password is required": "sudo there wants a password: allow it without, or set sudo: false",
}


class NodeError(Exception):
    """A node could not be reached, or a script failed there: one line that says why."""


@dataclass(frozen=True)
class Remote:
    """A node as ssh reaches it; ``sudo`` for the scripts that run as root there."""

    destination: str
    sudo: bool = False

    @property
    def command(self) -> list[str]:
        """What is started here."""
        return ["ssh", *OPTIONS, self.destination, "sudo -n sh -s" if self.sudo else "sh -s"]

    def run(self, script: str) -> dict[str, str]:
        """What a script says there, by the first words of its lines.

        Raises:
            NodeError: there is no connection, or the script failed.

        """
        try:
            done = subprocess.run(
                self.command, input=script.encode(), capture_output=True, timeout=PATIENCE, check=False
            )
        except FileNotFoundError:
            raise NodeError("there is no ssh on this machine: install the OpenSSH client") from None
        except subprocess.TimeoutExpired:
            raise NodeError(f"no answer within {PATIENCE} s") from None
        if done.returncode:
            raise NodeError(_reason(done.stderr.decode(errors="replace"), done.returncode))
        lines = [line for line in done.stdout.decode(errors="replace").splitlines() if line.startswith(MARK)]
        said: dict[str, list[str]] = {}
        for line in lines:
            key, _, value = line[len(MARK) :].partition(" ")
            said.setdefault(key, []).append(value)
        return {key: "\n".join(values) for key, values in said.items()}


def script(name: str, variables: Mapping[str, str], arguments: tuple[str, ...] = ()) -> str:
    """A script of scripts/ with what all of them share before it; ``arguments`` are its ``"$@"``."""
    assigned = [f"{key}={shlex.quote(value)}" for key, value in variables.items()]
    text = [(SCRIPTS / f"{part}.sh").read_text(encoding="utf-8") for part in ("common", name)]
    return "\n".join([*assigned, shlex.join(["set", "--", *arguments]), *text])


def _reason(stderr: str, status: int) -> str:
    """The last line that is not empty, and what can be done about it."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()] or [f"ssh ended with status {status}"]
    hint = next((hint for text, hint in HINTS.items() if text in stderr), None)
    return f"{lines[-1]} ({hint})" if hint else lines[-1]
